"""What the tests have done in a child."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa


def say(what: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield what


def rows(n: int, times: int = 1) -> Iterator[pa.RecordBatch]:
    for _ in range(times):
        yield pa.record_batch({"n": pa.array(range(n), pa.int64())})


def surroundings() -> Iterator[dict[str, Any]]:
    yield {
        "files": [path.name for path in Path.cwd().iterdir()],
        "environment": sorted(os.environ),
        "capabilities": next(
            line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("CapEff")
        ),
    }


def connect(port: int) -> Iterator[dict[str, Any]]:
    try:
        socket.create_connection(("127.0.0.1", port), 2).close()
    except OSError as error:
        yield {"refused": error.strerror}
    else:
        yield {"connected": True}


def write(path: str) -> Iterator[dict[str, Any]]:
    try:
        Path(path).write_text("a")
    except OSError as error:
        yield {"refused": error.strerror}
    else:
        yield {"written": True}


def fill(megabytes: int) -> Iterator[dict[str, Any]]:
    with Path("a").open("wb") as file:
        for _ in range(megabytes):
            file.write(b"\0" * (1 << 20))
    yield {}


def open_many() -> Iterator[dict[str, Any]]:
    held = []
    try:
        while True:
            held.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        yield {"opened": len(held)}


def reckon() -> Iterator[dict[str, Any]]:
    while True:
        pass
    yield {}


def sleep() -> Iterator[dict[str, Any]]:
    time.sleep(600)
    yield {}


def leave_a_child_behind() -> Iterator[dict[str, Any]]:
    yield {"pid": subprocess.Popen(["/bin/sleep", "600"]).pid}


def take(megabytes: int) -> Iterator[dict[str, Any]]:
    yield {"taken": len(bytearray(megabytes << 20))}


def die(signal: int) -> Iterator[dict[str, Any]]:
    os.kill(os.getpid(), signal)
    yield {}


def babble(content: str) -> Iterator[dict[str, Any]]:
    for fd in range(3, 20):
        try:
            os.write(fd, bytes.fromhex(content))
        except OSError:
            continue
    os._exit(0)
    yield {}
