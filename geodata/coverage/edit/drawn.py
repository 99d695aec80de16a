"""What an operation draws, before it is proved and reckoned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geodata.coverage.edit.plots import Plot
from geodata.coverage.edit.refusals import EditRefused
from geodata.coverage.edit.sheet import Sheet
from geodata.errors import N_


@dataclass(frozen=True, slots=True)
class Drawn:
    """
    The grids that an operation redraws.

    Attributes
    ----------
    before
        As they stand on the sheet.
    after
        The same ground redrawn. Ids of `before` that are not there are gone.
    counted
        Grids of `after` whose households are given; those of the others are reckoned.
    exact
        Whether not even a corner may be added to another grid: so an inverse gives back bytes or nothing.
    """

    before: Mapping[str, Plot]
    after: Mapping[str, Plot]
    counted: frozenset[str] = frozenset()
    exact: bool = False


def plot_of(sheet: Sheet, key: str) -> Plot:
    """
    Find a grid.

    Raises
    ------
    EditRefused
        If there is none of that id.
    """
    plot = sheet.plots.get(key)
    if plot is None:
        raise EditRefused(N_("There is no grid %(grid)s on this draft. Look at the map again."), grids=[key], grid=key)
    return plot


def require_new(sheet: Sheet, *keys: str) -> None:
    """
    Refuse ids for new grids that are taken, or named twice.

    Raises
    ------
    EditRefused
        With the id.
    """
    for number, key in enumerate(keys):
        if key in sheet.plots or key in keys[:number]:
            raise EditRefused(
                N_("The id %(grid)s is taken by another grid. Choose another for the new one."), grids=[key], grid=key
            )
