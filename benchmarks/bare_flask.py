"""
The peers of the intake: Flask and psycopg alone.

``/bare`` stores a report and knows nobody, no grid and no retry. ``/reports`` does by hand all that gridmap does for a
report, statement by statement into gridmap's own tables: who sends, is it allowed, came it before, which grid, the
report, its incident with two sealed steps, the audit, the news for the screens.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from flask import Flask, request
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

_PLACE = "ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)"
_BARE = (
    "INSERT INTO bare_report (id, category, text, occurred_at, place)"
    f" VALUES (%(id)s, %(category)s, %(text)s, %(at)s, {_PLACE})"
)
_WHO = (
    "SELECT s.person_id, s.csrf, array_agg(a.path::text) AS paths, min(a.role) AS role FROM session s"
    " JOIN person p ON p.id = s.person_id JOIN assignment a ON a.person_id = p.id AND a.valid @> now()"
    " WHERE s.token_hash = %(token)s AND s.expires_at > now() AND p.ended_at IS NULL GROUP BY s.person_id, s.csrf"
)
_RECEIPT = (
    "INSERT INTO receipt (id, kind, digest, at) VALUES (%(id)s, 'report', %(digest)s, now())"
    " ON CONFLICT DO NOTHING RETURNING id"
)
_GRID = (
    "SELECT id, grid_id, path::text FROM grid_version WHERE upper_inf(recorded) AND upper_inf(valid)"
    f" AND ST_Intersects(shape, {_PLACE}) ORDER BY grid_id LIMIT 1"
)
_CATEGORY = "SELECT severity FROM category WHERE code = %(category)s"
_REPORT = (
    "INSERT INTO report (id, source, category, text, reporter_id, place, given_x, given_y, given_datum, place_method,"
    " placed, grid_version_id, path, occurred_at, received_at) VALUES (%(id)s, 'patrol', %(category)s, %(text)s,"
    f" %(person)s, {_PLACE}, %(lon)s, %(lat)s, 'wgs84', 'gps', 'inside', %(version)s, %(path)s, %(at)s, now())"
)
_LOG = (
    "INSERT INTO incident_log (incident_id, seq, step_id, at, recorded_at, actor_id, role, step, to_state, data,"
    " prev_hash, hash) VALUES (%(incident)s, %(seq)s, %(step_id)s, now(), now(), %(person)s, %(role)s, %(step)s,"
    " %(state)s, %(data)s, %(before)s, %(before)s) RETURNING hash"
)
_INCIDENT = (
    "INSERT INTO incident (id, number, category, severity, state, source, place, placed, grid_version_id,"
    " duty_grid_id, path, occurred_at, due_at, seq, log_hash) VALUES (%(incident)s, %(number)s, %(category)s,"
    f" %(severity)s, 'filed', 'patrol', {_PLACE}, 'inside', %(version)s, %(grid)s, %(path)s, %(at)s, %(due)s, 2,"
    " %(before)s)"
)
_SOURCE = (
    "INSERT INTO incident_source (incident_id, report_id, joined_at, why)"
    " VALUES (%(incident)s, %(id)s, now(), 'opened')"
)
_AUDIT = (
    "SELECT audit_append(%(person)s, %(role)s, '127.0.0.1', 'report.create', %(object)s, NULL, %(path)s, NULL, 'done',"
    " NULL, NULL)"
)
_NEWS = "INSERT INTO live_event (kind, object_id, version, path) VALUES ('incident', %(object)s, 2, %(path)s)"


def make_app() -> Flask:
    """Make the application over the database that ``BARE_DATABASE`` names."""
    app = Flask(__name__)
    pool = ConnectionPool(os.environ["BARE_DATABASE"], min_size=1, max_size=16, open=True)

    @app.post("/bare")
    def store_barely() -> tuple[dict[str, str], int]:
        sent = request.get_json()
        with pool.connection() as connection:
            connection.execute(_BARE, _read(sent))
        return {"id": sent["id"]}, 201

    @app.post("/reports")
    def store() -> tuple[dict[str, str], int]:
        sent = request.get_json()
        values = _read(sent)
        token = hashlib.sha256(request.cookies["__Host-gridmap"].encode()).digest()
        with pool.connection() as connection:
            who = connection.execute(_WHO, {"token": token}).fetchone()
            if who is None or who[1] != request.headers["X-CSRF-Token"] or who[3] != "operator":
                return {"error": "not allowed"}, 403
            number = _store_all(connection, values | {"person": who[0], "role": who[3]}, sent)
        return {"id": sent["id"], "number": number}, 201

    return app


def _read(sent: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(sent["text"], str) or len(sent["text"]) > 4000 or not -180 <= sent["place"]["lon"] <= 180:
        raise ValueError
    place = sent["place"]
    at = datetime.fromisoformat(sent["occurred_at"])
    return {"id": uuid.UUID(sent["id"]), "category": sent["category"], "text": sent["text"], "at": at,
            "lon": place["lon"], "lat": place["lat"]}  # fmt: skip


def _store_all(connection: psycopg.Connection[Any], values: dict[str, Any], sent: dict[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).digest()
    connection.execute(_RECEIPT, values | {"digest": digest})
    version, grid, path = connection.execute(_GRID, values).fetchone() or (None, None, "1")
    (severity,) = connection.execute(_CATEGORY, values).fetchone() or (3,)
    incident, due = uuid.uuid5(values["id"], "incident"), datetime.now(UTC) + timedelta(hours=8)
    values |= {"version": version, "grid": grid, "path": path, "severity": severity, "incident": incident, "due": due}
    connection.execute(_REPORT, values)
    (drawn,) = connection.execute("SELECT nextval('incident_number')").fetchone() or (0,)
    values |= {"number": f"bare-{drawn}", "before": bytes(32), "object": str(values["incident"])}
    for seq, (step, state) in enumerate((("report", "reported"), ("file", "filed")), 1):
        data = Jsonb({"set": {"category": values["category"], "severity": severity}})
        entry = {"seq": seq, "step_id": uuid.uuid4(), "step": step, "state": state, "data": data}
        (values["before"],) = connection.execute(_LOG, values | entry).fetchone() or (b"",)
    connection.execute(_INCIDENT, values)
    connection.execute(_SOURCE, values)
    connection.execute(_AUDIT, values)
    connection.execute(_NEWS, values)
    connection.execute("NOTIFY gridmap_live")
    return str(values["number"])
