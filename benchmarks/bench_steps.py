"""Steps of incidents over HTTP: the web's CPU of one beside a report's, many hands on the same, and a long queue."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import shapely
from coverages import irregular_coverage
from serving import Client, Server, cookie_of, database, load_coverage, open_desk, serving, web
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.postgis import DatabaseUrls

GRIDS = 767
STEPS, ROUNDS, WARM = 300, 4, 60
OPEN, ASKED = 10_000, 200
OPERATORS, RACED = 20, 200


def steps() -> Iterator[str]:
    """Take one step with log, clocks, audit and notice; 20 operators on the same 200; list 10,000 open ones."""
    with database() as (db, urls):
        district = load_coverage(db, GRIDS)
        db.execute(text("INSERT INTO category (code, name, severity) VALUES ('0301', '消防通道占用', 2)"))
        desk = open_desk(db, district, "bench")
        db.execute(
            text("INSERT INTO department (code, area_id, name, names) VALUES ('urban', :area, '城管局', '{}')"),
            {"area": district},
        )
        db.commit()
        headers = {"Cookie": cookie_of(desk), "X-CSRF-Token": desk.csrf}
        people = [open_desk(db, district, f"desk{n:02d}") for n in range(OPERATORS)]
        db.commit()
        with serving(*_web(urls)) as ours:
            yield from _cpu(ours, headers)
            yield _race(ours, headers, [{"Cookie": cookie_of(each), "X-CSRF-Token": each.csrf} for each in people])
            _fill(db, ours, headers)
            yield from _queue(ours, headers)


def _web(urls: DatabaseUrls) -> tuple[list[str], dict[str, str]]:
    command, environment = web(urls)
    return command, environment | {"GRIDMAP_API_PER_MINUTE": "1000000"}


def _cpu(ours: Server, headers: Mapping[str, str]) -> Iterator[str]:
    """The least CPU of several rounds, reports and steps in turns."""
    best = {"report": float("inf"), "step": float("inf"), "note": float("inf")}
    for turn in range(ROUNDS):
        count = WARM if turn == 0 else STEPS
        used, told = _post(ours, [("/api/v1/reports", body) for body in _reports(count)], headers)
        wanted = {"with": {"department": "urban"}}
        dispatch = [(_door(each), _step("dispatch", **wanted)) for each in told]
        note = [(_door(each), _step("note", note="已电话核实")) for each in told]
        took = {"report": used, "step": _post(ours, dispatch, headers)[0], "note": _post(ours, note, headers)[0]}
        for name, cpu_s in took.items():
            best[name] = min(best[name], cpu_s / count * 1000) if turn else best[name]
    yield (
        f"{best['step']:.2f} ms of the web's CPU a dispatch with log, clocks, audit, live event and notice,"
        f" {best['note']:.2f} ms a note; storing a report {best['report']:.2f} ms:"
        f" {best['step'] / best['report']:.2f} x and {best['note'] / best['report']:.2f} x"
    )


def _race(ours: Server, headers: Mapping[str, str], people: list[dict[str, str]]) -> str:
    """Let everybody take the same step of the same incidents at once, each in an order of their own."""
    _, told = _post(ours, [("/api/v1/reports", body) for body in _reports(RACED)], headers)
    seen = {each["incident"]["id"]: json.loads(_seen(ours, headers, each))["seq"] for each in told}
    taken: list[str] = []
    slower: list[str] = []
    odd: list[tuple[int, bytes]] = []
    start = threading.Barrier(len(people))

    def work(said: Mapping[str, str], order: list[dict[str, Any]]) -> None:
        start.wait()
        for each in order:
            key = each["incident"]["id"]
            body = _step("dispatch", seq=seen[key], **{"with": {"department": "urban"}})
            status, answer = _send(ours, _door(each), body, said)
            if status == 200:
                taken.append(key)
            elif status == 409:
                slower.append(json.loads(answer)["detail"])
            else:
                odd.append((status, answer))

    threads = [
        threading.Thread(target=work, args=(said, random.Random(n).sample(told, len(told))))
        for n, said in enumerate(people)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    assert not odd, odd[0]
    assert sorted(taken) == sorted(seen), "a step was taken twice, or not at all"
    assert all("desk" in sentence for sentence in slower), slower[0]
    return (
        f"{len(people)} operators on the same {len(seen)} incidents: {len(taken)} steps taken, each once;"
        f" {len(slower):,} told who was first, such as {slower[0]!r}; {took:.0f} s,"
        f" {len(people) * len(seen) / took:.0f} answers a second"
    )


def _seen(ours: Server, headers: Mapping[str, str], report: Mapping[str, Any]) -> bytes:
    return Client(ours, headers).get(f"/api/v1/incidents/{report['incident']['id']}")[1]


def _send(ours: Server, path: str, body: Any, headers: Mapping[str, str]) -> tuple[int, bytes]:
    connection, said = _line(ours, headers)
    connection.request("POST", path, body=json.dumps(body), headers=said)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def _queue(ours: Server, headers: Mapping[str, str]) -> Iterator[str]:
    client = Client(ours, headers)
    took: list[float] = []
    path: str | None = "/api/v1/incidents?state=open&limit=50"
    for _ in range(ASKED):
        began = time.perf_counter()
        status, body, _ = client.get(path or "/api/v1/incidents?state=open&limit=50")
        took.append((time.perf_counter() - began) * 1000)
        page = json.loads(body)
        assert status == 200, page
        path = page["next"]
    first, last = took[: ASKED // 10], took[-ASKED // 10 :]
    yield (
        f"queue of {page['total']:,} open: p95 {np.percentile(took, 95):.0f} ms a page of 50, median of the first"
        f" pages {np.median(first):.0f} ms, of the last {np.median(last):.0f} ms"
    )


def _post(server: Server, asked: list[tuple[str, Any]], headers: Mapping[str, str]) -> tuple[float, list[Any]]:
    connection, said = _line(server, headers)
    sent = [(path, json.dumps(body)) for path, body in asked]
    answers = []
    before = server.cpu_s()
    for path, body in sent:
        connection.request("POST", path, body=body, headers=said)
        answer = connection.getresponse()
        answers.append(answer.read())
        assert answer.status in (200, 201), answers[-1]
    used = server.cpu_s() - before
    connection.close()
    return used, [json.loads(answer) for answer in answers]


def _line(server: Server, headers: Mapping[str, str]) -> tuple[http.client.HTTPConnection, dict[str, str]]:
    said = {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{server.port}", **headers}
    return http.client.HTTPConnection("127.0.0.1", server.port, timeout=60), said


def _door(report: Mapping[str, Any]) -> str:
    return f"/api/v1/incidents/{report['incident']['id']}/steps"


def _step(name: str, **said: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "step": name, **said}


def _reports(count: int) -> list[dict[str, Any]]:
    west, south, east, north = shapely.total_bounds(irregular_coverage(GRIDS))
    points = np.random.default_rng().uniform([west, south], [east, north], (count, 2)).round(6).tolist()
    return [
        {
            "id": str(uuid.uuid4()),
            "source": "patrol",
            "category": "0301",
            "text": "3 号楼北侧消防通道被占",
            "occurred_at": datetime.now(UTC).isoformat(),
            "place": {"lon": lon, "lat": lat, "accuracy_m": 9.0, "method": "gps"},
        }
        for lon, lat in points
    ]


def _fill(db: Session, ours: Server, headers: Mapping[str, str]) -> None:
    """Report until as many stand open, a hundred at a time."""
    known = db.scalar(text("SELECT count(*) FROM incident WHERE closed_at IS NULL")) or 0
    batches = [{"reports": _reports(100)} for _ in range(max(0, (OPEN - known) // 100))]
    _post(ours, [("/api/v1/reports", batch) for batch in batches], headers)
