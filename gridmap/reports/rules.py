"""What makes a report credible in time, and what proves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gridmap.errors import Invalid
from gridmap.language import N_

ORDINARY: Final = 3
"""The severity of what nobody has put into a class yet."""
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


@dataclass(frozen=True)
class Evidence:
    """
    A photo that a report or a step names.

    Attributes
    ----------
    sha256
        Of the file as it was taken.
    role
        ``evidence``, ``before`` or ``after``.
    """

    sha256: bytes
    role: str


def require_distinct(evidence: Sequence[Evidence]) -> None:
    """
    Refuse one photo in two parts: before and after are two moments.

    Raises
    ------
    Invalid
        If a photo is named twice.
    """
    if len({photo.sha256 for photo in evidence}) < len(evidence):
        raise Invalid(N_("A photo is named twice here. Before and after are two photos."), where="/media")
