"""Where the ground and the households of grids went from one edition to the next, and why each grid changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.coverage.edit import Houses, Moved, Plot
from geodata.coverage.edit.reckoning import movements
from gridmap.grids.drafts import Descent


def ground_moved(houses: Houses, before: Mapping[str, Plot], after: Mapping[str, Any]) -> tuple[Moved, ...]:
    """
    Say what changed hands, piece by piece; every neighbourhood by itself, since nothing goes from one to another.

    Parameters
    ----------
    houses
        Those on the ground of `before`.
    before
        The grids that change or end, by id.
    after
        Polygons of those that take their place, metres, by id.
    """
    pieces: list[Moved] = []
    for group in _neighbourhoods({grid: plot.plane for grid, plot in before.items()}, after):
        own = {grid: plot for grid, plot in before.items() if grid in group}
        pieces += movements(houses, own, {grid: plane for grid, plane in after.items() if grid in group})[0]
    return tuple(pieces)


def _neighbourhoods(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[set[str]]:
    """Group grids whose bounds meet, before or after, directly or through others."""
    ids = sorted({*before, *after})
    number = {grid: place for place, grid in enumerate(ids)}
    owner = np.array([number[grid] for grid in (*before, *after)], dtype=np.intp)
    planes = np.array([*before.values(), *after.values()], dtype=object)
    left, right = shapely.STRtree(planes).query(planes)
    links = coo_array((np.ones(len(left)), (owner[left], owner[right])), shape=(len(ids), len(ids)))
    n, group = connected_components(links, directed=False)
    groups: list[set[str]] = [set() for _ in range(n)]
    for grid, place in zip(ids, group.tolist(), strict=True):
        groups[place].add(grid)
    return groups


def causes_of(
    before: Mapping[str, Plot], after: Mapping[str, Plot], moved: Iterable[Moved], altered: Collection[str]
) -> dict[str, str]:
    """
    Say why each grid of an edition has a new version.

    Parameters
    ----------
    before, after
        The grids that changed or ended, and those that take their place, by id.
    moved
        The ground that went from one to another.
    altered
        Ids of the grids of which more changed than their corners.

    Returns
    -------
    causes
        By id: ``split`` and ``carve`` for new grids, ``merge`` for one that took in another whole, ``node`` where only
        corners were added on a border that stands, which no history tells of, ``rename`` where the border is the
        same to the byte, ``boundary`` for the rest.
    """
    merged = {piece.to_id for piece in moved if piece.from_id not in after}
    return {grid: _cause(before.get(grid), plot, grid in merged, grid in altered) for grid, plot in after.items()}


def _cause(before: Plot | None, after: Plot, merged: bool, altered: bool) -> str:
    if before is None:
        return "carve" if after.kind == "dedicated" else "split"
    if merged:
        return "merge"
    if before.plane.wkb == after.plane.wkb:
        return "rename"
    return "boundary" if altered else "node"


def descents(
    before: Mapping[str, Plot], after: Mapping[str, Plot], moved: Iterable[Moved], causes: Mapping[str, str]
) -> list[Descent]:
    """
    Say which grid came out of which, and with what share of its ground and households.

    Parameters
    ----------
    before, after, moved
        As for `causes_of`.
    causes
        What that gives.

    Returns
    -------
    descents
        By the ids of the grids. The shares of one origin add up to 1: what did not move, it kept.
    """
    ground, homes = defaultdict[str, float](float), defaultdict[str, int](int)
    gone: dict[tuple[str, str], tuple[float, int]] = {}
    for piece in moved:
        area_m2, households = gone.get((piece.from_id, piece.to_id), (0.0, 0))
        gone[piece.from_id, piece.to_id] = area_m2 + piece.area_m2, households + piece.households
        ground[piece.from_id] += piece.area_m2
        homes[piece.from_id] += piece.households
    kept = {
        (grid, grid): (plot.plane.area - ground[grid], plot.households - homes[grid])
        for grid, plot in before.items()
        if grid in after
    }
    return [
        _descent(before[source], target, size, _op(source, target, after, before, causes))
        for (source, target), size in sorted((kept | gone).items())
    ]


def _descent(source: Plot, target: str, size: tuple[float, int], op: str) -> Descent:
    area_m2, households = size
    share = min(1.0, max(0.0, area_m2 / source.plane.area))
    # Where nobody is counted, households are taken to live evenly on the ground.
    return Descent(source.id, target, op, share, households / source.households if source.households else share)


def _op(
    source: str, target: str, after: Mapping[str, Plot], before: Mapping[str, Plot], causes: Mapping[str, str]
) -> str:
    if source == target:
        return causes[target] if causes[target] in ("node", "rename") else "boundary"
    if target not in before:
        return causes[target]
    return "merge" if source not in after else "boundary"
