"""The boundary segments of many polygons as arrays, in units of raster cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray

ONE_GRID = 1 << 40
"""
A grid at row `r` weighs `ONE_GRID + r + 1`.

The weights of all grids that hold a place add up to one number. Its upper part counts them, so a sum is known to be
nothing, one grid (and which), or several.
"""


MOST_IN_A_ROW = 1 << 20
"""Cells; more would leave too few of a number's 53 bits for the place inside a cell."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A square raster laid over longitude and latitude, with a spare cell on each side."""

    west: float
    south: float
    scale: float
    width: int
    height: int

    @classmethod
    def around(cls, polygons: NDArray[np.object_], across: int) -> Self:
        """Lay about `across` x `across` cells over each polygon, were all of them equal."""
        if not shapely.get_num_coordinates(polygons).any():
            return cls(0.0, 0.0, 1.0, 3, 3)
        west, south, east, north = (float(edge) for edge in shapely.total_bounds(polygons))
        extent = max(east - west, north - south)
        cells = len(polygons) * across**2
        side = ((east - west) * (north - south) / cells) ** 0.5
        side = max(side, extent / min(cells, MOST_IN_A_ROW), np.finfo(float).tiny)
        width, height = (int(length / side) + 4 for length in (east - west, north - south))
        return cls(west, south, 1.0 / side, width, height)

    def columns(self, lon: NDArray[np.float64]) -> NDArray[np.float64]:
        """Longitude as a distance from the raster's western border, in cells."""
        return (lon - self.west) * self.scale + 1.0

    def rows(self, lat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Latitude as a distance from the raster's southern border, in cells."""
        return (lat - self.south) * self.scale + 1.0


@dataclass(frozen=True, slots=True)
class Edges:
    """
    Segments that run upwards: `v` never falls from `start` to `end`.

    Attributes
    ----------
    start_u, start_v, end_u, end_v
        Both ends, in cells of the frame.
    gain
        What the sum of weights gains from the right side of the segment to its left side.
    """

    start_u: NDArray[np.float64]
    start_v: NDArray[np.float64]
    end_u: NDArray[np.float64]
    end_v: NDArray[np.float64]
    gain: NDArray[np.int64]

    @classmethod
    def of(cls, polygons: NDArray[np.object_], rows: NDArray[np.int64], frame: Frame) -> Self:
        """Take polygons apart; `rows` says which row each of them has in the index."""
        parts, owner = shapely.get_parts(polygons, return_index=True)
        rings, part = shapely.get_rings(parts, return_index=True)
        shell = np.ones(len(rings), bool)
        shell[1:] = part[1:] != part[:-1]
        # The inside is on the left of a shell drawn counter-clockwise and of a hole drawn clockwise.
        weight = np.where(shapely.is_ccw(rings) == shell, 1, -1) * (ONE_GRID + rows[owner[part]] + 1)
        lonlat, ring = shapely.get_coordinates(rings, return_index=True)
        u, v = frame.columns(lonlat[:, 0]), frame.rows(lonlat[:, 1])
        first = np.flatnonzero(ring[1:] == ring[:-1])
        last = first + 1
        down = (v[last] < v[first]) | ((v[last] == v[first]) & (u[last] < u[first]))
        gain = np.where(down, -weight[ring[first]], weight[ring[first]])
        first, last = np.where(down, last, first), np.where(down, first, last)
        return cls(u[first], v[first], u[last], v[last], gain)

    def __len__(self) -> int:
        return len(self.gain)

    def take(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> Edges:
        """Some of the segments."""
        return Edges(self.start_u[which], self.start_v[which], self.end_u[which], self.end_v[which], self.gain[which])

    def merged(self) -> Edges:
        """
        Make one segment of those that have the same ends, as on the border of two grids.

        Equal segments are found by the order of a hash of their ends. Should two hashes collide, a pair may stay apart,
        which costs a little time later and changes no answer.
        """
        if not len(self):
            return self
        ends = np.stack([self.start_u, self.start_v, self.end_u, self.end_v])
        factors = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], np.uint64)
        order = np.argsort((ends.view(np.uint64) * factors[:, None]).sum(axis=0))
        ends = ends[:, order]
        fresh = np.ones(len(self), bool)
        fresh[1:] = (ends[:, 1:] != ends[:, :-1]).any(axis=0)
        gain = np.add.reduceat(self.gain[order], np.flatnonzero(fresh))
        real = (ends[0] != ends[2]) | (ends[1] != ends[3])
        kept = ends[:, fresh & real]
        return Edges(kept[0], kept[1], kept[2], kept[3], gain[real[fresh]])
