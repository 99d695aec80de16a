"""Buildings that a plan's borders run through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.coverage.edit import Plot
from geodata.coverage.edit.remarks import CUT_M2, CUT_SHARE
from geodata.crs import shapes_to_plane
from gridmap.planning.drafting import Draft
from gridmap.planning.holdings import Inherited
from gridmap.planning.things import Thing


@dataclass(frozen=True, slots=True)
class Cut:
    """A building, the grid that it goes to, how much of it lies outside of that, and where."""

    thing: Thing
    grid: str
    outside_m2: float
    place: tuple[float, float]


def cut_buildings(draft: Draft, gained: Inherited) -> list[Cut]:
    """
    Find the buildings that the draft cuts and the base edition does not.

    A cut that stands today is not the plan's, unless it cuts off more.
    """
    pairs = [
        (thing, holder)
        for thing, holder in zip(gained.things, gained.after, strict=True)
        if thing.kind == "buildings" and shapely.get_dimensions(thing.shape) == 2 and holder in gained.altered
    ]
    if not pairs:
        return []
    footprints = shapes_to_plane([thing.shape for thing, _ in pairs], draft.ground.srid)
    outside = _outside(footprints, [holder for _, holder in pairs], draft.sheet.plots)
    suspects = np.flatnonzero((outside > CUT_M2) & (outside > CUT_SHARE * shapely.area(footprints)))
    today = _outside(footprints[suspects], [pairs[number][0].grid for number in suspects], draft.base)
    worse = suspects[outside[suspects] > today + CUT_M2]
    return [
        Cut(pairs[number][0], pairs[number][1], float(outside[number]), _middle(footprints[number])) for number in worse
    ]


def _outside(footprints: NDArray[np.object_], holders: Sequence[str], plots: Mapping[str, Plot]) -> NDArray[np.float64]:
    """How much of each footprint lies outside of its grid, m²."""
    planes = {grid: plots[grid].plane for grid in set(holders)}
    shapely.prepare(list(planes.values()))
    own = np.array([planes[grid] for grid in holders], dtype=object)
    outside = np.zeros(len(footprints))
    crossing = np.flatnonzero(~shapely.covers(own, footprints))
    outside[crossing] = shapely.area(shapely.difference(footprints[crossing], own[crossing]))
    return outside


def _middle(footprint: Any) -> tuple[float, float]:
    point = footprint.point_on_surface()
    return float(point.x), float(point.y)
