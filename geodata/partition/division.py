"""Units into grids: cut in two again and again, then improved pair by pair and unit by unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from geodata.crs import Floats
from geodata.partition.counts import Range
from geodata.partition.network import Bools, Ints, summed, totals
from geodata.partition.trees import Graph, Sides, best_cuts

_PASSES: Final = 6
_EVEN: Final = 0.15
_DEAR: Final = 4.0
_EXACT: Final = 1e-9

Pulse = Callable[[float], None]
"""Told how far a step is, 0 to 1; raises to stop the work."""


def divide(graph: Graph, piece: Ints, count: dict[int, int], limits: Range, rng: np.random.Generator) -> Ints:
    """
    Cut connected pieces into grids by recursive bisection.

    Parameters
    ----------
    graph
        Units.
    piece
        For each unit its piece, numbered from 0; -1 for units that stay out.
    count
        For each piece the number of grids to make of it.
    limits
        Households of a grid.
    rng
        Draws the trees.

    Returns
    -------
    grid
        For each unit its grid, numbered from 0; -1 for units that stayed out. A piece of too few units makes fewer
        grids than asked for.
    """
    pieces = int(piece.max(initial=-1)) + 1
    grid = piece.copy()
    parts = np.array([count.get(number, 1) for number in range(pieces)], dtype=np.int64)
    while (parts > 1).any():
        group, groups = _numbered(grid, parts > 1)
        whole = totals(group[group >= 0], graph.weight[group >= 0], len(groups))
        cuts = best_cuts(graph, group, _halving(whole, parts[groups], limits), rng)
        taken = cuts.scores[-1]
        possible = np.isfinite(taken)
        parts[groups[~possible]] = 1
        fresh = np.full(len(groups), -1)
        fresh[possible] = len(parts) + np.arange(possible.sum())
        aside = cuts.off & (group >= 0)
        grid[aside] = fresh[group[aside]]
        parts[groups[possible]] -= taken[possible].astype(np.int64)
        parts = np.concatenate([parts, taken[possible].astype(np.int64)])
    return np.where(grid >= 0, _renumbered(grid), -1)


def _halving(whole: Floats, parts: Ints, limits: Range) -> Callable[[Sides], tuple[Floats, ...]]:
    """Judge cuts of groups that become several grids: range first, then cost and evenness."""

    def judge(sides: Sides) -> tuple[Floats, ...]:
        total, k = whole[sides.group], parts[sides.group]
        here = sides.sums[0]
        share = np.divide(here, total, out=np.zeros_like(here), where=total > 0)
        best = np.full((3, len(here)), np.inf)
        for step in (0, -1, 1):
            k1 = np.clip(np.rint(k * share) + step, 1, k - 1)
            breach = limits.breach(here, k1) + limits.breach(total - here, k - k1)
            fewest = np.minimum(k1, k - k1)
            skew = np.abs(here / k1 - total / k) * np.sqrt(fewest) / limits.half
            cost = sides.cost / np.sqrt(fewest) * (1 + skew**2)
            less = (breach < best[0]) | ((breach == best[0]) & (cost < best[1]))
            best[:, less] = np.array([breach, cost, k1])[:, less]
        return best[0], best[1], best[2]

    return judge


def _numbered(grid: Ints, wanted: Bools) -> tuple[Ints, Ints]:
    """Groups numbered from 0 among those wanted, -1 for all else; and the number each had."""
    groups = np.flatnonzero(wanted)
    number = np.full(len(wanted) + 1, -1)
    number[groups] = np.arange(len(groups))
    return number[grid], groups


def _renumbered(grid: Ints) -> Ints:
    """Numbers from 0 in the order of the first units, -1 staying."""
    there = np.flatnonzero(grid >= 0)
    _, first, number = np.unique(grid[there], return_index=True, return_inverse=True)
    result = grid.copy()
    result[there] = np.argsort(np.argsort(first))[number]
    return result


@dataclass(frozen=True, slots=True)
class Price:
    """What counts besides the range: the cost of borders, and a little that grids are alike."""

    limits: Range
    even: float

    @classmethod
    def of(cls, graph: Graph, limits: Range) -> Price:
        """A price in proportion to the borders of this graph."""
        return cls(limits, _EVEN * _DEAR * float(np.median(graph.cost)) if len(graph.cost) else 0.0)

    def uneven(self, weight: Floats) -> Floats:
        """Price of the households of grids being off the middle."""
        return np.asarray(self.even * ((weight - self.limits.mid) / self.limits.half) ** 2)

    def __call__(self, sides: Sides, whole: Floats) -> tuple[Floats, ...]:
        """Judge cuts that make two grids of a group."""
        here, there = sides.sums[0], whole[sides.group] - sides.sums[0]
        breach = self.limits.breach(here) + self.limits.breach(there)
        cost = sides.cost + self.uneven(here) + self.uneven(there)
        return breach, cost, np.zeros(len(cost))


def refine(graph: Graph, grid: Ints, limits: Range, rng: np.random.Generator, pulse: Pulse, still: Bools) -> Ints:
    """
    Join neighbours two by two and cut them anew where that is better.

    Parameters
    ----------
    graph, grid, limits, rng
        As for `divide`; `grid` is what it answered.
    pulse
        Told how far the passes are.
    still
        For each grid whether it stays as it is.

    Returns
    -------
    grid
        As many grids as before.
    """
    grid, price = grid.copy(), Price.of(graph, limits)
    count = len(still)
    changed = np.ones(count, bool)
    for number in range(_PASSES):
        pairs = _pairs(graph, grid, changed & ~still, ~still)
        changed = np.zeros(count, bool)
        for matching in _matchings(pairs, _breaches(graph, grid, count, limits), count):
            pulse(number / _PASSES)
            for one, two in _cut_anew(graph, grid, matching, price, rng):
                changed[[one, two]] = True
        if not changed.any():
            break
    return grid


def _breaches(graph: Graph, grid: Ints, count: int, limits: Range) -> Floats:
    held = grid >= 0
    return limits.breach(totals(grid[held], graph.weight[held], count))


def _pairs(graph: Graph, grid: Ints, moved: Bools, free: Bools) -> Ints:
    """Neighbouring grids of which one has changed, in ascending order, shape (p, 2)."""
    a, b = grid[graph.one], grid[graph.two]
    apart = (a != b) & (a >= 0) & (b >= 0)
    one, two, _ = summed(a[apart], b[apart], graph.cost[apart])
    keep = (moved[one] | moved[two]) & free[one] & free[two]
    return np.column_stack([one[keep], two[keep]])


def _matchings(pairs: Ints, breach: Floats, count: int) -> list[Ints]:
    """Pairs put together so that no grid is in two of one set, the worst in the first sets."""
    taken: list[Bools] = []
    sets: list[list[tuple[int, int]]] = []
    for row in np.argsort(-breach[pairs].sum(axis=1), kind="stable"):
        one, two = (int(side) for side in pairs[row])
        home = next((n for n, busy in enumerate(taken) if not busy[one] and not busy[two]), len(sets))
        if home == len(sets):
            sets.append([])
            taken.append(np.zeros(count, bool))
        sets[home].append((one, two))
        taken[home][[one, two]] = True
    return [np.array(chosen) for chosen in sets]


def _cut_anew(
    graph: Graph, grid: Ints, matching: Ints, price: Price, rng: np.random.Generator
) -> list[tuple[int, int]]:
    """Give the pairs of a matching better borders, in place; the pairs that got one."""
    # Since the pairs were made, a pair of an earlier set may have come between two.
    matching = matching[_borders(graph, grid, matching)[1] > 0]
    group, border = _borders(graph, grid, matching)
    weight = totals(grid + 1, graph.weight)[1:]
    whole = weight[matching].sum(axis=1)
    breach = price.limits.breach(weight[matching]).sum(axis=1)
    cost = border + price.uneven(weight[matching]).sum(axis=1)
    if not len(matching):
        return []
    cuts = best_cuts(graph, group, lambda sides: price(sides, whole), rng)
    less = cuts.scores[0] < breach - _EXACT
    better = less | ((cuts.scores[0] <= breach + _EXACT) & (cuts.scores[1] < cost - _EXACT * (1 + cost)))
    for number in np.flatnonzero(better):
        one, two = matching[number]
        rows = np.flatnonzero(group == number)
        # Whoever keeps most of it keeps its number.
        aside = cuts.off[rows]
        mine = graph.weight[rows] * np.where(grid[rows] == one, 1, -1)
        swap = mine[aside].sum() < mine[~aside].sum()
        grid[rows] = np.where(aside != swap, one, two)
    return [(int(one), int(two)) for one, two in matching[better]]


def _borders(graph: Graph, grid: Ints, matching: Ints) -> tuple[Ints, Floats]:
    """For each unit the number of the pair that its grid is in, else -1; for each pair the cost of its border."""
    group_of = np.full(int(grid.max()) + 2, -1)
    group_of[matching[:, 0]] = group_of[matching[:, 1]] = np.arange(len(matching))
    group = group_of[grid]
    one, two = group[graph.one], group[graph.two]
    present = (one == two) & (one >= 0) & (grid[graph.one] != grid[graph.two])
    return group, totals(one[present], graph.cost[present], len(matching))
