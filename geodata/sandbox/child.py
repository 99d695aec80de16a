"""
The child's side: shut oneself in, do the one task, send what it yields, say in a sentence what went wrong.

It is started with the number of its pipe and reads its task from its standard input.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any, BinaryIO

from geodata.errors import N_, GeodataError, TooMuch, Unreadable, Word
from geodata.sandbox.allowance import Allowance
from geodata.sandbox.walls import raise_walls

OUT_OF_MEMORY = N_("The file needs more memory to open than this door allows. Split it, or send less at a time.")
_SAID_AT_MOST = 300


def main(pipe_fd: int) -> None:
    """Do the task that stands on the standard input, and leave without looking back."""
    task = json.loads(sys.stdin.buffer.read())
    # Whole address ranges are reserved by other allocators, which a limit of memory would count.
    os.environ.update(ARROW_DEFAULT_MEMORY_POOL="system", OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    os.chdir(task["private"])
    sys.meta_path.insert(0, _WithoutPandas())
    walls = raise_walls(Allowance(**task["allowance"]), Path(task["private"]))
    pipe = os.fdopen(pipe_fd, "wb", buffering=0)
    from geodata.sandbox import wire

    wire.send_json(pipe, {"walls": walls})
    try:
        _send_all(pipe, _function(task["do"])(**task["with"]))
        wire.send_json(pipe, {"done": True})
    except GeodataError as error:
        wire.send_json(pipe, _told(error))
    except MemoryError:
        wire.send_json(pipe, _told(TooMuch(OUT_OF_MEMORY)))
    except RecursionError:
        wire.send_json(pipe, _told(Unreadable(N_("The file nests things too deep to be what it says it is."))))
    finally:
        pipe.close()
    # No tidying by libraries that have just seen a hostile file.
    os._exit(0)


class _WithoutPandas(MetaPathFinder):
    """Neither is needed in here, and both take longer to load than a file to read: pyarrow would for any list."""

    def find_spec(self, name: str, *_: Any) -> None:
        if name in ("pandas", "geopandas"):
            raise ModuleNotFoundError(name)


def _send_all(pipe: BinaryIO, messages: Iterator[Any]) -> None:
    from geodata.sandbox import wire

    for message in messages:
        if isinstance(message, dict):
            wire.send_json(pipe, message)
        else:
            wire.send_batch(pipe, message)


def _function(name: str) -> Callable[..., Iterator[Any]]:
    module, _, function = name.partition(":")
    found: Callable[..., Iterator[Any]] = getattr(importlib.import_module(module), function)
    return found


def _told(error: GeodataError) -> dict[str, Any]:
    words = [name for name, value in error.params.items() if isinstance(value, Word)]
    params = {
        name: value if isinstance(value, int) else str(value)[:_SAID_AT_MOST] for name, value in error.params.items()
    }
    return {"error": type(error).__name__, "msgid": error.msgid, "params": params, "words": words}
