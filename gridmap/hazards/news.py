"""Tell the screens that an entry of the ledger has changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from gridmap.hazards.tables import Hazard
from gridmap.system.live import Change, announce

KIND = "hazard"


def tell_screens(db: Session, hazard: Hazard, at: datetime) -> None:
    """Announce a hazard that was written down, or to which something was done, to those who read its place."""
    # The ledger counts no versions: an hour in microseconds is a later one each time.
    announce(db, [Change(KIND, str(hazard.id), int(at.timestamp() * 1e6), hazard.path)])
