"""
Metres and degrees: the only door between projected systems.

Coordinates go in and out as arrays, longitude before latitude and east before north, whatever the axis order that an
EPSG entry declares. Coverages live on a lattice of 1 cm in a projected system, published shapes on 9 decimals of a
degree; both roundings are here, so that every part of the house rounds alike.
"""

from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer

Floats = npt.NDArray[np.float64]

G: Final = 0.01
"""Lattice of coverage coordinates, metres: every one of them is a multiple of it."""

_STEPS_PER_METRE: Final = 100
_LONLAT_DECIMALS: Final = 9
_CHINA_WEST, _CHINA_EAST, _CHINA_SOUTH, _CHINA_NORTH = 73.62, 134.77, 16.7, 53.56
_ZONE_BEFORE_FIRST: Final = 4509  # plus the zone's number: central meridian over 3, from 25 on
_UTM_NORTH, _UTM_SOUTH = 32600, 32700


class NotInMetres(ValueError):
    """Areas and distances were asked of coordinates that are not metres."""

    def __init__(self, crs: object) -> None:
        found = "no coordinate system" if crs is None else f"{CRS.from_user_input(crs).to_string()}"
        super().__init__(f"A projected coordinate system in metres is needed; found {found}.")


@cache
def _transformer(source: int, target: int) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def to_plane(lon: npt.ArrayLike, lat: npt.ArrayLike, srid: int) -> tuple[Floats, Floats]:
    """
    Project geographic positions into a working system.

    Parameters
    ----------
    lon, lat
        Degrees in WGS 84 (EPSG:4326), n values each.
    srid
        EPSG code of a projected system in metres.

    Returns
    -------
    x, y
        Easting and northing in metres, n values each; infinite where the projection has no value.

    Raises
    ------
    NotInMetres
        If `srid` is geographic or in another unit.
    """
    require_metres(srid)
    x, y = _transformer(4326, srid).transform(np.asarray(lon, float), np.asarray(lat, float))
    return np.asarray(x), np.asarray(y)


def to_lonlat(x: npt.ArrayLike, y: npt.ArrayLike, srid: int) -> tuple[Floats, Floats]:
    """
    Bring positions of a working system back to degrees, unrounded.

    Parameters
    ----------
    x, y
        Easting and northing in metres, n values each.
    srid
        EPSG code of the projected system they are in.

    Returns
    -------
    lon, lat
        Degrees in WGS 84 (EPSG:4326), n values each.

    Raises
    ------
    NotInMetres
        If `srid` is geographic or in another unit.
    """
    require_metres(srid)
    lon, lat = _transformer(srid, 4326).transform(np.asarray(x, float), np.asarray(y, float))
    return np.asarray(lon), np.asarray(lat)


def shapes_to_lonlat(shapes: npt.ArrayLike, srid: int) -> npt.NDArray[np.object_]:
    """
    Bring geometries of a working system to EPSG:4326, longitude first, rounded to 9 decimals.

    The rounding works on each vertex alone, so a coverage whose vertices match stays one.

    Parameters
    ----------
    shapes
        n geometries in the projected system `srid`.
    srid
        EPSG code of that system.

    Returns
    -------
    shapes
        n geometries in degrees.

    Raises
    ------
    NotInMetres
        If `srid` is geographic or in another unit.
    """

    def turn(xy: Floats) -> Floats:
        return round_lonlat(np.column_stack(to_lonlat(xy[:, 0], xy[:, 1], srid)))

    return np.asarray(shapely.transform(np.asarray(shapes, dtype=object), turn), dtype=object)


def shapes_to_plane(shapes: npt.ArrayLike, srid: int) -> npt.NDArray[np.object_]:
    """
    Bring geometries in degrees to a working system, unrounded.

    Parameters
    ----------
    shapes
        n geometries in EPSG:4326, longitude first; None stays None.
    srid
        EPSG code of a projected system in metres.

    Returns
    -------
    shapes
        n geometries in metres.

    Raises
    ------
    NotInMetres
        If `srid` is geographic or in another unit.
    """

    def turn(lonlat: Floats) -> Floats:
        return np.column_stack(to_plane(lonlat[:, 0], lonlat[:, 1], srid))

    return np.asarray(shapely.transform(np.asarray(shapes, dtype=object), turn), dtype=object)


def working_srid(lon: float, lat: float) -> int:
    """
    Choose the projected system in metres to reckon in around a place.

    Parameters
    ----------
    lon, lat
        Degrees in WGS 84, the middle of what is reckoned on.

    Returns
    -------
    srid
        In China the CGCS2000 zone of 3 degrees without a prefix in the easting (EPSG:4534 to 4554), elsewhere UTM on
        WGS 84.

    References
    ----------
    EPSG Geodetic Parameter Dataset, area of use of EPSG:4490.
    """
    if _CHINA_WEST <= lon <= _CHINA_EAST and _CHINA_SOUTH <= lat <= _CHINA_NORTH:
        return _ZONE_BEFORE_FIRST + round(lon / 3)
    zone = min(int((lon + 180) // 6) + 1, 60)
    return (_UTM_NORTH if lat >= 0 else _UTM_SOUTH) + zone


def require_metres(crs: Any) -> None:
    """
    Refuse a coordinate system in which lengths are not metres.

    Parameters
    ----------
    crs
        Anything that pyproj reads as a system (EPSG code, text, CRS object), or None.

    Raises
    ------
    NotInMetres
        If `crs` is missing, geographic, or in another unit.
    """
    if crs is None or not _counts_metres(CRS.from_user_input(crs)):
        raise NotInMetres(crs)


@cache
def _counts_metres(crs: CRS) -> bool:
    return bool(crs.is_projected) and all(axis.unit_name == "metre" for axis in crs.axis_info[:2])


def snap_to_lattice(metres: npt.ArrayLike) -> Floats:
    """
    Round plane coordinates to the lattice of 1 cm.

    Dividing by 100 gives the double nearest to the decimal figure, which is also what GEOS computes for a grid size of
    0.01; multiplying by 0.01 would miss it by one bit now and then.
    """
    return np.asarray(np.rint(np.asarray(metres, float) * _STEPS_PER_METRE) / _STEPS_PER_METRE)


def round_lonlat(degrees: npt.ArrayLike) -> Floats:
    """Round degrees to 9 decimals (0.1 mm): they print and read back as the same double everywhere."""
    return np.asarray(np.round(np.asarray(degrees, float), _LONLAT_DECIMALS))
