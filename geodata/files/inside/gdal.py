"""Shapefile and FlatGeobuf, through GDAL with the one driver that the format needs and no other."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from geodata.errors import N_, Unreadable
from geodata.files.inside.columns import as_text, assemble, clean_names, text_array
from geodata.files.inside.geojson import too_many_rows
from geodata.files.inside.reader import Reader
from geodata.files.inside.systems import system_of
from geodata.files.layers import Layer, Limits
from geodata.files.wkb import Scales

SHAPEFILE_DRIVER, FLATGEOBUF_DRIVER, OSM_DRIVER = "ESRI Shapefile", "FlatGeobuf", "OSM"
_SHAPE: Final = "wkb_geometry"
_DAMAGED: Final = N_("The file is damaged: %(why)s")


def start_gdal(driver: str, drivers: list[str]) -> Any:
    """
    Load GDAL with one driver.

    Parameters
    ----------
    driver
        The one to keep.
    drivers
        All that this GDAL has, as the parent found them.

    Returns
    -------
    pyogrio.raw
        The module that reads without pandas.
    """
    os.environ.update(
        GDAL_SKIP=",".join(name for name in drivers if name != driver),
        GDAL_DRIVER_PATH="disable",
        GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR" if driver != SHAPEFILE_DRIVER else "FALSE",
        CPL_VSIL_CURL_ALLOWED_EXTENSIONS="none",
        GDAL_HTTP_MAX_RETRY="0",
        GDAL_HTTP_TIMEOUT="1",
        GDAL_NUM_THREADS="1",
        # Its own stream gives shapes of negative length where a row has none.
        OGR_FLATGEOBUF_STREAM_BASE_IMPL="YES",
        GDAL_CACHEMAX="64",
        GDAL_PAM_ENABLED="NO",
        OGR_GEOMETRY_ACCEPT_UNCLOSED_RING="NO",
    )
    import pyogrio
    from pyogrio import raw

    if set(pyogrio.list_drivers()) != {driver}:
        raise Unreadable(N_("Files of this kind cannot be opened safely on this machine."))
    return raw


class ThroughGdal(Reader):
    """A file of one layer that GDAL reads."""

    def __init__(self, path: Path, kind: str, limits: Limits, drivers: list[str], described: Layer) -> None:
        self._path, self._limits, self._described = path, limits, described
        self._raw = start_gdal({"Shapefile": SHAPEFILE_DRIVER, "FlatGeobuf": FLATGEOBUF_DRIVER}[kind], drivers)

    def layers(self) -> list[Layer]:
        """The one layer."""
        with self._gdal() as gdal:
            info = gdal.read_info(self._path, encoding=self._described.encoding, force_feature_count=True)
        count = int(info["features"])
        if self._limits.features is not None and count > self._limits.features:
            raise too_many_rows(self._limits.features)
        self._columns = [str(name) for name in info["fields"]]
        crs = self._described.crs or system_of(info["crs"] or "")
        return [
            Layer(
                self._described.name,
                self._described.format,
                crs,
                columns=tuple(clean_names(self._columns)),
                encoding=self._described.encoding or "UTF-8",
                count=None if count < 0 else count,
            )
        ]

    def batches(self, layer: Layer, size: int) -> Iterator[pa.RecordBatch]:
        """Rows in the order of the file."""
        scales = Scales(self._limits)
        first = 1
        with (
            self._gdal() as gdal,
            gdal.open_arrow(
                self._path, encoding=self._described.encoding, batch_size=min(size, 65_536), use_pyarrow=True
            ) as (_, reader),
        ):
            for batch in reader:
                most = self._limits.features
                if most is not None and first + batch.num_rows - 1 > most:
                    raise too_many_rows(most)
                yield judged(batch, self._columns, layer.columns, scales, first)
                first += batch.num_rows
            if layer.count is not None and first - 1 < layer.count:
                # The end of a stream may be an error that GDAL kept to itself.
                raise Unreadable(_DAMAGED, why=N_("rows are missing"))
            if first == 1:
                none = pa.RecordBatch.from_pylist([], schema=reader.schema)
                yield judged(none, self._columns, layer.columns, scales, 1)

    def _gdal(self) -> Calls:
        return Calls(self._raw)


def judged(
    batch: pa.RecordBatch, fields: list[str], columns: Sequence[str], scales: Scales, first: int
) -> pa.RecordBatch:
    """
    A batch of GDAL as the sandbox hands it out.

    Parameters
    ----------
    batch
        n rows as GDAL made them.
    fields, columns
        Its fields, and the names that they are to have.
    scales
        Judge of the shapes.
    first
        The number of the first row.
    """
    plains = {name: plain(batch.column(raw), first) for raw, name in zip(fields, columns, strict=True)}
    if _SHAPE not in batch.schema.names:
        return assemble(plains, None)
    shapes = scales.flat_each(batch.column(_SHAPE), first)
    return assemble(plains, pa.array(shapes, pa.binary()))


class Calls:
    """Calls into GDAL whose errors are sentences."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def __enter__(self) -> Calls:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

        known = (DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError, pa.ArrowException, OSError,
                 UnicodeDecodeError)  # fmt: skip
        if isinstance(error, known) and not isinstance(error, Unreadable):
            raise Unreadable(_DAMAGED, why=_without_paths(str(error))) from error

    def read_info(self, path: Path, **options: Any) -> Any:
        """What a file says of itself."""
        from pyogrio import read_info

        return read_info(path, **options)

    def open_arrow(self, path: Path, **options: Any) -> Any:
        """Its rows, as a context."""
        return self._raw.open_arrow(path, **options)


def _without_paths(said: str) -> str:
    words = [word for word in said.split() if "/" not in word]
    return " ".join(words)[:200]


def plain(column: pa.Array, first: int) -> pa.Array:
    """A column in one of the few types that the sandbox hands out."""
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return text_array(column.to_pylist(), first)
    if pa.types.is_boolean(kind) or kind in (pa.int64(), pa.float64()):
        return column
    if pa.types.is_integer(kind):
        return column.cast(pa.int64())
    if pa.types.is_floating(kind):
        return column.cast(pa.float64())
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us"), safe=False)
    return text_array([None if value is None else as_text(value) for value in column.to_pylist()], first)
