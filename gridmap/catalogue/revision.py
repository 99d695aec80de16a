"""Whether the rules are still those that this process has read."""

from __future__ import annotations

from sqlalchemy.orm import Session

from gridmap.database import straight


def catalogue_revision(db: Session) -> int:
    """
    The number of the rules as this transaction sees them; another one after every change of any rule.

    Triggers raise it, from a sequence: a number that was rolled back never names other rules later.
    """
    return int(straight(db, "SELECT n FROM catalogue_revision", {})[0].n)
