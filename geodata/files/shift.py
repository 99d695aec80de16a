"""Whether a layer stands where the district stands, or shifted as the web maps of China shift."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geodata.datum import Datum, to_wgs84

_ASKED: Final[tuple[Datum, ...]] = ("wgs84", "gcj02", "bd09")
_MOST_POINTS: Final = 4_000
_METRES_PER_DEGREE: Final = 111_320.0
_CLEARLY: Final = 3.0
"""How many times nearer the best reading must be than the next."""
_MOST_FIT: Final = 0.8
"""The share of vertices that must fit: borders change here and there, and a shift along a border does not show."""
_FAR_M: Final = 60.0
"""A misfit, as given, below which nothing is said: drawings differ by as much, and the shift is 300 to 800 m."""


def recognise_shift(layer: gpd.GeoSeries, reference: gpd.GeoSeries) -> Datum | None:
    """
    Tell whether a layer is in a shifted datum, by how well it fits shapes whose place is known.

    Parameters
    ----------
    layer
        n shapes as they were given, taken for WGS 84, in degrees.
    reference
        m shapes of the same things or of their surroundings, WGS 84, in degrees.

    Returns
    -------
    datum
        ``gcj02`` or ``bd09`` if undoing that shift, and it alone, makes the layer fit; None if it fits as it is, or if
        no reading is clearly better than the others. Nothing is corrected: a person decides.

    Notes
    -----
    Lines are compared with lines: the distance in metres that four fifths of the layer's vertices keep from the
    reference's linework, or the other way about where one of the two is only a part of the other. Points, and what
    else is no border, are compared by how many fall outside of the reference's area: that says something only where
    they reach its rim.
    """
    layer, reference = layer.dropna(), reference.dropna()
    layer, reference = layer[~layer.is_empty], reference[~reference.is_empty]
    if layer.empty or reference.empty:
        return None
    for measure in (_misfit_of_lines, _misfit_of_places):
        found = measure(layer, reference)
        if found is not None:
            return None if found == "wgs84" else found
    return None


def _misfit_of_lines(layer: gpd.GeoSeries, reference: gpd.GeoSeries) -> Datum | None:
    """The reading in which the lines of one lie on the lines of the other."""
    given, known = _linework(layer), _linework(reference)
    if given is None or known is None:
        return None
    scale = _scale(reference)
    known = shapely.transform(known, lambda xy: xy * scale)
    misfits = {}
    for datum in _ASKED:
        read = _read_as(given, datum, scale)
        misfits[datum] = min(_apart_m(read, known), _apart_m(known, read))
    return _clear_winner(misfits, floor=2.0, indifferent=_FAR_M)


def _read_as(lines: npt.NDArray[np.object_], datum: Datum, scale: npt.NDArray[np.float64]) -> npt.NDArray[np.object_]:
    """Lines in metres, their positions taken for those of a datum."""
    return np.asarray(
        shapely.transform(lines, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], datum)) * scale), dtype=object
    )


def _apart_m(lines: npt.NDArray[np.object_], others: npt.NDArray[np.object_]) -> float:
    """How near most vertices of some lines come to other lines."""
    vertices = shapely.points(_sample(shapely.get_coordinates(lines)))
    _, apart = shapely.STRtree(others).query_nearest(vertices, return_distance=True, all_matches=False)
    return float(np.quantile(apart, _MOST_FIT))


def _misfit_of_places(layer: gpd.GeoSeries, reference: gpd.GeoSeries) -> Datum | None:
    """The reading whose places stay inside of the reference's area, where the area has a border near them."""
    areas = reference[reference.geom_type.isin(("Polygon", "MultiPolygon"))]
    if areas.empty or len(layer) < 20:
        return None
    xy = _sample(np.column_stack([layer.representative_point().x, layer.representative_point().y]))
    valid = np.asarray(areas, dtype=object)
    tree = shapely.STRtree(valid)
    outside = {}
    for datum in _ASKED:
        at = np.asarray(shapely.points(np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], datum))))
        held = np.unique(tree.query(at, predicate="intersects")[0])
        outside[datum] = 1 - len(held) / len(at)
    best = min(outside, key=lambda datum: outside[datum])
    others = [share for datum, share in outside.items() if datum != best]
    # One in a hundred may truly lie outside; the others must lose some ten times as many.
    return best if outside[best] <= 0.01 and min(others) >= 0.05 else None


def _clear_winner(misfits: dict[Datum, float], floor: float, indifferent: float) -> Datum | None:
    best = min(misfits, key=lambda datum: misfits[datum])
    others = [value for datum, value in misfits.items() if datum != best]
    clear = min(others) >= _CLEARLY * max(misfits[best], floor)
    return best if clear and (best == "wgs84" or misfits["wgs84"] > indifferent) else None


def _sample(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Evenly chosen positions, the same each time."""
    return xy[:: max(1, len(xy) // _MOST_POINTS)]


def _linework(reference: gpd.GeoSeries) -> npt.NDArray[np.object_] | None:
    """The borders of the reference as single segments' runs, or None for points."""
    parts = shapely.get_parts(shapely.boundary(reference[reference.geom_type.str.endswith("Polygon")].to_numpy()))
    drawn = shapely.get_parts(reference[reference.geom_type.str.endswith("LineString")].to_numpy())
    lines = np.concatenate([np.atleast_1d(parts), np.atleast_1d(drawn)])
    lines = lines[shapely.length(lines) > 0]
    return lines if len(lines) else None


def _scale(reference: gpd.GeoSeries) -> npt.NDArray[np.float64]:
    """Metres of a degree east and north, near the reference: close enough to compare misfits."""
    south, north = reference.total_bounds[[1, 3]]
    return np.array([_METRES_PER_DEGREE * np.cos(np.radians((south + north) / 2)), _METRES_PER_DEGREE])
