"""The months that alerts are kept in."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

MONTHS_AHEAD: Final = 3


def prepare_months(db: Session, at: datetime) -> None:
    """Make the partitions of this month and the next three, those that are not there yet."""
    db.execute(text("SELECT alert_partitions(CAST(:day AS date), :ahead)"), {"day": at.date(), "ahead": MONTHS_AHEAD})
