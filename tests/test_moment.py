"""A date is the whole local day, an instant is itself, and everything else is a sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gridmap.errors import Invalid
from gridmap.moment import asked_as_of, parse_as_of

SHANGHAI = "Asia/Shanghai"


def test_a_date_is_the_last_instant_of_that_local_day():
    assert parse_as_of("2026-03-03", SHANGHAI) == datetime(2026, 3, 3, 15, 59, 59, 999999, tzinfo=UTC)


def test_a_day_of_25_hours_ends_when_it_ends():
    assert parse_as_of("2026-10-25", "Europe/Berlin") == datetime(2026, 10, 25, 22, 59, 59, 999999, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-03-03T12:00:00+08:00", "2026-03-03T12:00:00 08:00", "2026-03-03T04:00:00Z", "2026-03-03T04:00Z"]
)
def test_an_instant_is_itself_even_where_its_plus_was_lost(text):
    assert parse_as_of(text, SHANGHAI) == datetime(2026, 3, 3, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", [None, ""])
def test_nothing_is_now(text):
    assert abs(parse_as_of(text, SHANGHAI) - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2026-02-30", "2026-03-03T12:00:00", "0001-01-01", "9999-12-31", "9999-12-31T23:59:59+00:00",
     "0001-01-01T00:00:00+08:00", "2026-3-3", "20260303", "2026-03-03T12:00:00+99:00", "NaN", "1e9", "2026-W10"],
)  # fmt: skip
def test_what_is_neither_is_a_sentence(text):
    with pytest.raises(Invalid) as refused:
        parse_as_of(text, SHANGHAI)
    assert refused.value.where == "/as_of"


# 07:30 in Shanghai on the 4th of March, when London still has the 3rd.
NOW = datetime(2026, 3, 3, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", [None, "", "2026-03-04", "2026-03-04T07:30:30+08:00"])
def test_today_is_now_in_the_districts_zone_and_so_is_a_clock_that_is_a_little_ahead(text):
    assert asked_as_of(text, SHANGHAI, NOW) is None


def test_what_is_past_is_itself():
    assert asked_as_of("2026-03-03", SHANGHAI, NOW) == datetime(2026, 3, 3, 15, 59, 59, 999999, tzinfo=UTC)
    assert asked_as_of("2026-03-04T07:29:59+08:00", SHANGHAI, NOW) == NOW - timedelta(seconds=1)


@pytest.mark.parametrize("text", ["2026-03-05", "2026-03-04T07:32:00+08:00", "2199-01-01"])
def test_what_has_not_come_yet_is_refused_in_a_sentence(text):
    with pytest.raises(Invalid, match=f"{text[:10]}.* has not come yet") as refused:
        asked_as_of(text, SHANGHAI, NOW)
    assert refused.value.where == "/as_of"
