"""What lies below every room and has a term: receipts and live events."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from gridmap.system.tables import LiveEvent, Receipt

EVENTS_KEPT: Final = timedelta(hours=48)
"""A screen that was away longer loads everything anew."""

RECEIPTS_KEPT: Final = timedelta(days=400)
"""A phone found in a drawer a year later still sends what it holds, once."""


def forget_events(db: Session, at: datetime) -> None:
    """Delete the live events that no reader resumes from any more."""
    db.execute(delete(LiveEvent).where(LiveEvent.at < at - EVENTS_KEPT))


def forget_receipts(db: Session, at: datetime) -> None:
    """Delete the receipts past their term: the same id would be stored anew from then on."""
    db.execute(delete(Receipt).where(Receipt.at < at - RECEIPTS_KEPT))
