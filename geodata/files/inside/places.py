"""Where a table without shapes keeps its places: a pair of columns, or a column of well-known text."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geodata.errors import N_, TooMuch, Unreadable
from geodata.files.layers import Limits
from geodata.files.wkb import Scales, points_wkb

# The first of each that is there; longitude and latitude first, as they say themselves what they are.
_PAIRS: Final = (
    (
        ("lon", "lng", "long", "longitude", "经度", "gps_lon", "gps经度"),
        ("lat", "latitude", "纬度", "gps_lat", "gps纬度"),
    ),
    (("x", "东坐标", "x坐标", "坐标x", "easting", "point_x"), ("y", "北坐标", "y坐标", "坐标y", "northing", "point_y")),
)
_TEXTS: Final = ("wkt", "geometry_2", "geom", "the_geom", "shape", "geometry")
_LONGEST_TEXT: Final = 8_000_000
_DEEPEST: Final = 12
_NUMBER: Final = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\s*$"
_WKT: Final = r"(?i)^\s*(SRID=\d+;)?(MULTI)?(POINT|LINESTRING|POLYGON|GEOMETRYCOLLECTION)\b"


class Places:
    """
    Finds the places of rows.

    Parameters
    ----------
    columns
        The names of the table.
    x, y
        The columns that a person named, or None for those that are commonly named so.

    Raises
    ------
    Unreadable
        If a named column is not there.
    """

    def __init__(self, columns: list[str], x: str | None, y: str | None, limits: Limits) -> None:
        self._limits = limits
        self._scales = Scales(limits)
        by_name = {name.casefold(): name for name in reversed(columns)}
        self.x = self.y = self.text = self.crs = None
        if x is not None or y is not None:
            self.x, self.y = _named(x, columns), _named(y, columns)
            return
        for n, (xs, ys) in enumerate(_PAIRS):
            across = next((by_name[name] for name in xs if name in by_name), None)
            up = next((by_name[name] for name in ys if name in by_name), None)
            if across and up:
                self.x, self.y = across, up
                self.crs = "EPSG:4326" if n == 0 else None
                return
        self.text = next((by_name[name] for name in _TEXTS if name in by_name), None)

    def shapes(self, columns: dict[str, pa.Array], first_row: int) -> pa.Array | None:
        """The shapes of some rows as WKB; a row whose cells are no place has none. None for a table without places."""
        if self.x is not None and self.y is not None:
            return self._points(columns[self.x], columns[self.y])
        if self.text is not None:
            return self._texts(columns[self.text], first_row)
        return None

    def _points(self, across: pa.Array, up: pa.Array) -> pa.Array:
        x, y = _numbers(across), _numbers(up)
        there = np.isfinite(x) & np.isfinite(y)
        self._scales.flat_points(x[there])
        flat = points_wkb(x[there], y[there])
        ends = np.concatenate([[0], np.cumsum(there * flat.shape[1])])
        if ends[-1] >= 2**31:
            raise TooMuch(N_("More comes out of the file than this door takes. Split it, or send less at a time."))
        bits = pa.array(there).buffers()[1]
        return pa.Array.from_buffers(
            pa.binary(), len(x), [bits, pa.py_buffer(ends.astype("<i4")), pa.py_buffer(flat.tobytes())]
        )

    def _texts(self, texts: pa.Array, first_row: int) -> pa.Array:
        import shapely

        shapes: list[bytes | None] = []
        for n, text in enumerate(texts.cast(pa.string()).to_pylist()):
            row = first_row + n
            if text is None or not text.strip():
                shapes.append(None)
                continue
            # Judged as text first: the parser of well-known text calls itself for each bracket.
            if len(text) > _LONGEST_TEXT or _depth(text) > _DEEPEST:
                raise Unreadable(N_("The shape in row %(row)s is a collection of collections, too deep."), row=row)
            if not pc.match_substring_regex(pa.scalar(text[:60]), _WKT).as_py():
                shapes.append(None)
                continue
            shape = shapely.from_wkt(text.split(";", 1)[-1], on_invalid="ignore")
            if shape is None:
                raise Unreadable(N_("The shape in row %(row)s is damaged."), row=row)
            shapes.append(self._scales.flat(shapely.to_wkb(shape), row))
        return pa.array(shapes, pa.binary())


def _depth(text: str) -> int:
    deepest = depth = 0
    for sign in text:
        if sign == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif sign == ")":
            depth -= 1
    return deepest


def _numbers(column: pa.Array) -> np.ndarray:
    """The values as numbers, NaN where a cell is none."""
    if not pa.types.is_string(column.type):
        return np.asarray(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), float)
    fits = pc.match_substring_regex(column, _NUMBER)
    texts = pc.utf8_trim_whitespace(pc.if_else(fits, column, None))
    return np.asarray(pc.replace_substring_regex(texts, r"^\+", "").cast(pa.float64()).to_numpy(zero_copy_only=False))


def _named(name: str | None, columns: list[str]) -> str:
    if name not in columns:
        raise Unreadable(
            N_("There is no column %(name)s. The columns are: %(columns)s."),
            name=name or "--x, --y",
            columns=", ".join(columns)[:300],
        )
    return name
