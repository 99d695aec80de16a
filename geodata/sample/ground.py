"""What the base map is painted with, from below: fields, woods, town and villages, blocks, parks, water."""

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.sample.blocks import Blocks
from geodata.sample.buildings import TownBuildings
from geodata.sample.cuts import Shapes, shapes_array
from geodata.sample.frames import layer
from geodata.sample.houses import Houses
from geodata.sample.land import Land
from geodata.sample.names import pinyin
from geodata.sample.register import Register
from geodata.sample.roads import Roads
from geodata.sample.town import Town

_HILLS = ("青岗山", "西岭", "白鹭岭", "松岭", "枣岭")


def make_ground(
    land: Land, town: Town, roads: Roads, blocks: Blocks, register: Register, buildings: TownBuildings,
    houses: Houses, fields: tuple[Shapes, list[str]],
) -> gpd.GeoDataFrame:  # fmt: skip
    """List land cover in drawing order: kind, name, name_en, single polygons."""
    rows: list[tuple[str, str | None, BaseGeometry]] = [
        (kind, None, shape) for shape, kind in zip(*fields, strict=True)
    ]
    rows += [("forest", name, hill) for name, hill in zip(_HILLS, land.hills, strict=False)]
    rows.append(("town", None, town.outline))
    rows += [("village", None, shape) for shape in houses.ground]
    rows += [("block", None, shape) for shape in shapely.buffer(roads.works, -4, join_style="mitre")]
    paved = shapely.buffer(blocks.inner, 3.5, join_style="mitre")
    rows += [("block", None, shape) for shape in paved]
    parks = iter(
        f"{register.community_name(int(blocks.grid[block]))}公园"
        for block, use in enumerate(buildings.block_use)
        if use == "park"
    )
    over = [(kind, next(parks) if kind == "park" else None, shape) for kind, shape in buildings.ground]
    rows += [row for row in over if row[0] != "water"]
    rows += [
        ("water", "淇水", land.river_area), ("water", "清溪", land.tributary_area.difference(land.river_area)),
        ("water", None, land.brook_area.difference(land.river_area)), ("water", "云湖", land.lake),
    ]  # fmt: skip
    rows += [("water", None, pond) for pond in houses.ponds]
    rows += [row for row in over if row[0] == "water"]
    rows.append(("island", "鹭洲", land.island))
    parts, row_of = shapely.get_parts(shapes_array([row[2] for row in rows]), return_index=True)
    kept = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & (shapely.area(parts) > 4)
    parts, row_of = parts[kept], row_of[kept]
    names = [rows[row][1] for row in row_of]
    columns = {
        "kind": [rows[row][0] for row in row_of],
        "name": names,
        "name_en": [_english(name) for name in names],
    }
    return layer(columns, np.asarray(parts, dtype=object))


def _english(name: str | None) -> str | None:
    if name is None:
        return None
    for end, word in (("公园", " Park"), ("山", " Hill"), ("岭", " Ridge"), ("湖", " Lake"), ("洲", " Islet")):
        if name.endswith(end):
            return pinyin(name.removesuffix(end)) + word
    return pinyin(name)
