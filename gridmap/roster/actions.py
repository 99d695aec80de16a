"""Write turns into the roster, strike them out, hand a desk over and take it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gridmap.errors import Conflict, Invalid, NotFound
from gridmap.language import N_
from gridmap.outbox.actions import send
from gridmap.outbox.rules import Said, ToPerson
from gridmap.people.rules import Actor
from gridmap.roster.queries import matters, shift_began, sitters, turns
from gridmap.roster.rules import require_turn
from gridmap.roster.tables import DeskTurn, Handover
from gridmap.system import audit

_NEXT_WITHIN: Final = timedelta(hours=2)
"""Whose turn begins so soon is told that the desk is handed over."""


@dataclass(frozen=True)
class TurnDraft:
    """A turn as somebody writes it; the id is the writer's own."""

    id: UUID
    person_id: int
    begins: datetime
    ends: datetime


def write_turn(db: Session, actor: Actor, path: str, draft: TurnDraft, at: datetime) -> None:
    """
    Write a turn into the roster of a desk.

    Raises
    ------
    Invalid
        If nobody can sit it, or that person does not belong to the desk.
    Conflict
        If the person sits at a desk in that time already.
    """
    require_turn(draft.begins, draft.ends, at)
    if draft.person_id not in {each.id for each in sitters(db, path, at)}:
        raise Invalid(N_("This person has no role at this desk. An administrator can grant it."), where="/person")
    valid = Range(draft.begins, draft.ends)
    taken = select(DeskTurn.id).where(
        DeskTurn.person_id == draft.person_id, DeskTurn.struck_at.is_(None), DeskTurn.valid.overlaps(valid)
    )
    if db.scalar(taken.limit(1)) is not None:
        raise Conflict(N_("This person sits at a desk in that time already. Strike the other turn out first."))
    turn = DeskTurn(id=draft.id, path=path, person_id=draft.person_id, valid=valid, written_by=actor.id, written_at=at)
    db.add(turn)
    db.flush()
    said = {"person": draft.person_id, "from": draft.begins.isoformat(), "until": draft.ends.isoformat()}
    audit.record(db, actor.doer, "roster.work", object_id=f"turn:{draft.id}", path=path, changed=said)


def strike_turn(db: Session, actor: Actor, path: str, turn_id: UUID, at: datetime) -> None:
    """
    Strike a turn out; struck out twice, it was once.

    Raises
    ------
    NotFound
        If there is none of that id at the desk.
    """
    turn = db.get(DeskTurn, turn_id, with_for_update=True)
    if turn is None or turn.path != path:
        raise NotFound(N_("There is no such turn at this desk."))
    if turn.struck_at is not None:
        return
    turn.struck_by, turn.struck_at = actor.id, at
    db.flush()
    audit.record(db, actor.doer, "roster.work", object_id=f"turn:{turn_id}", path=path, changed={"struck": True})


def hand_over(db: Session, actor: Actor, path: str, handover_id: UUID, note: str, at: datetime) -> None:
    """
    Leave a desk to the next shift, with a note and all that is open and presses.

    Who sits there next, and who sits there beside, is told on the screen.

    Raises
    ------
    Conflict
        If an earlier hand-over was not taken yet.
    """
    waits = select(Handover.id).where(Handover.path == path, Handover.taken_at.is_(None))
    if db.scalar(waits.limit(1)) is not None:
        raise Conflict(N_("An earlier hand-over still waits at this desk. Whoever sits there next takes it first."))
    giver = actor.id or 0
    since = shift_began(db, path, giver, at)
    told = matters(db, path, since, at)
    db.add(Handover(id=handover_id, path=path, given_by=giver, given_at=at, since=since, note=note, matters=told))
    db.flush()
    said = {"matters": told["total"]}
    audit.record(db, actor.doer, "roster.work", object_id=f"handover:{handover_id}", path=path, changed=said)
    subject = Said(N_("The desk is handed over"))
    body = Said(N_("%(n)s open matters are left to the next shift."), {"n": told["total"]})
    for person_id in {turn.person["id"] for turn in turns(db, path, at, at + _NEXT_WITHIN)} - {giver}:
        send(
            db, "screen", ToPerson(person_id), subject, body, event="handover", dedupe=f"handover:{handover_id}", now=at
        )


def take_over(db: Session, actor: Actor, path: str, handover_id: UUID, at: datetime) -> None:
    """
    Take what the shift before left; taken twice by the same person, it was once.

    Raises
    ------
    NotFound
        If there is none of that id at the desk.
    Conflict
        If it was one's own, or somebody else took it.
    """
    handover = db.get(Handover, handover_id, with_for_update=True)
    if handover is None or handover.path != path:
        raise NotFound(N_("There is no such hand-over at this desk."))
    if handover.taken_by == actor.id:
        return
    if handover.taken_at is not None:
        raise Conflict(N_("Somebody else took this hand-over already."))
    if handover.given_by == actor.id:
        raise Conflict(N_("Nobody takes over from themselves. The next shift takes it."))
    handover.taken_by, handover.taken_at = actor.id, at
    db.flush()
    audit.record(db, actor.doer, "roster.work", object_id=f"handover:{handover_id}", path=path, changed={"taken": True})
