"""The town: faces between arterials, cut by streets into urban grids, with campuses carved out of them."""

import heapq
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geodata.sample.cuts import Shapes, cut_in_two, shapes_array
from geodata.sample.land import Land
from geodata.sample.seeds import DeadEnd
from geodata.sample.size import Size
from geodata.sample.streets import Arterials, Street
from geodata.sample.weave import borders, weave

SMALLEST_FACE_M2 = 42_000
THINNEST_FACE = 0.25


@dataclass(frozen=True)
class Campus:
    """An institution with a grid of its own: its sort, its ground, and the grid it was carved out of."""

    sort: str
    shape: Polygon
    parent: int
    gate: LineString


@dataclass(frozen=True)
class Town:
    """Urban grids (as drawn, not yet on the lattice), campuses, and all streets."""

    outline: Polygon
    grids: Shapes
    campuses: tuple[Campus, ...]
    streets: tuple[Street, ...]


def make_town(land: Land, arterials: Arterials, size: Size, rng: np.random.Generator) -> Town:
    """Cut the town into exactly as many urban grids as `size` says; every cut is a street."""
    faces = _town_faces(land, arterials, size, rng)
    outline = shapely.union_all(faces)
    outline = Polygon(max(shapely.get_parts(outline), key=lambda part: part.area).exterior)
    faces = shapes_array([face for face in faces if outline.covers(face.representative_point())])
    cut, streets = _cut_to_grids(faces, land, arterials.strip, size, rng)
    grids, campuses = _carve_campuses(cut, _barriers(land, arterials), land, size, rng)
    drawn = [
        Street(part, street.rank, street.sort)
        for street in arterials.streets
        for part in _lines(_built(street, arterials.strip).intersection(outline.buffer(6)))
    ]
    return Town(outline, grids, tuple(campuses), (*drawn, *streets))


def _built(street: Street, strip: Polygon) -> BaseGeometry:
    """Keep the ring off the river: it ends at the embankments, so that the bridges stay the only crossings."""
    return street.line.difference(strip) if street.sort == "ring" else street.line


def density(x: float, y: float, size: Size) -> float:
    """How closely the town is built at a place: 1 in the core, less outwards in three steps."""
    a, b = size.town_half
    away = np.hypot(x / a, y / b)
    return float(np.select([away < 0.32, away < 0.56, away < 0.8], [1.0, 0.85, 0.62], 0.45))


def _town_faces(land: Land, arterials: Arterials, size: Size, rng: np.random.Generator) -> Shapes:
    lines = [street.line for street in arterials.streets]
    faces = weave([*lines, *arterials.seams, land.river_line, land.tributary, land.rail])
    a, b = size.town_half
    inner = shapely.get_coordinates(shapely.point_on_surface(faces))
    angle = np.arctan2(inner[:, 1] / b, inner[:, 0] / a)
    phase = rng.uniform(0, 6.28, 3)
    edge = 1 + 0.05 * np.sin(2 * angle + phase[0]) + 0.05 * np.sin(3 * angle + phase[1])
    edge += 0.03 * np.sin(5 * angle + phase[2])
    faces = faces[np.hypot(inner[:, 0] / a, inner[:, 1] / b) < edge]
    return _merge_small(faces, land)


def _merge_small(faces: Shapes, land: Land) -> Shapes:
    """Give each face that is small or thin, counted without water, to the neighbour with the longest shared side."""
    shapes = list(faces)
    wet = _unbuildable(land)
    while True:
        shape_array = shapes_array(shapes)
        dry = shapely.difference(shape_array, wet)
        area, edge = shapely.area(dry), shapely.length(dry)
        score = np.minimum(area / SMALLEST_FACE_M2, 4 * np.pi * area / np.maximum(edge, 1) ** 2 / THINNEST_FACE)
        worst = int(np.argmin(score))
        if score[worst] >= 1 or len(shapes) < 3:
            return shape_array
        north = shapely.contains_properly(land.north, shapely.point_on_surface(shape_array))
        pairs, length = borders(shape_array)
        touching = (pairs == worst).any(axis=1)
        if not touching.any():
            shapes.pop(worst)
            continue
        others = pairs[touching].sum(axis=1) - worst
        weight = length[touching] * np.where(north[others] == north[worst], 1.0, 0.05)
        best = int(others[np.argmax(weight)])
        shapes[best] = shapely.union(shapes[best], shapes[worst])
        shapes.pop(worst)


def _unbuildable(land: Land) -> BaseGeometry:
    """Water and the strip before the embankment roads: a grid made of these alone would have no homes."""
    wet = shapely.simplify(shapely.union(land.water, land.river_area.buffer(45)), 2)
    shapely.prepare(wet)
    return wet


def _dry_area(shape: Polygon, wet: BaseGeometry) -> float:
    if not shapely.intersects(wet, shape):
        return float(shape.area)
    # Only the water at hand: the whole river has thousands of vertices.
    near = shapely.clip_by_rect(wet, *shape.bounds)
    return float(shape.difference(near).area)


def _cut_to_grids(
    faces: Shapes, land: Land, strip: Polygon, size: Size, rng: np.random.Generator
) -> tuple[list[Polygon], list[Street]]:
    """Cut the heaviest face again and again (weight: dry area times density); streets end at the embankment."""
    heap: list[tuple[float, int, Polygon]] = []
    wet = _unbuildable(land)
    streets: list[Street] = []
    numbers = iter(range(100_000))

    def push(shape: Polygon) -> None:
        middle = shape.representative_point()
        dry = _dry_area(shape, wet)
        heapq.heappush(heap, (-dry * density(middle.x, middle.y, size), next(numbers), shape))

    for face in faces:
        push(face)
    while len(heap) < size.urban:
        _, _, shape = heapq.heappop(heap)
        parts = _fair_cut(shape, wet, rng)
        for part in parts:
            push(part)
        rank = 2 if shape.area > 190_000 else 3
        seam = shapely.line_merge(shapely.intersection(*parts))
        streets += [Street(line, rank, "cut") for line in _lines(seam.difference(strip))]
    return [shape for _, _, shape in sorted(heap, key=lambda item: item[1])], streets


def _fair_cut(shape: Polygon, wet: BaseGeometry, rng: np.random.Generator) -> tuple[Polygon, Polygon]:
    """Cut near the middle; of a few tries take the one whose lighter side is heaviest and not thin."""
    best: tuple[float, tuple[Polygon, Polygon]] | None = None
    for fraction in (*rng.uniform(0.42, 0.58, 2), 0.5, 0.4, 0.6, 0.33, 0.67):
        parts = cut_in_two(shape, float(fraction), float(rng.uniform(-4, 4)))
        if parts is None:
            continue
        dry = [_dry_area(part, wet) for part in parts]
        score = min(dry) / sum(dry) + 0.5 * min(4 * np.pi * part.area / part.length**2 for part in parts)
        if best is None or score > best[0]:
            best = (score, parts)
        if score > 0.66:
            break
    if best is None:
        raise DeadEnd("a town face could not be cut in two")
    return best[1]


def _barriers(land: Land, arterials: Arterials) -> BaseGeometry:
    """What no campus may have inside: water, railway, arterials."""
    lines = shapely.union_all([land.rail, *(street.line for street in arterials.streets)])
    barriers = shapely.union(lines, shapely.buffer(land.water, 20))
    shapely.prepare(barriers)
    return barriers


def _carve_campuses(
    grids: list[Polygon], barriers: BaseGeometry, land: Land, size: Size, rng: np.random.Generator
) -> tuple[Shapes, list[Campus]]:
    """Cut a campus from the end of large grids, works and the station at the railway first."""
    sorts = _campus_sorts(size.campuses)
    campuses: list[Campus] = []
    taken: list[int] = []
    for sort in sorts:
        for row in _campus_order(sort, grids, land):
            near = [grids[other].distance(grids[row]) < 1 for other in taken]
            if row in taken or any(near):
                continue
            parts = _campus_cut(grids[row], barriers, rng)
            if parts is None:
                continue
            campus, rest = parts
            grids[row] = rest
            taken.append(row)
            gate = shapely.line_merge(campus.intersection(rest))
            campuses.append(Campus(sort, campus, row, max(_lines(gate), key=lambda line: line.length)))
            break
    if len(campuses) != size.campuses:
        raise DeadEnd("the town has too few large grids for its campuses")
    return shapes_array(grids), campuses


def _campus_sorts(n: int) -> list[str]:
    pattern = ["station", "school", "hospital", "works", "market", "school", "works", "school", "hospital", "school"]
    return [pattern[i % len(pattern)] if i != 10 else "college" for i in range(n)]


def _campus_order(sort: str, grids: list[Polygon], land: Land) -> list[int]:
    """Rank grids for a sort of campus: large ones, near the railway or near the core as it needs."""
    area = np.array([grid.area for grid in grids])
    if sort in ("station", "works"):
        wish = -np.array([grid.distance(land.rail) for grid in grids]) / 400
    elif sort in ("hospital", "market"):
        wish = -np.hypot(*shapely.get_coordinates(shapely.centroid(grids)).T) / 1_200
    else:
        wish = np.zeros(len(grids))
    return [int(row) for row in np.argsort(-(wish + np.minimum(area, 160_000) / 40_000), kind="stable")]


def _campus_cut(grid: Polygon, barriers: BaseGeometry, rng: np.random.Generator) -> tuple[Polygon, Polygon] | None:
    """Find the cut that leaves 2.6 to 4.6 ha at a free end of the grid."""
    if grid.area < 62_000:
        return None
    target = float(rng.uniform(28_000, min(46_000, grid.area * 0.48)))
    tilt = float(rng.uniform(-4, 4))
    for ahead in (True, False) if rng.random() < 0.5 else (False, True):
        lo, hi = 0.0, 1.0
        parts = None
        for _ in range(18):
            middle = (lo + hi) / 2
            parts = cut_in_two(grid, middle, tilt)
            if parts is None:
                break
            if (parts[0].area > target) == ahead:
                lo = middle
            else:
                hi = middle
        if parts is None:
            continue
        campus, rest = parts if ahead else parts[::-1]
        round_enough = 4 * np.pi * campus.area / campus.length**2 > 0.5
        free = not shapely.intersects(barriers, campus.buffer(-15))
        if round_enough and free and 26_000 <= campus.area <= 46_000 and rest.area > 32_000:
            return campus, rest
    return None


def _lines(shape: BaseGeometry) -> list[LineString]:
    return [part for part in shapely.get_parts(shape) if part.geom_type == "LineString" and part.length > 1]
