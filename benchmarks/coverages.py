"""Made-up coverages to measure on: irregular grids without gap or overlap, the same bytes every time."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

SIZES = (767, 10_000, 100_000)
"""Numbers of grids that `docs` and figures speak of: the reference district, a city, a province."""

CENTRE = (114.20, 35.72)
SIDE_DEG = 0.005
DECIMALS = 9
SEGMENTS_ACROSS = (7, 13)
SEGMENTS_UPRIGHT = (13, 23)
"""Least and most segments of the two kinds of shared edge; four of one and two of the other make 76 on average."""


def irregular_coverage(count: int, *, seed: int = 1) -> NDArray[np.object_]:
    """
    Draw `count` grids that fill their outline like bent bricks, 76 vertices each on average.

    Bricks of one row stand half a brick beside those of the next, so that three grids meet at a node as they
    do along real streets. Nodes are moved at random, and each shared edge is one wiggly line that both
    neighbours use, so the coverage is noded: no gap, no overlap, no T-junction.

    Parameters
    ----------
    count
        How many grids.
    seed
        Another seed gives another coverage.

    Returns
    -------
    polygons
        `count` valid shapely Polygons in EPSG:4326, longitude first, coordinates of 9 decimals; the order is by
        rows from south to north.
    """
    columns = max(1, round(count**0.5))
    rows = -(-count // columns)
    rng = np.random.default_rng(seed)
    nodes = _nodes(rng, rows, columns)
    across = _wiggly(rng, nodes[:, :-1], nodes[:, 1:], SEGMENTS_ACROSS)
    upright = _wiggly(rng, nodes[:-1], nodes[1:], SEGMENTS_UPRIGHT)
    polygons = [_row_of_bricks(row, columns, across, upright) for row in range(rows)]
    return np.concatenate(polygons)[:count]


_Lines = tuple[NDArray[np.float64], NDArray[np.int64]]


def _nodes(rng: np.random.Generator, rows: int, columns: int) -> NDArray[np.float64]:
    """Corners on `rows + 1` lines, two for each brick: shape (rows + 1, 2 columns + 2, 2), degrees."""
    line, half = np.meshgrid(np.arange(rows + 1.0), np.arange(2.0 * columns + 2), indexing="ij")
    # A corner is pushed towards the brick that it does not belong to, which makes bricks six-sided.
    push = np.where((half + line) % 2 == 0, 0.12, -0.12)
    place = np.stack([half / 2, line + push], axis=-1) + rng.uniform(-0.09, 0.09, (*line.shape, 2))
    corner = np.array(CENTRE) - SIDE_DEG * np.array([columns, rows]) / 2
    return np.round(corner + SIDE_DEG * place, DECIMALS)


def _wiggly(
    rng: np.random.Generator, start: NDArray[np.float64], end: NDArray[np.float64], segments: tuple[int, int]
) -> _Lines:
    """
    Bend each line from `start` to `end`.

    Returns
    -------
    lines, counts
        Vertices, shape (rows, columns, most segments + 1, 2), and how many segments count; past them the end
        is repeated.
    """
    least, most = segments
    counts = rng.integers(least, most, endpoint=True, size=start.shape[:2])
    step = np.minimum(np.arange(most + 1) / counts[..., None], 1.0)
    phase = rng.uniform(0, 2 * np.pi, (2, *counts.shape, 1))
    wave = np.sin(7 * step + phase[0]) + 0.6 * np.sin(17 * step + phase[1]) + rng.uniform(-0.5, 0.5, step.shape)
    # The bend dies out at both ends, so that lines that meet at a node never cross each other.
    bend = 0.05 * np.sin(np.pi * step) * wave
    along = end - start
    normal = np.stack([-along[..., 1], along[..., 0]], axis=-1)
    lines = start[:, :, None] + step[..., None] * along[:, :, None] + bend[..., None] * normal[:, :, None]
    return np.round(lines, DECIMALS), counts


def _row_of_bricks(row: int, columns: int, across: _Lines, upright: _Lines) -> NDArray[np.object_]:
    """Polygons of one row, west to east: two edges along the south, one up, two back, one down."""
    left = 2 * np.arange(columns) + row % 2
    sides = [
        _pick(across, row, left, ahead=True),
        _pick(across, row, left + 1, ahead=True),
        _pick(upright, row, left + 2, ahead=True),
        _pick(across, row + 1, left + 1, ahead=False),
        _pick(across, row + 1, left, ahead=False),
        _pick(upright, row, left, ahead=False),
    ]
    vertices = np.concatenate([side for side, _ in sides], axis=1)
    used = np.concatenate([mask for _, mask in sides], axis=1)
    brick = np.broadcast_to(np.arange(columns)[:, None], used.shape)
    return np.asarray(shapely.polygons(shapely.linearrings(vertices[used], indices=brick[used])))


def _pick(
    lines: _Lines, row: int, columns: NDArray[np.int64], *, ahead: bool
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """One side of each brick with a mask of the vertices that count: all but the last in the direction of travel."""
    vertices, counts = lines[0][row, columns], lines[1][row, columns, None]
    number = np.arange(vertices.shape[1])
    if ahead:
        return vertices, number < counts
    return vertices[:, ::-1], ((number >= 1) & (number <= counts))[:, ::-1]
