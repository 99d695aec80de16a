"""The tables of time limits and of the calendars they are counted on, as files hold them."""

from __future__ import annotations

from typing import Final

from gridmap.catalogue.calendars import DayKind
from gridmap.catalogue.clocks import Stage
from gridmap.catalogue.ruletable import DAYS, EN, UNITS, VALID, RuleTable, named_again, rows_of
from gridmap.catalogue.settling import (
    MAY_PAUSE,
    settle_calendar,
    settle_clock,
    settle_day,
    settle_hours,
    settle_year,
)
from gridmap.intake.fields import Field, Sort
from gridmap.language import N_

_CLOCK_ROWS: Final = rows_of(
    "category text, condition text, stage text, amount numeric, unit text, pause_role text, calendar text, note text"
)
CLOCKS: Final = RuleTable(
    "clocks", N_("Time limits"), "clock_rule",
    (
        Field("category", N_("Class"), Sort.CODE, N_("Of this class and those below it; blank for all.")),
        Field("condition", N_("Condition"), Sort.TEXT, N_("Such as severity=1;source=hotline; blank for always."),
              example="severity=2"),
        Field("stage", N_("Stage"), Sort.CHOICE, N_("What is to be done in time."), needed=True,
              choices={each.value: each.label for each in Stage}),
        Field("amount", N_("Amount"), Sort.NUMBER, N_("How long it may take."), needed=True, least=0, most=9999),
        Field("unit", N_("Unit"), Sort.CHOICE, N_("Clock hours, work-hours or work-days."), needed=True,
              choices=UNITS),
        Field("pause_role", N_("Who may pause"), Sort.CHOICE, N_("Whose approval stops the clock; blank: nobody's."),
              choices={each.value: each.label for each in MAY_PAUSE}),
        Field("calendar", N_("Calendar"), Sort.CODE, N_("On which work-days count."), default="cn"),
        Field("note", N_("Note"), Sort.TEXT, N_("Where it comes from.")),
    ),
    ("category", "condition", "stage"),
    read="SELECT id::text AS id, coalesce(category, '') AS category, condition, stage, amount::float8 AS amount, unit,"
    f" coalesce(pause_role, '') AS pause_role, calendar, note, {DAYS} FROM clock_rule",
    put_in="INSERT INTO clock_rule (category, condition, stage, amount, unit, pause_role, calendar, note, valid)"
    f" SELECT nullif(category, ''), condition, stage, amount, unit, nullif(pause_role, ''), calendar, note, {VALID}"
    f" FROM {_CLOCK_ROWS}",
    dated=True,
    refers={"category": "category", "calendar": "calendar"},
    settle=settle_clock,
    by="stage",
)  # fmt: skip

_DAY_ROWS: Final = rows_of("calendar text, day date, kind text, note text, name_en text")
CALENDAR_DAYS: Final = RuleTable(
    "calendar-days", N_("Days of the calendars"), "calendar_day",
    (
        Field("calendar", N_("Calendar"), Sort.CODE, N_("Code of the calendar."), needed=True, example="cn"),
        Field("day", N_("Day"), Sort.TEXT, N_("Such as 2026-02-17."), needed=True, example="2026-02-17"),
        Field("kind", N_("Kind"), Sort.CHOICE, N_("Whether it is worked."), needed=True,
              choices={each.value: each.label for each in DayKind}),
        Field("note", N_("Name"), Sort.TEXT, N_("What the day is called."), needed=True),
        Field("name_en", N_("English name"), Sort.TEXT, N_("Shown to whoever reads English.")),
    ),
    ("calendar", "day"),
    read="SELECT calendar || ':' || day AS id, calendar, day::text AS day, kind, note,"
    " coalesce(names ->> 'en', '') AS name_en FROM calendar_day",
    put_in="INSERT INTO calendar_day (calendar, day, kind, note, names)"
    f" SELECT calendar, day, kind, note, {EN} FROM {_DAY_ROWS}",
    rewrite="UPDATE calendar_day SET kind = r.kind, note = r.note,"
    f" names = {named_again('calendar_day')} FROM {_DAY_ROWS}"
    " WHERE calendar_day.calendar = r.calendar AND calendar_day.day = r.day",
    ends=False,
    refers={"calendar": "calendar"},
    settle=settle_day,
    by="calendar",
)  # fmt: skip

_YEAR_ROWS: Final = rows_of("calendar text, year integer, source text")
CALENDAR_YEARS: Final = RuleTable(
    "calendar-years", N_("Years of the calendars"), "calendar_year",
    (
        Field("calendar", N_("Calendar"), Sort.CODE, N_("Code of the calendar."), needed=True, example="cn"),
        Field("year", N_("Year"), Sort.CODE, N_("Whose days are all known."), needed=True, example="2027"),
        Field("source", N_("Source"), Sort.TEXT, N_("The notice that says so."), needed=True),
    ),
    ("calendar", "year"),
    read="SELECT calendar || ':' || year AS id, calendar, year::text AS year, source FROM calendar_year",
    put_in=f"INSERT INTO calendar_year (calendar, year, source) SELECT calendar, year, source FROM {_YEAR_ROWS}",
    rewrite=f"UPDATE calendar_year SET source = r.source FROM {_YEAR_ROWS}"
    " WHERE calendar_year.calendar = r.calendar AND calendar_year.year = r.year",
    ends=False,
    refers={"calendar": "calendar"},
    settle=settle_year,
    by="calendar",
)  # fmt: skip

_CALENDAR_ROWS: Final = rows_of("code text, name text, name_en text, time_zone text")
CALENDARS: Final = RuleTable(
    "calendars", N_("Calendars"), "calendar",
    (
        Field("code", N_("Code"), Sort.CODE, N_("Small letters, figures and dashes."), needed=True, example="cn"),
        Field("name", N_("Name"), Sort.TEXT, N_("In the language of the installation."), needed=True),
        Field("name_en", N_("English name"), Sort.TEXT, N_("Shown to whoever reads English.")),
        Field("time_zone", N_("Time zone"), Sort.TEXT, N_("Such as Asia/Shanghai."), needed=True,
              example="Asia/Shanghai"),
    ),
    ("code",),
    read="SELECT code AS id, code, name, coalesce(names ->> 'en', '') AS name_en, time_zone FROM calendar",
    put_in="INSERT INTO calendar (code, name, names, time_zone)"
    f" SELECT code, name, {EN}, time_zone FROM {_CALENDAR_ROWS}",
    rewrite=f"UPDATE calendar SET name = r.name, names = {named_again('calendar')}"
    f" FROM {_CALENDAR_ROWS} WHERE calendar.code = r.code",
    ends=False,
    fixed={"time_zone": N_("deadlines were counted in it. Add another calendar.")},
    settle=settle_calendar,
)  # fmt: skip

_HOURS_ROWS: Final = rows_of("calendar text, opens time, closes time")
WORK_HOURS: Final = RuleTable(
    "work-hours", N_("Hours of work-days"), "work_hours",
    (
        Field("calendar", N_("Calendar"), Sort.CODE, N_("Code of the calendar."), needed=True, example="cn"),
        Field("opens", N_("From"), Sort.TEXT, N_("Such as 08:30; a day may have several rows."), needed=True,
              example="08:30"),
        Field("closes", N_("To"), Sort.TEXT, N_("Such as 12:00."), needed=True, example="12:00"),
    ),
    ("calendar", "opens", "closes"),
    read="SELECT id::text AS id, calendar, to_char(opens, 'HH24:MI') AS opens, to_char(closes, 'HH24:MI') AS closes,"
    f" {DAYS} FROM work_hours",
    put_in="INSERT INTO work_hours (calendar, opens, closes, valid)"
    f" SELECT calendar, opens, closes, {VALID} FROM {_HOURS_ROWS}",
    dated=True,
    refers={"calendar": "calendar"},
    settle=settle_hours,
    by="calendar",
)  # fmt: skip
