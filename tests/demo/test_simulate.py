"""The simulator against a real server over the small made-up district."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from gridmap.demo import SIMULATOR_FILE
from gridmap.demo.accounts import ensure_accounts
from gridmap.demo.door import Door
from gridmap.demo.simulate import Simulator
from tests.demo.conftest import owner_of


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data_dir: Path, database_url: str) -> dict[str, str]:
    own = {"GRIDMAP_DATA_DIR": str(data_dir), "GRIDMAP_DATABASE_URL": database_url, "GRIDMAP_DEMO": "1"}
    return {**os.environ, **own, "GRIDMAP_LANGUAGE": "en"}


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@pytest.fixture(scope="module")
def played_engine(played_urls) -> Iterator[Engine]:
    engine = owner_of(played_urls)
    yield engine
    engine.dispose()


@pytest.fixture
def loaded(played_engine) -> Iterator[Session]:
    """A look into the district that is played in."""
    with Session(played_engine) as session:
        yield session


@pytest.fixture(scope="module")
def data_dir(played_engine, tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("demo")
    ensure_accounts(played_engine, place)
    return place


@pytest.fixture(scope="module")
def server(played_urls, data_dir) -> Iterator[str]:
    """`gridmap serve` on this machine alone."""
    port = free_port()
    command = [sys.executable, "-m", "gridmap", "serve", "--port", str(port)]
    with (
        (data_dir / "serve.log").open("w") as log,
        subprocess.Popen(command, env=environment(data_dir, played_urls.app), stdout=log, stderr=log) as web,
    ):
        deadline = time.monotonic() + 90
        while not answers(port):
            assert web.poll() is None, (data_dir / "serve.log").read_text()
            assert time.monotonic() < deadline, (data_dir / "serve.log").read_text()
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        web.terminate()


@pytest.fixture(scope="module")
def known(data_dir) -> dict:
    return json.loads((data_dir / SIMULATOR_FILE).read_text())


@pytest.fixture
def simulator(server, known) -> Simulator:
    return Simulator(Door(server, Event()), known, random.Random(5), pytest.fail, keep_open=0)


def grid_of(loaded, incident_id: str):
    """The grid an incident was placed in, and whether the point lies in it."""
    return loaded.execute(
        text(
            "SELECT v.grid_id, v.code, ST_Covers(v.shape, i.place) AS covers, i.source, i.state, i.placed"
            " FROM incident i LEFT JOIN grid_version v ON v.id = i.grid_version_id WHERE i.id = :id"
        ),
        {"id": incident_id},
    ).one()


def test_a_worker_reports_from_a_grid_of_their_own(simulator, loaded, known):
    worker = simulator._workers[0]
    answer = simulator.patrol(worker)
    assert answer.status == 201
    placed = grid_of(loaded, answer.content["incident"]["id"])
    assert placed.covers
    assert (placed.source, placed.state) == ("patrol", "filed")
    own = loaded.scalars(
        text("SELECT a.grid_id FROM assignment a JOIN person p ON p.id = a.person_id WHERE p.login = :login"),
        {"login": worker.login},
    ).all()
    assert placed.grid_id in own


def test_what_the_desk_is_told_lies_in_the_grid_that_holds_it(simulator, loaded):
    answer = simulator.tell()
    assert answer.status == 201
    placed = grid_of(loaded, answer.content["incident"]["id"])
    assert placed.state == "reported"
    assert placed.covers or placed.placed == "unplaced"


def test_devices_are_heard(simulator, loaded):
    for _ in range(8):
        answer = simulator.alert()
        assert answer.taken, answer
        assert grid_of(loaded, answer.content["incident"]["id"]).placed in ("inside", "edge", "outside")


def test_incidents_are_worked_off_step_by_step_until_as_many_stand_open_as_the_desk_allows(simulator, loaded):
    simulator.tell()
    count = text("SELECT count(*) FROM incident WHERE closed_at IS NULL")
    before = loaded.scalar(count)
    loaded.rollback()
    closed = sum(simulator.tend() for _ in range(7))
    assert closed > 0
    assert loaded.scalar(text("SELECT count(*) FROM incident WHERE state = 'reported'")) == 0
    assert loaded.scalar(count) == before - closed
    by = loaded.scalars(text("SELECT DISTINCT role FROM incident_log WHERE recorded_at > now() - interval '1 hour'"))
    assert {"operator", "department"} <= set(by)


def test_the_desk_closes_nothing_while_few_stand_open(server, known):
    quiet = Simulator(Door(server, Event()), known, random.Random(5), pytest.fail, keep_open=100_000)
    assert quiet.tend() == 0


def test_the_command_plays_until_it_is_told_to_end(server, loaded, played_urls, data_dir):
    before = loaded.scalar(text("SELECT count(*) FROM incident_source"))
    loaded.rollback()
    command = [sys.executable, "-m", "gridmap", "simulate", "--url", server, "--rate", "600"]
    with subprocess.Popen(
        command, env=environment(data_dir, played_urls.app), stderr=subprocess.PIPE, text=True
    ) as player:
        deadline = time.monotonic() + 60
        while loaded.scalar(text("SELECT count(*) FROM incident_source")) < before + 5:
            loaded.rollback()
            assert player.poll() is None, player.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        player.send_signal(signal.SIGTERM)
        assert player.wait(30) == 0
        said = player.stderr.read()
    assert said == "Simulating at 600 reports and alerts a minute; Ctrl-C ends it.\n"


def test_a_directory_without_a_made_up_district_is_a_sentence(tmp_path, loaded_urls):
    ran = subprocess.run(
        [sys.executable, "-m", "gridmap", "simulate"],
        env=environment(tmp_path, loaded_urls.app),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == f"{tmp_path} holds no made-up district. `gridmap up --demo` makes one.\n"
