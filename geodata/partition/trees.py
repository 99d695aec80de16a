"""Random spanning trees of many groups of units at once, and the best place to cut each in two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import depth_first_order, minimum_spanning_tree

from geodata.crs import Floats
from geodata.partition.network import Bools, Ints, joined

TREES: Final = 6


@dataclass(frozen=True, slots=True)
class Graph:
    """
    Units of households and what a border between two of them costs.

    Attributes
    ----------
    weight
        Households of n units.
    one, two
        m pairs of neighbours, lower number first.
    cost
        Cost of the border between each pair, above 0.
    """

    weight: Floats
    one: Ints
    two: Ints
    cost: Floats

    def within(self, group: Ints) -> Bools:
        """Which pairs lie in one group; units of group -1 are in none."""
        return np.asarray((group[self.one] == group[self.two]) & (group[self.one] >= 0))


def connected(graph: Graph, group: Ints) -> Ints:
    """For each unit the number of the connected part of its group that it lies in."""
    inside = graph.within(group)
    return joined(len(group), graph.one[inside], graph.two[inside])


@dataclass(frozen=True, slots=True)
class Sides:
    """
    Every way to cut the trees in two, c of them.

    Attributes
    ----------
    group
        The group that is cut.
    cost
        Cost of the new border.
    sums
        For each quantity asked for its sum over the side that is cut off, shape (q, c); households come first.
    """

    group: Ints
    cost: Floats
    sums: Floats


Judge = Callable[[Sides], tuple[Floats, ...]]
"""Scores of every way to cut, the weightiest first, less is better; the last one only carries a value along."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """
    The best cut of each of g groups.

    Attributes
    ----------
    off
        For each of n units whether it lies on the side that is cut off.
    scores
        Scores of the best cut, shape (s, g); infinite where a group cannot be cut.
    """

    off: Bools
    scores: Floats


def best_cuts(
    graph: Graph,
    group: Ints,
    judge: Judge,
    rng: np.random.Generator,
    *,
    also: Floats | None = None,
    dear: Floats | None = None,
    trees: int = TREES,
) -> Cuts:
    """
    Cut every group in two where the judge likes it best.

    Parameters
    ----------
    graph
        All units.
    group
        For each unit its group, numbered from 0; -1 for units that stay out. Each group is connected.
    judge
        Scores the ways to cut.
    rng
        Draws the trees.
    also
        Further quantities of the units whose sums the judge wants, shape (q - 1, n).
    dear
        What to take for the cost of each pair when trees are drawn, if not the cost itself.
    trees
        How many trees to draw for each group.

    References
    ----------
    DeFord, Duchin and Solomon (2021), Recombination: a family of Markov chains for redistricting, HDSR 3(1).
    """
    members = np.flatnonzero(group >= 0)
    local = np.full(len(group), -1)
    local[members] = np.arange(len(members))
    inside = graph.within(group)
    wish = np.log(graph.cost if dear is None else dear)[inside]
    pairs = _Pairs(local[graph.one[inside]], local[graph.two[inside]], graph.cost[inside], wish)
    values = (graph.weight[None, :] if also is None else np.vstack([graph.weight, also]))[:, members]
    groups = int(group.max(initial=-1)) + 1
    # All trees of all groups are one forest: a call for each would cost more than the work.
    kin = np.concatenate([group[members] + number * groups for number in range(trees)])
    forest = pairs.often(trees, len(members))
    tree = _Tree.drawn(forest, kin, rng)
    place = np.flatnonzero(tree.parent >= 0)
    sides = _sides(tree, place, forest, np.tile(values, trees), kin % max(groups, 1))
    scores = np.array(judge(sides))
    off, best = np.zeros(len(group), bool), np.full((len(scores), groups), np.inf)
    # Of equal scores the first in preorder of the first tree.
    ranked = np.lexsort((*scores[-2::-1], sides.group))
    for candidate in ranked[np.unique(sides.group[ranked], return_index=True)[1]].tolist():
        best[:, sides.group[candidate]] = scores[:, candidate]
        at = place[candidate]
        off[members[tree.order[at : at + tree.size[at]] % len(members)]] = True
    return Cuts(off, best)


@dataclass(frozen=True, slots=True)
class _Pairs:
    one: Ints
    two: Ints
    cost: Floats
    wish: Floats

    def often(self, times: int, count: int) -> _Pairs:
        """The pairs of so many copies of `count` units."""
        shift = np.repeat(np.arange(times) * count, len(self.one))
        one, two = np.tile(self.one, times) + shift, np.tile(self.two, times) + shift
        return _Pairs(one, two, np.tile(self.cost, times), np.tile(self.wish, times))


@dataclass(frozen=True, slots=True)
class _Tree:
    """A spanning forest in preorder: unit at each place, place of its parent (-1: none), size of its subtree."""

    order: Ints
    place: Ints
    parent: Ints
    size: Ints

    @classmethod
    def drawn(cls, pairs: _Pairs, kin: Ints, rng: np.random.Generator) -> _Tree:
        """Draw a tree for each group: dear borders come in early and so stay inside, with Gumbel noise."""
        count = len(kin)
        key = rng.gumbel(size=len(pairs.wish)) - pairs.wish
        key -= key.min(initial=0.0) - 1.0
        first = np.unique(kin, return_index=True)[1]
        # One more node joins the trees of all groups, by edges that are cheaper than any.
        ends = np.concatenate([pairs.one, np.full(len(first), count)]), np.concatenate([pairs.two, first])
        values = np.concatenate([key, np.full(len(first), 0.5)])
        network = csr_array((values, ends), shape=(count + 1, count + 1))
        order, parent = depth_first_order(minimum_spanning_tree(network), count, directed=False)
        place = np.empty(count + 1, dtype=np.int64)
        place[order] = np.arange(count + 1)
        above = place[parent[order[1:]]] - 1
        return cls(order[1:].astype(np.int64), place[:count] - 1, above, _sizes(above))


def _sizes(parent: Ints) -> Ints:
    """Size of the subtree of each place; children stand behind their parents."""
    above, size = parent.tolist(), [1] * len(parent)
    for place in range(len(above) - 1, 0, -1):
        if above[place] >= 0:
            size[above[place]] += size[place]
    return np.array(size, dtype=np.int64)


def _sides(tree: _Tree, place: Ints, pairs: _Pairs, values: Floats, group: Ints) -> Sides:
    """What each cut parts off: a subtree is a run of places, so its sums are differences."""
    count = len(group)
    degree = np.bincount(pairs.one, pairs.cost, count) + np.bincount(pairs.two, pairs.cost, count)
    own = degree[tree.order] - 2 * np.bincount(_meeting(tree, pairs), pairs.cost, count)
    sums = np.zeros((len(values) + 1, count + 1))
    np.cumsum(np.vstack([values[:, tree.order], own]), axis=1, out=sums[:, 1:])
    parted = sums[:, place + tree.size[place]] - sums[:, place]
    return Sides(group[tree.order[place]], np.maximum(parted[-1], 0.0), parted[:-1])


def _meeting(tree: _Tree, pairs: _Pairs) -> Ints:
    """Place of the lowest common ancestor of each pair: the least parent between the two places."""
    low, high = (
        np.minimum(tree.place[pairs.one], tree.place[pairs.two]),
        np.maximum(tree.place[pairs.one], tree.place[pairs.two]),
    )
    if not len(low):
        return low
    span = high - low
    level = np.frexp(span)[1] - 1
    least = [tree.parent]
    for step in range(int(level.max())):
        width = 1 << step
        least.append(np.minimum(least[-1][:-width], least[-1][width:]))
    table = np.full((len(least), len(tree.parent)), -1)
    for number, row in enumerate(least):
        table[number, : len(row)] = row
    return np.asarray(np.minimum(table[level, low + 1], table[level, high + 1 - (1 << level)]))
