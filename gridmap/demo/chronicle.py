"""
Write a year of reports, alerts, incidents and logs from the rows of the temporary table ``past``.

The database seals each row of a log with the hash of the row before. So the first rows of all incidents go in together,
then all second rows, then all third; ``past_head`` holds the newest row of each log meanwhile.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.demo.courses import last_step
from gridmap.incidents.log import FIRST_HASH
from gridmap.incidents.rules import FILED_AT_ONCE


def write_sources(db: Session, until: datetime) -> None:
    """Write what people and devices said, and that each was received once."""
    db.execute(text("SELECT alert_partitions((SELECT min(occurred_at) FROM past)::date, 12)"))
    db.execute(text("SELECT alert_partitions(CAST(:until AS date), 3)"), {"until": until})
    db.execute(
        text(
            """
            INSERT INTO alert (id, received_at, occurred_at, device_id, class, category, score, place, given_x, given_y,
                given_datum, cov_ee, cov_en, cov_nn, place_method, placed, grid_version_id, merged_n)
            SELECT told_id, occurred_at, occurred_at, device_id, class, category, score, place::geometry, given_x,
                given_y, 'wgs84', variance, turn, variance, place_method, placed, grid_version_id, 0
            FROM past WHERE device_id IS NOT NULL
            """
        )
    )
    db.execute(
        text(
            """
            INSERT INTO report (id, source, category, text, reporter_id, place, given_x, given_y, given_datum, cov_ee,
                cov_en, cov_nn, place_method, placed, grid_version_id, path, occurred_at, received_at, clock_suspect,
                moderation)
            SELECT told_id, source, category, text, reporter_id, place::geometry, given_x, given_y, 'wgs84', variance,
                turn, variance, place_method, placed, grid_version_id, path::ltree, occurred_at, occurred_at, false,
                'not-needed'
            FROM past WHERE device_id IS NULL
            """
        )
    )
    # What was sent is not kept here, so whoever sends one of these ids again has another content, whatever it is.
    db.execute(
        text(
            """
            INSERT INTO receipt (id, kind, digest, at)
            SELECT told_id, CASE WHEN device_id IS NULL THEN 'report' ELSE 'alert' END,
                sha256(convert_to('made up ' || told_id, 'UTF8')), occurred_at
            FROM past
            """
        )
    )


def write_logs(db: Session) -> None:
    """Write the logs, a row of every log at a time; the steps were laid out before."""
    db.execute(
        text("CREATE TEMPORARY TABLE past_head (incident_id uuid PRIMARY KEY, seq bigint, hash bytea) ON COMMIT DROP")
    )
    _report(db)
    _file(db)
    for n in range(3, last_step(db) + 1):
        _step(db, n)
    _notes(db)


def _report(db: Session) -> None:
    """The first row of each log sets every column of its incident that is known from the beginning."""
    db.execute(
        text(
            """
            WITH sealed AS (
                INSERT INTO incident_log (incident_id, seq, step_id, at, recorded_at, actor_id, role, step, to_state,
                    data, prev_hash, hash)
                SELECT incident_id, 1, md5(told_id || 'reported')::uuid, occurred_at, occurred_at, reporter_id, role,
                    'report', 'reported',
                    jsonb_build_object('set', jsonb_build_object(
                        'id', incident_id, 'number', number, 'category', category, 'severity', severity,
                        'level', 'district', 'source', source, 'place', place, 'given_x', given_x, 'given_y', given_y,
                        'given_datum', 'wgs84', 'cov_ee', variance, 'cov_en', turn, 'cov_nn', variance,
                        'place_method', place_method, 'placed', placed, 'grid_version_id', grid_version_id,
                        'unplaced_reason', NULL, 'duty_grid_id', duty_grid_id, 'path', path,
                        'occurred_at', occurred_at),
                    CASE WHEN device_id IS NULL THEN 'report' ELSE 'alert' END, told_id) || told,
                    :first, :first
                FROM past RETURNING incident_id, seq, hash)
            INSERT INTO past_head SELECT incident_id, seq, hash FROM sealed
            """
        ),
        {"first": FIRST_HASH},
    )


def _file(db: Session) -> None:
    """What staff and devices see themselves is filed at once by the system, the rest by the desk."""
    db.execute(
        text(
            """
            WITH desk AS (
                SELECT array_agg(person_id ORDER BY id) AS people FROM assignment WHERE role = 'operator'),
            sealed AS (
                INSERT INTO incident_log (incident_id, seq, step_id, at, recorded_at, actor_id, role, step, from_state,
                    to_state, data, prev_hash, hash)
                SELECT incident_id, 2, md5(told_id || 'filed')::uuid, filed_at, filed_at,
                    CASE WHEN at_once THEN NULL
                        ELSE people[1 + get_byte(uuid_send(told_id), 1) % cardinality(people)] END,
                    CASE WHEN at_once THEN 'system' ELSE 'operator' END, 'file', 'reported', 'filed',
                    jsonb_build_object('set', jsonb_build_object('due_at', due_at))
                        || CASE WHEN at_once THEN '{"why": "seen by staff or device"}'::jsonb ELSE '{}' END,
                    hash, hash
                FROM past JOIN past_head USING (incident_id), desk,
                    LATERAL (SELECT source = ANY(:at_once) AS at_once) AS how
                WHERE filed_at IS NOT NULL RETURNING incident_id, seq, hash)
            UPDATE past_head SET seq = sealed.seq, hash = sealed.hash FROM sealed
            WHERE sealed.incident_id = past_head.incident_id
            """
        ),
        {"at_once": sorted(FILED_AT_ONCE)},
    )


def _step(db: Session, n: int) -> None:
    """The n-th row of every log that has one; of a note the log keeps the salted digest alone."""
    db.execute(
        text(
            """
            WITH sealed AS (
                INSERT INTO incident_log (incident_id, seq, step_id, at, recorded_at, actor_id, role, step, from_state,
                    to_state, reason, data, note_digest, prev_hash, hash)
                SELECT incident_id, n, md5(incident_id || ':' || n)::uuid, at, at, actor_id, role, step, from_state,
                    to_state, reason, data, sha256(salt || convert_to(note, 'UTF8')), hash, hash
                FROM past_step JOIN past_head USING (incident_id) WHERE n = :n RETURNING incident_id, seq, hash)
            UPDATE past_head SET seq = sealed.seq, hash = sealed.hash FROM sealed
            WHERE sealed.incident_id = past_head.incident_id
            """
        ),
        {"n": n},
    )


def _notes(db: Session) -> None:
    db.execute(
        text(
            "INSERT INTO incident_note (incident_id, seq, salt, body) SELECT incident_id, n, salt, note FROM past_step"
            " WHERE note IS NOT NULL"
        )
    )


def write_incidents(db: Session) -> None:
    """Write each incident as its log folds, and what told of it."""
    db.execute(
        text(
            """
            WITH told AS (
                SELECT incident_id, jsonb_object_agg(key, value ORDER BY n) AS columns,
                    (array_agg(to_state ORDER BY n DESC))[1] AS state
                FROM past_step LEFT JOIN LATERAL jsonb_each(data -> 'set') AS s ON true WHERE key IS NOT NULL
                GROUP BY incident_id
            ), folded AS (
                SELECT past.*, seq, hash, jsonb_populate_record(NULL::incident, jsonb_strip_nulls(
                    coalesce(columns, '{}'))) AS now, last.to_state
                FROM past JOIN past_head USING (incident_id) LEFT JOIN told USING (incident_id)
                    LEFT JOIN past_step last ON last.incident_id = past.incident_id AND last.n = past_head.seq
            )
            INSERT INTO incident (id, number, category, severity, state, level, source, place, given_x, given_y,
                given_datum, cov_ee, cov_en, cov_nn, place_method, placed, grid_version_id, duty_grid_id, path,
                holder_department_id, holder_person_id, occurred_at, due_at, closed_at, merged_into, seq, log_hash)
            SELECT incident_id, number, category, severity,
                coalesce(to_state, (ARRAY['reported', 'filed'])[seq]), coalesce((now).level, 'district'), source,
                place::geometry, given_x, given_y, 'wgs84', variance, turn, variance, place_method, placed,
                grid_version_id, duty_grid_id, path::ltree, (now).holder_department_id, (now).holder_person_id,
                occurred_at, due_at, (now).closed_at, (now).merged_into, seq, hash
            -- What others were merged into goes first.
            FROM folded ORDER BY (now).merged_into IS NOT NULL, occurred_at
            """
        )
    )
    _link(db)


def _link(db: Session) -> None:
    """What told of a merged incident tells of the other one since."""
    db.execute(
        text(
            """
            INSERT INTO incident_source (incident_id, report_id, alert_id, alert_received_at, joined_at, why, told,
                left_at)
            SELECT incident_id, CASE WHEN device_id IS NULL THEN told_id END,
                CASE WHEN device_id IS NOT NULL THEN told_id END,
                CASE WHEN device_id IS NOT NULL THEN occurred_at END, occurred_at, 'opened', told, merge.at
            FROM past LEFT JOIN (SELECT incident_id, at FROM past_step WHERE step = 'merge') merge USING (incident_id)
            """
        )
    )
    db.execute(
        text(
            """
            INSERT INTO incident_source (incident_id, report_id, alert_id, alert_received_at, joined_at, why, told)
            SELECT i.merged_into, s.report_id, s.alert_id, s.alert_received_at, s.left_at, 'merged', s.told
            FROM incident i JOIN incident_source s ON s.incident_id = i.id WHERE i.merged_into IS NOT NULL
            """
        )
    )
