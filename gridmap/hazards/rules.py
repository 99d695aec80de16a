"""Where a hazard stands, when it is looked at again, and what may be drawn as a safe zone: pure thinking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

from gridmap.errors import Conflict, Invalid
from gridmap.grids.locating import Told
from gridmap.language import N_

READ: Final = "hazard.read"
WORK: Final = "hazard.work"
"""To write hazards into the ledger, to answer notices, and to look back."""
JUDGE: Final = "hazard.judge"
"""To issue notices and to close."""
DRAW: Final = "safe-zone.draw"

SOON: Final = timedelta(days=3)
"""A look-back is shown to whoever makes it so long before it is due."""
LONGEST_ZONE: Final = timedelta(days=7)
FAST_CLOCK: Final = timedelta(minutes=15)
"""So far ahead a phone's clock may be; what it says is then taken for now."""
EARLIEST_YEAR: Final = 2000
MOST_RADIUS_M: Final = 5000.0
MOST_CORNERS: Final = 200

Delivery = Literal["hand", "left", "post", "screen"]
"""Handed over, left at the door, by post, or read on a screen."""


class State(StrEnum):
    """Where a hazard stands."""

    OPEN = "open"
    RECTIFYING = "rectifying"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """What a person calls it; a word to translate."""
        return _LABELS[self]


_LABELS: Final = {State.OPEN: N_("open"), State.RECTIFYING: N_("being rectified"), State.CLOSED: N_("closed")}


@dataclass(frozen=True)
class HazardDraft:
    """
    A hazard as somebody writes it into the ledger; the id is the writer's own.

    Attributes
    ----------
    told
        Where it is; None of one at a site, which has a place.
    found_at
        None is now.
    evidence
        SHA-256 of photos that have been sent before.
    """

    id: UUID
    what: str
    severity: int
    category: str | None = None
    told: Told | None = None
    site_id: UUID | None = None
    party: str = ""
    department: str | None = None
    incident: str | None = None
    found_at: datetime | None = None
    evidence: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class NoticeDraft:
    """
    A notice as somebody issues it.

    Attributes
    ----------
    party
        Who has to put it right; None is whom the ledger names.
    due_at
        Until when; None is by the rule of the severity.
    locale
        In which language it is printed.
    """

    id: UUID
    demands: str
    party: str | None = None
    due_at: datetime | None = None
    locale: str = "zh-CN"


@dataclass(frozen=True)
class ZoneDraft:
    """
    A safe zone as somebody draws it: a ring, or a circle of metres around an incident or a place.

    Attributes
    ----------
    ring
        Longitude and latitude of its corners, WGS 84 degrees; closed or not.
    centre
        Longitude and latitude; None of a circle is the place of the incident.
    incident
        Number or id of the incident that it ends with, at the latest.
    """

    id: UUID
    name: str
    until: datetime
    ring: tuple[tuple[float, float], ...] = ()
    centre: tuple[float, float] | None = None
    radius_m: float | None = None
    incident: str | None = field(default=None)


@dataclass(frozen=True)
class Rule:
    """A row of `look_back_rule`."""

    category: str | None
    days: int
    since: date | None
    until: date | None

    def holds(self, day: date) -> bool:
        """Whether it is in force on a local day."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


def look_backs_after(
    rules: Sequence[Rule], category_path: Sequence[str], closed_at: datetime, day: date
) -> list[datetime]:
    """
    Say when a hazard that is closed now is looked at again.

    Parameters
    ----------
    category_path
        Codes of its class, the major one first; empty without one.
    day
        The local day of `closed_at`: the rules that hold on it count, whatever comes later.

    Returns
    -------
    instants
        The earliest first; by the rows of its own class, or else of the nearest above it, or else of all classes.
    """
    holding = [rule for rule in rules if rule.holds(day)]
    for category in (*reversed(category_path), None):
        days = sorted({rule.days for rule in holding if rule.category == category})
        if days:
            return [closed_at + timedelta(days=n) for n in days]
    return []


def require_standing(number: str, state: str, *wanted: State) -> None:
    """
    Refuse what cannot be done to a hazard where it stands.

    Raises
    ------
    Conflict
        If it stands in none of `wanted`.
    """
    if State(state) not in wanted:
        raise Conflict(
            N_("Hazard %(number)s is %(state)s, so this cannot be done. Reload it and look at what was done."),
            number=number,
            state=State(state).label,
        )


def require_zone(draft: ZoneDraft, at: datetime) -> None:
    """
    Refuse a zone that nobody could draw or keep clear of.

    Raises
    ------
    Invalid
        If its hour is over or too far away, or its shape is neither a ring nor a circle.
    """
    if draft.until <= at:
        raise Invalid(N_("This hour is over. Say until when the zone holds."), where="/until")
    if draft.until > at + LONGEST_ZONE:
        raise Invalid(N_("A safe zone holds 7 days at most. Draw it again if the danger stays."), where="/until")
    if bool(draft.ring) == (draft.radius_m is not None):
        raise Invalid(N_("A safe zone is a ring of corners, or a radius around an incident or a place."), where="/ring")
    if draft.ring and len(set(draft.ring)) < 3:
        raise Invalid(N_("A ring has at least three corners."), where="/ring")
    if len(draft.ring) > MOST_CORNERS:
        raise Invalid(N_("A ring has at most %(most)s corners."), where="/ring", most=MOST_CORNERS)
    if draft.radius_m is not None and not 5 <= draft.radius_m <= MOST_RADIUS_M:
        raise Invalid(N_("The radius is between 5 and 5,000 metres."), where="/radius_m")
    if draft.radius_m is not None and draft.centre is None and draft.incident is None:
        raise Invalid(N_("Say around what: an incident or a place."), where="/centre")


def require_found(found_at: datetime | None, at: datetime) -> None:
    """
    Refuse an hour of finding that cannot be: ahead, but for a clock that is a little fast, or of another century.

    Raises
    ------
    Invalid
        If it is such.
    """
    if found_at is not None and found_at > at + FAST_CLOCK:
        raise Invalid(N_("This hour is still to come. Say when it was found."), where="/found_at")
    if found_at is not None and found_at.year < EARLIEST_YEAR:
        raise Invalid(
            N_("The ledger takes what was found from %(year)s on."), where="/found_at", year=str(EARLIEST_YEAR)
        )


def require_due(due_at: datetime | None, at: datetime) -> None:
    """
    Refuse a day of rectification that is over.

    Raises
    ------
    Invalid
        If it lies before now, or more than a year away.
    """
    if due_at is not None and not at < due_at <= at + timedelta(days=366):
        raise Invalid(N_("The day of a notice lies ahead, within a year."), where="/due_at")
