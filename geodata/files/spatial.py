"""GeoPackage, FlatGeobuf, shapefile and GeoParquet, as streams of record batches."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import shapely
from pyarrow import parquet

from geodata.errors import N_, Note, Unwritable
from geodata.systems import system

_GEOMETRY: Final = "geometry"
_DBF_NAME_BYTES: Final = 10
_DBF_TEXT_BYTES: Final = 254
_PARTS_OF_SHAPEFILE: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_EXTENSION: Final = {b"ARROW:extension:name": b"geoarrow.wkb"}


def write_gpkg(frames: Iterator[gpd.GeoDataFrame], path: Path, crs: str) -> list[Note]:
    """One layer, named as the file."""
    _through_gdal(frames, path, crs, "GPKG", layer=path.stem)
    return []


def write_fgb(frames: Iterator[gpd.GeoDataFrame], path: Path, crs: str) -> list[Note]:
    """One layer, named as the file."""
    # Its index would bring the rows into an order of its own, and needs every row to have a place.
    _through_gdal(frames, path, crs, "FlatGeobuf", layer=path.stem, layer_options={"SPATIAL_INDEX": "NO"})
    return []


def write_shapefile(frames: Iterator[gpd.GeoDataFrame], path: Path, crs: str) -> list[Note]:
    """A zip of .shp, .shx, .dbf, .prj and .cpg, all text in UTF-8."""
    notes: list[Note] = []
    stem = path.name.removesuffix(".shp.zip")
    parts = path.parent / "parts"
    parts.mkdir()
    short = (_shortened(frame, notes if n == 0 else []) for n, frame in enumerate(frames))
    _through_gdal(short, parts / f"{stem}.shp", crs, "ESRI Shapefile", layer_options={"ENCODING": "UTF-8"})
    (parts / f"{stem}.cpg").write_text("UTF-8")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for suffix in _PARTS_OF_SHAPEFILE:
            package.write(parts / f"{stem}{suffix}", f"{stem}{suffix}")
    return notes


def write_parquet(frames: Iterator[gpd.GeoDataFrame], path: Path, crs: str) -> list[Note]:
    """GeoParquet 1.1, a row group per frame."""
    reader, kinds = _stream(frames)
    column = {"encoding": "WKB", "geometry_types": kinds, "crs": system(crs).to_json_dict()}
    geo = {"version": "1.1.0", "primary_column": _GEOMETRY, "columns": {_GEOMETRY: column}}
    schema = reader.schema.with_metadata({"geo": json.dumps(geo)})
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_table(pa.Table.from_batches([batch]).replace_schema_metadata(schema.metadata))
    return []


def _through_gdal(frames: Iterator[gpd.GeoDataFrame], path: Path, crs: str, driver: str, **options: Any) -> None:
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError
    from pyogrio.raw import write_arrow

    reader, kinds = _stream(frames, as_multiple=driver != "ESRI Shapefile")
    known = (DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError)
    try:
        write_arrow(
            reader,
            path,
            driver=driver,
            geometry_name=_GEOMETRY,
            geometry_type=kinds[0] if len(kinds) == 1 else "Unknown",
            crs=system(crs).to_wkt(),
            **options,
        )
    except known as error:
        raise Unwritable(N_("The table does not fit into this format: %(why)s"), why=str(error)[:200]) from error


def _stream(frames: Iterator[gpd.GeoDataFrame], as_multiple: bool = False) -> tuple[pa.RecordBatchReader, list[str]]:
    """A reader over all frames, in the schema of the first; and the kinds of its shapes."""
    first = next(frames)
    kinds = sorted({str(kind) for kind in first.geometry.geom_type.dropna().unique()})
    single = {kind.removeprefix("Multi") for kind in kinds}
    if as_multiple and len(kinds) == 2 and len(single) == 1:
        kinds = [f"Multi{single.pop()}"]
    elif len(kinds) == 2 and len(single) == 1:
        kinds = [single.pop()]  # a shapefile makes no difference between one and many
    multiple = as_multiple and kinds[0].startswith("Multi") if len(kinds) == 1 else False
    head = _batch(first, None, multiple)

    def every() -> Iterator[pa.RecordBatch]:
        yield head
        for frame in frames:
            yield _batch(frame, head.schema, multiple)

    return pa.RecordBatchReader.from_batches(head.schema, every()), kinds


def _batch(frame: gpd.GeoDataFrame, schema: pa.Schema | None, multiple: bool) -> pa.RecordBatch:
    shapes = frame.geometry.to_numpy()
    if multiple:
        shapes = [_multiple(shape) for shape in shapes]
    wkb = pa.array(shapely.to_wkb(shapes), pa.binary())
    arrays = [_array(frame[name], None if schema is None else schema.field(str(name)).type)
              for name in frame.columns if name != _GEOMETRY]  # fmt: skip
    names = [str(name) for name in frame.columns if name != _GEOMETRY]
    fields = [pa.field(name, array.type) for name, array in zip(names, arrays, strict=True)]
    if schema is None:
        schema = pa.schema([*fields, pa.field(_GEOMETRY, pa.binary(), metadata=_EXTENSION)])
    return pa.record_batch([*arrays, wkb], schema=schema)


def _array(column: pd.Series, kind: pa.DataType | None) -> pa.Array:
    try:
        array = pa.Array.from_pandas(column, type=kind)
    except (pa.ArrowException, TypeError):
        array = pa.array([None if value is None else str(value) for value in column], pa.string())
    if pa.types.is_timestamp(array.type):
        return array.cast(pa.timestamp("ms", array.type.tz), safe=False)
    if pa.types.is_null(array.type) or pa.types.is_large_string(array.type):
        return array.cast(pa.string())
    return array if kind is None or array.type == kind else array.cast(kind)


def _multiple(shape: Any) -> Any:
    """One as a multiple of one, as layers that hold both want it."""
    makers: dict[str, Any] = {
        "Point": shapely.multipoints,
        "LineString": shapely.multilinestrings,
        "Polygon": shapely.multipolygons,
    }
    maker = None if shape is None else makers.get(shape.geom_type)
    return shape if maker is None else maker([shape])


def _shortened(frame: gpd.GeoDataFrame, notes: list[Note]) -> gpd.GeoDataFrame:
    """Names of at most 10 bytes, each only once, no half letters."""
    taken: set[str] = set()
    names: dict[Any, str] = {}
    for name in frame.columns:
        if name != _GEOMETRY:
            names[name] = _short(str(name), taken)
            taken.add(names[name].casefold())
    cut = [f"{old} → {new}" for old, new in names.items() if old != new]
    if cut:
        notes.append(Note(N_("A shapefile keeps 10 bytes of a name: %(names)s."), names=", ".join(cut)))
    notes += [
        Note(N_("A shapefile keeps 254 bytes of a text; %(name)s was cut."), name=str(name))
        for name in names
        if not pd.api.types.is_numeric_dtype(frame[name]) and frame[name].map(_is_too_long).any()
    ]
    return frame.rename(columns=names)


def _is_too_long(value: Any) -> bool:
    return isinstance(value, str) and len(value.encode()) > _DBF_TEXT_BYTES


def _short(name: str, taken: set[str]) -> str:
    for again in range(100):
        tail = str(again) if again else ""
        short = name.encode()[: _DBF_NAME_BYTES - len(tail)].decode(errors="ignore") + tail
        if short.casefold() not in taken and short:
            return short
    raise Unwritable(N_("The columns cannot be told apart by 10 bytes of their names; write .gpkg."))
