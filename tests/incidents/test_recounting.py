"""A deadline counted without a calendar is provisional, and is worked out anew once, when the calendar has come."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from gridmap.incidents.history import events_of
from gridmap.incidents.recounting import recount_clocks
from gridmap.incidents.replay import clocks_from
from gridmap.incidents.rulings import book_of
from gridmap.incidents.verify import verify_incidents
from gridmap.whistles.actions import WhistleDraft, whistle
from gridmap.whistles.recounting import recount_calls
from gridmap.whistles.supervising import open_by_hand
from gridmap.wiring import wire
from tests.catalogue.departments import put_in
from tests.incidents.loop import build_loop

# A Wednesday, 10:00. Without a calendar the Friday after it, the first of January, is taken for a work-day.
EVE = datetime(2026, 12, 30, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def loop(db, town):
    wire()
    db.execute(
        text("UPDATE clock_rule SET unit = 'wd', amount = 2 WHERE stage = 'handle' AND condition = 'severity=3'")
    )
    db.execute(text("UPDATE call_term SET unit = 'wh', amount = 15 WHERE what <> 'answer' AND grade = 3"))
    db.execute(text("UPDATE call_term SET unit = 'wd', amount = 2 WHERE what = 'answer'"))
    return build_loop(db, town)


def bring_calendar(db):
    """2027 as if it had been decreed: New Year's Day and the Saturday after are free, the Sunday is worked."""
    put_in(db, "calendar-days", [
        {"calendar": "cn", "day": "2027-01-01", "kind": "rest", "note": "元旦"},
        {"calendar": "cn", "day": "2027-01-02", "kind": "rest", "note": "元旦"},
        {"calendar": "cn", "day": "2027-01-03", "kind": "work", "note": "元旦调休"},
    ])  # fmt: skip
    put_in(db, "calendar-years", [{"calendar": "cn", "year": "2027", "source": "国办发明电"}])


def words(loop, incident):
    return loop.db.scalars(
        text("SELECT step FROM incident_log WHERE incident_id = :i ORDER BY seq"), {"i": incident}
    ).all()


def test_the_deadline_of_the_last_of_december_is_right_to_the_minute_when_the_calendar_is_there(loop):
    incident = loop.incident("hotline", at=EVE)
    loop.step("operator", incident, "file", EVE)
    loop.step("operator", incident, "dispatch", EVE, told={"department": "urban"})
    before = loop.clocks(incident)["handle"]
    # Thursday and Friday, to the end of its hours at 17:30.
    assert (before.due_at, before.provisional) == (datetime(2027, 1, 1, 9, 30, tzinfo=UTC), True)
    assert recount_clocks(loop.db, EVE + MINUTE) == 0
    assert words(loop, incident)[-1] == "dispatch"

    bring_calendar(loop.db)
    assert recount_clocks(loop.db, EVE + MINUTE) == 1
    after = loop.clocks(incident)["handle"]
    # Thursday, and Sunday the 3rd, which is worked.
    assert (after.due_at, after.provisional) == (datetime(2027, 1, 3, 9, 30, tzinfo=UTC), False)
    assert not any("years" in why["values"] for why in after.explained)
    assert words(loop, incident)[-1] == "recount"
    assert recount_clocks(loop.db, EVE + MINUTE) == 0, "once"
    row = loop.row(incident)
    events = events_of(loop.db, incident)
    found = {clock.stage: clock for clock in clocks_from(events, "urban", book_of(loop.db, "Asia/Shanghai").ruling)}
    assert found["handle"].due_at == after.due_at == row.due_at
    assert verify_incidents(loop.db) == []


def test_who_has_it_in_hand_is_told_of_another_deadline(loop):
    incident = loop.incident("hotline", at=EVE)
    loop.step("operator", incident, "file", EVE)
    loop.step("operator", incident, "dispatch", EVE, told={"department": "urban"})
    put_in(loop.db, "calendar-days", [
        {"calendar": "cn", "day": f"2027-01-0{n}", "kind": "rest", "note": "元旦"} for n in (1, 4)
    ])  # fmt: skip
    put_in(loop.db, "calendar-years", [{"calendar": "cn", "year": "2027", "source": "国办发明电"}])
    recount_clocks(loop.db, EVE + MINUTE)
    assert (
        loop.row(incident).due_at == loop.clocks(incident)["handle"].due_at == datetime(2027, 1, 5, 9, 30, tzinfo=UTC)
    )
    told = loop.db.execute(
        text("SELECT person_id, subject ->> 'msgid' AS said FROM outbox WHERE event = 'recount'")
    ).all()
    assert [(row.person_id, "worked out anew" in row.said) for row in told] == [(loop.urban.id, True)]


def test_calls_and_notices_that_wait_are_counted_again_and_what_is_over_is_let_be(loop):
    incident, over = loop.incident(at=EVE), loop.incident(at=EVE)
    key = uuid.uuid4()
    whistle(loop.db, loop.chief, WhistleDraft(key, incident, ("urban",)), EVE)
    open_by_hand(loop.db, loop.supervisor, incident, uuid.uuid4(), 1, None, EVE)
    loop.step("operator", over, "reject", EVE)
    assert recount_calls(loop.db, EVE + MINUTE) == 0
    bring_calendar(loop.db)
    assert recount_calls(loop.db, EVE + MINUTE) == 1
    assert recount_calls(loop.db, EVE + MINUTE) == 0
    (call,) = loop.db.execute(text("SELECT * FROM whistle_call")).all()
    # 5.5 hours of Wednesday, 7 of Thursday, and from 08:30 on 2.5 of Sunday the 3rd.
    due = datetime(2027, 1, 3, 3, 0, tzinfo=UTC)
    assert (call.acknowledge_due_at, call.arrive_due_at) == (due, due)
    fires = loop.db.scalars(text("SELECT fire_at FROM escalation WHERE kind LIKE 'whistle%' ORDER BY kind")).all()
    assert fires == [due, due]
    (notice,) = loop.db.execute(text("SELECT * FROM supervision")).all()
    assert notice.answer_due_at == datetime(2027, 1, 3, 9, 30, tzinfo=UTC)
    assert "years" not in str(notice.explained)
    assert words(loop, incident)[-2:] == ["recount", "recount"]
    assert "recount" not in words(loop, over)
    assert verify_incidents(loop.db) == []
