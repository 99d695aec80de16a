"""The plane as a few lines cut it up: its faces, and which line each bit of their borders comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]
Numbers = NDArray[np.int64]

FINE_M: Final = 1e-5
"""Grid of overlays: without one GEOS gives up now and then on lines that run nearly along each other."""

_ON_LINE_M: Final = 1e-4
"""A crossing is rounded to the nearest double, so a bit of a line lies beside that line by far less than this."""


@dataclass(frozen=True, slots=True)
class Faces:
    """
    Faces between lines, and the bits that the lines are cut into.

    Attributes
    ----------
    polygons
        The bounded faces, m of them.
    bits
        Ends of the bits as x, y, x, y, shape (k, 4).
    bit, face
        Which bit lies on the border of which face: pairs, each array of one length.
    lines
        The lines as they were given.
    """

    polygons: Shapes
    bits: NDArray[np.float64]
    bit: Numbers
    face: Numbers
    lines: Shapes

    @classmethod
    def between(cls, lines: Shapes) -> Self:
        """
        Cut up the plane.

        Parameters
        ----------
        lines
            LineStrings of two points; they may cross, touch and lie on each other.
        """
        noded = shapely.get_parts(_union(lines))
        polygons = shapely.get_parts(shapely.polygonize(noded))
        all_bits, _ = bits_of(noded)
        of_faces, face = bits_of(polygons)
        bits, number = np.unique(np.concatenate([all_bits, of_faces]), axis=0, return_inverse=True)
        return cls(polygons, bits, number.ravel()[len(all_bits) :], face, lines)

    @property
    def width_m(self) -> NDArray[np.float64]:
        """Mean width of each face: the width of a rectangle of that area and length of border."""
        return mean_width(self.polygons)

    def sources(self, bits: Numbers) -> tuple[Numbers, Numbers]:
        """
        Find the lines that run along some of the bits.

        Returns
        -------
        bits, lines
            Pairs: a number from `bits`, and the number of a line that it lies on.
        """
        asked, line = self.lines_under(self.bits[bits])
        return bits[asked], line

    def lines_under(self, bits: NDArray[np.float64]) -> tuple[Numbers, Numbers]:
        """
        Find the lines that run along bits that may come from elsewhere.

        Returns
        -------
        bits, lines
            Pairs of numbers.
        """
        middles = shapely.points((bits[:, :2] + bits[:, 2:]) / 2)
        bit, line = shapely.STRtree(self.lines).query(middles, predicate="dwithin", distance=_ON_LINE_M)
        return bit, line


def _union(lines: Shapes) -> Any:
    try:
        return shapely.union_all(lines)
    except shapely.GEOSException:
        return shapely.union_all(lines, grid_size=FINE_M)


def mean_width(polygons: Shapes) -> NDArray[np.float64]:
    """Twice the area over the length of the border, 0 for a polygon without either."""
    border = shapely.length(polygons)
    return np.asarray(2 * shapely.area(polygons) / np.where(border > 0, border, np.inf))


def holders(polygons: Shapes, places: Shapes) -> tuple[Numbers, Numbers]:
    """
    Find which polygons hold which points, by counting crossings, so that invalid rings have an answer too.

    A point on a border that two polygons share is held by one of them, as if it were moved a little.

    Parameters
    ----------
    polygons
        Polygons or MultiPolygons.
    places
        Points.

    Returns
    -------
    places, polygons
        Pairs of numbers.
    """
    place, polygon = shapely.STRtree(polygons).query(places)
    x, y = shapely.get_x(places[place]), shapely.get_y(places[place])
    inside = shapely.contains_xy(polygons[polygon], x, y)
    on_border = np.zeros(len(places), bool)
    on_border[place[~inside & shapely.intersects_xy(polygons[polygon], x, y)]] = True
    for pair in np.flatnonzero(on_border[place]):
        inside[pair] = _holds_nudged(polygons[polygon[pair]], x[pair], y[pair])
    return place[inside], polygon[inside]


def _holds_nudged(polygon: Any, x: float, y: float) -> bool:
    """Whether a polygon holds a point moved by next to nothing; neighbours reckon alike with the edge they share."""
    bits, _ = bits_of(np.array([polygon], dtype=object))
    x0, y0, x1, y1 = bits[(bits[:, 1] > y) != (bits[:, 3] > y)].T
    return bool(np.count_nonzero(x0 + (y - y0) * (x1 - x0) / (y1 - y0) > x) % 2)


def bits_of(shapes: Shapes) -> tuple[NDArray[np.float64], Numbers]:
    """Segments with their ends in order, so that both directions are one, and the shape that each belongs to."""
    parts, shape = shapely.get_parts(shapes, return_index=True)
    if len(parts) and shapely.get_dimensions(parts).max() == 2:
        rings, part = shapely.get_rings(parts, return_index=True)
        shape = shape[part]
    else:
        rings = parts
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    first = np.flatnonzero(ring[1:] == ring[:-1])
    start, end = xy[first], xy[first + 1]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    bits = np.where(swap[:, None], np.hstack([end, start]), np.hstack([start, end]))
    return bits, shape[ring[first]]
