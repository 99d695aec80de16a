"""Drawing the edges of a coverage on a raster, band by band."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.locate.edges import Edges, Frame
from geodata.locate.raster import ANCHOR, ASK, FIRST_TOUCHED, TOLERANCE, Crowded, Halved, Raster, decode

CLOSE = 4 * TOLERANCE
"""A cell is touched by an edge that passes this close, in cells: well beyond the errors of the frame."""
END_CLOSE = 6 * TOLERANCE
"""
An edge that ends this close to a cell may end in it. More than `CLOSE`, so that rounding never lets such an edge
pass for one that runs through.
"""
FAR = 2.0
"""Longer than any way from the anchor to a point of the same cell."""
BAND_CELLS = 1 << 16
"""Rows are drawn in bands of about so many cells, to keep the peak of memory low."""


def draw(edges: Edges, frame: Frame) -> Raster:
    """Draw the edges of a coverage, band by band."""
    cells = np.empty(frame.width * frame.height, np.int32)
    low = np.floor(edges.start_v - CLOSE).astype(np.int32)
    high = np.floor(edges.end_v + CLOSE).astype(np.int32)
    step = -(-max(BAND_CELLS, len(cells) // 64) // frame.width)
    bands = []
    halved = crowded = 0
    for bottom in range(0, frame.height, step):
        top = min(bottom + step, frame.height)
        some = edges.take((high >= bottom) & (low < top)).merged()
        band = _draw_band(some, bottom, top, frame.width, cells, halved, crowded)
        halved += len(band.halved.near)
        crowded += len(band.crowded.anchor)
        bands.append(band)
    return Raster(frame, cells, *_joined(bands))


class _Band(NamedTuple):
    halved: Halved
    crowded: Crowded
    several: NDArray[np.int64]


class _Touches(NamedTuple):
    """One row for each edge in each cell that it touches, in the order of cells."""

    cell: NDArray[np.int64]
    line: NDArray[np.float64]
    gain: NDArray[np.int64]
    through: NDArray[np.bool_]


def _draw_band(
    edges: Edges, bottom: int, top: int, width: int, cells: NDArray[np.int32], halved: int, crowded: int
) -> _Band:
    """Fill rows `bottom` to `top` of `cells`; `halved` and `crowded` count those of earlier bands."""
    touches, sums = _sweep(edges, bottom, top, width)
    values = decode(sums)
    several = values == ASK
    fresh = np.ones(len(touches.cell), bool)
    fresh[1:] = touches.cell[1:] != touches.cell[:-1]
    first = np.flatnonzero(fresh)
    count = np.diff(first, append=len(fresh))
    touched = touches.cell[first]
    several[touched] = False
    unsure = np.zeros(len(first), bool)
    unsure[(np.cumsum(fresh) - 1)[touches.line[:, 2] <= TOLERANCE]] = True
    values[touched[unsure]] = ASK

    lone = (count == 1) & touches.through[first] & ~unsure
    many = ~lone & ~unsure
    values[touched[lone]] = FIRST_TOUCHED - 2 * (halved + np.arange(lone.sum()))
    values[touched[many]] = FIRST_TOUCHED - 2 * (crowded + np.arange(many.sum())) - 1
    cells[bottom * width : top * width] = values

    one = first[lone]
    near = sums[touched[lone]]
    in_many = np.repeat(many, count)
    return _Band(
        Halved(touches.line[one, :3].astype(np.float32), decode(near), decode(near + touches.gain[one])),
        Crowded(count[many], sums[touched[many]], touches.line[in_many].astype(np.float32), touches.gain[in_many]),
        np.flatnonzero(several) + bottom * width,
    )


def _joined(bands: list[_Band]) -> _Band:
    """Put the bands together; `Crowded.first` holds counts before and positions after."""
    counts = np.concatenate([band.crowded.first for band in bands])
    return _Band(
        Halved(
            np.concatenate([band.halved.line for band in bands]),
            np.concatenate([band.halved.near for band in bands]),
            np.concatenate([band.halved.far for band in bands]),
        ),
        Crowded(
            np.concatenate([[0], np.cumsum(counts)]),
            np.concatenate([band.crowded.anchor for band in bands]),
            np.concatenate([band.crowded.line for band in bands]),
            np.concatenate([band.crowded.gain for band in bands]),
        ),
        np.concatenate([band.several for band in bands]),
    )


def _sweep(edges: Edges, bottom: int, top: int, width: int) -> tuple[_Touches, NDArray[np.int64]]:
    """Follow each edge through the rows of a band: the cells that it touches, and the sum at every anchor."""
    edge, row = _spread(
        np.maximum(np.floor(edges.start_v - CLOSE), bottom),
        np.minimum(np.floor(edges.end_v + CLOSE), top - 1),
    )
    run, rise = edges.end_u - edges.start_u, edges.end_v - edges.start_v
    slope = np.divide(run, rise, out=np.zeros_like(run), where=rise > 0)[edge]
    u, v, rise = edges.start_u[edge], edges.start_v[edge], rise[edge]

    height = row + ANCHOR[1]
    meets = np.flatnonzero((v <= height) & (height < edges.end_v[edge]))
    column = np.floor(u[meets] + (height[meets] - v[meets]) * slope[meets] - ANCHOR[0]).astype(np.int64) + 1
    sums = np.zeros((top - bottom, width), np.int64)
    # Going east over an edge that runs upwards is going from its left to its right.
    np.subtract.at(sums, (row[meets] - bottom, column), edges.gain[edge[meets]])
    np.cumsum(sums, axis=1, out=sums)

    enter = u + np.clip(row - CLOSE - v, 0, rise) * slope
    leave = u + np.clip(row + 1 + CLOSE - v, 0, rise) * slope
    # Where a nearly level edge meets the border of a row is known too badly: take all of it.
    level = np.abs(slope) > 1e4
    level |= rise == 0
    enter[level], leave[level] = u[level], edges.end_u[edge[level]]
    pair, column = _spread(np.floor(np.minimum(enter, leave) - CLOSE), np.floor(np.maximum(enter, leave) + CLOSE))
    touches = _touches(edges, edge[pair], column, row[pair], (row[pair] - bottom) * width + column)
    return touches, sums.ravel()


def _spread(low: NDArray[np.float64], high: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every whole number from `low` to `high`: which pair it belongs to, and the number."""
    count = (high - low).astype(np.int64) + 1
    which = np.repeat(np.arange(len(count)), count)
    before = np.cumsum(count) - count
    return which, np.arange(len(which)) + np.repeat(low.astype(np.int64) - before, count)


def _touches(
    edges: Edges,
    edge: NDArray[np.int64],
    column: NDArray[np.int64],
    row: NDArray[np.int64],
    cell: NDArray[np.int64],
) -> _Touches:
    """Describe each edge as seen from the anchor of a cell."""
    order = np.argsort(cell)
    edge, cell = edge[order], cell[order]
    east, north = column[order] + ANCHOR[0], row[order] + ANCHOR[1]
    start_x, start_y = edges.start_u[edge] - east, edges.start_v[edge] - north
    end_x, end_y = edges.end_u[edge] - east, edges.end_v[edge] - north
    length = np.hypot(end_x - start_x, end_y - start_y)
    # Seen from the anchor, the edge runs with the anchor on its left.
    along_x, along_y = (end_x - start_x) / length, (end_y - start_y) / length
    distance = along_y * start_x - along_x * start_y
    turn = np.where(distance < 0, -1.0, 1.0)
    along_x, along_y, distance = along_x * turn, along_y * turn, distance * turn
    ends = along_x * start_x + along_y * start_y, along_x * end_x + along_y * end_y

    # An edge that comes this near without ending here runs right through, and its line may stand for it.
    middle_x, middle_y, near = 0.5 - ANCHOR[0], 0.5 - ANCHOR[1], 0.5 + END_CLOSE
    through = (np.maximum(np.abs(start_x - middle_x), np.abs(start_y - middle_y)) > near) & (
        np.maximum(np.abs(end_x - middle_x), np.abs(end_y - middle_y)) > near
    )
    low = np.where(through, -FAR, np.maximum(np.minimum(*ends), -FAR))
    high = np.where(through, FAR, np.minimum(np.maximum(*ends), FAR))
    line = np.stack([-along_y, along_x, distance, low, high], axis=1)
    gain = (-turn).astype(np.int64) * edges.gain[edge]
    return _Touches(cell, line, gain, through)
