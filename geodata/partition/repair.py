"""Grids that are still out of the range: their neighbourhood is divided again, with one grid more or less."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from geodata.partition.counts import Range
from geodata.partition.division import Pulse, divide, refine
from geodata.partition.network import Bools, Ints
from geodata.partition.trees import Graph

_RINGS: Final = (1, 2, 3)
_TRIES: Final = 3
_EXACT: Final = 1e-9


def repair(
    graph: Graph, grid: Ints, limits: Range, rng: np.random.Generator, pulse: Pulse, still: Bools
) -> tuple[Ints, Bools]:
    """
    Divide the surroundings of each grid outside the range again, wider and wider.

    Parameters
    ----------
    graph, grid, limits, rng, pulse, still
        As for `division.refine`.

    Returns
    -------
    grid
        The number of grids may differ by a few.
    still
        For each grid whether it stays as it is.
    """
    given_up: set[int] = set()
    for _ in range(2 * len(still) + 8):
        breach = limits.breach(np.bincount(grid + 1, graph.weight, len(still) + 1)[1:])
        breach[still | (np.bincount(grid + 1, minlength=len(still) + 1)[1:] == 0)] = 0
        bad = [int(n) for n in np.argsort(-breach, kind="stable") if breach[n] > 0 and int(n) not in given_up]
        if not bad:
            break
        pulse(len(given_up) / max(len(given_up) + len(bad), 1))
        better = _around(graph, grid, bad[0], limits, rng, still)
        if better is None:
            given_up.add(bad[0])
            continue
        grid = better
        # With one grid fewer the highest number may be left over, so there need not be more than before.
        still = np.concatenate([still, np.zeros(max(0, int(grid.max()) + 1 - len(still)), bool)])
        given_up.clear()
    return grid, still


def _around(graph: Graph, grid: Ints, bad: int, limits: Range, rng: np.random.Generator, still: Bools) -> Ints | None:
    """A division of the surroundings that breaches the range by less; None if none was found."""
    chosen = {bad}
    for _ in _RINGS:
        inside = np.isin(grid, sorted(chosen))
        edge = inside[graph.one] != inside[graph.two]
        touched = {int(n) for n in np.concatenate([grid[graph.one[edge]], grid[graph.two[edge]]]) if n >= 0}
        chosen |= {n for n in touched if not still[n]}
        part = np.flatnonzero(np.isin(grid, sorted(chosen)))
        found = _divided_again(graph, grid, part, sorted(chosen), limits, rng)
        if found is not None:
            return found
    return None


def _divided_again(
    graph: Graph, grid: Ints, part: Ints, numbers: list[int], limits: Range, rng: np.random.Generator
) -> Ints | None:
    small = _subgraph(graph, part)
    whole = float(small.weight.sum())
    before = float(limits.breach(np.bincount(grid[part], graph.weight[part])[numbers]).sum())
    counts = [k for k in (len(numbers), len(numbers) - 1, len(numbers) + 1) if k in limits.counts(whole)]
    best: tuple[float, Ints] | None = None
    for k in counts or [limits.count(whole)]:
        for _ in range(_TRIES):
            fresh = divide(small, np.zeros(len(part), dtype=np.int64), {0: k}, limits, rng)
            none = np.zeros(int(fresh.max()) + 1, bool)
            fresh = refine(small, fresh, limits, rng, lambda share: None, none)
            breach = float(limits.breach(np.bincount(fresh, small.weight)).sum())
            if best is None or breach < best[0] - _EXACT:
                best = (breach, fresh)
            if breach <= 0:
                break
        if best is not None and best[0] <= 0:
            break
    if best is None or best[0] >= before - _EXACT:
        return None
    return _put_back(grid, part, numbers, best[1])


def _subgraph(graph: Graph, part: Ints) -> Graph:
    """The graph of some units alone, numbered in their order."""
    local = np.full(len(graph.weight), -1)
    local[part] = np.arange(len(part))
    inside = (local[graph.one] >= 0) & (local[graph.two] >= 0)
    pairs = local[graph.one[inside]], local[graph.two[inside]]
    return replace(graph, weight=graph.weight[part], one=pairs[0], two=pairs[1], cost=graph.cost[inside])


def _put_back(grid: Ints, part: Ints, numbers: list[int], fresh: Ints) -> Ints:
    """The new grids under the old numbers, and further ones behind; a number may be left over."""
    result = grid.copy()
    made = int(fresh.max()) + 1
    names = numbers + list(range(int(grid.max()) + 1, int(grid.max()) + 1 + made))
    result[part] = np.array(names[:made])[fresh]
    return result
