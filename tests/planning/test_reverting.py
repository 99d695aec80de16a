"""An edition taken back to the byte: polygons, codes, people and open work."""

from __future__ import annotations

import uuid

import pytest

from gridmap.errors import Conflict
from gridmap.incidents.verify import verify_incidents
from gridmap.planning.drafting import draft_of, ground_of, plan_of
from gridmap.planning.handing import handed
from gridmap.planning.holdings import inherited
from gridmap.planning.impact import impact, loads_of
from gridmap.planning.reverting import ChangedSince
from gridmap.planning.steps import approve, revert
from tests.planning.turning import (
    HOUR,
    add_staff,
    approved,
    halved,
    merged,
    open_incident,
    published,
    rows,
    strip,
    turn,
)
from tests.worlds import CODE, NOON

COVERAGE = (
    "SELECT grid_id, code, name, kind, households, path::text, ST_AsBinary(plane), ST_AsBinary(shape)"
    " FROM grid_version WHERE upper_inf(valid) AND upper_inf(recorded) ORDER BY grid_id"
)
WORK = "SELECT id, duty_grid_id, path::text FROM incident UNION ALL SELECT id, grid_id, path::text FROM site ORDER BY 1"
DEVICES = "SELECT code, grid_id, path::text FROM device ORDER BY code"
STAFF = (
    "SELECT person_id, role, grid_id, path::text FROM assignment WHERE grid_id IS NOT NULL AND upper_inf(valid)"
    " ORDER BY 1, 2, 3"
)
OUTLINES = (
    "SELECT area_id, ST_AsBinary(shape) FROM area_version WHERE upper_inf(valid) AND upper_inf(recorded) ORDER BY 1"
)


def taken_back(db, street, plan_id, at):
    """The edition that takes a plan back."""
    call = uuid.uuid4()
    revert(db, street.author, plan_id, call, at, "居民不同意")
    approve(db, street.other, call, uuid.uuid4(), at)
    return turn(db, call, at)


def test_a_revert_gives_back_every_byte_every_code_and_all_that_was_open(db, street):
    for at in ((0.9, 2.5), (0.3, 2.1), (1.5, 2.5), (0.8, 1.5), (1.6, 1.5), (0.2, 0.4)):
        open_incident(db, at)
    questions = (COVERAGE, WORK, DEVICES, STAFF, OUTLINES)
    before = [rows(db, question) for question in questions]
    plan_id = approved(db, street, strip("A", "B"), merged("C", "D"), halved("E"))
    assert turn(db, plan_id, NOON + HOUR).edition == 2
    between = [rows(db, question) for question in questions]
    assert all(one != other for one, other in zip(before, between, strict=True))
    assert taken_back(db, street, plan_id, NOON + 2 * HOUR).edition == 3
    for question, was in zip(questions, before, strict=True):
        assert rows(db, question) == was, question
    assert plan_of(db, plan_id).state == "reverted"
    assert verify_incidents(db) == []
    assert rows(db, "SELECT count(*) FROM edition") == [(3,)]


def test_the_impact_of_a_revert_counts_the_people_that_each_grid_has_afterwards(db, street):
    """C and D become one grid with both chiefs and the worker of D; back again, each has its own."""
    add_staff(db, street.town, "D", "worker")
    add_staff(db, street.town, "C", "worker")
    plan_id = approved(db, street, merged("C", "D"))
    turn(db, plan_id, NOON + HOUR)
    call = uuid.uuid4()
    revert(db, street.author, plan_id, call, NOON + 2 * HOUR, "居民不同意")
    draft = draft_of(db, call)
    told = impact(db, draft, NOON + 2 * HOUR)
    staff = {grid: load.staff for grid, load in told.after.items()}
    assert staff == {CODE["C"]: 2, CODE["D"]: 2}
    assert sum(1 for row in handed(db, draft, inherited(db, draft, NOON + 2 * HOUR), "staff", NOON + 2 * HOUR)) == 2
    approve(db, street.other, call, uuid.uuid4(), NOON + 2 * HOUR)
    turn(db, call, NOON + 3 * HOUR)
    newest = ground_of(db, street.town.district_id, 3)
    counted = loads_of(db, newest, list(staff), NOON + 4 * HOUR)
    assert {grid: load.staff for grid, load in counted.items()} == staff


def test_the_code_of_a_grid_that_a_revert_ended_is_not_given_again(db, street):
    plan_id = approved(db, street, halved("A"))
    turn(db, plan_id, NOON + HOUR)
    taken_back(db, street, plan_id, NOON + 2 * HOUR)
    published(db, street, halved("A", "new-2"), at=NOON + 3 * HOUR)
    codes = rows(db, "SELECT code FROM grid_version WHERE upper_inf(valid) AND code LIKE '990106001001%' ORDER BY 1")
    assert [code for (code,) in codes] == [CODE["A"], CODE["B"], "990106001001004"]


def test_a_reversal_needs_another_person_too(db, street):
    plan_id = approved(db, street, strip("A", "B"))
    turn(db, plan_id, NOON + HOUR)
    call = uuid.uuid4()
    assert revert(db, street.other, plan_id, call, NOON + HOUR, "重来")
    assert not revert(db, street.other, plan_id, call, NOON + HOUR, "重来")
    plan = plan_of(db, call)
    assert (plan.state, plan.author_id, plan.reverts_edition) == ("submitted", street.other.id, 2)
    assert plan_of(db, plan_id).state == "published"
    assert approve(db, street.author, call, uuid.uuid4(), NOON + HOUR)


def test_what_later_editions_changed_is_not_reverted_past_them(db, street):
    first = approved(db, street, strip("A", "B"))
    turn(db, first, NOON + HOUR)
    published(db, street, halved("B", "new-b"), at=NOON + 2 * HOUR)
    with pytest.raises(ChangedSince, match="网格 B"):
        revert(db, street.author, first, uuid.uuid4(), NOON + 4 * HOUR, "重来")


def test_only_what_is_published_is_reverted(db, street):
    plan_id = approved(db, street, strip("A", "B"), hour=NOON + HOUR)
    with pytest.raises(Conflict, match="does not lead on"):
        revert(db, street.author, plan_id, uuid.uuid4(), NOON, "重来")
