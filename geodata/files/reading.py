"""Reading, on the parent's side: the child hands out rows, here they are judged again and brought to WGS 84."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geodata.errors import N_, TooMuch, Unreadable
from geodata.files.layers import IMPORT, LOCAL, MOST_COLUMNS, Given, Layer, Limits
from geodata.sandbox import Child

if TYPE_CHECKING:
    import geopandas as gpd
    import pyarrow as pa

FORMATS: Final = ("GeoJSON", "GeoPackage", "Shapefile", "FlatGeobuf", "KML", "CSV", "XLSX", "Parquet")
_OPENING: Final = "geodata.files.inside.opening"
_ROWS_AT_A_TIME: Final = 20_000
_WHOLE_LAYER: Final = 65_536
_CRASHED: Final = N_("The file could not be opened: reading it broke off. It is damaged, or not what it says it is.")


def describe(path: Path | str, limits: Limits = IMPORT) -> list[Layer]:
    """
    Say what is in a file.

    Parameters
    ----------
    path
        The file; its name is not asked what it is.
    limits
        What it may hold.

    Returns
    -------
    layers
        At least one.

    Raises
    ------
    geodata.errors.GeodataError
        If it is in none of `FORMATS`, damaged, larger than the limits, or made to do harm.
    """
    with child_for(f"{_OPENING}:describe", Path(path), limits) as child:
        layers = [_layer(message) for message in child.messages()]
    if not layers:
        raise Unreadable(N_("The file has no layer."))
    return layers


def read(
    path: Path | str,
    *,
    layer: str | None = None,
    given: Given | None = None,
    limits: Limits = IMPORT,
    x: str | None = None,
    y: str | None = None,
) -> gpd.GeoDataFrame:
    """
    Read one layer whole.

    Parameters
    ----------
    path
        The file; its name is not asked what it is.
    layer
        The layer or sheet; the first if None.
    given
        What a person declares of its coordinates; it stands above what the file says.
    limits
        What the file may hold.
    x, y
        The columns of a table that hold its places; commonly known names are found by themselves.

    Returns
    -------
    frame
        n rows in EPSG:4326 (WGS 84), longitude first, two dimensions. The index is the row as people count, the first
        row of data being 1. A row without a place has no geometry; a table without places has none in any row.
        ``frame.attrs["layer"]`` is the `Layer`. Columns of a CSV in which every cell is a number are numbers, unless
        one has a leading zero or more than 15 digits, or the name ends in a word such as ``code``. Shapes may be
        invalid: nothing is repaired here.

    Raises
    ------
    geodata.errors.Undeclared
        If the file does not say what its coordinates mean and they cannot be degrees.
    geodata.errors.GeodataError
        If it cannot be read; see `describe`.
    """
    import geopandas as gpd
    import pandas as pd

    from geodata.files import placing, tables

    given = given or Given()
    frames = list(_frames(Path(path), layer, given, limits, x, y, _WHOLE_LAYER))
    told: Layer = frames[0].attrs["layer"]
    for frame in frames:
        frame.attrs.clear()  # or pandas compares them all
    whole = frames[0] if len(frames) == 1 else pd.concat(frames)
    whole = gpd.GeoDataFrame(tables.typed(whole) if told.format == "CSV" else whole, geometry="geometry", crs=4326)
    placing.require_degrees(whole.geometry, given)
    whole.attrs["layer"] = replace(told, count=len(whole))
    return whole


def batches(
    path: Path | str,
    *,
    layer: str | None = None,
    given: Given | None = None,
    limits: Limits = LOCAL,
    x: str | None = None,
    y: str | None = None,
    size: int = 100_000,
) -> Iterator[gpd.GeoDataFrame]:
    """
    Read one layer of any length, some rows at a time, in memory that does not grow with it.

    Parameters
    ----------
    path, layer, given, limits, x, y
        As in `read`.
    size
        The most rows of one frame.

    Yields
    ------
    frame
        As from `read`, with these differences: the cells of a CSV stay the text they are; and positions that cannot be
        degrees are handed on as they stand, for the caller to say so row by row.
    """
    for frame in _frames(Path(path), layer, given or Given(), limits, x, y, size):
        yield from (frame.iloc[at : at + size] for at in range(0, max(len(frame), 1), size))


def count_rows(path: Path | str, *, layer: str | None = None) -> int | None:
    """
    Tell how many rows a layer has where its format says so at once; of a text file, an estimate by its lines.

    For bars that show progress: no row is looked at, and of what cannot be told, None is said.
    """
    path = Path(path)
    with path.open("rb") as file:
        start = file.read(1 << 20)
    if start[:1].isalnum() and b"\0" not in start and not start.startswith((b"PK", b"PAR1", b"SQLite", b"fgb")):
        lines = max(start.count(b"\n"), 1)
        return max(round(path.stat().st_size / len(start) * lines) - 1, 0)
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"<")) or not start:
        return None
    found = [known for known in describe(path, LOCAL) if layer in (None, known.name)]
    return found[0].count if found else None


def child_for(do: str, path: Path, limits: Limits, **more: Any) -> Child:
    """A child for one file, after a look at the outside of it."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise Unreadable(N_("There is no file %(path)s, or it may not be read."), path=path) from error
    if not path.is_file():
        raise Unreadable(N_("%(path)s is no file."), path=path)
    if limits.bytes is not None and size > limits.bytes:
        raise TooMuch(N_("The file is larger than %(most)s MB."), most=limits.bytes >> 20)
    task = {
        "path": str(path.resolve()),
        "name": path.name.split(".")[0] or path.name,
        "limits": asdict(limits),
        "drivers": _drivers(),
    }
    return Child(do, task | more, limits.allowance())


def _drivers() -> list[str]:
    """Every driver of this GDAL: the child turns off all but one."""
    import pyogrio

    return sorted(pyogrio.list_drivers())


def _frames(
    path: Path, layer: str | None, given: Given, limits: Limits, x: str | None, y: str | None, size: int
) -> Iterator[gpd.GeoDataFrame]:
    from geodata.files.placing import Placing
    from geodata.files.tables import framed
    from geodata.files.wkb import Scales

    scales = Scales(limits)
    first = 1
    rows = max(1, min(size, _ROWS_AT_A_TIME if limits.output_bytes is not None else size))
    with child_for(f"{_OPENING}:read", path, limits, layer=layer, size=rows, x=x, y=y) as child:
        messages = child.messages()
        told = _layer(next(messages, {}))
        placing = Placing(told, given)
        told = replace(told, datum=given.datum)
        for batch in messages:
            if isinstance(batch, dict):
                raise Unreadable(_CRASHED)
            if limits.features is not None and first - 1 + batch.num_rows > limits.features:
                raise TooMuch(N_("The file has more than %(most)s rows. Split it."), most=limits.features)
            frame = framed(batch, told, scales, first, placing)
            frame.attrs["layer"] = told
            first += batch.num_rows
            yield frame


def _layer(message: dict[str, Any] | pa.RecordBatch) -> Layer:
    """What the child says of a layer, judged as if it were the file itself."""
    told = message.get("layer") if isinstance(message, dict) else None
    if not isinstance(told, dict):
        raise Unreadable(_CRASHED)
    columns = told.get("columns")
    texts = [told.get("name"), told.get("crs") or "", told.get("encoding") or ""]
    fine = isinstance(columns, list) and len(columns) <= MOST_COLUMNS
    fine = fine and all(isinstance(text, str) and len(text) < 30_000 for text in [*texts, *(columns or [])])
    if not fine or told.get("format") not in FORMATS or not isinstance(told.get("count"), int | None):
        raise Unreadable(_CRASHED)
    return Layer(
        name=str(told["name"]),
        format=str(told["format"]),
        crs=told.get("crs"),
        columns=tuple(columns or ()),
        encoding=told.get("encoding"),
        count=told.get("count"),
    )
