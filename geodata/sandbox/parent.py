"""The parent's side: start a child, wait for it no longer than allowed, believe nothing it says unchecked."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import geodata
from geodata import errors
from geodata.errors import N_, GeodataError, TooMuch, Unreadable, Word
from geodata.sandbox import wire
from geodata.sandbox.allowance import Allowance
from geodata.sandbox.child import OUT_OF_MEMORY
from geodata.sandbox.walls import LIMITS_ALONE, NAMESPACES

if TYPE_CHECKING:
    import pyarrow as pa

_START: Final = "import sys; sys.path.insert(0, {root!r}); from geodata.sandbox.child import main; main({fd})"
_CHUNK: Final = 1 << 20
_ONE_MESSAGE: Final = 1 << 30
_ERRORS: Final = {kind.__name__: kind for kind in (errors.Unreadable, errors.TooMuch, errors.Undeclared)}
_SENTENCE: Final = re.compile(r"(?:[^%]|%\(\w+\)s){1,500}\Z")
_TOO_LONG: Final = N_("The file takes too long to open and was left. Split it, or send less at a time.")
_TOO_MUCH_COMES_OUT: Final = N_("More comes out of the file than this door takes. Split it, or send less at a time.")
_CRASHED: Final = N_("The file could not be opened: reading it broke off. It is damaged, or not what it says it is.")


class Child:
    """
    One task in one child process, which is gone with all its files when the block ends.

    Parameters
    ----------
    do
        The function to call in the child, ``module:function``; it yields plain dicts and record batches.
    task
        Its arguments, plain values.
    allowance
        What it may use up.
    """

    def __init__(self, do: str, task: dict[str, Any], allowance: Allowance) -> None:
        self.walls: str | None = None
        self._do, self._task, self._allowance = do, task, allowance
        self._sent_bytes = 0
        self._waited_s = 0.0

    def __enter__(self) -> Self:
        self._private = Path(tempfile.mkdtemp(prefix="gridmap-"))
        reading, writing = os.pipe()
        root = str(Path(geodata.__file__).parent.parent)
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own words
            [sys.executable, "-I", *_bytecode(), "-c", _START.format(root=root, fd=writing)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(writing,),
            cwd=self._private,
            # No secret of the service is known inside, and no driver is told to look elsewhere.
            env={"LANG": "C.UTF-8", "TMPDIR": str(self._private), "HOME": str(self._private)},
            start_new_session=True,
        )
        os.close(writing)
        self._pipe = reading
        order = {
            "do": self._do,
            "with": self._task,
            "allowance": asdict(self._allowance),
            "private": str(self._private),
        }
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it died at its start; that is noticed when we listen
            self._process.stdin.write(json.dumps(order).encode())
            self._process.stdin.close()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._pipe)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        shutil.rmtree(self._private, ignore_errors=True)

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    def messages(self) -> Iterator[dict[str, Any] | pa.RecordBatch]:
        """
        What the child sends, one by one.

        Raises
        ------
        GeodataError
            What the child found wrong; or that it broke off, took too long or sent too much.
        """
        while True:
            message = self._next()
            if message is None:
                raise self._why_it_broke_off()
            if isinstance(message, dict):
                if "error" in message:
                    raise _error(message)
                if "walls" in message:
                    self.walls = NAMESPACES if message["walls"] == NAMESPACES else LIMITS_ALONE
                    continue
                if message.get("done"):
                    return
            yield message

    def _next(self) -> dict[str, Any] | pa.RecordBatch | None:
        try:
            return wire.receive(self._read)
        except GeodataError:
            raise
        except (ValueError, OSError) as error:  # pyarrow's own errors are ValueErrors, too
            raise self._why_it_broke_off() from error

    def _read(self, length: int) -> bytes:
        most = self._allowance.output_bytes
        self._sent_bytes += length
        if length > _ONE_MESSAGE or (most is not None and self._sent_bytes > most):
            raise TooMuch(_TOO_MUCH_COMES_OUT)
        taken = bytearray()
        while len(taken) < length:
            self._wait()
            piece = os.read(self._pipe, min(length - len(taken), _CHUNK))
            if not piece:
                break
            taken += piece
        return bytes(taken)

    def _wait(self) -> None:
        """Wait for the next bytes; only our own waiting counts, not what the caller does between two batches."""
        most = self._allowance.wall_s
        since = time.monotonic()
        ready, _, _ = select.select([self._pipe], [], [], None if most is None else max(0.0, most - self._waited_s))
        self._waited_s += time.monotonic() - since
        if not ready:
            raise TooMuch(_TOO_LONG)

    def _why_it_broke_off(self) -> GeodataError:
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return Unreadable(_CRASHED)
        if code in (-signal.SIGXCPU, -signal.SIGKILL):
            return TooMuch(_TOO_LONG)
        if code == -signal.SIGXFSZ:
            return TooMuch(_TOO_MUCH_COMES_OUT)
        # A C++ library that gets no memory aborts.
        return TooMuch(OUT_OF_MEMORY) if code == -signal.SIGABRT else Unreadable(_CRASHED)


def _bytecode() -> tuple[str, ...]:
    """Where this process keeps compiled modules apart, which an isolated child does not hear of by itself."""
    return ("-X", f"pycache_prefix={sys.pycache_prefix}") if sys.pycache_prefix else ()


def _error(message: dict[str, Any]) -> GeodataError:
    """The child's sentence, unless it is none."""
    kind, msgid, params = _ERRORS.get(str(message["error"])), message.get("msgid"), message.get("params")
    if kind is None or not isinstance(msgid, str) or not isinstance(params, dict) or not _SENTENCE.match(msgid):
        return Unreadable(_CRASHED)
    # Which values are marked for translation; what is marked wrongly is looked up, and not found.
    words = message.get("words")
    marked = words if isinstance(words, list) else []
    told = {str(name): value for name, value in params.items() if isinstance(value, int | str)}
    error = kind(
        msgid,
        **{name: Word(value) if name in marked and isinstance(value, str) else value for name, value in told.items()},
    )
    try:
        _ = error.msgid % error.params
    except KeyError:
        return Unreadable(_CRASHED)
    return error


@cache
def state() -> str:
    """What the kernel allows: ``namespaces``, or ``limits alone``; tried once, by a child that does nothing."""
    with Child("geodata.sandbox.parent:_nothing", {}, Allowance()) as child:
        try:
            list(child.messages())
        except GeodataError:
            return LIMITS_ALONE
        return child.walls or LIMITS_ALONE


def _nothing() -> Iterator[dict[str, Any]]:
    return iter(())
