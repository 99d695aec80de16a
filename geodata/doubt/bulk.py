"""Locate points that have an error: everything that a table of them is given, column by column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.doubt.accuracy import Convention, sigma_of
from geodata.doubt.certainty import certainty, settle
from geodata.doubt.weighing import isotropic, weigh
from geodata.locate import GridIndex, Located

Floats = NDArray[np.float64]

_POINTS_AT_ONCE: Final = 1 << 14


@dataclass(frozen=True, slots=True)
class Doubtful:
    """
    Where n points with an error lie.

    Attributes
    ----------
    row, status
        As in `Located`, decided by `settle`: the likeliest grid, -1 where there is none.
    certainty
        Values of `Certainty`; None for a point that is NaN or infinite.
    probability
        Of the grid in `row`, or of lying outside where `row` is -1; NaN for a point that is NaN or infinite.
    second_row, second_probability
        The likeliest of the other grids, -1 and 0 where there is none.
    outside
        Probability of lying in no grid.
    assumed
        Where no accuracy was stated, and 50 m were assumed.
    """

    row: NDArray[np.int32]
    status: NDArray[np.uint8]
    certainty: NDArray[np.object_]
    probability: Floats
    second_row: NDArray[np.int64]
    second_probability: Floats
    outside: Floats
    assumed: NDArray[np.bool_]


def locate_with_doubt(
    index: GridIndex,
    lon: ArrayLike,
    lat: ArrayLike,
    accuracy_m: ArrayLike,
    convention: Convention = Convention.UNKNOWN,
    *,
    extra_sigma_m: float = 0.0,
) -> Doubtful:
    """
    Locate points that state an accuracy, in portions, so that any number needs little more memory than its answer.

    Parameters
    ----------
    index
        The grids, a coverage in EPSG:4326.
    lon, lat
        Degrees, EPSG:4326, shape (n,) each.
    accuracy_m
        Stated radii, metres, shape (n,) or one for all; what states nothing is assumed to be 50 m.
    convention
        What the radii mean.
    extra_sigma_m
        A further error of every point, metres, such as that of a datum conversion.

    Raises
    ------
    ValueError
        If shapes do not fit.
    """
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    sigma, assumed = sigma_of(np.broadcast_to(np.asarray(accuracy_m, dtype=np.float64), lon.shape), convention)
    sigma = np.hypot(sigma, extra_sigma_m)
    parts = [
        _portion(index, lon[some], lat[some], sigma[some])
        for some in (slice(at, at + _POINTS_AT_ONCE) for at in range(0, max(1, len(lon)), _POINTS_AT_ONCE))
    ]
    row, status, verdict, probability, second_row, second, outside = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    return Doubtful(row, status, verdict, probability, second_row, second, outside, assumed)


def _portion(index: GridIndex, lon: Floats, lat: Floats, sigma: Floats) -> tuple[NDArray[Any], ...]:
    located = index.locate(lon, lat)
    weighed = weigh(index, lon, lat, isotropic(sigma), located)
    likeliest, first = weighed.nth(0)
    second_row, second = weighed.nth(1)
    settled: Located = settle(located, likeliest, first, weighed.outside)
    verdict = certainty(first, second, weighed.outside, sigma)
    verdict[np.isnan(weighed.outside)] = None
    # A point outside that may lie in a grid has that grid for its second.
    out = settled.row < 0
    probability = np.where(out, weighed.outside, first)
    second_row, second = np.where(out, likeliest, second_row), np.where(out, first, second)
    return settled.row, settled.status, verdict, probability, second_row, second, weighed.outside
