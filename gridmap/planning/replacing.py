"""
A coverage that a file replaces: what is open on ground that changed hands goes along, as when a plan is published.

`gridmap.exchange` stands above planning in the street and knows nothing of it; so whoever imports at the edge of the
house asks here. The import itself publishes the edition and gives sites and devices their grids; here follow the open
incidents and the people who answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from sqlalchemy.orm import Session

from geodata.coverage.edit import Plot
from gridmap.database import straight
from gridmap.exchange.importing import Outcome, Prepared, carry_out
from gridmap.grids.publishing import wait_for_turn
from gridmap.grids.queries import current_district
from gridmap.people.rules import Actor
from gridmap.planning.covering import keep_covered
from gridmap.planning.ground import Ground, ground_of
from gridmap.planning.holdings import Inherited
from gridmap.planning.moving import Redrawn, hold_incidents, move_work
from gridmap.planning.rules import heirs, largest_share
from gridmap.planning.things import Thing


def carry_out_and_follow(db: Session, actor: Actor, prepared: Prepared, at: datetime) -> Outcome:
    """
    Carry an import out; where it replaces the coverage in force, open incidents and people follow their ground.

    Parameters
    ----------
    at
        Our clock: when they go, also where the file says that its edition took effect earlier.

    Raises
    ------
    NotAllowed, Invalid, Conflict
        As `gridmap.exchange.importing.carry_out`.
    """
    district = current_district(db) if prepared.kind.name == "grids" else None
    if district is None or district.edition_n == 0:
        return carry_out(db, actor, prepared, at)
    wait_for_turn(db)
    old = ground_of(db, district.id, district.edition_n)
    former = _standing(db, district.id)
    incidents = hold_incidents(db, [number for number, _ in former.values()], [path for _, path in former.values()])
    outcome = carry_out(db, actor, prepared, at)
    edition = current_district(db).edition_n
    if edition != district.edition_n:
        new = ground_of(db, district.id, edition)
        redrawn = _redrawn(old, new, former, _standing(db, district.id), at)
        held = {redrawn.ids[grid] for grid in redrawn.former} | set(redrawn.former.values())
        concerned = [row for row in incidents if (row.duty_grid_id or row.path) in held]
        move_work(db, actor.doer, replace(redrawn, inherited=_with(db, redrawn, concerned, new)), concerned)
        keep_covered(db, actor.doer, redrawn)
    return outcome


def _standing(db: Session, district_id: int) -> dict[str, tuple[int, str]]:
    """Number and area path of every grid in force, by its code."""
    rows = straight(
        db,
        "SELECT v.code, v.grid_id, v.path::text AS path FROM grid_version v JOIN grid g ON g.id = v.grid_id"
        " WHERE g.district_id = %(district)s AND upper_inf(v.valid) AND upper_inf(v.recorded)",
        {"district": district_id},
    )
    return {row.code: (row.grid_id, row.path) for row in rows}


def _redrawn(
    old: Ground,
    new: Ground,
    former: Mapping[str, tuple[int, str]],
    present: Mapping[str, tuple[int, str]],
    at: datetime,
) -> Redrawn:
    """What the edition changed; a file knows grids by their codes, so these are the ids."""
    before, after = old.sheet.plots, new.sheet.plots
    changed = sorted(grid for grid in before.keys() | after.keys() if before.get(grid) != after.get(grid))
    was = {grid: before[grid] for grid in changed if grid in before}
    now = {grid: after[grid] for grid in changed if grid in after}
    numbers = {grid: number for grid, (number, _) in {**former, **present}.items()}
    return Redrawn(
        edition=new.edition,
        at=at,
        ids={grid: numbers[grid] for grid in changed},
        codes={grid: grid for grid in changed},
        paths={grid: present[grid][1] for grid in now},
        former={grid: former[grid][1] for grid in was},
        inherited=_inherited(was, now),
    )


def _inherited(before: Mapping[str, Plot], after: Mapping[str, Plot]) -> Inherited:
    """Which grid comes after which; sites and devices were given theirs by the import."""
    old = {grid: plot.plane for grid, plot in before.items()}
    new = {grid: plot.plane for grid, plot in after.items()}
    return Inherited(
        things=[],
        after=[],
        moved=(),
        altered=frozenset((*before, *after)),
        successors=largest_share(old.keys() - new.keys(), old, new),
        parents=largest_share(new.keys() - old.keys(), new, old),
    )


def _with(db: Session, redrawn: Redrawn, incidents: Sequence[Any], new: Ground) -> Inherited:
    """The same with the open incidents, each with the grid that holds its place now."""
    rows = straight(
        db,
        "SELECT id::text AS id, duty_grid_id, number, ST_AsBinary(place) AS place FROM incident"
        " WHERE id = ANY(%(ids)s) AND duty_grid_id IS NOT NULL ORDER BY number",
        {"ids": [row.id for row in incidents]},
    )
    grid_of = {redrawn.ids[grid]: grid for grid in redrawn.former}
    points = shapely.from_wkb(np.array([row.place and bytes(row.place) for row in rows], dtype=object))
    things = [
        Thing("open_incidents", row.id, row.number, "{}", row.number, 0, grid_of[row.duty_grid_id], point, None)
        for row, point in zip(rows, points, strict=True)
    ]
    shapes = {grid: new.shapes[grid] for grid in redrawn.paths}
    holders = heirs([thing.grid for thing in things], points, shapes, redrawn.inherited.successors)
    return replace(redrawn.inherited, things=things, after=holders)
