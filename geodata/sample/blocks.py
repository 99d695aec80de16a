"""Blocks inside the urban grids: lanes cut them out, and buildings keep to their insides."""

from dataclasses import dataclass

import numpy as np
import shapely

from geodata.crs import Floats
from geodata.sample.cuts import Ints, Shapes, cut_down, shapes_array
from geodata.sample.land import Land
from geodata.sample.size import Size
from geodata.sample.streets import Street
from geodata.sample.town import Town, density

LIMITS_M2 = {1.0: 18_500.0, 0.85: 24_000.0, 0.62: 28_000.0, 0.45: 36_000.0}
"""Largest block by density: the old core first."""


@dataclass(frozen=True)
class Blocks:
    """
    Blocks with the grid each lies in.

    `inner` is what may be built on: 9 to 11 m off lanes and grid borders, off every street, the river and the railway.
    Rows of `grid` count urban grids first, then campuses. `first_cut` holds, for each grid, the lane that halved it.
    """

    inner: Shapes
    grid: Ints
    density: Floats
    lanes: tuple[Street, ...]
    first_cut: dict[int, shapely.LineString]


def make_blocks(land: Land, town: Town, strip: shapely.Polygon, size: Size, rng: np.random.Generator) -> Blocks:
    """Cut every urban grid down to blocks; a campus is one block."""
    middle = shapely.get_coordinates(shapely.point_on_surface(town.grids))
    dense = np.array([density(x, y, size) for x, y in middle])
    limit = np.array([LIMITS_M2[float(value)] for value in dense])
    pieces = cut_down(town.grids, limit, rng, tilt_deg=1.5)
    campuses = shapes_array([campus.shape for campus in town.campuses])
    shapes = np.concatenate([pieces.shapes, campuses])
    owner = np.concatenate([pieces.owner, len(town.grids) + np.arange(len(campuses))])
    dense = np.concatenate([dense, np.full(len(campuses), 0.62)])
    inner = shapely.buffer(shapes, -rng.uniform(9, 11, len(shapes)), join_style="mitre")
    inner = _without(inner, _kept_free(land, town))
    parts, part_of = shapely.get_parts(inner, return_index=True)
    large = shapely.area(shapely.buffer(parts, -6)) > 350
    parts, part_of = parts[large], part_of[large]
    water = shapely.union(shapely.buffer(land.water, 22), strip)
    shapely.prepare(water)
    lanes = shapely.difference(pieces.cuts, water)
    lane_parts = [Street(line, 4, "lane") for line in shapely.get_parts(lanes) if line.length > 15]
    first = {
        int(grid): line
        for grid, line, depth in zip(pieces.cut_owner, pieces.cuts, pieces.cut_depth, strict=True)
        if depth == 0
    }
    return Blocks(parts, owner[part_of], dense[owner[part_of]], tuple(lane_parts), first)


def _kept_free(land: Land, town: Town) -> Shapes:
    """Streets with their pavements, water with its bank, the railway: no building stands there."""
    margin = {1: 21.0, 2: 14.0, 3: 11.0}
    lines = shapes_array([street.line for street in town.streets])
    width = np.array([margin[street.rank] for street in town.streets])
    streets = shapely.buffer(lines, width, cap_style="flat")
    return np.concatenate([streets, shapes_array([shapely.buffer(land.water, 24), land.rail.buffer(16)])])


def _without(shapes: Shapes, obstacles: Shapes) -> Shapes:
    """Take from each shape the obstacles that touch it, and only those: their union would be a large shape."""
    row, obstacle = shapely.STRtree(obstacles).query(shapes, predicate="intersects")
    groups = np.split(obstacle, np.searchsorted(row, np.arange(1, len(shapes))))
    local = [
        shapely.union_all([shapely.clip_by_rect(obstacles[k], *shape.bounds) for k in group])
        for shape, group in zip(shapes, groups, strict=True)
    ]
    return np.asarray(shapely.difference(shapes, shapes_array(local)), dtype=object)
