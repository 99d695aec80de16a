"""What is true of clocks whatever the numbers are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gridmap.catalogue.calendars import Calendar, DayKind, Season
from gridmap.catalogue.choosing import pick
from gridmap.catalogue.clocks import (
    ClockRule,
    DayRange,
    Extension,
    Pause,
    Stage,
    Unit,
    deadline,
    progress,
)
from gridmap.catalogue.conditions import read_condition, write_condition
from gridmap.errors import Invalid

ZONE = ZoneInfo("Asia/Shanghai")
MORNING, AFTERNOON = (time(8, 30), time(12)), (time(14), time(17, 30))
# A festival of nine days, with the Saturdays before and after it worked.
CALENDAR = Calendar(
    "work-days",
    "Asia/Shanghai",
    (MORNING, AFTERNOON),
    {date(2026, 2, 15) + timedelta(days=n): DayKind.REST for n in range(9)}
    | {date(2026, 2, 14): DayKind.WORK, date(2026, 2, 28): DayKind.WORK},
    years=frozenset({2026}),
)
# The year around has summer hours, an hour later and half an hour shorter in the afternoon.
SUMMER = replace(
    CALENDAR, seasons=(Season(date(2026, 6, 1), date(2026, 10, 1), (MORNING, (time(15), time(18)))),)
)  # fmt: skip

# Enough to find each fault that was put in on purpose; no limit on time, since machines are busy.
several = settings(max_examples=40, deadline=None)
starts = st.integers(0, 240 * 24 * 60).map(lambda n: datetime(2026, 1, 5, tzinfo=ZONE) + timedelta(minutes=n))
units = st.sampled_from(Unit)
amounts = st.integers(1, 40)
minutes = st.integers(0, 60 * 24 * 20)


@st.composite
def pauses_of(draw, start):
    """Up to four ended pauses in the weeks around a start, in any order, some within others."""
    found = []
    for _ in range(draw(st.integers(0, 4))):
        begins = start + timedelta(minutes=draw(minutes) - 3 * 24 * 60)
        found.append(Pause(begins, begins + timedelta(minutes=draw(st.integers(-60, 60 * 24 * 6)))))
    return found


def rule(unit=Unit.CLOCK_HOURS, amount=2, condition="", category=None, number=1, stage=Stage.HANDLE, **more):
    return ClockRule(number, category, condition, stage, amount, unit, **more)


def due(unit, amount, start, pauses=(), extended=(), calendar=CALENDAR):
    return deadline(rule(unit, amount), start, pauses, calendar, extended).due_at


@several
@given(st.data(), starts, units, amounts, amounts)
def test_more_time_is_never_over_sooner(data, start, unit, amount, more):
    pauses = data.draw(pauses_of(start))
    assert due(unit, amount, start, pauses) < due(unit, amount + more, start, pauses)


@several
@given(st.data(), starts, units, amounts)
def test_another_pause_never_brings_the_deadline_nearer(data, start, unit, amount):
    pauses, more = data.draw(pauses_of(start)), data.draw(pauses_of(start))
    assert due(unit, amount, start, pauses) <= due(unit, amount, start, pauses + more)


@several
@given(starts, amounts, minutes, st.integers(1, 60 * 24 * 9))
def test_a_pause_moves_hours_on_the_clock_by_its_own_length(start, amount, after, length):
    assume(after < amount * 60)
    begins = start + timedelta(minutes=after)
    pause = Pause(begins, begins + timedelta(minutes=length))
    assert due(Unit.CLOCK_HOURS, amount, start, [pause]) - due(Unit.CLOCK_HOURS, amount, start) == pause.ends - begins


@several
@given(st.data(), starts, units, amounts)
def test_the_order_in_which_pauses_are_told_does_not_matter(data, start, unit, amount):
    pauses = data.draw(pauses_of(start))
    shuffled = data.draw(st.permutations(pauses))
    assert due(unit, amount, start, pauses) == due(unit, amount, start, shuffled)


@several
@given(st.data(), starts, units, amounts)
def test_working_it_out_again_changes_nothing(data, start, unit, amount):
    pauses = data.draw(pauses_of(start))
    first = deadline(rule(unit, amount), start, pauses, CALENDAR)
    # A calendar that has kept nothing yet gives what one gives that has answered before.
    assert deadline(rule(unit, amount), start.astimezone(UTC), pauses, replace(CALENDAR)) == first


@several
@given(st.data(), starts, units, amounts, minutes)
def test_what_is_left_now_is_over_at_the_deadline(data, start, unit, amount, later):
    """Used and left are the amount: a clock started now on what is left is over in the same minute."""
    assume(unit != Unit.WORK_DAYS)  # a day that is begun cannot be started again
    pauses, now = data.draw(pauses_of(start)), start + timedelta(minutes=later)
    ends = due(unit, amount, start, pauses)
    assume(now < ends)
    found = progress(rule(unit, amount), start, pauses, CALENDAR, now=now)
    assert found.used_s + found.left_s == found.total_s == amount * 3600
    assume(found.left_s > 0)
    assert due(unit, found.left_s / 3600, now, pauses) == ends


@several
@given(st.data(), starts, units, amounts)
def test_a_clock_is_used_up_at_its_deadline(data, start, unit, amount):
    pauses = data.draw(pauses_of(start))
    asked = (rule(unit, amount), start, pauses, SUMMER)
    assert progress(*asked, now=deadline(*asked).due_at).left_s == 0
    assert progress(*asked, now=start).used_s == 0


def walked(unit, amount, start, pauses, calendar):
    """The end of the minute in which a time limit is over, by walking minute by minute and by nothing cleverer."""
    at = start
    if unit == Unit.WORK_DAYS:
        at = datetime.combine(start.date() + timedelta(days=1), time(), ZONE)
    left = Fraction(amount)
    while left > 0:
        hours = calendar.hours_on(at.date()) if calendar.kind(at.date()) is DayKind.WORK else ()
        open_now = unit == Unit.CLOCK_HOURS or any(opens <= at.time() < closes for opens, closes in hours)
        if open_now and not any(pause.begins <= at < pause.ends for pause in pauses):
            in_day = sum((closes.hour - opens.hour) * 60 + closes.minute - opens.minute for opens, closes in hours)
            left -= Fraction(1, in_day if unit == Unit.WORK_DAYS else 60)
        at += timedelta(minutes=1)
    return at


@settings(max_examples=20, deadline=None)
@given(st.data(), starts, units, st.integers(1, 4), st.sampled_from([CALENDAR, SUMMER]))
def test_walking_minute_by_minute_leads_to_the_same_deadline(data, start, unit, amount, calendar):
    pauses = data.draw(pauses_of(start))
    end = walked(unit, amount, start, pauses, calendar)
    assert end - timedelta(minutes=1) < due(unit, amount, start, pauses, calendar=calendar) <= end


def test_what_is_too_late_is_counted_on():
    start = datetime(2026, 3, 3, 9, tzinfo=ZONE)
    late = progress(rule(Unit.WORK_HOURS, 2), start, [], CALENDAR, now=datetime(2026, 3, 3, 15, tzinfo=ZONE))
    assert (late.used_s, late.total_s, late.left_s) == (4 * 3600, 2 * 3600, -2 * 3600)


def test_a_paused_clock_says_so_and_keeps_what_is_left():
    start = datetime(2026, 3, 3, 9, tzinfo=ZONE)
    pause = Pause(start + timedelta(hours=1))
    for hours in (1, 2, 200):
        found = progress(rule(amount=3), start, [pause], CALENDAR, now=start + timedelta(hours=hours))
        assert (found.used_s, found.left_s, found.paused) == (3600, 7200, True)
    assert not progress(rule(amount=3), start, [pause], CALENDAR, now=start + timedelta(minutes=59)).paused


def test_a_day_of_summer_hours_counts_as_much_as_one_of_winter():
    """Of 7 and of 6.5 hours: the second day ends at 18:00, and half of it is half a day."""
    start = datetime(2026, 5, 28, 10, tzinfo=ZONE)  # Thursday; Monday is 1 June
    assert due(Unit.WORK_DAYS, 2, start, calendar=SUMMER) == datetime(2026, 6, 1, 18, tzinfo=ZONE)
    friday_off = Pause(datetime(2026, 5, 29, 12, tzinfo=ZONE), datetime(2026, 5, 29, 18, tzinfo=ZONE))
    half_of_tuesday = datetime(2026, 6, 2, 11, 45, tzinfo=ZONE)  # 3.25 h from 8:30
    assert due(Unit.WORK_DAYS, 2, start, [friday_off], calendar=SUMMER) == half_of_tuesday


def test_a_pause_of_centuries_is_worked_out_at_once():
    start = datetime(2026, 3, 3, 9, tzinfo=ZONE)
    pause = Pause(start, datetime(9000, 1, 1, tzinfo=ZONE))
    assert due(Unit.WORK_HOURS, 2, start, [pause]).year == 9000


@pytest.mark.parametrize("amount", [0, -1, 10_000, float("nan"), float("inf")])
def test_a_time_limit_that_means_nothing_is_refused(amount):
    with pytest.raises(Invalid, match="above 0 and at most 9999"):
        rule(amount=amount)
    with pytest.raises(Invalid, match="above 0 and at most 9999"):
        Extension(amount, Unit.WORK_HOURS)


def test_half_a_work_day_is_refused():
    with pytest.raises(Invalid, match="Work-days are whole"):
        rule(Unit.WORK_DAYS, 0.5)


@pytest.mark.parametrize(
    "hours",
    [
        (),
        ((time(12), time(8)),),
        ((time(8), time(8)),),
        (AFTERNOON, MORNING),
        (MORNING, (time(11), time(15))),
    ],
)
def test_hours_that_no_day_can_have_are_refused(hours):
    with pytest.raises(Invalid, match="follow one another"):
        replace(CALENDAR, hours=hours)


RULES = (
    rule(number=1),
    rule(number=2, condition="severity=1"),
    rule(number=3, condition="source=hotline"),
    rule(number=4, condition="severity=1;source=hotline"),
    rule(number=5, category="01"),
    rule(number=6, category="0103"),
    rule(number=7, category="0103", condition="severity=1", valid=DayRange(date(2026, 1, 1), date(2026, 2, 1))),
    rule(number=8, stage=Stage.CHECK),
)


@pytest.mark.parametrize(
    ("path", "facts", "wanted"),
    [
        ((), {}, 1),
        ((), {"severity": "2", "source": "web"}, 1),
        ((), {"severity": "1"}, 2),
        ((), {"severity": "2", "source": "hotline"}, 3),
        ((), {"severity": "1", "source": "hotline"}, 4),
        (("01", "0101"), {"severity": "1", "source": "hotline"}, 5),
        (("01", "0103"), {"severity": "1"}, 6),
        (("02",), {}, 1),
    ],
)
def test_the_nearest_class_wins_and_then_the_most_conditions(path, facts, wanted):
    assert pick(RULES, path, facts, Stage.HANDLE, date(2026, 3, 3)).id == wanted
    assert pick(tuple(reversed(RULES)), path, facts, Stage.HANDLE, date(2026, 3, 3)).id == wanted


def test_the_rule_of_its_day_is_taken():
    asked = (RULES, ("01", "0103"), {"severity": "1"}, Stage.HANDLE)
    held = {day: pick(*asked, date.fromisoformat(day)).id for day in ("2025-12-31", "2026-01-01", "2026-02-01")}
    assert held == {"2025-12-31": 6, "2026-01-01": 7, "2026-02-01": 6}


def test_of_two_with_as_many_conditions_severity_weighs_more_than_the_source():
    two = (rule(number=1, condition="source=hotline"), rule(number=2, condition="severity=1"))
    assert pick(two, (), {"severity": "1", "source": "hotline"}, Stage.HANDLE, date(2026, 3, 3)).id == 2


def test_no_rule_is_no_clock():
    assert pick(RULES, (), {}, Stage.CONTACT, date(2026, 3, 3)) is None


def test_a_condition_is_written_in_one_way():
    assert write_condition(read_condition(" source=hotline ; severity=1;")) == "severity=1;source=hotline"
    assert write_condition(read_condition("")) == ""


@pytest.mark.parametrize(
    "condition", ["severity", "severity=5", "severity=1;severity=2", "colour=red", "source=Hotline", "severity = 1"]
)
def test_a_condition_that_cannot_be_is_refused_with_what_could(condition):
    with pytest.raises(Invalid, match=r"the keys are severity, source, level, kind|Possible are") as refused:
        read_condition(condition)
    assert refused.value.where == "/condition"
