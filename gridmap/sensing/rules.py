"""What makes an alert credible in time, and what counts as silent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

CLOCK_AHEAD: Final = timedelta(minutes=5)
CLOCK_BEHIND: Final = timedelta(days=1)
SILENT_AFTER: Final = timedelta(minutes=30)
"""A device that was not heard for this long is shown as silent."""
SPEAK_OF_THEIR_PLACE: Final = frozenset({"smoke", "charging_pile", "sensor"})
"""Kinds whose alert happened where the device stands."""
REGISTERED_ERROR_M: Final = 5.0
"""Radius of a place in the register of devices, metres: set by hand on a street map of a stairwell or a parking bay."""


def believed_time(told: datetime, received_at: datetime) -> tuple[datetime, bool]:
    """
    The time to work with, and whether the device's clock is suspect.

    Parameters
    ----------
    told
        When it happened, by the device's clock.
    received_at
        When it arrived, by ours.
    """
    if told > received_at + CLOCK_AHEAD or told < received_at - CLOCK_BEHIND:
        return received_at, True
    return min(told, received_at), False
