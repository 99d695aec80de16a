"""
GeoPackage, read through SQLite alone: read-only, its schema distrusted, nothing in it that acts.

Triggers keep a package's own indexes in step when it is written to; those that the standard and its common writers
lay down are known by what they touch. We never write, so none can run; any other is the mark of a foreign purpose.
"""

from __future__ import annotations

import re
import sqlite3
import struct
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from geodata.errors import N_, Unreadable
from geodata.files.inside.columns import Kinds, array, as_moment, assemble, clean_names
from geodata.files.inside.geojson import too_many_rows
from geodata.files.inside.reader import Reader
from geodata.files.inside.recognise import GEOPACKAGE
from geodata.files.inside.systems import system_of
from geodata.files.layers import Layer, Limits
from geodata.files.wkb import Scales

_DAMAGED: Final = N_("The GeoPackage is damaged.")
_ACTING: Final = N_("The GeoPackage has a %(kind)s, %(name)s. Only plain tables are read; export it anew without.")
_OWN_TRIGGER: Final = re.compile(r"(rtree|trigger_(insert|delete|update)|gpkg|fid)_", re.IGNORECASE)
_OWN_STEP: Final = re.compile(
    r"\s*(INSERT(\s+OR\s+REPLACE)?\s+INTO|DELETE\s+FROM|UPDATE)\s+\"?(rtree_|gpkg_)|\s*SELECT\s+RAISE\s*\(",
    re.IGNORECASE,
)
_TRIGGER_BODY: Final = re.compile(r"\bBEGIN\b(.*)\bEND\b", re.IGNORECASE | re.DOTALL)
_OWN_VIRTUAL: Final = re.compile(r"CREATE VIRTUAL TABLE \"?rtree_\S+ USING rtree\s*\(", re.IGNORECASE)
_ENVELOPE_BYTES: Final = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
_MOMENT: Final = re.compile(r"DATE", re.IGNORECASE)
_ROW_NUMBERS: Final = ("fid", "ogc_fid")
_LONGEST_CELL: Final = 256 * 1024 * 1024


class GeoPackage(Reader):
    """A GeoPackage: a layer per table of features or attributes."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        # Immutable: no journal is played back, no lock is taken, nothing is written beside it.
        self._db = sqlite3.connect(f"file:{path.as_posix()}?mode=ro&immutable=1", uri=True)
        self._db.text_factory = bytes
        self._db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_CELL)
        self._shapes: dict[str, str] = {}
        self._columns: dict[str, list[str]] = {}

    def layers(self) -> list[Layer]:
        """Its tables, after a look at everything in its schema."""
        try:
            for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "query_only=ON", "mmap_size=0"):
                self._db.execute(f"PRAGMA {pragma}")
            self._refuse_what_acts()
            return [self._layer(*row) for row in self._contents()]
        except (sqlite3.Error, struct.error) as error:
            raise Unreadable(_DAMAGED) from error

    def batches(self, layer: Layer, size: int) -> Iterator[pa.RecordBatch]:
        """Rows in the order of the table."""
        try:
            yield from self._rows(layer, size)
        except sqlite3.Error as error:
            raise Unreadable(_DAMAGED) from error

    def _refuse_what_acts(self) -> None:
        for kind, name, sql in self._db.execute("SELECT type, name, sql FROM sqlite_master"):
            kind, name, sql = _text(kind), _text(name), _text(sql or b"")
            if kind == "view":
                raise Unreadable(_ACTING, kind=N_("view"), name=name)
            if kind == "trigger" and not _keeps_an_index(name, sql):
                raise Unreadable(_ACTING, kind=N_("trigger"), name=name)
            if re.match(r"CREATE\s+VIRTUAL", sql, re.IGNORECASE) and not _OWN_VIRTUAL.match(sql):
                raise Unreadable(_ACTING, kind=N_("virtual table"), name=name)

    def _contents(self) -> list[tuple[str, str | None, int | None]]:
        """Table, column of its shapes, number of its system."""
        found = self._db.execute(
            "SELECT c.table_name, g.column_name, g.srs_id FROM gpkg_contents c "
            "LEFT JOIN gpkg_geometry_columns g ON g.table_name = c.table_name "
            "WHERE c.data_type IN ('features', 'attributes') AND c.table_name NOT LIKE 'gpkg_%' ORDER BY c.rowid"
        ).fetchall()
        return [(_text(table), None if column is None else _text(column), srs) for table, column, srs in found]

    def _layer(self, table: str, shape: str | None, srs: int | None) -> Layer:
        columns = []
        for _, raw, declared, _, _, key, hidden in self._db.execute(f"PRAGMA table_xinfo({_quoted(table)})"):
            name = _text(raw)
            if hidden in (2, 3):
                raise Unreadable(_ACTING, kind=N_("computed column"), name=name)
            counts_rows = key == 1 and name.lower() in _ROW_NUMBERS
            if name != shape and not counts_rows and b"BLOB" not in declared.upper():
                columns.append(name)
        self._columns[table], self._shapes[table] = columns, shape or ""
        (count,) = self._db.execute(f"SELECT count(*) FROM {_quoted(table)}").fetchone()
        if self._limits.features is not None and count > self._limits.features:
            raise too_many_rows(self._limits.features)
        crs = self._system(srs) if shape else None
        return Layer(table, GEOPACKAGE, crs, columns=tuple(clean_names(columns)), encoding="UTF-8", count=count)

    def _system(self, srs: int | None) -> str | None:
        row = self._db.execute(
            "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
            [srs],
        ).fetchone()
        if row is None or srs is None or srs <= 0:
            return None
        organization, number, definition = row
        if _text(organization).upper() == "EPSG" and isinstance(number, int):
            return system_of(f"EPSG:{number}")
        return system_of(_text(definition))

    def _rows(self, layer: Layer, size: int) -> Iterator[pa.RecordBatch]:
        columns, shape = self._columns[layer.name], self._shapes[layer.name]
        wanted = ", ".join(map(_quoted, [*columns, *([shape] if shape else [])])) or "NULL"
        moments = self._moments(layer.name)
        kinds = self._kinds(layer.name, columns, moments)
        scales = Scales(self._limits)
        cursor = self._db.execute(f"SELECT {wanted} FROM {_quoted(layer.name)}")
        first = 1
        while True:
            rows = cursor.fetchmany(size)
            if not rows and first > 1:
                return
            values = list(zip(*rows, strict=True)) or [()] * (len(columns) + 1)
            arrays = {
                name: array([_value(v, raw in moments) for v in cells], kinds.type_of(raw), first)
                for name, raw, cells in zip(layer.columns, columns, values, strict=False)
            }
            shapes = [scales.flat(_wkb(v, first + n), first + n) for n, v in enumerate(values[-1])] if shape else None
            yield assemble(arrays, None if shapes is None else pa.array(shapes, pa.binary()))
            first += len(rows)
            if not rows:
                return

    def _moments(self, table: str) -> set[str]:
        info = self._db.execute(f"PRAGMA table_xinfo({_quoted(table)})").fetchall()
        return {_text(row[1]) for row in info if _MOMENT.match(_text(row[2]))}

    def _kinds(self, table: str, columns: list[str], moments: set[str]) -> Kinds:
        """SQLite lets each cell choose its own type: one look over the column says what fits them all."""
        kinds = Kinds()
        for name in columns:
            kinds.note(name, None)
            column = _quoted(name)
            if name in moments:
                for (value,) in self._db.execute(f"SELECT {column} FROM {_quoted(table)} LIMIT 1000"):
                    kinds.note(name, _value(value, is_moment=True))
                continue
            for (kind,) in self._db.execute(f"SELECT DISTINCT typeof({column}) FROM {_quoted(table)}"):
                kinds.note(name, {b"integer": 0, b"real": 0.5, b"null": None}.get(kind, ""))
        return kinds


def _keeps_an_index(name: str, sql: str) -> bool:
    body = _TRIGGER_BODY.search(sql)
    steps = [step for step in body[1].split(";") if step.strip()] if body else []
    return bool(_OWN_TRIGGER.match(name)) and bool(steps) and all(_OWN_STEP.match(step) for step in steps)


def _wkb(blob: Any, row: int) -> bytes | None:
    """The well-known binary behind the header of a GeoPackage's geometry."""
    if blob is None:
        return None
    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP":
        raise Unreadable(N_("The shape in row %(row)s is damaged."), row=row)
    envelope = _ENVELOPE_BYTES.get(blob[3] >> 1 & 7)
    if envelope is None or blob[3] & 0x20:
        raise Unreadable(N_("The shape in row %(row)s is damaged."), row=row)
    return blob[8 + envelope :]


def _value(value: Any, is_moment: bool = False) -> Any:
    if isinstance(value, bytes):
        value = _text(value)
    if is_moment and isinstance(value, str):
        try:
            return as_moment(datetime.fromisoformat(value))
        except ValueError:
            return value
    return value


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except (UnicodeDecodeError, AttributeError) as error:
        raise Unreadable(_DAMAGED) from error


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
