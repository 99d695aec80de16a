"""Single units handed to a neighbouring grid, as long as no grid falls apart."""

from __future__ import annotations

from typing import Final

import numpy as np

from geodata.partition.counts import Range
from geodata.partition.division import Price, Pulse
from geodata.partition.network import Bools, Ints
from geodata.partition.trees import Graph

_PASSES: Final = 4
_EXACT: Final = 1e-9

Near = list[list[tuple[int, float]]]


def neighbours(graph: Graph) -> Near:
    """For each unit its neighbours in ascending order, with the cost of the border."""
    near: Near = [[] for _ in range(len(graph.weight))]
    for one, two, cost in zip(graph.one.tolist(), graph.two.tolist(), graph.cost.tolist(), strict=True):
        near[one].append((two, cost))
        near[two].append((one, cost))
    return [sorted(row) for row in near]


def holds_together(near: Near, grid: list[int], without: int) -> bool:
    """Whether the grid of a unit stays in one piece when that unit goes; one that would be empty does not."""
    home = grid[without]
    wanted = {unit for unit, _ in near[without] if grid[unit] == home}
    if len(wanted) < 2:
        return bool(wanted)
    start = min(wanted)
    seen, waiting = {start, without}, [start]
    wanted.discard(start)
    while waiting and wanted:
        for unit, _ in near[waiting.pop()]:
            if unit not in seen and grid[unit] == home:
                seen.add(unit)
                wanted.discard(unit)
                waiting.append(unit)
    return not wanted


def flip(graph: Graph, grid: Ints, limits: Range, pulse: Pulse, still: Bools) -> Ints:
    """
    Hand units over one by one where that brings households into the range or makes borders cheaper.

    Parameters
    ----------
    graph, grid, limits, pulse, still
        As for `division.refine`.

    Returns
    -------
    grid
        As many grids as before, each in one piece.
    """
    near, price, held = neighbours(graph), Price.of(graph, limits), grid.tolist()
    weight = graph.weight.tolist()
    total = np.bincount(grid + 1, graph.weight, int(grid.max(initial=-1)) + 2)[1:].tolist()
    fixed = still.tolist()

    def worth(load: float) -> tuple[float, float]:
        breach = max(0.0, load - limits.hi, limits.lo - load)
        return breach, price.even * ((load - limits.mid) / limits.half) ** 2

    def gain(unit: int, target: int) -> tuple[float, float]:
        home, moved = held[unit], weight[unit]
        old = (worth(total[home]), worth(total[target]))
        new = (worth(total[home] - moved), worth(total[target] + moved))
        border = sum(cost * ((held[other] == home) - (held[other] == target)) for other, cost in near[unit])
        return (new[0][0] + new[1][0] - old[0][0] - old[1][0], border + new[0][1] + new[1][1] - old[0][1] - old[1][1])

    for number in range(_PASSES):
        pulse(number / _PASSES)
        flips = 0
        apart = np.array(held)[graph.one] != np.array(held)[graph.two]
        for unit in np.unique(np.concatenate([graph.one[apart], graph.two[apart]])).tolist():
            home = held[unit]
            targets = sorted({held[other] for other, _ in near[unit]} - {home})
            if home < 0 or fixed[home] or not targets:
                continue
            best = min((*gain(unit, target), target) for target in targets if target >= 0 and not fixed[target])
            better = best[0] < -_EXACT or (best[0] <= _EXACT and best[1] < -_EXACT)
            if better and holds_together(near, held, unit):
                held[unit] = best[2]
                total[home] -= weight[unit]
                total[best[2]] += weight[unit]
                flips += 1
        if not flips:
            break
    return np.array(held, dtype=np.int64)
