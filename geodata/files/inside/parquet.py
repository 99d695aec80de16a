"""Parquet and GeoParquet, row group by row group."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from geodata.errors import N_, TooMuch, Unreadable
from geodata.files.inside.columns import as_text, assemble, clean_names, text_array
from geodata.files.inside.geojson import too_many_rows
from geodata.files.inside.places import Places
from geodata.files.inside.reader import Reader
from geodata.files.inside.recognise import PARQUET
from geodata.files.inside.systems import system_of
from geodata.files.layers import MOST_COLUMNS, Layer, Limits
from geodata.files.wkb import Scales

_DAMAGED: Final = N_("The Parquet file is damaged.")
_WRONG: Final = (pa.ArrowException, OSError, ValueError, KeyError)
_METADATA_BYTES: Final = 16 << 20
_ROW_GROUP_BYTES: Final = 1 << 30


class Parquet(Reader):
    """A Parquet file: one layer."""

    def __init__(self, path: Path, name: str, limits: Limits, x: str | None, y: str | None) -> None:
        self._name, self._limits = name, limits
        try:
            self._file = parquet.ParquetFile(
                path,
                memory_map=False,
                thrift_string_size_limit=_METADATA_BYTES,
                thrift_container_size_limit=1_000_000,
                page_checksum_verification=True,
            )
        except _WRONG as error:
            raise Unreadable(_DAMAGED) from error
        self._x, self._y = x, y

    def layers(self) -> list[Layer]:
        """The one layer, from the footer."""
        try:
            return [self._layer()]
        except Unreadable:
            raise
        except (*_WRONG, TypeError, AttributeError) as error:
            raise Unreadable(_DAMAGED) from error

    def _layer(self) -> Layer:
        schema = self._file.schema_arrow
        if len(schema) > MOST_COLUMNS:
            raise TooMuch(N_("The table has more than %(most)s columns."), most=MOST_COLUMNS)
        metadata = self._file.metadata
        most = self._limits.features
        if most is not None and metadata.num_rows > most:
            raise too_many_rows(most)
        self._judge_groups(metadata)
        self._shape, crs = self._geo(schema)
        self._raw = [
            field.name
            for field in schema
            if field.name != self._shape and field.type not in (pa.binary(), pa.large_binary())
        ]
        if len(set(self._raw)) < len(self._raw):
            raise Unreadable(N_("Two columns of the file have one name."))
        columns = clean_names(self._raw)
        self._places = Places(columns, self._x, self._y, self._limits) if self._shape is None else None
        crs = crs if self._places is None else self._places.crs
        return Layer(self._name, PARQUET, crs, columns=tuple(columns), count=metadata.num_rows)

    def _judge_groups(self, metadata: Any) -> None:
        """What a group says of its size is held against the limits before it is unpacked."""
        sizes = [metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups)]
        if sum(sizes) > self._limits.unpacked_bytes or max(sizes, default=0) > _ROW_GROUP_BYTES:
            raise TooMuch(N_("More comes out of the file than this door takes. Split it, or send less at a time."))
        if sum(metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)) != metadata.num_rows:
            raise Unreadable(_DAMAGED)

    def _geo(self, schema: pa.Schema) -> tuple[str | None, str | None]:
        """The column of shapes and its system, as GeoParquet's metadata say."""
        told = (schema.metadata or {}).get(b"geo")
        if told is None:
            return None, None
        geo = json.loads(told)
        name = geo["primary_column"]
        column = geo["columns"][name]
        if str(column.get("encoding", "")).upper() != "WKB" or name not in schema.names:
            raise Unreadable(N_("The shapes of the file are not written as WKB. Export it anew with that encoding."))
        if "crs" not in column:
            return name, "EPSG:4326"
        if column["crs"] is None:
            return name, None
        return name, _projjson(column["crs"])

    def batches(self, layer: Layer, size: int) -> Iterator[pa.RecordBatch]:
        """Rows in the order of the file."""
        scales = Scales(self._limits)
        first = 1
        wanted = [*self._raw, *([self._shape] if self._shape else [])]
        try:
            for batch in self._file.iter_batches(size, columns=wanted, use_threads=False):
                yield self._batch(layer, batch, scales, first)
                first += batch.num_rows
            if first == 1:
                schema = pa.schema([self._file.schema_arrow.field(name) for name in wanted])
                yield self._batch(layer, pa.RecordBatch.from_pylist([], schema=schema), scales, 1)
        except Unreadable:
            raise
        except _WRONG as error:
            raise Unreadable(_DAMAGED) from error

    def _batch(self, layer: Layer, batch: pa.RecordBatch, scales: Scales, first: int) -> pa.RecordBatch:
        columns = {name: _plain(batch.column(raw), first) for raw, name in zip(self._raw, layer.columns, strict=True)}
        if self._places is not None:
            return assemble(columns, self._places.shapes(columns, first))
        shapes = scales.flat_each(batch.column(self._shape), first)
        return assemble(columns, pa.array(shapes, pa.binary()))


def _projjson(crs: dict[str, Any]) -> str | None:
    known = crs.get("id")
    if isinstance(known, dict) and known.get("authority") == "EPSG" and isinstance(known.get("code"), int):
        return system_of(f"EPSG:{known['code']}")
    if isinstance(known, dict) and known.get("authority") == "OGC" and known.get("code") == "CRS84":
        return "EPSG:4326"
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        return system_of(CRS.from_json_dict(crs).to_wkt())
    except CRSError as error:
        raise Unreadable(
            N_("The file's coordinate system is not known: %(text)s. Declare it with --crs."), text="PROJJSON"
        ) from error


def _plain(column: pa.Array, first: int) -> pa.Array:
    """A column in one of the few types that the sandbox hands out."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_boolean(kind) or kind in (pa.int64(), pa.float64()):
        return column
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        zoneless = pc.local_timestamp(column.cast(pa.timestamp("us", "UTC"))) if getattr(kind, "tz", None) else column
        return zoneless.cast(pa.timestamp("us"), safe=False)
    if pa.types.is_integer(kind) and kind != pa.uint64():
        return column.cast(pa.int64())
    if pa.types.is_floating(kind):
        return column.cast(pa.float64())
    return text_array([None if value is None else as_text(value) for value in column.to_pylist()], first)
