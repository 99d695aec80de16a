"""Time limits and calendars as they stand in the database."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError, ProgrammingError

from gridmap.catalogue.calendar_tables import CalendarDay, CalendarRow, CalendarYear, ClockRuleRow, WorkHours
from gridmap.catalogue.calendars import DayKind
from gridmap.catalogue.clocks import Stage, Unit
from gridmap.catalogue.conditions import VALUES, read_condition, write_condition
from gridmap.catalogue.revision import catalogue_revision
from gridmap.catalogue.timing import load_calendars, timing_now

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


def test_the_shipped_calendar_says_of_each_day_what_another_source_says(db):
    """
    The notices of the State Council stand in the migration; the other source is what the library holidays 0.109 knows.

    Its file names the days of 2024 to 2026 that are not as the week would have them.
    """
    lines = (Path(__file__).parent / "days_by_holidays.csv").read_text(encoding="utf-8").splitlines()
    other = {date.fromisoformat(row["day"]): DayKind(row["kind"]) for row in csv.DictReader(lines)}
    calendar = load_calendars(db)["cn"]
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(366 + 365 + 365)]
    unlike_the_week = {day: calendar.kind(day) for day in days if (calendar.kind(day) == "rest") != (day.weekday() > 4)}
    assert unlike_the_week == other
    assert calendar.years == {day.year for day in days}


def test_a_process_reads_the_rules_once_and_anew_when_one_has_changed(db):
    first = timing_now(db)
    assert timing_now(db) is first
    db.execute(update(ClockRuleRow).where(ClockRuleRow.condition == "severity=1").values(amount=0.25))
    second = timing_now(db)
    assert second.clock((), {"severity": "1"}, Stage.HANDLE, NOON).amount == 0.25
    assert timing_now(db) is second


@pytest.mark.parametrize(
    "change",
    [
        insert(CalendarYear).values(calendar="cn", year=2027, source="国办发明电"),
        update(CalendarDay).values(kind="rest"),
        delete(CalendarDay).where(CalendarDay.day == date(2026, 2, 14)),
        update(WorkHours).where(WorkHours.opens == time(14)).values(opens=time(13, 30)),
        update(CalendarRow).values(name="日历"),
        update(ClockRuleRow).values(pause_role="chief"),
    ],
    ids=lambda change: change.table.name,
)
def test_every_change_of_a_rule_is_another_revision_and_none_is_used_twice(db, change):
    before = catalogue_revision(db)
    with db.begin_nested() as given_up:
        db.execute(change)
        during = catalogue_revision(db)
        given_up.rollback()
    assert catalogue_revision(db) == before
    db.execute(change)
    assert len({before, during, catalogue_revision(db)}) == 3


@pytest.mark.parametrize(
    ("facts", "stage", "amount", "unit"),
    [
        ({"severity": "1"}, Stage.HANDLE, 2, Unit.CLOCK_HOURS),
        ({"severity": "2"}, Stage.HANDLE, 8, Unit.CLOCK_HOURS),
        ({"severity": "3"}, Stage.HANDLE, 48, Unit.CLOCK_HOURS),
        ({"severity": "4"}, Stage.HANDLE, 120, Unit.CLOCK_HOURS),
        ({"severity": "4", "source": "hotline"}, Stage.CONTACT, 1, Unit.CLOCK_HOURS),
        ({"severity": "4", "source": "hotline"}, Stage.CLOSE, 5, Unit.WORK_DAYS),
        ({"severity": "3", "source": "patrol"}, Stage.CHECK, 8, Unit.WORK_HOURS),
        ({"severity": "1", "source": "patrol"}, Stage.CHECK, 4, Unit.CLOCK_HOURS),
    ],
)
def test_an_installation_begins_with_time_limits(db, facts, stage, amount, unit):
    rule = timing_now(db).clock((), facts, stage, NOON)
    assert (rule.amount, rule.unit) == (amount, unit)


def test_a_life_at_risk_waits_for_no_morning(db):
    """Nothing that is counted for severity 1 is counted in work-time."""
    timing = timing_now(db)
    stages = [stage for stage in Stage if stage not in (Stage.CONTACT, Stage.CLOSE)]
    assert {timing.clock((), {"severity": "1"}, stage, NOON).unit for stage in stages} == {Unit.CLOCK_HOURS}


def test_what_began_under_a_rule_stays_under_it(db):
    """The rule is changed from the 20th on; what was reported the evening before, local time, keeps the old one."""
    old = db.scalars(select(ClockRuleRow).where(ClockRuleRow.condition == "severity=3")).one()
    old.valid = Range(None, date(2026, 11, 20))
    db.flush()
    since = Range(date(2026, 11, 20), None)
    db.add(ClockRuleRow(condition="severity=3", stage="handle", amount=24, unit="h", valid=since))
    db.flush()
    timing = timing_now(db)
    before = datetime(2026, 11, 19, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    assert timing.clock((), {"severity": "3"}, Stage.HANDLE, before).amount == 48
    assert timing.clock((), {"severity": "3"}, Stage.HANDLE, before + timedelta(minutes=1)).amount == 24
    assert timing.rule(old.id).amount == 48


def test_hours_of_a_season_hold_in_it(db):
    for span in db.scalars(select(WorkHours)):
        span.valid = Range(None, date(2026, 6, 1))
    db.flush()
    summer = Range(date(2026, 6, 1), date(2026, 10, 1))
    db.add_all([WorkHours(calendar="cn", opens=time(8), closes=time(12), valid=summer)])
    db.add_all([WorkHours(calendar="cn", opens=time(15), closes=time(18), valid=summer)])
    db.flush()
    calendar = load_calendars(db)["cn"]
    assert calendar.hours_on(date(2026, 5, 31)) == ((time(8, 30), time(12)), (time(14), time(17, 30)))
    assert calendar.hours_on(date(2026, 9, 30)) == ((time(8), time(12)), (time(15), time(18)))


def test_a_calendar_without_hours_is_none_yet(db):
    db.execute(insert(CalendarRow).values(code="clinic", name="诊所", names={}, time_zone="Asia/Shanghai"))
    there = {"stage": "handle", "amount": 1, "unit": "wd", "condition": "severity=1;source=web"}
    db.execute(insert(ClockRuleRow).values(**there, calendar="clinic"))
    timing = timing_now(db)
    assert "clinic" not in timing.calendars
    assert timing.clock((), {"severity": "1", "source": "web"}, Stage.HANDLE, NOON).calendar == "cn"


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"condition": "severity=1"}, "clock_rule_excl"),
        ({"condition": "source=hotline;severity=1"}, "clock_rule_condition_check"),
        ({"condition": "severity=1;"}, "clock_rule_condition_check"),
        ({"condition": "severity=9"}, "clock_rule_condition_check"),
        ({"condition": "source=rumour"}, "clock_rule_condition_check"),
        ({"condition": "severity=1level=chief"}, "clock_rule_condition_check"),
        ({"amount": 0}, "clock_rule_amount_check"),
        ({"amount": 1.5, "unit": "wd"}, "clock_rule_amount_check"),
        ({"unit": "d"}, "clock_rule_unit_check"),
        ({"pause_role": "auditor"}, "clock_rule_pause_role_check"),
        ({"stage": "sleep"}, "clock_rule_stage_check"),
        ({"category": "nowhere"}, "clock_rule_category_fkey"),
        ({"calendar": "moon"}, "clock_rule_calendar_fkey"),
    ],
)
def test_the_database_keeps_a_rule_that_means_nothing_out(db, values, constraint):
    row = {"condition": "kind=rural", "stage": "handle", "amount": 1, "unit": "h", **values}
    with pytest.raises(IntegrityError, match=constraint):
        db.execute(insert(ClockRuleRow).values(row))


@pytest.mark.parametrize("key", VALUES)
def test_the_database_takes_every_condition_that_can_be_read(db, key):
    for value in VALUES[key]:
        told = f"{key}={value}" if key == "severity" else f"{key}={value};severity=4"
        condition = write_condition(read_condition(told))
        db.execute(insert(ClockRuleRow).values(condition=condition, stage="contact", amount=1, unit="wh"))
    assert len(timing_now(db).rules) > len(VALUES[key])


def test_no_minute_of_a_day_is_in_two_spans_of_its_hours(db):
    with pytest.raises(IntegrityError, match="work_hours_excl"):
        db.execute(insert(WorkHours).values(calendar="cn", opens=time(11, 59), closes=time(13)))


def test_the_service_cannot_set_the_revision_itself(db):
    with pytest.raises(ProgrammingError, match="permission denied"):
        db.execute(text("UPDATE catalogue_revision SET n = 1"))
