"""
The probability of each grid around points with an error, in bulk.

Grids are held in degrees, errors stated in metres. Around each point degrees are turned into metres by the radii of
curvature of the ellipsoid there: straight edges stay the straight edges that decide which grid holds a bare point, the
covariance keeps true east and north, and against any projected system the difference is below 1e-4 of a standard
error for every error that names a grid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geodata.doubt.certainty import TOO_WIDE_M
from geodata.doubt.gaussian import masses, sunflower
from geodata.locate import GridIndex, Located, Status

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

REACH: Final = 4.5
"""Standard errors to each side of a point that are searched for grids; 1.4e-5 of the probability lies beyond."""
LEAST_TOLD: Final = 0.05
"""Grids less likely than this are not told to people, unless none is likelier."""
SEEDS: Final = 256
"""Points of the fast form: probabilities within 0.025."""

_DOUBTS_AT_ONCE: Final = 512
"""Points whose candidates are listed together: where polygons are buildings there may be thousands for each."""
_SOWN_AT_ONCE: Final = 1024
_AGREE: Final = 9
"""Decimals to which probabilities must differ to rank; closer ones rank as on a shared edge, by `GridIndex`."""
# WGS 84.
_A_M: Final = 6378137.0
_E2: Final = 6.69437999014e-3


@dataclass(frozen=True, slots=True)
class Weighed:
    """
    The grids that n points may lie in.

    Attributes
    ----------
    point, row, probability
        Shape (m,) each: pairs of a point and a grid, by point, the likeliest grid first.
    first
        Shape (n + 1,), where the pairs of each point begin.
    outside
        Shape (n,), probability of lying in no grid; NaN for a point that is NaN or infinite. With the probabilities of
        the point it sums to 1, unless grids overlap, when each counts in full.
    """

    point: Ints
    row: Ints
    probability: Floats
    first: Ints
    outside: Floats

    @classmethod
    def of(
        cls, count: int, point: Ints, row: Ints, probability: Floats, order: Ints, placed: NDArray[np.bool_]
    ) -> Self:
        """Sort pairs; of equally likely grids that with the lower `order` comes first."""
        there = probability > 0
        point, row, probability, order = point[there], row[there], probability[there], order[there]
        sorted_by = np.lexsort((order, -np.round(probability, _AGREE), point))
        point, row, probability = point[sorted_by], row[sorted_by], probability[sorted_by]
        outside = np.maximum(0.0, 1.0 - np.bincount(point, probability, minlength=count))
        outside[~placed] = np.nan
        first = np.concatenate([[0], np.cumsum(np.bincount(point, minlength=count))])
        return cls(point, row, probability, first, outside)

    def __len__(self) -> int:
        return len(self.outside)

    def nth(self, place: int) -> tuple[Ints, Floats]:
        """Row and probability of the likeliest grid of each point (0), or the next (1), ...; -1 and 0 without one."""
        at = self.first[:-1] + place
        there = at < self.first[1:]
        row, probability = np.full(len(self), -1), np.zeros(len(self))
        row[there], probability[there] = self.row[at[there]], self.probability[at[there]]
        return row, probability

    def pairs(self, point: int) -> list[tuple[int, float]]:
        """Every grid of one point with its probability, the likeliest first."""
        some = slice(*self.first[point : point + 2])
        return list(zip(self.row[some].tolist(), self.probability[some].tolist(), strict=True))

    def told(self, point: int) -> list[tuple[int, float]]:
        """The grids of one point that people are told: from 0.05 on, and the likeliest in any case."""
        return [pair for n, pair in enumerate(self.pairs(point)) if n == 0 or pair[1] >= LEAST_TOLD]


def isotropic(sigma_m: ArrayLike) -> Floats:
    """Covariances, shape (n, 2, 2), square metres, of n errors that are the same in every direction."""
    return np.asarray(sigma_m, dtype=np.float64)[:, None, None] ** 2 * np.eye(2)


def spread(covariance: Floats) -> Floats:
    """The standard error along the longest axis of each covariance, metres."""
    return np.asarray(np.sqrt(np.linalg.eigvalsh(covariance)[:, 1]))


def weigh(
    index: GridIndex, lon: ArrayLike, lat: ArrayLike, covariance: Floats, located: Located | None = None
) -> Weighed:
    """
    Give the probability of each grid that points with an error may lie in.

    Exact to the 1.4e-5 that lies beyond 4.5 standard errors and counts as outside. Two kinds of points are taken
    shorter: where the box of 4.5 standard errors lies in one grid, that grid has probability 1 (at most 1.4e-5 too
    much); where the error is over 100 m and no grid is named anyway, the fast form is taken (within 0.025).

    Parameters
    ----------
    index
        The grids. They are meant to be a coverage: where they overlap, each counts in full.
    lon, lat
        Degrees, EPSG:4326, shape (n,) each.
    covariance
        Shape (n, 2, 2), square metres, east before north.
    located
        What `index.locate` says of the points, if it was asked already.

    Returns
    -------
    weighed
        All grids of each point with their probabilities.

    Raises
    ------
    ValueError
        If a covariance is not that of an error in two directions, or shapes do not fit.
    """
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if covariance.shape != (len(lon), 2, 2):
        raise ValueError(f"{len(lon)} points need as many covariances, not {covariance.shape}.")
    located = index.locate(lon, lat) if located is None else located
    placed = np.isfinite(lon) & np.isfinite(lat)
    wide = placed & (spread(covariance) > TOO_WIDE_M)
    box = _boxes(lon, lat, covariance)
    plain = np.flatnonzero(placed & ~wide & (located.status == Status.INSIDE))
    plain = plain[shapely.covers(index.polygons[located.row[plain]], shapely.box(*box[plain].T))]
    doubtful = placed & ~wide
    doubtful[plain] = False
    parts = [
        (plain, located.row[plain].astype(np.int64), np.ones(len(plain)), np.zeros(len(plain), np.int64)),
        _exact(index, lon, lat, covariance, np.flatnonzero(doubtful)),
        _sown(index, lon, lat, covariance, np.flatnonzero(wide)),
    ]
    point, row, probability, order = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Weighed.of(len(lon), point, row, probability, order, placed)


def lies_plainly(index: GridIndex, lon: float, lat: float, sigma_m: float) -> int | None:
    """
    Give the grid of one point where nothing needs weighing: most of what is reported one by one lies so.

    Parameters
    ----------
    lon, lat
        Degrees, EPSG:4326.
    sigma_m
        Standard error of each axis, metres.

    Returns
    -------
    row
        The grid that holds the whole box of 4.5 standard errors, to which `weigh` gives probability 1. None where
        `weigh` has to be asked.
    """
    row, status = index.locate_one(lon, lat)
    if status is not Status.INSIDE or not sigma_m <= TOO_WIDE_M:
        return None
    east, north = metres_per_degree(lat).tolist()
    x, y = REACH * sigma_m / east, REACH * sigma_m / north
    return row if shapely.covers(index.polygons[row], shapely.box(lon - x, lat - y, lon + x, lat + y)) else None


def weigh_fast(index: GridIndex, lon: ArrayLike, lat: ArrayLike, covariance: Floats, seeds: int = SEEDS) -> Weighed:
    """
    Give the same as `weigh` within 0.025, at a cost that does not depend on the grids.

    Parameters
    ----------
    index, lon, lat, covariance
        As in `weigh`.
    seeds
        Points sown for each; each of them is located, and has an equal share.
    """
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    placed = np.isfinite(lon) & np.isfinite(lat)
    found = _sown(index, lon, lat, covariance, np.flatnonzero(placed), seeds)
    return Weighed.of(len(lon), *found, placed)


def metres_per_degree(lat: ArrayLike) -> Floats:
    """
    How long a degree of longitude and one of latitude are on the WGS 84 ellipsoid.

    Parameters
    ----------
    lat
        Degrees, shape (n,).

    Returns
    -------
    metres
        Shape (n, 2): east, north.
    """
    angle = np.radians(np.clip(np.asarray(lat, dtype=np.float64), -89.9, 89.9))
    bend = 1.0 - _E2 * np.sin(angle) ** 2
    east = _A_M / np.sqrt(bend) * np.cos(angle)
    north = _A_M * (1.0 - _E2) / bend**1.5
    return np.radians(np.stack([east, north], axis=-1))


_Pairs = tuple[Ints, Ints, Floats, Ints]


def _boxes(lon: Floats, lat: Floats, covariance: Floats) -> Floats:
    """West, south, east, north, degrees, of what is searched around each point: shape (n, 4)."""
    reach = REACH * np.sqrt(np.diagonal(covariance, axis1=1, axis2=2)) / metres_per_degree(lat)
    centre = np.column_stack([lon, lat])
    return np.hstack([centre - reach, centre + reach])


def _exact(index: GridIndex, lon: Floats, lat: Floats, covariance: Floats, points: Ints) -> _Pairs:
    """Every grid that meets the box of a point, with its exact mass."""
    found: list[_Pairs] = []
    for start in range(0, len(points), _DOUBTS_AT_ONCE):
        some = points[start : start + _DOUBTS_AT_ONCE]
        box = _boxes(lon[some], lat[some], covariance[some])
        nth, row = index.candidates(lon[some], lat[some], *((box[:, 2:] - box[:, :2]) / 2).T)
        point = some[nth]
        mean = np.column_stack([lon[point], lat[point]])
        share = masses(index.polygons, row, mean, covariance[point], metres_per_degree(lat[point]))
        found.append((point, row, share, np.arange(len(point))))
    return _joined(found)


def _sown(index: GridIndex, lon: Floats, lat: Floats, covariance: Floats, points: Ints, seeds: int = SEEDS) -> _Pairs:
    """Every grid that holds a seed sown around a point, with its share of the seeds."""
    flower = sunflower(seeds)
    found: list[_Pairs] = []
    for start in range(0, len(points), _SOWN_AT_ONCE):
        some = points[start : start + _SOWN_AT_ONCE]
        metres = flower @ np.swapaxes(np.linalg.cholesky(covariance[some]), 1, 2)
        away = metres / metres_per_degree(lat[some])[:, None]
        row = index.locate((lon[some, None] + away[..., 0]).ravel(), (lat[some, None] + away[..., 1]).ravel()).row
        pair = np.repeat(np.arange(len(some)), seeds) * (len(index) + 1) + row + 1
        pair, count = np.unique(pair, return_counts=True)
        nth, row_found = np.divmod(pair, len(index) + 1)
        held = row_found > 0
        found.append((some[nth[held]], row_found[held] - 1, count[held] / seeds, row_found[held]))
    return _joined(found)


def _joined(found: list[_Pairs]) -> _Pairs:
    if not found:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing, np.zeros(0), nothing
    point, row, share, order = (np.concatenate(columns) for columns in zip(*found, strict=True))
    return point, row, share, order
