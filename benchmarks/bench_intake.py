"""Reports and alerts over HTTP: the web's CPU for each, beside Flask and psycopg that store and know nothing."""

from __future__ import annotations

import http.client
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from coverages import irregular_coverage
from serving import Server, cookie_of, database, load_coverage, open_desk, serving, web
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.postgis import DatabaseUrls
from gridmap.sensing.keys import make_key
from gridmap.system.audit import Doer

GRIDS = 767
REPORTS = 400
SINGLES, BATCHES, A_BATCH = 300, 20, 100
ROUNDS = 5
WARM = 100
CATEGORY = "0301"


def one_report() -> Iterator[str]:
    """Take one report, signed in, checked, placed, once, logged: web CPU beside bare Flask with psycopg."""
    with database() as (db, urls):
        district = load_coverage(db, GRIDS)
        _prepare(db)
        desk = open_desk(db, district, "bench")
        db.commit()
        headers = {"Cookie": cookie_of(desk), "X-CSRF-Token": desk.csrf}
        address = urls.owner.replace("+psycopg", "")
        with (
            serving(*_web(urls)) as ours,
            serving(_bare(), {"BARE_DATABASE": address, "PYTHONPATH": str(Path(__file__).parent)}) as bare,
        ):
            ways: dict[str, Callable[[int], float]] = {
                "gridmap": lambda count: _post_each(ours, "/api/v1/reports", _reports(count), headers),
                "by hand": lambda count: _post_each(bare, "/reports", _reports(count), headers),
                "one insert": lambda count: _post_each(bare, "/bare", _reports(count), {}),
            }
            best = _best(ways, REPORTS)
        stored, logged = db.execute(
            text("SELECT (SELECT count(*) FROM report), (SELECT count(*) FROM incident_log)")
        ).one()
        assert 2 * stored == logged == 4 * (REPORTS * ROUNDS + WARM), "both store, open and file each report"
    each = {name: cpu_s / REPORTS * 1000 for name, cpu_s in best.items()}
    yield (
        f"{each['gridmap']:.2f} ms of the web's CPU a report, durable, signed in, validated, placed in {GRIDS} grids,"
        f" once, logged; the same by hand in Flask + psycopg {each['by hand']:.2f} ms:"
        f" {each['gridmap'] / each['by hand']:.2f} x; Flask + psycopg with a single INSERT and nothing else"
        f" {each['one insert']:.2f} ms: {each['gridmap'] / each['one insert']:.1f} x"
    )


def alert_batches() -> Iterator[str]:
    """Take alerts by the hundred: events a CPU second of the web, beside one a request."""
    with database() as (db, urls):
        load_coverage(db, GRIDS)
        _prepare(db)
        key = make_key(db, Doer(None, "system"), _gateway(db), datetime.now(UTC))
        db.commit()
        headers = {"Authorization": f"Bearer {key}"}
        with serving(*_web(urls)) as ours:
            ways: dict[str, Callable[[int], float]] = {
                "singles": lambda count: _post_each(ours, "/api/v1/alerts", _alerts(count), headers),
                "batches": lambda count: _post_each(
                    ours, "/api/v1/alerts", [_alerts(A_BATCH) for _ in range(max(1, count // A_BATCH))], headers
                ),
            }
            single = _best({"singles": ways["singles"]}, SINGLES)["singles"] / SINGLES
            batch = _best({"batches": ways["batches"]}, BATCHES * A_BATCH)["batches"] / (BATCHES * A_BATCH)
        backends = db.scalar(text("SELECT count(*) FROM alert"))
        assert backends, "alerts are stored"
    yield (
        f"{1 / batch:,.0f} alerts a CPU second of the web in batches of {A_BATCH}, {1 / single:,.0f} one by one:"
        f" {single / batch:.1f} x"
    )


def _web(urls: DatabaseUrls) -> tuple[list[str], dict[str, str]]:
    """One web worker for a single sender, who sends more than any person would."""
    command, environment = web(urls)
    return command, environment | {"GRIDMAP_API_PER_MINUTE": "1000000"}


def _best(ways: Mapping[str, Callable[[int], float]], count: int) -> dict[str, float]:
    """The least CPU of each way; taken in turns, so that whatever else the machine does falls on all."""
    for way in ways.values():
        way(WARM)  # warm: connections, the index of the grids, compiled statements
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(ROUNDS):
        for name, way in ways.items():
            best[name] = min(best[name], way(count))
    return best


def _post_each(server: Server, path: str, bodies: list[Any], headers: Mapping[str, str]) -> float:
    """Send each body in a request of its own over one kept connection; CPU seconds of the server."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    said = {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{server.port}", **headers}
    sent = [json.dumps(body) for body in bodies]
    before = server.cpu_s()
    for body in sent:
        connection.request("POST", path, body=body, headers=said)
        answer = connection.getresponse()
        told = answer.read()
        assert answer.status == 201, told
    used = server.cpu_s() - before
    connection.close()
    return used


def _reports(count: int) -> list[dict[str, Any]]:
    return [
        {
            "id": str(uuid.uuid4()),
            "source": "patrol",
            "category": CATEGORY,
            "text": "3 号楼北侧消防通道被占",
            "occurred_at": datetime.now(UTC).isoformat(),
            "place": {"lon": lon, "lat": lat, "accuracy_m": 9.0, "method": "gps"},
        }
        for lon, lat in _points(count)
    ]


def _alerts(count: int) -> list[dict[str, Any]]:
    """Each of another camera, so that each opens what it tells of."""
    rng = np.random.default_rng()
    now = datetime.now(UTC).isoformat()
    return [
        {"id": str(uuid.uuid4()), "device": f"cam-{n}", "class": "fire_lane", "score": 0.9, "at": now}
        for n in rng.permutation(2000)[:count].tolist()
    ]


def _points(count: int) -> list[list[float]]:
    west, south, east, north = shapely.total_bounds(irregular_coverage(GRIDS))
    return np.random.default_rng().uniform([west, south], [east, north], (count, 2)).round(6).tolist()


def _prepare(db: Session) -> None:
    db.execute(text(f"INSERT INTO category (code, name, severity) VALUES ('{CATEGORY}', '消防通道占用', 2)"))
    db.execute(
        text(
            "CREATE TABLE bare_report (id uuid PRIMARY KEY, category text NOT NULL, text text NOT NULL,"
            " occurred_at timestamptz NOT NULL, place geometry(Point, 4326) NOT NULL)"
        )
    )


def _gateway(db: Session) -> int:
    """A gateway that speaks for 2,000 cameras; gives its id."""
    district = str(db.scalar(text("SELECT path::text FROM area WHERE kind = 'district'")))
    gateway = db.scalar(
        text("INSERT INTO device (code, kind, name, path) VALUES ('gw', 'gateway', 'gw', :path) RETURNING id"),
        {"path": district},
    )
    db.execute(
        text(
            "WITH made AS (INSERT INTO device (code, kind, name, path, gateway_id)"
            " SELECT 'cam-' || n, 'camera', 'cam', CAST(:path AS ltree), :gateway FROM generate_series(0, 1999) n"
            " RETURNING id) INSERT INTO device_pose (device_id, valid, place)"
            " SELECT id, tstzrange('2020-01-01', NULL), ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) FROM made"
        ),
        {"path": district, "gateway": gateway, "lon": _points(1)[0][0], "lat": _points(1)[0][1]},
    )
    assert gateway is not None
    return int(gateway)


def _bare() -> list[str]:
    command = ["gunicorn", "bare_flask:make_app()", "-b", "127.0.0.1:{port}", "-k", "gthread", "-w", "1"]
    return [*command, "--threads", "16", "--worker-tmp-dir", "/dev/shm", "--keep-alive", "75"]
