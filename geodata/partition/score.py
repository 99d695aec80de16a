"""The score card of grids, proposed or of today: households, shape, borders, pieces, houses cut."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from geodata.crs import Floats, require_metres
from geodata.partition.blocks import ranks_of
from geodata.partition.counts import Range
from geodata.partition.given import BETWEEN, RANKS, Given
from geodata.partition.network import Bools, Ints, Shapes, Shared, holder_of, shared_bits, summed, totals

_STEP_M: Final = 5.0
_CUT_M2: Final = 1.0
_CUT: Final = 0.01


@dataclass(frozen=True)
class Score:
    """
    What can be said of n grids in figures.

    Attributes
    ----------
    weight
        Households of each grid.
    in_range
        For each whether they lie in the range.
    compactness
        4 pi A / P² of each: 1 is a circle, near 0 a thread.
    neighbours
        How many others each has a border with.
    pieces
        Of how many pieces each consists.
    border_m
        Length of the borders between grids of one outline by rank, in the order of `RANKS`.
    houses_cut
        Houses with more than 1 m² and 1 % of their ground outside the grid that holds most of them.
    """

    weight: Floats
    in_range: Bools
    compactness: Floats
    neighbours: Ints
    pieces: Ints
    border_m: Floats
    houses_cut: int

    @property
    def on_barriers(self) -> float:
        """Share of the inner border that runs within a metre of a barrier; 1 if there is none."""
        total = float(self.border_m.sum())
        return 1.0 if total == 0 else 1.0 - float(self.border_m[BETWEEN]) / total

    def as_json(self) -> dict[str, Any]:
        """The card as plain values: the sums, and a border share for each rank."""
        total = float(self.border_m.sum()) or 1.0
        weight = self.weight
        return {
            "grids": len(weight),
            "in_range": int(self.in_range.sum()),
            "households": round(float(weight.sum())),
            "fewest": round(float(weight.min())) if len(weight) else None,
            "most": round(float(weight.max())) if len(weight) else None,
            "spread": round(float(weight.std()), 1) if len(weight) else None,
            "compactness": round(float(self.compactness.mean()), 3) if len(weight) else None,
            "neighbours": round(float(self.neighbours.mean()), 1) if len(weight) else None,
            "in_pieces": int((self.pieces > 1).sum()),
            "on_barriers": round(self.on_barriers, 4),
            "border": {rank: round(float(m) / total, 4) for rank, m in zip(RANKS, self.border_m, strict=True)},
            "inner_border_m": round(float(self.border_m.sum())),
            "buildings_cut": self.houses_cut,
        }


def compactness(grids: gpd.GeoSeries) -> Floats:
    """
    Score how round each grid is, so that a planner sees the stretched ones.

    Parameters
    ----------
    grids
        Polygons, n rows, in a projected CRS whose unit is the metre.

    Returns
    -------
    score
        n values without unit: 1 is a circle, near 0 a thread.

    Raises
    ------
    NotInMetres
        If the CRS of `grids` is missing, geographic, or in another unit.

    References
    ----------
    Polsby and Popper (1991), Yale Law & Policy Review 9(2), 301-353.
    """
    require_metres(grids.crs)
    return roundness(grids.to_numpy())


def roundness(shapes: Shapes) -> Floats:
    """4 pi A over P² of polygons in metres, n values."""
    around = shapely.length(shapes)
    return np.asarray(4 * math.pi * shapely.area(shapes) / np.where(around > 0, around, np.inf) ** 2)


def score_of(shapes: Shapes, given: Given, limits: Range, kept: Floats | None = None) -> Score:
    """
    Fill in the score card of grids.

    Parameters
    ----------
    shapes
        n polygons of one coverage, metres.
    given
        Outlines, barriers and houses to score them against.
    limits
        Households of a grid.
    kept
        Households of each, if they are known.
    """
    holder = holder_of(shapes, shapely.point_on_surface(given.houses))
    inside = holder >= 0
    weight = totals(holder[inside], given.weight[inside], len(shapes)) if kept is None else kept
    shared = shared_bits(shapes)
    one, two, _ = summed(shared.one, shared.two, shared.length_m)
    return Score(
        weight=weight,
        in_range=limits.breach(weight) == 0,
        compactness=roundness(shapes),
        neighbours=np.bincount(np.concatenate([one, two]), minlength=len(shapes)),
        pieces=shapely.get_num_geometries(shapes).astype(np.int64),
        border_m=_border_by_rank(shapes, shared, given),
        houses_cut=_houses_cut(shapes, given),
    )


def _border_by_rank(shapes: Shapes, shared: Shared, given: Given) -> Floats:
    """Metres of border along each rank, outlines left out; long bits are looked at every few metres."""
    home = holder_of(given.outlines, shapely.point_on_surface(shapes))
    inner = shared.only(home[shared.one] == home[shared.two])
    count = np.maximum(1, np.ceil(inner.length_m / _STEP_M)).astype(np.int64)
    bit = np.repeat(np.arange(len(count)), count)
    step = (np.arange(len(bit)) - np.repeat(np.cumsum(count) - count, count))[:, None]
    start, along = inner.ends[bit, :2], (inner.ends[:, 2:] - inner.ends[:, :2])[bit] / count[bit, None]
    pieces = Shared(inner.one[bit], inner.two[bit], np.hstack([start + step * along, start + (step + 1) * along]))
    return totals(ranks_of(pieces, given), pieces.length_m, len(RANKS))


def _houses_cut(shapes: Shapes, given: Given) -> int:
    """Houses cut by borders inside of an outline; what an outline itself cuts is nobody's choice."""
    areal = np.flatnonzero(shapely.get_dimensions(given.houses) == 2)
    edges = shapely.boundary(shapes)
    grid, house = shapely.STRtree(given.houses[areal]).query(edges, predicate="intersects")
    house = areal[house]
    suspects = np.unique(house)
    if not len(suspects):
        return 0
    grid, house = shapely.STRtree(given.houses[suspects]).query(shapes, predicate="intersects")
    home = holder_of(given.outlines, shapely.point_on_surface(given.houses[suspects]))
    mine = holder_of(given.outlines, shapely.point_on_surface(shapes))[grid] == home[house]
    grid, house = grid[mine], house[mine]
    common = shapely.area(shapely.intersection(shapes[grid], given.houses[suspects[house]]))
    most = np.zeros(len(suspects))
    np.maximum.at(most, house, common)
    outside = np.bincount(house, common, len(suspects)) - most
    whole = shapely.area(given.houses[suspects])
    return int(((outside > _CUT_M2) & (outside > _CUT * whole)).sum())
