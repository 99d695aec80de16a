"""Every way to group a few areas into connected zones, by sets of bits."""

from __future__ import annotations

from typing import Final

import numpy as np

from geodata.crs import Floats
from geodata.partition.network import Ints

MOST: Final = 20
_MARGINS: Final = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, np.inf)
_ALL: Final = 12
"""So many areas are grouped in every way; of more, only ways about as even as the best."""
_ABOUT: Final = 0.1


def groupings(weight: Floats, one: Ints, two: Ints, count: int) -> Ints:
    """
    Find the ways to group areas into connected zones.

    Parameters
    ----------
    weight
        n values, n at most 20.
    one, two
        Pairs of neighbours.
    count
        How many zones.

    Returns
    -------
    sets
        Zones as sets of bits, bit i for area i, shape (s, count). The most even way is among them for certain; up to 12
        areas every way is, above them those whose largest zone is at most 10 % of a mean zone over the best.
    """
    neighbours = [0] * len(weight)
    for a, b in zip(one.tolist(), two.tolist(), strict=True):
        neighbours[a] |= 1 << b
        neighbours[b] |= 1 << a
    mean = float(weight.sum()) / count
    if len(weight) <= _ALL:
        return _ways(weight, neighbours, count, np.inf)
    for margin in _MARGINS:
        found = _ways(weight, neighbours, count, mean * (1 + margin))
        if len(found):
            best = float(_heaviest(found, weight).min())
            if best + _ABOUT * mean > mean * (1 + margin):
                found = _ways(weight, neighbours, count, best + _ABOUT * mean)
            return np.asarray(found[_heaviest(found, weight) <= best + _ABOUT * mean])
    return np.empty((0, count), dtype=np.int64)


def _heaviest(sets: Ints, weight: Floats) -> Floats:
    return np.asarray((members(sets, len(weight)) * weight).sum(axis=-1).max(axis=1))


def members(sets: Ints, count: int) -> Ints:
    """For each zone which areas it has: 1 or 0, one more axis of `count` values."""
    return np.asarray((sets[..., None] >> np.arange(count)) & 1)


def _ways(weight: Floats, neighbours: list[int], count: int, most: float) -> Ints:
    """All groupings in which no zone is heavier than `most`."""
    connected = _connected(weight, neighbours, most)
    load = members(connected, len(weight)).dot(weight)
    least = float(weight.sum()) - (count - 1) * most
    connected = connected[load >= least - 1e-9]
    is_zone = np.zeros(1 << len(weight), bool)
    is_zone[connected] = True
    lowest = connected & -connected
    starting = {1 << bit: connected[lowest == 1 << bit] for bit in range(len(weight))}
    found: list[Ints] = []

    def grow(free: int, chosen: tuple[int, ...]) -> None:
        fitting = starting[free & -free]
        fitting = fitting[(fitting & ~free) == 0]
        if len(chosen) == count - 2:
            fitting = fitting[is_zone[free & ~fitting] & (fitting != free)]
            first = np.broadcast_to(np.array(chosen, dtype=np.int64), (len(fitting), count - 2))
            found.append(np.column_stack([first, fitting, free & ~fitting]))
            return
        for zone in fitting.tolist():
            if (free & ~zone).bit_count() >= count - len(chosen) - 1:
                grow(free & ~zone, (*chosen, zone))

    everything = (1 << len(weight)) - 1
    if count == 1:
        return np.array([[everything]] if is_zone[everything] else [], dtype=np.int64).reshape(-1, 1)
    grow(everything, ())
    return np.concatenate(found)


def _connected(weight: Floats, neighbours: list[int], most: float) -> Ints:
    """All connected sets of areas that weigh no more than `most`, ascending."""
    bits = 1 << np.arange(len(weight))
    around = np.array(neighbours, dtype=np.int64)
    level = bits[weight <= most]
    border = around[weight <= most]
    found = [level]
    while len(level):
        bigger, wider = [], []
        for bit, reach in zip(bits.tolist(), around.tolist(), strict=True):
            open_ = ((border & bit) != 0) & ((level & bit) == 0)
            bigger.append(level[open_] | bit)
            wider.append(border[open_] | reach)
        level, first = np.unique(np.concatenate(bigger), return_index=True)
        border = np.concatenate(wider)[first]
        light = members(level, len(weight)).dot(weight) <= most
        level, border = level[light], border[light]
        found.append(level)
    return np.sort(np.concatenate(found))
