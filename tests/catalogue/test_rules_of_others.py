"""Rules of rooms down the street: terms of calls, the ladder of supervision, look-backs and rectification."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from gridmap.catalogue.pages import Wish, page_of
from gridmap.catalogue.registry import TABLES
from gridmap.catalogue.single import end_row
from gridmap.catalogue.soundness import find_faults
from gridmap.errors import Conflict
from gridmap.hazards.terms import look_backs_of, rectify_term
from gridmap.incidents.escalations import fire_due
from gridmap.whistles.actions import WhistleDraft, whistle
from gridmap.whistles.ladder import climb, tiers_on
from gridmap.whistles.terms import terms_of
from gridmap.wiring import wire
from tests.catalogue.departments import MACHINE, TODAY, prepared, put_in, said
from tests.incidents.loop import build_loop
from tests.worlds import point

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# Ten in the morning there, on the day of the imports.
MORNING = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
LATER = date(2027, 3, 1)
SHIPPED = {"call-terms": 11, "supervision-rules": 5, "look-back-rules": 3, "rectify-terms": 4}
CHANGES = {
    "call-terms": {"what": "acknowledge", "grade": "3", "amount": "1", "unit": "h"},
    "supervision-rules": {"tier": "2", "cause": "overdue", "at_least": "0.5"},
    "look-back-rules": {"category": "0301", "days": "14"},
    "rectify-terms": {"severity": "2", "amount": "1", "unit": "wd"},
}


@pytest.fixture(autouse=True)
def wired(db, town):
    wire()


@pytest.fixture
def loop(db, town):
    return build_loop(db, town)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_change_from_a_day_on_is_read_back_as_it_is(db, name):
    done = put_in(db, name, [CHANGES[name]], effective=LATER)
    assert sum(done.counts.values()) == done.counts["added"] + done.counts["changed"] == 1
    rows, _ = page_of(db, TABLES[name], Wish(), limit=99, after=None)
    assert len(rows) == SHIPPED[name] + 1
    cells = [
        {column.name: row[column.name] for column in TABLES[name].columns if row[column.name] != ""} for row in rows
    ]
    again = prepared(db, name, cells, whole=True)
    assert (said(again), again.counts["same"]) == ([], len(rows))


def test_every_wrong_row_is_named_with_its_reason(db):
    term, rule = CHANGES["call-terms"], CHANGES["supervision-rules"]
    assert said(prepared(db, "call-terms", [
        term,
        term,
        term | {"what": "answer", "grade": "4"},
        term | {"unit": "wd", "amount": "1.5", "grade": "2"},
        term | {"grade": "5"},
        term | {"amount": "0", "grade": "1"},
        term | {"grade": "4", "since": "2026-11-21"},
        term | {"grade": "1", "since": "2026-12-05", "until": "2026-12-01"},
    ])) == [
        (5, "“5” is no Grade. There are: 1, 2, 3, 4."),
        (3, "Supervision notices have tiers from 1 to 3."),
        (4, "Work-days are whole. Give work-hours for a part of a day."),
        (6, "A time limit is above 0 and at most 9999."),
        (8, "It ends on 2026-12-01, before it begins on 2026-12-05."),
        (2, "Row 1 says something for the same days already."),
        (7, "2026-11-21 is past. Rules take effect from today (2026-11-22) on."),
    ]  # fmt: skip
    assert said(prepared(db, "supervision-rules", [
        rule | {"cause": "by-hand"},
        rule | {"cause": "repeats", "at_least": "1"},
        rule | {"cause": "silent", "at_least": "4"},
        rule | {"cause": "unanswered", "at_least": "1.5"},
    ])) == [
        (1, "“by-hand” is no Cause. There are: overdue, repeats, silent, unanswered."),
        (2, "Here a whole number from 2 to 99 is meant."),
        (3, "Here a whole number from 1 to 3 is meant."),
        (4, "Here a whole number from 1 to 3 is meant."),
    ]  # fmt: skip
    done = prepared(db, "look-back-rules", [
        {"category": "9999", "days": "7"}, {"days": "0"}, {"days": "2000"}, {"days": "7"}, {"days": "7"},
    ])  # fmt: skip
    assert dict(said(done)) == {
        1: "Class: there is none with the code 9999.",
        2: "A look-back is 1 to 1096 days after closing.",
        3: "“2000” is no Days: a whole number from 0 on is needed.",
        5: "Row 4 says something for the same days already.",
    }
    assert len(said(prepared(db, "rectify-terms", [{"severity": "2", "amount": "many", "unit": "weeks"}]))) == 2
    assert not done.can_be_written
    assert db.scalar(text("SELECT count(*) FROM look_back_rule")) == SHIPPED["look-back-rules"]


def test_a_whistle_of_yesterday_keeps_yesterdays_term(db, loop):
    incident, key = loop.incident(at=MORNING), uuid.uuid4()
    whistle(db, loop.actors["chief"], WhistleDraft(key, incident, ("urban",), note="请到现场"), MORNING)
    put_in(db, "call-terms", [CHANGES["call-terms"]], effective=TODAY + DAY)
    call = db.execute(text("SELECT * FROM whistle_call WHERE whistle_id = :key"), {"key": key}).one()
    assert call.acknowledge_due_at == MORNING + 2 * HOUR
    fire_due(db, MORNING + HOUR)
    assert db.scalar(text("SELECT silent_tier FROM whistle_call WHERE whistle_id = :key"), {"key": key}) == 0
    fire_due(db, MORNING + 2 * HOUR)
    assert db.scalar(text("SELECT silent_tier FROM whistle_call WHERE whistle_id = :key"), {"key": key}) == 1
    due = {n: terms_of(db, 3, MORNING + n * DAY, "acknowledge")["acknowledge"].due_at for n in (0, 1)}
    assert due == {0: MORNING + 2 * HOUR, 1: MORNING + DAY + HOUR}


def test_the_rule_of_its_day_says_how_high_when_and_until_when(db, loop):
    incident = loop.incident(at=MORNING)
    loop.step("operator", incident, "dispatch", MORNING, told={"department": "urban"})
    late = loop.row(incident).due_at + HOUR
    after = (late + DAY).date()
    put_in(db, "supervision-rules", [CHANGES["supervision-rules"] | {"at_least": "0"}], effective=after)
    assert [tiers_on(db, late, day)[incident] for day in (after - DAY, after)] == [1, 2]
    assert climb(db, incident, late)
    put_in(db, "look-back-rules", [{"category": "0301", "days": "14"}], effective=TODAY + DAY)
    assert [len(look_backs_of(db, "0301", MORNING + n * DAY)) for n in (0, 1)] == [3, 1]
    put_in(db, "rectify-terms", [CHANGES["rectify-terms"] | {"unit": "h"}], effective=TODAY + DAY)
    tomorrow = MORNING + DAY
    assert rectify_term(db, 2, tomorrow, None).due_at == tomorrow + HOUR
    assert rectify_term(db, 2, MORNING, None).due_at > tomorrow + HOUR


def hazard(db, town, category, severity, state="open"):
    db.execute(
        text(
            "INSERT INTO hazard (id, number, place, grid_id, path, category, severity, what, state, found_at,"
            " recorded_at, closed_at) VALUES (:id, :number, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :grid,"
            " CAST(:path AS ltree), :category, :severity, '灶具', :state, :at, :at,"
            " CASE WHEN :state = 'closed' THEN CAST(:at AS timestamptz) END)"
        ),
        {"id": uuid.uuid4(), "number": uuid.uuid4().hex, "lon": point(0.5, 2.5)[0], "lat": point(0.5, 2.5)[1],
         "grid": town.grid_ids["A"], "path": town.path_of("A"), "category": category, "severity": severity,
         "state": state, "at": MORNING},
    )  # fmt: skip


def test_a_change_is_weighed_by_what_lies_open_and_taken_back(db, town, loop):
    incident = loop.incident(at=MORNING)
    loop.step("operator", incident, "dispatch", MORNING, told={"department": "urban"})
    whistle(db, loop.actors["chief"], WhistleDraft(uuid.uuid4(), incident, ("urban",)), MORNING)
    for category, severity, state in (
        ("0301", 2, "open"),
        ("0101", 2, "open"),
        (None, 1, "open"),
        ("0301", 2, "closed"),
    ):
        hazard(db, town, category, severity, state)
    told = {name: prepared(db, name, [row]).weight.as_json() for name, row in CHANGES.items()}
    assert {name: each["sentences"][1:] for name, each in told.items()} == {
        "call-terms": ["1 of 1 departments that are awaited would have another term."],
        "supervision-rules": [],
        "look-back-rules": ["1 of 3 open hazards would be looked at again on other days."],
        "rectify-terms": ["2 of 3 open hazards would have another term to be put right."],
    }
    assert told["call-terms"]["sentences"][0] == (
        "Calls and notices that are open keep their terms. If they began on 2026-11-22:"
    )
    assert told["supervision-rules"] == {
        "open": 1, "otherwise": 0, "sentences": ["Nothing of what lies open would be treated otherwise."]}  # fmt: skip
    assert prepared(db, "call-terms", [CHANGES["call-terms"] | {"grade": "1"}]).weight.otherwise == 0
    # Long past its deadline by the clock of the database, the incident comes onto the second tier.
    db.execute(text("UPDATE incident SET due_at = due_at - interval '400 days'"))
    db.execute(text("UPDATE clock SET due_at = due_at - interval '400 days', started_at = started_at"
                    " - interval '400 days'"))  # fmt: skip
    weight = prepared(db, "supervision-rules", [{"tier": "2", "cause": "overdue", "at_least": "9999"}]).weight
    assert weight.as_json()["sentences"][1:] == ["1 of 1 open incidents would not come as high."]
    weight = prepared(db, "supervision-rules", [{"tier": "3", "cause": "overdue", "at_least": "0"}]).weight
    assert weight.as_json()["sentences"][1:] == ["1 of 1 open incidents would come onto a higher tier."]
    for name, n in SHIPPED.items():
        assert db.scalar(text(f"SELECT count(*) FROM {TABLES[name].table}")) == n


def test_what_has_begun_ends_and_stays_and_what_has_not_is_taken_back(db):
    (began,) = (row for row in page_of(db, TABLES["rectify-terms"], Wish(), limit=9, after=None)[0]
                if row["severity"] == "2")  # fmt: skip
    put_in(db, "rectify-terms", [CHANGES["rectify-terms"]], effective=LATER)
    rows = page_of(db, TABLES["rectify-terms"], Wish(), limit=9, after=None)[0]
    (coming,) = (row for row in rows if row["since"])
    end_row(db, MACHINE, TABLES["rectify-terms"], coming["id"], LATER, TODAY)
    with pytest.raises(Conflict, match="ends on 2027-03-01 already"):
        end_row(db, MACHINE, TABLES["rectify-terms"], began["id"], LATER + DAY, TODAY)
    assert db.scalar(text("SELECT count(*) FROM rectify_term")) == SHIPPED["rectify-terms"]
    for name in SHIPPED:
        with pytest.raises(IntegrityError, match="history"), db.begin_nested():
            db.execute(text(f"DELETE FROM {TABLES[name].table}"))


def test_the_check_names_whom_no_term_is_given_and_classes_that_ended(db):
    assert [fault for fault in find_faults(db, LATER) if fault.table in SHIPPED] == []
    for name, key in (("call-terms", ["answer", "2"]), ("rectify-terms", ["1"])):
        rows = page_of(db, TABLES[name], Wish(), limit=99, after=None)[0]
        (row,) = (each for each in rows if [each[part] for part in TABLES[name].key] == key)
        end_row(db, MACHINE, TABLES[name], row["id"], LATER, TODAY)
    put_in(db, "look-back-rules", [{"category": "0301", "days": "14"}])
    db.execute(text("UPDATE category SET valid = daterange(NULL, '2027-02-01') WHERE code = '0301'"))
    found = [(fault.table, fault.values) for fault in find_faults(db, LATER) if fault.table in SHIPPED]
    assert found == [
        ("call-terms", {"grade": 2}), ("look-back-rules", {"category": "0301"}), ("rectify-terms", {"severity": 1}),
    ]  # fmt: skip


def test_days_are_in_the_order_of_what_they_are_worth_on_every_page(db):
    table, days, after = TABLES["look-back-rules"], [], None
    while len(days) < 9:
        rows, after = page_of(db, table, Wish(), limit=1, after=after)
        days += [row["days"] for row in rows]
        if after is None:
            break
    assert days == ["7", "30", "90"]
