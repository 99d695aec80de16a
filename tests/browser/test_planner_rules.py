"""What the panels of the planner's page think: modules without a page, run by the browser that will run them."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.thinking import run

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("wall", "zone", "instant"),
    [
        ("2026-11-22T02:00", "Asia/Shanghai", "2026-11-21T18:00:00.000Z"),
        ("2026-07-01T02:00", "Europe/Berlin", "2026-07-01T00:00:00.000Z"),
        ("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30:00.000Z"),  # shown twice that night: the first
        ("2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:30:00.000Z"),  # never shown: the clock says 3:30
    ],
)
def test_an_hour_that_is_typed_is_the_district_s_own(thinking, wall, zone, instant):
    body = "new Date(m.instantOf(given[0], given[1])).toISOString()"
    assert run(thinking, "panel-hour.js", body, [wall, zone]) == instant


@pytest.mark.parametrize(
    ("now", "night"),
    [("2026-11-21T15:00:00Z", "2026-11-22T02:00"), ("2026-11-21T17:59:00Z", "2026-11-22T02:00"),
     ("2026-11-21T18:00:00Z", "2026-11-23T02:00")],
)  # fmt: skip
def test_the_hour_that_is_offered_is_two_in_the_coming_night(thinking, now, night):
    body = "m.wallOf(m.nextNight(Date.parse(given), 'Asia/Shanghai'), 'Asia/Shanghai')"
    assert run(thinking, "panel-hour.js", body, now) == night


def item(key: str, level: str, reason: str | None = None) -> dict[str, Any]:
    return {
        "key": key,
        "level": level,
        "reason": reason,
        "code": key,
        "title": key,
        "detail": "",
        "grids": [],
        "place": None,
    }


def test_what_must_change_stands_first_and_what_holds_last(thinking):
    items = [item("a", "ok"), item("b", "look"), item("c", "must"), item("d", "look")]
    assert run(thinking, "panel-check.js", "m.ordered(given).map((one) => one.key).join('')", items) == "cbda"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"edits": []}, "nothing to submit"),
        ({"edits": [{"undone": True, "set_aside": None}]}, "nothing to submit"),
        ({"check": None}, "still being checked"),
        ({"check": {"must": 2, "items": [item("a", "must")]}}, "2 must change"),
        ({"check": {"must": 0, "items": [item("a", "look"), item("b", "look", "new houses")]}}, "1 to look at"),
        ({}, None),
    ],
)
def test_submitting_waits_for_all_that_must_be_and_says_what(thinking, changes, says):
    state = {
        "plan": {"behind": 0},
        "edits": [{"undone": False, "set_aside": None}],
        "check": {"must": 0, "items": [item("a", "look", "it is a park")]},
    }
    answer = run(thinking, "panel-steps.js", "m.hindrance(given)", state | changes)
    assert answer is None if says is None else says in answer


def offered(page: Page, state: str, me: int, can: list[str], **plan: Any) -> tuple[list[tuple[str, bool]], str]:
    author = {"id": 1, "name": "Shen"}
    whole = {"state": state, "can": can, "author": author, "behind": 0, "publish_at": None, "edition_n": None} | plan
    given = {"plan": whole, "me": {"person": {"id": me}}, "zone": "Asia/Shanghai", "edits": [], "check": None}
    answer = run(page, "panel-steps.js", "m.offered(given)", given)
    return [(deed["name"], deed.get("stopped", False)) for deed in answer["deeds"]], answer["why"]


def test_who_drew_a_plan_sees_before_any_click_that_another_approves_it(thinking):
    deeds, why = offered(thinking, "submitted", 1, ["withdraw"])
    assert deeds == [("approve", True), ("withdraw", False)]
    assert "another planner" in why


def test_each_state_offers_its_own_steps_and_no_other(thinking):
    assert offered(thinking, "submitted", 2, ["approve", "send_back"])[0] == [("approve", False), ("send-back", False)]
    assert offered(thinking, "approved", 2, ["publish", "send_back"], publish_at="2099-01-01T18:00:00Z")[0] == [
        ("publish", False),
        ("send-back", False),
    ]
    assert offered(thinking, "published", 2, ["revert"], edition_n=15, published_at="2026-11-21T18:00:00Z")[0] == [
        ("revert", False)
    ]
    assert offered(thinking, "withdrawn", 1, [])[0] == []


def test_differences_carry_their_sign(thinking):
    pairs = [[478, 431], [4, 4], [3, 5], [None, 5], [1000, 2204]]
    said = run(thinking, "panel-words.js", "given.map(([before, after]) => m.differenceText(before, after))", pairs)
    assert said == ["\N{MINUS SIGN}47", "0", "+2", "", "+1,204"]


def test_steps_and_words_stand_in_one_order_of_time_each_once(thinking):
    at = "2026-11-2{}T02:00:00Z".format
    by = {"id": 1, "name": "Shen"}
    state = {
        "steps": [{"at": at(1), "by": by, "step": "submit", "note": "in time for winter"}],
        "notes": [
            {"id": "n1", "at": at(2), "by": by, "kind": "comment", "item": None, "body": "why there?"},
            {"id": "n2", "at": at(0), "by": by, "kind": "reason", "item": "near", "body": "new houses"},
            {"id": "n3", "at": at(1), "by": by, "kind": "step", "item": None, "body": "in time for winter"},
        ],
        "check": {"items": [item("near", "look")]},
    }
    rows = run(thinking, "panel-notes.js", "m.timeline(given)", state)
    assert [row["body"] for row in rows] == ["why there?", "in time for winter", "new houses"]
    assert "near" in rows[2]["did"]


def test_plans_that_wait_for_the_reader_come_first(thinking):
    plans = [
        {"id": "a", "state": "published", "can": ["revert"]},
        {"id": "b", "state": "draft", "can": ["edit"]},
        {"id": "c", "state": "submitted", "can": ["approve"]},
        {"id": "d", "state": "submitted", "can": []},
    ]
    body = "m.groupPlans(given).map((group) => [group.name, group.plans.map((plan) => plan.id).join('')])"
    assert run(thinking, "panel-plans.js", body, plans) == [["mine", "c"], ["work", "bd"], ["done", "a"]]
