"""Cameras of the estates with heading and view, drone docks, smoke sensors, charging piles."""

from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from geodata.crs import Floats
from geodata.sample.blocks import Blocks
from geodata.sample.buildings import TownBuildings
from geodata.sample.cuts import Shapes, shapes_array
from geodata.sample.frames import layer
from geodata.sample.names import pinyin
from geodata.sample.register import Register
from geodata.sample.sites import Sites
from geodata.sample.size import Size

_COLUMNS: Final = ("code", "kind", "name", "name_en", "site_code", "grid_code", "gateway_code", "height_m",
                   "heading_deg", "tilt_deg", "fov_deg", "range_m")  # fmt: skip
_NO_VIEW: Final = (np.nan, np.nan, np.nan, np.nan)

Row = tuple[tuple[Any, ...], shapely.Point]


def make_devices(
    register: Register, blocks: Blocks, town: TownBuildings, sites: Sites, size: Size, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """
    Register the devices.

    A camera's gateway is its estate's server, a device of kind `gateway`. Headings are degrees clockwise from north,
    tilts degrees below the horizon.
    """
    buildings = np.flatnonzero(np.isin(sites.layer["kind"], ["building", "enterprise"]))
    tree = shapely.STRtree(sites.shapes[buildings])
    rows: list[Row] = []
    estates = _estates(blocks, town, size, rng)
    number = 0
    for n, block in enumerate(estates, start=1):
        grid = int(blocks.grid[block])
        word = register.community_name(grid)
        gateway = f"gw-{n:02d}"
        ring = blocks.inner[block].buffer(2.5, join_style="mitre").exterior
        places, headings = _along_ring(ring, int(rng.integers(8, 21)), rng)
        site = sites.layer["code"].iloc[int(buildings[tree.nearest(shapely.Point(places[0]))])]
        server = (gateway, "gateway", f"{word}小区摄像服务器", f"{pinyin(word)} Camera Server", site,
                  register.code[grid], None, 2.0, *_NO_VIEW)  # fmt: skip
        rows.append((server, shapely.point_on_surface(blocks.inner[block])))
        for at, heading in zip(places, headings, strict=True):
            number += 1
            near = sites.layer["code"].iloc[int(buildings[tree.nearest(shapely.Point(at))])]
            height, tilt = round(float(rng.uniform(3.6, 6.2)), 1), round(float(rng.uniform(11, 22)), 1)
            fov, reach = float(rng.choice([62.0, 74.0, 86.0])), float(rng.choice([50.0, 60.0, 75.0]))
            view = (height, round(float(heading), 1), tilt, fov, reach)
            name = (f"{word}小区{number}号机", f"{pinyin(word)} Camera {number}")
            rows.append(((f"cam-{number:04d}", "camera", *name, near, register.code[grid], gateway, *view),
                         shapely.Point(at)))  # fmt: skip
    rows += _docks(register, sites, rng)
    rows += _indoor(register, sites, town, size, rng)
    columns = {name: [row[0][i] for row in rows] for i, name in enumerate(_COLUMNS)}
    return layer(columns, shapes_array([row[1] for row in rows]))


def _estates(blocks: Blocks, town: TownBuildings, size: Size, rng: np.random.Generator) -> list[int]:
    """Choose estates with many homes, spread over as many grids."""
    homes = np.array([use in ("slabs", "towers") for use in town.block_use])
    rows = np.flatnonzero(homes & (shapely.area(blocks.inner) > 6_000))
    chosen: list[int] = []
    grids: set[int] = set()
    for row in rng.permutation(rows).tolist():
        if len(chosen) < size.estates and int(blocks.grid[row]) not in grids:
            chosen.append(row)
            grids.add(int(blocks.grid[row]))
    return chosen


def _along_ring(ring: shapely.LinearRing, count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Stand cameras along the ring of an estate, looking along it, every third into the yard."""
    at = (np.arange(count) + rng.uniform(0.1, 0.6, count)) / count * ring.length
    here = shapely.get_coordinates(shapely.line_interpolate_point(ring, at))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(ring, (at + 12) % ring.length))
    step = ahead - here
    turned = np.where(np.arange(count) % 3 == 2, 90.0 if not ring.is_ccw else -90.0, 0.0)
    heading = np.degrees(np.arctan2(step[:, 0], step[:, 1])) + turned + rng.normal(0, 4, count)
    return here, heading % 360


def _docks(register: Register, sites: Sites, rng: np.random.Generator) -> list[Row]:
    """Put drone docks on the ground of three institutions (fewer in a small district)."""
    hosts = [grid for grid, sort in register.institution_sort.items() if sort in ("hospital", "station", "rural_works")]
    rows: list[Row] = []
    for n, grid in enumerate(sorted(hosts)[:3] if len(hosts) < 6 else sorted(hosts)[:: len(hosts) // 3][:3], start=1):
        owner = register.institution[grid]
        row = int(np.flatnonzero(sites.grid == grid)[0])
        point = shapely.point_on_surface(sites.shapes[row])
        rows.append(((f"dock-{n}", "drone_dock", f"{owner.name}机库", f"{owner.name_en} Dock", sites.owner[grid],
                      register.code[grid], None, 12.0, np.nan, np.nan, 84.0, 3_000.0), point))  # fmt: skip
    return rows


def _indoor(register: Register, sites: Sites, town: TownBuildings, size: Size, rng: np.random.Generator) -> list[Row]:
    """Put smoke sensors into old houses and towers, charging piles beside slabs."""
    first = int(np.flatnonzero(np.isin(sites.layer["kind"], ["building", "enterprise", "key_premises"]))[0])
    use = np.array(town.use)
    rows: list[Row] = []
    for kind, prefix, uses, full, word, word_en in (
        ("smoke", "smoke", ["old", "towers"], 140, "烟感", "Smoke Sensor"),
        ("charging_pile", "pile", ["slabs"], 70, "充电桩", "Charging Pile"),
    ):
        count = max(6, round(full * size.scale**2))
        for n, row in enumerate(np.sort(rng.choice(np.flatnonzero(np.isin(use, uses)), count, replace=False)), start=1):
            site = first + int(row)
            name, name_en = sites.layer["name"].iloc[site], sites.layer["name_en"].iloc[site]
            point = (
                _beside(sites.shapes, site) if kind == "charging_pile" else shapely.point_on_surface(sites.shapes[site])
            )
            rows.append(((f"{prefix}-{n:04d}", kind, f"{name}{word}", f"{name_en} {word_en}",
                          sites.layer["code"].iloc[site], register.code[int(sites.grid[site])], None,
                          2.4 if kind == "smoke" else 1.2, *_NO_VIEW), point))  # fmt: skip
    return rows


def _beside(shapes: Shapes, row: int) -> shapely.Point:
    x0, y0, x1, _ = shapes[row].bounds
    return shapely.Point((x0 + x1) / 2, y0 - 3)
