"""
Gaps, overlaps, dents and mismatched borders, from the edges that have no partner.

How many grids cover a place can change only where an edge without a partner runs. So the faces between those edges are
the only places that must be asked, one point each, and nothing can hide from the question.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from geodata.coverage.defects import Defect, Kind
from geodata.coverage.faces import FINE_M, Faces, Numbers, Shapes, holders, mean_width
from geodata.coverage.inlets import find_inlets
from geodata.coverage.remainder import Remainder, as_big_as_a_grid, defect, owners_along


def find_regions(rest: Remainder) -> list[Defect]:
    """
    Look at the edges without a partner.

    Returns
    -------
    defects
        Their `rows` are positions, not labels.
    """
    if not len(rest.left):
        return []
    faces = Faces.between(rest.edges.lines(rest.left))
    count, inside = _cover(rest, faces)
    too_many, too_few = count > inside, count < inside
    wide = faces.width_m >= rest.tolerance_m
    found = [*_excess(rest, faces, wide & too_many), *_uncovered(rest, faces, wide & too_few)]
    found += _mismatches(rest, faces, ~wide & (too_many | too_few), count == inside)
    if not rest.outlined:
        found += find_inlets(rest, faces, count)
    return found


def _cover(rest: Remainder, faces: Faces) -> tuple[Numbers, Numbers]:
    """For each face how many grids cover it, and how many should: 1 inside of the outline, else 0."""
    size = len(faces.polygons)
    inner = shapely.point_on_surface(faces.polygons)
    # A step around, since the polygons are asked before they are rounded to the lattice, as their edges were.
    near = np.unique(shapely.STRtree(rest.polygons).query(inner, predicate="dwithin", distance=rest.edges.lattice_m)[1])
    face, polygon = holders(rest.rounded(near), inner)
    is_grid = near[polygon] < rest.outline_row
    inside = np.bincount(face[~is_grid], minlength=size) if rest.outlined else np.ones(size, np.int64)
    return np.bincount(face[is_grid], minlength=size), inside


def _excess(rest: Remainder, faces: Faces, which: NDArray[np.bool_]) -> Iterator[Defect]:
    """
    Places with a grid too many: inside of the outline they overlap, outside of it one is enough.

    All over such a face there is as much too much, but not everywhere of the same grids: where one of them ends and its
    neighbour begins, or the outline with it, their edges are a pair, and cut up nothing.
    """
    shapes = faces.polygons[which]
    if rest.outlined:
        outline = rest.polygons[rest.outline_row]
        outside = _wide_parts(rest, shapely.difference(shapes, outline, grid_size=FINE_M))
        for shape, rows in zip(outside, owners_along(rest, faces, outside), strict=True):
            yield defect(Kind.DENT, rows[rows < rest.outline_row], shape)
        shapes = _wide_parts(rest, shapely.intersection(shapes, outline, grid_size=FINE_M))
    yield from _overlaps(rest, shapes)


def _wide_parts(rest: Remainder, shapes: Shapes) -> Shapes:
    parts = shapely.get_parts(shapes)
    return np.asarray(parts[mean_width(parts) >= rest.tolerance_m])


def _areal(shapes: Shapes) -> Shapes:
    """Shapes without the points and lines in which others merely touch them."""
    parts, shape = shapely.get_parts(shapes, return_index=True)
    kept = shapely.get_dimensions(parts) == 2
    areas = np.full(len(shapes), shapely.MultiPolygon(), dtype=object)
    return np.asarray(shapely.multipolygons(parts[kept], indices=shape[kept], out=areas))


def _overlaps(rest: Remainder, shapes: Shapes) -> Iterator[Defect]:
    """Overlaps by those who take part in them: all of them where they are the same all over a shape, else by twos."""
    grids = rest.polygons[: rest.outline_row].copy()
    grids[rest.suspect[: rest.outline_row]] = None
    shape, grid = shapely.STRtree(grids).query(shapes, predicate="intersects")
    shares = _areal(shapely.intersection(grids[grid], shapes[shape], grid_size=FINE_M))
    real = mean_width(shares) >= rest.tolerance_m
    shape, grid, shares = shape[real], grid[real], shares[real]
    lacking_m2 = shapely.area(shapes[shape]) - shapely.area(shares)
    all_over = 2 * lacking_m2 < rest.tolerance_m * shapely.length(shapes[shape])
    order = np.argsort(shape, kind="stable")
    ends = np.searchsorted(shape[order], np.arange(len(shapes) + 1))
    for number in range(len(shapes)):
        own = order[ends[number] : ends[number + 1]]
        if len(own) < 2 or all_over[own].all():
            rows = grid[own] if len(own) > 1 else _holders_of(rest, shapes[number])
            yield defect(Kind.OVERLAP, np.sort(rows), shapes[number])
            continue
        for one, other in combinations(own, 2):
            for both in _wide_parts(rest, shapely.intersection(shares[one], shares[other], grid_size=FINE_M)):
                yield defect(Kind.OVERLAP, np.sort(grid[[one, other]]), both)


def _holders_of(rest: Remainder, shape: Any) -> Numbers:
    """Which grids hold the middle of a shape, rings that cross themselves among them."""
    _, polygon = holders(rest.polygons[: rest.outline_row], np.array([shapely.point_on_surface(shape)]))
    return polygon


def _uncovered(rest: Remainder, faces: Faces, which: NDArray[np.bool_]) -> Iterator[Defect]:
    """Holes by their size and neighbours."""
    shapes = faces.polygons[which]
    owners = owners_along(rest, faces, shapes)
    for shape, rows, big in zip(shapes, owners, as_big_as_a_grid(rest, shapes), strict=True):
        kind = Kind.MISSING if big else Kind.DENT if rest.outline_row in rows else Kind.GAP
        yield defect(kind, rows[rows < rest.outline_row], shape)


def _mismatches(rest: Remainder, faces: Faces, narrow: NDArray[np.bool_], good: NDArray[np.bool_]) -> Iterator[Defect]:
    """
    Borders that both sides draw along one line, but not from vertex to vertex.

    A bit of such a line has one grid on either side, or lies inside of one face; or the two drawings enclose a face
    thinner than the tolerance. What lies on the same edge is one defect.
    """
    sides = np.bincount(faces.bit, minlength=len(faces.bits))
    good_sides = np.bincount(faces.bit, weights=good[faces.face], minlength=len(faces.bits))
    in_narrow = narrow[faces.face]
    bit, line = faces.sources(np.flatnonzero((sides == 0) | (good_sides == 2)))
    # A thin face is one spot whatever number of bits goes around it; it is numbered after the bits.
    around, along = faces.sources(np.unique(faces.bit[in_narrow]))
    by_bit = np.argsort(around, kind="stable")
    first = np.searchsorted(around[by_bit], faces.bit[in_narrow], side="left")
    last = np.searchsorted(around[by_bit], faces.bit[in_narrow], side="right")
    each = np.repeat(np.arange(len(first)), last - first)
    within = np.arange(len(each)) - np.repeat(np.cumsum(last - first) - (last - first), last - first)
    spot = np.concatenate([bit, len(faces.bits) + faces.face[in_narrow][each]])
    line = np.concatenate([line, along[by_bit][first[each] + within]])
    spot, line = _between_two_grids(rest, spot, line)
    for spots, lines in _joined(spot, line):
        is_bit = spots < len(faces.bits)
        ends = faces.bits[spots[is_bit]].reshape(-1, 2, 2)
        thin = faces.polygons[spots[~is_bit] - len(faces.bits)]
        drawn = shapely.line_merge(shapely.union_all([*np.asarray(shapely.linestrings(ends)), *shapely.boundary(thin)]))
        length_m = np.hypot(*(ends[:, 1] - ends[:, 0]).T).sum() + shapely.length(thin).sum() / 2
        yield defect(Kind.MISMATCH, np.unique(rest.owner[lines]), drawn, size=float(length_m), unit="m")


def _between_two_grids(rest: Remainder, spot: Numbers, line: Numbers) -> tuple[Numbers, Numbers]:
    """Of pairs of a spot and a line, those whose spot lies between two sound grids, away from the outline."""
    owner = rest.owner[line]
    spots, number = np.unique(spot, return_inverse=True)
    lowest, highest = np.full(len(spots), len(rest.polygons)), np.full(len(spots), -1)
    np.minimum.at(lowest, number, owner)
    np.maximum.at(highest, number, owner)
    odd = np.zeros(len(spots), bool)
    odd[number[rest.suspect[owner]]] = True
    kept = ((lowest < highest) & (highest < rest.outline_row) & ~odd)[number]
    return spot[kept], line[kept]


def _joined(spot: Numbers, line: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """Spots that hang together by common lines, with these lines."""
    spots, left = np.unique(spot, return_inverse=True)
    lines, right = np.unique(line, return_inverse=True)
    size = len(spots) + len(lines)
    graph = coo_matrix((np.ones(len(left), bool), (left, len(spots) + right)), shape=(size, size))
    count, label = connected_components(graph, directed=False)
    order = np.argsort(label, kind="stable")
    for group in np.split(order, np.cumsum(np.bincount(label, minlength=count))[:-1]) if size else ():
        is_spot = group < len(spots)
        yield spots[group[is_spot]], lines[group[~is_spot] - len(spots)]
