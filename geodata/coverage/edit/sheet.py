"""
The working coverage: grids by id and by place, changed by accepted edits.

The grids it began with and their index never change and are shared by all copies; what edits changed lies above them.
So accepting costs the size of the edit and copying the number of changed grids, whatever the size of the coverage.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Self

import numpy as np
import shapely

from geodata.coverage.edit.houses import Box, Houses
from geodata.coverage.edit.plots import Plot

if TYPE_CHECKING:
    from geodata.coverage.edit.work import Applied


class Plots(Mapping[str, Plot]):
    """Grids by id: those of the beginning in their order, then those that edits made."""

    def __init__(self, base: dict[str, Plot], changed: dict[str, Plot | None]) -> None:
        self._base = base
        self._changed = changed

    def __getitem__(self, key: str) -> Plot:
        plot = self._changed[key] if key in self._changed else self._base[key]
        if plot is None:
            raise KeyError(key)
        return plot

    def __iter__(self) -> Iterator[str]:
        yield from (key for key in self._base if self._changed.get(key, self) is not None)
        yield from (key for key, plot in self._changed.items() if plot is not None and key not in self._base)

    def __len__(self) -> int:
        gone = sum(plot is None and key in self._base for key, plot in self._changed.items())
        new = sum(plot is not None and key not in self._base for key, plot in self._changed.items())
        return len(self._base) - gone + new


class Sheet:
    """
    A coverage that is being edited.

    Parameters
    ----------
    plots
        Grids without gap and overlap, noded, on the lattice of 1 cm.
    houses
        Buildings with households; without any, households are shared by area.

    Attributes
    ----------
    plots
        The grids as they are now, by id.
    houses
        The buildings.

    Raises
    ------
    ValueError
        If two grids have one id.
    """

    def __init__(self, plots: Iterable[Plot], houses: Houses | None = None) -> None:
        given = list(plots)
        self._base = {plot.id: plot for plot in given}
        if len(self._base) != len(given):
            raise ValueError("Two grids have one id.")
        self._ids = [plot.id for plot in given]
        self._index = shapely.STRtree([plot.plane for plot in given])
        self._changed: dict[str, Plot | None] = {}
        self._over: tuple[list[str], shapely.STRtree] | None = None
        self.houses = Houses([], []) if houses is None else houses
        self.plots: Mapping[str, Plot] = Plots(self._base, self._changed)

    def near(self, box: Box) -> list[str]:
        """Ascending ids of the grids whose bounds meet a box: west, south, east, north in metres."""
        window = shapely.box(*box)
        found = [key for row in self._index.query(window) if (key := self._ids[row]) not in self._changed]
        ids, index = self._changed_index()
        return sorted([*found, *(ids[row] for row in index.query(window))])

    def first_near(self, box: Box) -> list[Plot]:
        """The grids with which the sheet began whose bounds meet a box."""
        return [self._base[self._ids[row]] for row in sorted(self._index.query(shapely.box(*box)))]

    def accept(self, applied: Applied) -> None:
        """
        Take over what was worked out on this sheet as it stands.

        Raises
        ------
        ValueError
            If a grid has changed since it was worked out.
        """
        for key, plot in applied.before.items():
            if self.plots.get(key) != plot:
                raise ValueError(f"Grid {key} has changed since the edit was worked out.")
        self._changed.update(applied.after)
        self._over = None

    def copy(self) -> Self:
        """A sheet of its own that shares what is unchanged."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other._changed = dict(self._changed)
        other.plots = Plots(self._base, other._changed)
        return other

    def _changed_index(self) -> tuple[list[str], shapely.STRtree]:
        if self._over is None:
            over = [plot for plot in self._changed.values() if plot is not None]
            planes = np.array([plot.plane for plot in over], dtype=object)
            self._over = [plot.id for plot in over], shapely.STRtree(planes)
        return self._over
