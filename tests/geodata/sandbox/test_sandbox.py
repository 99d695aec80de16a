"""The child is shut in: what it may not do fails, what it uses up ends it, and it takes everything with it."""

from __future__ import annotations

import os
import signal
import socket
import struct
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from geodata import sandbox
from geodata.errors import GeodataError, TooMuch, Unreadable
from geodata.sandbox import Allowance, Child

needs_namespaces = pytest.mark.skipif(sandbox.state() != "namespaces", reason="the kernel allows no namespaces here")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Do a task in a child and see that nothing of it is left; what it yields, or the sentence that it ends with."""
    aside = tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(aside))

    def call(task: str, allowance: Allowance | None = None, **arguments: Any) -> list[Any]:
        with Child(f"tests.geodata.sandbox.tasks:{task}", arguments, allowance or Allowance()) as child:
            return list(child.messages())

    yield call
    assert list(aside.iterdir()) == []


def test_what_a_child_yields_arrives(run):
    assert run("say", what={"a": [1, "二"]}) == [{"a": [1, "二"]}]
    assert [batch.num_rows for batch in run("rows", n=7, times=3)] == [7, 7, 7]


def test_a_child_knows_no_secret_and_finds_an_empty_directory(run, monkeypatch):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", "postgresql://secret")
    (found,) = run("surroundings")
    assert found["files"] == []
    assert not [name for name in found["environment"] if name.startswith("GRIDMAP")]
    assert int(found["capabilities"], 16) == 0


@needs_namespaces
def test_a_child_has_no_network(run):
    with socket.create_server(("127.0.0.1", 0)) as server:
        (said,) = run("connect", port=server.getsockname()[1])
    assert said == {"refused": "Network is unreachable"}


@needs_namespaces
def test_a_child_writes_nowhere_but_in_its_directory(run, tmp_path):
    assert run("write", path=str(tmp_path / "a")) == [{"refused": "Read-only file system"}]
    assert run("write", path="a") == [{"written": True}]


def test_a_file_of_a_child_cannot_grow_without_end(run):
    with pytest.raises(GeodataError):
        run("fill", Allowance(file_bytes=2 << 20), megabytes=3)


def test_a_child_opens_only_so_many_files(run):
    (said,) = run("open_many", Allowance(open_files=64))
    assert said["opened"] < 64


@pytest.mark.parametrize(
    ("task", "allowance"),
    [("reckon", Allowance(cpu_s=1)), ("reckon", Allowance(wall_s=1)), ("sleep", Allowance(wall_s=1))],
)
def test_a_child_that_takes_too_long_is_ended(run, task, allowance):
    with pytest.raises(TooMuch, match="takes too long"):
        run(task, allowance)


def test_a_child_that_takes_too_much_memory_says_so(run):
    assert run("take", megabytes=50) == [{"taken": 50 << 20}]
    with pytest.raises(TooMuch, match="more memory"):
        run("take", Allowance(memory_bytes=600 << 20), megabytes=700)


def test_a_child_that_sends_too_much_is_cut_off(run):
    with pytest.raises(TooMuch, match="More comes out"):
        run("rows", Allowance(output_bytes=1_000_000), n=10_000, times=100)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGTERM])
def test_a_crash_is_a_sentence(run, number):
    with pytest.raises(Unreadable, match="reading it broke off"):
        run("die", signal=int(number))


def test_what_a_child_started_ends_with_it(run):
    (said,) = run("leave_a_child_behind")
    state = Path(f"/proc/{said['pid']}/stat")

    def ended() -> bool:
        return not state.exists() or state.read_text().split()[2] in ("Z", "X")

    # Killed is killed, though a busy machine may let it stand for a moment.
    until = time.monotonic() + 10
    while not ended() and time.monotonic() < until:
        time.sleep(0.1)
    assert ended()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no message at all",
        b"J" + struct.pack("<Q", 2**63),
        b"J" + struct.pack("<Q", 5) + b"[1,2]",
        b"J" + struct.pack("<Q", 2) + b"{",
        b"B" + struct.pack("<Q", 8) + b"\xff" * 8,
        b"\x80" + struct.pack("<Q", 8) + b"cos\nexec",
    ],
)
def test_whatever_a_child_babbles_is_a_sentence(run, content):
    with pytest.raises(GeodataError, match=r"broke off|More comes out"):
        run("babble", content=content.hex())


@pytest.mark.parametrize(
    "message",
    [
        {"error": "SystemExit", "msgid": "a", "params": {}},
        {"error": "Unreadable", "msgid": "%(x)s %s", "params": {}},
        {"error": "Unreadable", "msgid": "%(a)1000000000d", "params": {"a": "x"}},
        {"error": "Unreadable", "msgid": 7, "params": {}},
        {"error": "Unreadable"},
    ],
)
def test_an_error_that_is_no_sentence_is_not_believed(run, message):
    with pytest.raises(Unreadable, match="reading it broke off"):
        run("say", what=message)


def test_a_child_is_gone_when_nobody_listens_any_more():
    with Child("tests.geodata.sandbox.tasks:rows", {"n": 10, "times": 100_000}, Allowance()) as child:
        next(child.messages())
        pid = child.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
