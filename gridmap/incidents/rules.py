"""The steps of an incident, the terms it is given, and how its log folds into what it is now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from gridmap.errors import Conflict, Invalid
from gridmap.language import N_


class State(StrEnum):
    """Where an incident stands among the field's seven steps."""

    REPORTED = "reported"
    FILED = "filed"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """The word for people, translatable."""
        return STATE_LABELS[self]


STATE_LABELS: Final[Mapping[State, str]] = {
    State.REPORTED: N_("Reported"),
    State.FILED: N_("Filed"),
    State.CLOSED: N_("Closed"),
}


@dataclass(frozen=True)
class Step:
    """
    One arrow of the lifecycle.

    Attributes
    ----------
    name
        The verb of the button: ``file``, ``close``.
    label
        The word on it, translatable.
    origin, to
        The states it leads from and to.
    needs
        What must come with it: ``note``.
    """

    name: str
    label: str
    origin: State
    to: State
    needs: frozenset[str] = frozenset()


# Frozen with its tests; it draws the buttons, too.
STEPS: Final[tuple[Step, ...]] = (
    Step("file", N_("File"), State.REPORTED, State.FILED),
    Step("close", N_("Close"), State.FILED, State.CLOSED, needs=frozenset({"note"})),
)

# What devices and staff see themselves needs no verification before it is filed.
FILED_AT_ONCE: Final = frozenset({"patrol", "inspection", "camera", "drone", "sensor"})

# Terms by severity until an installation has clock rules of its own: hours on the clock, day and night.
TERM: Final[Mapping[int, timedelta]] = {
    1: timedelta(hours=2),
    2: timedelta(hours=8),
    3: timedelta(hours=48),
    4: timedelta(hours=120),
}

JOIN_WITHIN: Final = timedelta(seconds=900)
"""A device that speaks again of the same class within this time speaks of the same thing."""


class StepNotAllowed(Conflict):
    """An incident takes only the steps that lead on from where it stands."""

    def __init__(self, number: str, state: State, step: str, possible: str) -> None:
        super().__init__(
            N_("Incident %(number)s is %(state)s; the step “%(step)s” does not lead on from there. %(possible)s"),
            number=number,
            state=state.label,
            step=step,
            possible=possible,
        )


def steps_from(state: State) -> tuple[Step, ...]:
    """The arrows that lead on from a state, the likeliest first."""
    return tuple(step for step in STEPS if step.origin is state)


def step_to_take(number: str, state: State, name: str, *, note: str | None) -> Step:
    """
    The arrow a person wants to go, if it leads on from here and all it needs is there.

    Raises
    ------
    StepNotAllowed
        If no arrow of that name leads on; the sentence names the possible ones.
    Invalid
        If the step needs a note and there is none.
    """
    possible = steps_from(state)
    for step in possible:
        if step.name == name:
            if "note" in step.needs and not (note or "").strip():
                raise Invalid(N_("Say in a note how this was settled; nothing is closed without it."), where="/note")
            return step
    # One sentence for each set of arrows: a list of translated words cannot be put together in a sentence's middle.
    hint = {
        (): N_("Nothing more is to be done with it."),
        ("file",): N_("It can be filed."),
        ("close",): N_("It can be closed."),
    }[tuple(step.name for step in possible)]
    raise StepNotAllowed(number, state, name, hint)


def due_at(filed_at: datetime, severity: int) -> datetime:
    """When an incident filed then must be closed."""
    return filed_at + TERM[severity]


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
