"""Tell the screens that something changed, in the transaction that changes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.database import straight

CHANNEL = "gridmap_live"


@dataclass(frozen=True)
class Change:
    """
    One thing that screens may show.

    Attributes
    ----------
    kind
        ``incident``, ``edition``, ``device`` …
    object_id, version
        Which thing, and how often it has changed: a reader skips what it has seen.
    path
        The area path that decides who may see it.
    """

    kind: str
    object_id: str
    version: int
    path: str


def announce(db: Session, changes: Sequence[Change]) -> None:
    """Write the events and wake the listeners once, when the transaction commits."""
    if not changes:
        return
    # PostgreSQL folds equal notices of one transaction into one.
    straight(
        db,
        "WITH told AS (INSERT INTO live_event (kind, object_id, version, path)"
        " SELECT * FROM unnest(CAST(%(kinds)s AS text[]), CAST(%(ids)s AS text[]), CAST(%(versions)s AS bigint[]),"
        " CAST(%(paths)s AS ltree[]))) SELECT pg_notify(%(channel)s, '')",
        {
            "kinds": [change.kind for change in changes],
            "ids": [change.object_id for change in changes],
            "versions": [change.version for change in changes],
            "paths": [change.path for change in changes],
            "channel": CHANNEL,
        },
    )
