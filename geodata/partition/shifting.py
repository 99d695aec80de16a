"""Households moved along chains of neighbouring grids until all fit, as few as will do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from geodata.crs import Floats
from geodata.partition.counts import Range
from geodata.partition.network import Ints, totals
from geodata.partition.trees import Graph, Sides, best_cuts, connected

_TREES: Final = 12
_LONGEST: Final = 5
_WAYS: Final = 10
_INSIDE: Final = 1e9
"""Borders within a grid are dear beyond all others: a tree then crosses from grid to grid only once."""
_EXACT: Final = 1e-9


@dataclass(frozen=True)
class Shift:
    """
    Grids after households were moved.

    Attributes
    ----------
    grid
        For each unit its grid; numbers of today, and above them those of new ones.
    breach
        Households that are still too many or too few.
    moved
        Households whose grid is another one than today.
    cost
        Cost of all borders between grids.
    """

    grid: Ints
    breach: float
    moved: float
    cost: float

    @property
    def order(self) -> tuple[float, float, float]:
        """What makes one better than another: the range, then who stays, then borders."""
        return round(self.breach, 6), round(self.moved, 6), self.cost


def shifted(graph: Graph, today: Ints, limits: Range, rng: np.random.Generator, pulse: Callable[[], None]) -> Shift:
    """
    Move households until all grids fit, or nothing more helps.

    Parameters
    ----------
    graph
        Units.
    today
        For each unit the number of its grid, each of which is connected.
    limits
        Households of a grid.
    rng
        Draws the trees.
    pulse
        Called between steps; raises to stop the work.
    """
    best = _measured(graph, today, today, limits)
    hopeless: set[int] = set()
    while best.breach > 0:
        pulse()
        breach = limits.breach(totals(best.grid, graph.weight))
        breach[np.bincount(best.grid) == 0] = 0
        bad = next((int(n) for n in np.argsort(-breach, kind="stable") if breach[n] > 0 and n not in hopeless), None)
        if bad is None:
            break
        tries = [_measured(graph, grid, today, limits) for grid in _ways(graph, best.grid, today, bad, limits, rng)]
        found = min(tries, key=lambda one: one.order, default=best)
        if found.breach < best.breach - _EXACT:
            best = found
            hopeless.clear()
        else:
            hopeless.add(bad)
    return best


def _measured(graph: Graph, grid: Ints, today: Ints, limits: Range) -> Shift:
    there = np.unique(grid)
    breach = limits.breach(totals(grid, graph.weight)[there]).sum()
    border = graph.cost[grid[graph.one] != grid[graph.two]].sum()
    return Shift(grid, float(breach), float(graph.weight[grid != today].sum()), float(border))


def _ways(graph: Graph, grid: Ints, today: Ints, bad: int, limits: Range, rng: np.random.Generator) -> Iterator[Ints]:
    """Ways to mend one grid: along a chain of neighbours, in two, or joined with a neighbour."""
    weight = totals(grid, graph.weight)
    excess = float(weight[bad] - limits.hi) if weight[bad] > limits.hi else float(weight[bad] - limits.lo)
    near = _neighbours(graph, grid)
    for path, amount in _paths(near, weight, bad, excess, limits):
        moved = _passed_on(graph, grid, today, path, amount, limits, rng)
        if moved is not None:
            yield moved
    fresh = int(max(grid.max(), today.max())) + 1
    if weight[bad] > limits.hi:
        parted = _parted(graph, grid, today, (bad, fresh), (limits.lo, limits.hi), (limits.lo, limits.hi), rng)
        if parted is not None:
            yield parted
    else:
        for other in near.get(bad, ()):
            if weight[bad] + weight[other] <= limits.hi:
                yield np.where(grid == bad, other, grid)
                yield np.where(grid == other, bad, grid)
    for other in near.get(bad, ()):
        yield from _three_of_two(graph, grid, today, (bad, other, fresh), limits, rng)


def _neighbours(graph: Graph, grid: Ints) -> dict[int, list[int]]:
    one, two = grid[graph.one], grid[graph.two]
    near: dict[int, set[int]] = {}
    for a, b in zip(one[one != two].tolist(), two[one != two].tolist(), strict=True):
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)
    return {grid_: sorted(others) for grid_, others in sorted(near.items())}


def _paths(
    near: dict[int, list[int]], weight: Floats, start: int, excess: float, limits: Range
) -> list[tuple[tuple[int, ...], float]]:
    """The shortest chains from a grid to others that can take of what it has too much or give of what it lacks."""
    found: list[tuple[tuple[int, ...], float]] = []
    waiting: list[tuple[int, ...]] = [(start,)]
    seen = {start}
    while waiting and len(found) < _WAYS:
        path = waiting.pop(0)
        end = path[-1]
        room = limits.hi - weight[end] if excess > 0 else weight[end] - limits.lo
        if len(path) > 1 and room > 0:
            found += [
                (path, float(np.sign(excess) * amount)) for amount in _amounts(abs(excess), float(room), len(path))
            ]
        if len(path) < _LONGEST:
            for other in near.get(end, ()):
                if other not in seen:
                    # A neighbour may be the end of several chains, and is passed through once.
                    seen.add(other)
                    waiting.append((*path, other))
    return found


def _amounts(excess: float, room: float, length: int) -> list[float]:
    """How much to pass on: what there is, and along a chain also more, since households come in whole buildings."""
    return [min(excess, room)] if length == 2 or room <= excess else [excess, min(2 * excess, room)]


def _passed_on(
    graph: Graph, grid: Ints, today: Ints, path: tuple[int, ...], amount: float, limits: Range, rng: np.random.Generator
) -> Ints | None:
    """Move an amount from each grid of a chain to the next, beginning at the far end; below 0 it goes the other way."""
    for near, far in zip(path[-2::-1], path[:0:-1], strict=True):
        first = near == path[0]
        room = (limits.lo, limits.hi) if first else (limits.lo - min(amount, 0), limits.hi - max(amount, 0))
        parted = _parted(graph, grid, today, (near, far), room, (limits.lo, limits.hi), rng)
        if parted is None:
            return None
        grid = parted
    return grid


def _three_of_two(
    graph: Graph, grid: Ints, today: Ints, numbers: tuple[int, int, int], limits: Range, rng: np.random.Generator
) -> Iterator[Ints]:
    """Three grids of two, where two are too many for two."""
    one, two, fresh = numbers
    whole = float(graph.weight[(grid == one) | (grid == two)].sum())
    if 3 not in limits.counts(whole):
        return
    both = np.where(grid == two, one, grid)
    third = _parted(graph, both, today, (one, fresh), (2 * limits.lo, 2 * limits.hi), (limits.lo, limits.hi), rng)
    if third is None:
        return
    halves = _parted(graph, third, today, (one, two), (limits.lo, limits.hi), (limits.lo, limits.hi), rng)
    if halves is not None:
        yield halves


def _parted(
    graph: Graph,
    grid: Ints,
    today: Ints,
    numbers: tuple[int, int],
    first: tuple[float, float],
    second: tuple[float, float],
    rng: np.random.Generator,
) -> Ints | None:
    """
    Part the units of two grids anew.

    Parameters
    ----------
    numbers
        The two grids; the second may be a new one.
    first, second
        The fewest and most households of each.

    Returns
    -------
    grid
        With the ranges breached least, then the fewest households moved; None if the two cannot be parted.
    """
    one, two = numbers
    inside = (grid == one) | (grid == two)
    group = np.where(inside, 0, -1)
    if len(np.unique(connected(graph, group)[inside])) != 1:
        return None
    mine = np.vstack([graph.weight * (today == one), graph.weight * (today == two)])
    whole, ours, theirs = (float(row[inside].sum()) for row in (graph.weight, *mine))

    def breach(weight: Floats, room: tuple[float, float]) -> Floats:
        return np.asarray(np.maximum(0.0, np.maximum(weight - room[1], room[0] - weight)))

    def judge(sides: Sides) -> tuple[Floats, ...]:
        here, one_here, two_here = sides.sums
        there = whole - here
        ways = np.stack([
            [breach(here, first) + breach(there, second), (here - one_here) + (there - theirs + two_here)],
            [breach(here, second) + breach(there, first), (here - two_here) + (there - ours + one_here)],
        ])  # fmt: skip
        swap = (ways[1, 0] < ways[0, 0]) | ((ways[1, 0] == ways[0, 0]) & (ways[1, 1] < ways[0, 1]))
        chosen = np.where(swap, ways[1], ways[0])
        return chosen[0], np.round(chosen[1], 6), sides.cost, swap.astype(float)

    dear = graph.cost * np.where(grid[graph.one] == grid[graph.two], _INSIDE, 1.0)
    cuts = best_cuts(graph, group, judge, rng, also=mine, dear=dear, trees=_TREES)
    if not cuts.scores.size or not np.isfinite(cuts.scores[0, 0]):
        return None
    swapped = bool(cuts.scores[-1, 0])
    return np.where(inside, np.where(cuts.off != swapped, one, two), grid)
