"""Counting time that runs: on the clock, or in the hours of work-days, with pauses taken out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from gridmap.catalogue.calendars import Calendar, DayKind, Micros

Stop = tuple[Micros, Micros | None]
"""A span in which no time runs; None is without end."""

_HOUR: Final = 3_600_000_000
_DAY: Final = timedelta(days=1)


class Unit(StrEnum):
    """What a time limit is counted in."""

    CLOCK_HOURS = "h"
    WORK_HOURS = "wh"
    WORK_DAYS = "wd"


@dataclass
class Count:
    """
    An amount of time, counted.

    Attributes
    ----------
    begins
        From when it is counted; of work-days the midnight after the start.
    due
        When it is used up: the first such instant. None if a pause without end keeps it from that.
    running
        Microseconds that ran from `begins` until `due`.
    rest, worked
        Days on the way that a decree or the week kept free, and those that a decree had worked.
    unknown_years
        Years on the way for which there is no calendar.
    """

    unit: Unit
    begins: Micros
    due: Micros | None = None
    running: Micros = 0
    rest: list[date] = field(default_factory=list)
    worked: list[date] = field(default_factory=list)
    unknown_years: set[int] = field(default_factory=set)


def merged(stops: Iterable[Stop]) -> tuple[Stop, ...]:
    """Put stops in order and make one of those that overlap or touch; what ends before it begins is none."""
    found: list[Stop] = []
    for begins, ends in sorted((stop for stop in stops if stop[1] is None or stop[1] > stop[0]), key=lambda s: s[0]):
        if found and (found[-1][1] is None or found[-1][1] >= begins):
            before, until = found[-1]
            found[-1] = (before, None if until is None or ends is None else max(until, ends))
        else:
            found.append((begins, ends))
    return tuple(found)


def count_on(unit: Unit, amount: float, begins: Micros, stops: Sequence[Stop], calendar: Calendar) -> Count:
    """
    Count an amount of running time onwards.

    Parameters
    ----------
    amount
        Hours or days, above 0.
    stops
        As `merged` gives them.
    """
    if unit == Unit.CLOCK_HOURS:
        return _count_hours(round(amount * _HOUR), begins, stops)
    if unit == Unit.WORK_HOURS:
        return _count_work(Count(unit, begins), round(amount * _HOUR), calendar.day_of(begins), stops, calendar)
    first = calendar.day_of(begins) + _DAY
    count = Count(unit, calendar.midnight(first))
    return _count_work(count, round(amount * calendar.day_worth), first, stops, calendar)


def running_until(unit: Unit, begins: Micros, at: Micros, stops: Sequence[Stop], calendar: Calendar) -> Micros:
    """How much time ran from one instant until another; 0 if that one is earlier."""
    if at <= begins:
        return 0
    if unit == Unit.CLOCK_HOURS:
        return sum(ends - starts for starts, ends in _running(begins, at, stops))
    day, last, total = calendar.day_of(begins), calendar.day_of(at), 0
    while day <= last:
        for opens, closes in calendar.opening(day):
            total += sum(ends - starts for starts, ends in _running(max(opens, begins), min(closes, at), stops))
        day += _DAY
    return total


def _count_hours(left: Micros, begins: Micros, stops: Sequence[Stop]) -> Count:
    due = begins + left
    for starts, ends in stops:
        if starts >= due:
            break
        if ends is None:
            return Count(Unit.CLOCK_HOURS, begins, None, max(0, starts - begins))
        due += max(0, ends - max(begins, starts))
    return Count(Unit.CLOCK_HOURS, begins, due, left)


def _count_work(count: Count, left: int, day: date, stops: Sequence[Stop], calendar: Calendar) -> Count:
    """`left` is in microseconds of work-hours, or in parts of work-days."""
    in_days = count.unit == Unit.WORK_DAYS
    while True:
        resumed = _resumed(day, stops, calendar) if stops else day
        if resumed is None:
            return count
        day = resumed
        _note(count, day, calendar)
        worth = calendar.worth(day) if in_days else 1
        for opens, closes in calendar.opening(day):
            for starts, ends in _running(max(opens, count.begins), closes, stops):
                if (ends - starts) * worth >= left:
                    took = -(-left // worth)
                    count.due, count.running = starts + took, count.running + took
                    return count
                left -= (ends - starts) * worth
                count.running += ends - starts
        day += _DAY


def _resumed(day: date, stops: Sequence[Stop], calendar: Calendar) -> date | None:
    """The first day from this one on that no pause covers whole; None if one never ends."""
    begins, ends = calendar.midnight(day), calendar.midnight(day + _DAY)
    for starts, until in stops:
        if starts <= begins and (until is None or until >= ends):
            return None if until is None else calendar.day_of(until)
    return day


def _note(count: Count, day: date, calendar: Calendar) -> None:
    """Keep what the explanation tells of a day."""
    if not calendar.covers(day):
        count.unknown_years.add(day.year)
    if calendar.kind(day) is DayKind.REST:
        count.rest.append(day)
    elif day in calendar.days:
        count.worked.append(day)


def _running(begins: Micros, ends: Micros, stops: Sequence[Stop]) -> Iterator[tuple[Micros, Micros]]:
    """What is left of a span without its stops."""
    for starts, until in stops:
        if until is not None and until <= begins:
            continue
        if starts >= ends:
            break
        if starts > begins:
            yield begins, starts
        if until is None:
            return
        begins = until
    if begins < ends:
        yield begins, ends
