"""How a redrawn place meets the rest: neighbours gain the corners of the new border, the outline stays where it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np
import shapely

from geodata.coverage.edit.drawn import Drawn
from geodata.coverage.edit.linework import (
    Corner,
    Edge,
    frame_of,
    lines_of,
    moved_corners,
    place_of,
    ring_corners,
    ring_edges,
)
from geodata.coverage.edit.plots import Plot, canonical
from geodata.coverage.edit.proof import CHANGED_SINCE, require_grids, require_same_ground
from geodata.coverage.edit.refusals import EditRefused
from geodata.coverage.edit.sheet import Sheet
from geodata.crs import G
from geodata.errors import N_

OUTLINE_M: Final = 0.71 * G
"""How far a corner may stand off the outline with which the sheet began: half a diagonal of the lattice."""
_AROUND_M: Final = 5 * G
"""Where to look for that outline."""
BENT_M: Final = 2 * OUTLINE_M
"""How far an edge may bend that gains a corner, for it to be the same edge still."""


def settled(sheet: Sheet, drawn: Drawn) -> tuple[Drawn, dict[str, Plot]]:
    """
    Fit what was drawn into its surroundings, and prove that the ground is the same.

    Returns
    -------
    drawn
        The same, but for corners on the outline that had to move by a step of the lattice to stay on it.
    noded
        Neighbours that gain corners, by id.

    Raises
    ------
    EditRefused
        If a grid would be none, or the outer border of the redrawn grids changed by more than added corners.
    """
    require_grids(drawn.after, drawn.before)
    if drawn.exact:
        _require_restored(sheet, drawn)
        return drawn, {}
    chains, sides = _chains(sheet, drawn)
    moves = _strays(sheet, [chain for edge, chain in chains.items() if edge not in sides])
    if moves:
        after = {key: replace(plot, plane=moved_corners(plot.plane, moves)) for key, plot in drawn.after.items()}
        drawn = replace(drawn, after=after)
        require_grids(drawn.after, drawn.before)
        chains, sides = _chains(sheet, drawn)
    noded = noded_neighbours(sheet, chains, sides)
    was = {key: sheet.plots[key] for key in noded}
    require_grids(noded, was)
    outline = [([edge], list(pairwise(chain))) for edge, chain in chains.items() if edge not in sides]
    require_same_ground([*drawn.before.values(), *was.values()], [*drawn.after.values(), *noded.values()], outline)
    return drawn, noded


def _chains(sheet: Sheet, drawn: Drawn) -> tuple[dict[Edge, list[Corner]], dict[Edge, str]]:
    """Edges of the outer border that gained corners, and who stands on their other side."""
    old = frame_of(plot.plane for plot in drawn.before.values())
    new = frame_of(plot.plane for plot in drawn.after.values())
    chains = replaced_edges(old, new)
    if chains is None:
        raise EditRefused(
            N_(
                "The line runs too close along a border to be drawn to the centimetre. Draw it on the border, or apart."
            ),
            places=[place_of(start) for start, _ in sorted(old ^ new)[:1]],
            grids=list(drawn.before),
        )
    return chains, facing(sheet, drawn.before, chains)


def _strays(sheet: Sheet, chains: Iterable[list[Corner]]) -> dict[Corner, Corner | None]:
    """
    Corners added to the outline that do not stand on the outline with which the sheet began, and where they should.

    An edge that gained a corner is bent a little; a corner added to it later is rounded from the bend, so that without
    this the outline would creep away, a fraction of a centimetre each time.
    """
    moves: dict[Corner, Corner | None] = {}
    for corner in sorted({corner for chain in chains for corner in chain[1:-1]}):
        x, y = place_of(corner)
        point = shapely.Point(x, y)
        around = sheet.first_near((x - _AROUND_M, y - _AROUND_M, x + _AROUND_M, y + _AROUND_M))
        lines = lines_of(frame_of(plot.plane for plot in around))
        lines = lines[shapely.distance(lines, point) < _AROUND_M]
        if len(lines) and shapely.distance(lines, point).min() > OUTLINE_M:
            nearest = shapely.shortest_line(point, shapely.union_all(lines)).coords[-1]
            moves[corner] = round(nearest[0] * 100), round(nearest[1] * 100)
    return moves


def _require_restored(sheet: Sheet, drawn: Drawn) -> None:
    """Refuse bytes that no longer fit among the grids around them."""
    old = frame_of(plot.plane for plot in drawn.before.values())
    new = frame_of(plot.plane for plot in drawn.after.values())
    outline = _outline_restored(sheet, drawn, old, new)
    require_same_ground(drawn.before.values(), drawn.after.values(), outline)


def _outline_restored(
    sheet: Sheet, drawn: Drawn, old: set[Edge], new: set[Edge]
) -> list[tuple[list[Edge], list[Edge]]]:
    """Where the outline of the coverage lost corners again, or got them back; elsewhere grids need their neighbours."""
    for one, other, forwards in ((old, new, True), (new, old, False)):
        chains = replaced_edges(one, other)
        if chains is None:
            continue
        pairs = [([edge], list(pairwise(chain))) for edge, chain in chains.items()]
        came = [edge for before, after in pairs for edge in (before if forwards else after)]
        if not facing(sheet, drawn.before, came):
            return [(before, after) if forwards else (after, before) for before, after in pairs]
    raise EditRefused(
        CHANGED_SINCE, places=[place_of(start) for start, _ in sorted(old ^ new)[:1]], grids=list(drawn.before)
    )


def replaced_edges(before: set[Edge], after: set[Edge]) -> dict[Edge, list[Corner]] | None:
    """
    Find how an outer border was redrawn.

    Returns
    -------
    chains
        For each edge that is gone, the corners of the way that now leads from its start to its end; None if the borders
        differ by more than added corners.
    """
    onwards: dict[Corner, Corner] = {}
    for start, end in after - before:
        if start in onwards:
            return None
        onwards[start] = end
    chains: dict[Edge, list[Corner]] = {}
    for start, end in sorted(before - after):
        chain = [start]
        while chain[-1] != end:
            step = onwards.pop(chain[-1], None)
            if step is None:
                return None
            chain.append(step)
        if not _lies_along(chain, start, end):
            return None
        chains[start, end] = chain
    return None if onwards else chains


def _lies_along(chain: list[Corner], start: Corner, end: Corner) -> bool:
    line = shapely.LineString(np.array([start, end]) * G)
    return bool((shapely.distance(shapely.points(np.array(chain) * G), line) <= BENT_M).all())


def facing(sheet: Sheet, touched: Collection[str], edges: Iterable[Edge]) -> dict[Edge, str]:
    """
    Find who stands on the other side of edges.

    Parameters
    ----------
    touched
        Grids that are not asked.

    Returns
    -------
    ids
        For each edge the grid that has it the other way round; edges of the outline are left out.
    """
    found: dict[Edge, str] = {}
    sides: dict[str, set[Edge]] = {}
    for start, end in edges:
        (west, east), (south, north) = (sorted((start[axis] * G, end[axis] * G)) for axis in (0, 1))
        for key in sheet.near((west - G, south - G, east + G, north + G)):
            if key not in touched:
                if key not in sides:
                    sides[key] = set(ring_edges(sheet.plots[key].plane))
                if (end, start) in sides[key]:
                    found[start, end] = key
    return found


def noded_neighbours(sheet: Sheet, chains: Mapping[Edge, list[Corner]], sides: Mapping[Edge, str]) -> dict[str, Plot]:
    """
    Give the neighbours of a redrawn border the corners that it gained.

    Parameters
    ----------
    chains
        As from `replaced_edges`.
    sides
        As from `facing`.
    """
    wanted: dict[str, dict[Edge, list[Corner]]] = defaultdict(dict)
    for (start, end), key in sides.items():
        wanted[key][end, start] = chains[start, end][::-1]
    return {
        key: replace(sheet.plots[key], plane=_with_corners(sheet.plots[key].plane, wanted[key]))
        for key in sorted(wanted)
    }


def _with_corners(polygon: shapely.Polygon, chains: Mapping[Edge, list[Corner]]) -> shapely.Polygon:
    """A polygon with corners put into some of its edges, whichever way its rings run."""
    both_ways = dict(chains) | {(end, start): chain[::-1] for (start, end), chain in chains.items()}
    rings = []
    for ring in (polygon.exterior, *polygon.interiors):
        corners = ring_corners(ring)
        drawn = corners[:1]
        for start, end in pairwise(corners):
            drawn += both_ways.get((start, end), [start, end])[1:]
        rings.append(np.array(drawn) / 100)
    return canonical(shapely.Polygon(rings[0], rings[1:]))
