"""Indicators as arithmetic: rates that show what they are made of, weeks, and the tallies of a week."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from zoneinfo import ZoneInfo

from gridmap.errors import Invalid
from gridmap.language import N_

ACTIVE_SOURCES: Final = frozenset({"patrol", "inspection", "camera", "drone", "sensor"})
"""Sources by which staff and devices find a matter before anybody complains of it."""

RULES: Final = {
    "on_time": N_("Closed in the week no later than their deadline, of all closed in the week that had a deadline."),
    "closing": N_("Of what happened in the week, what was closed before the week had ended."),
    "active": N_("Of what happened in the week, what staff or devices found, and not a complaint."),
}

LOAD_STEPS: Final = ("0", "1–2", "3–4", "5–7", "8+")
_STEP_FROM: Final = (1, 3, 5, 8)

_WEEK: Final = re.compile(r"([0-9]{4})-W([0-9]{2})")
_DASH: Final = "–"


@dataclass(frozen=True)
class Rate:
    """A part of a whole, both kept: a rate is never shown without them."""

    numerator: int
    denominator: int

    @property
    def percent(self) -> Decimal | None:
        """The rate with one decimal, a half rounded up; None where there is nothing to divide by."""
        if not self.denominator:
            return None
        share = Decimal(self.numerator) * 100 / Decimal(self.denominator)
        return share.quantize(Decimal("0.1"), ROUND_HALF_UP)

    def __str__(self) -> str:
        return _DASH if self.percent is None else f"{self.percent} %"


def load_step(count: int) -> int:
    """The step of a grid's load, 0 to 4, as `LOAD_STEPS` words it."""
    return sum(count >= first for first in _STEP_FROM)


@dataclass(frozen=True)
class Week:
    """
    A week of ISO 8601 in a district's zone.

    Attributes
    ----------
    year, number
        The ISO year, which at its ends is not the calendar's, and the week in it.
    zone
        The zone whose Mondays begin it.
    """

    year: int
    number: int
    zone: ZoneInfo

    @property
    def name(self) -> str:
        """Such as ``2026-W46``."""
        return f"{self.year:04}-W{self.number:02}"

    @property
    def days(self) -> tuple[date, ...]:
        """Monday to Sunday."""
        monday = date.fromisocalendar(self.year, self.number, 1)
        return tuple(monday + timedelta(days=n) for n in range(7))

    @property
    def start(self) -> datetime:
        """Its first instant, UTC."""
        return datetime.combine(self.days[0], time(), self.zone).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The first instant after it, UTC."""
        return datetime.combine(self.days[0] + timedelta(days=7), time(), self.zone).astimezone(UTC)

    def holds(self, moment: datetime | None) -> bool:
        """Whether an instant lies in it."""
        return moment is not None and self.start <= moment < self.end

    @property
    def before(self) -> Week:
        """The week before."""
        return week_of(self.days[0] - timedelta(days=7), self.zone)

    @property
    def year_before(self) -> Week:
        """The week of the same number a year before; the 52nd where that year has no 53rd."""
        weeks = date(self.year - 1, 12, 28).isocalendar().week
        return Week(self.year - 1, min(self.number, weeks), self.zone)


def week_of(day: date, zone: ZoneInfo) -> Week:
    """The week that holds a day."""
    year, number, _ = day.isocalendar()
    return Week(year, number, zone)


def parse_week(text: str, zone: ZoneInfo, now: datetime) -> Week:
    """
    Read a week such as ``2026-W46``.

    Parameters
    ----------
    zone
        Of the district, whose Mondays begin its weeks.
    now
        Our clock.

    Raises
    ------
    Invalid
        If it is no week, or has not begun.
    """
    found = _WEEK.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError(text)
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        week = week_of(monday, zone)
        begun = week.start <= now
    except (ValueError, OverflowError) as error:
        raise Invalid(N_("%(text)s is no week. Write it like 2026-W46."), where="week", text=text[:40]) from error
    if week.year < 1901:
        raise Invalid(N_("%(text)s is no week. Write it like 2026-W46."), where="week", text=text[:40])
    if not begun:
        raise Invalid(
            N_("Week %(week)s has not begun; it begins on %(day)s."), where="week", week=week.name, day=str(monday)
        )
    return week


@dataclass(frozen=True)
class Fact:
    """
    What the tallies need of an incident.

    Attributes
    ----------
    path
        The area path of the grid of its own day.
    """

    path: str
    category: str | None
    source: str
    occurred_at: datetime
    due_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True)
class Tally:
    """The figures of a week."""

    new: int
    closed: int
    on_time: Rate
    closing: Rate
    active: Rate


def tally(facts: Iterable[Fact], week: Week) -> Tally:
    """
    Count a week.

    Parameters
    ----------
    facts
        At least every incident that happened or was closed in the week; others do not matter.
    """
    known = list(facts)
    new = [fact for fact in known if week.holds(fact.occurred_at)]
    closed = [fact for fact in known if week.holds(fact.closed_at)]
    timed = [fact for fact in closed if fact.due_at is not None]
    in_time = [fact for fact in timed if fact.closed_at and fact.due_at and fact.closed_at <= fact.due_at]
    return Tally(
        len(new),
        len(closed),
        Rate(len(in_time), len(timed)),
        Rate(sum(fact.closed_at is not None and fact.closed_at < week.end for fact in new), len(new)),
        Rate(sum(fact.source in ACTIVE_SOURCES for fact in new), len(new)),
    )


def by_day(facts: Iterable[Fact], week: Week) -> dict[date, tuple[int, int]]:
    """What happened and what was closed on each day of a week, by the days of its zone."""
    known = list(facts)
    new = Counter(fact.occurred_at.astimezone(week.zone).date() for fact in known)
    closed = Counter(fact.closed_at.astimezone(week.zone).date() for fact in known if fact.closed_at)
    return {day: (new[day], closed[day]) for day in week.days}
