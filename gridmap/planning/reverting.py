"""
Take an edition back: a plan of its own that gives every grid the bytes it had before, approved like any other.

Editions are never removed. A grid that ended comes back as itself, under its own id and code; a grid that the edition
made ends, and its code is never given again.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from geodata.coverage.edit import Kept, Restore
from gridmap.database import straight
from gridmap.errors import Conflict
from gridmap.grids.queries import current_district
from gridmap.language import N_
from gridmap.people.rules import Actor
from gridmap.planning.actions import next_plan_number
from gridmap.planning.checking import check
from gridmap.planning.drafting import Draft, draft_of, store
from gridmap.planning.ground import Label, called
from gridmap.planning.holdings import inherited
from gridmap.planning.impact import keep_figures
from gridmap.planning.replay import told, work_out_here
from gridmap.planning.rules import State
from gridmap.planning.tables import Plan, PlanEdit, PlanNote


class ChangedSince(Conflict):
    """Later editions changed what this one made; they would have to be taken back first."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            N_("Later editions changed the same grids (%(names)s). Revert those first, or draw a new plan."),
            names=", ".join(names[:5]),
        )
        self.members = {"grids": list(names)}


def new_reversal(db: Session, actor: Actor, plan: Plan, plan_id: UUID, at: datetime) -> Plan:
    """Begin the plan that takes another back, on the newest edition."""
    district = current_district(db)
    assert actor.id is not None  # only a person has the right to it
    reversal = Plan(
        id=plan_id,
        district_id=plan.district_id,
        number=next_plan_number(db, district, at),
        title=f"{plan.number} ↩ {plan.title}",
        base_edition=district.edition_n,
        state=State.DRAFT.value,
        author_id=actor.id,
        created_at=at,
        edited_at=at,
        reverts_edition=plan.edition_n,
        note="",
        figures={},
    )
    db.add(reversal)
    db.flush()
    return reversal


# Every grid that the edition turned: as it was before, as it made it, and as it is now.
_TURNED: Final = """
    SELECT coalesce(was.grid_id, made.grid_id) AS grid_id, was.code, was.name, was.names, was.kind, was.households,
        was.owner_site_id::text AS owner, c.code AS community, ST_AsBinary(was.plane) AS plane,
        coalesce(made.name, was.name) AS called, made.id IS DISTINCT FROM present.id AS moved_on
    FROM edition e
    JOIN (SELECT v.* FROM grid_version v JOIN grid g ON g.id = v.grid_id
          WHERE g.district_id = %(district)s AND upper_inf(v.recorded)) AS v
      ON lower(v.valid) = e.effective_at OR upper(v.valid) = e.effective_at
    LEFT JOIN grid_version was ON was.grid_id = v.grid_id AND upper_inf(was.recorded)
      AND upper(was.valid) = e.effective_at
    LEFT JOIN grid_version made ON made.grid_id = v.grid_id AND upper_inf(made.recorded)
      AND lower(made.valid) = e.effective_at
    LEFT JOIN grid_version present ON present.grid_id = v.grid_id AND upper_inf(present.recorded)
      AND upper_inf(present.valid)
    LEFT JOIN area_version c ON c.area_id = was.community_id AND upper_inf(c.recorded) AND upper_inf(c.valid)
    WHERE e.district_id = %(district)s AND e.n = %(n)s
    GROUP BY was.grid_id, made.grid_id, was.code, was.name, was.names, was.kind, was.households, was.owner_site_id,
        c.code, was.plane, made.name, made.id, present.id
    ORDER BY 1
"""


def draw_reversal(db: Session, actor: Actor, reversal: Plan, at: datetime) -> None:
    """
    Draw the one edit of a reversal: every grid that the edition turned gets back the bytes it had.

    Raises
    ------
    ChangedSince
        If a later edition turned one of them again.
    """
    rows = straight(db, _TURNED, {"district": reversal.district_id, "n": reversal.reverts_edition})
    if later := [row.called for row in rows if row.moved_on]:
        raise ChangedSince(later)
    draft = draft_of(db, reversal.id)
    plots: dict[str, Kept | None] = {}
    for row in rows:
        grid = draft.ground.id_of.get(row.grid_id, row.code)
        if grid not in draft.labels:
            draft.labels[grid] = Label(grid, row.grid_id, row.code, row.name, row.names)
        plots[grid] = None if row.plane is None else _kept(row)
    edit = Restore(plots)
    applied = work_out_here(db, draft, edit)
    draft.accept(applied)
    db.add(_as_edit(reversal, actor, edit, draft, applied, at))
    store(db, draft, applied.after)
    keep_figures(draft, inherited(db, draft, at))
    db.flush()


def _kept(row: Any) -> Kept:
    name = called(row.name, row.names)
    return Kept(bytes(row.plane).hex().upper(), row.community, row.kind, row.households, row.owner, name)


def _as_edit(reversal: Plan, actor: Actor, edit: Restore, draft: Draft, applied: Any, at: datetime) -> PlanEdit:
    args = {name: value for name, value in edit.to_json().items() if name != "op"}
    return PlanEdit(
        plan_id=reversal.id,
        seq=1,
        id=uuid.uuid5(reversal.id, "restore"),
        op=edit.op,
        args=args,
        inverse=applied.inverse.to_json(),
        told=told(draft, applied),
        by_id=actor.id,
        at=at,
    )


def give_reasons(db: Session, actor: Actor, reversal: Plan, at: datetime, note: str) -> None:
    """Answer what the check asks about the state before with why it is wanted back: it stood like that already."""
    assert actor.id is not None  # only a person has the right to it
    for finding in check(db, draft_of(db, reversal.id), at).unexplained:
        db.add(
            PlanNote(
                id=uuid.uuid5(reversal.id, finding.key),
                plan_id=reversal.id,
                at=at,
                by_id=actor.id,
                kind="reason",
                item=finding.key,
                body=note,
            )
        )
    db.flush()
