"""What can be said when the private cluster cannot serve."""

from __future__ import annotations

from gridmap.errors import GridmapError


class ClusterError(GridmapError):
    """The private cluster cannot be made, started or stopped; the sentence says what to do."""
