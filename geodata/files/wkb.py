"""
Well-known binary, judged before anything is built of it.

A geometry is walked over as bytes: its counts are held against its length and the limits, its coordinates must be
finite, and what comes out is flat (x, y) and little-endian, whatever came in. No library has seen it until then.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

import numpy as np

from geodata.errors import N_, TooMuch, Unreadable
from geodata.files.layers import Limits

if TYPE_CHECKING:
    import pyarrow as pa

POINT, LINE, POLYGON, COLLECTION = 1, 2, 3, 7
_POINT_BYTES: Final = 21
_POINT: Final = np.dtype([("order", "u1"), ("kind", "<u4"), ("x", "<f8"), ("y", "<f8")])
_PARTS: Final = {4: POINT, 5: LINE, 6: POLYGON, 7: None}
_Z_EXTENDED, _M_EXTENDED, _SRID_EXTENDED = 0x80000000, 0x40000000, 0x20000000
_HEAD: Final = {1: struct.Struct("<BI"), 0: struct.Struct(">BI")}
_COUNT: Final = {1: struct.Struct("<I"), 0: struct.Struct(">I")}

_DAMAGED: Final = N_("The shape in row %(row)s is damaged.")
_KIND: Final = N_("Row %(row)s holds a curve or a surface; points, lines and polygons are taken.")
_FINITE: Final = N_("Row %(row)s has a coordinate that is no finite number.")


class Scales:
    """
    Judges the geometries of one file, and keeps the sum.

    Parameters
    ----------
    limits
        How much a geometry, and all together, may hold.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._vertices_all = 0

    def flat(self, wkb: bytes | None, row: int) -> bytes | None:
        """
        Judge one geometry.

        Parameters
        ----------
        wkb
            The geometry, ISO or extended, or None.
        row
            As people count, for the sentence.

        Returns
        -------
        wkb
            The same in two dimensions; None for an empty one.

        Raises
        ------
        Unreadable
            If it is damaged, holds a coordinate that is not finite, a curve, or more than the limits allow.
        """
        if wkb is None:
            return None
        walk = _Walk(wkb, self._limits, row)
        out = walk.geometry(0)
        if walk.at != len(wkb):
            raise Unreadable(_DAMAGED, row=row)
        self._add(walk.vertices)
        return out if walk.vertices else None

    def flat_each(self, shapes: pa.Array, first_row: int) -> list[bytes | None]:
        """
        Judge n geometries; millions of flat points in a moment.

        Parameters
        ----------
        shapes
            n geometries as WKB, in an Arrow array of binary.
        first_row
            The row of the first, for the sentence.

        Returns
        -------
        wkb
            n geometries, each as `flat` gives it.
        """
        each: list[bytes | None] = shapes.to_pylist()
        there = [wkb for wkb in each if wkb is not None]
        if there and set(map(len, there)) == {_POINT_BYTES}:
            points = np.frombuffer(b"".join(there), _POINT)
            plain = (points["order"] == 1) & (points["kind"] == POINT)
            if (plain & np.isfinite(points["x"]) & np.isfinite(points["y"])).all():
                self._add(len(there))
                return each
        return [self.flat(wkb, first_row + n) for n, wkb in enumerate(each)]

    def flat_points(self, values: np.ndarray) -> None:
        """Count n points that were made here and need no judging."""
        self._add(len(values))

    def _add(self, vertices: int) -> None:
        self._vertices_all += vertices
        most = self._limits.vertices_all
        if most is not None and self._vertices_all > most:
            raise TooMuch(N_("The file has more than %(most)s vertices. Split it, or simplify its lines."), most=most)


class _Walk:
    """One walk over one geometry."""

    def __init__(self, wkb: bytes, limits: Limits, row: int) -> None:
        self.at = 0
        self.vertices = 0
        self._rings = self._parts = 0
        self._wkb, self._limits, self._row = wkb, limits, row

    def geometry(self, depth: int, only: int | None = None) -> bytes:
        """The geometry that begins here, flat; `only` is the kind that a collection asks for."""
        kind, order, dimensions = self._head()
        if only is not None and kind != only:
            raise Unreadable(_DAMAGED, row=self._row)
        head = struct.pack("<BI", 1, kind)
        if kind == POINT:
            return head + self._point(order, dimensions)
        if kind == LINE:
            return head + self._line(order, dimensions)
        if kind == POLYGON:
            count = self._count(order, 4)
            self._rings = self._held(self._rings + count, self._limits.rings, "rings")
            return head + struct.pack("<I", count) + b"".join(self._ring(order, dimensions) for _ in range(count))
        if depth >= self._limits.nesting:
            raise Unreadable(N_("The shape in row %(row)s is a collection of collections, too deep."), row=self._row)
        count = self._count(order, 9)
        self._parts = self._held(self._parts + count, self._limits.parts, "parts")
        parts = b"".join(self.geometry(depth + 1, _PARTS[kind]) for _ in range(count))
        return head + struct.pack("<I", count) + parts

    def _head(self) -> tuple[int, int, int]:
        if self.at + 5 > len(self._wkb) or self._wkb[self.at] not in _HEAD:
            raise Unreadable(_DAMAGED, row=self._row)
        order, code = _HEAD[self._wkb[self.at]].unpack_from(self._wkb, self.at)
        self.at += 9 if code & _SRID_EXTENDED else 5
        extra = bool(code & _Z_EXTENDED) + bool(code & _M_EXTENDED)
        thousands, kind = divmod(code & 0x1FFFFFFF, 1000)
        if thousands > 3 or not 1 <= kind <= COLLECTION:
            raise Unreadable(_KIND if thousands <= 3 and kind <= 17 else _DAMAGED, row=self._row)
        return kind, order, 2 + extra + (0, 1, 1, 2)[thousands]

    def _count(self, order: int, least_bytes: int) -> int:
        """How many things follow, each of at least so many bytes: more cannot be in what is left."""
        if self.at + 4 > len(self._wkb):
            raise Unreadable(_DAMAGED, row=self._row)
        (count,) = _COUNT[order].unpack_from(self._wkb, self.at)
        self.at += 4
        if count * least_bytes > len(self._wkb) - self.at:
            raise Unreadable(_DAMAGED, row=self._row)
        return int(count)

    def _held(self, count: int, most: int | None, what: str) -> int:
        if most is not None and count > most:
            raise TooMuch(_TOO_MANY[what], row=self._row, most=most)
        return count

    def _point(self, order: int, dimensions: int) -> bytes:
        xy = self._coordinates(order, dimensions, 1)
        if np.isnan(xy).all():  # how an empty point is written
            return xy.tobytes()
        self.vertices += 1
        return self._finite(xy).tobytes()

    def _line(self, order: int, dimensions: int) -> bytes:
        xy = self._run(order, dimensions)
        if len(xy) == 1:
            raise Unreadable(N_("The line in row %(row)s has one vertex only."), row=self._row)
        return struct.pack("<I", len(xy)) + xy.tobytes()

    def _ring(self, order: int, dimensions: int) -> bytes:
        xy = self._run(order, dimensions)
        if len(xy) and (len(xy) < 4 or (xy[0] != xy[-1]).any()):
            raise Unreadable(N_("The polygon in row %(row)s has a ring that does not close."), row=self._row)
        return struct.pack("<I", len(xy)) + xy.tobytes()

    def _run(self, order: int, dimensions: int) -> np.ndarray:
        count = self._count(order, 8 * dimensions)
        self.vertices = self._held(self.vertices + count, self._limits.vertices_each, "vertices")
        return self._finite(self._coordinates(order, dimensions, count))

    def _coordinates(self, order: int, dimensions: int, count: int) -> np.ndarray:
        size = count * dimensions
        if self.at + 8 * size > len(self._wkb):
            raise Unreadable(_DAMAGED, row=self._row)
        every = np.frombuffer(self._wkb, "<f8" if order else ">f8", size, self.at)
        self.at += 8 * size
        return np.ascontiguousarray(every.reshape(count, dimensions)[:, :2], dtype="<f8")

    def _finite(self, xy: np.ndarray) -> np.ndarray:
        if not np.isfinite(xy).all():
            raise Unreadable(_FINITE, row=self._row)
        return xy


_TOO_MANY: Final = {
    "rings": N_("The shape in row %(row)s has more than %(most)s rings."),
    "parts": N_("The shape in row %(row)s has more than %(most)s parts."),
    "vertices": N_("The shape in row %(row)s has more than %(most)s vertices. Simplify its lines."),
}


def points_wkb(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Points as n rows of 21 bytes, little-endian."""
    made = np.empty(len(x), dtype=_POINT)
    made["order"], made["kind"], made["x"], made["y"] = 1, POINT, x, y
    return made.view(np.uint8).reshape(len(x), _POINT_BYTES)
