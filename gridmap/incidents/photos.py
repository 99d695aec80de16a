"""Photos of incidents: those that reports brought and those that came with steps, and who may see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.people.rules import Access, Actor, Thing, can
from gridmap.reports.rules import Evidence

# A report's photo counts once its reporter has sent it: who merely knows a hash gets nobody else's photo to see.
_HERE = "(c.enclosed OR EXISTS (SELECT FROM media_sender s WHERE s.sha256 = c.sha256 AND s.person_id = r.reporter_id))"


def photo_rows(db: Session, incident_id: UUID) -> Sequence[Any]:
    """Photos of an incident, the earliest first; `here` says whether they have arrived. Erased ones are left out."""
    return db.execute(
        text(
            "SELECT * FROM (SELECT encode(c.sha256, 'hex') AS sha256, c.role, r.occurred_at AS at, m.taken_at,"
            f" m.direction_deg, 'report' AS by, m.state, {_HERE} AS here"
            " FROM incident_source o JOIN report r ON r.id = o.report_id JOIN report_media c ON c.report_id = r.id"
            " LEFT JOIN media m ON m.sha256 = c.sha256 WHERE o.incident_id = :id AND o.left_at IS NULL"
            " UNION ALL SELECT encode(c.sha256, 'hex'), c.role, l.at, m.taken_at, m.direction_deg, 'step', m.state,"
            " true"
            " FROM incident_log_media c JOIN incident_log l ON l.incident_id = c.incident_id AND l.seq = c.seq"
            " JOIN media m ON m.sha256 = c.sha256 WHERE c.incident_id = :id) AS photo"
            " WHERE state IS DISTINCT FROM 'erased' ORDER BY at, role DESC, sha256"
        ),
        {"id": incident_id},
    ).all()


def has_photos(db: Session, incident_id: UUID) -> bool:
    """Whether anything shows how it looked before the work: a photo of a report that has arrived, or of a step."""
    return bool(
        db.scalar(
            text(
                "SELECT EXISTS (SELECT FROM incident_log_media WHERE incident_id = :id) OR EXISTS (SELECT FROM"
                " incident_source s JOIN report r ON r.id = s.report_id JOIN report_media c ON c.report_id = r.id"
                f" WHERE s.incident_id = :id AND {_HERE})"
            ),
            {"id": incident_id},
        )
    )


def photo_access(db: Session, actor: Actor, sha256: bytes) -> Access | None:
    """How much of a stored photo someone may see, by the incidents and reports it belongs to; None is nothing."""
    rows = db.execute(
        text(
            "SELECT r.path::text AS path, r.reporter_id, NULL::bigint AS person, NULL::bigint AS department"
            f" FROM report_media c JOIN report r ON r.id = c.report_id WHERE c.sha256 = :sha256 AND {_HERE}"
            " UNION SELECT i.path::text, r.reporter_id, i.holder_person_id, i.holder_department_id"
            " FROM report_media c JOIN report r ON r.id = c.report_id"
            " JOIN incident_source o ON o.report_id = r.id AND o.left_at IS NULL"
            " JOIN incident i ON i.id = o.incident_id"
            f" WHERE c.sha256 = :sha256 AND {_HERE}"
            " UNION SELECT i.path::text, r.reporter_id, i.holder_person_id, i.holder_department_id"
            " FROM incident_log_media c JOIN incident i ON i.id = c.incident_id"
            " LEFT JOIN incident_source o ON o.incident_id = i.id AND o.left_at IS NULL"
            " LEFT JOIN report r ON r.id = o.report_id WHERE c.sha256 = :sha256"
            " UNION SELECT i.path::text, NULL, p.person_id, p.department_id FROM party p"
            " JOIN incident i ON i.id = p.incident_id WHERE p.valid @> now() AND (EXISTS (SELECT FROM"
            " incident_log_media c WHERE c.incident_id = i.id AND c.sha256 = :sha256) OR EXISTS (SELECT FROM"
            " incident_source o JOIN report r ON r.id = o.report_id JOIN report_media c ON c.report_id = r.id"
            f" WHERE o.incident_id = i.id AND o.left_at IS NULL AND c.sha256 = :sha256 AND {_HERE}))"
        ),
        {"sha256": sha256},
    )
    found = (can(actor, "photo.see", Thing(row.path, row.reporter_id, row.person, row.department)) for row in rows)
    return max((access for access in found if access is not None), default=None)


def link_photos(db: Session, incident_id: UUID, seq: int, evidence: Sequence[Evidence]) -> None:
    """Say which photos came with a step."""
    if evidence:
        db.execute(
            text(
                "INSERT INTO incident_log_media (incident_id, seq, sha256, role)"
                " SELECT :incident, :seq, w.sha256, w.role"
                " FROM unnest(CAST(:hashes AS bytea[]), CAST(:roles AS text[])) AS w (sha256, role)"
            ),
            {
                "incident": incident_id,
                "seq": seq,
                "hashes": [photo.sha256 for photo in evidence],
                "roles": [photo.role for photo in evidence],
            },
        )
