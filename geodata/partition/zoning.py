"""Areas into zones that work together: contiguous, even, and each with all skills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geodata.crs import Floats, require_metres
from geodata.errors import N_, GeodataError
from geodata.partition.counts import Range
from geodata.partition.division import divide, refine
from geodata.partition.enumeration import MOST, groupings, members
from geodata.partition.flips import flip
from geodata.partition.network import Ints, Shapes, joined, totals
from geodata.partition.proposal import Watch, row_order
from geodata.partition.trees import Graph

_TOUCH_M: Final = 1.0
_TRIES: Final = 12


@dataclass(frozen=True)
class Zones:
    """
    One way to group n areas.

    Attributes
    ----------
    zone
        For each area the number of its zone, from 1, in rows from north to south and west to east.
    weight
        Of each zone.
    imbalance
        How much heavier than the mean the heaviest zone is, as a share of the mean.
    complementarity
        1 minus half the mean distance between the skills of a zone and those of the whole: 1 if every zone is a
        likeness of the whole. None without skills.
    """

    zone: Ints
    weight: Floats
    imbalance: float
    complementarity: float | None


@dataclass(frozen=True)
class Zoning:
    """
    Ways to group areas of which none is better than another in all respects, the most even first.

    Attributes
    ----------
    front
        The ways.
    exact
        Whether every way was looked at that could be the most even.
    """

    front: tuple[Zones, ...]
    exact: bool


def zones(
    areas: gpd.GeoSeries,
    weight: ArrayLike,
    count: int,
    *,
    skills: ArrayLike | None = None,
    seed: int = 0,
    watch: Watch | None = None,
) -> Zoning:
    """
    Group areas into contiguous zones of about the same weight and, if wanted, with complementary skills.

    Parameters
    ----------
    areas
        Polygons, n rows, in a projected CRS in metres; those whose borders run within a metre of each other are
        neighbours.
    weight
        Population, incidents, staff or the like; n values.
    count
        How many zones.
    skills
        How much of each skill an area has, shape (n, s).
    seed
        Draws the tries when there are more than 20 areas; up to 20, the answer is exact.
    watch
        Who is told how far the work is, and may stop it.

    Raises
    ------
    NotInMetres
        If the CRS of `areas` is missing, geographic, or in another unit.
    GeodataError
        If there are fewer areas than zones, more separate parts than zones, or a weight is no number.
    Cancelled
        If `watch` said so.
    """
    require_metres(areas.crs)
    watch = watch or Watch()
    watch.tell(0.0, N_("Measuring borders"))
    shapes = areas.to_numpy()
    load = _weights(weight, len(shapes))
    one, two, length = _neighbours(shapes)
    _refuse_impossible(len(shapes), joined(len(shapes), one, two), count)
    watch.tell(0.2, N_("Grouping areas"))
    exact = len(shapes) <= MOST
    if exact:
        sets = groupings(load, one, two, count)
        labels = members(sets, len(shapes)).argmax(axis=1)
    else:
        labels = _drawn(Graph(load, one, two, length), count, seed, watch)
    profile = None if skills is None else np.asarray(skills, float).reshape(len(shapes), -1)
    return Zoning(_front(labels, load, count, profile, shapes, (one, two, length)), exact)


def complementarity(zone: ArrayLike, skills: ArrayLike) -> float:
    """
    Say how alike zones are to the whole in what they can do.

    Parameters
    ----------
    zone
        For each of n areas the number of its zone, from 1; 0 is in none, and counts to the whole alone.
    skills
        How much of each skill an area has, shape (n, s).

    Returns
    -------
    complementarity
        See `Zones`.
    """
    number = np.asarray(zone)
    kin = number[:, None] == np.arange(1, int(number.max(initial=0)) + 1)
    profile = np.asarray(skills, float).reshape(len(number), -1)
    return float(np.round(_complementarity(kin[None], profile)[0], 9))


def _weights(weight: ArrayLike, count: int) -> Floats:
    load = np.asarray(weight, float)
    for row in np.flatnonzero(~np.isfinite(load) | (load < 0)):
        raise GeodataError(N_("Row %(row)s of the areas has no weight. Give 0 or more."), row=int(row) + 1)
    if len(load) != count or load.sum() <= 0:
        raise GeodataError(N_("The areas weigh nothing. Choose a column in which some have more than 0."))
    return load


def _neighbours(shapes: Shapes) -> tuple[Ints, Ints, Floats]:
    """Pairs of areas with a common border, and its length; borders drawn twice a metre apart count."""
    one, two = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=_TOUCH_M)
    one, two = one[one < two], two[one < two]
    wide = shapely.buffer(shapes[two], _TOUCH_M)
    length = shapely.length(shapely.intersection(shapely.boundary(shapes[one]), wide))
    # At a corner where they only touch, a border lies within a metre for a few metres at most.
    real = length > 4 * _TOUCH_M
    return one[real], two[real], length[real]


def _refuse_impossible(areas: int, part: Ints, count: int) -> None:
    parts = int(part.max(initial=-1)) + 1
    if not 1 <= count <= areas:
        raise GeodataError(N_("%(areas)s areas cannot make %(count)s zones."), areas=areas, count=count)
    if parts > count:
        raise GeodataError(
            N_("The areas lie in %(parts)s parts that do not touch: at least %(parts)s zones are needed."), parts=parts
        )


def _drawn(graph: Graph, count: int, seed: int, watch: Watch) -> Ints:
    """Groupings found by cutting, shape (tries, n)."""
    rng = np.random.default_rng(seed)
    mean = float(graph.weight.sum()) / count
    even = Range(mean, mean)
    part = joined(len(graph.weight), graph.one, graph.two)
    shares = _shares(totals(part, graph.weight), count)
    found = []
    for number in range(_TRIES):
        watch.tell(0.2 + 0.8 * number / _TRIES, N_("Grouping areas"))
        zone = divide(graph, part, shares, even, rng)
        still = np.zeros(int(zone.max()) + 1, bool)
        zone = refine(graph, zone, even, rng, lambda share: None, still)
        found.append(flip(graph, zone, even, lambda share: None, still))
    full = [zone for zone in found if zone.max() + 1 == count]
    if not full:
        raise GeodataError(N_("%(areas)s areas cannot make %(count)s zones."), areas=len(part), count=count)
    return np.array(full)


def _shares(weight: Floats, count: int) -> dict[int, int]:
    """How many zones each separate part gets: one each, and the others where they are needed most."""
    given = np.ones(len(weight), dtype=np.int64)
    for _ in range(count - len(weight)):
        given[np.argmax(weight / given)] += 1
    return dict(enumerate(given.tolist()))


def _front(
    labels: Ints,
    load: Floats,
    count: int,
    profile: Floats | None,
    shapes: Shapes,
    borders: tuple[Ints, Ints, Floats],
) -> tuple[Zones, ...]:
    """The groupings that no other beats, the most even first; of equals the one with the shortest borders."""
    one, two, length = borders
    kin = labels[:, :, None] == np.arange(count)
    weight = np.einsum("sac,a->sc", kin, load)
    imbalance = np.round(weight.max(axis=1) / (load.sum() / count) - 1, 9)
    alike = np.zeros(len(labels)) if profile is None else np.round(_complementarity(kin, profile), 9)
    border = (labels[:, one] != labels[:, two]).astype(float) @ length
    front: list[Zones] = []
    best = -np.inf
    for row in np.lexsort((border, -alike, imbalance)):
        if alike[row] > best:
            best = alike[row]
            zone = _in_rows(labels[row], shapes, count)
            told = None if profile is None else float(alike[row])
            front.append(Zones(zone, totals(zone - 1, load, count), float(imbalance[row]), told))
    return tuple(front)


def _complementarity(kin: NDArray[np.bool_], profile: Floats) -> Floats:
    """1 minus half the mean L1 distance of the zones' shares of skills from those of the whole."""
    amount = np.einsum("sac,ap->scp", kin, profile)
    whole = amount.sum(axis=2, keepdims=True)
    share = np.divide(amount, whole, out=np.zeros_like(amount), where=whole > 0)
    district = profile.sum(axis=0) / max(float(profile.sum()), 1e-12)
    return np.asarray(1 - np.abs(share - district).sum(axis=2).mean(axis=1) / 2)


def _in_rows(label: Ints, shapes: Shapes, count: int) -> Ints:
    united = np.array([shapely.union_all(shapes[label == number]) for number in range(count)], dtype=object)
    place = np.empty(count, dtype=np.int64)
    place[row_order(united)] = np.arange(1, count + 1)
    return place[label]
