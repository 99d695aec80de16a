"""Townships and communities: which grids belong together, and in which order they are counted."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.cluster.vq import kmeans2

from geodata.crs import Floats
from geodata.sample.cuts import Ints, Shapes
from geodata.sample.land import Land
from geodata.sample.names import TOWNSHIPS
from geodata.sample.seeds import DeadEnd
from geodata.sample.size import Size
from geodata.sample.weave import borders, components

GRIDS_PER_COMMUNITY = 8
OTHER_BANK = 2.4
"""How much farther a township seat across the river seems."""


@dataclass(frozen=True)
class Membership:
    """For each of n grids the township (row of `TOWNSHIPS`) and the community, numbered inside the township."""

    township: Ints
    community: Ints
    sequence: Ints


def make_membership(
    shapes: Shapes, in_town: Ints, parent: Ints, land: Land, size: Size, rng: np.random.Generator
) -> Membership:
    """
    Group grids into townships and communities, each in one piece, and number them.

    Parameters
    ----------
    shapes
        n grids of one coverage, metres.
    in_town
        1 for grids of the town, which go to street offices, 0 for others.
    parent
        For a dedicated grid the row it was carved out of, whose community it joins; -1 for others.
    """
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    north = shapely.contains_properly(land.north, shapely.point_on_surface(shapes)).astype(np.int64)
    pairs, length = borders(shapes)
    township = _nearest_seat(middle, north, in_town, size)
    own = parent < 0
    township = np.where(own, township, township[parent])
    township = keep_together(township, in_town, pairs, length)
    community = np.zeros(len(shapes), dtype=np.int64)
    for row in np.unique(township):
        here = np.flatnonzero(township == row)
        count = max(1, round(len(here) / GRIDS_PER_COMMUNITY))
        spot = np.column_stack([middle[here], north[here] * 500.0])
        seed = int(rng.integers(2**31))
        start = spot[_spread_rows(spot, count)]
        community[here] = kmeans2(spot, start, minit="matrix", rng=np.random.default_rng(seed))[1]
    together = township * 1_000 + community
    together = np.where(own, together, together[parent])
    together = keep_together(together, township, pairs, length)
    return _numbered(township, together, middle, shapes)


def keep_together(label: Ints, within: Ints, pairs: Ints, length: Floats) -> Ints:
    """
    Hand strays to the neighbour with the longest border until every label is in one piece.

    Parameters
    ----------
    label
        n labels; the largest piece of each keeps it.
    within
        n values that a neighbour must share for a stray to join it.
    pairs, length
        Neighbouring rows and the length of their border, metres.
    """
    label = label.copy()
    for _ in range(40):
        inside = label[pairs[:, 0]] == label[pairs[:, 1]]
        piece = components(len(label), pairs[inside])
        sizes = np.bincount(piece)
        order = np.lexsort([piece, -sizes[piece], label])
        first = np.r_[True, label[order][1:] != label[order][:-1]]
        main = np.zeros(len(sizes), dtype=bool)
        main[piece[order][first]] = True
        stray = ~main[piece]
        if not stray.any():
            return label
        worth = length * (within[pairs[:, 0]] == within[pairs[:, 1]])
        moved = False
        for row in np.argsort(-worth, kind="stable"):
            one, two = pairs[row]
            if worth[row] > 0 and stray[one] != stray[two]:
                label[one] = label[two] = label[two] if stray[one] else label[one]
                moved = True
                break
        if not moved:
            break
    raise DeadEnd("an area could not be brought into one piece")


def _nearest_seat(middle: Floats, north: Ints, in_town: Ints, size: Size) -> Ints:
    rows = [*range(size.offices), *range(5, 5 + size.towns)]
    half = np.array(size.town_half)
    seats = np.array([TOWNSHIPS[row].seat for row in rows]) * half
    away = np.hypot(*(middle[:, None] - seats[None]).transpose(2, 0, 1))
    bank = np.array([1 if TOWNSHIPS[row].seat[1] > 0 else 0 for row in rows])
    away = away * np.where(bank[None] == north[:, None], 1.0, OTHER_BANK)
    office = np.array([row < 5 for row in rows])
    away = np.where(office[None] == (in_town[:, None] > 0), away, np.inf)
    return np.asarray(np.array(rows)[np.argmin(away, axis=1)], dtype=np.int64)


def _spread_rows(spot: Floats, count: int) -> Ints:
    """Start from rows that lie far apart: the first in the south-west, each next farthest from those chosen."""
    chosen = [int(np.argmin(spot[:, :2].sum(axis=1)))]
    while len(chosen) < count:
        away = np.min([np.hypot(*(spot[:, :2] - spot[row, :2]).T) for row in chosen], axis=0)
        chosen.append(int(np.argmax(away)))
    return np.array(chosen)


def _numbered(township: Ints, together: Ints, middle: Floats, shapes: Shapes) -> Membership:
    """Count communities west to east inside a township, grids in rows from the north inside a community."""
    community = np.zeros_like(together)
    sequence = np.zeros_like(together)
    for row in np.unique(township):
        labels = np.unique(together[township == row])
        easting = [middle[together == label, 0].mean() for label in labels]
        for number, place in enumerate(np.argsort(easting, kind="stable"), start=1):
            rows = np.flatnonzero(together == labels[place])
            community[rows] = number
            sequence[rows] = row_order(middle[rows], np.sqrt(shapely.area(shapes[rows])))
    return Membership(township, community, sequence)


def row_order(middle: Floats, side_m: Floats) -> Ints:
    """
    Number places in rows from north to south, west to east within a row; n numbers from 1.

    Parameters
    ----------
    middle
        Centres, n × 2, metres.
    side_m
        Side lengths, n values; their median is the height of a row.
    """
    height = float(np.median(side_m))
    row = np.floor((middle[:, 1].max() - middle[:, 1]) / height + 0.25)
    order = np.lexsort([middle[:, 0], row])
    number = np.empty(len(middle), dtype=np.int64)
    number[order] = np.arange(1, len(middle) + 1)
    return number
