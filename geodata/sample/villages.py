"""Villages on the plain, and the rural grids around them with borders in steps, like field edges."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import Voronoi, cKDTree
from shapely.geometry.base import BaseGeometry

from geodata.crs import Floats
from geodata.sample.cuts import Ints, Shapes
from geodata.sample.land import Land
from geodata.sample.seeds import DeadEnd
from geodata.sample.size import Size
from geodata.sample.town import Town
from geodata.sample.weave import borders, dissolve, weave

OTHER_BANK = 0.15
"""Weight of a shared border across the river, when a face without a village looks for a grid."""


@dataclass(frozen=True)
class Villages:
    """Village centres (n × 2, metres) and the rural grid of each (n polygons, same order)."""

    centres: Floats
    cells: Shapes


def make_villages(land: Land, town: Town, size: Size, rng: np.random.Generator, edges: np.random.Generator) -> Villages:
    """Place the villages, then divide the country among them."""
    centres = _place(land, town, size, rng)
    lines = _stepped_edges(centres, land, edges)
    country = land.outline.difference(town.outline)
    shapely.prepare(country)
    inside = shapely.intersection(lines, country)
    river = land.river_line.intersection(country)
    faces = weave([*inside, river, town.outline.exterior, land.outline.exterior])
    kept = shapely.contains_properly(country, shapely.point_on_surface(faces))
    return Villages(centres, _join_to_villages(faces[kept], centres, land))


def _place(land: Land, town: Town, size: Size, rng: np.random.Generator) -> Floats:
    """Scatter villages off water, railway, motorway, town and hills, then even them out (Lloyd, five steps)."""
    banned = shapely.union_all([
        shapely.buffer(land.water, 115), land.island, land.rail.buffer(130), land.motorway.buffer(130),
        town.outline.buffer(170), *(hill.buffer(-40) for hill in land.hills),
    ])  # fmt: skip
    free = land.outline.buffer(-140).difference(banned)
    shapely.prepare(free)
    spacing = 0.62 * np.sqrt(free.area / size.rural)
    centres = np.empty((0, 2))
    for attempt in range(60):
        need = size.rural - len(centres)
        fresh = _inside(free, 6 * need + 200, rng)
        # Closer together with each attempt: a crowded plain must not keep this from ending.
        apart = spacing * 0.96**attempt
        for point in fresh:
            if len(centres) == size.rural:
                break
            if not len(centres) or np.hypot(*(centres - point).T).min() > apart:
                centres = np.vstack([centres, point])
        if len(centres) == size.rural:
            break
    ground = _inside(land.outline.difference(town.outline), 90 * size.rural, rng)
    for _ in range(5):
        near = cKDTree(centres).query(ground)[1]
        count = np.bincount(near, minlength=size.rural)[:, None]
        sums = np.column_stack([np.bincount(near, weights=w, minlength=size.rural) for w in ground.T])
        moved = centres + 0.62 * (sums / np.maximum(count, 1) - centres)
        fine = shapely.contains_xy(free, moved[:, 0], moved[:, 1]) & (count[:, 0] > 0)
        centres = np.where(fine[:, None], moved, centres)
    return centres


def _inside(area: BaseGeometry, n: int, rng: np.random.Generator) -> Floats:
    """Draw points in an area: as many of n as fall into it."""
    shapely.prepare(area)
    x0, y0, x1, y1 = area.bounds
    xy = rng.uniform([x0, y0], [x1, y1], (n, 2))
    return np.asarray(xy[shapely.contains_xy(area, xy[:, 0], xy[:, 1])])


def _stepped_edges(centres: Floats, land: Land, rng: np.random.Generator) -> Shapes:
    """Replace each Voronoi edge, once for both sides, by a line in steps."""
    x0, y0, x1, y1 = land.outline.bounds
    reach = 2 * max(x1 - x0, y1 - y0)
    around = reach * np.column_stack([np.cos(np.arange(12)), np.sin(np.arange(12))])
    diagram = Voronoi(np.vstack([centres, around]))
    ridges = np.array([ridge for ridge in diagram.ridge_vertices if min(ridge) >= 0])
    lines = []
    for a, b in zip(diagram.vertices[ridges[:, 0]], diagram.vertices[ridges[:, 1]], strict=True):
        lines.append(_steps(a, b, rng))
    return np.asarray(lines, dtype=object)


def _steps(a: Floats, b: Floats, rng: np.random.Generator) -> shapely.LineString:
    """
    Draw a line from a to b whose sideways offset is held for two steps, then changes.

    The offset is at most 5 % of the length and 26 m; both ends stay.
    """
    length = float(np.hypot(*(b - a)))
    if length < 120 or length > 4_000:
        return shapely.LineString([a, b])
    across = np.array([-(b - a)[1], (b - a)[0]]) / length
    legs = max(2, round(length / 95))
    at = (np.arange(legs + 1) + np.r_[0, rng.uniform(-0.25, 0.25, legs - 1), 0]) / legs
    offset = rng.uniform(-1, 1, legs) * min(0.05 * length, 26)
    slant = rng.uniform(-4, 4, legs) / length
    xy = [a]
    for leg in range(legs):
        ends = at[leg] + (slant[leg] if leg else 0), at[leg + 1] + (slant[leg] if leg < legs - 1 else 0)
        first, last = (a + (b - a) * end + across * offset[leg] for end in ends)
        xy += [last] if leg == 0 else [first] if leg == legs - 1 else [first, last]
    return shapely.LineString([*xy, b])


def _join_to_villages(faces: Shapes, centres: Floats, land: Land) -> Shapes:
    """Give each face to its village; those without one go to the neighbour with the longest common border."""
    label = np.full(len(faces), -1, dtype=np.int64)
    village, face = shapely.STRtree(faces).query(shapely.points(centres), predicate="within")
    label[face] = village
    north = shapely.contains_properly(land.north, shapely.point_on_surface(faces))
    pairs, length = borders(faces)
    weight = length * np.where(north[pairs[:, 0]] == north[pairs[:, 1]], 1.0, OTHER_BANK)
    label = spread_labels(label, pairs, weight)
    cells, labels = dissolve(faces, label)
    if len(cells) != len(centres) or (labels != np.arange(len(centres))).any():
        raise DeadEnd("a village was left without ground")
    return cells


def spread_labels(label: Ints, pairs: Ints, weight: Floats) -> Ints:
    """
    Give each row labelled -1 the label of the neighbour it shares most with, strongest first.

    Parameters
    ----------
    label
        n labels, -1 where there is none yet.
    pairs, weight
        Neighbouring rows (m × 2) and how much they share (m values).
    """
    label = label.copy()
    order = np.argsort(-weight, kind="stable")
    while (label < 0).any():
        before = int((label < 0).sum())
        for row in order:
            one, two = pairs[row]
            if (label[one] < 0) != (label[two] < 0):
                label[one] = label[two] = max(label[one], label[two])
                break
        if int((label < 0).sum()) == before:
            raise DeadEnd("a face has no way to any village")
    return label
