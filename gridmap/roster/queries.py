"""Read the roster of a desk, its hand-overs, and what is open there now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.incidents.rules import State
from gridmap.roster.rules import DESK_ROLES, SOON, answers_of, waiting_for, why_told

MOST_TOLD: Final = 60
"""More open matters than these nobody reads; the figures count them all."""
_LONGEST_SHIFT: Final = timedelta(hours=24)

_PERSON: Final = "jsonb_build_object('id', {0}.id, 'name', {0}.name, 'names', {0}.names)"

_TURNS: Final = f"""
    SELECT t.id, lower(t.valid) AS begins, upper(t.valid) AS ends, {_PERSON.format("p")} AS person
    FROM desk_turn t JOIN person p ON p.id = t.person_id
    WHERE t.path = CAST(%(path)s AS ltree) AND t.struck_at IS NULL
        AND t.valid && tstzrange(%(since)s, %(until)s, '[]')
    ORDER BY lower(t.valid), p.name, t.id
"""


def turns(db: Session, path: str, since: datetime, until: datetime) -> Sequence[Any]:
    """Turns at a desk that touch a stretch of time, the earliest first: ``id, begins, ends, person``."""
    return straight(db, _TURNS, {"path": path, "since": since, "until": until})


_SITTERS: Final = """
    SELECT DISTINCT p.id, p.name, p.names FROM assignment a JOIN person p ON p.id = a.person_id
    WHERE a.path = CAST(%(path)s AS ltree) AND a.role = ANY(%(roles)s) AND a.valid @> CAST(%(at)s AS timestamptz)
        AND (p.ended_at IS NULL OR p.ended_at > %(at)s)
    ORDER BY p.name, p.id
"""


def sitters(db: Session, path: str, at: datetime) -> Sequence[Any]:
    """Who may sit at a desk: the people with a desk's role over its area."""
    return straight(db, _SITTERS, {"path": path, "roles": [role.value for role in DESK_ROLES], "at": at})


_HANDOVERS: Final = f"""
    SELECT h.id, h.given_at, h.since, h.note, h.matters, h.taken_at, h.given_by, h.taken_by,
        {_PERSON.format("g")} AS giver,
        CASE WHEN h.taken_by IS NOT NULL THEN {_PERSON.format("t")} END AS taker
    FROM handover h JOIN person g ON g.id = h.given_by LEFT JOIN person t ON t.id = h.taken_by
    WHERE h.path = CAST(%(path)s AS ltree) AND (CAST(%(id)s AS uuid) IS NULL OR h.id = %(id)s)
    ORDER BY h.given_at DESC, h.id LIMIT %(limit)s
"""


def handovers(db: Session, path: str, *, limit: int, only: UUID | None = None) -> Sequence[Any]:
    """Hand-overs of a desk, the latest first, with what was open then."""
    return straight(db, _HANDOVERS, {"path": path, "limit": limit, "id": only})


_SINCE: Final = """
    SELECT greatest(
        (SELECT max(taken_at) FROM handover WHERE path = CAST(%(path)s AS ltree) AND taken_by = %(person)s
            AND taken_at <= %(at)s),
        (SELECT max(lower(valid)) FROM desk_turn WHERE path = CAST(%(path)s AS ltree) AND person_id = %(person)s
            AND struck_at IS NULL AND valid @> CAST(%(at)s AS timestamptz))
    ) AS since
"""


def shift_began(db: Session, path: str, person_id: int, at: datetime) -> datetime:
    """When somebody's shift at a desk began: they took it over, or their turn began; else a day ago at most."""
    (row,) = straight(db, _SINCE, {"path": path, "person": person_id, "at": at})
    earliest = at - _LONGEST_SHIFT
    return earliest if row.since is None else max(row.since, earliest)


_FIGURES: Final = """
    SELECT count(*) FILTER (WHERE closed_at IS NULL) AS open,
        count(*) FILTER (WHERE closed_at IS NULL AND due_at <= %(at)s) AS overdue,
        count(*) FILTER (WHERE closed_at IS NULL AND (state = ANY(%(waiting)s) OR asks && %(asked)s)) AS waiting,
        count(*) FILTER (WHERE occurred_at >= %(since)s) AS arrived,
        count(*) FILTER (WHERE closed_at >= %(since)s) AS closed
    FROM incident
    WHERE path <@ CAST(%(path)s AS ltree) AND (closed_at IS NULL OR closed_at >= %(since)s)
"""
_PRESSING: Final = """
    SELECT i.id, i.number, i.severity, i.state, i.asks, i.due_at, count(*) OVER () AS total,
        CASE WHEN c.code IS NOT NULL THEN jsonb_build_object('code', c.code, 'name', c.name, 'names', c.names)
        END AS category
    FROM incident i LEFT JOIN category c ON c.code = i.category
    WHERE i.path <@ CAST(%(path)s AS ltree) AND i.closed_at IS NULL
        AND (i.severity = 1 OR i.due_at <= %(soon)s OR i.state = ANY(%(waiting)s) OR i.asks && %(asked)s)
    ORDER BY i.severity <> 1, i.due_at NULLS LAST, i.severity, i.id LIMIT %(limit)s
"""


def matters(db: Session, path: str, since: datetime, at: datetime) -> dict[str, Any]:
    """
    What is open at a desk and presses, as a hand-over keeps it.

    Parameters
    ----------
    path
        The desk's area.
    since, at
        The shift: from when to now.

    Returns
    -------
    matters
        ``figures`` (open, overdue, waiting; arrived and closed in the shift), ``total`` of what presses and the
        first `MOST_TOLD` of it as ``items``, each with its reasons ``why``; JSON values alone.
    """
    waiting = [state.value for state in waiting_for(DESK_ROLES)]
    said = {
        "path": path, "since": since, "at": at, "soon": at + SOON, "waiting": waiting,
        "asked": list(answers_of(DESK_ROLES)), "limit": MOST_TOLD,
    }  # fmt: skip
    (figures,) = straight(db, _FIGURES, said)
    rows = straight(db, _PRESSING, said)
    return {
        "at": at.isoformat(),
        "figures": figures._asdict(),
        "total": rows[0].total if rows else 0,
        "items": [
            {
                "id": str(row.id),
                "number": row.number,
                "severity": row.severity,
                "state": row.state,
                "due_at": None if row.due_at is None else row.due_at.isoformat(),
                "category": row.category,
                "why": list(why_told(row.severity, State(row.state), row.due_at, at, row.asks)),
            }
            for row in rows
        ],
    }
