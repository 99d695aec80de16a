"""How a resident's matter stands, as they may read it: no name of staff, no word that was not meant for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.errors import NotFound
from gridmap.hotline.calling import steps_of_calls
from gridmap.hotline.contacts import say_who_reads
from gridmap.incidents.rules import STAGE_OF, Stage, State
from gridmap.language import N_
from gridmap.people.rights import Role
from gridmap.residents.rules import RATE_WITHIN


@dataclass(frozen=True)
class Event:
    """
    One thing that happened to a matter.

    Attributes
    ----------
    reason
        Names of the reason that was given, by language; None without one.
    until
        Until when it is paused.
    """

    at: datetime
    step: str
    state: State
    reason: Mapping[str, str] | None
    until: datetime | None


@dataclass(frozen=True)
class Story:
    """
    A matter as its reporter may read it.

    Attributes
    ----------
    number
        Under which it was reported; it stays, also when another case goes on with it.
    joined
        The number of that case.
    clocks
        Those that run: ``stage, due_at, provisional, explained``.
    feedback
        What the reporter was told, with its instant.
    looks
        When somebody asked for their name or number, and in which role.
    ended
        The row of the log that ended it last, and when; None while it is open.
    rating
        What was said of that end.
    may_rate
        Whether it may be said now.
    """

    report_id: UUID
    incident_id: UUID
    number: str
    joined: str | None
    state: State
    stage: Stage
    category: Mapping[str, Any] | None
    place: Mapping[str, Any]
    text: str
    photos_n: int
    phone: str | None
    reported_at: datetime
    clocks: Sequence[Any]
    events: Sequence[Event]
    feedback: Sequence[Any]
    looks: Sequence[tuple[datetime, Role]]
    ended: tuple[int, datetime] | None
    rating: Any | None
    may_rate: bool


# The first source is the case that it opened, the one that has not left the case that goes on with it.
_HEAD: Final = """
    SELECT r.id, r.text, r.received_at, o.number, n.id AS incident_id, n.number AS number_now, n.state, n.closed_at,
        c.name AS category_name, c.names AS category_names, s.name AS place_name, s.names AS place_names,
        (SELECT count(*) FROM report_media m WHERE m.report_id = r.id) AS photos_n, k.phone
    FROM resident_report t JOIN report r ON r.id = t.report_id JOIN qr q ON q.id = t.qr_id
    JOIN site s ON s.id = q.site_id LEFT JOIN category c ON c.code = r.category
    LEFT JOIN contact k ON k.report_id = r.id
    JOIN LATERAL (SELECT incident_id FROM incident_source WHERE report_id = r.id ORDER BY id LIMIT 1) f ON true
    JOIN incident o ON o.id = f.incident_id
    JOIN LATERAL (SELECT incident_id FROM incident_source WHERE report_id = r.id ORDER BY left_at NULLS FIRST, id DESC
        LIMIT 1) l ON true
    JOIN incident n ON n.id = l.incident_id
    WHERE r.id = :id
"""
_LOG: Final = """
    SELECT l.seq, l.at, l.step, l.step_id, l.from_state, l.to_state, l.data -> 'with' ->> 'until' AS until, e.name,
        e.names, CASE WHEN l.step = 'feedback' THEN n.body END AS told
    FROM incident_log l LEFT JOIN incident_note n ON n.incident_id = l.incident_id AND n.seq = l.seq
    LEFT JOIN reason e ON e.code = l.reason AND e.list = CASE l.step WHEN 'reject' THEN 'reject'
        WHEN 'suspend' THEN 'suspend' WHEN 'extend' THEN 'extend' WHEN 'reopen' THEN 'reopen' END
    WHERE l.incident_id = :id ORDER BY l.seq
"""
_CLOCKS: Final = """
    SELECT stage, due_at, provisional, explained FROM clock
    WHERE incident_id = :id AND stopped_at IS NULL AND stage IN ('contact', 'verify', 'file', 'handle', 'close')
    ORDER BY due_at NULLS LAST, stage
"""
_LOOKS: Final = "SELECT at, role FROM contact_look WHERE report_id = :id ORDER BY at, id"
# Steps that are told although they lead nowhere else.
_TOLD: Final = frozenset({"extend"})


def story_of(db: Session, report_id: UUID, at: datetime) -> Story:
    """
    Read how a matter stands.

    Raises
    ------
    NotFound
        If nobody reported it through a code.
    """
    say_who_reads(db, None)
    head = db.execute(text(_HEAD), {"id": report_id}).one_or_none()
    if head is None:
        raise NotFound(N_("There is no report behind this link."))
    log = db.execute(text(_LOG), {"id": head.incident_id}).all()
    state = State(head.state)
    ended = None
    if head.closed_at is not None:
        closing = [row for row in log if row.to_state == state and row.from_state != row.to_state]
        ended = (closing[-1].seq if closing else 0, head.closed_at)
    # What another caller said when they were called back is that caller's own.
    not_told = steps_of_calls(db, head.incident_id)
    rating = _rating(db, report_id, head.incident_id, ended)
    return Story(
        report_id=report_id,
        incident_id=head.incident_id,
        number=head.number,
        joined=None if head.number_now == head.number else head.number_now,
        state=state,
        stage=STAGE_OF[state],
        category=None if head.category_name is None else {"name": head.category_name, "names": head.category_names},
        place={"name": head.place_name, "names": head.place_names},
        text=head.text,
        photos_n=head.photos_n,
        phone=head.phone,
        reported_at=head.received_at,
        clocks=db.execute(text(_CLOCKS), {"id": head.incident_id}).all(),
        events=[_event(row) for row in log if row.from_state != row.to_state or row.step in _TOLD],
        feedback=[row for row in log if row.told and row.step_id not in not_told],
        looks=[(row.at, Role(row.role)) for row in db.execute(text(_LOOKS), {"id": report_id})],
        ended=ended,
        rating=rating,
        may_rate=rating is None and may_be_rated(state, ended, at),
    )


def may_be_rated(state: State, ended: tuple[int, datetime] | None, at: datetime) -> bool:
    """Whether the end of a matter may be judged now by who reported it."""
    over = state in (State.CLOSED, State.REJECTED) and ended is not None
    return over and ended is not None and at <= ended[1] + RATE_WITHIN


def find_by_number(db: Session, number: str, tail: str) -> UUID | None:
    """
    Find a report by the number that its sender was given, and how their telephone number ends.

    Returns
    -------
    report_id
        None if there is none, if no telephone number was left, or if it was erased at its term.
    """
    say_who_reads(db, None)
    found: UUID | None = db.scalar(
        text(
            "SELECT r.report_id FROM incident i JOIN incident_source s ON s.incident_id = i.id"
            " JOIN resident_report r ON r.report_id = s.report_id JOIN contact c ON c.report_id = r.report_id"
            " WHERE i.number = :number AND right(c.phone, 4) = :tail"
            # The case of another may have been joined with it: its own report is the one that opened it.
            " AND s.id = (SELECT min(f.id) FROM incident_source f WHERE f.report_id = r.report_id)"
        ),
        {"number": number, "tail": tail},
    )
    return found


def _event(row: Any) -> Event:
    reason = None if row.name is None else {"zh-CN": row.name, **row.names}
    until = None if row.until is None else datetime.fromisoformat(row.until)
    return Event(row.at, row.step, State(row.to_state), reason, until)


def _rating(db: Session, report_id: UUID, incident_id: UUID, ended: tuple[int, datetime] | None) -> Any | None:
    """What was said of the last end, or of an earlier one while it is open again."""
    return db.execute(
        text(
            "SELECT satisfied, words, again, rated_at, granted, answer FROM resident_rating"
            " WHERE report_id = :report AND incident_id = :incident AND (CAST(:seq AS bigint) IS NULL OR seq = :seq)"
            " ORDER BY seq DESC LIMIT 1"
        ),
        {"report": report_id, "incident": incident_id, "seq": None if ended is None else ended[0]},
    ).one_or_none()
