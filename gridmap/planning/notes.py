"""What people say about a plan: comments, and the reasons for what the check asks to look at."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.errors import Invalid
from gridmap.language import N_
from gridmap.people.rules import Actor
from gridmap.planning.actions import leave_trace
from gridmap.planning.checking import Level, check
from gridmap.planning.drafting import draft_of
from gridmap.planning.editing import editable
from gridmap.planning.queries import plan_row
from gridmap.planning.tables import PlanNote
from gridmap.system.receipts import claim, content_digest


def comment(db: Session, actor: Actor, plan_id: UUID, note_id: UUID, body: str, at: datetime) -> bool:
    """
    Say something about a plan; whoever may see it may.

    Returns
    -------
    new
        False if it was said by an earlier call.

    Raises
    ------
    NotFound
        If there is no such plan, or the actor may not see it.
    OtherContent
        If the id came before with another content.
    """
    plan_row(db, actor, plan_id)
    return _keep(db, actor, plan_id, note_id, None, body, at)


def give_reason(db: Session, actor: Actor, plan_id: UUID, note_id: UUID, item: str, body: str, at: datetime) -> bool:
    """
    Say why something that the check asks to look at may stay; the author does, and may say it anew.

    Raises
    ------
    Invalid
        If the check has nothing of this name to look at.
    NotFound, NotAllowed, Conflict
        See `gridmap.planning.editing.editable`.
    """
    draft = editable(db, actor, plan_id)
    if not any(f.key == item and f.level is Level.LOOK for f in check(db, draft, at).items):
        raise Invalid(N_("The check has nothing of this name that needs a reason. Look at it again."), where="/item")
    return _keep(db, actor, plan_id, note_id, item, body, at)


def _keep(db: Session, actor: Actor, plan_id: UUID, note_id: UUID, item: str | None, body: str, at: datetime) -> bool:
    content = {"plan": str(plan_id), "item": item, "body": body}
    if not claim(db, "plan.note", [(note_id, content_digest(content))], at):
        return False
    kind = "comment" if item is None else "reason"
    db.add(PlanNote(id=note_id, plan_id=plan_id, at=at, by_id=actor.id, kind=kind, item=item, body=body))
    db.flush()
    draft = draft_of(db, plan_id)
    leave_trace(db, actor, draft.plan, draft.ground.path, at, {"note": str(note_id), "item": item})
    return True
