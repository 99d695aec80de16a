"""What the radius beside a position means: every system states another share of its error."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

SIGMA_FLOOR_M: Final = 3.0
"""No phone or camera knows better than this, whatever it says."""
ASSUMED_SIGMA_M: Final = 50.0
"""Taken where a position came without an accuracy."""


class Convention(StrEnum):
    """What share of positions falls inside the stated radius, by who states it."""

    ANDROID68 = "android68"
    IOS = "ios"
    BROWSER95 = "browser95"
    CE90 = "ce90"
    CEP50 = "cep50"
    UNKNOWN = "unknown"


def _radius_holding(share: float) -> float:
    """Radius, in standard errors of one axis, of the circle that holds a share of a round 2-D Gaussian."""
    return math.sqrt(-2 * math.log1p(-share))


RADIUS_PER_SIGMA: Final = {
    Convention.ANDROID68: _radius_holding(0.68),
    # Core Location states the 2-D root mean square.
    Convention.IOS: math.sqrt(2),
    Convention.BROWSER95: _radius_holding(0.95),
    Convention.CE90: _radius_holding(0.90),
    Convention.CEP50: _radius_holding(0.50),
    # The middle of the five, and on the side of more doubt than a phone means.
    Convention.UNKNOWN: math.sqrt(2),
}
"""How many standard errors of one axis the stated radius is."""


def sigma_of(radius_m: ArrayLike, convention: Convention = Convention.UNKNOWN) -> tuple[Floats, NDArray[np.bool_]]:
    """
    Turn stated radii into standard errors.

    Parameters
    ----------
    radius_m
        Stated radii, metres, any shape. NaN, infinity, 0 (Android without an accuracy) and negative numbers (iOS
        without a fix) state nothing.
    convention
        Who states them.

    Returns
    -------
    sigma_m
        Standard error of each axis, metres, same shape: at least `SIGMA_FLOOR_M`.
    assumed
        Where nothing was stated, and `ASSUMED_SIGMA_M` was taken.

    References
    ----------
    Android ``Location.getAccuracy`` (68 %), Apple ``CLLocation.horizontalAccuracy``, W3C Geolocation ``accuracy``
    (95 %), MISB ST 0601 tag 45 (CE90).
    """
    radius = np.asarray(radius_m, dtype=np.float64)
    assumed = ~(np.isfinite(radius) & (radius > 0))
    stated = np.maximum(np.where(assumed, 0.0, radius) / RADIUS_PER_SIGMA[convention], SIGMA_FLOOR_M)
    return np.where(assumed, ASSUMED_SIGMA_M, stated), assumed
