"""`gridmap up`, as a person starts and stops it."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest
import requests

from gridmap.demo.door import Door, Session
from gridmap.postgis import PrivateCluster

LAST_LINE = "Ctrl-C stops everything."
PATIENCE_S = 400


class Running:
    """A `gridmap up` with what it said so far."""

    def __init__(self, data_dir: Path, *words: str) -> None:
        self.port = free_port()
        self.data_dir = data_dir
        self._out, self._err = data_dir.parent / "out", data_dir.parent / "err"
        own = {"GRIDMAP_DATA_DIR": str(data_dir), "GRIDMAP_LANGUAGE": "en", "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "gridmap", "up", *words, "--port", str(self.port)]
        with self._out.open("w") as out, self._err.open("w") as err:
            self.process = subprocess.Popen(command, env={**without_database(), **own}, stdout=out, stderr=err)

    @property
    def out(self) -> str:
        return self._out.read_text()

    @property
    def said(self) -> str:
        return self._err.read_text()

    def wait_for(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said + self.out
            time.sleep(0.1)

    def wait_until_up(self) -> None:
        self.wait_for(lambda: LAST_LINE in self.out)

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(90)


def without_database() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("GRIDMAP_")}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def family(pid: int) -> dict[int, str]:
    """A process and all below it, by number, with the words of each."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return {one: words for one in found if (words := words_of(one)) is not None}


def words_of(pid: int) -> str | None:
    """The command line of a process that runs; None if it ended."""
    try:
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in ("Z", "X"):
            return None
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return None


def child_of(running: Running, command: str) -> int:
    """The process of a child of `up`, by its command."""
    below = family(running.process.pid)
    return min(pid for pid, words in below.items() if f"gridmap {command}" in words)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A directory that the server's own user can enter, as pytest's cannot be."""
    place = Path(tempfile.mkdtemp(prefix="gridmap-up-"))
    place.chmod(0o755)
    yield place / "data"
    if (place / "data").is_dir():
        PrivateCluster(place / "data").stop()
    shutil.rmtree(place)


@pytest.fixture
def start(data_dir) -> Iterator[Callable[..., Running]]:
    """Start `gridmap up`; whatever the test leaves running is killed."""
    started: list[Running] = []

    def begin(*words: str) -> Running:
        started.append(Running(data_dir, *words))
        return started[-1]

    yield begin
    for running in started:
        if running.process.poll() is None:
            for pid in family(running.process.pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            running.process.wait()


def test_one_command_brings_up_the_made_up_district_and_takes_all_down_again(start, data_dir):
    first = start("--demo", "--grids", "60")
    first.wait_until_up()
    assert is_ready(first.port)
    assert f"gridmap is at http://127.0.0.1:{first.port}" in first.out

    accounts = json.loads((data_dir / "demo-accounts.json").read_text())
    for account in accounts:
        assert account["login"] in first.out
        assert account["password"] in first.out
    desk = next(account for account in accounts if account["role"] == "operator")
    session = Session(Door(f"http://127.0.0.1:{first.port}", Event()), desk["login"], desk["password"])
    assert session.get("/api/v1/me").content["person"]["login"] == desk["login"]

    # A web that dies comes back by itself.
    web = child_of(first, "serve")
    os.kill(web, signal.SIGKILL)
    first.wait_for(lambda: "“serve” ended unexpectedly (-9)" in first.said)
    first.wait_for(lambda: is_ready(first.port))
    assert child_of(first, "serve") != web

    # So does a database.
    server = PrivateCluster(data_dir).status().pid
    os.kill(server, signal.SIGKILL)
    first.wait_for(lambda: "The database ended unexpectedly" in first.said)
    first.wait_for(lambda: is_ready(first.port))
    assert PrivateCluster(data_dir).status().pid != server

    everyone = family(first.process.pid)
    for part in ("gridmap work", "gridmap serve", "gridmap simulate", "postgres"):
        assert any(part in words for words in everyone.values()), part
    assert first.stop(signal.SIGTERM) == 0
    assert first.said.endswith("Everything is stopped.\n")
    assert "Traceback" not in first.said
    assert {pid: words for pid in everyone if (words := words_of(pid)) == everyone[pid]} == {}

    second = start("--demo", "--grids", "60")
    second.wait_until_up()
    assert "Making up the district." not in second.said
    assert all(account["password"] in second.out for account in accounts)
    everyone = family(second.process.pid)
    assert second.stop(signal.SIGINT) == 0
    assert {pid: words for pid in everyone if (words := words_of(pid)) == everyone[pid]} == {}


def test_an_empty_installation_says_how_its_first_administrator_is_made(start, data_dir):
    running = start()
    running.wait_until_up()
    code = next(line.strip() for line in running.out.splitlines() if re.fullmatch(r" {4}\w{5}(-\w{5}){3}", line))
    address = f"http://127.0.0.1:{running.port}"
    said = {"code": code, "login": "boss", "name": "钱主任", "password": "three boats under a bridge"}
    begun = requests.post(f"{address}/start", data=said, headers={"Origin": address}, allow_redirects=False, timeout=30)
    assert (begun.status_code, begun.headers["Location"]) == (303, "/account/second-factor")
    assert not (data_dir / "demo-accounts.json").exists()
    assert not any("simulate" in words for words in family(running.process.pid).values())
    assert running.stop(signal.SIGTERM) == 0


def test_ctrl_c_while_the_district_is_loaded_leaves_nothing_running(start):
    running = start("--demo", "--grids", "60")
    running.wait_for(lambda: "Making up the district." in running.said)
    everyone = family(running.process.pid)
    assert running.stop(signal.SIGINT) == 0
    assert running.said.endswith("Everything is stopped.\n")
    assert {pid: words for pid in everyone if (words := words_of(pid)) == everyone[pid]} == {}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4"])
def test_the_demo_is_not_served_to_other_machines(start, host, data_dir):
    running = start("--demo", "--host", host)
    assert running.process.wait(60) == 2
    assert "on this machine alone" in running.said
    assert running.said.count("\n") == 1
    assert not data_dir.exists()


def test_a_taken_port_is_a_sentence_before_anything_is_started(data_dir):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = subprocess.run(
            [sys.executable, "-m", "gridmap", "up", "--demo", "--port", str(port)],
            env={**without_database(), "GRIDMAP_DATA_DIR": str(data_dir), "GRIDMAP_LANGUAGE": "en"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"Port {port} is taken by another program.")
    assert not data_dir.exists()
