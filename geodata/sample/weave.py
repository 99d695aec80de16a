"""One network of lines, noded once on the lattice, and the polygons that follow from it."""

from collections.abc import Iterable

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.crs import Floats, G, snap_to_lattice
from geodata.sample.cuts import Ints, Shapes

LONGEST_EDGE_M = 480.0
"""Edges are kept under 500 m: beyond, a straight line in the plane leaves the one in degrees by over 4 mm."""


def weave(lines: Iterable[BaseGeometry]) -> Shapes:
    """
    Node lines together on the lattice of 1 cm and return the faces between them.

    Every face takes its vertices from the one network, so that neighbours have them in common and nothing lies
    between two of them.

    Parameters
    ----------
    lines
        Lines and rings in metres; they may cross, overlap and end anywhere.

    Returns
    -------
    faces
        Polygons whose coordinates are multiples of 1 cm and whose edges are at most 500 m long.
    """
    network = shapely.union_all(list(lines), grid_size=G)
    cut = shapely.segmentize(network, LONGEST_EDGE_M)
    network = shapely.union_all(shapely.get_parts(shapely.transform(cut, snap_to_lattice)), grid_size=G)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(network)))
    order = np.lexsort(shapely.get_coordinates(shapely.point_on_surface(faces)).T)
    return np.asarray(faces[order], dtype=object)


def borders(shapes: Shapes) -> tuple[Ints, Floats]:
    """
    Measure what each pair of neighbours shares.

    Parameters
    ----------
    shapes
        n polygons of one coverage: shared edges have the same end points on both sides.

    Returns
    -------
    pairs, length_m
        Rows of neighbours, lower row first (m × 2), and the length of their common border (m values).
    """
    rings, ring_of = shapely.get_parts(shapely.boundary(shapes), return_index=True)
    xy, point_of = shapely.get_coordinates(rings, return_index=True)
    inside = point_of[1:] == point_of[:-1]
    a, b = xy[:-1][inside], xy[1:][inside]
    owner = ring_of[point_of[:-1][inside]]
    swap = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    key = np.column_stack([np.where(swap[:, None], b, a), np.where(swap[:, None], a, b)])
    order = np.lexsort(key.T)
    key, owner = key[order], owner[order]
    same = (key[1:] == key[:-1]).all(axis=1)
    one, two = owner[:-1][same], owner[1:][same]
    length = np.hypot(*(key[1:][same][:, 2:] - key[1:][same][:, :2]).T)
    pairs = np.column_stack([np.minimum(one, two), np.maximum(one, two)])
    pairs, back = np.unique(pairs, axis=0, return_inverse=True)
    shared = np.bincount(back.reshape(-1), weights=length, minlength=len(pairs))
    return pairs.astype(np.int64), shared.astype(np.float64)


def dissolve(faces: Shapes, label: Ints) -> tuple[Shapes, Ints]:
    """
    Unite the faces of each label; vertices on the remaining borders all stay.

    Returns
    -------
    shapes, labels
        One shape for each label that occurs, in ascending order of the labels, in canonical form.
    """
    order = np.argsort(label, kind="stable")
    labels, start = np.unique(label[order], return_index=True)
    groups = np.split(faces[order], start[1:])
    united = [group[0] if len(group) == 1 else shapely.coverage_union_all(group) for group in groups]
    return np.asarray(shapely.normalize(united), dtype=object), labels


def components(n: int, pairs: Ints) -> Ints:
    """Number the connected groups of n things joined by `pairs`; n labels."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    joined = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return np.asarray(connected_components(joined, directed=False)[1], dtype=np.int64)
