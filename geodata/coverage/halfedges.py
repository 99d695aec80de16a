"""
Borders taken apart into directed edges, and each edge matched with its reverse.

In a coverage that is noded, every edge inside is drawn twice, once in each direction, by the two neighbours; an edge
that lacks its partner lies on the outer border or beside a defect. So only the edges without a partner need geometry,
which is what makes a check of ten thousand grids cheap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import shapely
from numpy.typing import NDArray

Polygons = NDArray[np.object_]

_HALF: Final = 32
_LOWER: Final = (1 << _HALF) - 1
_MOST_STEPS: Final = 1 << (_HALF - 1)
_MIX: Final = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))


@dataclass(frozen=True, slots=True)
class HalfEdges:
    """
    Directed edges on a lattice, n of them.

    Attributes
    ----------
    start, end
        Steps of the lattice from `origin`, eastwards in the upper half of the number and northwards in the lower.
    owner
        Position of the polygon in the array that was taken apart.
    inside_left
        Whether the polygon lies to the left from `start` to `end`.
    origin
        Lower left corner in steps.
    lattice_m
        Length of a step in metres.
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    owner: NDArray[np.int64]
    inside_left: NDArray[np.bool_]
    origin: tuple[int, int]
    lattice_m: float

    @classmethod
    def of(cls, polygons: Polygons, lattice_m: float) -> Self:
        """
        Take polygons apart.

        Parameters
        ----------
        polygons
            Polygons or MultiPolygons in a projected system, metres; None and empty ones have no edges.
        lattice_m
            Every vertex is rounded to a multiple of this; edges that shrink to a point are left out.

        Raises
        ------
        ValueError
            If the polygons reach over more than two billion steps.
        """
        parts, of_part = shapely.get_parts(polygons, return_index=True)
        rings, of_ring = shapely.get_rings(parts, return_index=True)
        shell = np.ones(len(rings), bool)
        shell[1:] = of_ring[1:] != of_ring[:-1]
        metres, ring = shapely.get_coordinates(rings, return_index=True)
        east, west = _steps(metres[:, 0], lattice_m)
        north, south = _steps(metres[:, 1], lattice_m)
        vertex = (east << _HALF) | north
        first = np.flatnonzero((ring[1:] == ring[:-1]) & (vertex[1:] != vertex[:-1]))
        # The inside is on the left of a shell drawn counter-clockwise and of a hole drawn clockwise.
        inside_left = (shapely.is_ccw(rings) == shell)[ring[first]]
        owner = of_part[of_ring][ring[first]]
        return cls(vertex[first], vertex[first + 1], owner, inside_left, (west, south), lattice_m)

    def __len__(self) -> int:
        return len(self.owner)

    def without_partner(self, suspect: NDArray[np.bool_]) -> NDArray[np.int64]:
        """
        Find the edges that do not run once in each direction.

        Parameters
        ----------
        suspect
            For each polygon, whether its ring cannot be trusted to have its inside on one side: its edges never pair.

        Returns
        -------
        edges
            Ascending numbers of the edges left over.
        """
        low, high = np.minimum(self.start, self.end), np.maximum(self.start, self.end)
        onwards = (self.start < self.end) == self.inside_left
        trusted = ~suspect[self.owner]
        bits: NDArray[np.uint64] = high.view(np.uint64)
        key = np.multiply(low.view(np.uint64), _MIX[0], dtype=np.uint64)
        key += np.multiply(bits ^ (bits >> np.uint64(29)), _MIX[1], dtype=np.uint64)
        # The number of the edge stands in the lower bits: plain sorting is several times faster than `argsort`.
        lower = np.uint64((1 << len(self).bit_length()) - 1)
        packed = np.sort((key & ~lower) | np.arange(len(self), dtype=np.uint64))
        left = _unpaired((packed & lower).astype(np.int64), low, high, onwards, trusted)
        # Edges whose hashes collide may have come between a pair; the few that are left are sorted by their ends.
        low, high = low[left], high[left]
        return np.sort(left[_unpaired(np.lexsort((high, low)), low, high, onwards[left], trusted[left])])

    def lines(self, edges: NDArray[np.int64]) -> NDArray[np.object_]:
        """Some of the edges as LineStrings of two points, metres."""
        vertex = np.stack([self.start[edges], self.end[edges]], axis=1)
        steps = np.stack([(vertex >> _HALF) + self.origin[0], (vertex & _LOWER) + self.origin[1]], axis=2)
        # Dividing by the number of steps in a metre gives the double nearest to the decimal figure.
        return np.asarray(shapely.linestrings(steps / (1 / self.lattice_m)), dtype=object)


def _steps(metres: NDArray[np.float64], lattice_m: float) -> tuple[NDArray[np.int64], int]:
    """Coordinates as steps from the least of them, and the least."""
    steps = np.rint(metres * (1 / lattice_m)).astype(np.int64)
    least = int(steps.min()) if len(steps) else 0
    steps -= least
    if len(steps) and steps.max() >= _MOST_STEPS:
        raise ValueError(f"Polygons over {steps.max() * lattice_m:.0f} m are too far apart for steps of {lattice_m} m.")
    return steps, least


def _unpaired(
    order: NDArray[np.int64],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    onwards: NDArray[np.bool_],
    trusted: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Edges that, in an order that brings equal ends together, are not exactly two of opposite direction."""
    low, high, onwards, trusted = low[order], high[order], onwards[order], trusted[order]
    same = (low[1:] == low[:-1]) & (high[1:] == high[:-1])
    only_two = same.copy()
    only_two[1:] &= ~same[:-1]
    only_two[:-1] &= ~same[1:]
    pair = only_two & (onwards[1:] != onwards[:-1]) & trusted[1:] & trusted[:-1]
    alone = np.ones(len(order), bool)
    alone[:-1] &= ~pair
    alone[1:] &= ~pair
    return np.asarray(order[alone])
