"""Deadlines worked out by hand, to the minute, on the calendar that is shipped."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from gridmap.catalogue.clocks import ClockRule, Extension, Pause, Stage, Unit, deadline, progress
from gridmap.catalogue.timing import load_calendars

CASES = list(csv.DictReader((Path(__file__).parent / "golden_clocks.csv").read_text(encoding="utf-8").splitlines()))
SHANGHAI = "Asia/Shanghai"


@pytest.fixture(scope="module")
def shipped(app_engine):
    """The calendar that every installation begins with."""
    with Session(app_engine) as db:
        return load_calendars(db)["cn"]


def at(text, zone):
    """A minute in a zone; one with a Z is in UTC."""
    told = datetime.fromisoformat(text)
    return told if told.tzinfo else told.replace(tzinfo=ZoneInfo(zone))


def told(case, shipped):
    """What a row says, as the clock takes it."""
    zone = case["zone"] or SHANGHAI
    rule = ClockRule(1, None, "", Stage.HANDLE, float(case["amount"]), Unit(case["unit"]))
    pauses = [
        Pause(at(begins, zone), at(ends, zone) if ends else None)
        for begins, _, ends in (pause.partition("/") for pause in case["pauses"].split(", ") if pause)
    ]
    amounts = case["extended"].split()
    extended = [Extension(float(n), Unit(unit)) for n, unit in zip(amounts[::2], amounts[1::2], strict=True)]
    return (rule, at(case["start"], zone), pauses, replace(shipped, zone=zone), extended), zone


def test_there_are_enough_of_them():
    assert len(CASES) >= 50
    assert all(case["reasoning"] for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=[f"{number} {case['reasoning']}" for number, case in enumerate(CASES, 2)])
def test_the_deadline_is_the_one_worked_out_by_hand(case, shipped):
    asked, zone = told(case, shipped)
    found = deadline(*asked)
    due = found.due_at and found.due_at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
    assert (due or "", found.provisional) == (case["due"], case["provisional"] == "yes")


@pytest.mark.parametrize("case", [case for case in CASES if case["due"]], ids=lambda case: case["reasoning"])
def test_all_of_its_time_is_used_at_the_deadline_and_not_before(case, shipped):
    asked, _ = told(case, shipped)
    due_at = deadline(*asked).due_at
    assert progress(*asked, now=due_at).left_s == 0
    assert progress(*asked, now=due_at - (due_at - asked[1]) / 1000).left_s > 0
