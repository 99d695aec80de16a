"""Tell the screens that something changed, in the transaction that changes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

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
    db.execute(
        text(
            "INSERT INTO live_event (kind, object_id, version, path)"
            " SELECT * FROM unnest(CAST(:kinds AS text[]), CAST(:ids AS text[]), CAST(:versions AS bigint[]),"
            " CAST(:paths AS ltree[]))"
        ),
        {
            "kinds": [change.kind for change in changes],
            "ids": [change.object_id for change in changes],
            "versions": [change.version for change in changes],
            "paths": [change.path for change in changes],
        },
    )
    # PostgreSQL folds equal notices of one transaction into one.
    db.execute(text(f"NOTIFY {CHANNEL}"))
