"""
Deadlines that were counted without a calendar, counted again once it is there.

A deadline that runs into a year for which no calendar has been decreed takes Monday to Friday for work-days and says
that it is provisional. When the calendar comes, each such clock is worked out anew from the log, once, and the log
says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.incidents import taking
from gridmap.incidents.clocks import Clock, clocks_of, due_of, spans_of
from gridmap.incidents.history import events_of
from gridmap.incidents.log import Head, LogEntry
from gridmap.incidents.rulings import book_of
from gridmap.incidents.telling import tell_of_recount
from gridmap.system.apart import each_apart
from gridmap.system.audit import Doer

WORD: Final = "recount"
_AT_ONCE: Final = 500
_DOER: Final = Doer(None, "system")

_NAMED_YEARS: Final = """
    EXISTS (SELECT FROM jsonb_array_elements(c.explained) AS why
        CROSS JOIN jsonb_array_elements(why.value #> '{values,years}') AS named
        JOIN calendar_year y ON y.calendar = r.calendar AND to_jsonb(y.year) = named.value)
"""
_WAITING: Final = f"""
    SELECT DISTINCT c.incident_id FROM clock c JOIN incident i ON i.id = c.incident_id
    JOIN clock_rule r ON r.id = c.rule_id
    WHERE c.provisional AND c.stopped_at IS NULL AND i.closed_at IS NULL AND {_NAMED_YEARS} ORDER BY c.incident_id
"""
_PROVISIONAL: Final = """
    SELECT stage, since_seq, due_at, explained FROM clock
    WHERE incident_id = %(id)s AND provisional AND stopped_at IS NULL
"""


def recount_clocks(db: Session, at: datetime) -> int:
    """
    Work out anew the clocks whose calendar has come, each incident in a transaction of its own; for a job.

    Parameters
    ----------
    db
        To look in; nothing is written through it.
    at
        Our clock.

    Returns
    -------
    recounted
        How many incidents were changed, 500 at most; the next run goes on with the others.
    """
    waiting = [row.incident_id for row in straight(db, _WAITING, {})]
    return each_apart("recount", waiting, lambda own, incident_id: recount(own, incident_id, at), _AT_ONCE)


def recount(db: Session, incident_id: UUID, at: datetime) -> bool:
    """Work out anew the clocks of one incident that were provisional; False if that changes nothing."""
    row = taking.hold(db, [incident_id], None, at)[incident_id]
    before = {(each.stage, each.since_seq): each for each in straight(db, _PROVISIONAL, {"id": incident_id})}
    events = events_of(db, incident_id)
    clocks = clocks_of(spans_of(events, row.grid_kind), book_of(db, row.time_zone).ruling)
    changed = [clock for clock in clocks if _is_other(clock, before.get((clock.stage, clock.since_seq)))]
    if not changed or row.closed_at is not None:
        return False
    due_at = due_of(clocks)
    columns = {} if due_at == row.due_at else {"due_at": _iso(due_at)}
    # No step is older than the one before it.
    when = max(at, events[-1].at)
    entry = LogEntry(
        incident_id=incident_id,
        step_id=uuid5(incident_id, f"{WORD}:{row.seq}"),
        at=when,
        actor_id=None,
        role=_DOER.role,
        step=WORD,
        from_state=row.state,
        to_state=row.state,
        data={"set": columns, "with": {"clocks": [_told(clock, before) for clock in changed]}},
    )
    head = Head(row.seq, bytes(row.log_hash))
    taking.write_step(db, _DOER, entry, head, columns, changed, at)
    if columns:
        tell_of_recount(db, incident_id, entry.step_id, at)
    return True


def _is_other(clock: Clock, before: Any) -> bool:
    return before is not None and clock.stopped_at is None and _plain(clock.explained) != before.explained


def _told(clock: Clock, before: dict[tuple[str, int], Any]) -> dict[str, Any]:
    was = before[clock.stage, clock.since_seq].due_at
    return {"stage": clock.stage, "since_seq": clock.since_seq, "was": _iso(was), "due_at": _iso(clock.due_at)}


def _plain(explained: Sequence[Any]) -> list[Any]:
    return [dict(reason) for reason in explained]


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
