"""Record batches of the child as frames, after the last look at them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geodata.errors import N_, Unreadable
from geodata.files.layers import Layer
from geodata.files.wkb import Scales

if TYPE_CHECKING:
    from geodata.files.placing import Placing

_GEOMETRY: Final = "geometry"
_PLAIN: Final = (pa.bool_(), pa.int64(), pa.float64(), pa.string(), pa.timestamp("us"))
_WHOLE: Final = r"^-?(0|[1-9]\d{0,14})$"
_NUMBER: Final = r"^-?(0|[1-9]\d{0,14})(\.\d{1,15})?([eE][+-]?\d{1,2})?$"
_CODE: Final = re.compile(r"(code|编码|代码|编号|号码|电话|phone|mobile)\Z", re.IGNORECASE)
_CRASHED: Final = N_("The file could not be opened: reading it broke off. It is damaged, or not what it says it is.")


def framed(batch: pa.RecordBatch, layer: Layer, scales: Scales, first: int, placing: Placing) -> gpd.GeoDataFrame:
    """
    Make a frame of a batch.

    Parameters
    ----------
    batch
        n rows as the child sent them: the layer's columns in plain types, then maybe the shapes as WKB.
    scales
        Judge of the shapes.
    first
        The number of the first row.
    placing
        Brings coordinates to WGS 84.
    """
    names = list(batch.schema.names)
    shapes = batch.column(names.index(_GEOMETRY)) if names[-1:] == [_GEOMETRY] else None
    plain = names[:-1] if shapes is not None else names
    if plain != list(layer.columns) or any(batch.schema.field(name).type not in _PLAIN for name in plain):
        raise Unreadable(_CRASHED)
    index = pd.RangeIndex(first, first + batch.num_rows, name="row")
    table = pd.DataFrame({name: _series(batch.column(name)) for name in plain})
    table.index = index
    if shapes is None:
        geometry: Any = [None] * batch.num_rows
    else:
        if shapes.type != pa.binary():
            raise Unreadable(_CRASHED)
        flat = scales.flat_each(shapes, first)
        geometry = placing.to_wgs84(_built(flat, first))
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(geometry, index=index, crs=4326))


def _built(flat: list[bytes | None], first: int) -> npt.NDArray[np.object_]:
    try:
        return np.asarray(shapely.from_wkb(flat), dtype=object)
    except (shapely.GEOSException, TypeError) as error:
        raise Unreadable(N_("The shape in row %(row)s is damaged."), row=first) from error


def _series(column: pa.Array) -> pd.Series:
    """Whole numbers stay whole when some are missing; text is plain text."""
    if column.type == pa.int64() and column.null_count:
        return pd.Series(column.to_pandas(types_mapper=None, integer_object_nulls=True), dtype="Int64")
    if column.type == pa.bool_() and column.null_count:
        return pd.Series(column.to_pylist(), dtype="boolean")
    if column.type == pa.string():
        return pd.Series(column.to_numpy(zero_copy_only=False), dtype=object)
    return pd.Series(column.to_pandas())


def typed(table: pd.DataFrame) -> pd.DataFrame:
    """
    Give the columns of a CSV their types.

    A column is numbers if all its cells are, none has a leading zero and none more than 15 digits, and its name does
    not say that it holds codes: with those nobody reckons. Blank cells of it are missing values; text stays as it is.
    """
    for name in table.columns.drop(_GEOMETRY):
        if _CODE.search(name):
            continue
        cells = pa.array(table[name].to_numpy(), pa.string(), from_pandas=True)
        there = cells.filter(pc.not_equal(cells, "")).drop_null()
        if not len(there):
            continue
        if pc.all(pc.match_substring_regex(there, _WHOLE)).as_py():
            table[name] = _series_as(cells, pa.int64(), table.index)
        elif pc.all(pc.match_substring_regex(there, _NUMBER)).as_py():
            table[name] = _series_as(cells, pa.float64(), table.index)
    return table


def _series_as(cells: pa.Array, kind: pa.DataType, index: pd.Index) -> pd.Series:
    series = _series(pc.if_else(pc.equal(cells, ""), None, cells).cast(kind))
    series.index = index
    return series
