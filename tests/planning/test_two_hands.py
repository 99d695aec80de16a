"""Two hands in one plan at the same instant, on connections of their own."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy.orm import Session

from gridmap.database import make_engine
from gridmap.planning.actions import PlanDraft, begin_plan
from gridmap.planning.drafting import draft_of
from gridmap.planning.editing import EditedMeanwhile, apply_edit
from tests.planning.turning import build_street, halved, merged, rows
from tests.worlds import NOON


@pytest.fixture
def engine(fresh_database):
    engine = make_engine(fresh_database.app, idle_timeout_s=None, lock_timeout_s=30)
    yield engine
    engine.dispose()


def test_of_two_edits_at_once_one_is_drawn_and_the_other_is_told(engine):
    with Session(engine) as db, db.begin():
        street = build_street(db)
        plan = uuid.uuid4()
        begin_plan(db, street.author, PlanDraft(plan, "两个窗口"), NOON)
    both = Barrier(2)

    def draw(edit):
        with Session(engine) as db, db.begin():
            both.wait(30)
            return apply_edit(db, street.author, plan, uuid.uuid4(), edit, NOON, after=0).seq

    with ThreadPoolExecutor(2) as hands:
        drawn = [hands.submit(draw, edit) for edit in (halved(), merged("E", "F"))]
    errors = [one.exception() for one in drawn]
    (told,) = [error for error in errors if error is not None]
    assert isinstance(told, EditedMeanwhile)
    assert told.members["seq"] == 1
    with Session(engine) as db:
        assert rows(db, "SELECT seq FROM plan_edit") == [(1,)]
        assert len(draft_of(db, plan).sheet.plots) in (5, 7), "the one that was drawn, whole"


def test_plans_begun_at_once_have_numbers_of_their_own(engine):
    with Session(engine) as db, db.begin():
        street = build_street(db)
    both = Barrier(3)

    def begin(title):
        with Session(engine) as db, db.begin():
            both.wait(30)
            begin_plan(db, street.author, PlanDraft(uuid.uuid4(), title), NOON)

    with ThreadPoolExecutor(3) as hands:
        list(hands.map(begin, ["一", "二", "三"]))
    with Session(engine) as db:
        assert rows(db, "SELECT number FROM plan ORDER BY 1") == [(f"P-2026-{n:02d}",) for n in (1, 2, 3)]
