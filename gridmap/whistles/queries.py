"""Read whistles, contested matters, notices and their figures; always within the reader's scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.incidents.merging import family, family_of, living
from gridmap.people.rules import Scope

_CALLS: Final = """
    (SELECT jsonb_agg(jsonb_build_object('department_id', c.department_id, 'code', d.code, 'name', d.name,
        'names', d.names, 'acknowledge_due_at', c.acknowledge_due_at, 'arrive_due_at', c.arrive_due_at,
        'explained', c.explained, 'acknowledged_at', c.acknowledged_at, 'arrived_at', c.arrived_at,
        'arrived_lon', ST_X(c.arrived_place), 'arrived_lat', ST_Y(c.arrived_place),
        'arrived_error_m', c.arrived_error_m, 'arrived_m', c.arrived_m, 'outcome', c.outcome,
        'outcome_at', c.outcome_at, 'outcome_note', n1.body, 'refused_at', c.refused_at,
        'refused_reason', c.refused_reason, 'reason_name', r.name, 'reason_names', r.names, 'refused_note', n2.body,
        'rating', c.rating, 'rated_at', c.rated_at, 'rated_note', n3.body, 'silent_tier', c.silent_tier)
        ORDER BY c.seq)
        FROM whistle_call c JOIN department d ON d.id = c.department_id
        LEFT JOIN reason r ON r.list = 'refuse_whistle' AND r.code = c.refused_reason
        LEFT JOIN incident_note n1 ON n1.incident_id = c.incident_id AND n1.seq = c.outcome_seq
        LEFT JOIN incident_note n2 ON n2.incident_id = c.incident_id AND n2.seq = c.refused_seq
        LEFT JOIN incident_note n3 ON n3.incident_id = c.incident_id AND n3.seq = c.rated_seq
        WHERE c.whistle_id = w.id) AS calls
"""
_WHISTLES: Final = f"""
    SELECT w.id, i.id AS incident_id, own.number AS begun_for, w.at, w.role, w.called_by,
        p.name AS caller_name, p.names AS caller_names,
        ST_X(w.place) AS lon, ST_Y(w.place) AS lat, i.path::text AS path,
        ARRAY(SELECT c.department_id FROM whistle_call c WHERE c.whistle_id = w.id) AS departments,
        (SELECT n.body FROM whistle_call c JOIN incident_note n ON n.incident_id = c.incident_id AND n.seq = c.seq
            WHERE c.whistle_id = w.id ORDER BY c.seq LIMIT 1) AS note, {_CALLS}
    FROM whistle w JOIN incident own ON own.id = w.incident_id JOIN {living("w.incident_id")} i ON true
    LEFT JOIN person p ON p.id = w.called_by
"""
_IN_SCOPE: Final = """
    (i.path <@ ANY(CAST(%(paths)s AS ltree[])) OR w.called_by = %(me)s
        OR EXISTS (SELECT FROM whistle_call c WHERE c.whistle_id = w.id AND c.department_id = ANY(%(departments)s)))
"""
_OPEN: Final = """
    EXISTS (SELECT FROM whistle_call c WHERE c.whistle_id = w.id AND c.refused_at IS NULL AND c.rated_at IS NULL)
    AND i.closed_at IS NULL
"""


@dataclass(frozen=True)
class Page:
    """Rows of one page, and the key that the next one begins after."""

    rows: Sequence[Any]
    after: tuple[datetime, UUID] | None


def _scope(scope: Scope) -> dict[str, Any]:
    return {
        "paths": [path for path, _ in scope.paths],
        "me": scope.person_id,
        "departments": list(scope.department_ids),
    }


def _page(rows: list[Any], limit: int) -> Page:
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, (rows[-1].at, rows[-1].id) if more else None)


def _values(scope: Scope, after: tuple[Any, ...] | None, limit: int) -> dict[str, Any]:
    last_at, last_id = after or (None, None)
    return {**_scope(scope), "last_at": last_at, "last_id": last_id, "most": limit + 1}


_NEWER_ARE_PAST: Final = "(%(last_id)s::uuid IS NULL OR ({at}, {id}) < (%(last_at)s::timestamptz, %(last_id)s::uuid))"


def whistle_page(
    db: Session, scope: Scope, *, open_only: bool, incident_id: UUID | None, limit: int,
    after: tuple[Any, ...] | None = None,
) -> Page:  # fmt: skip
    """
    One page of whistles, the latest first.

    Parameters
    ----------
    open_only
        Those of open incidents with a call that waits for something.
    incident_id
        Those of this incident and of all that were merged into it.
    after
        Instant and id of the last row of the page before.
    """
    clauses = [_IN_SCOPE, _NEWER_ARE_PAST.format(at="w.at", id="w.id")]
    clauses += [_OPEN] if open_only else []
    clauses += ["w.incident_id = ANY(%(incidents)s)"] if incident_id else []
    rows = straight(
        db,
        f"{_WHISTLES} WHERE {' AND '.join(clauses)} ORDER BY w.at DESC, w.id DESC LIMIT %(most)s",
        _values(scope, after, limit) | {"incidents": family_of(db, incident_id) if incident_id else []},
    )
    return _page(rows, limit)


def one_whistle(db: Session, whistle_id: UUID) -> Any:
    """One whistle as `whistle_page` gives it, whoever may see it; None if there is none."""
    return next(iter(straight(db, f"{_WHISTLES} WHERE w.id = %(id)s", {"id": whistle_id})), None)


_FIGURES: Final = """
    SELECT d.code, d.name, d.names, count(*) AS called,
        count(*) FILTER (WHERE c.acknowledged_at <= c.acknowledge_due_at) AS acknowledged_in_time,
        count(*) FILTER (WHERE c.acknowledge_due_at < %(at)s OR c.acknowledged_at IS NOT NULL) AS acknowledge_of,
        count(*) FILTER (WHERE c.arrived_at <= c.arrive_due_at) AS arrived_in_time,
        count(*) FILTER (WHERE c.refused_at IS NULL AND (c.arrive_due_at < %(at)s OR c.arrived_at IS NOT NULL))
            AS arrive_of,
        count(c.refused_at) AS refused, count(*) FILTER (WHERE c.silent_tier > 0) AS silent,
        count(c.outcome_at) AS outcomes, avg(c.rating)::double precision AS rating, count(c.rating) AS rated
    FROM whistle_call c JOIN whistle w ON w.id = c.whistle_id JOIN incident i ON i.id = w.incident_id
    JOIN department d ON d.id = c.department_id
    WHERE w.at >= %(from)s AND w.at < %(until)s
        AND (i.path <@ ANY(CAST(%(paths)s AS ltree[])) OR c.department_id = ANY(%(departments)s))
    GROUP BY d.id ORDER BY d.code
"""


def figures(db: Session, scope: Scope, begins: datetime, ends: datetime, at: datetime) -> Sequence[Any]:
    """
    How departments answered the whistles of a time: one row a department, by code; of offices, never of people.

    Parameters
    ----------
    begins, ends
        Whistles blown from `begins` until before `ends`.
    at
        Our clock: what is not due yet counts neither for nor against.
    """
    return straight(db, _FIGURES, {"from": begins, "until": ends, "at": at, **_scope(scope)})


_CONTESTED: Final = f"""
    SELECT c.id, i.id AS incident_id, c.opened_at AS at, c.opened_at, c.decided_at, c.ground, i.path::text AS path,
        ARRAY(SELECT w.department_id FROM whistle_call w WHERE w.incident_id IN {family("i.id")}) AS departments,
        d.code, d.name, d.names, i.category, p.name AS by_name, p.names AS by_names,
        (SELECT jsonb_agg(jsonb_build_object('code', o.code, 'name', o.name, 'names', o.names,
            'reason', r.code, 'reason_name', r.name, 'reason_names', r.names, 'at', w.refused_at, 'note', n.body)
            ORDER BY w.refused_at, w.refused_seq)
            FROM whistle_call w JOIN department o ON o.id = w.department_id
            LEFT JOIN reason r ON r.list = 'refuse_whistle' AND r.code = w.refused_reason
            LEFT JOIN incident_note n ON n.incident_id = w.incident_id AND n.seq = w.refused_seq
            WHERE w.incident_id IN {family("i.id")} AND w.refused_at IS NOT NULL) AS refusals,
        (SELECT v.code FROM area a JOIN area_version v ON v.area_id = a.id AND upper_inf(v.valid)
            AND upper_inf(v.recorded) WHERE a.kind = 'township' AND a.path @> i.path) AS area
    FROM contested c JOIN {living("c.incident_id")} i ON true LEFT JOIN department d ON d.id = c.department_id
    LEFT JOIN person p ON p.id = c.decided_by
"""


def contested_page(
    db: Session, scope: Scope, *, decided: bool, limit: int, after: tuple[Any, ...] | None = None
) -> Page:
    """One page of contested matters, the latest first: those that wait for a decision, or those that were decided."""
    rows = straight(
        db,
        f"{_CONTESTED} WHERE (i.path <@ ANY(CAST(%(paths)s AS ltree[])) OR EXISTS (SELECT FROM whistle_call w"
        f" WHERE w.incident_id IN {family('i.id')} AND w.department_id = ANY(%(departments)s)))"
        f" AND (c.decided_at IS NOT NULL) = %(decided)s AND {_NEWER_ARE_PAST.format(at='c.opened_at', id='c.id')}"
        " ORDER BY c.opened_at DESC, c.id DESC LIMIT %(most)s",
        _values(scope, after, limit) | {"decided": decided},
    )
    return _page(rows, limit)


def one_contested(db: Session, contested_id: UUID) -> Any:
    """One contested matter as `contested_page` gives it; None if there is none."""
    return next(iter(straight(db, f"{_CONTESTED} WHERE c.id = %(id)s", {"id": contested_id})), None)


_NOTICES: Final = f"""
    SELECT s.id, s.number, i.id AS incident_id, own.number AS begun_for, s.tier, s.cause,
        s.explained, s.department_id, s.opened_at AS at,
        s.opened_at, s.answer_due_at, s.answered_at, s.closed_at, i.path::text AS path, i.level,
        d.code, d.name, d.names, p.name AS by_name, p.names AS by_names,
        n1.body AS note, n2.body AS answer, n3.body AS closing
    FROM supervision s JOIN incident own ON own.id = s.incident_id JOIN {living("s.incident_id")} i ON true
    LEFT JOIN department d ON d.id = s.department_id
    LEFT JOIN person p ON p.id = s.opened_by
    LEFT JOIN incident_note n1 ON n1.incident_id = s.incident_id AND n1.seq = s.seq
    LEFT JOIN incident_note n2 ON n2.incident_id = s.incident_id AND n2.seq = s.answered_seq
    LEFT JOIN incident_note n3 ON n3.incident_id = s.incident_id AND n3.seq = s.closed_seq
"""
_STATES: Final[Mapping[str, str]] = {
    "open": "s.closed_at IS NULL",
    "waiting": "s.closed_at IS NULL AND s.answered_at IS NULL",
    "closed": "s.closed_at IS NOT NULL",
    "all": "true",
}
NOTICE_STATES: Final = tuple(_STATES)


def notice_page(
    db: Session, scope: Scope, *, state: str, tier: int | None, incident_id: UUID | None, limit: int,
    after: tuple[Any, ...] | None = None,
) -> Page:  # fmt: skip
    """
    One page of supervision notices, the latest first.

    Parameters
    ----------
    state
        One of `NOTICE_STATES`.
    incident_id
        Those of this incident and of all that were merged into it.
    """
    clauses = [
        "(i.path <@ ANY(CAST(%(paths)s AS ltree[])) OR s.department_id = ANY(%(departments)s))",
        _STATES[state],
        _NEWER_ARE_PAST.format(at="s.opened_at", id="s.id"),
    ]
    clauses += ["s.tier = %(tier)s"] if tier else []
    clauses += ["s.incident_id = ANY(%(incidents)s)"] if incident_id else []
    rows = straight(
        db,
        f"{_NOTICES} WHERE {' AND '.join(clauses)} ORDER BY s.opened_at DESC, s.id DESC LIMIT %(most)s",
        _values(scope, after, limit) | {"tier": tier, "incidents": family_of(db, incident_id) if incident_id else []},
    )
    return _page(rows, limit)


def one_notice(db: Session, notice_id: UUID) -> Any:
    """One notice as `notice_page` gives it; None if there is none."""
    return next(iter(straight(db, f"{_NOTICES} WHERE s.id = %(id)s", {"id": notice_id})), None)


_CALLABLE: Final = """
    SELECT d.id, d.code, d.name, d.names, a.kind AS level,
        EXISTS (SELECT FROM whistle_call c WHERE c.incident_id = ANY(%(incidents)s) AND c.department_id = d.id
            AND c.refused_at IS NULL AND c.outcome_at IS NULL) AS waits
    FROM department d JOIN area a ON a.id = d.area_id
    WHERE d.ended_at IS NULL AND a.path @> CAST(%(path)s AS ltree) ORDER BY nlevel(a.path) DESC, d.code
"""


def callable_departments(db: Session, incident_id: UUID, path: str) -> Sequence[Any]:
    """The departments that answer for a place, the nearest first, and whether each waits for an outcome already."""
    return straight(db, _CALLABLE, {"incidents": family_of(db, incident_id), "path": path})
