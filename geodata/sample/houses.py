"""Village houses in rows, ponds beside villages, and the fields around them."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon

from geodata.crs import Floats
from geodata.sample.cuts import Ints, Shapes, cut_down, shapes_array
from geodata.sample.land import Land
from geodata.sample.roads import HALF_WIDTH_M, Roads
from geodata.sample.villages import Villages


@dataclass(frozen=True)
class Houses:
    """Houses with the village each belongs to and its households, the built-up ground, and ponds."""

    shapes: Shapes
    village: Ints
    households: Ints
    storeys: Ints
    ground: Shapes
    ponds: Shapes


def make_houses(cells: Shapes, villages: Villages, land: Land, roads: Roads, rng: np.random.Generator) -> Houses:
    """
    Set the houses of each village around its centre, in rows that face south.

    Parameters
    ----------
    cells
        The rural grids as they stand on the lattice; no house reaches within 8 m of a border.
    """
    wanted = _households(len(cells), rng)
    candidates, owner, nearness = _candidates(villages.centres, wanted, rng)
    free = shapely.contains_properly(shapely.buffer(cells, -8)[owner], candidates)
    free &= _off_roads(candidates, roads)
    water = shapely.buffer(land.water, 14)
    shapely.prepare(water)
    free &= ~shapely.intersects(water, candidates)
    candidates, owner, nearness = candidates[free], owner[free], nearness[free]
    order = np.lexsort([nearness, owner])
    owner = owner[order]
    rank = np.arange(len(order)) - np.searchsorted(owner, owner)
    kept = rank < wanted[owner]
    shapes, owner = candidates[order][kept], owner[kept]
    households = rng.choice([0, 1, 2], len(shapes), p=[0.03, 0.92, 0.05])
    storeys = rng.choice([1, 2, 3], len(shapes), p=[0.3, 0.6, 0.1])
    groups = np.split(shapes, np.searchsorted(owner, np.arange(1, len(cells))))
    corners = shapes_array([shapely.MultiPoint(shapely.get_coordinates(group)) for group in groups])
    hulls = shapely.concave_hull(corners, ratio=0.16)
    ground = shapely.simplify(shapely.buffer(hulls, 9, quad_segs=2), 2.0)
    ground = shapely.intersection(ground, shapely.buffer(cells, -2))
    ponds = _ponds(cells, villages.centres, ground, roads, rng)
    return Houses(shapes, owner, households, storeys, ground, ponds)


def _households(count: int, rng: np.random.Generator) -> Ints:
    """Draw houses for each village: 70 to 170, and 12 % half as large again."""
    usual = np.clip(70 + rng.gamma(2.2, 15, count), 70, 172)
    large = rng.random(count) < 0.12
    return np.rint(np.where(large, np.minimum(1.5 * usual, 258), usual)).astype(np.int64)


def _candidates(centres: Floats, wanted: Ints, rng: np.random.Generator) -> tuple[Shapes, Ints, Floats]:
    """Lay more houses than needed around each centre; the nearer ones will be taken."""
    corners: list[Floats] = []
    owners: list[Ints] = []
    near: list[Floats] = []
    for village, (centre, count) in enumerate(zip(centres, wanted, strict=True)):
        reach = 1.5 * np.sqrt(count * 360 / np.pi)
        angle = float(rng.normal(0, 0.16))
        rows_y, y = [], -reach
        while y < reach:
            rows_y.append(y)
            y += float(rng.uniform(8, 10.5) + rng.choice([8.5, 11.0, 19.0], p=[0.5, 0.3, 0.2]))
        per_row = int(2 * reach / 15.5)
        width = rng.uniform(10, 14, (len(rows_y), per_row))
        gap = rng.uniform(0.8, 4.0, width.shape) + 9.0 * (rng.random(width.shape) < 0.09)
        x = np.cumsum(width + gap, axis=1) - width - reach + rng.uniform(-6, 6, (len(rows_y), 1))
        y0 = np.repeat(np.array(rows_y)[:, None], per_row, axis=1) + rng.uniform(-0.8, 0.8, width.shape)
        depth = rng.uniform(8, 10.5, width.shape)
        box = np.stack([np.stack([x, y0], -1), np.stack([x + width, y0], -1),
                        np.stack([x + width, y0 + depth], -1), np.stack([x, y0 + depth], -1)], axis=2)  # fmt: skip
        box = box.reshape(-1, 4, 2)
        middle = box.mean(axis=1)
        bearing = np.arctan2(middle[:, 1], middle[:, 0])
        lobes = 1 + 0.2 * np.sin(2 * bearing + rng.uniform(0, 6)) + 0.13 * np.sin(3 * bearing + rng.uniform(0, 6))
        c, s = np.cos(angle), np.sin(angle)
        corners.append(box @ np.array([[c, s], [-s, c]]) + centre)
        near.append(np.hypot(*middle.T) / lobes + 400.0 * (rng.random(len(middle)) < 0.06))
        owners.append(np.full(len(middle), village))
    shapes = shapely.polygons(np.concatenate(corners))
    return np.asarray(shapes), np.concatenate(owners), np.concatenate(near)


def _off_roads(shapes: Shapes, roads: Roads) -> np.ndarray:
    free = np.ones(len(shapes), dtype=bool)
    for lines, half in zip((roads.county, roads.village, roads.farm), HALF_WIDTH_M, strict=True):
        if len(lines):
            touched = shapely.STRtree(lines).query(shapes, predicate="dwithin", distance=half + 2)[0]
            free[touched] = False
    return free


def _ponds(cells: Shapes, centres: Floats, ground: Shapes, roads: Roads, rng: np.random.Generator) -> Shapes:
    """Dig a pond beside every second village, where road and border leave room."""
    lines = shapely.STRtree(np.concatenate([roads.county, roads.village, roads.farm]))
    ponds = []
    for village in range(len(cells)):
        radius, bearing, phase = rng.uniform(14, 36), rng.uniform(0, 6.28), rng.uniform(0, 6.28)
        if village % 2:
            continue
        away = np.sqrt(shapely.area(ground[village]) / np.pi) * 1.1 + radius + 8
        angle = np.linspace(0, 2 * np.pi, 22, endpoint=False)
        wave = radius * (1 + 0.18 * np.sin(2 * angle + phase) + 0.1 * np.sin(3 * angle - phase))
        at = centres[village] + away * np.array([np.cos(bearing), np.sin(bearing)])
        pond = Polygon(np.column_stack([at[0] + wave * np.cos(angle) * 1.2, at[1] + wave * np.sin(angle)]))
        clear = cells[village].buffer(-8).contains(pond) and not ground[village].intersects(pond)
        if clear and not len(lines.query(pond, predicate="dwithin", distance=9)):
            ponds.append(pond)
    return shapes_array(ponds)


def make_fields(
    cells: Shapes, houses: Houses, land: Land, roads: Roads, rng: np.random.Generator
) -> tuple[Shapes, list[str]]:
    """
    Cut what villages, roads and water leave of the rural grids into fields of 1.4 to 3.4 ha.

    Returns
    -------
    fields, kinds
        Polygons with 2 m of path around each, and their tint: `field_a`, `field_b` or `field_c`.
    """
    obstacles = np.concatenate([
        *(shapely.buffer(lines, half) for lines, half in zip(
            (roads.county, roads.village, roads.farm), HALF_WIDTH_M, strict=True)),
        shapely.buffer(houses.ground, 6), shapely.buffer(houses.ponds, 5), roads.works,
        shapely.get_parts(shapely.buffer(land.water, 12)), shapes_array([land.island]),
        shapes_array(list(land.hills)), shapes_array([land.rail.buffer(14), land.motorway.buffer(18)]),
    ])  # fmt: skip
    shapely.prepare(obstacles)
    pairs = shapely.STRtree(obstacles).query(cells, predicate="intersects")
    groups = np.split(obstacles[pairs[1]], np.searchsorted(pairs[0], np.arange(1, len(cells))))
    local = [shapely.union_all(shapely.intersection(group, cell)) for cell, group in zip(cells, groups, strict=True)]
    free = shapely.get_parts(shapely.difference(cells, shapes_array(local)))
    pieces = cut_down(free, np.full(len(free), 29_000.0), rng, tilt_deg=2.5)
    fields = shapely.get_parts(shapely.buffer(pieces.shapes, -2, join_style="mitre"))
    fields = fields[shapely.area(fields) > 1_200]
    tint = rng.integers(0, 3, len(fields))
    return fields, [f"field_{'abc'[row]}" for row in tint]
