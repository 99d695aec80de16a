"""Lines noded once on the lattice, the faces between them, and what each two faces share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.crs import Floats, G, snap_to_lattice

Shapes = NDArray[np.object_]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_BESIDE: Final = 2.5
"""Steps of the lattice."""

LONGEST_EDGE_M: Final = 500.0
"""A straight line in the plane and one in degrees part by 14 mm over a kilometre; shorter edges keep them together."""


def faces_between(lines: Shapes) -> Shapes:
    """
    Node lines together on the lattice and return the faces between them.

    Parameters
    ----------
    lines
        Lines in metres; they may cross, overlap and end anywhere.

    Returns
    -------
    faces
        Polygons of one network, coordinates multiples of 1 cm, in canonical form and order.
    """
    network = shapely.get_parts(shapely.union_all(lines, grid_size=G))
    xy, line = shapely.get_coordinates(network, return_index=True)
    long = (np.hypot(*np.diff(xy, axis=0).T) > LONGEST_EDGE_M) & (np.diff(line) == 0)
    if long.any():
        cut = shapely.transform(shapely.segmentize(network, LONGEST_EDGE_M), snap_to_lattice)
        network = shapely.get_parts(shapely.union_all(cut, grid_size=G))
    faces = np.asarray(shapely.normalize(shapely.get_parts(shapely.polygonize(network))), dtype=object)
    return faces[np.lexsort(shapely.get_coordinates(shapely.point_on_surface(faces)).T)] if len(faces) else faces


@dataclass(frozen=True, slots=True)
class Shared:
    """
    Straight bits of border, m of them, each between two faces.

    Attributes
    ----------
    one, two
        Numbers of the faces, the lower first.
    ends
        x, y, x, y of each bit, metres, shape (m, 4).
    """

    one: Ints
    two: Ints
    ends: Floats

    @property
    def length_m(self) -> Floats:
        """Length of each bit."""
        return np.asarray(np.hypot(*(self.ends[:, 2:] - self.ends[:, :2]).T))

    @property
    def middles(self) -> Floats:
        """Middle of each bit, shape (m, 2)."""
        return np.asarray((self.ends[:, :2] + self.ends[:, 2:]) / 2)

    def only(self, keep: Bools) -> Shared:
        """Some of the bits."""
        return Shared(self.one[keep], self.two[keep], self.ends[keep])


def shared_bits(faces: Shapes) -> Shared:
    """Find the bits of border that two faces of one network have in common."""
    parts, part_of = shapely.get_parts(faces, return_index=True)
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    first = np.flatnonzero(ring[1:] == ring[:-1])
    start, end = xy[first], xy[first + 1]
    owner = part_of[ring_of[ring[first]]]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    ends = np.where(swap[:, None], np.hstack([end, start]), np.hstack([start, end]))
    order = np.lexsort(ends.T)
    ends, owner = ends[order], owner[order]
    same = np.flatnonzero((ends[1:] == ends[:-1]).all(axis=1))
    one, two = owner[same], owner[same + 1]
    return Shared(np.minimum(one, two), np.maximum(one, two), ends[same])


def summed(one: Ints, two: Ints, value: Floats) -> tuple[Ints, Ints, Floats]:
    """Pairs that occur often as pairs that occur once, lower number first, with the sums of their values."""
    low, high = np.minimum(one, two), np.maximum(one, two)
    span = int(high.max(initial=0)) + 1
    key, number = np.unique(low * span + high, return_inverse=True)
    return key // span, key % span, totals(number, value, len(key))


def totals(number: Ints, value: Floats, count: int = 0) -> Floats:
    """Sum of the values of each number from 0 to `count`, or to the largest that occurs."""
    return np.bincount(number, value, count).astype(np.float64)


def joined(count: int, one: Ints, two: Ints) -> Ints:
    """Number the connected groups of `count` things joined in pairs, in the order of their first members."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(one)), (one, two)), shape=(count, count))
    label = connected_components(links, directed=False)[1]
    _, first, number = np.unique(label, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[number], dtype=np.int64)


def dissolved(faces: Shapes, label: Ints, count: int) -> Shapes:
    """Unite the faces of each label from 0 to `count`; vertices on what stays border all stay."""
    order = np.argsort(label, kind="stable")
    order = order[label[order] >= 0]
    result = np.full(count, shapely.Polygon(), dtype=object)
    for group in np.split(order, np.flatnonzero(np.diff(label[order])) + 1) if len(order) else ():
        result[label[group[0]]] = faces[group[0]] if len(group) == 1 else shapely.coverage_union_all(faces[group])
    return np.asarray(shapely.normalize(result), dtype=object)


def without_idle_vertices(shapes: Shapes, realm: Ints, outlines: Shapes) -> Shapes:
    """
    Take out vertices on outlines that lines left where no border begins.

    A vertex on the lattice lies up to 7 mm beside the straight line it divides: an outline keeps to its own vertices,
    and to those that grids need.

    Parameters
    ----------
    shapes
        Polygons of one network that fill the outlines.
    realm
        For each the number of its outline.
    outlines
        Whose vertices stay.
    """
    own, outline = shapely.get_coordinates(outlines, return_index=True)
    xy, shape = shapely.get_coordinates(shapes, return_index=True)
    _, vertex = np.unique(np.concatenate([own, xy]), axis=0, return_inverse=True)
    needed = np.zeros(int(vertex.max()) + 1, bool)
    needed[vertex[: len(own)]] = True
    corner, vertex = vertex[: len(own)], vertex[len(own) :]
    # Where two lines cross beside a corner of an outline, its border turns there instead.
    pairs = np.concatenate([np.column_stack([vertex, realm[shape]]), np.column_stack([corner, outline])])
    _, pair = np.unique(pairs, axis=0, return_inverse=True)
    lost = own[~np.isin(pair[len(vertex) :], pair[: len(vertex)])]
    for beside in cKDTree(xy).query_ball_point(lost, _BESIDE * G):
        needed[vertex[beside]] = True
    at, holder = np.unique(np.column_stack([vertex, shape]), axis=0).T
    _, place, number = np.unique(np.column_stack([at, realm[holder]]), axis=0, return_index=True, return_counts=True)
    needed[at[place[number > 1]]] = True
    result = shapes.copy()
    for row in np.unique(shape[~needed[vertex]]):
        result[row] = _reduced(shapes[row], needed[vertex[shape == row]])
    return np.asarray(shapely.normalize(result), dtype=object)


def _reduced(shape: Any, kept: Bools) -> Any:
    """A shape with some of its vertices, as `get_coordinates` counts them."""
    parts, begin = [], 0
    for part in shapely.get_parts(shape):
        rings = []
        for ring in shapely.get_rings(part):
            xy = shapely.get_coordinates(ring)
            rings.append(xy[:-1][kept[begin : begin + len(xy) - 1]])
            begin += len(xy)
        parts.append(shapely.Polygon(rings[0], [ring for ring in rings[1:] if len(ring) > 2]))
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def holder_of(polygons: Shapes, points: Any) -> Ints:
    """For each point the lowest number of the polygons that hold it, -1 if none does."""
    holder = np.full(len(points), len(polygons), dtype=np.int64)
    point, polygon = shapely.STRtree(polygons).query(points, predicate="intersects")
    np.minimum.at(holder, point, polygon)
    holder[holder == len(polygons)] = -1
    return holder
