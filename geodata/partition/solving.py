"""The way from units to grids in the range, and finer units where the blocks are too coarse for it."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from geodata.crs import Floats
from geodata.errors import N_
from geodata.partition.blocks import Blocks
from geodata.partition.cells import split_blocks
from geodata.partition.counts import Range
from geodata.partition.division import divide, refine
from geodata.partition.flips import flip
from geodata.partition.given import Given
from geodata.partition.network import Bools, Ints, holder_of, totals
from geodata.partition.proposal import Watch
from geodata.partition.repair import repair
from geodata.partition.units import Units, make_units

_BETTER: Final = N_("Improving borders")
_MOST_STARTS: Final = 8
_UNITS_IN_ALL: Final = 24_000
_FINER: Final = 3
_WORTH_SPLITTING: Final = 0.05


def units_of(blocks: Blocks, given: Given, limits: Range, watch: Watch, *, part_lone: bool = True) -> Units:
    """Units to cut between: blocks, and the houses of those blocks that hold too many households."""
    heavy = np.flatnonzero(blocks.weight_of_blocks(given.weight) > limits.hi)
    fixed = np.unique(blocks.block[blocks.fixed >= 0])
    heavy = np.setdiff1d(heavy, fixed)
    if len(heavy):
        watch.tell(0.1, N_("Dividing large blocks between buildings"))
        blocks = split_blocks(blocks, heavy, given)
    watch.tell(0.3, N_("Measuring borders"))
    return make_units(blocks, given, limits, part_lone=part_lone)


def solve(
    units: Units, given: Given, limits: Range, count: dict[int, int] | None, seed: int, watch: Watch
) -> tuple[Units, Ints]:
    """
    Divide every piece into grids.

    Parameters
    ----------
    count
        For each piece the number of grids; None for the number that fits best.

    Returns
    -------
    units, grid
        The units, some perhaps divided further, and for each its grid; -1 for fixed ones and those that stand alone.
    """
    rng = np.random.default_rng(seed)
    whole = units.weight_of_pieces()
    wanted = {n: limits.count(float(w)) for n, w in enumerate(whole)} if count is None else count
    grid = _started(units, wanted, limits, rng, watch)
    grid = _repaired(units, grid, limits, rng, watch, 0.7)
    for number in range(_FINER):
        finer = _finer(units, grid, given, limits, wanted)
        if finer is None:
            break
        watch.tell(0.8 + 0.05 * number, N_("Dividing blocks where grids do not fit"))
        units, grid = finer
        grid = _improved(units, grid, limits, rng, watch, 0.82 + 0.05 * number)
        grid = _repaired(units, grid, limits, rng, watch, 0.84 + 0.05 * number)
    return units, grid


def _started(units: Units, wanted: dict[int, int], limits: Range, rng: np.random.Generator, watch: Watch) -> Ints:
    """Divide all pieces from the start several times, as often as is cheap, and keep the best of each piece."""
    starts = min(max(1, _UNITS_IN_ALL // len(units.piece)), _MOST_STARTS)
    best, grid = np.full((2, units.pieces), np.inf), units.piece.copy()
    for number in range(starts):
        share = 0.35 + 0.35 * number / starts
        watch.tell(share, N_("Cutting into grids"))
        fresh = divide(units.graph, units.piece, wanted, limits, rng)
        fresh = _improved(units, fresh, limits, rng, watch, share)
        price = _priced(units, fresh, limits)
        better = (price[0] < best[0]) | ((price[0] == best[0]) & (price[1] < best[1]))
        best[:, better] = price[:, better]
        mine = (units.piece >= 0) & better[units.piece]
        grid[mine] = fresh[mine] + number * len(grid)
    return _compact(grid)


def _priced(units: Units, grid: Ints, limits: Range) -> Floats:
    """For each piece by how many households its grids breach the range, and what their borders cost."""
    graph, held = units.graph, grid >= 0
    breach = limits.breach(totals(grid[held], graph.weight[held]))
    piece_of = np.zeros(len(breach), dtype=np.int64)
    piece_of[grid[held]] = units.piece[held]
    border = grid[graph.one] != grid[graph.two]
    cost = totals(units.piece[graph.one[border]], graph.cost[border], units.pieces)
    return np.array([totals(piece_of, breach, units.pieces), np.round(cost, 6)])


def _improved(units: Units, grid: Ints, limits: Range, rng: np.random.Generator, watch: Watch, share: float) -> Ints:
    still = np.zeros(int(grid.max(initial=-1)) + 1, bool)
    grid = refine(units.graph, grid, limits, rng, lambda part: watch.tell(share, _BETTER), still)
    return flip(units.graph, grid, limits, lambda part: watch.tell(share, _BETTER), still)


def _repaired(units: Units, grid: Ints, limits: Range, rng: np.random.Generator, watch: Watch, share: float) -> Ints:
    still = np.zeros(int(grid.max(initial=-1)) + 1, bool)
    fitting = N_("Bringing grids into the range")
    grid, still = repair(units.graph, grid, limits, rng, lambda part: watch.tell(share + 0.02 * part, fitting), still)
    return _compact(flip(units.graph, grid, limits, lambda part: watch.tell(share + 0.02, _BETTER), still))


def _compact(grid: Ints) -> Ints:
    """Numbers without gaps, in ascending order of what they were."""
    held = grid >= 0
    grid = grid.copy()
    grid[held] = np.unique(grid[held], return_inverse=True)[1]
    return grid


def _hopeless(units: Units, limits: Range, wanted: dict[int, int]) -> Bools:
    """For each piece whether its households fit into no grids."""
    return np.array([
        limits.breach(w, wanted[n]) > 0 for n, w in enumerate(units.weight_of_pieces())
    ], bool).reshape(-1)  # fmt: skip


def _finer(units: Units, grid: Ints, given: Given, limits: Range, wanted: dict[int, int]) -> tuple[Units, Ints] | None:
    """Units with the heavy blocks around misfit grids divided, and their grids; None where that is of no use."""
    held = grid >= 0
    weight = totals(grid[held], units.graph.weight[held])
    bad = limits.breach(weight) > 0
    hopeless = _hopeless(units, limits, wanted)
    if len(hopeless):
        piece_of = np.zeros(len(weight), dtype=np.int64)
        piece_of[grid[held]] = units.piece[held]
        bad &= ~hopeless[piece_of]
    if not bad.any():
        return None
    graph = units.graph
    edge = (grid[graph.one] >= 0) & (grid[graph.two] >= 0)
    one, two = grid[graph.one[edge]], grid[graph.two[edge]]
    near = bad.copy()
    near[one[bad[two]]] = True
    near[two[bad[one]]] = True
    chosen = np.flatnonzero(held & near[grid] & (units.houses > 1) & (graph.weight > _WORTH_SPLITTING * limits.lo))
    if not len(chosen):
        return None
    blocks = split_blocks(units.blocks, chosen, given)
    if len(blocks.faces) == len(units.blocks.faces):
        return None
    fresh = make_units(blocks, given, limits, part_lone=bool(units.alone.any()))
    old = holder_of(units.blocks.faces, shapely.point_on_surface(blocks.faces))
    carried = np.full(len(fresh.graph.weight), -1)
    carried[blocks.block] = grid[units.blocks.block[old]]
    return fresh, np.where(fresh.piece >= 0, carried, -1)
