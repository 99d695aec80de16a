"""Begin a plan, and leave a trace of whatever is done to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.errors import Conflict
from gridmap.grids.queries import DistrictNow, current_district
from gridmap.language import N_
from gridmap.people.rules import Actor, scope_of
from gridmap.planning.queries import DRAFTS
from gridmap.planning.rules import State
from gridmap.planning.tables import Plan
from gridmap.system import audit
from gridmap.system.live import Change, announce
from gridmap.system.numbers import next_number
from gridmap.system.receipts import claim, content_digest

_SERIES = "plan"


@dataclass(frozen=True)
class PlanDraft:
    """A plan as somebody begins it; the id is the sender's own."""

    id: UUID
    title: str


def begin_plan(db: Session, actor: Actor, wanted: PlanDraft, at: datetime) -> bool:
    """
    Begin an empty draft on the edition in force.

    Returns
    -------
    new
        False if it was begun by an earlier call with the same content.

    Raises
    ------
    NotAllowed
        If the actor is no planner.
    NotFound, Conflict
        If there is no district, or no edition to draw on.
    OtherContent
        If the id came before with another content.
    """
    scope_of(actor, DRAFTS)
    content = {"title": wanted.title, "by": actor.id}
    if not claim(db, "plan", [(wanted.id, content_digest(content))], at):
        return False
    district = current_district(db)
    if district.edition_n == 0:
        raise Conflict(N_("No boundaries are published yet, so there is nothing to draw on. Import the grids first."))
    plan = Plan(
        id=wanted.id,
        district_id=district.id,
        number=next_plan_number(db, district, at),
        title=wanted.title,
        base_edition=district.edition_n,
        state=State.DRAFT.value,
        author_id=actor.id,
        created_at=at,
        edited_at=at,
        note="",
        figures={},
    )
    db.add(plan)
    db.flush()
    leave_trace(db, actor, plan, district.path, at, {"title": wanted.title, "number": plan.number})
    return True


def next_plan_number(db: Session, district: DistrictNow, at: datetime) -> str:
    """Draw the next number of the year, such as ``P-2026-07``."""
    year = at.astimezone(district.zone).year
    return f"P-{year}-{next_number(db, _SERIES, year):02d}"


def leave_trace(
    db: Session, actor: Actor, plan: Plan, path: str, at: datetime, changed: Mapping[str, Any], action: str = DRAFTS
) -> None:
    """
    Write into the audit what was done to a plan, and tell the screens that show it.

    Parameters
    ----------
    path
        Area path of the district.
    """
    audit.record(db, actor.doer, action, object_id=f"plan:{plan.id}", path=path, changed=changed)
    announce(db, [Change("plan", str(plan.id), int(at.timestamp() * 1000), path)])
