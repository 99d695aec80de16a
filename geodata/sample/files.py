"""The made-up district as files: GeoJSON in degrees for layers, CSV for tables; same seed, same bytes."""

import csv
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.crs import shapes_to_lonlat
from geodata.sample.district import District

LAYERS: Final = ("areas", "grids", "sites", "ways", "ground", "devices", "incidents")
TABLES: Final = ("departments", "people", "templates", "categories")

_LONG: Final = re.compile(r"-?\d+\.\d{10,}(?:e-?\d+)?")

_README: Final = """\
A made-up district: 淇水区 (Qishui), code 990106. Nothing in these files is real: no place, no person, no number.

Seed {seed}, {grids} grids, incidents of the year up to {until}. The same seed gives the same bytes.

*.geojson   layers, EPSG:4326, longitude first, 9 decimals, one feature a line
*.csv       tables, UTF-8, header in the first line
editions/   earlier coverages, oldest first; lineage.csv says what became of the grids that changed by the next one

The present coverage, grids.geojson, is in force since {effective_at}. Coordinates were drawn in EPSG:{srid} on a
lattice of 1 cm: projected back and rounded to 1 cm, neighbouring grids share every vertex.
"""


def write_district(district: District, directory: Path) -> list[Path]:
    """
    Write a district as files.

    Parameters
    ----------
    directory
        Where to; made if it is not there. Files of an earlier writing are overwritten.

    Returns
    -------
    paths
        The files written, in the order of writing.
    """
    directory.mkdir(parents=True, exist_ok=True)
    written = [_write_readme(district, directory / "README.txt")]
    srid = district.srid
    written += [_write_layer(getattr(district, name), srid, directory / f"{name}.geojson") for name in LAYERS]
    written += [_write_table(getattr(district, name), directory / f"{name}.csv") for name in TABLES]
    for n, edition in enumerate(district.editions, start=1):
        folder = directory / "editions" / f"{n}-{edition.effective_at:%Y-%m-%d}"
        folder.mkdir(parents=True, exist_ok=True)
        written.append(_write_layer(edition.grids, srid, folder / "grids.geojson"))
        written.append(_write_table(edition.lineage, folder / "lineage.csv"))
    return written


def _write_readme(district: District, path: Path) -> Path:
    text = _README.format(
        seed=district.seed,
        grids=len(district.grids),
        until=district.until.isoformat(),
        effective_at=district.effective_at.isoformat(),
        srid=district.srid,
    )
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _write_layer(layer: gpd.GeoDataFrame, srid: int, path: Path) -> Path:
    # Outer rings counter-clockwise, as RFC 7946 wants them; in memory they run the other way.
    shapes = shapely.orient_polygons(shapes_to_lonlat(layer.geometry.to_numpy(), srid), exterior_cw=False)
    # GEOS prints a double now and then with more digits than it needs; Python's own form is the shortest.
    geometries = [_LONG.sub(lambda digits: repr(float(digits[0])), text) for text in shapely.to_geojson(shapes)]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"type":"FeatureCollection","features":[\n')
        last = len(layer) - 1
        for n, (properties, geometry) in enumerate(zip(_rows(layer, srid), geometries, strict=True)):
            told = json.dumps(properties, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
            comma = "" if n == last else ","
            file.write(f'{{"type":"Feature","properties":{told},"geometry":{geometry}}}{comma}\n')
        file.write("]}\n")
    return path


def _rows(layer: gpd.GeoDataFrame, srid: int) -> Iterator[dict[str, Any]]:
    """Turn rows into plain values; a second geometry becomes its coordinates in degrees."""
    names = [name for name in layer.columns if name != layer.geometry.name]
    columns = [_plain_column(layer[name], srid) for name in names]
    for values in zip(*columns, strict=True):
        yield dict(zip(names, values, strict=True))


def _plain_column(column: pd.Series, srid: int) -> list[Any]:
    if isinstance(column, gpd.GeoSeries):
        return [list(xy) for xy in shapely.get_coordinates(shapes_to_lonlat(column.to_numpy(), srid)).tolist()]
    return [_plain(value) for value in column.tolist()]


def _plain(value: Any) -> Any:
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    return value.isoformat() if isinstance(value, datetime) else value


def _write_table(frame: pd.DataFrame, path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(frame.columns)
        for row in zip(*(frame[name].tolist() for name in frame.columns), strict=True):
            writer.writerow(["" if _plain(value) is None else _plain(value) for value in row])
    return path
