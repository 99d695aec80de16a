"""The web as it really runs, over a database of its own, with the CPU time of every process that works for it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psycopg
import shapely
from coverages import irregular_coverage
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from throwaway import throwaway_cluster

from geodata.crs import snap_to_lattice, to_plane
from gridmap.database import make_engine, upgrade
from gridmap.grids.actions import import_areas
from gridmap.grids.afar import draw_afar
from gridmap.grids.drafts import AreaDraft, GridDraft
from gridmap.grids.publishing import publish_coverage
from gridmap.people.sessions import Opened, Visit, open_session
from gridmap.postgis import DatabaseUrls

SRID = 4547
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
GRIDS_A_COMMUNITY, COMMUNITIES_A_TOWNSHIP = 20, 10
_TICKS = os.sysconf("SC_CLK_TCK")


def load_coverage(db: Session, count: int) -> int:
    """Publish `count` irregular grids in communities and townships; returns the district's id."""
    planes = shapely.transform(irregular_coverage(count), _to_lattice)
    community = np.arange(count) // GRIDS_A_COMMUNITY
    areas = [AreaDraft("990106", None, "district", "淇水区")]
    townships = range(community[-1] // COMMUNITIES_A_TOWNSHIP + 1)
    areas += [AreaDraft(f"990106{number:04d}", "990106", "township", f"{number} 街道") for number in townships]
    for number in range(community[-1] + 1):
        parent = f"990106{number // COMMUNITIES_A_TOWNSHIP:04d}"
        areas.append(AreaDraft(f"{parent}{number:05d}", parent, "community", f"{number} 社区"))
    codes = [f"{areas[-int(community[-1]) - 1 + number].code}{at:06d}" for at, number in enumerate(community)]
    district = import_areas(db, areas, srid=SRID, time_zone="Asia/Shanghai", code_scheme="local", valid_from=SINCE)
    drafts = [
        GridDraft(code, f"清河 {at % 20:02d}", "urban", code[:-6], 400, plane, {"en": f"Qinghe {at % 20:02d}"})
        for at, (code, plane) in enumerate(zip(codes, planes, strict=True))
    ]
    publish_coverage(db, district, drafts, base_edition=0, effective_at=SINCE)
    draw_afar(db)
    return district


def _to_lattice(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    return snap_to_lattice(np.column_stack(to_plane(lonlat[:, 0], lonlat[:, 1], SRID)))


def sign_in(db: Session, district: int, login: str = "bench") -> str:
    """Open a session for an operator of the whole district; returns the value of its cookie header."""
    return cookie_of(open_desk(db, district, login))


def open_desk(db: Session, district: int, login: str) -> Opened:
    """Open a session for an operator of the whole district."""
    person = db.scalar(text("INSERT INTO person (login, name) VALUES (:login, :login) RETURNING id"), {"login": login})
    db.execute(
        text(
            "INSERT INTO assignment (person_id, role, area_id, path, valid)"
            " VALUES (:person, 'operator', :district, :path, tstzrange('2020-01-01', NULL))"
        ),
        {"person": person, "district": district, "path": str(district)},
    )
    return open_session(db, person, Visit("127.0.0.1", "bench"), datetime.now(UTC))


def cookie_of(opened: Opened) -> str:
    """What a browser would send of a session."""
    return f"__Host-gridmap={opened.token}"


@contextmanager
def database() -> Iterator[tuple[Session, DatabaseUrls]]:
    """A database with its schema, gone afterwards: a session of its owner, and its addresses."""
    with throwaway_cluster() as cluster:
        urls = DatabaseUrls(cluster.url("app"), cluster.url("owner"))
        upgrade(urls.owner)
        engine = make_engine(urls.owner, statement_timeout_s=None, idle_timeout_s=None)
        with Session(engine) as db:
            yield db, urls
        engine.dispose()


@dataclass(frozen=True)
class Server:
    """A process that serves on a port of this machine."""

    port: int
    pid: int

    def cpu_s(self) -> float:
        """CPU seconds that it and its children have used."""
        pids = [self.pid, *map(int, Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split())]
        return sum(process_cpu_s(pid) for pid in pids)


def process_cpu_s(pid: int) -> float:
    """CPU seconds of one process; 0 if it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def backends_cpu_s(owner_url: str) -> float:
    """CPU seconds of the database's processes that serve connections now."""
    address = make_url(owner_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
    return sum(process_cpu_s(pid) for (pid,) in rows)


@contextmanager
def serving(command: list[str], environment: Mapping[str, str]) -> Iterator[Server]:
    """Run a server until the block ends; ``{port}`` in `command` becomes a free port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", *(part.replace("{port}", str(port)) for part in command)],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait for an answer, whatever it is: the port is open before anyone serves."""
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        try:
            Client(Server(port, process.pid), {}).get("/")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{process.args!r} does not serve")


def web(urls: DatabaseUrls, *, threads: int = 16, streams: int = 128) -> tuple[list[str], dict[str, str]]:
    """Command and environment of one web worker, as `gridmap serve` starts it."""
    command = ["gunicorn", "webapp.wsgi:make_application()", "-b", "127.0.0.1:{port}", "-k", "gthread", "-w", "1"]
    command += ["--threads", str(threads), "--worker-tmp-dir", "/dev/shm", "--keep-alive", "75"]
    command += ["--graceful-timeout", "2"]
    environment = {"GRIDMAP_DATABASE_URL": urls.app, "GRIDMAP_STREAMS": str(streams), "GRIDMAP_LOG_FORMAT": "json"}
    return command, environment


class Client:
    """One connection that is kept open."""

    def __init__(self, server: Server, headers: Mapping[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self._headers = dict(headers)

    def get(self, path: str, **headers: str) -> tuple[int, bytes, http.client.HTTPMessage]:
        """Ask once; gives status, body and headers."""
        self._connection.request("GET", path, headers=self._headers | headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read(), answer.headers
