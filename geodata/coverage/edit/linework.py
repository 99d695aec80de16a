"""Lines drawn into grids: the faces they cut, and the corners that neighbours gain where a border was met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.coverage.edit.plots import canonical, steps
from geodata.coverage.edit.refusals import EditRefused, Place
from geodata.coverage.faces import Numbers, Shapes, holders
from geodata.crs import G
from geodata.errors import N_

Corner = tuple[int, int]
"""A place on the lattice, in steps."""
Edge = tuple[Corner, Corner]
"""From one corner to the next, the grid on the left."""


def cut(polygons: Sequence[Any], lines: Iterable[Any]) -> tuple[Shapes, Numbers]:
    """
    Draw lines into polygons, all of it anew on the lattice.

    Parameters
    ----------
    polygons
        Polygons that do not overlap, plane metres.
    lines
        LineStrings and LinearRings; outside of the polygons they do nothing but add corners where they meet a border.

    Returns
    -------
    faces, owners
        The faces inside of the polygons, and the number of the polygon that each lies in.
    """
    planes = np.array(polygons, dtype=object)
    noded = shapely.union_all([*shapely.boundary(planes), *lines], grid_size=G)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    owner = np.full(len(faces), -1)
    face, polygon = holders(planes, shapely.point_on_surface(faces))
    owner[face] = polygon
    return faces[owner >= 0], owner[owner >= 0]


def dissolved(faces: Sequence[Any] | Shapes) -> list[shapely.Polygon]:
    """The connected pieces that faces make up, in canonical form, the largest first."""
    whole = shapely.coverage_union_all(np.asarray(faces, dtype=object))
    pieces = [canonical(piece) for piece in shapely.get_parts(whole) if piece.area > 0]
    return sorted(pieces, key=lambda piece: (-piece.area, piece.bounds))


@lru_cache(maxsize=1_024)
def ring_edges(polygon: shapely.Polygon) -> tuple[Edge, ...]:
    """Edges of a polygon with its inside on the left. An edit asks for those of the same few grids again and again."""
    edges: list[Edge] = []
    for number, ring in enumerate((polygon.exterior, *polygon.interiors)):
        corners = ring_corners(ring)
        if shapely.is_ccw(ring) != (number == 0):
            corners.reverse()
        edges += pairwise(corners)
    return tuple(edges)


def ring_corners(ring: Any) -> list[Corner]:
    """Corners of a ring in steps, the first again as the last."""
    return [(x, y) for x, y in steps(shapely.get_coordinates(ring)).tolist()]


def frame_of(polygons: Iterable[shapely.Polygon]) -> set[Edge]:
    """Edges of polygons that none of the others has the other way round: the border of them all together."""
    edges: set[Edge] = set()
    for polygon in polygons:
        for start, end in ring_edges(polygon):
            if (end, start) in edges:
                edges.remove((end, start))
            else:
                edges.add((start, end))
    return edges


def moved_corners(polygon: shapely.Polygon, moves: dict[Corner, Corner | None]) -> shapely.Polygon:
    """
    Draw a polygon with some corners elsewhere, or left out (None).

    Raises
    ------
    EditRefused
        If less than a triangle is left of a ring.
    """
    rings = []
    for ring in (polygon.exterior, *polygon.interiors):
        corners = [moves.get(corner, corner) for corner in ring_corners(ring)[:-1]]
        drawn = [corner for corner in corners if corner is not None]
        drawn = [corner for number, corner in enumerate(drawn) if corner != drawn[number - 1]]
        if len(drawn) < 3:
            raise EditRefused(
                N_("Nothing would be left of a grid here. Move the corner less far."),
                places=[(x * G, y * G) for x, y in drawn[:1]],
            )
        rings.append(np.array([*drawn, drawn[0]]) / 100)
    return canonical(shapely.Polygon(rings[0], rings[1:]))


def place_of(corner: Corner) -> Place:
    """A corner in metres."""
    return corner[0] / 100, corner[1] / 100


def lines_of(edges: Iterable[Edge]) -> NDArray[np.object_]:
    """Edges as LineStrings of two points, metres, in ascending order."""
    ends = np.array(sorted(edges), dtype=float).reshape(-1, 2, 2) / 100
    return np.asarray(shapely.linestrings(ends), dtype=object)
