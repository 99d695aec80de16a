"""Names that outlive a power cut: a file's bytes are flushed by its handle, its name by its directory."""

from __future__ import annotations

import os
from pathlib import Path


def flush(folder: Path) -> None:
    """Flush a directory, so that the names in it are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
