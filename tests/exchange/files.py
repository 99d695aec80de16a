"""The drawn district as files, as a district would bring them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd

from geodata.crs import shapes_to_lonlat
from geodata.files import write
from tests.worlds import AREAS, SQUARES, SRID, square

Row = dict[str, Any]


def area_rows() -> list[Row]:
    """The tree of areas as drawn."""
    return [
        {"code": a.code, "parent_code": a.parent_code, "kind": a.kind, "name": a.name, "name_en": a.names["en"]}
        for a in AREAS
    ]


def grid_rows() -> list[Row]:
    """The six grids as drawn."""
    return [
        {"code": code, "name": f"网格 {letter}", "name_en": f"Grid {letter}", "kind": "urban", "households": 400,
         "geometry": square(column, row)}
        for letter, (code, column, row) in SQUARES.items()
    ]  # fmt: skip


def write_rows(path: Path, rows: list[Row]) -> Path:
    """Rows as a file; their shapes are drawn in the working system."""
    planes = [row.get("geometry") for row in rows]
    table = [{name: value for name, value in row.items() if name != "geometry"} for row in rows]
    frame = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes_to_lonlat(planes, SRID), crs=4326), crs=4326)
    write(frame, path)
    return path
