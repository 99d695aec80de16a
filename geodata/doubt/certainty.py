"""What a probability is worth: when a grid may be taken for granted, and when a person must look."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geodata.doubt.gaussian import nearest_sigmas
from geodata.locate import Located, Status

Floats = NDArray[np.float64]

SURE: Final = 0.9
LIKELY: Final = 0.6
LEAST_LEAD: Final = 0.15
"""The likeliest grid must lead the second by this much."""
TOO_WIDE_M: Final = 100.0
"""A position with a larger standard error, metres, names no grid: its community or township at best."""
STATED_WITHIN: Final = 3.0
"""Standard errors within which a stated building agrees with a measured point."""


class Certainty(StrEnum):
    """How far the grid of a place can be relied on."""

    SURE = "sure"
    LIKELY = "likely"
    REVIEW = "review"


def certainty(first: ArrayLike, second: ArrayLike, outside: ArrayLike, sigma_m: ArrayLike) -> NDArray[np.object_]:
    """
    Judge places by the probabilities of their grids.

    Parameters
    ----------
    first, second
        Probability of the likeliest grid and of the next, shape (n,); 0 where there is none.
    outside
        Probability of lying in no grid.
    sigma_m
        The larger standard error of the place, metres.

    Returns
    -------
    certainty
        Shape (n,), values of `Certainty`: `SURE` from 0.9 on, `LIKELY` from 0.6 on; `REVIEW` below, and where the lead
        is under 0.15, lying outside is the likeliest, or the error is over 100 m.
    """
    first, second, outside, sigma = np.broadcast_arrays(
        *(np.asarray(values, dtype=np.float64) for values in (first, second, outside, sigma_m))
    )
    open_to_doubt = (first < LIKELY) | (first - second < LEAST_LEAD) | (outside > first) | (sigma > TOO_WIDE_M)
    # NaN compares false with everything: what has no probability is not known.
    open_to_doubt |= ~np.isfinite(first)
    verdict = np.empty(first.shape, dtype=object)
    verdict.fill(Certainty.LIKELY)
    verdict[first >= SURE] = Certainty.SURE
    verdict[open_to_doubt] = Certainty.REVIEW
    return verdict


def settle(located: Located, likeliest: NDArray[np.int64], first: Floats, outside: Floats) -> Located:
    """
    Decide grid and status of points that have an error.

    Parameters
    ----------
    located
        Where the bare points lie.
    likeliest
        Row of the likeliest grid of each point, -1 where there is none.
    first, outside
        Its probability, and that of lying in no grid.

    Returns
    -------
    settled
        The likeliest grid. `OUTSIDE` only where the bare point is outside and that is also the likeliest; a point
        outside that is likelier in a grid counts as `INSIDE`.
    """
    row, status = likeliest.astype(np.int32), located.status.copy()
    was_outside = status == Status.OUTSIDE
    stays = was_outside & ((row < 0) | (outside >= first))
    status[was_outside & ~stays] = Status.INSIDE
    row[stays | (status == Status.UNPLACED)] = -1
    return Located(row, status)


def stated_wins(stated: shapely.Geometry, mean: ArrayLike, covariance: ArrayLike) -> bool:
    """
    Whether a stated building or address is believed over the measured point.

    Parameters
    ----------
    stated
        The building or site that was named: any geometry, in a projected CRS in metres.
    mean, covariance
        The measured point and its error, shapes (2,) and (2, 2), metres and square metres in that CRS.

    Returns
    -------
    wins
        True where the two agree within three standard errors: then the place is the site's. Where they do not, both
        stand, and a person is shown the conflict.
    """
    return nearest_sigmas(stated, mean, covariance) <= STATED_WITHIN
