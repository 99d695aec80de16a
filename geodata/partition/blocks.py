"""Street blocks: the faces between barriers and outlines, with no house cut, and which face holds which house."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from geodata.crs import Floats
from geodata.partition.given import ADMINISTRATIVE, BETWEEN, COSTS, Given
from geodata.partition.network import Bools, Ints, Shapes, Shared, faces_between, holder_of, shared_bits, summed, totals

_CUT: Final = 0.005
_CUT_M2: Final = 0.5
_THIN_M: Final = 1.5
"""Faces narrower than this lie between a border and its double; nobody would draw a grid along them."""

ON_BARRIER_M: Final = 1.0
_ROUNDS: Final = 6


@dataclass(frozen=True)
class Blocks:
    """
    The plane as barriers cut it up.

    Attributes
    ----------
    lines
        What was noded.
    faces
        m polygons of one network.
    area
        For each face the number of its outline.
    fixed
        For each face the number of the fixed place it is part of, else -1.
    block
        For each face the number of its block; a block is one or several faces that stay together.
    face_of
        For each house the number of the face that holds its inner point, -1 outside of all.
    borders
        What the faces share.
    """

    lines: Shapes
    faces: Shapes
    area: Ints
    fixed: Ints
    block: Ints
    face_of: Ints
    borders: Shared

    def weight_of_blocks(self, weight: Floats) -> Floats:
        """Households of each block."""
        inside = self.face_of >= 0
        count = int(self.block.max()) + 1
        return totals(self.block[self.face_of[inside]], weight[inside], count)


def lay_blocks(given: Given, grids: Shapes | None = None) -> Blocks:
    """
    Node barriers and outlines, and bend barriers around the houses that they would cut.

    Parameters
    ----------
    given
        What there is.
    grids
        Grids of today: their borders part blocks too.
    """
    today = np.array([], dtype=object) if grids is None else grids
    hard = shapely.boundary(np.concatenate([given.outlines, given.fixed, today]))
    cut = _houses_cut(given)
    lines = np.concatenate([hard, _bent(given.lines, given.houses[cut])])
    faces = faces_between(lines)
    inner = shapely.point_on_surface(faces)
    area = holder_of(given.outlines, inner)
    faces, inner, area = faces[area >= 0], inner[area >= 0], area[area >= 0]
    fixed = holder_of(given.fixed, inner)
    borders = shared_bits(faces)
    loose = (2 * shapely.area(faces) < _THIN_M * shapely.length(faces)) | (holder_of(given.houses[cut], inner) >= 0)
    pairs = summed(borders.one, borders.two, borders.length_m)
    realm = (area * (len(given.fixed) + 2) + fixed) * (len(today) + 2) + holder_of(today, inner)
    block = absorb(loose & (fixed < 0), pairs, realm)
    face_of = holder_of(faces, shapely.point_on_surface(given.houses))
    return Blocks(lines, faces, area, fixed, block, face_of, borders)


def _houses_cut(given: Given) -> Ints:
    """Houses through which a barrier runs, by more than drawing noise."""
    areal = np.flatnonzero(shapely.get_dimensions(given.houses) == 2)
    if not len(areal) or not len(given.lines):
        return np.array([], dtype=np.int64)
    line, house = shapely.STRtree(given.houses[areal]).query(given.lines, predicate="intersects")
    chord = shapely.length(shapely.intersection(given.lines[line], given.houses[areal[house]]))
    return np.unique(areal[house[chord > 0.1]])


def _bent(lines: Shapes, houses: Shapes) -> Shapes:
    """Lines without what lies inside the houses, and the outlines of these."""
    if not len(houses):
        return lines
    result = lines.copy()
    line, house = shapely.STRtree(houses).query(lines, predicate="intersects")
    for number in np.unique(line):
        result[number] = shapely.difference(lines[number], shapely.union_all(houses[house[line == number]]))
    return np.concatenate([result, shapely.boundary(houses)])


def absorb(loose: Bools, pairs: tuple[Ints, Ints, Floats], realm: Ints) -> Ints:
    """
    Give each loose thing to the neighbour with the longest common border.

    Parameters
    ----------
    loose
        Which of n things shall not stand alone.
    pairs
        Neighbours, each pair once, and the length of their common border.
    realm
        A number for each thing: only neighbours of the same realm may take it.

    Returns
    -------
    group
        For each thing the number of its group, in the order of the first members; a loose thing without a neighbour
        of its realm stays alone.
    """
    same = realm[pairs[0]] == realm[pairs[1]]
    one, two, length = (side[same] for side in pairs)
    a, b, shared = np.concatenate([one, two]), np.concatenate([two, one]), np.concatenate([length, length])
    group, homeless = np.arange(len(loose)), loose.copy()
    for _ in range(_ROUNDS):
        usable = np.flatnonzero(homeless[a] & ~homeless[b])
        if not len(usable):
            break
        order = usable[np.lexsort((b[usable], -shared[usable], a[usable]))]
        thing, first = np.unique(a[order], return_index=True)
        group[thing] = group[b[order][first]]
        homeless[thing] = False
    return np.unique(group, return_inverse=True)[1].astype(np.int64)


def ranks_of(borders: Shared, given: Given) -> Ints:
    """The place in `RANKS` of each bit of border: the least of the barriers within a metre of its middle."""
    rank = np.full(len(borders.one), BETWEEN)
    bits, kind = _barrier_bits(given)
    if len(bits) and len(rank):
        middles = shapely.points(borders.middles)
        bit, line = shapely.STRtree(bits).query(middles, predicate="dwithin", distance=ON_BARRIER_M)
        np.minimum.at(rank, bit, kind[line])
    return rank


def costs_of(borders: Shared, given: Given) -> tuple[Ints, Floats]:
    """Rank of each bit of border, and what it costs as the border of a grid."""
    rank = ranks_of(borders, given)
    return rank, borders.length_m * np.array(COSTS)[rank]


def _barrier_bits(given: Given) -> tuple[Shapes, Ints]:
    """Every straight bit of the barriers and fixed places: short ones are found faster."""
    lines: Any = np.concatenate([given.lines, shapely.boundary(given.fixed)])
    lines, row = shapely.get_parts(lines, return_index=True)
    kind = np.concatenate([given.rank, np.full(len(given.fixed), ADMINISTRATIVE)])[row]
    xy, line = shapely.get_coordinates(lines, return_index=True)
    first = np.flatnonzero(line[1:] == line[:-1])
    bits = shapely.linestrings(np.stack([xy[first], xy[first + 1]], axis=1)) if len(first) else np.array([])
    return np.asarray(bits, dtype=object), kind[line[first]].astype(np.int64)
