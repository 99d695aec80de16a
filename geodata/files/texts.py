"""GeoJSON and KML, written row by row."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.crs import round_lonlat
from geodata.errors import Note

_LONG: Final = re.compile(r"-?\d+\.\d{10,}(?:e-?\d+)?")
_NOT_IN_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_KML_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>\n'


def write_geojson(frames: Iterator[gpd.GeoDataFrame], path: Path, crs: str) -> list[Note]:
    """RFC 7946: WGS 84, outer rings counter-clockwise, 9 decimals, one feature a line."""
    comma = ""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"type":"FeatureCollection","features":[\n')
        for frame in frames:
            for properties, geometry in zip(_rows(frame), _geojson(frame.geometry), strict=True):
                told = json.dumps(properties, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
                file.write(f'{comma}{{"type":"Feature","properties":{told},"geometry":{geometry}}}')
                comma = ",\n"
        file.write("\n]}\n")
    return []


def _geojson(shapes: gpd.GeoSeries) -> list[str]:
    rounded = shapely.transform(shapely.orient_polygons(shapes.to_numpy(), exterior_cw=False), round_lonlat)
    # GEOS prints a double now and then with more digits than it needs; Python's own form is the shortest.
    return [
        "null" if text is None else _LONG.sub(lambda digits: repr(float(digits[0])), text)
        for text in shapely.to_geojson(rounded)
    ]


def _rows(frame: gpd.GeoDataFrame) -> Iterator[dict[str, Any]]:
    names = [name for name in frame.columns if name != "geometry"]
    columns = [[plain(value) for value in frame[name].tolist()] for name in names]
    for n in range(len(frame)):
        yield {str(name): column[n] for name, column in zip(names, columns, strict=True)}


def plain(value: Any) -> Any:
    """A value as JSON can say it; what is missing or no number is null."""
    if isinstance(value, list | tuple | dict | np.ndarray):
        return json.loads(json.dumps(value, default=str))
    if value is None or pd.isna(value) or (isinstance(value, float) and np.isinf(value)):
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.item() if isinstance(value, np.generic) else value if isinstance(value, int | float) else str(value)


def write_kml(frames: Iterator[gpd.GeoDataFrame], path: Path, crs: str) -> list[Note]:
    """A placemark a row: its ``name``, the other values as extended data, its shape."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(_KML_HEAD)
        for frame in frames:
            for values, shape in zip(_rows(frame), frame.geometry, strict=True):
                file.write(f"<Placemark>{_kml_values(values)}{_kml_shape(shape)}</Placemark>\n")
        file.write("</Document></kml>\n")
    return []


def _kml_values(values: dict[str, Any]) -> str:
    name = values.get("name")
    said = "" if name is None else f"<name>{_xml(name)}</name>"
    data = "".join(
        f"<Data name={quoteattr(_NOT_IN_XML.sub('', key))}><value>{_xml(value)}</value></Data>"
        for key, value in values.items()
        if value is not None and key != "name"
    )
    return f"{said}<ExtendedData>{data}</ExtendedData>" if data else said


def _xml(value: Any) -> str:
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    return escape(_NOT_IN_XML.sub("", text))


def _kml_shape(shape: Any) -> str:
    if shape is None or shape.is_empty:
        return ""
    if hasattr(shape, "geoms"):
        return f"<MultiGeometry>{''.join(map(_kml_shape, shape.geoms))}</MultiGeometry>"
    if shape.geom_type == "Polygon":
        inner = "".join(
            f"<innerBoundaryIs>{_kml_line(ring, 'LinearRing')}</innerBoundaryIs>" for ring in shape.interiors
        )
        return f"<Polygon><outerBoundaryIs>{_kml_line(shape.exterior, 'LinearRing')}</outerBoundaryIs>{inner}</Polygon>"
    return _kml_line(shape, shape.geom_type)


def _kml_line(line: Any, element: str) -> str:
    places = " ".join(f"{x!r},{y!r}" for x, y in round_lonlat(shapely.get_coordinates(line)).tolist())
    return f"<{element}><coordinates>{places}</coordinates></{element}>"
