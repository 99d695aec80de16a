"""One step in one statement: log, row, clocks, note, audit and news, sealed by the database as they are written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.incidents.clocks import Clock
from gridmap.incidents.commitments import HEADS
from gridmap.incidents.log import Head, LogEntry, append_one
from gridmap.system.audit import Doer
from gridmap.system.live import CHANNEL

# First the lock alone: what stands beside the row, its parties, is read by the next statement, as it is under the lock.
_LOCK: Final = "SELECT id FROM incident WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE"
# All that is asked of an incident when a step is taken, under the lock that every step takes.
_HOLD: Final = """
    SELECT i.id, i.number, i.category, i.severity, i.state, i.level, i.source, i.path::text AS path, i.duty_grid_id,
        i.holder_department_id, i.holder_person_id, i.occurred_at, i.due_at, i.closed_at, i.merged_into, i.arose_from,
        i.seq, i.log_hash, i.given_x, i.given_y, i.given_datum, i.place_method,
        sqrt(greatest(i.cov_ee, i.cov_nn)) AS sigma_m,
        (SELECT v.kind FROM grid_version v WHERE v.grid_id = i.duty_grid_id AND upper_inf(v.valid)
            AND upper_inf(v.recorded)) AS grid_kind,
        (SELECT d.time_zone FROM district d LIMIT 1) AS time_zone,
        EXISTS (SELECT FROM incident_source s JOIN report r ON r.id = s.report_id WHERE s.incident_id = i.id
            AND s.left_at IS NULL AND r.reporter_id = %(me)s AND r.source <> 'hotline') AS told_by_me,
        (SELECT jsonb_agg(jsonb_build_array(p.role, p.department_id, p.person_id)) FROM party p
            WHERE p.incident_id = i.id AND p.valid @> CAST(%(at)s AS timestamptz)) AS parties
    FROM incident i WHERE i.id = ANY(%(ids)s) ORDER BY i.id
"""


def hold(db: Session, ids: Sequence[UUID], me: int | None, at: datetime) -> dict[UUID, Any]:
    """Lock incidents, in the order of their ids, and read what a step asks of them."""
    named = sorted(ids)
    straight(db, _LOCK, {"ids": named})
    return {row.id: row for row in straight(db, _HOLD, {"ids": named, "me": me, "at": at})}


_WRITE: Final = """
    WITH logged AS ({append}), noted AS (
        INSERT INTO incident_note (incident_id, seq, salt, body)
        SELECT incident_id, seq, CAST(%(salt)s AS bytea), CAST(%(note)s AS text) FROM logged WHERE %(noted)s
    ), folded AS (
        UPDATE incident i SET {columns} FROM logged l, jsonb_populate_record(NULL::incident, CAST(%(set)s AS jsonb)) n
        WHERE i.id = l.incident_id RETURNING i.id, i.number, i.seq, i.log_hash, i.path
    ), timed AS (
        INSERT INTO clock (incident_id, stage, since_seq, rule_id, started_at, due_at, stopped_at, provisional,
            explained)
        SELECT incident_id, stage, since_seq, rule_id, started_at, due_at, stopped_at, provisional, explained
        FROM jsonb_populate_recordset(NULL::clock, CAST(%(clocks)s AS jsonb))
        ON CONFLICT (incident_id, stage, since_seq) DO UPDATE SET rule_id = excluded.rule_id,
            due_at = excluded.due_at, stopped_at = excluded.stopped_at, provisional = excluded.provisional,
            explained = excluded.explained
    ), audited AS (
        SELECT audit_append(%(actor_id)s, %(role)s, %(address)s, 'incident.step', 'incident:' || id, NULL, path, NULL,
            'done', CAST(%(changed)s AS jsonb) || jsonb_build_object(CAST(%(heads)s AS text), jsonb_build_array(
                jsonb_build_array(id, number, seq, encode(log_hash, 'hex')))), %(request_id)s)
        FROM folded
    ), news AS (
        INSERT INTO live_event (kind, object_id, version, path) SELECT 'incident', id::text, seq, path FROM folded
    ), woken AS (SELECT pg_notify(%(channel)s, ''))
    SELECT folded.seq, folded.log_hash, folded.path::text AS path FROM folded, audited, woken
"""


def write_step(
    db: Session, doer: Doer, entry: LogEntry, after: Head, columns: Mapping[str, Any], clocks: Sequence[Clock],
    recorded_at: datetime,
) -> Any:  # fmt: skip
    """
    Write a step of an incident that is held.

    Parameters
    ----------
    after
        The newest row of its log.
    columns
        What the step sets of the row, as JSON values; all but what follows from the log stands in the entry, too.
    clocks
        Those that it started, stopped or moved.

    Returns
    -------
    row
        ``seq, log_hash, path`` of the incident now.
    """
    append, values = append_one(entry, after, recorded_at)
    named = ", ".join(f"{name} = n.{name}" for name in sorted({"state", *columns}))
    (row,) = straight(
        db,
        _WRITE.format(append=append, columns=f"{named}, seq = l.seq, log_hash = l.hash"),
        {
            **values,
            "set": json.dumps({**columns, "state": entry.to_state}, ensure_ascii=False),
            "clocks": json.dumps([clock.row(entry.incident_id) for clock in clocks], ensure_ascii=False),
            "changed": json.dumps({"step": entry.step, "from": entry.from_state, "to": entry.to_state}),
            "heads": HEADS,
            "channel": CHANNEL,
            "actor_id": doer.actor_id,
            "role": doer.role,
            "address": doer.address,
            "request_id": doer.request_id,
        },
    )
    return row


def add_party(
    db: Session, incident_id: UUID, seq: int, department: int | None, person: int | None, role: str,
    begins: datetime, ends: datetime | None,
) -> None:  # fmt: skip
    """Write who takes part from now on."""
    straight(
        db,
        "INSERT INTO party (incident_id, seq, department_id, person_id, role, valid) VALUES (%(id)s, %(seq)s,"
        " %(department)s, %(person)s, %(role)s, tstzrange(%(begins)s, %(ends)s))",
        {"id": incident_id, "seq": seq, "department": department, "person": person, "role": role,
         "begins": begins, "ends": ends},
    )  # fmt: skip


def end_party(db: Session, incident_id: UUID, party: int, at: datetime) -> bool:
    """End a party; False if there is none of that number that takes part."""
    return bool(
        straight(
            db,
            "UPDATE party SET valid = tstzrange(lower(valid), greatest(lower(valid), %(at)s))"
            " WHERE incident_id = %(id)s AND seq = %(party)s AND valid @> CAST(%(at)s AS timestamptz) RETURNING seq",
            {"id": incident_id, "party": party, "at": at},
        )
    )


def move_sources(db: Session, merged: UUID, into: UUID, at: datetime) -> None:
    """Let everything that told of an incident tell of the one that it is merged into."""
    straight(
        db,
        "WITH ended AS (UPDATE incident_source SET left_at = %(at)s WHERE incident_id = %(merged)s AND left_at IS NULL"
        " RETURNING *) INSERT INTO incident_source (incident_id, report_id, alert_id, alert_received_at, joined_at,"
        " why, d2, told, verdict, verdict_by) SELECT %(into)s, report_id, alert_id, alert_received_at, %(at)s,"
        " 'merged', d2, told, verdict, verdict_by FROM ended",
        {"merged": merged, "into": into, "at": at},
    )
