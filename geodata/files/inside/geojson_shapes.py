"""Shapes of GeoJSON as well-known binary."""

from __future__ import annotations

import struct
from typing import Any, Final

import numpy as np

from geodata.errors import N_, Unreadable

_HEAD: Final = struct.Struct("<BI")
_COUNTED: Final = struct.Struct("<BII")
_POINT: Final = struct.Struct("<BIdd")
_DEEPEST: Final = 100
_EMPTY_POINT: Final = _POINT.pack(1, 1, float("nan"), float("nan"))
_WRONG: Final = N_("The shape in row %(row)s is no GeoJSON geometry.")
_MULTI: Final = {"MultiPoint": (4, "Point"), "MultiLineString": (5, "LineString"), "MultiPolygon": (6, "Polygon")}


def wkb_of(geometry: Any, row: int) -> bytes | None:
    """
    A GeoJSON geometry as well-known binary, in two dimensions.

    Raises
    ------
    Unreadable
        If it is no geometry: a foreign type, or coordinates that are no lists of numbers.
    """
    if geometry is None:
        return None
    try:
        return _geometry(geometry, 0)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, struct.error) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(_WRONG, row=row) from error


def _geometry(geometry: dict[str, Any], depth: int) -> bytes:
    kind = geometry["type"]
    if kind == "GeometryCollection":
        if depth > _DEEPEST:
            raise ValueError("too deep")
        parts = [_geometry(part, depth + 1) for part in _listed(geometry["geometries"])]
        return _COUNTED.pack(1, 7, len(parts)) + b"".join(parts)
    coordinates = _listed(geometry["coordinates"])
    if kind in _MULTI:
        code, part_kind = _MULTI[kind]
        parts = [_simple(part_kind, _listed(part)) for part in coordinates]
        return _COUNTED.pack(1, code, len(parts)) + b"".join(parts)
    return _simple(kind, coordinates)


def _simple(kind: str, coordinates: list[Any]) -> bytes:
    if kind == "Point":
        if not coordinates:
            return _EMPTY_POINT
        x, y = coordinates[:2]
        if type(x) not in (int, float) or type(y) not in (int, float):
            raise TypeError("a coordinate is no number")
        return _POINT.pack(1, 1, x, y)
    if kind == "LineString":
        return _HEAD.pack(1, 2) + _run(coordinates)
    if kind == "Polygon":
        return _COUNTED.pack(1, 3, len(coordinates)) + b"".join(_run(_listed(ring)) for ring in coordinates)
    raise ValueError("a foreign type")


def _run(positions: list[Any]) -> bytes:
    if not positions:
        return struct.pack("<I", 0)
    try:
        xy = np.array(positions)
    except ValueError:  # heights here and there
        xy = np.array([position[:2] for position in positions])
    if xy.ndim != 2 or xy.shape[1] < 2 or xy.dtype.kind not in "iuf":
        raise ValueError("no positions")
    return struct.pack("<I", len(xy)) + xy[:, :2].astype("<f8").tobytes()


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("no list")
    return value
