"""The process beside each holder of a cluster: it outlives one that is killed, and stops the server then."""

from __future__ import annotations

import sys
from pathlib import Path

from gridmap.postgis.cluster import PrivateCluster


def main() -> None:
    """Wait for the end of the process that started us, which closes our input; then clean up after it."""
    sys.stdin.buffer.read()
    PrivateCluster(Path(sys.argv[1])).end_when_unused()


if __name__ == "__main__":
    main()
