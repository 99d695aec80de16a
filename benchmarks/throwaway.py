"""A PostGIS of its own for a benchmark, gone afterwards."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gridmap.postgis import PrivateCluster


@contextmanager
def throwaway_cluster() -> Iterator[PrivateCluster]:
    """A private cluster with the settings of a real one, in a directory that is removed."""
    # The server's own user must be able to enter it.
    place = Path(tempfile.gettempdir()) / f"gridmap-bench-{secrets.token_hex(4)}"
    try:
        with PrivateCluster(place) as cluster:
            yield cluster
    finally:
        shutil.rmtree(place, ignore_errors=True)
