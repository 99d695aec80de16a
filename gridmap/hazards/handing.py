"""A hazard goes from one department to another: with a reason, and both are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from gridmap.errors import Conflict
from gridmap.grids.tables import Area
from gridmap.hazards.actions import find_office, held_hazard
from gridmap.hazards.news import tell_screens
from gridmap.hazards.rules import JUDGE, State
from gridmap.hazards.tables import Handover, Hazard
from gridmap.language import N_
from gridmap.outbox.actions import send
from gridmap.outbox.rules import Said, ToDepartment
from gridmap.people.rules import Actor
from gridmap.people.tables import Department, Person
from gridmap.system import audit


@dataclass(frozen=True)
class HandoverDraft:
    """
    A hazard as somebody hands it on; the id is the sender's own.

    Attributes
    ----------
    department
        Code of the one that has it from now on.
    """

    id: UUID
    department: str
    reason: str


def hand_over(db: Session, actor: Actor, hazard_id: UUID, draft: HandoverDraft, at: datetime) -> None:
    """
    Give a hazard to another department: it reads the ledger's entry from now on, and answers for it.

    Raises
    ------
    NotFound, NotAllowed
        If the hazard is not the actor's to see, or to give.
    Conflict
        If it is closed, or that department has it already.
    Invalid
        If there is no such department, or it does not answer for the place.
    """
    hazard = held_hazard(db, actor, hazard_id, JUDGE, State.OPEN, State.RECTIFYING)
    receiver = find_office(db, draft.department, hazard.path)
    giver = hazard.department_id
    if receiver == giver:
        raise Conflict(
            N_("Department %(code)s has hazard %(number)s already."), code=draft.department, number=hazard.number
        )
    db.add(Handover(id=draft.id, hazard_id=hazard.id, from_id=giver, to_id=receiver, reason=draft.reason, at=at,
                    by_id=actor.id))  # fmt: skip
    hazard.department_id = receiver
    db.flush()
    said = {"from": giver, "to": receiver, "reason": draft.reason}
    audit.record(db, actor.doer, JUDGE, object_id=f"hazard:{hazard.id}", path=hazard.path, changed=said)
    tell_screens(db, hazard, at)
    _tell(db, receiver, N_("Hazard %(number)s was handed to you"), hazard, draft, at)
    if giver is not None:
        _tell(db, giver, N_("Hazard %(number)s was handed to another department"), hazard, draft, at)


def handovers_of(db: Session, hazard_id: UUID) -> Sequence[Any]:
    """How a hazard went from department to department, the first time first: each with names, reason, hour, hand."""
    giver, receiver = aliased(Department), aliased(Department)
    return db.execute(
        select(
            Handover.at, Handover.reason,
            giver.code.label("from_code"), giver.name.label("from_name"), giver.names.label("from_names"),
            receiver.code.label("to_code"), receiver.name.label("to_name"), receiver.names.label("to_names"),
            Person.name.label("by_name"), Person.names.label("by_names"),
        )
        .join(receiver, receiver.id == Handover.to_id)
        .outerjoin(giver, giver.id == Handover.from_id)
        .outerjoin(Person, Person.id == Handover.by_id)
        .where(Handover.hazard_id == hazard_id)
        .order_by(Handover.at, Handover.id)
    ).all()  # fmt: skip


def offices_for(db: Session, path: str, but: str | None) -> Sequence[Any]:
    """
    The departments that answer for a place, by name: ``code, name, names``.

    Parameters
    ----------
    path
        Area path of the place.
    but
        Code of the one that is left out.
    """
    return db.execute(
        select(Department.code, Department.name, Department.names)
        .join(Area, Area.id == Department.area_id)
        .where(Department.ended_at.is_(None), Area.path.op("@>")(path), Department.code != (but or ""))
        .order_by(Department.name)
    ).all()


def _tell(db: Session, department_id: int, sentence: str, hazard: Hazard, draft: HandoverDraft, at: datetime) -> None:
    # A screen of its own office: what was typed as the reason may be read there.
    body = Said(N_("“%(what)s”. Why: %(reason)s"), {"what": hazard.what, "reason": draft.reason})
    subject = Said(sentence, {"number": hazard.number})
    send(db, "screen", ToDepartment(department_id), subject, body, event="hazard-handed", about=f"hazard:{hazard.id}",
         dedupe=f"handed:{draft.id}:{department_id}", now=at)  # fmt: skip
