"""
GCJ-02 and BD-09, the shifted datums of Chinese web maps, and WGS 84.

Degrees in and out, longitude first, arrays of any one shape. The shift is a published fit of what the map vendors
serve; it reproduces their values to under a metre, which belongs into the error of every converted point.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Datum = Literal["wgs84", "gcj02", "bd09", "cgcs2000"]

DATUMS: Final[tuple[Datum, ...]] = get_args(Datum)
CONVERSION_SIGMA_M: Final = 0.7
"""How far a converted point may be off, one sigma, in metres: add it to the error of the point."""

_A: Final = 6378245.0  # Krasovsky's ellipsoid, on which the shift was fitted
_E2: Final = 0.00669342162296594323
_X: Final = 3000 * np.pi / 180
_INVERSE_STEPS: Final = 4  # 4.9 m, 31 mm, 0.2 mm, under 2 micrometres
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271


def to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, datum: Datum) -> tuple[Floats, Floats]:
    """
    Bring positions of a named datum to WGS 84.

    Parameters
    ----------
    lon, lat
        Degrees in `datum`, arrays of one shape.
    datum
        ``wgs84`` and ``cgcs2000`` stay as they are (they part by under a metre), ``gcj02`` and ``bd09`` are unshifted.

    Returns
    -------
    lon, lat
        Degrees in WGS 84, within 2 micrometres of the exact inverse of the forward formula.

    Raises
    ------
    ValueError
        If `datum` is none of `DATUMS`.
    """
    x, y = np.asarray(lon, float), np.asarray(lat, float)
    if datum in ("wgs84", "cgcs2000"):
        return x, y
    if datum == "gcj02":
        return _inverse(wgs84_to_gcj02, x, y)
    if datum == "bd09":
        return _inverse(wgs84_to_gcj02, *_inverse(gcj02_to_bd09, x, y))
    raise ValueError(f"{datum!r} is no datum we know; known are {', '.join(DATUMS)}.")


def wgs84_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """
    Shift WGS 84 positions to GCJ-02; outside China's rectangle the shift is zero.

    Parameters
    ----------
    lon, lat
        Degrees in WGS 84.
    """
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    east, north = _shift(lon - 105, lat - 35)
    slope = 1 - _E2 * np.sin(np.radians(lat)) ** 2
    dlat = 180 * north / (_A * (1 - _E2) / slope**1.5 * np.pi)
    dlon = 180 * east / (_A / np.sqrt(slope) * np.cos(np.radians(lat)) * np.pi)
    inside = (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)
    return np.where(inside, lon + dlon, lon), np.where(inside, lat + dlat, lat)


def gcj02_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """
    Shift GCJ-02 positions to BD-09.

    Parameters
    ----------
    lon, lat
        Degrees in GCJ-02.
    """
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    reach = np.hypot(lon, lat) + 2e-5 * np.sin(lat * _X)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * _X)
    return reach * np.cos(angle) + 0.0065, reach * np.sin(angle) + 0.006


def _shift(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Metres east and north before the ellipsoid, from degrees off 105 E and 35 N."""
    wave = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north += 2 / 3 * (wave + _waves(y, 20, 40, 160, 320))
    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east += 2 / 3 * (wave + _waves(x, 20, 40, 150, 300))
    return east, north


def _waves(t: Floats, first: float, third: float, twelfth: float, thirtieth: float) -> Floats:
    return np.asarray(
        first * np.sin(np.pi * t)
        + third * np.sin(np.pi * t / 3)
        + twelfth * np.sin(np.pi * t / 12)
        + thirtieth * np.sin(np.pi * t / 30)
    )


def _inverse(
    forward: Callable[[Floats, Floats], tuple[Floats, Floats]], lon: Floats, lat: Floats
) -> tuple[Floats, Floats]:
    """Find what `forward` would bring to the given positions; the rectangle is tested on the candidate."""
    x, y = lon.copy(), lat.copy()
    for _ in range(_INVERSE_STEPS):
        east, north = forward(x, y)
        x, y = x - (east - lon), y - (north - lat)
    return x, y
