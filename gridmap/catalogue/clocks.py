"""
Clocks: how long a stage may take, by which rule, and when that time is over.

How time is counted follows the Civil Code of China, articles 201 and 203: hours run from the moment they begin, the
day on which days begin to run is not counted, and the last one ends at the close of business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from gridmap.catalogue.calendars import Calendar, instant, micros
from gridmap.catalogue.conditions import read_condition
from gridmap.catalogue.counting import Count, Stop, count_on, merged, running_until
from gridmap.catalogue.counting import Unit as Unit
from gridmap.catalogue.reasoning import Reasons
from gridmap.errors import Invalid
from gridmap.language import N_

MOST: Final = 9999
"""The longest time limit, in any unit: what the column holds."""


class Stage(StrEnum):
    """What has a time limit of its own, in the order of the seven steps."""

    CONTACT = "contact"
    VERIFY = "verify"
    FILE = "file"
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    HANDLE = "handle"
    CHECK = "check"
    CLOSE = "close"

    @property
    def label(self) -> str:
        """What is to be done in time, translatable."""
        return _STAGES[self]


_STAGES: Final[Mapping[Stage, str]] = {
    Stage.CONTACT: N_("First contact"),
    Stage.VERIFY: N_("Verification"),
    Stage.FILE: N_("Filing"),
    Stage.DISPATCH: N_("Dispatch"),
    Stage.ACCEPT: N_("Acceptance"),
    Stage.HANDLE: N_("Handling"),
    Stage.CHECK: N_("Check before closing"),
    Stage.CLOSE: N_("Closing"),
}


@dataclass(frozen=True)
class DayRange:
    """Local days from `first` until the day before `end`; None is without begin or end."""

    first: date | None = None
    end: date | None = None

    def __contains__(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.end is None or day < self.end)


@dataclass(frozen=True)
class ClockRule:
    """
    A time limit as a row.

    Attributes
    ----------
    category
        The class that it is for, with all classes below it; None is every class.
    condition
        ``severity=1`` or ``severity=1;source=hotline``: all of it must be so. Empty is always.
    amount, unit
        The time limit; work-days are whole.
    pause_role
        Whose approval stops the clock; None: nobody's.
    valid
        The local days on which it holds.
    calendar
        The code of the calendar that work-hours and work-days are counted on.
    names
        What the class is called, by language tag, for the explanation.

    Raises
    ------
    Invalid
        If the amount or the condition means nothing.
    """

    id: int
    category: str | None
    condition: str
    stage: Stage
    amount: float
    unit: Unit
    pause_role: str | None = None
    valid: DayRange = DayRange()
    calendar: str = "cn"
    names: Mapping[str, str] = field(default_factory=dict, compare=False)
    conditions: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        require_amount(self.amount, self.unit)
        object.__setattr__(self, "conditions", read_condition(self.condition))


@dataclass(frozen=True)
class Pause:
    """A time in which a clock stood still; None: it still does. One that ends before it begins stopped nothing."""

    begins: datetime
    ends: datetime | None = None
    approver: str | None = None

    @property
    def stop(self) -> Stop:
        """The same as numbers."""
        return micros(self.begins), None if self.ends is None else micros(self.ends)


@dataclass(frozen=True)
class Extension:
    """More time, granted; it follows on what there was."""

    amount: float
    unit: Unit
    approver: str | None = None

    def __post_init__(self) -> None:
        require_amount(self.amount, self.unit)


@dataclass(frozen=True)
class Deadline:
    """
    When the time is over, and why then.

    Attributes
    ----------
    due_at
        In UTC; None while the clock stands still and nobody said until when.
    provisional
        Whether it runs over days of a year for which there is no calendar yet.
    explained
        Reasons as JSON, each with ``msgid`` and ``values``; `explaining.sentences` words them.
    """

    due_at: datetime | None
    provisional: bool
    explained: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Progress:
    """How far a clock is, in seconds in which it ran: of work-hours and work-days only those count."""

    used_s: float
    total_s: float
    paused: bool

    @property
    def left_s(self) -> float:
        """What is left; below 0 it is over."""
        return self.total_s - self.used_s


def deadline(
    rule: ClockRule,
    started_at: datetime,
    pauses: Sequence[Pause],
    calendar: Calendar,
    extended: Sequence[Extension] = (),
) -> Deadline:
    """
    Work out when a time limit is over, and why.

    Parameters
    ----------
    started_at
        With zone.
    pauses
        In any order; they may overlap.
    calendar
        That of the rule; hours on the clock ask it for the zone only.
    extended
        In the order in which they were granted.

    Returns
    -------
    deadline
        The same for the same input: it can be worked out anew from the log at any time.
    """
    begins = micros(started_at)
    counts = _counts(rule, begins, _stops(pauses), calendar, extended)
    due = counts[-1].due
    reasons = Reasons(calendar)
    holds = {**({"category": dict(rule.names) or rule.category} if rule.category else {}), **rule.conditions}
    reasons.tell_rule(rule.id, rule.stage.label, rule.amount, rule.unit, holds)
    reasons.tell_begin(begins, rule.unit, counts[0])
    reasons.tell_days(counts)
    for pause in pauses:
        reasons.tell_pause(*pause.stop, pause.approver, begins, due)
    for more in extended:
        reasons.tell_extension(more.amount, more.unit, more.approver)
    reasons.tell_who_may_pause(rule.pause_role)
    unknown = sorted({year for count in counts for year in count.unknown_years})
    reasons.tell_end(due, unknown)
    return Deadline(None if due is None else instant(due), bool(unknown), reasons.told)


def progress(
    rule: ClockRule,
    started_at: datetime,
    pauses: Sequence[Pause],
    calendar: Calendar,
    extended: Sequence[Extension] = (),
    *,
    now: datetime,
) -> Progress:
    """
    Say how much of its time a clock has used, as of `now`.

    After the deadline it goes on counting, so that `left_s` says how much too late it is.
    """
    begins, at = micros(started_at), micros(now)
    # As if it were resumed now: what is left then is what is left.
    ended = [pause if pause.ends else Pause(pause.begins, max(now, pause.begins)) for pause in pauses]
    stops = _stops(ended)
    counts = _counts(rule, begins, stops, calendar, extended)
    total = sum(count.running for count in counts)
    used = sum(running_until(count.unit, count.begins, min(at, count.due or at), stops, calendar) for count in counts)
    last = counts[-1]
    if last.due is not None and at > last.due:
        used += running_until(last.unit, last.due, at, stops, calendar)
    paused = any(pause.begins <= now and (pause.ends is None or now < pause.ends) for pause in pauses)
    return Progress(used / 1e6, total / 1e6, paused)


def require_amount(amount: float, unit: Unit) -> None:
    """
    Refuse a time limit that means nothing.

    Raises
    ------
    Invalid
        If it is not above 0 and at most `MOST`, or a part of a work-day.
    """
    if not 0 < amount <= MOST:
        raise Invalid(N_("A time limit is above 0 and at most %(most)s."), where="/amount", most=MOST)
    if unit == Unit.WORK_DAYS and amount != int(amount):
        raise Invalid(N_("Work-days are whole. Give work-hours for a part of a day."), where="/amount")


def _stops(pauses: Sequence[Pause]) -> tuple[Stop, ...]:
    return merged(pause.stop for pause in pauses)


def _counts(
    rule: ClockRule, begins: int, stops: Sequence[Stop], calendar: Calendar, extended: Sequence[Extension]
) -> list[Count]:
    """One count after the other; what is granted in the same unit is one longer count, and no new day is lost."""
    amounts = [(rule.unit, rule.amount)]
    for more in extended:
        unit, amount = amounts[-1]
        if more.unit == unit:
            amounts[-1] = (unit, amount + more.amount)
        else:
            amounts.append((more.unit, more.amount))
    counts: list[Count] = []
    for unit, amount in amounts:
        count = count_on(unit, amount, begins, stops, calendar)
        counts.append(count)
        if count.due is None:
            break
        begins = count.due
    return counts
