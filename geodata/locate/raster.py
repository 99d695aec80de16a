"""
A coverage drawn on a raster, so that a point finds its grid by reading one number.

Most cells are touched by no edge and belong to one grid as a whole. A touched cell remembers the sum of weights
(see `ONE_GRID`) at its *anchor*, a fixed place inside it, and the edges that pass. A point of that cell has the sum of
its anchor plus the gains of the edges crossed on the straight way from the anchor to the point, however large the
polygons are. These few comparisons are made in single precision with a tolerance; whatever is closer to call than
that is left to exact predicates, so the raster may decline but never errs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.locate.edges import ONE_GRID, Frame

OUTSIDE = -1
ASK = -2
"""Cells, sides and points that need exact predicates."""
FIRST_TOUCHED = -3
"""Cell values from here down lead to touched cells: even steps to `Halved`, odd ones to `Crowded`."""

ANCHOR = (0.4142, 0.5671)
"""Place of the anchor in its cell: off-centre, because edges of regular coverages like the middle."""
TOLERANCE = 1e-5
"""
How close is too close to call, in cells. Numbers inside a cell are below 3 and carry 24 bits, so what is compared errs
by less than 2e-6; places in the frame, which is at most a million cells wide, err by less than 1e-9.
"""


@dataclass(frozen=True, slots=True)
class Halved:
    """
    Cells that one edge cuts in two.

    Attributes
    ----------
    line
        Shape (n, 3), `(a, b, c)`: a point at `(x, y)` from the anchor stands `a x + b y + c` from the edge, in cells,
        positive on the anchor's side.
    near, far
        Row of the grid on the anchor's side and on the other, or `OUTSIDE`, or `ASK`.
    """

    line: NDArray[np.float32]
    near: NDArray[np.int32]
    far: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Crowded:
    """
    Cells with several edges, or with the end of one.

    Attributes
    ----------
    first
        Where the edges of each cell begin in the arrays below, and one more number: the end of the last.
    anchor
        Sum of weights at the anchor of each cell.
    line
        As in `Halved`, and the two distances along the line, from the foot of the anchor, between which the edge lies:
        shape (n, 5).
    gain
        What the sum of weights gains on crossing the edge away from the anchor.
    """

    first: NDArray[np.int64]
    anchor: NDArray[np.int64]
    line: NDArray[np.float32]
    gain: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Raster:
    """
    Cells row by row from the south, each with a row number, `OUTSIDE`, `ASK` or the way to a touched cell.

    `several` lists the untouched cells that more than one polygon covers; until someone decides, they hold `ASK`.
    """

    frame: Frame
    cells: NDArray[np.int32]
    halved: Halved
    crowded: Crowded
    several: NDArray[np.int64]

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        halved, crowded = self.halved, self.crowded
        arrays = (halved.line, halved.near, halved.far, crowded.first, crowded.anchor, crowded.line, crowded.gain)
        return self.cells.nbytes + sum(array.nbytes for array in arrays)

    def read(self, lon: NDArray[np.float64], lat: NDArray[np.float64], row: NDArray[np.int32]) -> None:
        """Write the row of each point into `row`: a row number, `OUTSIDE` or `ASK`; NaN reads as `OUTSIDE` or `ASK`."""
        frame = self.frame
        # Clipping moves points from beyond the spare cells into them, where the answer is the same.
        u, v = frame.columns(lon), frame.rows(lat)
        np.fmin(np.fmax(u, 0.0, out=u), frame.width - 1, out=u)
        np.fmin(np.fmax(v, 0.0, out=v), frame.height - 1, out=v)
        column, line = u.astype(np.int32), v.astype(np.int32)
        cell = line.astype(np.int64)
        cell *= frame.width
        cell += column
        np.take(self.cells, cell, out=row, mode="clip")

        touched = np.flatnonzero(row <= FIRST_TOUCHED)
        place = FIRST_TOUCHED - row[touched]
        x = (u[touched] - column[touched] - ANCHOR[0]).astype(np.float32)
        y = (v[touched] - line[touched] - ANCHOR[1]).astype(np.float32)
        odd = (place & 1).astype(bool)
        even = ~odd
        place >>= 1
        row[touched[even]] = _read_halved(self.halved, place[even], x[even], y[even])
        row[touched[odd]] = _read_crowded(self.crowded, place[odd], x[odd], y[odd])


def _read_halved(
    halved: Halved, place: NDArray[np.int32], x: NDArray[np.float32], y: NDArray[np.float32]
) -> NDArray[np.int32]:
    """Tell the sides of an edge apart."""
    line = halved.line[place]
    distance = line[:, 0] * x + line[:, 1] * y + line[:, 2]
    rows = np.where(distance > 0, halved.near[place], halved.far[place])
    rows[np.abs(distance) <= TOLERANCE] = ASK
    return rows


def _read_crowded(
    crowded: Crowded, place: NDArray[np.int32], x: NDArray[np.float32], y: NDArray[np.float32]
) -> NDArray[np.int32]:
    """Walk from the anchor to each point and add up what the edges on the way change."""
    first = crowded.first[place]
    count = crowded.first[place + 1] - first
    begin = np.cumsum(count) - count
    point = np.repeat(np.arange(len(place)), count)
    edge = np.arange(len(point)) + np.repeat(first - begin, count)
    a, b, anchor, low, high = crowded.line[edge].T
    x, y = x[point], y[point]
    distance = a * x + b * y + anchor
    # The way meets the line at `along / fall` from the foot of the anchor. Multiplying by `fall` instead of dividing
    # keeps errors small, and where the point is on the anchor's side `distance` alone decides.
    fall = anchor - distance
    along = anchor * (b * x - a * y)
    crossed_by = np.minimum(np.minimum(along - low * fall, high * fall - along), -distance)
    sums = crowded.anchor[place]
    if len(place):
        sums += np.add.reduceat(np.where(crossed_by > 0, crowded.gain[edge], 0), begin)
    rows = decode(sums)
    rows[point[np.abs(crossed_by) <= TOLERANCE]] = ASK
    return rows


def decode(sums: NDArray[np.int64]) -> NDArray[np.int32]:
    """Row of the one grid that a sum of weights stands for, `OUTSIDE`, or `ASK` where there are several."""
    rows = sums - (ONE_GRID + 1)
    rows[(rows < 0) | (rows >= ONE_GRID - 1)] = ASK
    rows[sums == 0] = OUTSIDE
    return rows.astype(np.int32)
