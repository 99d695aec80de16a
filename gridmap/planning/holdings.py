"""What stands on the ground of a plan, who answers for it, and to which grid each thing goes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from geodata.coverage.edit import Houses, Moved
from geodata.crs import shapes_to_lonlat, shapes_to_plane
from gridmap.database import straight
from gridmap.people.rules import Role
from gridmap.planning.drafting import Draft
from gridmap.planning.ground import Ground
from gridmap.planning.lineage import ground_moved
from gridmap.planning.returning import returning
from gridmap.planning.rules import heirs, largest_share
from gridmap.planning.things import Thing, loose_things_of, numbers_of, sites_of


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody who answers for a grid."""

    person_id: int
    name: str
    role: str
    post: str | None


@dataclass(frozen=True, slots=True)
class Return:
    """
    Somebody who answers again for a grid that comes back.

    Attributes
    ----------
    source
        The grid where the person serves now, by id.
    lent
        Whether only because the other grid ended: then the person leaves it.
    """

    hand: Hand
    source: str
    lent: bool


@dataclass(frozen=True)
class Survey:
    """
    What a plan hands on of all that stands still: ground, households, buildings and other sites.

    Attributes
    ----------
    before
        Ids of the grids of the base edition whose ground or attributes change.
    shapes
        Polygons of those that take their place, EPSG:4326, by id.
    sites, after
        The sites on those, and the grid of the draft that each goes to.
    moved, altered, successors, parents
        As of `Inherited`.
    """

    before: list[str]
    shapes: Mapping[str, Any]
    sites: list[Thing]
    after: list[str]
    moved: tuple[Moved, ...]
    altered: frozenset[str]
    successors: Mapping[str, str]
    parents: Mapping[str, str]


@dataclass(frozen=True)
class Inherited:
    """
    What a plan hands from grid to grid.

    Attributes
    ----------
    things, after
        All that the changed grids answer for today, and the grid of the draft that each goes to.
    moved
        The ground that changes hands, with its households.
    altered
        Ids whose ground or attributes change; those that only gained corners are not among them.
    successors
        For each grid that ends, the one that inherits most of its ground.
    parents
        For each grid that the plan makes, the one that gave it most of its ground.
    back
        For each grid that comes back, who answers for it again.
    """

    things: list[Thing]
    after: list[str]
    moved: tuple[Moved, ...]
    altered: frozenset[str]
    successors: Mapping[str, str]
    parents: Mapping[str, str]
    back: Mapping[str, Sequence[Return]] = field(default_factory=dict)


def hands_of(db: Session, ground: Ground, grids: Collection[str], at: datetime) -> dict[str, list[Hand]]:
    """Who answers for each of some grids, chiefs first; grids that have nobody are left out."""
    numbers = [n for grid in grids if grid in ground.labels and (n := ground.labels[grid].grid_id) is not None]
    rows = straight(
        db,
        "SELECT DISTINCT a.grid_id, a.role <> 'chief' AS after_chiefs, a.role, a.post, p.id, p.name FROM assignment a"
        " JOIN person p ON p.id = a.person_id WHERE a.grid_id = ANY(%(grids)s) AND a.role IN ('chief', 'worker')"
        " AND a.valid @> %(at)s AND (p.ended_at IS NULL OR p.ended_at > %(at)s) ORDER BY 1, 2, p.id",
        {"grids": numbers, "at": at},
    )
    hands: dict[str, list[Hand]] = {}
    for row in rows:
        hands.setdefault(ground.id_of[row.grid_id], []).append(Hand(row.id, row.name, row.role, row.post))
    return hands


def hands_after(hands: Mapping[str, list[Hand]], inherited: Inherited) -> dict[str, list[Hand]]:
    """
    Who answers for each grid once the plan is published.

    People stay with their grid; those of a grid that ends go to the one that inherits it. A grid that comes back has
    its people of then, as far as they serve on its ground; one that the plan makes, or for whom nobody is left, is
    covered by the chiefs of the grid it came out of, until an administrator says otherwise.
    """
    after = {grid: list(people) for grid, people in hands.items() if grid not in inherited.successors}
    for grid, heir in inherited.successors.items():
        after.setdefault(heir, []).extend(hands.get(grid, ()))
    for grid, parent in inherited.parents.items():
        if grid not in inherited.back:
            after.setdefault(grid, []).extend(hand for hand in hands.get(parent, ()) if hand.role == Role.CHIEF)
    for grid, returns in inherited.back.items():
        after.setdefault(grid, []).extend(one.hand for one in returns)
        for one in returns:
            if one.lent and one.hand in after.get(one.source, ()):
                after[one.source].remove(one.hand)
    return {grid: list({hand.person_id: hand for hand in people}.values()) for grid, people in after.items()}


def _back(db: Session, draft: Draft, surveyed: Survey, at: datetime) -> dict[str, list[Return]]:
    """Who answers again for the grids of a draft that ended once; only a plan that takes another back has any."""
    homes = {n: grid for grid in surveyed.parents if (n := draft.labels[grid].grid_id) is not None}
    if not homes:
        return {}
    back: dict[str, list[Return]] = {}
    for row in returning(db, homes, numbers_of(draft.ground, surveyed.before), at):
        hand = Hand(row.person_id, row.name, row.role, row.post)
        back.setdefault(homes[row.home], []).append(Return(hand, draft.ground.id_of[row.grid_id], row.lent))
    return back


def inherited(db: Session, draft: Draft, at: datetime, surveyed: Survey | None = None) -> Inherited:
    """
    Work out what the plan hands from grid to grid, as publishing it would.

    Parameters
    ----------
    surveyed
        What `survey` finds, if that has been done and no site was changed since.
    """
    surveyed = surveyed or survey(db, draft)
    loose = loose_things_of(db, draft.ground, surveyed.before, at)
    after = _heirs(loose, surveyed.shapes, surveyed.successors)
    return Inherited(
        [*surveyed.sites, *loose],
        [*surveyed.after, *after],
        surveyed.moved,
        surveyed.altered,
        surveyed.successors,
        surveyed.parents,
        _back(db, draft, surveyed, at),
    )


def survey(db: Session, draft: Draft) -> Survey:
    """Work out where ground, households and sites go: most of the work, and it seldom changes while a plan waits."""
    changed = draft.redrawn()
    before = {grid: draft.base[grid] for grid in changed if grid in draft.base}
    planes = {grid: plot.plane for grid, plot in changed.items() if plot is not None}
    old = {grid: plot.plane for grid, plot in before.items()}
    successors = largest_share(old.keys() - planes.keys(), old, planes)
    parents = largest_share(planes.keys() - old.keys(), planes, old)
    sites = sites_of(db, draft.ground, before)
    shapes = dict(
        zip(planes, shapes_to_lonlat(np.array(list(planes.values()), object), draft.ground.srid), strict=True)
    )
    after = _heirs(sites, shapes, successors)
    moved = ground_moved(_houses(sites, draft.ground), before, planes)
    return Survey(list(before), shapes, sites, after, moved, frozenset(changed), successors, parents)


def _heirs(things: Sequence[Thing], shapes: Mapping[str, Any], successors: Mapping[str, str]) -> list[str]:
    points: NDArray[np.object_] = np.array([thing.point for thing in things], dtype=object)
    return heirs([thing.grid for thing in things], points, shapes, successors)


def _houses(things: Iterable[Thing], ground: Ground) -> Houses:
    buildings = [thing for thing in things if thing.kind == "buildings" and shapely.get_dimensions(thing.shape) == 2]
    footprints = shapes_to_plane([thing.shape for thing in buildings], ground.srid)
    return Houses(footprints, [thing.households for thing in buildings])
