"""What makes a report credible in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

CLOCK_AHEAD: Final = timedelta(minutes=5)
QUEUE_TERM: Final = timedelta(days=30)
"""A phone may have been without network for days; longer than this, its clock is doubted rather than its patience."""


def believed_time(told: datetime | None, received_at: datetime, *, recorded: bool = False) -> tuple[datetime, bool]:
    """
    The time to work with, and whether the sender's clock is suspect.

    Parameters
    ----------
    told
        When it happened, by the sender's clock; None when nothing was said.
    received_at
        When it arrived, by ours.
    recorded
        Whether the time stands in a record that somebody vouches for, however long ago it was.
    """
    if told is None:
        return received_at, False
    if told > received_at + CLOCK_AHEAD or (told < received_at - QUEUE_TERM and not recorded):
        return received_at, True
    return min(told, received_at), False
