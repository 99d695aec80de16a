"""Where an incident stands, the terms it is given, and how its log folds into what it is now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from gridmap.language import N_


class State(StrEnum):
    """Where an incident stands among the field's seven steps."""

    REPORTED = "reported"
    VERIFIED = "verified"
    FILED = "filed"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    HANDLED = "handled"
    CHECKED = "checked"
    CLOSED = "closed"
    REJECTED = "rejected"
    MERGED = "merged"
    RETURNED = "returned"
    SUSPENDED = "suspended"
    REOPENED = "reopened"

    @property
    def label(self) -> str:
        """The word for people, translatable."""
        return STATE_LABELS[self]


STATE_LABELS: Final[Mapping[State, str]] = {
    State.REPORTED: N_("Reported"),
    State.VERIFIED: N_("Verified"),
    State.FILED: N_("Filed"),
    State.DISPATCHED: N_("Dispatched"),
    State.HANDLING: N_("Being handled"),
    State.HANDLED: N_("Handled"),
    State.CHECKED: N_("Checked"),
    State.CLOSED: N_("Closed"),
    State.REJECTED: N_("Rejected"),
    State.MERGED: N_("Merged"),
    State.RETURNED: N_("Returned"),
    State.SUSPENDED: N_("Suspended"),
    State.REOPENED: N_("Reopened"),
}

ENDED: Final = frozenset({State.CLOSED, State.REJECTED, State.MERGED})
"""What is over; each carries the instant at which it ended."""
OPEN: Final = tuple(state for state in State if state not in ENDED)


class Stage(StrEnum):
    """The field's seven stages of a case, as its indicators count them."""

    COLLECT = "collect"
    FILE = "file"
    DISPATCH = "dispatch"
    HANDLE = "handle"
    FEED_BACK = "feed-back"
    CHECK = "check"
    RATE = "rate"

    @property
    def label(self) -> str:
        """The word for people, translatable."""
        return _STAGE_LABELS[self]


_STAGE_LABELS: Final[Mapping[Stage, str]] = {
    Stage.COLLECT: N_("Collecting"),
    Stage.FILE: N_("Filing"),
    Stage.DISPATCH: N_("Dispatching"),
    Stage.HANDLE: N_("Handling"),
    Stage.FEED_BACK: N_("Feeding back"),
    Stage.CHECK: N_("Checking and closing"),
    Stage.RATE: N_("Rating"),
}

STAGE_OF: Final[Mapping[State, Stage]] = {
    State.REPORTED: Stage.COLLECT,
    State.VERIFIED: Stage.FILE,
    State.FILED: Stage.DISPATCH,
    State.RETURNED: Stage.DISPATCH,
    State.REOPENED: Stage.DISPATCH,
    State.DISPATCHED: Stage.HANDLE,
    State.HANDLING: Stage.HANDLE,
    State.SUSPENDED: Stage.HANDLE,
    State.HANDLED: Stage.FEED_BACK,
    State.CHECKED: Stage.CHECK,
    State.CLOSED: Stage.RATE,
    State.REJECTED: Stage.RATE,
    State.MERGED: Stage.RATE,
}
"""In which stage an incident is by what it waits for next."""

LEVELS: Final = ("micro", "full-time", "chief", "township", "district")
"""Who has it in hand, the nearest to the place first."""
LEVEL_LABELS: Final[Mapping[str, str]] = {
    "micro": N_("Micro-grid worker"),
    "full-time": N_("Full-time grid worker"),
    "chief": N_("Grid chief"),
    "township": N_("Township"),
    "district": N_("District"),
}

# What devices and staff see themselves needs no verification before it is filed.
FILED_AT_ONCE: Final = frozenset({"patrol", "inspection", "camera", "drone", "sensor"})

ANSWERED: Final = frozenset({"resident", "hotline", "letter", "visit", "web", "wechat"})
"""Sources behind which somebody waits for an answer: nothing of theirs is closed before they were told the result."""

# Terms by severity until an installation has clock rules of its own: hours on the clock, day and night.
TERM: Final[Mapping[int, timedelta]] = {
    1: timedelta(hours=2),
    2: timedelta(hours=8),
    3: timedelta(hours=48),
    4: timedelta(hours=120),
}

JOIN_WITHIN: Final = timedelta(seconds=900)
"""A device that speaks again of the same class within this time speaks of the same thing."""

DUE_WHY: Final[Mapping[int, str]] = {
    1: N_("Severity 1: 2 hours from filing, on the clock, day and night."),
    2: N_("Severity 2: 8 hours from filing, on the clock, day and night."),
    3: N_("Severity 3: 48 hours from filing, on the clock, day and night."),
    4: N_("Severity 4: 120 hours from filing, on the clock, day and night."),
}


@dataclass(frozen=True)
class LogRow:
    """What the fold needs of a row of the log."""

    seq: int
    to_state: str
    data: Mapping[str, Any]
    hash: bytes


def fold(rows: Iterable[LogRow]) -> dict[str, Any]:
    """
    Rebuild an incident from its log.

    Parameters
    ----------
    rows
        All rows of one incident, by `seq`. Each carries under ``set`` the columns that its step changed.

    Returns
    -------
    columns
        Every column of the incident, as JSON values; instants as RFC 3339, the place as EWKT.
    """
    columns: dict[str, Any] = {}
    for row in rows:
        columns |= row.data.get("set", {})
        columns |= {"state": row.to_state, "seq": row.seq, "log_hash": row.hash}
    return columns
