"""The shapes of a file as a picture on the map: few enough for a page, and near enough to tell them apart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geodata.datum import Datum, to_wgs84
from gridmap.exchange.importing import Prepared

if TYPE_CHECKING:
    import geopandas as gpd

MOST_SHAPES: Final = 3_000
_MOST_VERTICES: Final = 150_000
_COARSEST: Final = 12
_DECIMALS: Final = 6
"""Of a degree: a tenth of a metre."""

Shapes = npt.NDArray[np.object_]


def picture_of(frame: gpd.GeoDataFrame, prepared: Prepared, datum: Datum | None = None) -> dict[str, Any]:
    """
    Draw the shapes of a file for looking at; nothing is ever stored of it.

    Parameters
    ----------
    frame
        As `gridmap.exchange.importing.read_file` gives it.
    prepared
        What was found in it: rows with defects are drawn before others.
    datum
        Of positions that were kept as they stood in the file.

    Returns
    -------
    picture
        ``shapes``, a GeoJSON collection in EPSG:4326 whose features have the row as ``id``; ``left_out``, how many
        shapes are too many for a page; ``bounds`` [west, south, east, north] or None; ``places`` {row: [lon, lat]}, a
        point on the shape of each row with a listed defect.
    """
    rows = np.asarray(frame.index)
    shapes = np.asarray(frame.geometry.array, dtype=object)
    if datum is not None and prepared.kind.keeps_every_row:
        shapes = _unshifted(shapes, datum)
    drawn = _drawable(shapes)
    wrong = np.isin(rows, [defect.row for defect in prepared.defects.listed if defect.row is not None])
    places = {int(row): _point_on(shape) for row, shape in zip(rows[drawn & wrong], shapes[drawn & wrong], strict=True)}
    order = np.concatenate([np.flatnonzero(drawn & wrong), np.flatnonzero(drawn & ~wrong)])
    kept = order[:MOST_SHAPES]
    bounds = shapely.total_bounds(shapes[kept]) if len(kept) else None
    features = [
        {"type": "Feature", "id": int(row), "geometry": json.loads(text)}
        for row, text in zip(rows[kept], shapely.to_geojson(_thinned(shapes[kept])), strict=True)
    ]
    return {
        "shapes": {"type": "FeatureCollection", "features": features},
        "left_out": len(order) - len(kept),
        "bounds": None if bounds is None else [round(float(side), _DECIMALS) for side in bounds],
        "places": places,
    }


def _drawable(shapes: Shapes) -> npt.NDArray[np.bool_]:
    """Shapes that lie on the globe: a position of 1,200 degrees is told in words alone."""
    west, south, east, north = shapely.bounds(shapes).T
    with np.errstate(invalid="ignore"):
        drawn: npt.NDArray[np.bool_] = (west >= -180) & (east <= 180) & (south >= -85) & (north <= 85)
    return drawn


def _thinned(shapes: Shapes) -> Shapes:
    """Shapes with vertices left out that no eye would miss, until there are few enough of them."""
    tolerance = 10.0**-_DECIMALS
    rounded = shapely.transform(shapes, lambda xy: np.round(xy, _DECIMALS))
    thin = rounded
    for _ in range(_COARSEST):
        if shapely.get_num_coordinates(thin).sum() <= _MOST_VERTICES:
            break
        thin, tolerance = shapely.simplify(rounded, tolerance, preserve_topology=False), tolerance * 3
    return np.where(shapely.is_empty(thin), shapely.point_on_surface(shapely.envelope(rounded)), thin)


def _unshifted(shapes: Shapes, datum: Datum) -> Shapes:
    moved: Shapes = shapely.transform(shapes, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], datum)))
    return moved


def _point_on(shape: Any) -> list[float]:
    """A point of the shape, which may be invalid: of such a one a vertex serves."""
    point = shapely.point_on_surface(shape) if shape.is_valid else shapely.Point(shapely.get_coordinates(shape)[0])
    return [round(point.x, _DECIMALS), round(point.y, _DECIMALS)]
