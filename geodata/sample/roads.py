"""Roads of the country: between villages, from the town's exits to the outline, and the works beside them."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geodata.crs import Floats
from geodata.sample.cuts import Shapes, shapes_array
from geodata.sample.land import Land
from geodata.sample.seeds import DeadEnd
from geodata.sample.size import Size
from geodata.sample.town import Town
from geodata.sample.villages import Villages

HALF_WIDTH_M = (9.0, 6.0, 4.0)
"""Half widths of county road, village road and farm road."""


@dataclass(frozen=True)
class Roads:
    """Lines outside the town: county roads, village roads and farm roads; and the grounds of the rural works."""

    county: Shapes
    village: Shapes
    farm: Shapes
    works: Shapes
    works_cell: tuple[int, ...]


def make_roads(land: Land, town: Town, villages: Villages, size: Size, rng: np.random.Generator) -> Roads:
    """Connect the villages by a spanning tree and some more roads, and continue the town's exits outwards."""
    county = _county_roads(land, town, size, rng)
    tree, extra = _between_villages(land, town, villages, rng)
    country = land.outline.difference(town.outline)
    shapely.prepare(country)
    all_roads = [shapes_array(_lines(shapely.intersection(lines, country))) for lines in (county, tree, extra)]
    works, cells = _works(land, villages, all_roads, country, size, rng)
    ground = shapely.union_all(works).buffer(2)
    kept = [shapes_array(_lines(shapely.difference(lines, ground))) for lines in all_roads]
    return Roads(kept[0], kept[1], kept[2], works, cells)


def _between_villages(land: Land, town: Town, villages: Villages, rng: np.random.Generator) -> tuple[Shapes, Shapes]:
    xy = villages.centres
    corners = Delaunay(xy).simplices
    pairs = np.unique(np.sort(np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])), axis=0)
    straight = shapely.linestrings(xy[pairs])
    length = shapely.length(straight)
    cost = length.copy()
    for barrier, factor in ((land.river_line, 6.0), (town.outline, 3.0), (land.lake, 20.0)):
        shapely.prepare(barrier)
        cost = cost * np.where(shapely.intersects(barrier, straight), factor, 1.0)
    n = len(xy)
    graph = coo_array((cost, (pairs[:, 0], pairs[:, 1])), shape=(n, n)).tocsr()
    tree = minimum_spanning_tree(graph).tocoo()
    in_tree = np.isin(pairs[:, 0] * n + pairs[:, 1], tree.row * n + tree.col)
    typical = float(np.median(length))
    in_tree &= length < 4 * typical
    extra = ~in_tree & (cost < 1.7 * typical) & (rng.random(len(pairs)) < 0.3)
    bend = rng.normal(0, 0.03, len(pairs))
    lines = shapes_array([_bent(xy[pair], share) for pair, share in zip(pairs, bend, strict=True)])
    return lines[in_tree], lines[extra]


def _bent(ends: Floats, share: float) -> LineString:
    """Draw an arc between two ends that leaves the straight line by `share` of its length."""
    a, b = ends
    t = np.linspace(0, 1, 9)[:, None]
    across = np.array([-(b - a)[1], (b - a)[0]])
    return LineString(a + (b - a) * t + across * (4 * share * t * (1 - t)))


def _county_roads(land: Land, town: Town, size: Size, rng: np.random.Generator) -> Shapes:
    """Lead nine exits of the town (fewer in a small one) to the outline."""
    ends = [
        (xy, xy - inner)
        for street in town.streets
        if street.rank == 1 and street.sort not in ("ring", "avenue", "bank_n", "bank_s")
        for xy, inner in _ends(street.line)
        if town.outline.exterior.distance(shapely.Point(xy)) < 8
    ]
    ends.sort(key=lambda end: float(np.arctan2(end[0][1], end[0][0])))
    angle = np.array([np.arctan2(xy[1], xy[0]) for xy, _ in ends])
    count = min(len(ends), max(4, round(9 * size.scale**0.5)))
    wanted = np.linspace(-np.pi, np.pi, count, endpoint=False) + 0.2
    rows = sorted({int(np.argmin(np.abs(np.angle(np.exp(1j * (angle - want)))))) for want in wanted})
    roads = []
    far = 14_000 * size.scale
    for row in rows:
        start, heading = ends[row]
        heading = heading / np.hypot(*heading)
        outward = start / np.hypot(*start)
        goal = start + far * (0.35 * heading + 0.65 * outward + rng.normal(0, 0.1, 2))
        middle = start + 0.35 * far * (0.8 * heading + 0.2 * outward)
        t = np.linspace(0, 1, 60)[:, None]
        curve = (1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * goal
        line = LineString(curve)
        # A county road that would run into the lake or along the river ends before it.
        parts = shapely.get_parts(line.difference(shapely.union(land.lake.buffer(60), land.island)))
        roads.append(min(parts, key=lambda part: part.distance(shapely.Point(start))))
    return shapes_array(roads)


def _ends(line: LineString) -> list[tuple[Floats, Floats]]:
    """Take both ends of a line, each with a point a little inside."""
    xy = shapely.get_coordinates(line)
    return [(xy[0], xy[min(2, len(xy) - 1)]), (xy[-1], xy[max(-3, -len(xy))])]


def _works(
    land: Land, villages: Villages, roads: list[Shapes], country: BaseGeometry, size: Size, rng: np.random.Generator
) -> tuple[Shapes, tuple[int, ...]]:
    """Put works beside county roads where they leave the village grids in one piece; smaller ones where it is tight."""
    barrier = shapely.union_all([
        shapely.buffer(land.water, 30), land.rail.buffer(30), land.motorway.buffer(40), country.boundary.buffer(50),
        *land.hills, *(line.buffer(12) for lines in roads for line in lines),
        *(shapely.Point(xy).buffer(170) for xy in villages.centres),
    ])  # fmt: skip
    shapely.prepare(barrier)
    found: list[tuple[Polygon, int]] = []
    for side in (1.0, 0.8, 0.6):
        places = _beside(roads[0], side, rng)
        places = places[shapely.contains_properly(country, places) & ~shapely.intersects(barrier, places)]
        _choose_works(found, places, villages.cells, size)
        if len(found) == size.rural_works:
            return shapes_array([place for place, _ in found]), tuple(cell for _, cell in found)
    raise DeadEnd("no room for the rural works beside the county roads")


def _choose_works(found: list[tuple[Polygon, int]], places: Shapes, cells: Shapes, size: Size) -> None:
    """Add places that are far from those found and leave every village grid they touch whole."""
    tree = shapely.STRtree(cells)
    for place in places:
        if len(found) == size.rural_works:
            return
        touched = np.sort(tree.query(place, predicate="intersects"))
        rest = shapely.difference(cells[touched], place)
        whole = all(part.geom_type == "Polygon" and not part.interiors for part in rest)
        # Far apart, so that no village grid gives ground to two of them.
        if whole and all(place.distance(other) > 1_300 for other, _ in found):
            share = shapely.area(shapely.intersection(cells[touched], place))
            found.append((place, int(touched[np.argmax(share)])))


def _beside(county: Shapes, scale: float, rng: np.random.Generator) -> Shapes:
    """List rectangles of 320 by 280 m times `scale` beside the county roads, one every 40 m, in random order."""
    found: list[Shapes] = []
    for road in county:
        at = np.arange(250, max(road.length - 250, 251), 40.0)
        xy = shapely.get_coordinates(shapely.line_interpolate_point(road, at))
        ahead = shapely.get_coordinates(shapely.line_interpolate_point(road, at + 20))
        along = (ahead - xy) / np.maximum(np.hypot(*(ahead - xy).T), 1e-9)[:, None]
        across = np.column_stack([-along[:, 1], along[:, 0]])
        for side in (1.0, -1.0):
            near, far = xy + across * side * 24, xy + across * side * (24 + 280 * scale)
            u = along * 160 * scale
            boxes = shapely.polygons(np.stack([near - u, near + u, far + u, far - u], axis=1))
            found.append(np.asarray(boxes, dtype=object))
    places = np.concatenate(found)
    return np.asarray(places[rng.permutation(len(places))], dtype=object)


def _lines(shapes: Shapes) -> list[LineString]:
    parts = shapely.get_parts(shapes)
    return [part for part in parts if part.geom_type == "LineString" and part.length > 5]
