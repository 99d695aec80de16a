"""Looking again at what was closed: whether it held, or came again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gridmap.errors import Conflict, NotFound
from gridmap.grids.queries import current_district
from gridmap.hazards.actions import add_photos, held_hazard, record_hazard
from gridmap.hazards.news import tell_screens
from gridmap.hazards.rules import SOON, WORK, HazardDraft
from gridmap.hazards.tables import Hazard, LookBack
from gridmap.language import N_
from gridmap.people.rules import Actor
from gridmap.system import audit


@dataclass(frozen=True)
class Seen:
    """
    What a look-back saw.

    Attributes
    ----------
    recurrence
        The id of the new hazard if it came again; None if it held.
    note
        What was seen; of a recurrence the words of the new hazard.
    severity
        Of the new hazard; None is as grave as it was.
    """

    note: str
    recurrence: UUID | None = None
    severity: int | None = None
    evidence: tuple[bytes, ...] = ()


def look_back(db: Session, actor: Actor, look_back_id: UUID, seen: Seen, at: datetime) -> Hazard | None:
    """
    Write down what somebody saw who looked again.

    Returns
    -------
    again
        The new hazard if it came again: it names the closed one as its origin, and the looks that were still due at
        that one are moot.

    Raises
    ------
    NotFound, NotAllowed
        If it is not the actor's.
    Conflict
        If somebody looked already, or it held and is not to be looked at so soon.
    """
    hazard_id = db.scalar(select(LookBack.hazard_id).where(LookBack.id == look_back_id))
    if hazard_id is None:
        raise NotFound(N_("There is no such look-back in your area."))
    hazard = held_hazard(db, actor, hazard_id, WORK)
    row = db.get_one(LookBack, look_back_id, with_for_update=True)
    if row.done_at is not None:
        raise Conflict(N_("Somebody looked at hazard %(number)s again already."), number=hazard.number)
    if seen.recurrence is None and at < row.due_at - SOON:
        day = row.due_at.astimezone(current_district(db).zone).date()
        raise Conflict(
            N_(
                "This look-back is due on %(day)s; whether it held can be told from %(days)s days before. What has come"
                " again is told at any time."
            ),
            day=day.isoformat(),
            days=SOON.days,
        )
    outcome = "held" if seen.recurrence is None else "recurred"
    row.done_at, row.done_by, row.outcome, row.note = at, actor.id, outcome, seen.note
    db.flush()
    add_photos(db, actor, hazard.id, row.id, seen.evidence)
    again = None if seen.recurrence is None else _again(db, actor, hazard, seen.recurrence, seen, at)
    said = {"outcome": outcome, "again": again and again.number}
    audit.record(db, actor.doer, WORK, object_id=f"look_back:{row.id}", path=hazard.path, changed=said)
    tell_screens(db, hazard, at)
    return again


def _again(db: Session, actor: Actor, hazard: Hazard, recurrence: UUID, seen: Seen, at: datetime) -> Hazard:
    draft = HazardDraft(
        recurrence,
        what=seen.note,
        severity=seen.severity or hazard.severity,
        category=hazard.category,
        party=hazard.party,
        evidence=seen.evidence,
    )
    again = record_hazard(db, actor, draft, at, again=hazard)
    moot = update(LookBack).where(LookBack.hazard_id == hazard.id, LookBack.done_at.is_(None))
    db.execute(moot.values(done_at=at, outcome="moot"))
    return again
