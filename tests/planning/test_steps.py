"""The way of a plan: whose step it is, what must be there, and what a second pair of eyes is."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from gridmap.errors import Conflict, Invalid, NotAllowed, NotFound, OtherContent
from gridmap.people.rules import Role
from gridmap.planning.drafting import plan_of
from gridmap.planning.publishing import due_plans
from gridmap.planning.steps import NotReady, OwnPlan, approve, send_back, set_hour, submit, withdraw
from tests.planning.turning import (
    HOUR,
    approved,
    drawn,
    explain,
    halved,
    merged,
    rows,
    strip,
    turn,
)
from tests.worlds import NOON, person


def submitted(db, street, *edits):
    plan_id = drawn(db, street.author, *(edits or (halved(),)))
    explain(db, street.author, plan_id)
    submit(db, street.author, plan_id, uuid.uuid4(), NOON)
    return plan_id


def test_nobody_approves_their_own_plan(db, street):
    plan_id = submitted(db, street)
    with pytest.raises(OwnPlan, match="Another planner"):
        approve(db, street.author, plan_id, uuid.uuid4(), NOON)
    assert plan_of(db, plan_id).state == "submitted"
    with pytest.raises(IntegrityError, match="plan_approver_check"), db.begin_nested():
        db.execute(text("UPDATE plan SET approver_id = author_id"))


def test_a_plan_is_not_submitted_before_each_finding_has_its_reason(db, street):
    plan_id = drawn(db, street.author, halved())
    with pytest.raises(NotReady, match="need a reason") as caught:
        submit(db, street.author, plan_id, uuid.uuid4(), NOON)
    assert len(caught.value.members["items"]) == 2  # two halves of 200 households
    explain(db, street.author, plan_id)
    assert submit(db, street.author, plan_id, uuid.uuid4(), NOON, "已与居委会商定")
    assert rows(db, "SELECT body FROM plan_note WHERE kind = 'step'") == [("submit\n已与居委会商定",)]


def test_an_empty_plan_is_not_submitted(db, street):
    with pytest.raises(Invalid, match="Nothing is drawn"):
        submit(db, street.author, drawn(db, street.author), uuid.uuid4(), NOON)


def test_an_hour_that_is_over_is_refused_and_none_is_now(db, street):
    plan_id = submitted(db, street)
    with pytest.raises(Invalid, match="hour is over"):
        approve(db, street.other, plan_id, uuid.uuid4(), NOON, NOON - timedelta(seconds=1))
    assert plan_of(db, plan_id).state == "submitted"
    approve(db, street.other, plan_id, uuid.uuid4(), NOON)
    assert due_plans(db, NOON) == [plan_id]
    with pytest.raises(Invalid, match="hour is over"):
        set_hour(db, street.other, plan_id, uuid.uuid4(), NOON, NOON - HOUR)
    set_hour(db, street.other, plan_id, uuid.uuid4(), NOON, NOON + HOUR)
    assert due_plans(db, NOON) == []


def test_what_is_sent_back_is_a_draft_again_and_loses_its_hour(db, street):
    plan_id = approved(db, street, halved(), hour=NOON + HOUR)
    send_back(db, street.other, plan_id, uuid.uuid4(), NOON, "西边留给甲")
    plan = plan_of(db, plan_id)
    assert (plan.state, plan.approver_id, plan.publish_at) == ("draft", None, None)
    assert turn(db, plan_id, NOON + 2 * HOUR) is None
    assert rows(db, "SELECT edition_n FROM district") == [(1,)]


def test_a_withdrawn_plan_is_never_published(db, street):
    plan_id = approved(db, street, halved(), hour=NOON + HOUR)
    withdraw(db, street.author, plan_id, uuid.uuid4(), NOON)
    assert turn(db, plan_id, NOON + 2 * HOUR) is None
    with pytest.raises(Conflict, match="does not lead on"):
        approve(db, street.other, plan_id, uuid.uuid4(), NOON)


def test_only_a_planner_of_all_its_ground_approves_a_plan(db, street):
    south = street.town.area_path("E", "F").rsplit(".", 1)[0]
    southern = person(db, Role.PLANNER, south, area_id=int(south.rsplit(".", 1)[-1]))
    plan_id = submitted(db, street, strip("A", "B"), merged("E", "F"))
    with pytest.raises(NotAllowed, match="outside of the area"):
        approve(db, southern, plan_id, uuid.uuid4(), NOON)
    with pytest.raises(NotFound):
        approve(db, southern, submitted(db, street, halved("A")), uuid.uuid4(), NOON)


def test_the_same_call_with_another_wish_is_refused(db, street):
    plan_id, call = submitted(db, street), uuid.uuid4()
    approve(db, street.other, plan_id, call, NOON, NOON + HOUR)
    assert not approve(db, street.other, plan_id, call, NOON, NOON + HOUR)
    with pytest.raises(OtherContent):
        approve(db, street.other, plan_id, call, NOON, NOON + 2 * HOUR)
