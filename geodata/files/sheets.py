"""CSV and XLSX, in which no text becomes a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely
import xlsxwriter

from geodata.crs import round_lonlat
from geodata.errors import N_, Note, Unwritable
from geodata.systems import system

_FORMULA: Final = re.compile(r"[=+\-@\t\r]")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z")
_PAIRS: Final = (("lon", "lat"), ("lng", "lat"), ("longitude", "latitude"), ("x", "y"), ("经度", "纬度"))
_MOST_ROWS: Final = 1_048_575
_MOST_LETTERS: Final = 32_767


def neutral(text: str) -> str:
    """The text, behind an apostrophe if a spreadsheet would compute it; a plain number is no formula."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.match(text) else text


def write_csv(frames: Iterator[gpd.GeoDataFrame], path: Path, crs: str) -> list[Note]:
    """RFC 4180 in UTF-8: header in the first line, blank for what is missing."""
    header: list[str] | None = None
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for frame in frames:
            table = _flat(frame, crs, header)
            if header is None:
                header = list(table.columns)
                writer.writerow(neutral(str(name)) for name in header)
            columns = [[_cell(value) for value in table[name].tolist()] for name in header]
            writer.writerows(zip(*columns, strict=True))
    return []


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return neutral(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict | tuple):
        return neutral(str(value))
    if value is None or pd.isna(value):
        return ""
    return value.isoformat() if isinstance(value, datetime) else value


def write_xlsx(frames: Iterator[gpd.GeoDataFrame], path: Path, crs: str) -> list[Note]:
    """One sheet, header in the first row; text is text, numbers are numbers, times are times."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd hh:mm:ss",
        "tmpdir": str(path.parent),
    }
    header: list[str] | None = None
    at = 0
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet("data")
        sheet.freeze_panes(1, 0)
        for frame in frames:
            table = _flat(frame, crs, header)
            if header is None:
                header = list(table.columns)
                sheet.write_row(0, 0, [neutral(str(name)) for name in header])
            if at + len(table) > _MOST_ROWS:
                raise Unwritable(N_("A sheet holds %(most)s rows; write .csv or .parquet."), most=_MOST_ROWS)
            columns = [table[name].tolist() for name in header]
            for values in zip(*columns, strict=True):
                at += 1
                for n, value in enumerate(values):
                    _put(sheet, at, n, value)
    return []


def _put(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, str | list | dict | tuple):
        text = neutral(str(value))
        if len(text) > _MOST_LETTERS:
            raise Unwritable(N_("A cell holds %(most)s letters; write .csv or .parquet."), most=_MOST_LETTERS)
        sheet.write_string(row, column, text)
    elif value is None or pd.isna(value):
        return
    elif isinstance(value, datetime):
        # A sheet knows no zones.
        moment = pd.Timestamp(value)
        sheet.write_datetime(
            row, column, (moment.tz_convert("UTC").tz_localize(None) if moment.tz else moment).to_pydatetime()
        )
    else:
        sheet.write_number(row, column, value)


def _flat(frame: gpd.GeoDataFrame, crs: str, header: list[str] | None) -> pd.DataFrame:
    """The table with its places as columns; those of the first frame settle how."""
    shapes = frame.geometry
    table = pd.DataFrame(frame.drop(columns="geometry"))
    names = {str(name).casefold() for name in table.columns}
    x, y = ("lon", "lat") if system(crs).is_geographic else ("x", "y")
    there = shapes.notna().to_numpy()
    wants_points = (shapes.geom_type[there] == "Point").all() if header is None else "wkt" not in header
    has_pair = any(set(pair) <= names for pair in _PAIRS)
    wants_shapes = bool(there.any()) and not has_pair if header is None else {x, y} <= {*header} - names
    if header is not None and "wkt" in header and "wkt" not in names:
        wants_shapes, wants_points = True, False
    if not wants_shapes:
        return table
    if not wants_points:
        return table.assign(wkt=shapely.to_wkt(shapes.to_numpy(), rounding_precision=9 if x == "lon" else 3))
    xy = pd.DataFrame({x: shapes.x, y: shapes.y}, index=frame.index)
    return table.assign(**{name: round_lonlat(xy[name]) for name in (x, y)})
