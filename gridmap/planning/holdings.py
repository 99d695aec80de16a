"""What stands on the ground of a plan, who answers for it, and to which grid each thing goes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sqlalchemy.orm import Session

from geodata.coverage.edit import Houses, Moved, Plot
from geodata.coverage.edit.reckoning import movements
from geodata.crs import shapes_to_lonlat, shapes_to_plane
from gridmap.database import straight
from gridmap.planning.drafting import Draft
from gridmap.planning.ground import Ground
from gridmap.planning.rules import BUILDINGS, heirs, largest_share

ThingKind = Literal["buildings", "sites", "devices", "open_incidents"]

_SITES: Final = """
    SELECT id::text AS id, kind, name, names::text AS names_json, code AS number, households, grid_id,
        ST_AsBinary(shape) AS shape, ST_AsBinary(ST_PointOnSurface(shape)) AS point
    FROM site WHERE grid_id = ANY(%(grids)s) AND upper_inf(valid) ORDER BY id
"""
_DEVICES: Final = """
    SELECT d.code AS id, d.kind, d.name, d.names::text AS names_json, d.code AS number, 0 AS households, d.grid_id,
        CAST(NULL AS bytea) AS shape,
        (SELECT ST_AsBinary(p.place) FROM device_pose p WHERE p.device_id = d.id AND p.valid @> %(at)s
            ORDER BY lower(p.valid) DESC LIMIT 1) AS point
    FROM device d WHERE d.grid_id = ANY(%(grids)s) AND d.ended_at IS NULL ORDER BY d.code
"""
_INCIDENTS: Final = """
    SELECT i.id::text AS id, i.state AS kind, coalesce(c.name, i.number) AS name,
        coalesce(c.names, '{}')::text AS names_json, i.number, 0 AS households, i.duty_grid_id AS grid_id,
        CAST(NULL AS bytea) AS shape, ST_AsBinary(i.place) AS point
    FROM incident i LEFT JOIN category c ON c.code = i.category
    WHERE i.duty_grid_id = ANY(%(grids)s) AND i.closed_at IS NULL ORDER BY i.number
"""


@dataclass(frozen=True, slots=True)
class Thing:
    """
    Something that one grid answers for.

    Attributes
    ----------
    names_json
        Its names by language, as they are kept: most things are counted, and never named.
    grid
        The grid that answers for it today, by the id of its plot.
    point
        Where it stands, or a point inside of it, EPSG:4326; None if it has no place.
    shape
        The whole of a site, EPSG:4326; None of what is a point.
    """

    kind: ThingKind
    id: str
    name: str
    names_json: str
    number: str | None
    households: int
    grid: str
    point: Any
    shape: Any


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody who answers for a grid."""

    person_id: int
    name: str
    role: str
    post: str | None


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
    """

    things: list[Thing]
    after: list[str]
    moved: tuple[Moved, ...]
    altered: frozenset[str]
    successors: Mapping[str, str]
    parents: Mapping[str, str]


def things_of(db: Session, ground: Ground, grids: Collection[str], at: datetime) -> list[Thing]:
    """
    Read all that some grids answer for today: buildings, other sites, devices, open incidents.

    Parameters
    ----------
    grids
        Ids of plots of the base edition.
    """
    numbers = [n for grid in grids if (n := ground.labels[grid].grid_id) is not None]
    values = {"grids": numbers, "at": at}
    found: list[Thing] = []
    for kind, question in (("sites", _SITES), ("devices", _DEVICES), ("open_incidents", _INCIDENTS)):
        rows = straight(db, question, values)
        shapes = shapely.from_wkb([row.shape and bytes(row.shape) for row in rows])
        points = shapely.from_wkb([row.point and bytes(row.point) for row in rows])
        for row, shape, point in zip(rows, shapes, points, strict=True):
            own: Any = "buildings" if kind == "sites" and row.kind in BUILDINGS else kind
            grid = ground.id_of[row.grid_id]
            found.append(Thing(own, row.id, row.name, row.names_json, row.number, row.households, grid, point, shape))
    return found


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

    People stay with their grid; those of a grid that ends go to the one that inherits it; a grid that the plan makes is
    covered by the people of the grid it came out of, until an administrator says otherwise.
    """
    after = {grid: list(people) for grid, people in hands.items() if grid not in inherited.successors}
    for grid, heir in [*inherited.successors.items(), *((old, new) for new, old in inherited.parents.items())]:
        after.setdefault(heir, []).extend(hands.get(grid, ()))
    return {grid: list({hand.person_id: hand for hand in people}.values()) for grid, people in after.items()}


def inherited(db: Session, draft: Draft, at: datetime) -> Inherited:
    """Work out what the plan hands from grid to grid, as publishing it would."""
    changed = draft.redrawn()
    before = {grid: draft.base[grid] for grid in changed if grid in draft.base}
    planes = {grid: plot.plane for grid, plot in changed.items() if plot is not None}
    old = {grid: plot.plane for grid, plot in before.items()}
    successors = largest_share(old.keys() - planes.keys(), old, planes)
    parents = largest_share(planes.keys() - old.keys(), planes, old)
    things = things_of(db, draft.ground, list(before), at)
    shapes = dict(
        zip(planes, shapes_to_lonlat(np.array(list(planes.values()), object), draft.ground.srid), strict=True)
    )
    points: NDArray[np.object_] = np.array([thing.point for thing in things], dtype=object)
    after = heirs([thing.grid for thing in things], points, shapes, successors)
    moved = _moved(_houses(things, draft.ground), before, planes)
    return Inherited(things, after, moved, frozenset(changed), successors, parents)


def _moved(houses: Houses, before: Mapping[str, Plot], after: Mapping[str, Any]) -> tuple[Moved, ...]:
    """What changed hands, piece by piece; every neighbourhood by itself, since nothing goes from one to another."""
    pieces: list[Moved] = []
    for group in _neighbourhoods({grid: plot.plane for grid, plot in before.items()}, after):
        own = {grid: plot for grid, plot in before.items() if grid in group}
        pieces += movements(houses, own, {grid: plane for grid, plane in after.items() if grid in group})[0]
    return tuple(pieces)


def _neighbourhoods(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[set[str]]:
    """Group grids whose bounds meet, before or after, directly or through others."""
    ids = sorted({*before, *after})
    number = {grid: place for place, grid in enumerate(ids)}
    owner = np.array([number[grid] for grid in (*before, *after)], dtype=np.intp)
    planes = np.array([*before.values(), *after.values()], dtype=object)
    left, right = shapely.STRtree(planes).query(planes)
    links = coo_array((np.ones(len(left)), (owner[left], owner[right])), shape=(len(ids), len(ids)))
    n, group = connected_components(links, directed=False)
    groups: list[set[str]] = [set() for _ in range(n)]
    for grid, place in zip(ids, group.tolist(), strict=True):
        groups[place].add(grid)
    return groups


def _houses(things: Iterable[Thing], ground: Ground) -> Houses:
    buildings = [thing for thing in things if thing.kind == "buildings" and shapely.get_dimensions(thing.shape) == 2]
    footprints = shapes_to_plane([thing.shape for thing in buildings], ground.srid)
    return Houses(footprints, [thing.households for thing in buildings])
