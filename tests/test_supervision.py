"""The children of `gridmap up`: kept running, stopped in order, never orphaned."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gridmap.supervision import Child, Supervisor, interrupted_by_signals

# Writes its name when it starts and when it is asked to end.
_CHILD = """
import pathlib, signal, sys, time
diary = pathlib.Path(sys.argv[1])
def note(word):
    with diary.open("a") as file: file.write(f"{sys.argv[2]} {word}\\n")
def end(*_):
    note("ends"); sys.exit(0)
signal.signal(signal.SIGTERM, end)
note("starts")
time.sleep(600)
"""


@pytest.fixture
def diary(tmp_path) -> Path:
    return tmp_path / "diary"


@pytest.fixture
def child(tmp_path, diary) -> Callable[[str], Child]:
    def make(name: str) -> Child:
        return Child(name, [sys.executable, "-c", _CHILD, str(diary), name], tmp_path / f"{name}.log")

    return make


def until(holds: Callable[[], bool], supervisor: Supervisor | None = None) -> None:
    """Wait for something to come true; a minute means never."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        if supervisor is not None:
            supervisor.look_after()
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except FileNotFoundError:
        return False


def written(diary: Path) -> list[str]:
    return diary.read_text().splitlines() if diary.exists() else []


def test_children_end_in_the_reverse_order(child, diary):
    with Supervisor({}, lambda *_, **__: None) as children:
        for name in ("worker", "web", "simulator"):
            children.start(child(name))
        until(lambda: len(written(diary)) == 3)
    assert written(diary)[3:] == ["simulator ends", "web ends", "worker ends"]


def test_a_child_that_dies_is_started_again_and_that_is_said(child, diary):
    said: list[str] = []
    with Supervisor({}, lambda sentence, **values: said.append(sentence % values)) as children:
        web = child("web")
        children.start(web)
        until(lambda: written(diary) == ["web starts"])
        assert web.process is not None
        first = web.process.pid
        os.kill(first, signal.SIGKILL)
        until(lambda: written(diary) == ["web starts"] * 2, children)
        assert web.process.pid != first
    assert len(said) == 1
    assert "“web” ended unexpectedly (-9)" in said[0]


def test_a_child_that_keeps_dying_is_given_longer_pauses(tmp_path):
    broken = Child("broken", [sys.executable, "-c", "raise SystemExit(4)"], tmp_path / "broken.log")
    pauses = []
    with Supervisor({}, lambda *_, **__: pauses.append(broken.pause_s)) as children:
        children.start(broken)
        until(lambda: len(pauses) == 3, children)
    assert pauses == [0.5, 1.0, 2.0]


def test_a_child_that_does_not_end_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr("gridmap.supervision._PATIENCE_S", 0.2)
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    stubborn = Child("stubborn", [sys.executable, "-c", deaf], tmp_path / "stubborn.log")
    with Supervisor({}, lambda *_, **__: None) as children:
        children.start(stubborn)
        until(lambda: "deaf" in stubborn.log.read_text())
    assert stubborn.process is not None
    assert not is_alive(stubborn.process.pid)


def test_what_a_child_left_behind_ends_with_it(tmp_path):
    parent = (
        "import subprocess, time; p = subprocess.Popen(['sleep', '600']); print(p.pid, flush=True); time.sleep(600)"
    )
    family = Child("family", [sys.executable, "-c", parent], tmp_path / "family.log")
    with Supervisor({}, lambda *_, **__: None) as children:
        children.start(family)
        until(lambda: family.log.read_text().endswith("\n"))
    until(lambda: not is_alive(int(family.log.read_text())))


def test_children_do_not_outlive_a_parent_that_is_killed(tmp_path, diary):
    program = (
        "import sys, time; from pathlib import Path; from gridmap.supervision import Child, Supervisor\n"
        "with Supervisor({}, print) as children:\n"
        "    one = Child('one', [sys.executable, '-c', sys.argv[1], sys.argv[2], 'one'], Path(sys.argv[3]))\n"
        "    children.start(one); print(one.process.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, _CHILD, str(diary), str(tmp_path / "one.log")],
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        until(lambda: written(diary) == ["one starts"])
        parent.kill()
    until(lambda: not is_alive(pid))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_unwinds_the_block_and_a_second_one_does_not_disturb(number):
    steps = []
    with pytest.raises(KeyboardInterrupt), interrupted_by_signals():  # noqa: PT012 - the block is what is tested
        try:
            os.kill(os.getpid(), number)
            time.sleep(5)
            steps.append("not unwound")
        finally:
            os.kill(os.getpid(), number)
            steps.append("tidied up")
    assert steps == ["tidied up"]


def test_a_child_that_is_held_begins_when_it_is_let_go_and_at_once_when_started_again(tmp_path):
    begun = tmp_path / "begun"
    waits = f"import sys, time; sys.stdin.buffer.read(); open({str(begun)!r}, 'a').write('x'); time.sleep(600)"
    child = Child("held", [sys.executable, "-c", waits], tmp_path / "held.log")
    with Supervisor({}, lambda *_, **__: None) as supervisor:
        supervisor.start(child, held=True)
        time.sleep(1)
        assert not begun.exists()
        supervisor.let_go(child)
        until(lambda: begun.exists() and begun.read_text() == "x")
        child.process.kill()
        until(lambda: begun.read_text() == "xx", supervisor)
