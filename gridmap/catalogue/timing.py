"""The time limits and calendars of this installation: read from the database, kept as long as they stay the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import pairwise
from threading import Lock

from sqlalchemy import Engine, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gridmap.catalogue.calendar_tables import CalendarDay, CalendarRow, CalendarYear, ClockRuleRow, WorkHours
from gridmap.catalogue.calendars import Calendar, DayKind, Hours, Season, micros
from gridmap.catalogue.choosing import nearest
from gridmap.catalogue.clocks import (
    ClockRule,
    DayRange,
    Deadline,
    Extension,
    Pause,
    Progress,
    Stage,
    Unit,
    deadline,
    progress,
)
from gridmap.catalogue.revision import catalogue_revision
from gridmap.catalogue.tables import Category
from gridmap.language import DEFAULT_LOCALE


@dataclass(frozen=True)
class Timing:
    """
    All clock rules and calendars, those of other days too.

    Attributes
    ----------
    rules
        By id.
    calendars
        By code.
    """

    rules: Mapping[int, ClockRule]
    calendars: Mapping[str, Calendar]

    def rule(self, rule_id: int) -> ClockRule:
        """The rule of that id, which may have ended: what began under it stays under it; KeyError if there is none."""
        return self.rules[rule_id]

    def clock(
        self, category_path: Sequence[str], facts: Mapping[str, str], stage: Stage, at: datetime
    ) -> ClockRule | None:
        """
        The rule for a stage that held on the local day of `at`; `choosing.pick` says which of several.

        None if no rule speaks of the stage: then it has no time limit.
        """
        moment = micros(at)
        days = {code: calendar.day_of(moment) for code, calendar in self.calendars.items()}
        held = (rule for rule in self._of_stage.get(stage, ()) if days[rule.calendar] in rule.valid)
        return nearest(held, category_path, facts)

    def deadline(
        self, rule: ClockRule, started_at: datetime, pauses: Sequence[Pause] = (), extended: Sequence[Extension] = ()
    ) -> Deadline:
        """`clocks.deadline` on the calendar of the rule."""
        return deadline(rule, started_at, pauses, self.calendars[rule.calendar], extended)

    def progress(
        self,
        rule: ClockRule,
        started_at: datetime,
        pauses: Sequence[Pause] = (),
        extended: Sequence[Extension] = (),
        *,
        now: datetime,
    ) -> Progress:
        """`clocks.progress` on the calendar of the rule."""
        return progress(rule, started_at, pauses, self.calendars[rule.calendar], extended, now=now)

    @cached_property
    def _of_stage(self) -> Mapping[Stage, Sequence[ClockRule]]:
        found: dict[Stage, list[ClockRule]] = defaultdict(list)
        for rule in self.rules.values():
            found[rule.stage].append(rule)
        return found


def timing_now(db: Session) -> Timing:
    """Clock rules and calendars as this transaction sees them: one read of a number if nothing has changed."""
    global _kept
    bound = db.get_bind()
    engine = bound if isinstance(bound, Engine) else bound.engine
    # A number is of one database; a process that speaks to two, as tests do, must not mix them.
    key = (engine.url.render_as_string(hide_password=True), catalogue_revision(db))
    with _door:
        if _kept is not None and _kept[0] == key:
            return _kept[1]
    # Read outside of the door: two threads may read the same twice, and none waits for another.
    calendars = load_calendars(db)
    timing = Timing({rule.id: rule for rule in load_clocks(db) if rule.calendar in calendars}, calendars)
    with _door:
        _kept = (key, timing)
    return timing


def load_clocks(db: Session) -> tuple[ClockRule, ...]:
    """All clock rules, those that have ended too, by id."""
    rows = db.execute(
        select(ClockRuleRow, Category.name, Category.names)
        .outerjoin(Category, Category.code == ClockRuleRow.category)
        .order_by(ClockRuleRow.id)
    )
    return tuple(
        ClockRule(
            row.id,
            row.category,
            row.condition,
            Stage(row.stage),
            row.amount,
            Unit(row.unit),
            row.pause_role,
            _days(row.valid),
            row.calendar,
            {} if name is None else {DEFAULT_LOCALE: name, **names},
        )
        for row, name, names in rows
    )


def load_calendars(db: Session) -> dict[str, Calendar]:
    """All calendars by code; one without hours is none yet, and is left out with the rules that name it."""
    years: dict[str, set[int]] = defaultdict(set)
    for calendar, year in db.execute(select(CalendarYear.calendar, CalendarYear.year)):
        years[calendar].add(year)
    days: dict[str, list[CalendarDay]] = defaultdict(list)
    for day in db.scalars(select(CalendarDay).order_by(CalendarDay.day)):
        days[day.calendar].append(day)
    spans: dict[str, list[WorkHours]] = defaultdict(list)
    for span in db.scalars(select(WorkHours).order_by(WorkHours.opens)):
        spans[span.calendar].append(span)
    return {
        row.code: _calendar(row, days[row.code], frozenset(years[row.code]), spans[row.code])
        for row in db.scalars(select(CalendarRow).order_by(CalendarRow.code))
        if spans[row.code]
    }


def _calendar(
    row: CalendarRow, days: Sequence[CalendarDay], years: frozenset[int], spans: Sequence[WorkHours]
) -> Calendar:
    seasons = _seasons(spans)
    return Calendar(
        row.name,
        row.time_zone,
        # On days for which no hours are said, those said last.
        seasons[-1].hours,
        {day.day: DayKind(day.kind) for day in days},
        {day.day: {DEFAULT_LOCALE: day.note, **day.names} for day in days},
        years,
        seasons if len(seasons) > 1 else (),
        {DEFAULT_LOCALE: row.name, **row.names},
    )


def _seasons(spans: Sequence[WorkHours]) -> tuple[Season, ...]:
    """The times between any two days on which the hours change, each with the spans that hold in it."""
    edges = sorted({edge for span in spans for edge in (span.valid.lower, span.valid.upper) if edge is not None})
    bounds: list[date | None] = [None, *edges, None]
    found = []
    for first, end in pairwise(bounds):
        season = DayRange(first, end)
        hours: Hours = tuple((span.opens, span.closes) for span in spans if _holds_over(span.valid, season))
        if hours:
            found.append(Season(first, end, hours))
    return tuple(found)


def _holds_over(valid: Range[date], season: DayRange) -> bool:
    """Whether a range holds on all of a season that no bound of a range cuts."""
    days = _days(valid)
    begins = days.first is None or (season.first is not None and days.first <= season.first)
    return begins and (days.end is None or (season.end is not None and season.end <= days.end))


def _days(valid: Range[date]) -> DayRange:
    return DayRange(valid.lower, valid.upper)


_door = Lock()
_kept: tuple[tuple[str, int], Timing] | None = None
