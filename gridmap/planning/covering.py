"""Grids are never without people: who answered for ground goes with it, until an administrator says otherwise."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.people.rules import Role
from gridmap.planning.moving import Redrawn
from gridmap.planning.returning import returning
from gridmap.system.audit import Doer


@dataclass(frozen=True)
class Cover:
    """
    A role that somebody is given over a grid because the boundaries were redrawn.

    Attributes
    ----------
    row
        The assignment it comes from, with ``person_id, role, post, valid_to``.
    source, target
        Grids by id: where the person answers already, and what is added.
    """

    row: Any
    source: str
    target: str


def keep_covered(db: Session, doer: Doer, redrawn: Redrawn) -> int:
    """
    Have people in every grid of a new edition.

    Those of a grid that ended go to its successor. A new grid is answered for by the chiefs of the grid it came out
    of. One that comes back is answered for by its people of then, as far as they still serve where they went. Who has
    the role there already is given it only once.

    Returns
    -------
    given
        How many assignments were given.
    """
    rows = _lasting(db, redrawn)
    code_of = {number: grid for grid, number in redrawn.ids.items()}
    of_grid: dict[str, list[Any]] = {}
    for row in rows:
        of_grid.setdefault(code_of[row.grid_id], []).append(row)
    homes = [redrawn.ids[grid] for grid in redrawn.inherited.parents]
    back = returning(db, homes, redrawn.before, redrawn.at)
    covers = [Cover(row, code_of[row.grid_id], code_of[row.home]) for row in back]
    returned = {cover.target for cover in covers}
    for grid, parent in redrawn.inherited.parents.items():
        chiefs = [row for row in of_grid.get(parent, ()) if row.role == Role.CHIEF]
        covers += [Cover(row, parent, grid) for row in chiefs if grid not in returned]
    for ended, heir in redrawn.inherited.successors.items():
        covers += [Cover(row, ended, heir) for row in of_grid.get(ended, ())]
    given = _give(db, covers, rows, redrawn)
    ending = [row.id for ended in redrawn.inherited.successors for row in of_grid.get(ended, ())]
    _end(db, [*ending, *(row.id for row in back if row.lent)], redrawn.at)
    _follow_paths(db, redrawn)
    _audit(db, doer, given, redrawn)
    return len(given)


def _lasting(db: Session, redrawn: Redrawn) -> Sequence[Any]:
    """Assignments over grids that changed or ended, in force or to come, held until the transaction ends."""
    return straight(
        db,
        "SELECT id, person_id, role, post, grid_id, lower(valid) AS valid_from, upper(valid) AS valid_to, granted_by"
        " FROM assignment WHERE grid_id = ANY(%(grids)s) AND (upper_inf(valid) OR upper(valid) > %(at)s)"
        " ORDER BY id FOR NO KEY UPDATE",
        {"grids": redrawn.before, "at": redrawn.at},
    )


def _give(db: Session, covers: Iterable[Cover], rows: Collection[Any], redrawn: Redrawn) -> list[Cover]:
    """Add the assignments that are not there yet."""
    held = {(row.person_id, row.role, row.grid_id) for row in rows}
    fresh: dict[tuple[int, str, int], Cover] = {}
    for cover in covers:
        key = (cover.row.person_id, cover.row.role, redrawn.ids[cover.target])
        if key not in held:
            fresh.setdefault(key, cover)
    given = list(fresh.values())
    if given:
        straight(
            db,
            "INSERT INTO assignment (person_id, role, post, grid_id, path, valid, granted_by)"
            " SELECT person_id, role, post, grid_id, path, tstzrange(greatest(valid_from, %(at)s), valid_to),"
            "  granted_by FROM jsonb_to_recordset(CAST(%(rows)s AS jsonb)) AS r (person_id bigint, role text,"
            "  post text, grid_id bigint, path ltree, valid_from timestamptz, valid_to timestamptz, granted_by bigint)",
            {"at": redrawn.at, "rows": json.dumps([_assignment(cover, redrawn) for cover in given])},
        )
    return given


def _assignment(cover: Cover, redrawn: Redrawn) -> dict[str, Any]:
    row = cover.row
    return {
        "person_id": row.person_id,
        "role": row.role,
        "post": row.post,
        "grid_id": redrawn.ids[cover.target],
        "path": redrawn.paths[cover.target],
        "valid_from": _told(row.valid_from),
        "valid_to": _told(row.valid_to),
        "granted_by": row.granted_by,
    }


def _told(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _end(db: Session, ids: Sequence[int], at: datetime) -> None:
    """End assignments; one that has not begun never was."""
    straight(db, "DELETE FROM assignment WHERE id = ANY(%(ids)s) AND lower(valid) >= %(at)s", {"ids": ids, "at": at})
    straight(
        db,
        "UPDATE assignment SET valid = tstzrange(lower(valid), %(at)s) WHERE id = ANY(%(ids)s)",
        {"ids": ids, "at": at},
    )


def _follow_paths(db: Session, redrawn: Redrawn) -> None:
    """A grid that went to another community takes those who answer for it along."""
    moved = {code: path for code, path in redrawn.paths.items() if redrawn.former.get(code, path) != path}
    if moved:
        straight(
            db,
            "UPDATE assignment AS a SET path = m.path FROM unnest(CAST(%(grids)s AS bigint[]),"
            " CAST(%(paths)s AS ltree[])) AS m (grid_id, path) WHERE a.grid_id = m.grid_id"
            " AND (upper_inf(a.valid) OR upper(a.valid) > %(at)s)",
            {"grids": [redrawn.ids[code] for code in moved], "paths": list(moved.values()), "at": redrawn.at},
        )


def _audit(db: Session, doer: Doer, given: Sequence[Cover], redrawn: Redrawn) -> None:
    """One row for each person and grid, in one statement."""
    rows = [
        {
            "person": f"person:{cover.row.person_id}",
            "path": redrawn.paths[cover.target],
            "changed": {
                "role": cover.row.role,
                "from": redrawn.codes[cover.source],
                "to": redrawn.codes[cover.target],
                "edition": redrawn.edition,
            },
        }
        for cover in given
    ]
    straight(
        db,
        "SELECT audit_append(%(actor)s, %(role)s, %(address)s, 'assignment.move', person, NULL, path, NULL, 'done',"
        " changed, %(request)s) FROM jsonb_to_recordset(CAST(%(rows)s AS jsonb))"
        " AS r (person text, path ltree, changed jsonb)",
        {
            "actor": doer.actor_id,
            "role": doer.role,
            "address": doer.address,
            "request": doer.request_id,
            "rows": json.dumps(rows, ensure_ascii=False),
        },
    )
