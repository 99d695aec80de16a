"""What a partition answers: grids with codes and states, a score card, and what must be said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from geodata.crs import Floats
from geodata.errors import N_, GeodataError, Note
from geodata.partition.counts import Range
from geodata.partition.network import Ints, Shapes
from geodata.partition.score import Score

Progress = Callable[[float, str], None]


class Cancelled(GeodataError):
    """Somebody asked for the work to stop; nothing was made."""

    def __init__(self) -> None:
        super().__init__(N_("Cancelled. Nothing was proposed."))


@dataclass(frozen=True)
class Watch:
    """
    Who is told how far the work is, and who is asked whether it goes on.

    Attributes
    ----------
    progress
        Called with a share from 0 to 1 and the name of the step (a msgid).
    cancelled
        Asked between steps; once it answers True, the work ends with `Cancelled`.
    """

    progress: Progress = field(default=lambda share, step: None)
    cancelled: Callable[[], bool] = field(default=lambda: False)

    def tell(self, share: float, step: str) -> None:
        """
        Tell how far the work is.

        Raises
        ------
        Cancelled
            If somebody asked for it.
        """
        if self.cancelled():
            raise Cancelled
        self.progress(round(min(max(share, 0.0), 1.0), 3), step)


@dataclass(frozen=True)
class Proposal:
    """
    Grids that somebody may take into a plan.

    Attributes
    ----------
    grids
        One row a grid, by code: ``code``, ``community`` (label of its outline), ``kind`` (grid or dedicated),
        ``weight`` (households), ``state`` (in_range, over, short; dedicated ones are always in_range),
        ``compactness``, and the polygon on the lattice in metres. Together they are the outlines.
    score
        The card of the grids that are not dedicated.
    notes
        What cannot be brought into the range, or was left out.
    today
        The card of today's grids, if there are any.
    moved
        Households that get another grid than today, if there are grids today.
    """

    grids: gpd.GeoDataFrame
    score: Score
    notes: tuple[Note, ...]
    seed: int
    today: Score | None = None
    moved: float | None = None

    @property
    def flagged(self) -> gpd.GeoDataFrame:
        """The grids outside the range."""
        return self.grids[self.grids["state"] != IN_RANGE]


IN_RANGE: Final = "in_range"
OVER: Final = "over"
SHORT: Final = "short"


def states(weight: Floats, limits: Range) -> list[str]:
    """The state of each grid by its households."""
    return [OVER if w > limits.hi else SHORT if w < limits.lo else IN_RANGE for w in weight]


def row_order(shapes: Shapes) -> Ints:
    """Positions of grids by rows from north to south, west to east within a row; a row is as high as a usual grid."""
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    height = max(float(np.median(np.sqrt(shapely.area(shapes)))), 1.0)
    row = np.floor((middle[:, 1].max() - middle[:, 1]) / height + 0.25)
    return np.lexsort([middle[:, 1], middle[:, 0], row])


def codes_in_rows(shapes: Shapes, area: Ints, names: tuple[str, ...]) -> list[str]:
    """
    Codes of grids: the label of the outline and three digits, numbered in rows.

    Parameters
    ----------
    shapes
        n polygons.
    area
        For each the number of its outline in `names`.
    """
    codes = [""] * len(shapes)
    for number in np.unique(area):
        rows = np.flatnonzero(area == number)
        for place, row in enumerate(rows[row_order(shapes[rows])], start=1):
            codes[row] = f"{names[number]}{place:03d}"
    return codes
