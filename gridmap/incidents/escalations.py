"""What happens by itself when a time is over: each once, in a transaction of its own, made up after a standstill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.database import straight, transaction
from gridmap.system.apart import held_apart


@dataclass(frozen=True)
class Due:
    """
    An escalation whose hour has come.

    Attributes
    ----------
    kind, n
        What it is, and the how-manieth: with the incident its key. Of an overdue clock, ``<stage>_overdue`` and the
        row of the log that started the clock.
    fire_at
        When it was due.
    """

    incident_id: UUID
    kind: str
    n: int
    fire_at: datetime


Handler = Callable[[Session, Due, datetime], None]

HANDLERS: dict[str, Handler] = {}
"""What is done, by kind; the roof fills it (`gridmap.wiring`). A kind without a handler is only written down."""

SUSPENSION_OVER: Final = "suspension_over"
"""The kind of what lets a suspended incident go on at the hour until which it was granted."""

_AT_ONCE: Final = 200


def schedule(db: Session, incident_id: UUID, kind: str, n: int, fire_at: datetime) -> bool:
    """
    Say that something happens at an hour; False if that was said before.

    Parameters
    ----------
    n
        The how-manieth of its kind: the same number is never done twice.
    """
    return bool(
        straight(
            db,
            "INSERT INTO escalation (incident_id, kind, n, fire_at) VALUES (%(id)s, %(kind)s, %(n)s, %(at)s)"
            " ON CONFLICT DO NOTHING RETURNING n",
            {"id": incident_id, "kind": kind, "n": n, "at": fire_at},
        )
    )


def fire_due(db: Session, at: datetime) -> int:
    """
    Do what is due, the earliest first, each in a transaction of its own; for a job, every minute.

    Of two workers one does it; what fails is undone, is tried again next time, and holds up nothing else.

    Parameters
    ----------
    db
        To look in; nothing is written through it.
    at
        Our clock.

    Returns
    -------
    fired
        How many were done now.
    """
    fired = 0
    for due in [*_overdue_clocks(db, at), *_scheduled(db, at)]:
        with held_apart("escalation", incident=str(due.incident_id), kind=due.kind, n=due.n), transaction() as own:
            if _claimed(own, due, at):
                handler = HANDLERS.get(due.kind)
                if handler is not None:
                    handler(own, due, at)
                fired += 1
    return fired


# A clock that runs needs no row ahead: when it is over, the row says that this was seen. Those that stand still are
# left alone, as are those of an incident that ended.
_OVERDUE: Final = """
    SELECT c.incident_id, c.stage || '_overdue' AS kind, c.since_seq AS n, c.due_at AS fire_at
    FROM clock c JOIN incident i ON i.id = c.incident_id
    WHERE c.stopped_at IS NULL AND c.due_at <= %(at)s AND i.closed_at IS NULL AND i.state <> 'suspended'
        AND NOT EXISTS (SELECT FROM escalation e WHERE e.incident_id = c.incident_id
            AND e.kind = c.stage || '_overdue' AND e.n = c.since_seq)
    ORDER BY c.due_at, c.incident_id LIMIT %(most)s
"""
_SCHEDULED: Final = """
    SELECT incident_id, kind, n, fire_at FROM escalation WHERE fired_at IS NULL AND fire_at <= %(at)s
    ORDER BY fire_at, incident_id LIMIT %(most)s
"""


def _overdue_clocks(db: Session, at: datetime) -> Iterator[Due]:
    for row in straight(db, _OVERDUE, {"at": at, "most": _AT_ONCE}):
        yield Due(row.incident_id, row.kind, row.n, row.fire_at)


def _scheduled(db: Session, at: datetime) -> Iterator[Due]:
    for row in straight(db, _SCHEDULED, {"at": at, "most": _AT_ONCE}):
        yield Due(row.incident_id, row.kind, row.n, row.fire_at)


def _claimed(db: Session, due: Due, at: datetime) -> bool:
    """Write down that it fires now; False if another was faster, whose transaction this waits for."""
    return bool(
        straight(
            db,
            "INSERT INTO escalation AS e (incident_id, kind, n, fire_at, fired_at)"
            " VALUES (%(id)s, %(kind)s, %(n)s, %(fire_at)s, %(at)s)"
            " ON CONFLICT (incident_id, kind, n) DO UPDATE SET fired_at = excluded.fired_at WHERE e.fired_at IS NULL"
            " RETURNING n",
            {"id": due.incident_id, "kind": due.kind, "n": due.n, "fire_at": due.fire_at, "at": at},
        )
    )
