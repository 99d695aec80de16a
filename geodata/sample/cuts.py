"""Cutting polygons in two, one by one for streets and many at once for blocks and fields."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from geodata.crs import Floats

Shapes = npt.NDArray[np.object_]
Ints = npt.NDArray[np.int64]


def shapes_array(shapes: Sequence[BaseGeometry]) -> Shapes:
    """Put shapes into an object array, also when there are none."""
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


def long_axis(shapes: Shapes) -> tuple[Floats, Floats, Floats, Floats]:
    """
    Find the direction in which each polygon is longest.

    Returns
    -------
    centre, axis, length, width
        Centre and unit vector along the longer side of the smallest rectangle around it (n × 2 each), and the
        lengths of its two sides in metres (n each).
    """
    boxes = shapely.get_coordinates(shapely.oriented_envelope(shapes)).reshape(-1, 5, 2)
    one, two = boxes[:, 1] - boxes[:, 0], boxes[:, 2] - boxes[:, 1]
    first, second = np.hypot(*one.T), np.hypot(*two.T)
    longer = np.where((first >= second)[:, None], one, two)
    length, width = np.maximum(first, second), np.minimum(first, second)
    # A direction and its opposite are the same axis; without this, a rounding bit would turn the draws around.
    flip = (longer[:, 0] < 0) | ((longer[:, 0] == 0) & (longer[:, 1] < 0))
    longer = np.where(flip[:, None], -longer, longer)
    return boxes[:, :4].mean(axis=1), longer / length[:, None], length, width


def half_planes(at: Floats, normal: Floats, reach: Floats) -> Shapes:
    """Make, for each line through `at` across `normal`, the square that covers the side `normal` points to."""
    along = np.column_stack([-normal[:, 1], normal[:, 0]])
    r = reach[:, None]
    near, far = at, at + normal * r
    return np.asarray(
        shapely.polygons(np.stack([near - along * r, near + along * r, far + along * r, far - along * r], axis=1))
    )


def cut_in_two(shape: Polygon, fraction: float, tilt_deg: float = 0.0) -> tuple[Polygon, Polygon] | None:
    """
    Cut a polygon across its longer side.

    Parameters
    ----------
    shape
        Polygon in metres, may be concave.
    fraction
        Where along the longer side, 0 to 1.
    tilt_deg
        Degrees off the right angle.

    Returns
    -------
    parts
        Two single polygons that together are the shape (small pieces beyond a notch go to the part they share more
        border with), or None when the cut leaves nothing on one side.
    """
    centre, axis, length, _ = (part[0] for part in long_axis(shapes_array([shape])))
    normal = _turned(axis[None], np.array([np.radians(tilt_deg)]))
    at = centre + axis * (fraction - 0.5) * length
    side = half_planes(at[None], normal, np.array([4 * length]))[0]
    ahead = _polygons(shape.intersection(side))
    behind = _polygons(shape.difference(side))
    if not ahead or not behind:
        return None
    return _joined(ahead, behind)


def _joined(ahead: list[Polygon], behind: list[Polygon]) -> tuple[Polygon, Polygon] | None:
    a: BaseGeometry
    b: BaseGeometry
    a, b = (max(parts, key=lambda part: part.area) for parts in (ahead, behind))
    for small in [part for part in (*ahead, *behind) if part is not a and part is not b]:
        to_a, to_b = (_shared(small, part) for part in (a, b))
        if to_a >= to_b:
            a = shapely.union(a, small)
        else:
            b = shapely.union(b, small)
    if isinstance(a, Polygon) and isinstance(b, Polygon) and not a.interiors and not b.interiors:
        return a, b
    return None


def _shared(one: BaseGeometry, other: BaseGeometry) -> float:
    return float(one.intersection(other).length)


def _polygons(shape: BaseGeometry) -> list[Polygon]:
    return [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and part.area > 1e-3]


def _turned(vectors: Floats, angle: Floats) -> Floats:
    c, s = np.cos(angle), np.sin(angle)
    return np.column_stack([c * vectors[:, 0] - s * vectors[:, 1], s * vectors[:, 0] + c * vectors[:, 1]])


@dataclass(frozen=True)
class Pieces:
    """What came of cutting many polygons: pieces with the row they came from, and the cuts with row and depth."""

    shapes: Shapes
    owner: Ints
    cuts: Shapes
    cut_owner: Ints
    cut_depth: Ints


def cut_down(shapes: Shapes, limit_m2: Floats, rng: np.random.Generator, *, tilt_deg: float = 3.0) -> Pieces:
    """
    Halve polygons across their longer side until each is under its limit.

    Parameters
    ----------
    shapes
        n polygons in metres.
    limit_m2
        Largest area allowed for the pieces of each, n values.
    rng
        Draws where to cut (42 to 58 %) and how far off square (normal, `tilt_deg`).
    """
    work, owner = shapes, np.arange(len(shapes))
    done: list[Shapes] = []
    done_owner: list[Ints] = []
    cuts: list[Shapes] = []
    cut_owner: list[Ints] = []
    cut_depth: list[Ints] = []
    for depth in range(14):
        big = shapely.area(work) > limit_m2[owner]
        done.append(work[~big])
        done_owner.append(owner[~big])
        if not big.any():
            break
        work, owner, lines, line_owner = _halve(work[big], owner[big], rng, tilt_deg)
        cuts.append(lines)
        cut_owner.append(line_owner)
        cut_depth.append(np.full(len(lines), depth))
    else:
        done.append(work)
        done_owner.append(owner)
    none = np.empty(0, dtype=object)
    return Pieces(
        np.concatenate([none, *done]),
        np.concatenate([np.empty(0, np.int64), *done_owner]),
        np.concatenate([none, *cuts]),
        np.concatenate([np.empty(0, np.int64), *cut_owner]),
        np.concatenate([np.empty(0, np.int64), *cut_depth]),
    )


def _halve(shapes: Shapes, owner: Ints, rng: np.random.Generator, tilt_deg: float) -> tuple[Shapes, Ints, Shapes, Ints]:
    centre, axis, length, width = long_axis(shapes)
    fraction = rng.uniform(0.42, 0.58, len(shapes))
    normal = _turned(axis, np.radians(rng.normal(0, tilt_deg, len(shapes)).clip(-7, 7)))
    at = centre + axis * ((fraction - 0.5) * length)[:, None]
    side = half_planes(at, normal, 2 * (length + width))
    along = np.column_stack([-normal[:, 1], normal[:, 0]]) * (length + width)[:, None]
    line = shapely.linestrings(np.stack([at - along, at + along], axis=1))
    lines, line_of = shapely.get_parts(shapely.intersection(line, shapes), return_index=True)
    halves = np.concatenate([shapely.intersection(shapes, side), shapely.difference(shapes, side)])
    parts, half_of = shapely.get_parts(halves, return_index=True)
    whole = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & (shapely.area(parts) > 1.0)
    straight = shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING
    return parts[whole], np.tile(owner, 2)[half_of[whole]], lines[straight], owner[line_of[straight]]
