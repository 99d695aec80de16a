"""GeoJSON, read feature by feature in one strict pass: nothing twice, nothing infinite, nothing without end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from json.decoder import JSONDecodeError
from pathlib import Path
from typing import Any, Final, NoReturn

import pyarrow as pa

from geodata.errors import N_, TooMuch, Unreadable
from geodata.files.inside.columns import Kinds, array, assemble, clean_names
from geodata.files.inside.geojson_shapes import wkb_of
from geodata.files.inside.reader import Reader
from geodata.files.inside.recognise import GEOJSON, foreign
from geodata.files.layers import Layer, Limits
from geodata.files.wkb import Scales

_CHUNK: Final = 1 << 20
_MORE: Final = 1 << 26
_LONG_FEATURE: Final = 1 << 20
_LONGEST_VALUE: Final = 1 << 28
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_FINE_SYSTEMS: Final = re.compile(r"(?:CRS:?84|EPSG:(?::|[\d.]+:)?4326)$", re.IGNORECASE)
_EPSG: Final = re.compile(r"EPSG:(?::|[\d.]+:)?(\d{4,6})$", re.IGNORECASE)
_BROKEN: Final = N_("The JSON is broken near character %(at)s.")
_GEOMETRIES: Final = frozenset(
    {"Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"}
)


class GeoJson(Reader):
    """A GeoJSON file: one layer."""

    def __init__(self, path: Path, name: str, limits: Limits) -> None:
        self._path, self._name, self._limits = path, name, limits
        self._kinds = Kinds()
        self._crs: str | None = None

    def layers(self) -> list[Layer]:
        """The one layer; reading through all features is what tells its columns."""
        count = 0
        members: dict[str, Any] = {}
        for row, feature, length in _features(self._path, members):
            count += 1
            if length > _LONG_FEATURE:
                # A giant is refused now, rather than after reading everything twice.
                Scales(self._limits).flat(wkb_of(feature.get("geometry"), row), row)
            if self._limits.features is not None and count > self._limits.features:
                raise too_many_rows(self._limits.features)
            for key, value in (feature.get("properties") or {}).items():
                self._kinds.note(key, value)
        self._crs = _system(members.get("crs"))
        crs = self._crs or "EPSG:4326"
        columns = tuple(clean_names(self._kinds.names))
        return [Layer(self._name, GEOJSON, crs, columns=columns, encoding="UTF-8", count=count)]

    def batches(self, layer: Layer, size: int) -> Iterator[pa.RecordBatch]:
        """Rows in the order of the file."""
        scales = Scales(self._limits)
        rows: list[dict[str, Any]] = []
        shapes: list[bytes | None] = []
        first = 1
        for row, feature, _ in _features(self._path, {}):
            rows.append(feature.get("properties") or {})
            shapes.append(scales.flat(wkb_of(feature.get("geometry"), row), row))
            if len(rows) == size:
                yield self._batch(layer, rows, shapes, first)
                rows, shapes, first = [], [], row + 1
        if rows or first == 1:
            yield self._batch(layer, rows, shapes, first)

    def _batch(
        self, layer: Layer, rows: list[dict[str, Any]], shapes: list[bytes | None], first: int
    ) -> pa.RecordBatch:
        columns = {
            name: array([row.get(key) for row in rows], self._kinds.type_of(key), first)
            for key, name in zip(self._kinds.names, layer.columns, strict=True)
        }
        return assemble(columns, pa.array(shapes, pa.binary()))


def too_many_rows(most: int) -> TooMuch:
    """The refusal of a file with more rows than the door takes."""
    return TooMuch(N_("The file has more than %(most)s rows. Split it."), most=most)


def _features(path: Path, members: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any], int]]:
    """Every feature with its row and length; what else the file says at its top goes into `members`."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            yield from _walk(_Text(file), members)
        except UnicodeDecodeError as error:
            raise Unreadable(N_("The text is not UTF-8, as GeoJSON must be.")) from error


def _walk(text: _Text, members: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any], int]]:
    text.expect("{")
    row = 0
    while not text.at("}"):
        key = text.value()
        if not isinstance(key, str) or key in members:
            raise text.broken()
        text.expect(":")
        if key == "features":
            members[key] = None
            text.expect("[")
            while not text.at("]"):
                row += 1
                yield row, _feature(text.value(), row), text.length
                text.comma("]")
        else:
            members[key] = text.value()
        text.comma("}")
    text.finish()
    if "features" not in members:
        yield 1, _alone(members), _LONG_FEATURE + 1


def _feature(value: Any, row: int) -> dict[str, Any]:
    if not isinstance(value, dict) or value.get("type") != "Feature":
        raise Unreadable(N_("Row %(row)s is no GeoJSON feature."), row=row)
    properties = value.get("properties")
    if properties is not None and not isinstance(properties, dict):
        raise Unreadable(N_("Row %(row)s is no GeoJSON feature."), row=row)
    return value


def _alone(members: dict[str, Any]) -> dict[str, Any]:
    """A file that is a single feature, or a single shape."""
    kind = members.get("type")
    if kind == "Feature":
        return _feature(members, 1)
    if kind in _GEOMETRIES:
        return {"type": "Feature", "properties": None, "geometry": members}
    raise foreign({"Topology": "TopoJSON"}.get(str(kind), "JSON"))


def _system(crs: Any) -> str | None:
    """The foreign system that a crs member names; None where it says what GeoJSON is anyway."""
    if crs is None:
        return None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if isinstance(name, str) and _FINE_SYSTEMS.search(name):
        return None
    code = _EPSG.search(name) if isinstance(name, str) else None
    if code is None:
        raise Unreadable(N_("The file's crs member names no coordinate system that is known."))
    return f"EPSG:{code[1]}"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise Unreadable(N_("The JSON says one thing twice: a key is repeated."))
    return made


def _no_constant(word: str) -> NoReturn:
    raise Unreadable(N_("The JSON holds %(word)s, which is no number."), word=word)


def _number(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise Unreadable(N_("The JSON holds %(word)s, which is no number."), word=digits[:20])
    return value


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= 40 else _number(digits)


class _Text:
    """The file as a window that grows only as far as one value needs."""

    _decoder = json.JSONDecoder(
        object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_number, parse_int=_integer
    )

    def __init__(self, file: Any) -> None:
        self._file = file
        self._window: str = file.read(_CHUNK)
        self._at = self._passed = self.length = 0

    def broken(self) -> Unreadable:
        return Unreadable(_BROKEN, at=self._passed + self._at)

    def at(self, sign: str) -> bool:
        """Whether `sign` comes next; if so it is passed."""
        while True:
            match = _SPACE.match(self._window, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._window) or not self._more(_CHUNK):
                break
        found: bool = self._window.startswith(sign, self._at)
        self._at += len(sign) if found else 0
        return found

    def expect(self, sign: str) -> None:
        if not self.at(sign):
            raise self.broken()

    def comma(self, end: str) -> None:
        """Pass a comma, unless the end comes next."""
        if not self.at(",") and not (self.at(end) and self._step_back(end)):
            raise self.broken()

    def _step_back(self, sign: str) -> bool:
        self._at -= len(sign)
        return True

    def value(self) -> Any:
        """Pass the next value, taking in as much of the file as it needs."""
        self.at("")
        while True:
            try:
                value, end = self._decoder.raw_decode(self._window, self._at)
            except JSONDecodeError as error:
                # Each try begins anew, so the second takes in all that is likely to be needed.
                if not self._more(_MORE if len(self._window) - self._at > _CHUNK // 2 else _CHUNK):
                    self._at = error.pos
                    raise self.broken() from error
                continue
            # A number at the rim of the window may go on behind it.
            if end == len(self._window) and self._more(_CHUNK):
                continue
            self.length, self._at = end - self._at, end
            return value

    def _more(self, size: int) -> bool:
        if len(self._window) - self._at > _LONGEST_VALUE:
            raise TooMuch(N_("One value of the JSON is too long."))
        piece = self._file.read(size)
        self._passed += self._at
        self._window, self._at = self._window[self._at :] + piece, 0
        return bool(piece)

    def finish(self) -> None:
        self.at("")
        if self._at < len(self._window):
            raise self.broken()
