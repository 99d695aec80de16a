"""Row 10: from the commit of an event to a hundred screens of one web worker, quiet and under a storm of alerts."""

from __future__ import annotations

import http.client
import json
import multiprocessing
import random
import re
import selectors
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from threading import Thread

import numpy as np
from serving import Server, cookie_of, database, load_coverage, open_desk, serving, sign_in, web
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.people.sessions import Opened
from gridmap.sensing.keys import make_key
from gridmap.system.audit import Doer
from gridmap.system.live import Change, announce

SCREENS = 100
A_PERSON = 5
PROBES = 60
DEVICES = 40
_LINES = 8
_PATIENCE_S = 15.0
_INCIDENT = re.compile(rb'"kind":"incident","id":"([0-9a-f-]{36})"')


def live(probes: int = PROBES) -> Iterator[str]:
    """Show events on 100 screens of one web worker over loopback; the reach is 1 s at p99, 2 s under a storm."""
    with database() as (db, urls):
        district = load_coverage(db, 767)
        cookies = [sign_in(db, district, f"desk-{n}") for n in range(SCREENS // A_PERSON)]
        keys = _devices(db)
        reporter = open_desk(db, district, "reporter")
        db.commit()
        command, environment = web(urls, threads=SCREENS + 32)
        with serving(command, environment) as server, _screens(server, cookies) as screens:
            yield f"quiet: {_sentence(_probe(db, screens, probes))}"
            yield f"reports over HTTP, from their 2xx: {_sentence(_tell(server.port, reporter, screens, probes))}"
            with _storm(server.port, keys) as sent:
                waits = _probe(db, screens, probes)
            yield f"under {sent.value / sent.seconds:.0f} alerts a second: {_sentence(waits)}"


def _sentence(waits: np.ndarray) -> str:
    p50, p99 = np.percentile(waits, [50, 99])
    return f"{waits.size:,} arrivals on {SCREENS} screens, p50 {p50:.3f} s, p99 {p99:.3f} s, last {waits.max():.3f} s"


class Screens:
    """A hundred open streams, read by one thread."""

    def __init__(self, sockets: Sequence[socket.socket]) -> None:
        self._selector = selectors.DefaultSelector()
        self._tails = dict.fromkeys(sockets, b"")
        for line in sockets:
            line.setblocking(False)
            self._selector.register(line, selectors.EVENT_READ)

    def wait_for(self, word: bytes, since: float) -> list[float]:
        """Seconds from `since` until each screen was told of `word`."""
        waiting, waits = set(self._tails), []
        while waiting:
            ready = self._selector.select(timeout=1.0)
            if time.perf_counter() - since > _PATIENCE_S:
                raise RuntimeError(f"{len(waiting)} screens were told nothing in {_PATIENCE_S:.0f} s")
            for key, _ in ready:
                line = key.fileobj
                assert isinstance(line, socket.socket)
                seen = self._tails[line] + line.recv(1 << 20)
                self._tails[line] = seen[-64:]
                if line in waiting and word in seen:
                    waiting.discard(line)
                    waits.append(time.perf_counter() - since)
        return waits

    def watch(self, over: threading.Event) -> dict[str, dict[socket.socket, float]]:
        """When each screen was first told of each incident, by its id, until `over`."""
        told: dict[str, dict[socket.socket, float]] = {}
        while not over.is_set():
            for key, _ in self._selector.select(timeout=0.1):
                line = key.fileobj
                assert isinstance(line, socket.socket)
                seen = self._tails[line] + line.recv(1 << 20)
                whole, _, self._tails[line] = seen.rpartition(b"\n\n")
                for found in _INCIDENT.findall(whole):
                    told.setdefault(found.decode(), {}).setdefault(line, time.perf_counter())
        return told


@contextmanager
def _screens(server: Server, cookies: Sequence[str]) -> Iterator[Screens]:
    lines = []
    for cookie in cookies:
        for _ in range(A_PERSON):
            line = socket.create_connection(("127.0.0.1", server.port), timeout=10)
            request = f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\nCookie: {cookie}"
            line.sendall(f"{request}\r\n\r\n".encode())
            head = line.recv(4096)
            assert head.startswith(b"HTTP/1.1 200"), head
            lines.append(line)
    yield Screens(lines)
    for line in lines:
        line.close()


def _probe(db: Session, screens: Screens, count: int) -> np.ndarray:
    """Commit one incident after the other at random moments; waits in seconds, one for each and each screen."""
    rng = random.Random(1)
    waits: list[float] = []
    for _ in range(count):
        time.sleep(rng.uniform(0, 0.4))
        key = uuid.uuid4()
        path = db.scalar(
            text(
                "INSERT INTO incident (id, number, severity, state, source, place, placed, certainty, grid_version_id,"
                " duty_grid_id, path, occurred_at, seq, log_hash) SELECT :id, :number, 3, 'filed', 'patrol',"
                " ST_Transform(label, 4326), 'inside', 'sure', id, grid_id, path, now(), 1, ''"
                " FROM grid_version LIMIT 1 RETURNING path::text"
            ),
            {"id": key, "number": f"P-{key}"},
        )
        announce(db, [Change("incident", str(key), 1, path)])
        db.commit()
        waits += screens.wait_for(str(key).encode(), time.perf_counter())
    return np.array(waits)


def _tell(port: int, reporter: Opened, screens: Screens, count: int) -> np.ndarray:
    """Report one thing after the other; waits in seconds from the 2xx, 0 where a screen was told before."""
    rng = random.Random(2)
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Cookie": cookie_of(reporter), "X-CSRF-Token": reporter.csrf, "Origin": f"http://127.0.0.1:{port}"}
    done: dict[str, float] = {}
    over = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(screens.watch, over)
        for _ in range(count):
            place = {"lon": 114.2 + rng.uniform(-0.01, 0.01), "lat": 35.72 + rng.uniform(-0.01, 0.01), "accuracy_m": 5}
            body = {"id": str(uuid.uuid4()), "source": "patrol", "text": "bench", "place": place}
            line.request("POST", "/api/v1/reports", json.dumps(body), headers | {"Content-Type": "application/json"})
            answer = line.getresponse()
            content = json.loads(answer.read())
            assert answer.status == 201, content
            done[content["incident"]["id"]] = time.perf_counter()
            time.sleep(rng.uniform(0, 0.4))
        time.sleep(3)
        over.set()
    arrivals = told.result()
    missed = [key for key in done if len(arrivals.get(key, {})) < SCREENS]
    assert not missed, f"{len(missed)} incidents did not reach every screen"
    return np.array([max(0.0, at - done[key]) for key in done for at in arrivals[key].values()])


def _devices(db: Session) -> list[tuple[str, str]]:
    """Cameras in as many grids, with a key each."""
    found = []
    for n in range(DEVICES):
        device = db.scalar(
            text(
                "WITH made AS (INSERT INTO device (code, kind, name, grid_id, path) SELECT 'cam-' || :n, 'camera',"
                "  'cam-' || :n, grid_id, path FROM grid_version ORDER BY id OFFSET :n LIMIT 1 RETURNING id, grid_id)"
                " INSERT INTO device_pose (device_id, valid, place) SELECT made.id, tstzrange('2020-01-01', NULL),"
                "  ST_Transform(v.label, 4326) FROM made JOIN grid_version v USING (grid_id) RETURNING device_id"
            ),
            {"n": n},
        )
        found.append((f"cam-{n}", make_key(db, Doer(None, "system"), device, datetime.now(UTC))))
    return found


class Sent:
    """How many alerts a storm has sent, and for how long it blew."""

    def __init__(self) -> None:
        self.count = multiprocessing.Value("i", 0)
        self.begun_at = time.monotonic()
        self.seconds = 1.0

    @property
    def value(self) -> int:
        """Alerts that were acknowledged."""
        return int(self.count.value)


@contextmanager
def _storm(port: int, keys: Sequence[tuple[str, str]]) -> Iterator[Sent]:
    """Have every device speak once a second, each time of another matter, from a process of its own."""
    sent, over = Sent(), multiprocessing.Event()
    process = multiprocessing.get_context("fork").Process(target=_blow, args=(port, keys, sent.count, over))
    process.start()
    try:
        yield sent
    finally:
        over.set()
        process.join()
        sent.seconds = time.monotonic() - sent.begun_at


def _blow(port: int, keys: Sequence[tuple[str, str]], count: Synchronized[int], over: Event) -> None:
    """Share the devices among a few connections."""
    threads = [Thread(target=_speak, args=(port, keys[n::_LINES], count, over)) for n in range(_LINES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _speak(port: int, keys: Sequence[tuple[str, str]], count: Synchronized[int], over: Event) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    turn = 0
    while not over.is_set():
        until, turn = time.monotonic() + 1, turn + 1
        for code, key in keys:
            at = datetime.now(UTC).isoformat()
            alert = {"id": str(uuid.uuid4()), "device": code, "class": f"matter-{turn}", "at": at}
            headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
            line.request("POST", "/api/v1/alerts", json.dumps(alert), headers)
            answer = line.getresponse()
            answer.read()
            if answer.status == 201:
                with count.get_lock():
                    count.value += 1
        over.wait(max(0.0, until - time.monotonic()))
