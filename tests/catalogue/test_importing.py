"""Rules from files: dated, checked row by row, written whole or not at all."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from gridmap.catalogue.changes import Terms
from gridmap.catalogue.importing import carry_out, prepare, read_rules
from gridmap.catalogue.pages import Wish, page_of, write_rules
from gridmap.catalogue.registry import TABLES
from gridmap.catalogue.rulebook import rulebook_now
from gridmap.errors import Invalid
from gridmap.wiring import wire
from tests.catalogue.departments import (
    MACHINE,
    NORTH,
    SOUTH,
    TODAY,
    add_departments,
    duty,
    prepared,
    put_in,
    said,
)

JUNE, LATER = date(2026, 6, 1), date(2027, 3, 1)


@pytest.fixture
def offices(db, town):
    return add_departments(db, town, "urban", "fire", "works")


def test_a_change_ends_the_row_in_force_and_the_past_keeps_its_rule(db, town, offices):
    put_in(db, "duties", [duty("0301", NORTH, "urban")], effective=JUNE, past=True)
    done = put_in(db, "duties", [duty("0301", NORTH, "fire", "withdrawn")], effective=LATER)
    assert done.counts == {"added": 0, "changed": 1, "ended": 0, "same": 0}
    book, place = rulebook_now(db), town.path_of("A")
    owners = {day: book.route("0301", place, day).owner_department_id
              for day in (date(2026, 5, 31), JUNE, TODAY, date(2027, 2, 28), LATER)}  # fmt: skip
    assert owners == {
        date(2026, 5, 31): None, JUNE: offices["urban"], TODAY: offices["urban"], date(2027, 2, 28): offices["urban"],
        LATER: offices["fire"],
    }  # fmt: skip


def test_what_is_past_is_never_rewritten(db, town, offices):
    put_in(db, "duties", [duty("0301", NORTH, "urban")], effective=JUNE, past=True)
    for terms in ({"effective": JUNE, "past": True}, {"effective": date(2026, 8, 1), "past": True}):
        done = prepared(db, "duties", [duty("0301", NORTH, "fire", since="2026-07-01")], **terms)
        assert "in force since 2026-06-01. What held on past days stays" in dict(said(done))[1]
    done = prepared(db, "duties", [duty("0301", SOUTH, "fire", since="2026-07-01")])
    assert said(done) == [(1, "2026-07-01 is past. Rules take effect from today (2026-11-22) on.")]


def test_a_rule_that_has_not_begun_gives_way(db, town, offices):
    put_in(db, "duties", [duty("0301", NORTH, "urban")], effective=LATER)
    done = put_in(db, "duties", [duty("0301", NORTH, "fire", assisting="works,urban")], effective=LATER)
    assert done.counts["changed"] == 1
    rows = db.execute(text("SELECT o.code, valid::text FROM duty JOIN department o ON o.id = owner_id")).all()
    assert [tuple(row) for row in rows] == [("fire", "[2027-03-01,)")]
    assert rulebook_now(db).route("0301", town.path_of("A"), LATER).assisting == (offices["urban"], offices["works"])


@pytest.fixture
def filled(db, town, offices):
    wire()
    put_in(db, "duties", [duty("0301", NORTH, "urban", assisting="fire, works"), duty("0101", NORTH, "works")],
           effective=JUNE, past=True)  # fmt: skip
    put_in(db, "duties", [duty("0301", NORTH, "fire")], effective=LATER)
    put_in(db, "needs", [{"category": "0301", "step": "close", "photos": "photo"}])
    put_in(db, "checklists", [{"code": "gas", "category": "0301", "name": "燃气", "until": "2027-01-01"}])
    put_in(db, "checklist-items", [{"checklist": "gas", "code": "hose", "n": "1", "name": "软管"}])


# The formats differ in how they keep codes, numbers and days.
@pytest.mark.parametrize(
    ("name", "suffix"),
    [("duties", ".csv"), ("clocks", ".csv"), ("calendar-days", ".xlsx"), ("supervision-rules", ".xlsx")],
)
def test_what_was_written_out_comes_back_as_it_is(db, filled, tmp_path, name, suffix):
    rows = write_rules(db, TABLES[name], tmp_path / f"rules{suffix}")
    whole = TABLES[name].ends
    done = prepare(db, TABLES[name], read_rules(tmp_path / f"rules{suffix}"), Terms(TODAY, TODAY, whole=whole))
    assert (said(done), done.counts["same"], sum(done.counts.values())) == ([], rows, rows)
    assert rows > 2


def test_no_table_reads_its_own_rows_as_a_change(db, filled):
    for name, table in TABLES.items():
        rows, last = page_of(db, table, Wish(), limit=500, after=None)
        cells = [{column.name: row[column.name] for column in table.columns if row[column.name] != ""} for row in rows]
        done = prepared(db, name, cells, whole=table.ends)
        assert (name, said(done), done.counts["same"], last) == (name, [], len(rows), None)
        assert len(rows) > 0


def test_a_whole_table_ends_what_it_leaves_out(db, town, offices):
    put_in(db, "duties", [duty("0301", NORTH, "urban"), duty("0101", NORTH, "works")], effective=JUNE, past=True)
    done = put_in(db, "duties", [duty("0301", NORTH, "urban")], effective=LATER, whole=True)
    assert done.counts == {"added": 0, "changed": 0, "ended": 1, "same": 1}
    book = rulebook_now(db)
    assert book.route("0101", town.path_of("A"), date(2027, 2, 28)).owner_department_id == offices["works"]
    assert book.route("0101", town.path_of("A"), LATER).owner_department_id is None


def test_every_bad_row_is_named_and_nothing_is_written(db, town, offices):
    db.execute(text("UPDATE department SET ended_at = now() WHERE code = 'works'"))
    put_in(db, "categories", [{"code": "0999", "parent": "", "name": "旧类", "severity": "4", "until": "2026-12-01"}])
    done = prepared(db, "duties", [
        duty("0301", NORTH, "urban"),
        duty("9999", NORTH, "urban"),
        duty("0301", "990107", "urban"),
        duty("0301", SOUTH, "nobody", assisting="fire;ghosts"),
        duty("0101", SOUTH, "works"),
        duty("0201", SOUTH, "urban", "sideways"),
        duty("0301", NORTH, "fire"),
        duty("0999", SOUTH, "urban", since="2027-01-01"),
        duty("0101", NORTH, "urban", since="2027-02-01", until="2027-01-01"),
        duty("0101", NORTH, "urban", since="soon"),
    ])  # fmt: skip
    assert dict(said(done)) == {
        2: "Class: there is none with the code 9999.",
        3: "Area: there is none with the code 990107.",
        4: "Assisting: there is none with the code ghosts.",
        5: "Owner: the department works ended. Name another one.",
        6: "“sideways” is no List. There are: basic, assisting, withdrawn.",
        7: "Row 1 says something for the same days already.",
        8: "Class: 0999 does not hold on 2027-01-01.",
        9: "It ends on 2027-01-01, before it begins on 2027-02-01.",
        10: "“soon” is no day. Write it like 2026-07-01.",
    }
    assert len(said(done)) == 10, "row 4 has two"
    with pytest.raises(Invalid, match="10 defects; nothing was written"):
        carry_out(db, MACHINE, done)
    assert db.scalar(text("SELECT count(*) FROM duty")) == 0


def test_classes_cannot_stand_above_one_another_in_a_circle(db, town):
    done = prepared(db, "categories", [
        {"code": "77", "parent": "7701", "name": "甲", "severity": "3"},
        {"code": "7701", "parent": "77", "name": "乙", "severity": "3"},
        {"code": "0101", "parent": "77", "name": "井盖缺失", "name_en": "Manhole open", "severity": "2"},
    ])  # fmt: skip
    found = said(done)
    assert found[0] == (1, "The classes above it go round in a circle: 77 → 7701 → 77.")
    assert [row for row, _ in found] == [1, 2, 3]
    assert "parent of “0101” stays" in found[2][1] or "Above it of “0101” stays" in found[2][1]


def test_a_time_limit_is_read_in_any_order_of_its_condition(db, town):
    row = {"condition": "source=hotline;severity=2", "stage": "handle", "amount": "6", "unit": "h"}
    assert put_in(db, "clocks", [row]).counts["added"] == 1
    assert prepared(db, "clocks", [row | {"condition": "severity=2;source=hotline"}]).counts["same"] == 1
    assert len(said(prepared(db, "clocks", [row | {"condition": "colour=red"}]))) == 1
    assert len(said(prepared(db, "clocks", [row | {"unit": "wd", "amount": "1.5"}]))) == 1


def test_hours_that_overlap_others_are_a_sentence(db, town):
    row = {"calendar": "cn", "opens": "8:30", "closes": "12:00:00"}
    assert prepared(db, "work-hours", [row]).counts["same"] == 1
    done = prepared(db, "work-hours", [row | {"opens": "11:00", "closes": "15:00"}])
    assert said(done) == [
        (None, "Some rows do not fit beside one another, or beside what is in force (work_hours_excl).")
    ]  # fmt: skip
    assert len(said(prepared(db, "work-hours", [row | {"closes": "25:00"}]))) == 1
    assert len(said(prepared(db, "calendars", [{"code": "xx", "name": "甲", "time_zone": "Mars/Base"}]))) == 1


def test_a_file_that_is_wrong_in_every_row_is_counted_to_the_end(db, town):
    done = prepared(db, "clocks", [{"stage": "handle", "amount": "soon", "unit": "weeks"}] * 300)
    assert (done.defects.count, len(done.defects.listed), done.can_be_written) == (600, 200, False)
