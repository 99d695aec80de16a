"""
An OpenStreetMap extract (.osm.pbf) as the frames that a district is made of.

The extract is opened in the sandbox; what its tags mean for us is said here. Data © OpenStreetMap contributors, ODbL:
whoever shows a map of it says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from geodata.errors import N_, Unreadable
from geodata.files.layers import LOCAL, Given, Layer, Limits
from geodata.files.placing import Placing
from geodata.files.reading import child_for
from geodata.files.tables import framed
from geodata.files.wkb import Scales

_BROKEN_OFF: Final = N_("The file could not be opened: reading it broke off. It is damaged, or not what it says it is.")
_RANK: Final = {
    "motorway": 0, "trunk": 1, "primary": 1, "secondary": 2, "tertiary": 3, "unclassified": 4, "residential": 4,
    "living_street": 4, "service": 4, "road": 4, "pedestrian": 4,
    "footway": 5, "path": 5, "cycleway": 5, "steps": 5, "track": 5, "bridleway": 5,
}  # fmt: skip
_KINDS: Final = {"lines": ("LineString", "MultiLineString"), "multipolygons": ("Polygon", "MultiPolygon")}
_RAILS: Final = ("rail", "light_rail", "subway", "tram", "narrow_gauge", "monorail")
_RIVERS: Final = ("river", "canal", "stream")
_WALLS: Final = ("wall", "city_wall", "retaining_wall", "fence")
_GROUND: Final = {
    "natural": {"water": "water", "wood": "forest", "scrub": "forest", "wetland": "water", "beach": "plaza"},
    "landuse": {
        "residential": "block", "commercial": "block", "retail": "block", "industrial": "block", "forest": "forest",
        "farmland": "field_a", "orchard": "field_b", "grass": "park", "recreation_ground": "park", "basin": "water",
        "reservoir": "water", "village_green": "park",
    },
    "leisure": {"park": "park", "garden": "park", "pitch": "pitch", "track": "track", "playground": "park"},
    "amenity": {"school": "school_ground", "university": "school_ground", "kindergarten": "school_ground"},
    "place": {"square": "plaza", "island": "island", "islet": "island"},
}  # fmt: skip


@dataclass(frozen=True)
class Extract:
    """
    What an extract holds, each a frame in EPSG:4326, longitude first.

    Attributes
    ----------
    streets
        Lines: ``kind`` (motorway, street, path), ``rank`` (0 motorway, 1 main ... 4 lane, 5 path), ``layer`` (below the
        ground negative; a tunnel without one is -1, a bridge 1), ``name``, ``name_en``.
    barriers
        Lines, in the same columns: ``kind`` (river, rail, wall), ``rank`` (0; a wall 4). Those of a negative layer part
        nothing.
    buildings
        Polygons: ``kind`` as tagged, ``levels`` (missing where untold), ``street``, ``number``, ``name``.
    ground
        Polygons: ``kind`` as the base map draws it, ``name``, ``name_en``.
    areas
        Administrative polygons: ``level`` (OpenStreetMap's, 2 a state ... 10), ``name``, ``name_en``.
    """

    streets: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    ground: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame


def read_extract(path: Path | str, limits: Limits = LOCAL) -> Extract:
    """
    Read an OpenStreetMap extract.

    Parameters
    ----------
    path
        A file in OpenStreetMap's binary form.
    limits
        What it may hold.

    Raises
    ------
    geodata.errors.GeodataError
        If it is none, damaged, or larger than the limits.
    """
    tables = _tables(Path(path), limits)
    lines, polygons = tables["lines"], tables["multipolygons"]
    return Extract(_streets(lines), _barriers(lines), _buildings(polygons), _ground(polygons), _areas(polygons))


def _tables(path: Path, limits: Limits) -> dict[str, gpd.GeoDataFrame]:
    frames: dict[str, list[gpd.GeoDataFrame]] = {}
    layer, first, scales = Layer("", ""), 1, Scales(limits)
    with child_for("geodata.files.inside.osm:read", path, limits) as child:
        for message in child.messages():
            if isinstance(message, dict):
                told = message.get("layer", {})
                layer, first = Layer(str(told.get("name")), "OSM PBF", columns=tuple(told.get("columns", ()))), 1
                frames[layer.name] = [_empty(layer)]
                continue
            placing = Placing(layer, Given(datum="wgs84"))
            frames.setdefault(layer.name, []).append(framed(message, layer, scales, first, placing))
            first += message.num_rows
    if set(frames) != {"lines", "multipolygons"}:
        raise Unreadable(_BROKEN_OFF)
    whole = {name: pd.concat(parts[1:] or parts) for name, parts in frames.items()}
    return {
        name: gpd.GeoDataFrame(table[table.geometry.geom_type.isin(_KINDS[name])], geometry="geometry", crs=4326)
        for name, table in whole.items()
    }


def _empty(layer: Layer) -> gpd.GeoDataFrame:
    columns = {name: pd.Series(dtype=object) for name in layer.columns}
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([], crs=4326))


def _streets(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    bare = lines["highway"].str.removesuffix("_link").map(_RANK)
    roads = lines[bare.notna()]
    rank = bare[bare.notna()].astype(int)
    kind = rank.map(lambda n: "motorway" if n == 0 else "path" if n == 5 else "street")
    return _ways(roads, kind, rank)


def _barriers(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    kind = pd.Series(None, index=lines.index, dtype=object)
    for column, words, name in (
        ("barrier", _WALLS, "wall"),
        ("waterway", _RIVERS, "river"),
        ("railway", _RAILS, "rail"),
    ):
        kind[lines[column].isin(words)] = name
    there = kind.notna()
    return _ways(lines[there], kind[there], kind[there].map({"river": 0, "rail": 0, "wall": 4}).astype(int))


def _ways(lines: gpd.GeoDataFrame, kind: pd.Series, rank: pd.Series) -> gpd.GeoDataFrame:
    said = pd.to_numeric(lines["layer"], errors="coerce").clip(-5, 5)
    untold = _is_there(lines["bridge"]).astype(int) - _is_there(lines["tunnel"]).astype(int)
    columns = {"kind": kind, "rank": rank, "layer": said.fillna(untold).astype(int)}
    return _frame(lines, columns | _names(lines))


def _buildings(polygons: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    found = polygons[_is_there(polygons["building"])]
    levels = pd.to_numeric(found["building:levels"].str.extract(re.compile(r"^(\d{1,3})"))[0], errors="coerce")
    columns = {
        "kind": found["building"],
        "levels": levels.astype("Int64"),
        "street": found["addr:street"],
        "number": found["addr:housenumber"],
        "name": found["name"],
    }
    return _frame(found, columns)


def _ground(polygons: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    kind = pd.Series(None, index=polygons.index, dtype=object)
    for tag, kinds in _GROUND.items():
        kind = kind.where(kind.notna(), polygons[tag].map(kinds))
    kind[_is_there(polygons["building"])] = None
    found = polygons[kind.notna()]
    return _frame(found, {"kind": kind[kind.notna()]} | _names(found))


def _areas(polygons: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    level = pd.to_numeric(polygons["admin_level"], errors="coerce")
    there = (polygons["boundary"] == "administrative") & level.between(1, 12)
    return _frame(polygons[there], {"level": level[there].astype(int)} | _names(polygons[there]))


def _is_there(tag: pd.Series) -> pd.Series:
    return tag.notna() & (tag != "no")


def _names(rows: gpd.GeoDataFrame) -> dict[str, pd.Series]:
    return {"name": rows["name"], "name_en": rows["name:en"]}


def _frame(rows: gpd.GeoDataFrame, columns: dict[str, pd.Series]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=rows.geometry, crs=4326).reset_index(drop=True)
