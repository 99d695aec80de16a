"""The child processes of `gridmap up`: started in order, started again when they die, stopped in reverse order."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from gridmap.language import N_

Say = Callable[..., None]

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 15.0
_STEADY_AFTER_S = 30.0
_PATIENCE_S = 12.0
_LOG_BYTES = 10_000_000
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """
    One process and what it takes to start it again.

    Attributes
    ----------
    name
        What the sentences call it.
    command
        Program and arguments.
    log
        File that takes what it writes.
    """

    name: str
    command: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    again_at: float | None = None
    pause_s: float = field(default=_FIRST_PAUSE_S)


class Supervisor:
    """
    Keeps children running; as a context manager it leaves none behind.

    Parameters
    ----------
    environment
        What the children get in addition to our own environment; None as a value takes a variable away.
    say
        Told in a sentence when a child died.
    """

    def __init__(self, environment: Mapping[str, str | None], say: Say) -> None:
        merged = {**os.environ, **environment}
        self._environment = {name: value for name, value in merged.items() if value is not None}
        self._say = say
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in reversed(self._children):
            _end(child)

    def start(self, child: Child, *, held: bool = False) -> None:
        """
        Start a child and keep it running from now on.

        Parameters
        ----------
        held
            Its standard input stays open until `let_go`; until then the child prepares itself and waits.
        """
        child.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if child.log.exists() and child.log.stat().st_size > _LOG_BYTES:
            child.log.replace(child.log.with_suffix(".log.1"))
        self._children.append(child)
        self._launch(child, subprocess.PIPE if held else subprocess.DEVNULL)

    def let_go(self, child: Child) -> None:
        """Let a child that was started held begin its work."""
        if child.process is not None and child.process.stdin is not None:
            child.process.stdin.close()

    def look_after(self) -> None:
        """Take notice of children that died, and start those again whose pause is over; called a few times a second."""
        now = time.monotonic()
        for child in self._children:
            assert child.process is not None
            if child.again_at is None and child.process.poll() is not None:
                self._note_death(child, now)
            if child.again_at is not None and now >= child.again_at:
                self._launch(child)

    def _note_death(self, child: Child, now: float) -> None:
        assert child.process is not None
        _kill_group(child.process.pid)  # what it left would still hold its port
        if now - child.started_at > _STEADY_AFTER_S:
            child.pause_s = _FIRST_PAUSE_S
        child.again_at = now + child.pause_s
        self._say(
            N_("The process “%(name)s” ended unexpectedly (%(code)s) and is started again. Its log: %(log)s"),
            name=child.name,
            code=child.process.returncode,
            log=str(child.log),
        )
        child.pause_s = min(child.pause_s * 2, _LONGEST_PAUSE_S)

    def _launch(self, child: Child, standard_input: int = subprocess.DEVNULL) -> None:
        with child.log.open("ab") as log:
            child.process = subprocess.Popen(  # noqa: S603 - programs of our own
                child.command,
                env=self._environment,
                stdin=standard_input,
                stdout=log,
                stderr=log,
                # A Ctrl-C at the terminal is ours to pass on, in order.
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        child.started_at = time.monotonic()
        child.again_at = None


@contextlib.contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """Let SIGTERM and a closed terminal unwind the block as Ctrl-C does; what comes after the first is not heard."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        for one in _STOPS:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {one: signal.signal(one, interrupt) for one in _STOPS}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _die_with_parent() -> None:
    """Ask the kernel to end this child when we are killed and cannot do it ourselves."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _end(child: Child) -> None:
    """Ask a child to end, wait, then leave nothing of its group."""
    if child.process is None:
        return
    with contextlib.suppress(ProcessLookupError):
        child.process.terminate()
    try:
        child.process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        child.process.kill()
        child.process.wait()
    _kill_group(child.process.pid)


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
