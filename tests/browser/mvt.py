"""Vector tiles written by hand, so that the map can be tested without a database."""

import struct
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

EXTENT = 4096
MARGIN = 64
WORLD_M = 2 * 20037508.342789244

Row = tuple[BaseGeometry, dict[str, Any], int | None]


def tile_bounds(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """West, south, east, north of a tile in EPSG:3857 metres."""
    side = WORLD_M / 2**z
    west, north = x * side - WORLD_M / 2, WORLD_M / 2 - y * side
    return west, north - side, west + side, north


def encode_tile(layers: dict[str, Iterable[Row]], z: int, x: int, y: int) -> bytes:
    """One tile: layer name -> rows of (geometry in EPSG:3857, properties, id)."""
    return b"".join(_field(3, _layer(name, rows, tile_bounds(z, x, y))) for name, rows in layers.items())


def _layer(name: str, rows: Iterable[Row], bounds: tuple[float, float, float, float]) -> bytes:
    west, south, east, north = bounds
    unit = (east - west) / EXTENT
    room = MARGIN * unit
    frame = shapely.box(west - room, south - room, east + room, north + room)
    keys: dict[str, int] = {}
    values: dict[bytes, int] = {}
    body = []
    for shape, properties, ident in rows:
        for part in _parts(shape if shapely.covers(frame, shape) else shapely.intersection(shape, frame)):
            commands, kind = _geometry(part, west, north, unit)
            if not commands:
                continue
            tags = []
            for key, value in properties.items():
                if value is not None:
                    tags.append(keys.setdefault(key, len(keys)))
                    tags.append(values.setdefault(_value(value), len(values)))
            feature = _field(2, b"".join(map(_varint, tags)))
            feature += _number(3, kind) + _field(4, b"".join(map(_varint, commands)))
            body.append(_field(2, (b"" if ident is None else _number(1, ident)) + feature))
    head = _field(1, name.encode()) + b"".join(body)
    head += b"".join(_field(3, key.encode()) for key in keys) + b"".join(_field(4, value) for value in values)
    return head + _number(5, EXTENT) + _number(15, 2)


def _parts(shape: BaseGeometry) -> list[BaseGeometry]:
    return [part for part in shapely.get_parts(shape) if not part.is_empty]


def _geometry(shape: BaseGeometry, west: float, north: float, unit: float) -> tuple[list[int], int]:
    def lattice(ring: BaseGeometry) -> list[tuple[int, int]]:
        points = [(round((x - west) / unit), round((north - y) / unit)) for x, y in shapely.get_coordinates(ring)]
        return points[:1] + [b for a, b in pairwise(points) if a != b]

    pen = [0, 0]
    if shape.geom_type == "Point":
        return _draw(lattice(shape), pen), 1
    if shape.geom_type == "LineString":
        line = lattice(shape)
        return (_draw(line, pen), 2) if len(line) > 1 else ([], 2)
    out: list[int] = []
    if shape.geom_type == "Polygon":
        # On the screen y grows downwards, so an outer ring that runs clockwise there is counter-clockwise here.
        for ring in (shapely.orient_polygons(shape).exterior, *shapely.orient_polygons(shape).interiors):
            points = lattice(ring)[::-1][:-1]
            if len(points) > 2:
                out += [*_draw(points, pen), 15]
    return out, 3


def _draw(points: list[tuple[int, int]], pen: list[int]) -> list[int]:
    out = []
    for at, (x, y) in enumerate(points):
        if at == 0:
            out.append(9)
        elif at == 1:
            out.append((len(points) - 1) << 3 | 2)
        out += [_zigzag(x - pen[0]), _zigzag(y - pen[1])]
        pen[:] = x, y
    return out


def _zigzag(n: int) -> int:
    return n << 1 ^ n >> 31


def _varint(n: int) -> bytes:
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    return bytes([*out, n])


def _field(number: int, payload: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _value(value: Any) -> bytes:
    if isinstance(value, bool):
        return _number(7, int(value))
    if isinstance(value, str):
        return _field(1, value.encode())
    if isinstance(value, int) and value >= 0:
        return _number(5, value)
    return _varint(3 << 3 | 1) + struct.pack("<d", value)
