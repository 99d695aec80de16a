"""Sites: buildings and village houses with their households, institutions, shops, parks, hazards."""

from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from geodata.sample.blocks import Blocks
from geodata.sample.buildings import STOREYS, TownBuildings
from geodata.sample.cuts import Shapes, shapes_array
from geodata.sample.fabric import Fabric
from geodata.sample.frames import SRID, layer, to_district
from geodata.sample.houses import Houses
from geodata.sample.layouts import lay_out
from geodata.sample.names import pinyin
from geodata.sample.register import Register
from geodata.sample.roads import Roads

_ESTATES: Final = (("小区", "Estate"), ("花园", "Garden"), ("家园", "Homes"), ("苑", "Court"),
                   ("新村", "New Village"), ("公寓", "Apartments"), ("名邸", "Mansions"),
                   ("里", "Terrace"))  # fmt: skip
_SHOPS: Final = (("商场", "Store"), ("超市", "Supermarket"), ("饭店", "Restaurant"), ("宾馆", "Hotel"),
                 ("药房", "Pharmacy"), ("家具城", "Furniture Store"), ("书城", "Bookshop"),
                 ("银行", "Bank"))  # fmt: skip
_FIRMS: Final = (("机械公司", "Machinery Co."), ("包装厂", "Packaging Works"), ("物流公司", "Logistics Co."),
                 ("食品厂", "Food Works"), ("汽修厂", "Car Repair"), ("印刷厂", "Printing Works"))  # fmt: skip
_KEY: Final = (("加油站", "Filling Station"), ("液化气站", "LPG Station"), ("歌厅", "Karaoke"),
               ("网吧", "Internet Cafe"), ("冷库", "Cold Store"), ("幼儿园", "Kindergarten"))  # fmt: skip
_OTHER: Final = {"offices": ("大厦", "Building"), "classes": ("教学楼", "Classrooms"), "wards": ("病房楼", "Wards"),
                 "halls": ("大厅", "Hall"), "pavilion": ("亭", "Pavilion")}  # fmt: skip
_HAZARDS: Final = (
    ("易涝点", "Flood Spot"),
    ("临水路段", "Open Bank"),
    ("高压走廊", "Power Line"),
    ("老旧围墙", "Old Wall"),
)
_SORT_KIND: Final = {"college": "school", "rural_works": "works"}


@dataclass
class _Rows:
    """Columns of the layer while it grows."""

    kind: list[str] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    name_en: list[str] = field(default_factory=list)
    households: list[int] = field(default_factory=list)
    storeys: list[int | None] = field(default_factory=list)
    grid: list[int] = field(default_factory=list)
    shape: list[BaseGeometry] = field(default_factory=list)

    def add(self, kind: str, names: tuple[str, str], grid: int, shape: BaseGeometry,
            households: int = 0, storeys: int | None = None) -> None:  # fmt: skip
        self.kind.append(kind)
        self.name.append(names[0])
        self.name_en.append(names[1])
        self.households.append(households)
        self.storeys.append(storeys)
        self.grid.append(grid)
        self.shape.append(shape)


@dataclass(frozen=True)
class Sites:
    """The layer of sites, the grid row of each, and the code of each institution by grid row."""

    layer: gpd.GeoDataFrame
    grid: np.ndarray
    owner: dict[int, str]
    shapes: Shapes


def make_sites(
    fabric: Fabric, register: Register, blocks: Blocks, town: TownBuildings, houses: Houses, roads: Roads,
    rng: np.random.Generator,
) -> Sites:  # fmt: skip
    """List every site with its grid; institutions first, then the town, then the villages."""
    rows = _Rows()
    for grid, owner in register.institution.items():
        sort = register.institution_sort[grid]
        ground = fabric.shapes[grid].buffer(-3, join_style="mitre")
        rows.add(_SORT_KIND.get(sort, sort), (owner.name, owner.name_en), grid, ground)
    _add_town(rows, register, blocks, town, rng)
    _add_rural_works(rows, fabric, register, roads, rng)
    _add_hazards(rows, fabric, rng)
    first = fabric.first[2]
    number_in = np.arange(len(houses.village)) - np.searchsorted(houses.village, houses.village) + 1
    for shape, village, number, households, storeys in zip(
        houses.shapes, houses.village.tolist(), number_in.tolist(), houses.households.tolist(),
        houses.storeys.tolist(), strict=True,
    ):  # fmt: skip
        rows.add("village_house", (f"{number}号", f"No. {number}"), first + village, shape, households, storeys)
    return _layer(rows, fabric, register)


def _layer(rows: _Rows, fabric: Fabric, register: Register) -> Sites:
    prefix = {"building": "b", "village_house": "h", "enterprise": "e", "key_premises": "k", "hazard_point": "z"}
    count: dict[str, int] = {}
    codes = []
    for kind in rows.kind:
        letter = prefix.get(kind, "s")
        count[letter] = count.get(letter, 0) + 1
        codes.append(f"{letter}-{count[letter]:06d}")
    shapes = shapes_array(rows.shape)
    columns: dict[str, Any] = {
        "code": codes, "kind": rows.kind, "name": rows.name, "name_en": rows.name_en, "households": rows.households,
        "storeys": np.array([0 if value is None else value for value in rows.storeys]),
        "grid_code": [register.code[grid] for grid in rows.grid],
    }  # fmt: skip
    sites = layer(columns, shapes)
    sites["entrance"] = gpd.GeoSeries(to_district(_entrances(shapes)), crs=SRID)
    owner = {grid: codes[row] for row, grid in enumerate(rows.grid[: len(register.institution)])}
    return Sites(sites, np.array(rows.grid), owner, shapes)


def _entrances(shapes: Shapes) -> Shapes:
    """Put the door in the middle of the side that faces north, where stairwells open in slabs facing south."""
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    top = shapely.bounds(shapes)[:, 3]
    away = shapely.points(middle[:, 0], top + 5)
    return np.asarray(shapely.get_point(shapely.shortest_line(away, shapes), 1), dtype=object)


def _add_town(rows: _Rows, register: Register, blocks: Blocks, town: TownBuildings, rng: np.random.Generator) -> None:
    estates = _estate_names(register, blocks, town)
    number = dict.fromkeys(range(len(blocks.inner)), 0)
    pick = rng.integers(0, 1_000, len(town.shapes))
    for row, (shape, use) in enumerate(zip(town.shapes, town.use, strict=True)):
        block, grid = int(town.block[row]), int(town.grid[row])
        number[block] += 1
        word = register.community_name(grid)
        n, draw = number[block], int(pick[row])
        kind = "building"
        if use in STOREYS and use != "old":
            names = (f"{estates[block][0]}{n}号楼", f"{estates[block][1]} {n}")
        elif use == "old":
            names = (f"{word}巷{n}号", f"{pinyin(word)} Ln {n}")
        elif use in ("shops", "works"):
            key = use == "shops" and draw % 6 == 0
            listed = _KEY if key else _SHOPS if use == "shops" else _FIRMS
            kind = "key_premises" if key else "enterprise"
            zh, en = listed[draw // 6 % len(listed)]
            names = (f"{word}{zh}", f"{pinyin(word)} {en}")
        else:
            zh, en = _OTHER[use]
            owner = register.institution.get(grid)
            front = (owner.name, owner.name_en) if owner else (word, pinyin(word))
            names = (f"{front[0]}{zh}", f"{front[1]} {en}")
        rows.add(kind, names, grid, shape, int(town.households[row]), int(town.storeys[row]))
    for block, use in enumerate(town.block_use):
        grid = int(blocks.grid[block])
        word = register.community_name(grid)
        if use == "park":
            rows.add("park", (f"{word}公园", f"{pinyin(word)} Park"), grid, blocks.inner[block])
        elif use == "school" and grid not in register.institution:
            rows.add("school", (f"{word}小学", f"{pinyin(word)} Primary School"), grid, blocks.inner[block])


def _estate_names(register: Register, blocks: Blocks, town: TownBuildings) -> dict[int, tuple[str, str]]:
    """Name the estate of each block of homes: the community's name with an ending, later ones as phases."""
    used: dict[str, int] = {}
    names = {}
    for block, use in enumerate(town.block_use):
        if use not in STOREYS:
            continue
        word = register.community_name(int(blocks.grid[block]))
        n = used.get(word, 0)
        used[word] = n + 1
        zh, en = _ESTATES[n % len(_ESTATES)]
        phase = n // len(_ESTATES)
        suffix = (f"{'一二三四五六七八九'[phase]}期", f" Phase {phase + 1}") if phase else ("", "")
        names[block] = (f"{word}{zh}{suffix[0]}", f"{pinyin(word)} {en}{suffix[1]}")
    return names


def _add_rural_works(rows: _Rows, fabric: Fabric, register: Register, roads: Roads, rng: np.random.Generator) -> None:
    for number, ground in enumerate(roads.works):
        grid = fabric.first[3] + number
        owner = register.institution[grid]
        sheds = lay_out(ground.buffer(-14, join_style="mitre"), "works", rng)
        for n, shed in enumerate(sheds, start=1):
            rows.add("building", (f"{owner.name}{n}号厂房", f"{owner.name_en} Shed {n}"), grid, shed, 0, 1)


def _add_hazards(rows: _Rows, fabric: Fabric, rng: np.random.Generator) -> None:
    count = max(6, round(60 * len(fabric.shapes) / 767))
    for grid in np.sort(rng.choice(len(fabric.shapes), count, replace=False)):
        inside = max(shapely.get_parts(fabric.shapes[grid].buffer(-12)), key=lambda part: part.area)
        zh, en = _HAZARDS[int(rng.integers(len(_HAZARDS)))]
        rows.add("hazard_point", (zh, en), int(grid), _point_in(inside, rng))


def _point_in(shape: Polygon, rng: np.random.Generator) -> shapely.Point:
    x0, y0, x1, y1 = shape.bounds
    for x, y in rng.uniform([x0, y0], [x1, y1], (60, 2)):
        if shapely.contains_xy(shape, x, y):
            return shapely.Point(x, y)
    return shapely.point_on_surface(shape)
