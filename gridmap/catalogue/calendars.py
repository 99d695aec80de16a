"""Calendars: which days are work-days, and between which hours work is done on them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from gridmap.errors import Invalid
from gridmap.language import N_

Hours = tuple[tuple[time, time], ...]
"""The spans of a work-day, such as 08:30 to 12:00 and 14:00 to 17:30: in order, without overlap."""

Micros = int
"""Microseconds since 1970 in UTC, or between two such: whole numbers, so that sums of time are exact."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_SATURDAY: Final = 5


class DayKind(StrEnum):
    """Whether a day is worked; what a decree says of a day wins over the week."""

    WORK = "work"
    REST = "rest"

    @property
    def label(self) -> str:
        """The word for people, translatable."""
        return N_("Work-day") if self is DayKind.WORK else N_("Rest day")


@dataclass(frozen=True)
class Season:
    """Other hours from `first` on, until the day before `end`: the summer hours of a town, say; None is without end."""

    first: date | None
    end: date | None
    hours: Hours

    def holds_on(self, day: date) -> bool:
        """Whether these are the hours of that day."""
        return (self.first is None or self.first <= day) and (self.end is None or day < self.end)


@dataclass(frozen=True)
class Calendar:
    """
    Work-days and their hours, in one time zone.

    Attributes
    ----------
    name
        What people call it, in the installation's language.
    zone
        IANA name of the time zone that its days and hours are in.
    hours
        Of a work-day.
    days
        The days of which a decree says something; all others are worked from Monday to Friday.
    names
        What those days are called, by language tag: ``{"zh-CN": "春节", "en": "Spring Festival"}``.
    years
        The years whose decree is in `days`. In any other year the calendar only guesses.
    seasons
        Hours that hold for a while in place of `hours`.
    called
        What people call the calendar, by language tag.

    Raises
    ------
    Invalid
        If the hours of a day are none, or not in order.
    """

    name: str
    zone: str
    hours: Hours
    days: Mapping[date, DayKind]
    names: Mapping[date, Mapping[str, str]] = field(default_factory=dict)
    years: frozenset[int] = frozenset()
    seasons: tuple[Season, ...] = ()
    called: Mapping[str, str] = field(default_factory=dict)
    _opened: dict[date, tuple[tuple[Micros, Micros], ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _midnights: dict[date, Micros] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for hours in (self.hours, *(season.hours for season in self.seasons)):
            require_hours(hours)

    def kind(self, day: date) -> DayKind:
        """Whether a day is worked: what was decreed for it, or else the week."""
        decreed = self.days.get(day)
        if decreed is not None:
            return decreed
        return DayKind.REST if day.weekday() >= _SATURDAY else DayKind.WORK

    def covers(self, day: date) -> bool:
        """Whether the decree for the year of this day is known."""
        return day.year in self.years

    def hours_on(self, day: date) -> Hours:
        """The hours of a work-day, as of that day."""
        return next((season.hours for season in self.seasons if season.holds_on(day)), self.hours)

    def opening(self, day: date) -> tuple[tuple[Micros, Micros], ...]:
        """The spans in which work is done on that day; none on a rest day."""
        found = self._opened.get(day)
        if found is None:
            # Kept: looking up what a zone says of an instant costs more than all else here.
            hours = self.hours_on(day) if self.kind(day) is DayKind.WORK else ()
            found = tuple((self._instant(day, opens), self._instant(day, closes)) for opens, closes in hours)
            self._opened[day] = found
        return found

    def midnight(self, day: date) -> Micros:
        """When a day begins."""
        found = self._midnights.get(day)
        if found is None:
            found = self._midnights[day] = self._instant(day, time())
        return found

    def day_of(self, at: Micros) -> date:
        """The local day of an instant."""
        return self.local(at).date()

    def local(self, at: Micros) -> datetime:
        """An instant as the clock on the wall shows it."""
        return instant(at).astimezone(self._zone)

    @cached_property
    def day_worth(self) -> int:
        """How many parts a work-day is cut into, so that a microsecond of any season is a whole number of them."""
        return math.lcm(_length(self.hours), *(_length(season.hours) for season in self.seasons))

    def worth(self, day: date) -> int:
        """How many parts of a work-day a microsecond of work is on that day: a short day counts as much as a long."""
        return self.day_worth // _length(self.hours_on(day)) if self.seasons else 1

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def _instant(self, day: date, at: time) -> Micros:
        return micros(datetime.combine(day, at, self._zone))


def micros(at: datetime) -> Micros:
    """An instant as a whole number; TypeError without a zone."""
    return (at - _EPOCH) // _MICROSECOND


def instant(at: Micros) -> datetime:
    """The instant of such a number, in UTC."""
    return _EPOCH + timedelta(microseconds=at)


def require_hours(hours: Hours) -> None:
    """
    Refuse hours that no day can have.

    Raises
    ------
    Invalid
        If there are none, one ends before it begins, or two overlap.
    """
    instants = [at for span in hours for at in span]
    if not hours or any(later < sooner for sooner, later in pairwise(instants)) or any(a == b for a, b in hours):
        raise Invalid(
            N_("The hours of a work-day follow one another without overlap, such as 08:30 to 12:00 and 14:00 to 17:30.")
        )


def _length(hours: Hours) -> Micros:
    return sum(
        (datetime.combine(date.min, closes) - datetime.combine(date.min, opens)) // _MICROSECOND
        for opens, closes in hours
    )
