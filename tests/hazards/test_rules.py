"""When a closed hazard is looked at again, and what may be drawn as a safe zone."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest

from gridmap.errors import Invalid
from gridmap.hazards.rules import Rule, ZoneDraft, look_backs_after, require_found, require_zone
from tests.worlds import NOON

DAY = date(2026, 3, 3)
HOUR = timedelta(hours=1)
TRIANGLE = ((114.2, 35.7), (114.21, 35.7), (114.2, 35.71))


def days(rules, *path):
    return [(at - NOON).days for at in look_backs_after(rules, path, NOON, DAY)]


def test_the_nearest_class_with_rules_says_when_somebody_looks_again():
    rules = [Rule(None, 7, None, None), Rule(None, 30, None, None), Rule("03", 14, None, None)]
    assert days(rules) == days(rules, "01", "0101") == [7, 30]
    assert days(rules, "03", "0301") == [14]
    assert days([*rules, Rule("0301", 3, None, None)], "03", "0301") == [3]


def test_a_rule_counts_on_its_days_alone():
    ended, coming = Rule("03", 14, None, DAY), Rule("03", 21, date(2026, 3, 4), None)
    assert days([ended, coming, Rule(None, 7, None, None)], "03") == [7]
    assert days([Rule("03", 14, DAY, date(2026, 3, 4))], "03") == [14]
    assert days([]) == []


@pytest.mark.parametrize(
    ("wish", "where"),
    [
        ({"until": NOON}, "/until"),
        ({"until": NOON + timedelta(days=8)}, "/until"),
        ({"ring": ()}, "/ring"),
        ({"radius_m": 50.0}, "/ring"),
        ({"ring": (*TRIANGLE[:2], TRIANGLE[0])}, "/ring"),
        ({"ring": (), "radius_m": 4.0, "centre": TRIANGLE[0]}, "/radius_m"),
        ({"ring": (), "radius_m": 50.0}, "/centre"),
    ],
)
def test_a_zone_that_nobody_could_keep_clear_of_is_refused(wish, where):
    draft = {"until": NOON + HOUR, "ring": TRIANGLE} | wish
    with pytest.raises(Invalid) as refusal:
        require_zone(ZoneDraft(uuid.uuid4(), "燃气泄漏", **draft), NOON)
    assert refusal.value.where == where


@pytest.mark.parametrize("found_at", [NOON + HOUR, NOON.replace(year=1900)])
def test_what_was_found_was_found_in_this_century_and_not_in_the_future(found_at):
    assert require_found(NOON + timedelta(minutes=10), NOON) is None, "a phone's clock may be a little fast"
    with pytest.raises(Invalid) as refusal:
        require_found(found_at, NOON)
    assert refusal.value.where == "/found_at"


def test_a_ring_and_a_circle_can_be_drawn():
    for drawn in ({"ring": TRIANGLE}, {"radius_m": 80, "incident": "I-1"}):
        draft = ZoneDraft(uuid.uuid4(), "燃气泄漏", NOON + HOUR, **drawn)
        assert require_zone(draft, NOON) is None
        with pytest.raises(Invalid):
            require_zone(replace(draft, until=NOON - HOUR), NOON)
