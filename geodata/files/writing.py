"""Writing, by suffix: whole frames or one after the other; a file is there only when it is complete."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.crs import shapes_to_lonlat, shapes_to_plane
from geodata.errors import N_, Note, Unwritable
from geodata.files import sheets, spatial, texts
from geodata.systems import system

Writer = Callable[[Iterator[gpd.GeoDataFrame], Path, str], list[Note]]

_WRITERS: Final[dict[str, Writer]] = {
    ".geojson": texts.write_geojson,
    ".kml": texts.write_kml,
    ".csv": sheets.write_csv,
    ".xlsx": sheets.write_xlsx,
    ".parquet": spatial.write_parquet,
    ".gpkg": spatial.write_gpkg,
    ".fgb": spatial.write_fgb,
    ".shp.zip": spatial.write_shapefile,
}
SUFFIXES: Final = tuple(_WRITERS)


def write(
    frames: gpd.GeoDataFrame | pd.DataFrame | Iterable[gpd.GeoDataFrame], path: Path | str, *, crs: str = "EPSG:4326"
) -> list[Note]:
    """
    Write a table with or without shapes.

    Parameters
    ----------
    frames
        A frame, or frames of the same columns one after the other; their shapes in the CRS they name, WGS 84 if none.
    path
        Where to; its suffix, one of `SUFFIXES`, is the format. A file of that name is replaced when all is written.
    crs
        The system in which to write; GeoJSON and KML are in EPSG:4326 always.

    Returns
    -------
    notes
        What a reader should know of the file, such as names that were cut.

    Raises
    ------
    Unwritable
        If the suffix is none of ours, the format has no such CRS, or the table does not fit into it.

    Notes
    -----
    In CSV and XLSX a text that a spreadsheet would take for a formula begins with an apostrophe. CSV has points as
    ``lon, lat`` (``x, y`` in a projected system), unless it has such columns already, and other shapes as ``wkt``.
    """
    path = Path(path)
    suffix = next((known for known in SUFFIXES if path.name.lower().endswith(known)), None)
    if suffix is None:
        raise Unwritable(N_("%(name)s ends in no suffix that is known. Write one of: %(known)s."),
                         name=path.name, known=" ".join(SUFFIXES))  # fmt: skip
    if suffix in (".geojson", ".kml") and system(crs).to_epsg() != 4326:
        raise Unwritable(N_("%(suffix)s is in WGS 84 always; write %(crs)s into .gpkg, .fgb, .parquet or .shp.zip."),
                         suffix=suffix, crs=crs)  # fmt: skip
    if not path.parent.is_dir():
        raise Unwritable(N_("There is no directory %(name)s."), name=path.parent)
    each: Any = [frames] if isinstance(frames, pd.DataFrame) else frames
    return _write_whole(_WRITERS[suffix], (_in_crs(frame, crs) for frame in each), path, crs, suffix)


def _write_whole(writer: Writer, frames: Iterator[gpd.GeoDataFrame], path: Path, crs: str, suffix: str) -> list[Note]:
    first = next(frames, None)
    if first is None:
        raise Unwritable(N_("There is nothing to write."))
    # In the same directory, so that the last step is a renaming.
    try:
        aside = Path(tempfile.mkdtemp(prefix=".gridmap-", dir=path.parent))
    except OSError as error:
        raise Unwritable(N_("Nothing can be written into %(name)s."), name=path.parent) from error
    try:
        made = aside / f"{_stem(path, suffix)}{suffix}"
        notes = writer(chain([first], frames), made, crs)
        made.replace(path)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return notes


def _stem(path: Path, suffix: str) -> str:
    return path.name[: -len(suffix)] or "layer"


def _in_crs(frame: pd.DataFrame, crs: str) -> gpd.GeoDataFrame:
    """The frame with its shapes in `crs`, under the name ``geometry``; rows without shapes have none."""
    if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
        return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([None] * len(frame), index=frame.index, crs=crs))
    frame = frame.rename_geometry("geometry") if frame.active_geometry_name != "geometry" else frame
    source, target = frame.crs, system(crs)
    if source is None or source == target:
        return frame.assign(geometry=gpd.GeoSeries(frame.geometry.set_crs(crs, allow_override=True)))
    shapes = np.asarray(frame.geometry, dtype=object)
    if source.to_epsg() != 4326:
        shapes = shapes_to_lonlat(shapes, source.to_epsg())
    if (srid := target.to_epsg()) != 4326:
        if srid is None:
            raise Unwritable(N_("%(crs)s has no number by which files could name it."), crs=crs)
        shapes = shapes_to_plane(shapes, srid)
    return frame.assign(geometry=gpd.GeoSeries(shapes, index=frame.index, crs=crs))
