"""All that is known of one incident: who told of it, and every step that was taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session


def source_rows(db: Session, incident_id: UUID) -> Sequence[Any]:
    """
    Reports and alerts that tell of an incident, the earliest first.

    An alert whose partition is gone by its term is told from what the incident kept of it.
    """
    return db.execute(
        text(
            "SELECT CASE WHEN s.report_id IS NULL THEN 'alert' ELSE 'report' END AS kind,"
            " coalesce(s.report_id, s.alert_id) AS id, coalesce(r.source, d.kind) AS source, r.text,"
            " coalesce(r.occurred_at, a.occurred_at, (s.told->>'occurred_at')::timestamptz) AS occurred_at,"
            " coalesce(r.received_at, s.alert_received_at) AS received_at,"
            " coalesce(r.clock_suspect, a.clock_suspect, false) AS clock_suspect,"
            " p.name AS reporter_name, p.names AS reporter_names,"
            " coalesce(d.code, s.told->>'device') AS device_code, d.name AS device_name, d.names AS device_names,"
            " d.kind AS device_kind, coalesce(a.class, s.told->>'class') AS word,"
            " coalesce(a.score, (s.told->>'score')::double precision) AS score,"
            " ST_X(coalesce(r.place, a.place)) AS lon, ST_Y(coalesce(r.place, a.place)) AS lat,"
            " sqrt(greatest(coalesce(r.cov_ee, a.cov_ee), coalesce(r.cov_nn, a.cov_nn))) AS sigma_m,"
            " coalesce(r.place_method, a.place_method) AS place_method, coalesce(r.placed, a.placed) AS placed,"
            " coalesce(r.certainty, a.certainty) AS certainty, coalesce(r.probability, a.probability) AS probability,"
            " coalesce(r.p_outside, a.p_outside) AS p_outside,"
            " coalesce(r.unplaced_reason, a.unplaced_reason, r.doubt_reason, a.doubt_reason) AS reason"
            " FROM incident_source s LEFT JOIN report r ON r.id = s.report_id"
            " LEFT JOIN person p ON p.id = r.reporter_id"
            " LEFT JOIN alert a ON a.id = s.alert_id AND a.received_at = s.alert_received_at"
            " LEFT JOIN device d ON d.id = a.device_id"
            " WHERE s.incident_id = :id AND s.left_at IS NULL ORDER BY s.joined_at, s.id"
        ),
        {"id": incident_id},
    ).all()


def log_rows(db: Session, incident_id: UUID) -> Sequence[Any]:
    """The steps of an incident, the newest first, with the notes that the law has not erased."""
    return db.execute(
        text(
            "SELECT l.seq, l.at, l.recorded_at, p.name AS actor_name, p.names AS actor_names, l.role, l.step,"
            " l.from_state, l.to_state, l.reason, n.body AS note"
            " FROM incident_log l LEFT JOIN person p ON p.id = l.actor_id"
            " LEFT JOIN incident_note n ON n.incident_id = l.incident_id AND n.seq = l.seq"
            " WHERE l.incident_id = :id ORDER BY l.seq DESC"
        ),
        {"id": incident_id},
    ).all()
