"""
Points with an error: are the probabilities as often right as they say, and what do they cost?

Both are measured on a made-up coverage of the reference district's 767 grids. Peers are Green's theorem integrated
numerically by scipy to the same error, and as many random points as it takes for the error of the fast form.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
import shapely
from coverages import irregular_coverage
from numpy.typing import NDArray
from scipy.integrate import quad_vec
from scipy.special import ndtr

from geodata.doubt import Certainty, certainty, isotropic, locate_with_doubt, masses, weigh, weigh_fast
from geodata.doubt.weighing import metres_per_degree
from geodata.locate import GridIndex

Floats = NDArray[np.float64]
T = TypeVar("T")

GRIDS = 767
TRUTHS = 100_000
SIGMAS_M = ((3.0, 10.0), (3.0, 40.0), (40.0, 100.0))
"""Standard errors of the devices, metres: phones under the sky, phones in a town, phones indoors."""
POINTS = 20_000
PEER_POINTS = 60
SAMPLES = 5_625
"""Random points whose share errs by 0.02 at three standard errors, about as the fast form does at most."""


def doubt_calibration() -> Iterator[str]:
    """Compare what was said to be likely with how often it was true, on simulated places seen with an error."""
    index = GridIndex.build(irregular_coverage(GRIDS), np.arange(GRIDS))
    for low, high in SIGMAS_M:
        truth, seen, sigma = _simulated(index, TRUTHS, low, high)
        weighed = weigh(index, *seen.T, isotropic(sigma))
        row, first = weighed.nth(0)
        right = row == index.locate(*truth.T).row
        verdict = certainty(first, weighed.nth(1)[1], weighed.outside, sigma)
        bins = np.minimum((first * 10).astype(int), 9)
        rates = [
            f"{nth / 10:.1f}: {right[bins == nth].mean():.3f} ({(bins == nth).sum()})"
            for nth in range(10)
            if (bins == nth).sum() >= 100
        ]
        shares = [
            f"{name} {(verdict == name).mean():.1%}, right {right[verdict == name].mean():.2%}" for name in Certainty
        ]
        yield f"{TRUTHS:,} places, sigma {low:g} to {high:g} m: {'; '.join(shares)}"
        yield f"  right by tenth of p (places): {', '.join(rates)}"


def doubt_speed() -> Iterator[str]:
    """Weigh points one beside the other: exact, fast, and peers at the same error."""
    polygons = irregular_coverage(GRIDS)
    index = GridIndex.build(polygons, np.arange(GRIDS))
    for sigma_m in (5.0, 20.0, 50.0, 100.0):
        _, seen, sigma = _simulated(index, POINTS, sigma_m, sigma_m)
        covariance = isotropic(sigma)
        exact_us, exact = _us_each(POINTS, lambda: weigh(index, *seen.T, covariance))  # noqa: B023
        fast_us, fast = _us_each(POINTS, lambda: weigh_fast(index, *seen.T, covariance))  # noqa: B023
        (row, p), (fast_row, q) = exact.nth(0), fast.nth(0)
        other = row != fast_row
        yield (
            f"sigma {sigma_m:g} m: exact {exact_us:.0f} µs a point, fast {fast_us:.0f} µs; fast errs by at most "
            f"{np.abs(p - q)[~other].max():.3f}, other winner in {other.mean():.2%}, then by at most "
            f"{np.abs(p - q)[other].max(initial=0):.3f}"
        )
    yield from _against_peers(index, polygons)
    accuracy = np.random.default_rng(5).uniform(5, 60, 100_000)
    truth = _simulated(index, len(accuracy), 3, 40)[1]
    each, _ = _us_each(len(accuracy), lambda: locate_with_doubt(index, *truth.T, accuracy))
    yield f"table of 100,000 points with accuracies of 5 to 60 m: {each / 10:.2f} s, {each:.0f} µs a point"


def _against_peers(index: GridIndex, polygons: NDArray[np.object_]) -> Iterator[str]:
    """The same pairs of a doubtful point and a grid by the closed form, by quadrature and by random points."""
    _, seen, sigma = _simulated(index, PEER_POINTS, 20.0, 20.0)
    reach = 4.5 * sigma[:, None] / metres_per_degree(seen[:, 1])
    point, row = index.candidates(*seen.T, *reach.T)
    mean, unit = seen[point], metres_per_degree(seen[point, 1])
    ours_us, ours = _us_each(len(row), lambda: masses(polygons, row, mean, isotropic(sigma[point]), unit))
    metres = [
        shapely.transform(polygons[r], lambda xy, at=at, by=by: (xy - at) * by / 20.0)
        for r, at, by in zip(row, mean, unit, strict=True)
    ]
    quad_us, numeric = _us_each(len(row), lambda: np.array([_by_green(polygon) for polygon in metres]))
    rng = np.random.default_rng(3)
    random_us, sampled = _us_each(
        len(row), lambda: np.array([shapely.contains_xy(g, *rng.normal(size=(2, SAMPLES))).mean() for g in metres])
    )
    yield (
        f"{len(row)} pairs of point and grid: closed form {ours_us:.0f} µs a pair; scipy quad_vec {quad_us:.0f} µs, "
        f"{quad_us / ours_us:.0f} x, differs by {np.abs(ours - numeric).max():.0e}; {SAMPLES:,} random points "
        f"{random_us:.0f} µs, {random_us / ours_us:.0f} x, differ by {np.abs(ours - sampled).max():.3f}"
    )


def _by_green(polygon: shapely.Polygon) -> float:
    """Mass of the unit Gaussian as the integral of the distribution of x times the density of y along the border."""
    xy = shapely.get_coordinates(shapely.orient_polygons(polygon))
    start, step = xy[:-1], np.diff(xy, axis=0)

    def along(t: float) -> Floats:
        x, y = (start + t * step).T
        return ndtr(x) * np.exp(-(y**2) / 2) / np.sqrt(2 * np.pi) * step[:, 1]

    return float(quad_vec(along, 0, 1, epsabs=1e-12, epsrel=0, norm="max")[0].sum())


def _simulated(index: GridIndex, count: int, low_m: float, high_m: float) -> tuple[Floats, Floats, Floats]:
    """Places spread over the coverage, where devices saw them (degrees both), and their standard errors (metres)."""
    rng = np.random.default_rng(2)
    west, south, east, north = shapely.total_bounds(index.polygons)
    truth = rng.uniform([west, south], [east, north], (count, 2))
    sigma = rng.uniform(low_m, high_m, count)
    seen = truth + rng.normal(size=(count, 2)) * sigma[:, None] / metres_per_degree(truth[:, 1])
    return truth, seen, sigma


def _us_each(count: int, work: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    result = work()
    return (time.process_time() - start) * 1e6 / count, result
