"""A file that was fitted in, and its grids, rows and places as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.coverage.changes import changes_between
from geodata.coverage.edit import Plot
from geodata.coverage.fitting import wider_than
from geodata.crs import shapes_to_lonlat
from gridmap.intake.rows import Rows
from gridmap.planning.fitting_in import Fit
from gridmap.planning.ground import Label

Shapes = NDArray[np.object_]
_DECIMALS: Final = 7


@dataclass(frozen=True)
class Brought:
    """
    A file that was read, cleaned and fitted in.

    Attributes
    ----------
    given
        The n shapes as the file draws them, in the plane.
    repaired
        Which of them were invalid.
    owners
        Ids of sites by their codes.
    filled
        Gaps between rows that were closed as noise.
    """

    rows: Rows
    given: Shapes
    repaired: Sequence[bool]
    owners: Mapping[str, str]
    fit: Fit
    filled: int
    snap_m: float

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Places:
    """Grids, rows and places as plain data."""

    labels: Mapping[str, Label]
    plots: Mapping[str, Plot]
    srid: int

    def rows(
        self, brought: Brought, wishes: Sequence[Mapping[str, Any] | None], changed: Sequence[int]
    ) -> list[dict[str, Any]]:
        """One for each row of the file, in its order."""
        fit, nothing = brought.fit, shapely.Polygon()
        after = np.array([nothing if shape is None else shape for shape in fit.shapes], dtype=object)
        today = [was.plane if (was := self.plots.get(grid or "")) else nothing for grid in fit.ids]
        differs = changes_between(np.array(today, dtype=object), after, brought.snap_m).to_dict("records")
        cleaned = changes_between(brought.given, after, brought.snap_m).to_dict("records")
        lines = []
        for row, (now, drawn) in enumerate(zip(differs, cleaned, strict=True)):
            grid = fit.ids[row]
            was = self.plots.get(grid or "")
            status = "lost" if wishes[row] is None else "same" if row not in changed else "changed" if was else "new"
            lines.append(
                {
                    "row": int(brought.rows.numbers[row]),
                    "status": status,
                    **({"id": grid, "name": brought.rows.columns["name"][row]} | (self._label(grid) if was else {})),
                    **{name: _figure(now[name]) for name in ("before_m2", "after_m2", "gained_m2", "lost_m2")},
                    "moved_m": _figure(now["moved_m"]) if was else None,
                    "pieces": int(now["pieces"]),
                    "households": [was.households if was else None, brought.rows.columns["households"][row]],
                    "drawn": {name: _figure(drawn[name]) for name in ("gained_m2", "lost_m2", "moved_m")},
                    "fingers": int(drawn["fingers"]),
                    "repaired": bool(brought.repaired[row]),
                    "bbox": self._box(brought.given[row] if after[row].is_empty else after[row]),
                }
            )
        return lines

    def grid(self, grid: str) -> dict[str, Any]:
        """A grid of today."""
        plot = self.plots[grid]
        told = {"id": grid, "households": plot.households, "area_m2": _figure(plot.plane.area)}
        return told | self._label(grid) | {"bbox": self._box(plot.plane)}

    def hole(self, community: str, hole: Any) -> dict[str, Any]:
        """Ground in no grid, with the grids that have it today."""
        near = [
            grid
            for grid, plot in self.plots.items()
            if plot.community == community and wider_than(np.array([plot.plane & hole], dtype=object), 0.1)[0]
        ]
        return self._place(hole) | {"grids": [{"id": grid} | self._label(grid) for grid in near]}

    def spill(self, brought: Brought, row: int, piece: Any) -> dict[str, Any]:
        """Ground beyond a community."""
        return self._place(piece) | {"rows": [int(brought.rows.numbers[row])]}

    def overlap(self, brought: Brought, one: int, other: int, shape: Any) -> dict[str, Any]:
        """Ground of two rows."""
        return self._place(shape) | {"rows": [int(brought.rows.numbers[row]) for row in (one, other)]}

    def _label(self, grid: str | None) -> dict[str, Any]:
        label = self.labels[grid or ""]
        return {"code": label.code, "name": label.name, "name_en": label.names.get("en")}

    def _place(self, shape: Any) -> dict[str, Any]:
        return {"area_m2": _figure(shape.area), "bbox": self._box(shape)}

    def _box(self, shape: Any) -> list[float]:
        """West, south, east, north in degrees."""
        (lonlat,) = shapes_to_lonlat([shapely.box(*shape.bounds)], self.srid)
        return [round(value, _DECIMALS) for value in lonlat.bounds]


def _figure(value: float) -> float | None:
    """Two decimals; what is no number, such as how far the border of nothing moved, is None."""
    return round(float(value), 2) if np.isfinite(value) else None
