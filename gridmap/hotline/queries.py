"""Orders, answers, calls to make and their figures; always within the reader's scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.hotline.calling import WORK, thing_of
from gridmap.hotline.contacts import callers_of, say_who_reads
from gridmap.hotline.rules import Caller
from gridmap.people.rules import Actor, Scope, can

LISTS: Final = ("waiting", "open", "closed", "all")

_COLUMNS: Final = """
    o.id, o.channel, o.number, o.received_at, o.contact_due_at, o.first_contact_at, o.real_name, o.satisfied,
    o.repeat_n, before.channel AS repeats_channel, before.number AS repeats_number, opened.number AS own_number,
    i.id AS incident_id, i.number AS incident_number, i.state, i.severity, i.due_at, i.closed_at, i.occurred_at,
    i.path::text AS path, i.placed, i.level, c.code AS category_code, c.name AS category_name,
    c.names AS category_names, v.code AS grid_code, v.name AS grid_name, v.names AS grid_names, r.text,
    i.holder_person_id, i.holder_department_id, ST_X(r.place) AS lon, ST_Y(r.place) AS lat, i.closed_at IS NOT NULL
        AND NOT EXISTS (SELECT FROM call_back b WHERE b.order_id = o.id AND b.done_at IS NULL) AS sealed
"""
_FROM: Final = """
    FROM hotline_order o JOIN report r ON r.id = o.id
    JOIN incident_source s ON s.report_id = o.id AND s.left_at IS NULL JOIN incident i ON i.id = s.incident_id
    JOIN incident opened ON opened.id = o.incident_id
    LEFT JOIN hotline_order before ON before.id = o.repeats_id
    LEFT JOIN category c ON c.code = i.category
    LEFT JOIN grid_version v ON v.grid_id = i.duty_grid_id AND upper_inf(v.valid) AND upper_inf(v.recorded)
    WHERE i.path <@ CAST(%(paths)s AS ltree[])
"""
_LISTED: Final[Mapping[str, str]] = {
    "waiting": "o.first_contact_at IS NULL AND i.closed_at IS NULL",
    "open": "i.closed_at IS NULL",
    "closed": "i.closed_at IS NOT NULL",
    "all": "true",
}
_NEVER: Final = "timestamptz '3000-01-01'"


@dataclass(frozen=True)
class OrderPage:
    """Orders with their callers, and the key that the next page begins after."""

    rows: Sequence[Any]
    callers: Mapping[UUID, Caller]
    after: tuple[datetime, UUID] | None


def paths_of(scope: Scope) -> list[str]:
    """The area paths of a scope: orders are seen by area alone."""
    return [path for path, _ in scope.paths]


def order_page(
    db: Session, reader: int | None, scope: Scope, which: str, *, q: str | None = None, limit: int = 100,
    after: tuple[datetime, UUID] | None = None,
) -> OrderPage:  # fmt: skip
    """
    One page of orders: those that wait for their first contact by its deadline, others the latest first.

    Parameters
    ----------
    reader
        Who reads, for the policy of the contacts.
    which
        One of `LISTS`.
    q
        Part of a number: of the order, or of an incident that it led to.
    after
        As `OrderPage.after` gave it.
    """
    key = f"coalesce(o.contact_due_at, {_NEVER})" if which == "waiting" else "o.received_at"
    upwards = which == "waiting"
    clauses = [_LISTED[which]]
    if q:
        clauses.append("strpos(concat_ws(' ', o.number, i.number, opened.number), %(q)s) > 0")
    if after is not None:
        clauses.append(f"({key}, o.id) {'>' if upwards else '<'} (%(at)s, %(last)s)")
    order = f"{key}, o.id" if upwards else f"{key} DESC, o.id DESC"
    say_who_reads(db, reader)
    rows = straight(
        db,
        f"SELECT {_COLUMNS}, {key} AS page_key {_FROM} AND {' AND '.join(clauses)} ORDER BY {order} LIMIT %(limit)s",
        {"paths": paths_of(scope), "q": q, "limit": limit + 1, **_after(after)},
    )
    shown = rows[:limit]
    last = (shown[-1].page_key, shown[-1].id) if len(rows) > limit else None
    return OrderPage(shown, callers_of(db, [row.id for row in shown]), last)


def orders_as_stored(db: Session, actor: Actor, ids: Sequence[UUID]) -> OrderPage:
    """Orders by their ids, for whoever just sent them; without those that are not theirs to work on by now."""
    say_who_reads(db, actor.id)
    rows = straight(db, f"SELECT {_COLUMNS} {_FROM} AND o.id = ANY(%(ids)s)", {"paths": [""], "ids": list(ids)})
    shown = [row for row in rows if can(actor, WORK, thing_of(row)) is not None]
    return OrderPage(shown, callers_of(db, [row.id for row in shown]), None)


_ANSWERS: Final = """
    SELECT o.id, o.channel, o.number, opened.number AS own_number, i.number AS incident_number, i.state, o.received_at,
        o.first_contact_at, i.closed_at, o.satisfied, told.body AS result
    FROM hotline_order o JOIN incident opened ON opened.id = o.incident_id
    JOIN incident_source s ON s.report_id = o.id AND s.left_at IS NULL JOIN incident i ON i.id = s.incident_id
    LEFT JOIN LATERAL (
        SELECT n.body FROM incident_log l JOIN incident_note n ON n.incident_id = l.incident_id AND n.seq = l.seq
        WHERE l.incident_id = i.id AND l.step IN ('close', 'fix', 'reject') AND i.closed_at IS NOT NULL
        ORDER BY l.seq DESC LIMIT 1
    ) told ON true
    WHERE i.path <@ CAST(%(paths)s AS ltree[])
        AND (CAST(%(channel)s AS text) IS NULL OR o.channel = %(channel)s)
        AND (CAST(%(since)s AS timestamptz) IS NULL OR o.received_at >= %(since)s)
        AND (CAST(%(until)s AS timestamptz) IS NULL OR o.received_at < %(until)s)
        AND (CAST(%(at)s AS timestamptz) IS NULL OR (o.received_at, o.id) > (%(at)s, %(last)s))
    ORDER BY o.received_at, o.id LIMIT %(limit)s
"""


def answers(
    db: Session, scope: Scope, *, channel: str | None, since: datetime | None, until: datetime | None, limit: int,
    after: tuple[datetime, UUID] | None = None,
) -> tuple[list[Any], tuple[datetime, UUID] | None]:  # fmt: skip
    """
    What is answered to those who sent orders: both numbers, where it stands, and the words with which it was closed.

    Returns
    -------
    rows, after
        The oldest order first, and the key that the next page begins after.
    """
    rows = straight(
        db,
        _ANSWERS,
        {"paths": paths_of(scope), "channel": channel, "since": since, "until": until, "limit": limit + 1,
         **_after(after)},
    )  # fmt: skip
    shown = rows[:limit]
    return shown, (shown[-1].received_at, shown[-1].id) if len(rows) > limit else None


_CALLS: Final = """
    SELECT b.id, b.order_id, b.due_at, b.closed_at, b.done_at, b.outcome, b.satisfied, b.tries, o.channel, o.number,
        o.repeat_n, i.id AS incident_id, i.number AS incident_number, i.state, i.severity, i.occurred_at,
        i.path::text AS path, c.code AS category_code, c.name AS category_name, c.names AS category_names,
        v.code AS grid_code, v.name AS grid_name, v.names AS grid_names,
        CASE WHEN %(done)s THEN b.done_at ELSE b.due_at END AS page_key
    FROM call_back b JOIN hotline_order o ON o.id = b.order_id JOIN incident i ON i.id = b.incident_id
    LEFT JOIN category c ON c.code = i.category
    LEFT JOIN grid_version v ON v.grid_id = i.duty_grid_id AND upper_inf(v.valid) AND upper_inf(v.recorded)
    WHERE i.path <@ CAST(%(paths)s AS ltree[]) AND (b.done_at IS NOT NULL) = %(done)s
"""


def call_page(
    db: Session, reader: int | None, scope: Scope, *, done: bool, limit: int = 100,
    after: tuple[datetime, UUID] | None = None,
) -> OrderPage:  # fmt: skip
    """One page of calls: those to make by when they are due, those made the latest first; callers by order."""
    key = "b.done_at" if done else "b.due_at"
    clause = "" if after is None else f"AND ({key}, b.id) {'<' if done else '>'} (%(at)s, %(last)s)"
    down = " DESC" if done else ""
    say_who_reads(db, reader)
    rows = straight(
        db,
        f"{_CALLS} {clause} ORDER BY {key}{down}, b.id{down} LIMIT %(limit)s",
        {"paths": paths_of(scope), "done": done, "limit": limit + 1, **_after(after)},
    )
    shown = rows[:limit]
    last = (shown[-1].page_key, shown[-1].id) if len(rows) > limit else None
    return OrderPage(shown, callers_of(db, [row.order_id for row in shown]), last)


_FIGURES: Final = """
    SELECT
        count(*) FILTER (WHERE o.real_name) AS real_name,
        count(*) FILTER (WHERE o.contact_due_at IS NOT NULL) AS to_contact,
        count(*) FILTER (WHERE o.first_contact_at <= o.contact_due_at) AS contacted_in_time,
        (SELECT count(*) {calls}) AS to_call,
        (SELECT count(*) {calls} AND b.done_at IS NOT NULL) AS called,
        (SELECT count(*) {calls} AND b.outcome = 'reached') AS reached,
        (SELECT count(*) {calls} AND b.satisfied = 'yes') AS satisfied,
        (SELECT count(*) {calls} AND b.satisfied = 'partly') AS partly,
        (SELECT count(*) {calls} AND b.satisfied = 'no') AS dissatisfied
    FROM hotline_order o JOIN incident i ON i.id = o.incident_id
    WHERE i.path <@ CAST(%(paths)s AS ltree[]) AND o.received_at >= %(since)s AND o.received_at < %(until)s
"""
# A call that fell away because the matter was opened again is neither owed nor made.
_IN_PERIOD: Final = """
    FROM call_back b JOIN incident i ON i.id = b.incident_id WHERE i.path <@ CAST(%(paths)s AS ltree[])
    AND b.closed_at >= %(since)s AND b.closed_at < %(until)s AND b.outcome IS DISTINCT FROM 'reopened'
"""


def figures(db: Session, scope: Scope, since: datetime, until: datetime) -> dict[str, int]:
    """
    Count a period: orders by when they came, calls by when their matter was closed.

    Returns
    -------
    counts
        ``real_name, to_contact, contacted_in_time, to_call, called, reached, satisfied, partly, dissatisfied``.
    """
    (row,) = straight(
        db,
        _FIGURES.format(calls=_IN_PERIOD),
        {"paths": paths_of(scope), "since": since, "until": until},
    )
    return dict(row._asdict())


def _after(after: tuple[datetime, UUID] | None) -> dict[str, Any]:
    at, last = after or (None, None)
    return {"at": at, "last": last}
