"""Whose hand an incident waits for, who sits where, and what is worth telling: rules with bare values."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gridmap.errors import Invalid, NotAllowed
from gridmap.incidents.rules import State
from gridmap.people.rules import Actor, Grant, Role
from gridmap.roster.rules import answers_of, desk_of, require_turn, waiting_for, why_told
from gridmap.system.audit import Doer
from tests.worlds import NOON

HOUR = timedelta(hours=1)


def sitting(*grants: Grant) -> Actor:
    return Actor("person", 7, "zhou", "周晓岚", "zh-CN", grants, Doer(7, "operator"))


def test_what_waits_for_a_desk_is_not_in_others_hands():
    assert set(waiting_for({Role.OPERATOR})) == {
        State.REPORTED, State.VERIFIED, State.FILED, State.RETURNED, State.REOPENED, State.HANDLED, State.CHECKED,
    }  # fmt: skip
    assert waiting_for({Role.TOWNSHIP}) == waiting_for({Role.OPERATOR})


def test_a_department_is_waited_for_with_what_it_has_in_hand():
    assert {State.DISPATCHED, State.HANDLING} <= set(waiting_for({Role.DEPARTMENT}))
    assert State.CHECKED not in waiting_for({Role.DEPARTMENT})
    assert waiting_for({Role.SUPERVISOR}) == ()


def test_what_is_asked_waits_for_those_who_may_grant_and_refuse_it():
    assert answers_of({Role.TOWNSHIP}) == answers_of({Role.OPERATOR}) == ("ask_extend", "ask_help", "ask_suspend")
    # A chief may call somebody to help, and refuses nobody; a department does not answer itself.
    assert answers_of({Role.CHIEF, Role.DEPARTMENT, Role.SUPERVISOR}) == ()


def test_a_desk_is_the_widest_area_that_gives_the_right():
    both = sitting(Grant(Role.TOWNSHIP, "1.14"), Grant(Role.OPERATOR, "1"), Grant(Role.PLANNER, ""))
    assert desk_of(both, "roster.work") == "1"
    with pytest.raises(NotAllowed):
        desk_of(sitting(Grant(Role.SUPERVISOR, "1")), "roster.work")
    assert desk_of(sitting(Grant(Role.SUPERVISOR, "1")), "roster.read") == "1"


@pytest.mark.parametrize(("begins", "hours"), [(1, 0), (1, -1), (1, 25), (-9, 8)])
def test_a_turn_that_nobody_can_sit_is_refused(begins, hours):
    with pytest.raises(Invalid):
        require_turn(NOON + begins * HOUR, NOON + (begins + hours) * HOUR, NOON)


def test_a_turn_that_runs_already_can_still_be_written():
    assert require_turn(NOON - HOUR, NOON + 7 * HOUR, NOON) is None
    with pytest.raises(Invalid):
        require_turn(NOON - 8 * HOUR, NOON - HOUR, NOON)


def test_a_matter_is_told_with_all_that_presses_and_not_at_all_if_nothing_does():
    assert why_told(1, State.HANDLING, NOON - HOUR, NOON) == ("life", "overdue")
    assert why_told(3, State.CHECKED, NOON + HOUR, NOON) == ("soon", "waiting")
    assert why_told(3, State.HANDLING, NOON + 9 * HOUR, NOON) == ()
    assert why_told(3, State.HANDLING, NOON + 9 * HOUR, NOON, ["ask_help"]) == ("waiting",)
    assert why_told(3, State.SUSPENDED, None, NOON) == ()
