"""The steps of an incident, the terms it is given, and how its log folds into what it is now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from gridmap.errors import Conflict, Invalid, NotAllowed
from gridmap.language import N_
from gridmap.people.rights import Role


class State(StrEnum):
    """Where an incident stands among the field's seven steps."""

    REPORTED = "reported"
    FILED = "filed"
    HANDLING = "handling"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """The word for people, translatable."""
        return STATE_LABELS[self]


STATE_LABELS: Final[Mapping[State, str]] = {
    State.REPORTED: N_("Reported"),
    State.FILED: N_("Filed"),
    State.HANDLING: N_("Being handled"),
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
    origins, to
        The states it leads from, and the one it leads to.
    needs
        What must come with it: ``note``, and photos by their role, ``before`` and ``after``.
    roles
        Whose step it is; None is everyone's who may take steps of the incident at all.
    gravest
        The gravest severity that it is for: 1 is every incident, 2 all but those where life is at risk.
    """

    name: str
    label: str
    origins: tuple[State, ...]
    to: State
    needs: frozenset[str] = frozenset()
    roles: frozenset[Role] | None = None
    gravest: int = 1


PHOTO_ROLES: Final = ("before", "after")
NEEDS: Final = ("note", *PHOTO_ROLES)
"""All that a step may need, in the order in which a person gives it."""
_IN_THE_GRID: Final = frozenset({Role.WORKER, Role.CHIEF})

# Frozen with its tests; it draws the buttons, too.
STEPS: Final[tuple[Step, ...]] = (
    Step("file", N_("File"), (State.REPORTED,), State.FILED),
    Step("accept", N_("Accept"), (State.FILED,), State.HANDLING, roles=_IN_THE_GRID | {Role.DEPARTMENT}),
    # An ordinary matter that whoever stands before it can settle: filed and handled in one go.
    Step(
        "fix",
        N_("Fix on the spot"),
        (State.REPORTED, State.FILED, State.HANDLING),
        State.CLOSED,
        needs=frozenset({"note", *PHOTO_ROLES}),
        roles=_IN_THE_GRID,
        gravest=2,
    ),
    Step("close", N_("Close"), (State.FILED, State.HANDLING), State.CLOSED, needs=frozenset({"note"})),
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


class LifeAtRisk(Conflict):
    """Where life is at risk, nobody settles it alone."""

    def __init__(self, number: str) -> None:
        super().__init__(
            N_("Incident %(number)s puts life at risk and is not fixed on the spot. Hand it on; the desk closes it."),
            number=number,
        )


def steps_from(state: State, severity: int, roles: Collection[Role] | None = None) -> tuple[Step, ...]:
    """
    The arrows that lead on from a state, the likeliest first.

    Parameters
    ----------
    severity
        Of the incident: some arrows are not for the gravest.
    roles
        Of who asks; None asks for everyone's arrows.
    """
    return tuple(
        step
        for step in STEPS
        if state in step.origins
        and severity >= step.gravest
        and (roles is None or step.roles is None or step.roles.intersection(roles))
    )


def step_to_take(
    number: str,
    state: State,
    severity: int,
    name: str,
    *,
    roles: Collection[Role] | None = None,
    note: str | None,
    photos: Collection[str] = (),
) -> Step:
    """
    The arrow a person wants to go, if it leads on from here and all it needs is there.

    Parameters
    ----------
    roles
        Of the person; None is one of our own processes.
    photos
        The roles of the photos that come with it.

    Raises
    ------
    StepNotAllowed
        If no arrow of that name leads on; the sentence names the possible ones.
    LifeAtRisk
        If it would be fixed on the spot and is too grave for that.
    NotAllowed
        If it is a step of others.
    Invalid
        If the step needs a note or photos, and they are not there.
    """
    possible = steps_from(state, severity, roles)
    step = next((step for step in possible if step.name == name), None)
    if step is not None:
        _require_needs(step, note, photos)
        return step
    led = next((step for step in STEPS if step.name == name and state in step.origins), None)
    if led is not None and severity < led.gravest:
        raise LifeAtRisk(number)
    if led is not None:
        raise NotAllowed(N_("This step is taken by the people of the grid, or by the department that handles it."))
    raise StepNotAllowed(number, state, name, _HINTS[tuple(step.name for step in possible)])


# One sentence for each set of arrows: a list of translated words cannot be put together in a sentence's middle.
_HINTS: Final[Mapping[tuple[str, ...], str]] = {
    (): N_("Nothing more is to be done with it."),
    ("file",): N_("It can be filed."),
    ("file", "fix"): N_("It can be filed, or fixed on the spot."),
    ("accept", "close"): N_("It can be accepted or closed."),
    ("accept", "fix", "close"): N_("It can be accepted, fixed on the spot or closed."),
    ("fix", "close"): N_("It can be fixed on the spot or closed."),
    ("close",): N_("It can be closed."),
}


def _require_needs(step: Step, note: str | None, photos: Collection[str]) -> None:
    if "note" in step.needs and not (note or "").strip():
        raise Invalid(N_("Say in a note how this was settled; nothing is closed without it."), where="/note")
    if any(role in step.needs and role not in photos for role in PHOTO_ROLES):
        raise Invalid(N_("Fixing it on the spot needs a photo from before and one from after."), where="/media")


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
