"""Calls to those who called: the first contact, and the call back after closing with what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.errors import Conflict, Invalid, NotFound
from gridmap.hotline.contacts import say_who_reads
from gridmap.hotline.rules import MOST_TRIES, NEXT_TRY, OUTCOME_WORDS, Outcome, Satisfied
from gridmap.incidents.actions import StepDraft, act
from gridmap.incidents.escalations import Due, schedule
from gridmap.incidents.rules import LEVELS, State
from gridmap.language import N_, translate
from gridmap.outbox.actions import send
from gridmap.outbox.rules import Said, ToRole
from gridmap.people.rights import Role
from gridmap.people.rules import Actor, Thing, can, system_actor
from gridmap.system import audit
from gridmap.system.audit import Doer
from gridmap.system.receipts import claim, content_digest

WORK: Final = "hotline.work"
DISSATISFIED: Final = "dissatisfied"

_ORDER: Final = """
    SELECT o.id, i.number, o.first_contact_at, i.id AS incident_id, i.path::text AS path, i.holder_person_id,
        i.holder_department_id, i.closed_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM call_back b WHERE b.order_id = o.id AND b.done_at IS NULL) AS sealed
    FROM hotline_order o JOIN incident_source s ON s.report_id = o.id AND s.left_at IS NULL
    JOIN incident i ON i.id = s.incident_id WHERE o.id = %(id)s
"""
# Whoever writes of calls holds their incident first, as every step does: of two, none waits for who waits for it.
_HOLD: Final = """
    SELECT id FROM incident WHERE id = (SELECT incident_id FROM call_back WHERE id = %(id)s) FOR NO KEY UPDATE
"""
_CALL: Final = """
    SELECT b.id, b.order_id, b.incident_id, b.done_at, b.tries, i.path::text AS path, i.number, i.state
    FROM call_back b JOIN incident i ON i.id = b.incident_id WHERE b.id = %(id)s
"""
# One call answers for every order of the same caller: nobody is rung three times over one matter.
_SAME_CALL: Final = """
    SELECT b.id, b.order_id FROM call_back b LEFT JOIN contact c ON c.report_id = b.order_id
    WHERE b.incident_id = %(incident)s AND b.done_at IS NULL AND (b.id = %(id)s OR c.caller_key =
        (SELECT caller_key FROM contact WHERE report_id = %(order)s))
    ORDER BY b.id FOR NO KEY UPDATE OF b
"""


@dataclass(frozen=True)
class Called:
    """
    What came of a call back, as somebody wants to write it down.

    Attributes
    ----------
    id
        Made by the sender: the same id is written once.
    satisfied
        What the caller said, if they were reached.
    note
        What they said in words; it goes into the log of the incident.
    """

    id: UUID
    outcome: Outcome
    satisfied: Satisfied | None = None
    note: str | None = None

    def content(self, call_back: UUID) -> dict[str, Any]:
        """What a receipt commits to."""
        return {"call": str(call_back), "outcome": self.outcome.value, "note": self.note,
                "satisfied": None if self.satisfied is None else self.satisfied.value}  # fmt: skip


def find_order(db: Session, actor: Actor, action: str, order_id: UUID) -> Any:
    """
    Find an order that is an actor's.

    Raises
    ------
    NotFound
        If there is none, or it lies outside.
    """
    rows = straight(db, _ORDER, {"id": order_id})
    if not rows or can(actor, action, thing_of(rows[0])) is None:
        raise NotFound(N_("There is no such order, or it is not yours to see."))
    return rows[0]


def thing_of(order: Any) -> Thing:
    """What the policy needs to know of an order: where its incident lies, and who holds it."""
    return Thing(order.path, holder_person_id=order.holder_person_id, holder_department_id=order.holder_department_id)


def note_contact(db: Session, actor: Actor, order_id: UUID, step_id: UUID, note: str, at: datetime) -> bool:
    """
    Write down that the caller of an order was spoken with; the log of the incident says so, too.

    Returns
    -------
    taken
        False if the same was written before.

    Raises
    ------
    NotFound
        If there is no such order of the actor's.
    StepNotAllowed
        If the incident is over.
    """
    order = find_order(db, actor, WORK, order_id)
    say_who_reads(db, actor.id)
    taken = act(db, actor, order.incident_id, StepDraft(step_id, "contact", note=note), at)
    # The step answers for a caller who waits alone; of several it is this one who was called, with all their orders.
    straight(
        db,
        "UPDATE hotline_order o SET first_contact_at = %(at)s FROM incident_source s LEFT JOIN contact c"
        " ON c.report_id = s.report_id WHERE s.incident_id = %(incident)s AND s.left_at IS NULL"
        " AND o.id = s.report_id AND o.first_contact_at IS NULL"
        " AND (o.id = %(id)s OR c.caller_key = (SELECT caller_key FROM contact WHERE report_id = %(id)s))",
        {"at": at, "incident": order.incident_id, "id": order_id},
    )
    return taken


def note_call(db: Session, actor: Actor, call_back: UUID, called: Called, locale: str, at: datetime) -> bool:
    """
    Write down what came of a call back; who is dissatisfied has the matter opened again, one level higher, once.

    Parameters
    ----------
    locale
        The language in which the log says it where nobody wrote a note.

    Returns
    -------
    taken
        False if the same was written before.

    Raises
    ------
    NotFound
        If there is no such call of the actor's.
    Conflict
        If it is done already.
    Invalid
        If a caller was reached and nobody says whether they are satisfied, or the other way round.
    """
    row = _held(db, actor, call_back)
    if (called.outcome is Outcome.REACHED) != (called.satisfied is not None):
        raise Invalid(
            N_("Say whether the caller is satisfied if they were reached, and only then."), where="/satisfied"
        )
    if not claim(db, "call-back", [(called.id, content_digest(called.content(call_back)))], at):
        return False
    if row.done_at is not None:
        raise Conflict(N_("This call was made already; what came of it stands in the list."))
    straight(
        db,
        "INSERT INTO call_back_try (id, call_back_id, at, person_id, outcome)"
        " VALUES (%(id)s, %(call)s, %(at)s, %(person)s, %(outcome)s)",
        {"id": called.id, "call": call_back, "at": at, "person": actor.id, "outcome": called.outcome.value},
    )
    _settle(db, row, called, at)
    audit.record(
        db, actor.doer, WORK, object_id=f"call-back:{call_back}", path=row.path,
        changed={"outcome": called.outcome.value, "satisfied": called.satisfied},
    )  # fmt: skip
    if called.satisfied is not None:
        _tell_log(db, actor, row, called, locale, at)
        if called.satisfied is Satisfied.NO:
            _take_up_again(db, row, at)
    return True


def _held(db: Session, actor: Actor, call_back: UUID) -> Any:
    say_who_reads(db, actor.id)
    straight(db, _HOLD, {"id": call_back})
    rows = straight(db, _CALL, {"id": call_back})
    if not rows or can(actor, WORK, Thing(rows[0].path)) is None:
        raise NotFound(N_("There is no such call to make, or it is not yours."))
    return rows[0]


def _settle(db: Session, row: Any, called: Called, at: datetime) -> None:
    """Close the call with those of the same caller, or say when it is tried again."""
    same = straight(db, _SAME_CALL, {"id": row.id, "incident": row.incident_id, "order": row.order_id})
    again = called.outcome is Outcome.NOT_REACHED and row.tries + 1 < MOST_TRIES
    straight(
        db,
        "UPDATE call_back SET tries = tries + 1, due_at = CASE WHEN %(again)s THEN %(next)s ELSE due_at END,"
        " done_at = CASE WHEN %(again)s THEN NULL ELSE CAST(%(at)s AS timestamptz) END,"
        " outcome = CASE WHEN %(again)s THEN NULL ELSE %(outcome)s END, satisfied = %(satisfied)s"
        " WHERE id = ANY(%(ids)s)",
        {"again": again, "next": at + NEXT_TRY, "at": at, "outcome": called.outcome.value,
         "satisfied": called.satisfied, "ids": [each.id for each in same]},
    )  # fmt: skip
    if called.satisfied is not None:
        straight(
            db,
            "UPDATE hotline_order SET satisfied = %(satisfied)s WHERE id = ANY(%(ids)s)",
            {"satisfied": called.satisfied.value, "ids": [each.order_id for each in same]},
        )


def _tell_log(db: Session, actor: Actor, row: Any, called: Called, locale: str, at: datetime) -> None:
    """The log of the incident says what the caller said; only a whole yes or no is one there."""
    assert called.satisfied is not None
    said = called.satisfied
    told = {} if said is Satisfied.PARTLY else {"satisfied": said is Satisfied.YES}
    note = (called.note or "").strip() or translate(OUTCOME_WORDS[said.value], locale)
    if State(row.state) in (State.CLOSED, State.REJECTED):
        draft = StepDraft(_step_of(called.id), "feedback", note=note, arguments=told)
        act(db, actor, row.incident_id, draft, at)


def _step_of(call: UUID) -> UUID:
    """The step by which the log says what was said in a call."""
    return uuid5(call, "feedback")


def steps_of_calls(db: Session, incident_id: UUID) -> frozenset[UUID]:
    """The steps in the log of an incident that hold what callers said when they were called back."""
    rows = straight(
        db,
        "SELECT t.id FROM call_back_try t JOIN call_back b ON b.id = t.call_back_id WHERE b.incident_id = %(id)s",
        {"id": incident_id},
    )
    return frozenset(_step_of(row.id) for row in rows)


def _take_up_again(db: Session, row: Any, at: datetime) -> None:
    """Once it goes a level up by itself; after that people decide, and the supervisors know."""
    if not schedule(db, row.incident_id, DISSATISFIED, 1, at):
        subject = Said(N_("Not satisfied again: incident %(number)s"), {"number": row.number})
        body = Said(N_("It was opened again once already. Decide what is still to be done."))
        for role in (Role.SUPERVISOR, Role.OPERATOR):
            send(db, "screen", ToRole(role.value, row.path), subject, body, event=DISSATISFIED,
                 about=f"incident:{row.incident_id}", dedupe=f"again:{row.id}:{role.value}", now=at)  # fmt: skip


def reopen_higher(db: Session, due: Due, at: datetime) -> None:
    """Open again what a caller is not satisfied with, one level above the one that closed it."""
    (row,) = straight(
        db, "SELECT state, level, number, path::text AS path FROM incident WHERE id = %(id)s", {"id": due.incident_id}
    )
    if State(row.state) is not State.CLOSED:
        return  # somebody opened it again themselves
    actor = system_actor(Doer(None, "system"))
    act(db, actor, due.incident_id, StepDraft(uuid5(due.incident_id, "dissatisfied"), "reopen", DISSATISFIED), at)
    if row.level != LEVELS[-1]:
        up = StepDraft(uuid5(due.incident_id, "dissatisfied-up"), "escalate", DISSATISFIED)
        act(db, actor, due.incident_id, up, at)
