"""
How much of a 2-D Gaussian lies in a polygon, exactly.

Whitened, so that the error is a circle of one unit around the origin, a polygon is a signed sum of triangles between
the origin and its edges, and the Gaussian over each of them has a closed form with Owen's T function.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_NOTHING_BEYOND: Final = 8.7
"""Standard errors: beyond lies less than 4e-17 of the Gaussian, below the last bit of a sum of probabilities."""
_NO_HEIGHT: Final = 1e-150
"""Standard errors: a triangle flatter than this has no mass, and its slopes would overflow."""
_VERTICES_AT_ONCE: Final = 1 << 18
"""How many whitened vertices are in memory together: some 40 MB with what is computed on the way."""


@dataclass(frozen=True, slots=True)
class _Outlines:
    """
    Rings of polygons laid end to end, shells counter-clockwise, holes clockwise.

    Attributes
    ----------
    xy
        Vertices, shape (v, 2).
    closes
        Shape (v,), where a ring ends: the step to the next vertex is no edge.
    first, count
        Where the vertices of each polygon begin and how many they are.
    """

    xy: Floats
    closes: NDArray[np.bool_]
    first: NDArray[np.int64]
    count: NDArray[np.int64]

    @classmethod
    def of(cls, polygons: NDArray[np.object_]) -> Self:
        parts, owner = shapely.get_parts(shapely.orient_polygons(polygons), return_index=True)
        rings, part = shapely.get_rings(parts, return_index=True)
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        closes = np.ones(len(xy), bool)
        closes[:-1] = ring[1:] != ring[:-1]
        count = np.bincount(owner[part[ring]], minlength=len(polygons))
        return cls(xy, closes, np.cumsum(count) - count, count)


def mass(polygon: shapely.Polygon | shapely.MultiPolygon, mean: ArrayLike, covariance: ArrayLike) -> float:
    """
    Probability that a point with an error lies in a polygon.

    Parameters
    ----------
    polygon
        A Polygon or MultiPolygon, with or without holes, in any plane system.
    mean
        Where the point was measured, shape (2,), in the system of `polygon`.
    covariance
        Of the error, shape (2, 2), in its unit squared.

    Returns
    -------
    probability
        0 to 1, exact to some 1e-14.

    Raises
    ------
    ValueError
        If the covariance is not that of an error in two directions, or shapes do not fit.
    """
    shapes = np.empty(1, dtype=object)
    shapes[0] = polygon
    one = np.zeros(1, dtype=np.int64)
    return float(masses(shapes, one, np.asarray(mean, float)[None], np.asarray(covariance, float)[None])[0])


def masses(
    polygons: NDArray[np.object_],
    which: NDArray[np.int64],
    mean: Floats,
    covariance: Floats,
    unit: Floats | None = None,
) -> Floats:
    """
    Probabilities for many pairs of a point and a polygon.

    Parameters
    ----------
    polygons
        Polygons or MultiPolygons; empty ones and None hold nothing.
    which
        Shape (n,), the row of `polygons` for each pair.
    mean
        Shape (n, 2), the point of each pair, in the system of `polygons`.
    covariance
        Shape (n, 2, 2), of its error.
    unit
        Shape (n, 2): how many units of `covariance` one unit of the polygons is along each axis at the point of the
        pair, where the two differ (metres a degree).

    Returns
    -------
    probability
        Shape (n,).

    Raises
    ------
    ValueError
        If a covariance is not positive definite, or shapes do not fit.
    """
    which = np.asarray(which, dtype=np.int64)
    if mean.shape != (len(which), 2) or covariance.shape != (len(which), 2, 2):
        raise ValueError(
            f"{len(which)} pairs need as many means and covariances, not {mean.shape}, {covariance.shape}."
        )
    whiten = _whitening(covariance)
    if unit is not None:
        whiten = whiten * unit[:, None, :]
    result = np.zeros(len(which))
    wanted, wanted_at = np.unique(which, return_inverse=True)
    for some in _portions(shapely.get_num_coordinates(polygons[wanted])[wanted_at]):
        used, place = np.unique(which[some], return_inverse=True)
        result[some] = _sum_triangles(_Outlines.of(polygons[used]), place, mean[some], whiten[some])
    return np.clip(result, 0.0, 1.0)


def nearest_sigmas(shape: shapely.Geometry, mean: ArrayLike, covariance: ArrayLike) -> float:
    """
    How far, in standard errors, the nearest place of a geometry is from a measured point; 0 inside.

    Parameters
    ----------
    shape
        Any geometry, in a plane system.
    mean, covariance
        As in `mass`.

    Raises
    ------
    ValueError
        If the covariance is not that of an error in two directions.
    """
    whiten = _whitening(np.asarray(covariance, float)[None])[0]
    centre = np.asarray(mean, float)
    white = shapely.transform(shape, lambda xy: (xy - centre) @ whiten.T)
    return float(shapely.distance(white, shapely.Point(0.0, 0.0)))


def sunflower(count: int = 256) -> Floats:
    """
    Spread points evenly over the probability of a round Gaussian of one unit: the seeds of a sunflower.

    Returns
    -------
    points
        Shape (count, 2); each stands for the same share of the whole.
    """
    seed = np.arange(count)
    radius = np.sqrt(-2 * np.log1p(-(seed + 0.5) / count))
    angle = seed * (math.pi * (3 - math.sqrt(5)))
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _whitening(covariance: Floats) -> Floats:
    """For each covariance the matrix that makes it the unit matrix, shape (n, 2, 2), lower triangular."""
    try:
        root = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        raise ValueError("A covariance must be symmetric and positive in every direction.") from None
    return np.asarray(np.linalg.inv(root))


def _portions(vertices: NDArray[np.integer]) -> list[slice]:
    """Cut pairs into runs that hold at most `_VERTICES_AT_ONCE` vertices, or a single pair."""
    if not len(vertices):
        return []
    run = np.cumsum(vertices) // _VERTICES_AT_ONCE
    cuts = [0, *(np.flatnonzero(run[1:] != run[:-1]) + 1).tolist(), len(vertices)]
    return [slice(start, stop) for start, stop in pairwise(cuts)]


def _sum_triangles(outlines: _Outlines, place: NDArray[np.intp], mean: Floats, whiten: Floats) -> Floats:
    """Mass of each pair: the signed triangles between the origin and every edge."""
    count = outlines.count[place]
    begin = np.cumsum(count) - count
    pair = np.repeat(np.arange(len(place)), count)
    vertex = np.arange(len(pair)) + np.repeat(outlines.first[place] - begin, count)
    away = outlines.xy[vertex] - mean[pair]
    x = whiten[pair, 0, 0] * away[:, 0]
    y = whiten[pair, 1, 0] * away[:, 0] + whiten[pair, 1, 1] * away[:, 1]
    edge = np.flatnonzero(~outlines.closes[vertex])
    return np.bincount(pair[edge], _triangles(x, y, edge), minlength=len(place)).astype(np.float64)


def _triangles(x: Floats, y: Floats, edge: NDArray[np.intp]) -> Floats:
    """Mass of the triangle between the origin and each edge from vertex `edge` to the next, positive on its left."""
    # Half a second of loading that a web process should not wait for before it serves.
    from scipy.special import owens_t

    px, py, qx, qy = x[edge], y[edge], x[edge + 1], y[edge + 1]
    cross = px * qy - py * qx
    part = np.arctan2(np.abs(cross), px * qx + py * qy) / (2 * math.pi)
    length = np.hypot(qx - px, qy - py)
    length[length == 0] = 1.0
    height = np.abs(cross) / length
    # An edge whose line meets the origin, and one without length, spans no triangle.
    spans = height > _NO_HEIGHT
    start = (px * (qx - px) + py * (qy - py)) / length
    end = (qx * (qx - px) + qy * (qy - py)) / length
    # Where an edge is far, all of the Gaussian in its angle lies before it.
    near = np.flatnonzero(spans & (height < _NOTHING_BEYOND) & (start < _NOTHING_BEYOND) & (end > -_NOTHING_BEYOND))
    h = height[near]
    part[near] -= owens_t(h, end[near] / h) - owens_t(h, start[near] / h)
    return np.asarray(np.where(spans, np.copysign(part, cross), 0.0))
