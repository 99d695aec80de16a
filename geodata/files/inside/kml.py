"""
KML, by its own words: placemarks with names, extended data and shapes. Nothing that it links to is fetched.

Documents and folders are one layer; altitudes, styles and network links are passed over.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

import pyarrow as pa

from geodata.errors import N_, TooMuch, Unreadable
from geodata.files.inside.archives import guarded_parser
from geodata.files.inside.columns import array, assemble, clean_names
from geodata.files.inside.geojson import too_many_rows
from geodata.files.inside.geojson_shapes import wkb_of
from geodata.files.inside.reader import Reader
from geodata.files.inside.recognise import KML
from geodata.files.layers import MOST_COLUMNS, Layer, Limits
from geodata.files.wkb import Scales

_CHUNK: Final = 1 << 18
_DEEPEST: Final = 64
_LONGEST_TEXT: Final = 64 << 20
_SHAPES: Final = frozenset({"Point", "LineString", "LinearRing", "Polygon", "MultiGeometry"})
_WRONG: Final = N_("The shape in row %(row)s is damaged.")


class Kml(Reader):
    """A KML file: one layer."""

    def __init__(self, path: Path, name: str, limits: Limits) -> None:
        self._path, self._name, self._limits = path, name, limits

    def layers(self) -> list[Layer]:
        """The one layer; reading through all placemarks tells its columns."""
        names: dict[str, None] = {}
        count = 0
        for count, (values, _) in enumerate(self._placemarks(), start=1):
            if self._limits.features is not None and count > self._limits.features:
                raise too_many_rows(self._limits.features)
            names.update(dict.fromkeys(values))
            if len(names) > MOST_COLUMNS:
                raise TooMuch(N_("The table has more than %(most)s columns."), most=MOST_COLUMNS)
        self._raw = list(names)
        return [Layer(self._name, KML, "EPSG:4326", columns=tuple(clean_names(names)), encoding="UTF-8", count=count)]

    def batches(self, layer: Layer, size: int) -> Iterator[pa.RecordBatch]:
        """Rows in the order of the file."""
        scales = Scales(self._limits)
        rows: list[dict[str, str]] = []
        shapes: list[bytes | None] = []
        first = 1
        for row, (values, geometry) in enumerate(self._placemarks(), start=1):
            rows.append(values)
            shapes.append(scales.flat(_wkb(geometry, row), row))
            if len(rows) == size:
                yield self._batch(layer, rows, shapes, first)
                rows, shapes, first = [], [], row + 1
        if rows or first == 1:
            yield self._batch(layer, rows, shapes, first)

    def _batch(
        self, layer: Layer, rows: list[dict[str, str]], shapes: list[bytes | None], first: int
    ) -> pa.RecordBatch:
        columns = {
            name: array([row.get(raw) for row in rows], pa.string(), first)
            for raw, name in zip(self._raw, layer.columns, strict=True)
        }
        return assemble(columns, pa.array(shapes, pa.binary()))

    def _placemarks(self) -> Iterator[tuple[dict[str, str], dict[str, Any] | None]]:
        parser = guarded_parser()
        walk = _Walk()
        parser.StartElementHandler, parser.EndElementHandler = walk.start, walk.end
        parser.CharacterDataHandler = walk.text
        parser.buffer_text = True
        with self._path.open("rb") as file:
            last = False
            while not last:
                piece = file.read(_CHUNK)
                last = not piece
                try:
                    parser.Parse(piece, last)
                except expat.ExpatError as error:
                    raise Unreadable(
                        N_("The XML of %(name)s is broken in line %(line)s."), name=self._name, line=error.lineno
                    ) from error
                yield from walk.done
                walk.done.clear()


class _Walk:
    """What has been met on the way through the elements."""

    def __init__(self) -> None:
        self.done: list[tuple[dict[str, str], dict[str, Any] | None]] = []
        self._path: list[str] = []
        self._text: list[str] = []
        self._size = 0
        self._values: dict[str, str] | None = None
        self._key = ""
        self._open: list[dict[str, Any]] = []
        self._shape: dict[str, Any] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        element = name.rpartition(" ")[2]
        self._path.append(element)
        if len(self._path) > _DEEPEST:
            raise Unreadable(N_("The file nests things too deep to be what it says it is."))
        self._text, self._size = [], 0
        if element == "Placemark":
            self._values, self._shape = {}, None
        elif element in ("Data", "SimpleData"):
            self._key = attributes.get("name", "")
        elif element in _SHAPES and self._values is not None:
            self._open.append({"kind": element, "parts": [], "rings": [], "positions": []})

    def text(self, said: str) -> None:
        self._size += len(said)
        if self._size > _LONGEST_TEXT:
            raise TooMuch(N_("One value of the XML is too long."))
        self._text.append(said)

    def end(self, name: str) -> None:
        element = self._path.pop()
        values, said = self._values, "".join(self._text)
        if values is None:
            return
        above = self._path[-1] if self._path else ""
        if element == "Placemark":
            self.done.append((values, self._shape))
            self._values = None
        elif element in ("name", "description") and above == "Placemark":
            values[element] = said.strip()
        elif (element == "value" and above == "Data") or element == "SimpleData":
            values.setdefault(self._key, said.strip())
        elif element == "coordinates" and self._open:
            self._open[-1]["positions"] = said
        elif element in _SHAPES and self._open:
            self._close(self._open.pop())
        self._text = []

    def _close(self, shape: dict[str, Any]) -> None:
        above = self._open[-1] if self._open else None
        if above is None:
            self._shape = shape
        elif above["kind"] == "Polygon" and shape["kind"] == "LinearRing":
            # The outer ring comes first wherever it stands in the file.
            outer = "outerBoundaryIs" in self._path[-2:]
            above["rings"].insert(0 if outer else len(above["rings"]), shape["positions"])
        else:
            above["parts"].append(shape)


def _wkb(shape: dict[str, Any] | None, row: int) -> bytes | None:
    """A shape as it was met, as well-known binary; parts of one kind become its multiple."""
    if shape is None:
        return None
    if shape["kind"] == "MultiGeometry":
        parts = [part for part in (_wkb(part, row) for part in shape["parts"]) if part is not None]
        kinds = {struct.unpack_from("<I", part, 1)[0] for part in parts}
        code = kinds.pop() + 3 if len(kinds) == 1 and kinds <= {1, 2, 3} else 7
        return struct.pack("<BII", 1, code, len(parts)) + b"".join(parts)
    if shape["kind"] == "Polygon":
        rings = [_positions(ring, row) for ring in shape["rings"]]
        return wkb_of({"type": "Polygon", "coordinates": rings}, row)
    positions = _positions(shape["positions"], row)
    if shape["kind"] == "Point":
        return wkb_of({"type": "Point", "coordinates": positions[0] if positions else []}, row)
    return wkb_of({"type": "LineString", "coordinates": positions}, row)


def _positions(said: str | list[Any], row: int) -> list[list[float]]:
    try:
        return [[float(number) for number in place.split(",")[:2]] for place in str(said or "").split()]
    except ValueError as error:
        raise Unreadable(_WRONG, row=row) from error
