"""Rates that show what they are made of, weeks at the ends of years, and tallies that add up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.errors import Invalid
from gridmap.insight.rules import ACTIVE_SOURCES, Fact, Rate, Week, by_day, load_step, parse_week, tally, week_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
WEEK = Week(2026, 46, SHANGHAI)


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [
        (220, 248, "88.7 %"),
        (38, 43, "88.4 %"),
        (0, 0, "–"),
        (0, 7, "0.0 %"),
        (7, 7, "100.0 %"),
        (1, 2000, "0.1 %"),  # a half is rounded up, not to the even neighbour
        (9, 2000, "0.5 %"),
        (5, 2000, "0.3 %"),
    ],
)
def test_a_rate_prints_with_one_decimal_and_a_half_goes_up(part, whole, printed):
    assert str(Rate(part, whole)) == printed


@given(st.integers(1, 100_000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_a_printed_rate_is_never_farther_than_half_a_tenth_from_the_true_one(pair):
    part, whole = pair
    percent = Rate(part, whole).percent
    assert percent is not None
    assert abs(Fraction(percent) - Fraction(100 * part, whole)) <= Fraction(1, 20)
    assert percent == percent.quantize(Decimal("0.1"))


@pytest.mark.parametrize(("count", "step"), [(0, 0), (1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (7, 3), (8, 4), (900, 4)])
def test_the_load_of_a_grid_has_five_steps(count, step):
    assert load_step(count) == step


def test_a_week_begins_on_monday_in_the_zone_of_the_district():
    assert WEEK.days == tuple(date(2026, 11, 9) + timedelta(days=n) for n in range(7))
    assert WEEK.start == datetime(2026, 11, 8, 16, tzinfo=UTC)
    assert WEEK.end == datetime(2026, 11, 15, 16, tzinfo=UTC)


def test_no_hour_is_lost_when_the_clock_changes():
    week = Week(2026, 43, BERLIN)
    assert week.end - week.start == timedelta(days=7, hours=1)
    assert week.end == week_of(date(2026, 10, 26), BERLIN).start


@pytest.mark.parametrize(
    ("day", "name", "before", "year_before"),
    [
        (date(2026, 12, 31), "2026-W53", "2026-W52", "2025-W52"),
        (date(2027, 1, 3), "2026-W53", "2026-W52", "2025-W52"),
        (date(2027, 1, 4), "2027-W01", "2026-W53", "2026-W01"),
        (date(2024, 12, 30), "2025-W01", "2024-W52", "2024-W01"),
    ],
)
def test_the_ends_of_years_belong_to_the_week_that_holds_them(day, name, before, year_before):
    week = week_of(day, SHANGHAI)
    assert (week.name, week.before.name, week.year_before.name) == (name, before, year_before)


@given(st.dates(date(1950, 1, 1), date(2150, 12, 31)))
def test_weeks_leave_no_instant_out_and_hold_none_twice(day):
    week = week_of(day, SHANGHAI)
    assert week.before.end == week.start
    assert day in week.days
    assert parse_week(week.name, SHANGHAI, datetime(2190, 1, 1, tzinfo=UTC)) == week


@pytest.mark.parametrize("text", ["2026-46", "2025-W53", "2026-W00", "W46", "", "2026-W4６", "0000-W01", "9999-W53"])
def test_what_is_no_week_is_refused_with_a_sentence(text):
    with pytest.raises(Invalid, match="no week"):
        parse_week(text, SHANGHAI, NOW)


def test_a_week_that_has_not_begun_is_refused_with_its_day():
    assert parse_week("2026-W47", SHANGHAI, NOW).name == "2026-W47"
    with pytest.raises(Invalid, match="2026-11-23"):
        parse_week("2026-W48", SHANGHAI, NOW)


moments = st.integers(0, 24 * 24 * 60).map(lambda n: datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=n))
facts = st.builds(
    Fact,
    path=st.just("1.2.3.g4"),
    category=st.sampled_from(["0101", None]),
    source=st.sampled_from(["patrol", "camera", "resident", "hotline"]),
    occurred_at=moments,
    due_at=st.none() | moments,
    closed_at=st.none() | moments,
)


@given(st.lists(facts, max_size=40))
def test_a_tally_adds_up_however_it_is_cut(many):
    whole = tally(many, WEEK)
    by_source = [tally([fact for fact in many if fact.source == source], WEEK) for source in {f.source for f in many}]
    assert whole.new == sum(part.new for part in by_source) == sum(new for new, _ in by_day(many, WEEK).values())
    assert whole.closed == sum(part.closed for part in by_source) == sum(n for _, n in by_day(many, WEEK).values())
    assert whole.on_time.numerator == sum(part.on_time.numerator for part in by_source)
    assert whole.on_time.denominator == sum(part.on_time.denominator for part in by_source) <= whole.closed
    assert whole.closing.denominator == whole.active.denominator == whole.new
    assert whole.active.numerator == sum(
        part.new for source, part in zip({f.source for f in many}, by_source, strict=True) if source in ACTIVE_SOURCES
    )


def test_what_is_closed_at_its_deadline_is_in_time_and_a_moment_later_is_not():
    due = WEEK.start + timedelta(days=1)
    at_it = Fact("1", None, "patrol", WEEK.start, due, due)
    late = Fact("1", None, "patrol", WEEK.start, due, due + timedelta(microseconds=1))
    never_due = Fact("1", None, "patrol", WEEK.start, None, due)
    assert tally([at_it, late, never_due], WEEK).on_time == Rate(1, 2)
