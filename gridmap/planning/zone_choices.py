"""Working zones out: groups of which none is better than another in all respects, each beside the zones of today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from geodata.partition import Watch, Zones, complementarity, zones
from gridmap.errors import Invalid
from gridmap.language import N_
from gridmap.planning.zone_parts import FIGURES, Part

_NONE_OF_IT: Final = {
    "households": N_("No household is counted here, so households do not weigh."),
    "open_incidents": N_("No incident is open here, so open incidents do not weigh."),
    "staff": N_("Nobody serves here, so staff does not weigh."),
}
_NO_SKILLS: Final = N_("There is nothing here by which zones could complement each other: they are only evened out.")


@dataclass(frozen=True)
class Today:
    """
    The zones in force.

    Attributes
    ----------
    ids, names
        Of each zone.
    zone
        For each part the number of its zone, from 1; 0 is in none.
    """

    ids: tuple[int, ...]
    names: tuple[str, ...]
    zone: NDArray[np.int64]


@dataclass(frozen=True)
class ZoneTask:
    """
    All that zones are worked out from; nothing of the database is needed afterwards.

    Attributes
    ----------
    planes
        The ground of each part, metres.
    weights
        How much each of `FIGURES` counts.
    offers
        How much of each skill a part has, shape (parts, skills); None if skills do not count, or there are none.
    wants_skills
        Whether they were asked for.
    """

    parts: Sequence[Part]
    planes: gpd.GeoSeries
    count: int
    weights: Mapping[str, int]
    offers: NDArray[np.float64] | None
    wants_skills: bool
    today: Today
    seed: int


def work_out_zones(task: ZoneTask, watch: Watch) -> dict[str, Any]:
    """
    Group the parts of an area.

    Returns
    -------
    answer
        ``parts`` (id, code, names, figures), ``today`` (ids, and the card of the zones in force or None), ``choices``
        (each with the zone of every part from 1, its card, the figures of its zones, and which name of today goes on),
        ``exact``, ``notes`` (sentences to translate, with their values).

    Raises
    ------
    GeodataError
        If the parts cannot be grouped so.
    Invalid
        If nothing that was to weigh is there.
    Cancelled
        If `watch` says so.
    """
    counted = {name: np.array([part.figures[name] for part in task.parts], float) for name in FIGURES}
    load = _load(counted, task.weights)
    found = zones(task.planes, load, task.count, skills=task.offers, seed=task.seed, watch=watch)
    missing = [_NONE_OF_IT[name] for name in FIGURES if task.weights.get(name, 0) and not counted[name].any()]
    missing += [_NO_SKILLS] if task.wants_skills and task.offers is None else []
    today = task.today
    return {
        "parts": [_told(part) for part in task.parts],
        "today": {
            "ids": list(today.ids),
            "card": _card(today.zone, len(today.ids), load, counted, task, None) if today.ids else None,
            "zones": _zones_told(today.zone, len(today.ids), load, counted, today.names),
        },
        "choices": [_choice(way, load, counted, task) for way in found.front],
        "exact": found.exact,
        "notes": [{"msgid": msgid, "params": {}} for msgid in missing],
    }


def _told(part: Part) -> dict[str, Any]:
    return {"id": part.id, "code": part.code, "name": part.name, "names": part.names, **part.figures}


def _load(counted: Mapping[str, NDArray[np.float64]], weights: Mapping[str, int]) -> NDArray[np.float64]:
    """The share of the whole that each part carries, all that weighs taken together."""
    weighing = {name: weights.get(name, 0) for name in FIGURES if counted[name].any()}
    total = sum(weighing.values())
    if total == 0:
        raise Invalid(N_("Nothing of what is to weigh is counted here. Let something else weigh."))
    shares = [weight * counted[name] / counted[name].sum() for name, weight in weighing.items()]
    return np.asarray(np.sum(shares, axis=0) / total)


def _choice(
    way: Zones, load: NDArray[np.float64], counted: Mapping[str, NDArray[np.float64]], task: ZoneTask
) -> dict[str, Any]:
    count = int(way.zone.max())
    goes_on, kept = _continued(way.zone, count, load, task.today)
    names = [None if old is None else task.today.names[old] for old in goes_on]
    return {
        "zone": way.zone.tolist(),
        "card": _card(way.zone, count, load, counted, task, kept),
        "zones": _zones_told(way.zone, count, load, counted, names),
    }


def _continued(
    zone: NDArray[np.int64], count: int, load: NDArray[np.float64], today: Today
) -> tuple[list[int | None], float | None]:
    """Which zone of today each one goes on with, one to one, so that most weight stays where it is; and that share."""
    if not today.ids:
        return [None] * count, None
    common = np.zeros((count, len(today.ids)))
    inside = today.zone > 0
    np.add.at(common, (zone[inside] - 1, today.zone[inside] - 1), load[inside])
    new, old = linear_sum_assignment(common, maximize=True)
    pairs = {int(n): int(o) for n, o in zip(new, old, strict=True) if common[n, o] > 0}
    return [pairs.get(n) for n in range(count)], round(float(common[new, old].sum()), 9)


def _card(
    zone: NDArray[np.int64],
    count: int,
    load: NDArray[np.float64],
    counted: Mapping[str, NDArray[np.float64]],
    task: ZoneTask,
    kept: float | None,
) -> dict[str, Any]:
    """What a grouping is worth; shares from 0 to 1, None where there is nothing to compare."""
    return {
        "zones": count,
        "imbalance": _imbalance(zone, count, load),
        **{f"imbalance_{name}": _imbalance(zone, count, counted[name]) for name in FIGURES},
        "complementarity": None if task.offers is None else complementarity(zone, task.offers),
        "kept": kept,
        "left_out": int((zone == 0).sum()),
    }


def _imbalance(zone: NDArray[np.int64], count: int, amount: NDArray[np.float64]) -> float | None:
    """How much above the mean of the zones the heaviest is, as a share of the mean."""
    if not amount.any():
        return None
    sums = np.bincount(zone, weights=amount, minlength=count + 1)[1:]
    return round(float(sums.max() / (amount.sum() / count) - 1), 9)


def _zones_told(
    zone: NDArray[np.int64],
    count: int,
    load: NDArray[np.float64],
    counted: Mapping[str, NDArray[np.float64]],
    names: Sequence[str | None],
) -> list[dict[str, Any]]:
    """What each zone has: parts, share of all that weighs, figures."""
    told: list[dict[str, Any]] = []
    for number in range(1, count + 1):
        own = zone == number
        figures = {name: int(counted[name][own].sum()) for name in FIGURES}
        share = round(float(load[own].sum()), 9)
        told.append({"name": names[number - 1], "parts": int(own.sum()), "share": share, **figures})
    return told
