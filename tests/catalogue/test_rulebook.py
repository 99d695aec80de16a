"""The rulebook answers for any day, explains itself, and notices that a rule has changed."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from gridmap.catalogue import rulebook
from gridmap.catalogue.explaining import sentences
from gridmap.catalogue.rulebook import rulebook_now
from gridmap.catalogue.rules import REASON_LISTS, DutyList, Photos
from gridmap.catalogue.soundness import find_faults
from tests.catalogue.departments import NORTH, TODAY, add_departments, duty, prepared, put_in
from tests.desks import add_incident
from tests.worlds import point


@pytest.fixture
def classes(db, town):
    put_in(db, "categories", [
        {"code": "09", "name": "民生服务", "name_en": "Residents' matters", "severity": "3"},
        {"code": "0901", "parent": "09", "name": "邻里纠纷", "name_en": "Neighbour dispute", "severity": "3",
         "evidence": "before-after"},
    ])  # fmt: skip


def test_the_nearest_class_and_area_answer_and_say_why(db, town, classes):
    offices = add_departments(db, town, "urban", "police", "north")
    put_in(db, "duties", [duty("09", "990106", "police"), duty("09", NORTH, "north", "withdrawn", assisting="urban")])
    book = rulebook_now(db)
    north, south = (book.route("0901", town.path_of(letter), TODAY) for letter in "AF")
    assert (north.owner_department_id, north.assisting, north.list) == (
        offices["north"], (offices["urban"],), DutyList.WITHDRAWN)  # fmt: skip
    assert (south.owner_department_id, south.list) == (offices["police"], DutyList.BASIC)
    above, row, helpers = sentences(north.why, "en")
    assert above == "No row speaks of “Neighbour dispute” itself; “Residents' matters” above it counts."
    assert row.startswith("“Residents' matters” was withdrawn from North: north局 answers for it, and it cannot be")
    assert helpers == "These lend a hand: urban局."
    assert "北镇" in sentences(north.why, "zh-CN")[1]
    put_in(db, "duties", [duty("0901", "990106", "urban")])
    assert rulebook_now(db).route("0901", town.path_of("A"), TODAY).owner_department_id == offices["urban"]
    assert rulebook_now(db).route(None, town.path_of("A"), TODAY).duty_id is None
    assert len(rulebook_now(db).route("0101", town.path_of("A"), TODAY).why) == 1


def test_it_is_read_again_only_when_a_rule_has_changed(db, town, monkeypatch):
    first = rulebook_now(db)
    assert rulebook_now(db) is first
    trial = db.begin_nested()
    db.execute(text("UPDATE reason SET name = '下雪' WHERE list = 'skip' AND code = 'weather'"))
    assert "下雪" in {choice.name for choice in rulebook_now(db).reasons("skip", TODAY)}
    trial.rollback()
    assert "下雪" not in {choice.name for choice in rulebook_now(db).reasons("skip", TODAY)}
    monkeypatch.setattr(rulebook, "_kept", None)
    assert rulebook_now(db) == first


def test_every_list_of_reasons_has_some_from_the_first_day(db):
    book = rulebook_now(db)
    assert {name: len(book.reasons(name, TODAY)) >= 2 for name in REASON_LISTS} == dict.fromkeys(REASON_LISTS, True)
    assert [wording.code for wording in book.wordings("feedback", None, TODAY)] == ["feedback-done", "feedback-longer"]


def test_proof_is_asked_by_the_row_of_the_day_or_else_by_the_class(db, town, classes):
    later = date(2027, 1, 1)
    put_in(db, "needs", [{"category": "09", "step": "handle", "photos": "photo"}], effective=later)
    put_in(db, "needs", [{"category": "09", "step": "close", "photos": "photo"}])
    book = rulebook_now(db)
    assert book.needs_of("0901", "handle", TODAY) is Photos.BEFORE_AFTER
    assert book.needs_of("0901", "handle", later) is Photos.PHOTO
    assert [book.needs_of("0901", step, TODAY) for step in ("close", "check")] == [Photos.PHOTO, Photos.NONE]


def test_a_checklist_holds_for_the_classes_below_its_own(db, town, classes):
    put_in(db, "checklists", [{"code": "door", "category": "09", "name": "入户"}])
    put_in(db, "checklist-items", [
        {"checklist": "door", "code": "b", "n": "2", "name": "乙", "answer": "number", "needed": "no"},
        {"checklist": "door", "code": "a", "n": "1", "name": "甲"},
    ])  # fmt: skip
    (found,) = rulebook_now(db).checklists_of("0901", TODAY)
    assert [(item.code, item.answer, item.needed) for item in found.items] == [("a", "yes-no", True),
                                                                               ("b", "number", False)]  # fmt: skip
    assert rulebook_now(db).checklists_of("0101", TODAY) == ()


def test_a_change_is_weighed_by_the_open_incidents_it_would_touch(db, town, classes):
    add_departments(db, town, "urban", "police")
    add_incident(db, town, "A", point(0.5, 2.5))
    add_incident(db, town, "F", point(1.5, 0.5))
    weight = prepared(db, "duties", [duty("0101", NORTH, "urban")]).weight
    assert (weight.open, weight.route, weight.deadline) == (2, 1, 0)
    assert weight.as_json("en")["sentences"][1] == "1 of 2 open incidents would be routed otherwise."
    row = {"category": "0101", "condition": "", "stage": "handle", "amount": "3", "unit": "wh"}
    assert prepared(db, "clocks", [row], effective=date(2027, 1, 1)).weight.deadline == 2
    assert db.scalar(text("SELECT count(*) FROM duty")) == 0, "it was only tried"


def test_what_leads_nowhere_is_found(db, town, classes):
    add_departments(db, town, "urban")
    assert find_faults(db, TODAY) == []
    put_in(db, "duties", [duty("0901", "990106", "urban"), duty("0101", "990106", "urban"),
                          duty("0201", "990106", "urban"), duty("0301", NORTH, "urban")])  # fmt: skip
    assert [(fault.table, fault.values) for fault in find_faults(db, TODAY)] == [
        ("duties", {"category": "0301", "area": "990106002"})]  # fmt: skip
    db.execute(text("UPDATE department SET ended_at = now() WHERE code = 'urban'"))
    assert len(find_faults(db, TODAY)) == 5
