"""Supervision notices: numbered without a hole, answered by who was told, closed by who supervises."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.catalogue.pages import local_today
from gridmap.database import straight
from gridmap.errors import Conflict, Invalid, NotAllowed, NotFound
from gridmap.incidents.merging import family_of, living
from gridmap.incidents.queries import held_thing
from gridmap.incidents.rules import ENDED, State
from gridmap.language import N_
from gridmap.people.rules import Actor, Thing, can
from gridmap.system.numbers import next_number
from gridmap.system.receipts import claim, content_digest
from gridmap.whistles import chronicle
from gridmap.whistles.chronicle import Held
from gridmap.whistles.rules import BY_HAND, TIERS
from gridmap.whistles.telling import tell_answered, tell_notice
from gridmap.whistles.terms import terms_of

SERIES: Final = "supervision"


@dataclass(frozen=True)
class Opening:
    """
    A notice to be opened.

    Attributes
    ----------
    id
        Its own, and that of its row of the log.
    cause
        Of `gridmap.whistles.rules.CAUSES`.
    explained
        Reasons as JSON.
    note
        What a supervisor asks for.
    """

    id: UUID
    tier: int
    cause: str
    explained: Sequence[Mapping[str, Any]] = ()
    note: str | None = None


def open_by_hand(
    db: Session, actor: Actor, incident_id: UUID, key: UUID, tier: int, note: str | None, at: datetime
) -> bool:
    """
    Open a notice as a supervisor; True if it was opened now, False if the same id opened it before.

    Raises
    ------
    NotFound, NotAllowed
        If the incident is not in the actor's scope, or supervising it is for others.
    Conflict
        If it has ended, or a notice of this tier is open.
    Invalid
        If there is no such tier.
    """
    held = chronicle.hold(db, incident_id, actor, at)
    if can(actor, "incident.read", held_thing(actor, held.row)) is None:
        raise NotFound(N_("There is no such incident, or it is not yours to see."))
    if can(actor, "incident.supervise", Thing(held.row.path)) is None:
        raise NotAllowed(N_("You may see this incident; supervisors open notices."))
    if not claim(db, "supervision", [(key, content_digest({"incident": str(incident_id), "tier": tier, "note": note}))],
                 at):  # fmt: skip
        return False
    if tier not in TIERS:
        raise Invalid(N_("The ladder has the tiers 1 to %(most)s."), where="/tier", most=max(TIERS))
    held.require_open()
    if straight(
        db,
        "SELECT 1 FROM supervision WHERE incident_id = ANY(%(ids)s) AND tier = %(tier)s AND closed_at IS NULL",
        {"ids": family_of(db, incident_id), "tier": tier},
    ):
        raise Conflict(N_("A notice of this tier is open for incident %(number)s already."), number=held.row.number)
    open_notice(db, held, actor, Opening(key, tier, BY_HAND, (), note))
    return True


def open_notice(db: Session, held: Held, actor: Actor, opening: Opening) -> str:
    """Open a notice for an incident that is held; returns its number, drawn in this very transaction."""
    term = terms_of(db, opening.tier, held.at, "answer")["answer"]
    year = local_today(db, held.at).year
    number = f"DC-{year}-{next_number(db, SERIES, year):04d}"
    department = held.row.holder_department_id
    explained = [*opening.explained, *term.explained]
    told = {
        "supervision": str(opening.id),
        "number": number,
        "tier": opening.tier,
        "cause": opening.cause,
        "department_id": department,
        "answer_due_at": None if term.due_at is None else term.due_at.isoformat(),
    }
    seq = held.write("supervise", opening.id, told, note=opening.note)
    straight(
        db,
        "INSERT INTO supervision (id, number, incident_id, seq, tier, cause, explained, department_id, opened_at,"
        " opened_by, answer_due_at) VALUES (%(id)s, %(number)s, %(incident)s, %(seq)s, %(tier)s, %(cause)s,"
        " CAST(%(explained)s AS jsonb), %(department)s, %(at)s, %(by)s, %(due)s)",
        {"id": opening.id, "number": number, "incident": held.row.id, "seq": seq, "tier": opening.tier,
         "cause": opening.cause, "explained": json.dumps(explained, ensure_ascii=False), "department": department,
         "at": held.at, "by": actor.id, "due": term.due_at},
    )  # fmt: skip
    tell_notice(db, held.row, opening.tier, department, term.due_at, f"supervision:{opening.id}", held.at)
    return number


_FIND: Final = f"""
    SELECT s.*, i.path::text AS path, i.holder_person_id, i.holder_department_id
    FROM supervision s JOIN {living("s.incident_id")} i ON true WHERE s.id = %(id)s
"""


def notice_thing(row: Any) -> Thing:
    """What the policy knows of a notice: it lies where its incident goes on, and is the told department's."""
    return Thing(row.path, holder_department_id=row.department_id)


def find_notice(db: Session, actor: Actor, notice_id: UUID, action: str) -> Any:
    """
    Find a notice for an action.

    Raises
    ------
    NotFound
        If there is none in the asker's scope.
    NotAllowed
        If the asker may see it, and the action is not theirs.
    """
    rows = straight(db, _FIND, {"id": notice_id})
    if not rows or can(actor, "supervision.read", notice_thing(rows[0])) is None:
        raise NotFound(N_("There is no such supervision notice, or it is not yours to see."))
    if can(actor, action, notice_thing(rows[0])) is None:
        raise NotAllowed(N_("You may see this notice; this is for others to do."))
    return rows[0]


def answer_notice(db: Session, actor: Actor, notice_id: UUID, key: UUID, note: str, at: datetime) -> bool:
    """
    Answer a notice; True if it was answered now, False if the same id answered before.

    Raises
    ------
    NotFound, NotAllowed, Conflict, Invalid
        If it is not in the actor's scope or for others, answered or closed already, or nothing is said.
    """
    found = find_notice(db, actor, notice_id, "supervision.answer")
    held = chronicle.hold(db, found.incident_id, actor, at)
    if not _claimed(db, "supervision-answer", key, notice_id, note, at):
        return False
    row = _still_open(db, notice_id)
    if row.answered_at is not None:
        raise Conflict(N_("Notice %(number)s was answered already."), number=row.number)
    _require_words(note)
    seq = held.write("answer", key, {"supervision": str(notice_id), "number": row.number}, note=note)
    straight(
        db,
        "UPDATE supervision SET answered_at = %(at)s, answered_by = %(by)s, answered_seq = %(seq)s WHERE id = %(id)s",
        {"at": held.at, "by": actor.id, "seq": seq, "id": notice_id},
    )
    tell_answered(db, held.living, f"answered:{notice_id}", at)
    return True


def close_notice(db: Session, actor: Actor, notice_id: UUID, key: UUID, note: str, at: datetime) -> bool:
    """
    Close a notice; True if it was closed now, False if the same id closed it before.

    Raises
    ------
    NotFound, NotAllowed, Invalid
        If it is not in the actor's scope, closing is for others, or nothing is said.
    Conflict
        If it is closed, or nobody has answered and the matter is still open.
    """
    found = find_notice(db, actor, notice_id, "incident.supervise")
    held = chronicle.hold(db, found.incident_id, actor, at)
    if not _claimed(db, "supervision-close", key, notice_id, note, at):
        return False
    row = _still_open(db, notice_id)
    if row.answered_at is None and State(held.living.state) not in ENDED:
        raise Conflict(N_("Notice %(number)s has no answer yet, and the matter is still open."), number=row.number)
    _require_words(note)
    seq = held.write("supervised", key, {"supervision": str(notice_id), "number": row.number}, note=note)
    straight(
        db,
        "UPDATE supervision SET closed_at = %(at)s, closed_by = %(by)s, closed_seq = %(seq)s WHERE id = %(id)s",
        {"at": held.at, "by": actor.id, "seq": seq, "id": notice_id},
    )
    return True


def _claimed(db: Session, kind: str, key: UUID, notice_id: UUID, note: str, at: datetime) -> bool:
    return bool(claim(db, kind, [(key, content_digest({"supervision": str(notice_id), "note": note}))], at))


def _still_open(db: Session, notice_id: UUID) -> Any:
    """The notice as it stands under the lock of its incident."""
    (row,) = straight(db, "SELECT number, answered_at, closed_at FROM supervision WHERE id = %(id)s", {"id": notice_id})
    if row.closed_at is not None:
        raise Conflict(N_("Notice %(number)s is closed."), number=row.number)
    return row


def _require_words(note: str) -> None:
    if not note.strip():
        raise Invalid(N_("Say it in a few words."), where="/note")
