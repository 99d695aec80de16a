"""All that is known of one incident: who told of it, and every step that was taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.database import straight


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
    """The steps of an incident, the newest first, with what was ticked and the notes that the law has not erased."""
    return db.execute(
        text(
            "SELECT l.seq, l.at, l.recorded_at, p.name AS actor_name, p.names AS actor_names, l.role, l.step,"
            " l.from_state, l.to_state, l.reason, n.body AS note, l.data #> '{with,checklist}' AS checklist"
            " FROM incident_log l LEFT JOIN person p ON p.id = l.actor_id"
            " LEFT JOIN incident_note n ON n.incident_id = l.incident_id AND n.seq = l.seq"
            " WHERE l.incident_id = :id ORDER BY l.seq DESC"
        ),
        {"id": incident_id},
    ).all()


_BESIDE: Final = """
    SELECT
        (SELECT jsonb_agg(jsonb_build_object('stage', c.stage, 'since_seq', c.since_seq, 'rule_id', c.rule_id,
            'started_at', c.started_at, 'due_at', c.due_at, 'stopped_at', c.stopped_at,
            'provisional', c.provisional, 'explained', c.explained) ORDER BY c.started_at, c.stage)
            FROM clock c WHERE c.incident_id = %(id)s) AS clocks,
        (SELECT jsonb_agg(jsonb_build_object('party', p.seq, 'role', p.role, 'from', lower(p.valid),
            'until', upper(p.valid), 'kind', CASE WHEN p.person_id IS NULL THEN 'department' ELSE 'person' END,
            'code', d.code, 'person_id', p.person_id, 'name', coalesce(d.name, h.name),
            'names', coalesce(d.names, h.names)) ORDER BY p.seq)
            FROM party p LEFT JOIN department d ON d.id = p.department_id LEFT JOIN person h ON h.id = p.person_id
            WHERE p.incident_id = %(id)s) AS parties,
        (SELECT jsonb_agg(jsonb_build_object('relation', r.relation, 'id', r.id, 'number', r.number,
            'state', r.state) ORDER BY r.number)
            FROM (
                SELECT 'merged' AS relation, id, number, state FROM incident WHERE merged_into = %(id)s
                UNION ALL SELECT 'derived', id, number, state FROM incident WHERE arose_from = %(id)s
                UNION ALL SELECT 'origin', o.id, o.number, o.state
                    FROM incident i JOIN incident o ON o.id = i.arose_from WHERE i.id = %(id)s
                UNION ALL SELECT 'survivor', o.id, o.number, o.state
                    FROM incident i JOIN incident o ON o.id = i.merged_into WHERE i.id = %(id)s
            ) r) AS related,
        (SELECT jsonb_build_object('code', d.code, 'name', d.name, 'names', d.names)
            FROM incident i JOIN department d ON d.id = i.holder_department_id WHERE i.id = %(id)s) AS department,
        (SELECT jsonb_build_object('name', h.name, 'names', h.names)
            FROM incident i JOIN person h ON h.id = i.holder_person_id WHERE i.id = %(id)s) AS person
"""


@dataclass(frozen=True)
class Beside:
    """
    What belongs to an incident and stands in rows of its own.

    Attributes
    ----------
    clocks, parties, related
        As JSON values, instants as RFC 3339.
    department, person
        Who has it in hand.
    """

    clocks: Sequence[Mapping[str, Any]]
    parties: Sequence[Mapping[str, Any]]
    related: Sequence[Mapping[str, Any]]
    department: Mapping[str, Any] | None
    person: Mapping[str, Any] | None


def beside(db: Session, incident_id: UUID) -> Beside:
    """Read what belongs to one incident, in one statement."""
    (row,) = straight(db, _BESIDE, {"id": incident_id})
    return Beside(row.clocks or (), row.parties or (), row.related or (), row.department, row.person)


_TARGETS: Final = """
    SELECT 'department' AS kind, d.code, NULL::bigint AS person_id, d.name, d.names, NULL::text AS role,
        NULL::text AS post, a.kind AS level, a.path::text AS path
    FROM department d JOIN area a ON a.id = d.area_id
    WHERE (a.kind = 'district' OR a.path @> CAST(%(path)s AS ltree)) AND (d.ended_at IS NULL OR d.ended_at > %(at)s)
    UNION ALL
    SELECT 'person', NULL, p.id, p.name, p.names, s.role, s.post, NULL, s.path::text
    FROM assignment s JOIN person p ON p.id = s.person_id
    WHERE s.grid_id = %(grid)s AND s.valid @> CAST(%(at)s AS timestamptz) AND s.role IN ('chief', 'worker')
        AND (p.ended_at IS NULL OR p.ended_at > %(at)s)
    ORDER BY 1, 8, 2, 6, 3
"""


def targets(db: Session, path: str, grid_id: int | None, at: datetime) -> Sequence[Any]:
    """Whom an incident at an area path can be given to: departments over it, and the people of its grid."""
    return straight(db, _TARGETS, {"path": path, "grid": grid_id, "at": at})


def standing_of(db: Session, incident_id: UUID) -> Any:
    """How an incident stands, in few words: ``number, state, level, asks, seq, due_at, closed_at``."""
    (row,) = straight(
        db,
        "SELECT number, state, level, asks, seq, due_at, closed_at FROM incident WHERE id = %(id)s",
        {"id": incident_id},
    )
    return row
