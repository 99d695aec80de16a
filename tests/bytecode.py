"""Compiled modules of the suite, on a machine that keeps none."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def keep_bytecode(place: Path) -> None:
    """
    Have this process and its children compile each module once, and find it in `place` the next time.

    Where `PYTHONDONTWRITEBYTECODE` is set, each worker and each of hundreds of started commands would compile thousands
    of files anew, seconds each. Nothing is written beside the sources; where bytecode is kept anyhow, nothing changes.
    """
    if not sys.dont_write_bytecode:
        return
    sys.dont_write_bytecode = False
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(place)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
