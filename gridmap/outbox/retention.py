"""How long messages are kept once they are done with."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

READ_KEPT: Final = timedelta(days=30)
UNREAD_KEPT: Final = timedelta(days=90)


def forget_messages(db: Session, at: datetime) -> None:
    """Delete what was delivered or read a month ago, and what nobody read or mended for three."""
    db.execute(
        text(
            "DELETE FROM outbox WHERE asked_at < :read"
            " AND (read_at < :read OR (channel <> 'screen' AND sent_at < :read) OR sent_at < :unread"
            " OR dead_at < :unread)"
        ),
        {"read": at - READ_KEPT, "unread": at - UNREAD_KEPT},
    )
