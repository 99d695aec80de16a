"""The log of incidents: rows are appended in one statement for all, sealed by the database, folded into the row."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.incidents.clocks import Clock
from gridmap.incidents.commitments import HEADS
from gridmap.system.audit import Doer
from gridmap.system.live import CHANNEL

FIRST_HASH: Final = bytes(32)
_STEP: Final = "step_id, at, recorded_at, actor_id, role, step, from_state, to_state, reason, data, note_digest"
_LOG: Final = f"incident_id, seq, {_STEP}, prev_hash, hash"  # the hash is made by the database, whatever is given here
COLUMNS: Final = (
    "id, number, category, severity, state, level, source, place, given_x, given_y, given_datum, cov_ee, cov_en,"
    " cov_nn, place_method, placed, certainty, grid_version_id, probability, runners, p_outside,"
    " unplaced_reason, doubt_reason, duty_grid_id, path, holder_department_id, holder_person_id, occurred_at, due_at,"
    " closed_at, merged_into, arose_from"
)
"""Every column of an incident that its steps set: the log rebuilds each of them."""


_APPEND_ONE: Final = (
    f"INSERT INTO incident_log ({_LOG}) SELECT incident_id, seq, {_STEP}, prev_hash, prev_hash"
    " FROM jsonb_populate_record(NULL::incident_log, CAST(%(row)s AS jsonb)) RETURNING incident_id, seq, hash"
)


@dataclass(frozen=True)
class Head:
    """The newest row of one incident's log."""

    seq: int
    hash: bytes


@dataclass(frozen=True)
class LogEntry:
    """
    A step to be appended.

    Attributes
    ----------
    step_id
        Made by whoever took the step: the same id is taken once.
    at
        When it happened.
    data
        What belongs to the step; under ``set`` the columns of the incident that it changed.
    note
        What the person wrote, kept apart so that the law can erase it; the chain commits to its salted digest.
    """

    incident_id: UUID
    step_id: UUID
    at: datetime
    actor_id: int | None
    role: str
    step: str
    from_state: str | None
    to_state: str
    data: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    note: str | None = None


def append(
    db: Session, entries: Sequence[LogEntry], recorded_at: datetime, after: Mapping[UUID, Head] | None = None
) -> dict[UUID, Head]:
    """
    Append one row to each of several incidents.

    Parameters
    ----------
    entries
        At most one an incident.
    recorded_at
        Our clock.
    after
        The newest row of each incident's log; an incident without one begins its chain.

    Returns
    -------
    heads
        The newest rows now.
    """
    if not entries:
        return {}
    heads = after or {}
    salts = {entry.incident_id: secrets.token_bytes(16) for entry in entries if entry.note}
    rows = [_row(entry, heads.get(entry.incident_id, Head(0, FIRST_HASH)), salts, recorded_at) for entry in entries]
    sealed = straight(
        db,
        f"INSERT INTO incident_log ({_LOG}) SELECT incident_id, seq, {_STEP}, prev_hash, prev_hash"
        " FROM jsonb_populate_recordset(NULL::incident_log, CAST(%(rows)s AS jsonb)) RETURNING incident_id, seq, hash",
        {"rows": _json(rows)},
    )
    new = {row.incident_id: Head(row.seq, bytes(row.hash)) for row in sealed}
    _keep_notes(db, entries, new, salts)
    return new


def append_one(entry: LogEntry, after: Head, recorded_at: datetime) -> tuple[str, dict[str, Any]]:
    """
    Give the statement that appends one row, for a statement that does more in the same breath, and its values.

    Returns
    -------
    statement, values
        It returns ``incident_id, seq, hash``. The note goes into a table of its own: ``noted`` says whether there is
        one, ``note`` and ``salt`` what to keep.
    """
    salts = {entry.incident_id: secrets.token_bytes(16)}
    row = _row(entry, after, salts, recorded_at)
    return _APPEND_ONE, {
        "row": json.dumps(row, ensure_ascii=False, allow_nan=False),
        "noted": bool(entry.note),
        "note": entry.note,
        "salt": salts[entry.incident_id],
    }


def _row(entry: LogEntry, head: Head, salts: Mapping[UUID, bytes], recorded_at: datetime) -> dict[str, Any]:
    digest = None
    if entry.note:
        digest = "\\x" + hashlib.sha256(salts[entry.incident_id] + entry.note.encode()).hexdigest()
    return {
        "incident_id": str(entry.incident_id),
        "seq": head.seq + 1,
        "step_id": str(entry.step_id),
        "at": entry.at.isoformat(),
        "recorded_at": recorded_at.isoformat(),
        "actor_id": entry.actor_id,
        "role": entry.role,
        "step": entry.step,
        "from_state": entry.from_state,
        "to_state": entry.to_state,
        "reason": entry.reason,
        "data": entry.data,
        "note_digest": digest,
        "prev_hash": "\\x" + head.hash.hex(),
    }


def _keep_notes(
    db: Session, entries: Sequence[LogEntry], heads: Mapping[UUID, Head], salts: Mapping[UUID, bytes]
) -> None:
    notes = [
        {"incident": e.incident_id, "seq": heads[e.incident_id].seq, "salt": salts[e.incident_id], "body": e.note}
        for e in entries
        if e.note
    ]
    if notes:
        db.execute(
            text("INSERT INTO incident_note (incident_id, seq, salt, body) VALUES (:incident, :seq, :salt, :body)"),
            notes,
        )


_ROW: Final = ", ".join(f"i.{name.strip()}" for name in COLUMNS.split(","))

LINK: Final = """
    INSERT INTO incident_source (incident_id, report_id, alert_id, alert_received_at, joined_at, why, told)
    SELECT incident_id, report_id, alert_id, alert_received_at, %(at)s, why, told
    FROM jsonb_populate_recordset(NULL::incident_source, CAST(%(sources)s AS jsonb))
"""
"""What reports and alerts tell of which incident, at one instant."""

# One statement for all that a new incident is: its log, whose second row goes on from the seal of the first, the row
# that the log folds into, what it came from, the audit's row that names the newest seal of each, and the news of it.
# Numbers are drawn here, in the order of the incidents, and written into the log and the row alike.
_BEGIN: Final = f"""
    WITH drawn AS MATERIALIZED (
        SELECT CAST(entry ->> 'incident_id' AS uuid) AS incident_id, entry, nextval('incident_number') AS n
        FROM jsonb_array_elements(CAST(%(opened)s AS jsonb)) AS entry
    ), numbered AS MATERIALIZED (
        SELECT incident_id, entry, %(day)s || '-' || lpad(n::text, greatest(4, length(n::text)), '0') AS drawn_number
        FROM drawn
    ), opened AS (
        INSERT INTO incident_log ({_LOG})
        SELECT l.incident_id, seq, {_STEP}, prev_hash, prev_hash
        FROM numbered, jsonb_populate_record(
            NULL::incident_log, jsonb_set(entry, '{{data,set,number}}', to_jsonb(drawn_number))) l
        RETURNING incident_id, seq, hash
    ), filed AS (
        INSERT INTO incident_log ({_LOG})
        SELECT incident_id, o.seq + 1, {_STEP}, o.hash, o.hash
        FROM jsonb_populate_recordset(NULL::incident_log, CAST(%(filed)s AS jsonb)) f JOIN opened o USING (incident_id)
        RETURNING incident_id, seq, hash
    ), head AS (
        SELECT incident_id, coalesce(f.seq, o.seq) AS seq, coalesce(f.hash, o.hash) AS hash
        FROM opened o LEFT JOIN filed f USING (incident_id)
    ), folded AS (
        INSERT INTO incident ({COLUMNS}, seq, log_hash)
        SELECT {_ROW}, h.seq, h.hash
        FROM jsonb_array_elements(CAST(%(folded)s AS jsonb)) AS told
        JOIN numbered n ON n.incident_id = CAST(told ->> 'id' AS uuid) JOIN head h ON h.incident_id = n.incident_id,
        jsonb_populate_record(NULL::incident, jsonb_set(told, '{{number}}', to_jsonb(drawn_number))) i
        RETURNING id, number, path, seq, log_hash
    ), audited AS (
        SELECT audit_append(%(actor_id)s, %(role)s, %(address)s, 'incident.open',
            CASE WHEN count(*) = 1 THEN 'incident:' || min(id::text) END, NULL,
            CASE WHEN count(*) = 1 THEN min(path::text)::ltree END, NULL, 'done',
            jsonb_build_object(%(heads)s::text,
                jsonb_agg(jsonb_build_array(id, number, seq, encode(log_hash, 'hex')))), %(request_id)s)
        FROM folded
    ), timed AS (
        INSERT INTO clock (incident_id, stage, since_seq, rule_id, started_at, due_at, stopped_at, provisional,
            explained)
        SELECT incident_id, stage, since_seq, rule_id, started_at, due_at, stopped_at, provisional, explained
        FROM jsonb_populate_recordset(NULL::clock, CAST(%(clocks)s AS jsonb))
    ), linked AS ({LINK}), news AS (
        INSERT INTO live_event (kind, object_id, version, path)
        SELECT 'incident', id::text, seq, path FROM folded
    ), woken AS (SELECT pg_notify(%(channel)s, ''))
    SELECT folded.id, folded.number FROM folded, audited, woken
"""


def begin(
    db: Session,
    doer: Doer,
    opened: Sequence[LogEntry],
    filed: Sequence[LogEntry],
    sources: Sequence[Mapping[str, Any]],
    clocks: Mapping[UUID, Sequence[Clock]],
    recorded_at: datetime,
    day: str,
) -> dict[UUID, str]:
    """
    Begin the logs of new incidents, write the rows they fold into and what they came from, name them in the audit
    and tell the screens.

    Parameters
    ----------
    doer
        Who acts, as the audit names them.
    opened
        The first step of each incident; its ``set`` holds every column that is not null but the number.
    filed
        A second step of some of them.
    sources
        Rows of ``incident_source``.
    clocks
        Those that run from the beginning, by incident.
    recorded_at
        Our clock.
    day
        What their numbers begin with, such as ``2026-1121``; a running number follows, which may have holes.

    Returns
    -------
    numbers
        By incident.
    """
    folded: dict[UUID, dict[str, Any]] = {}
    for entry in (*opened, *filed):
        folded.setdefault(entry.incident_id, {}).update(entry.data["set"], state=entry.to_state)
    first = Head(0, FIRST_HASH)
    rows = straight(
        db,
        _BEGIN,
        {
            "opened": _json([_row(entry, first, {}, recorded_at) for entry in opened]),
            "filed": _json([_row(entry, first, {}, recorded_at) for entry in filed]),
            "folded": _json(list(folded.values())),
            "sources": _json(sources),
            "clocks": _json([clock.row(key) for key, running in clocks.items() for clock in running]),
            "at": recorded_at,
            "day": day,
            "channel": CHANNEL,
            "heads": HEADS,
            "actor_id": doer.actor_id,
            "role": doer.role,
            "address": doer.address,
            "request_id": doer.request_id,
        },
    )
    return {row.id: row.number for row in rows}


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False, allow_nan=False)
