"""From blocks to the graph that is cut: units, their households, and the connected pieces to be divided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from geodata.crs import Floats
from geodata.errors import N_, Note
from geodata.partition.blocks import Blocks, costs_of
from geodata.partition.counts import Range
from geodata.partition.given import Given
from geodata.partition.network import Bools, Ints, joined, summed, totals
from geodata.partition.trees import Graph

_CHEAPEST: Final = 0.01
_NAMELESS: Final = N_("The area")


@dataclass(frozen=True)
class Units:
    """
    What is never cut, u of them, and how they touch.

    Attributes
    ----------
    blocks
        The faces they are made of; `blocks.block` numbers the units.
    graph
        Households and borders; none leads over an outline, into a fixed place, or to a unit that stands alone.
    area, fixed
        For each unit the number of its outline; of its fixed place, else -1.
    houses
        How many houses each holds.
    piece
        For each unit the connected piece it is part of, numbered from 0; -1 for fixed ones and those that stand alone.
    alone
        Units with more households than a grid may have, and nothing to divide them by.
    """

    blocks: Blocks
    graph: Graph
    area: Ints
    fixed: Ints
    houses: Ints
    piece: Ints
    alone: Bools

    @property
    def pieces(self) -> int:
        """How many connected pieces there are."""
        return int(self.piece.max(initial=-1)) + 1

    def weight_of_pieces(self) -> Floats:
        """Households of each piece."""
        inside = self.piece >= 0
        return totals(self.piece[inside], self.graph.weight[inside], self.pieces)


def make_units(blocks: Blocks, given: Given, limits: Range, *, part_lone: bool = True) -> Units:
    """
    Build the graph of the blocks as they are.

    Parameters
    ----------
    part_lone
        Whether units that are a grid by themselves are taken out.
    """
    count = int(blocks.block.max()) + 1
    area, fixed = np.zeros(count, dtype=np.int64), np.full(count, -1)
    area[blocks.block], fixed[blocks.block] = blocks.area, blocks.fixed
    held = np.flatnonzero(blocks.face_of >= 0)
    unit = blocks.block[blocks.face_of[held]]
    weight = totals(unit, given.weight[held], count)
    houses = np.bincount(unit[given.weight[held] > 0], minlength=count)
    alone = (weight > limits.hi) & (houses <= 1) & (fixed < 0) & part_lone
    graph = _graph(blocks, given, weight, (fixed < 0) & ~alone, area)
    piece = joined(count, graph.one, graph.two)
    piece[(fixed >= 0) | alone] = -1
    piece[piece >= 0] = np.unique(piece[piece >= 0], return_inverse=True)[1]
    return Units(blocks, graph, area, fixed, houses, piece, alone)


def _graph(blocks: Blocks, given: Given, weight: Floats, free: Bools, area: Ints) -> Graph:
    one, two = blocks.block[blocks.borders.one], blocks.block[blocks.borders.two]
    open_ = (one != two) & (area[one] == area[two]) & free[one] & free[two]
    _, cost = costs_of(blocks.borders.only(open_), given)
    low, high, total = summed(one[open_], two[open_], cost)
    return Graph(weight, low, high, np.maximum(total, _CHEAPEST))


def objections(units: Units, given: Given, limits: Range) -> list[Note]:
    """In words, what cannot be brought into the range whatever is drawn."""
    notes = []
    weight = units.weight_of_pieces()
    for number in range(units.pieces):
        name = given.names[units.area[np.flatnonzero(units.piece == number)[0]]] or _NAMELESS
        if (note := limits.objection(float(weight[number]), name)) is not None:
            notes.append(note)
    notes += [
        Note(
            N_("A building in %(name)s alone has %(weight)s households, more than %(hi)s: it is a grid by itself."),
            name=given.names[units.area[unit]] or _NAMELESS,
            weight=round(float(units.graph.weight[unit])),
            hi=limits.hi,
        )
        for unit in np.flatnonzero(units.alone)
    ]
    outside = units.blocks.face_of < 0
    if outside.any():
        notes.append(
            Note(
                N_("Left out, because outside of the boundary: %(count)s units with %(weight)s households."),
                count=int(outside.sum()),
                weight=round(float(given.weight[outside].sum())),
            )
        )
    return notes
