"""What a clever insider tries: hours that cannot be, matters of others, late work made punctual, proof of nothing."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from gridmap.errors import Conflict, Invalid, NotAllowed, NotFound
from gridmap.grids.locating import Told
from gridmap.incidents.actions import StepDraft, act
from gridmap.incidents.arguments import read_arguments
from gridmap.incidents.escalations import HANDLERS, fire_due, schedule
from gridmap.incidents.history import events_of
from gridmap.incidents.photos import has_photos
from gridmap.incidents.queries import Filter, incident_page
from gridmap.people.rules import scope_of
from gridmap.reports.actions import ReportDraft, receive_reports
from tests.incidents.loop import HOUR, build_loop
from tests.worlds import NOON, point


@pytest.fixture
def loop(db, town):
    return build_loop(db, town)


def in_hand(loop, source="patrol", **said):
    """An incident that a department of the district works on."""
    key = loop.incident(source, **said)
    loop.step("operator", key, "dispatch", NOON, told={"department": "urban"})
    loop.step("urban", key, "accept", NOON)
    return key


@pytest.mark.parametrize("told", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1899-12-31T00:00:00Z"])
def test_an_hour_that_no_calendar_knows_is_refused(told):
    with pytest.raises(Invalid, match="an instant with its zone"):
        read_arguments("correct", {"occurred_at": told})


def test_a_report_of_such_an_hour_is_kept_with_ours(loop):
    told = datetime.fromisoformat("0001-01-01T00:00:00+14:00")
    draft = ReportDraft(uuid.uuid4(), "patrol", "0201", "垃圾", Told(*point(0.5, 2.5), error_m=8), None, told, {})
    (stored,) = receive_reports(loop.db, loop.worker, [draft], NOON)
    assert (stored.occurred_at, stored.clock_suspect) == (NOON, True)
    assert loop.db.scalar(text("SELECT occurred_at FROM report WHERE id = :id"), {"id": draft.id}) == NOON


def test_nobody_suspends_for_a_thousand_years(loop):
    key = in_hand(loop)
    with pytest.raises(Invalid, match="within the next two years"):
        loop.step("operator", key, "suspend", told={"until": "2099-01-01T00:00:00Z"})


def test_who_reports_elsewhere_is_a_witness_there_and_no_desk(loop):
    """A township's desk that reports in its neighbour's grid does not run the neighbour's matter."""
    key = loop.incident(by="township", where=(0.5, 0.5))
    with pytest.raises(NotAllowed):
        loop.step("township", key, "add_party", told={"department": "urban", "role": "lead"})
    with pytest.raises(NotAllowed):
        loop.step("township", key, "reject")


def test_a_desk_that_is_late_is_late_whatever_hour_it_tells(loop):
    key = in_hand(loop)
    late = NOON + 50 * HOUR
    loop.step("urban", key, "handle", late, note="清运完毕", told_at=NOON + HOUR)
    last = events_of(loop.db, key)[-1]
    assert (last.at, last.data["told_at"]) == (late, (NOON + HOUR).isoformat())


def test_a_phone_without_network_is_believed(loop):
    key = loop.incident()
    loop.step("worker", key, "accept", NOON + 9 * HOUR, told_at=NOON + HOUR)
    assert events_of(loop.db, key)[-1].at == NOON + HOUR


def test_what_fails_by_itself_holds_up_nothing_else(loop, monkeypatch):
    first, second = loop.incident(), loop.incident()
    for key, kind in ((first, "poison"), (second, "plain")):
        schedule(loop.db, key, kind, 1, NOON)
    seen = []

    def refuse(db, due, at):
        raise Invalid("No.")

    monkeypatch.setitem(HANDLERS, "poison", refuse)
    monkeypatch.setitem(HANDLERS, "plain", lambda db, due, at: seen.append(due.incident_id))
    assert fire_due(loop.db, NOON + HOUR) >= 1
    assert seen == [second]
    fired = loop.db.execute(text("SELECT kind, fired_at FROM escalation WHERE kind IN ('poison', 'plain')")).all()
    assert dict(fired)["poison"] is None


def test_more_time_moves_the_deadline_of_a_matter_without_a_rule_of_its_own(loop):
    key = in_hand(loop)
    before = loop.clocks(key)["close"].due_at
    loop.step("operator", key, "extend", told={"amount": 48, "unit": "h"})
    clock = loop.clocks(key)["close"]
    assert clock.due_at == before + timedelta(hours=48)
    assert len(clock.explained) > 1


@pytest.mark.parametrize("told", [{"level": "chief"}, {"level": "micro"}])
def test_what_was_withdrawn_from_the_townships_does_not_go_to_their_grids_either(loop, told):
    loop.db.execute(
        text(
            "INSERT INTO duty (category, area_id, owner_id, list, valid) VALUES"
            " ('0201', :area, :owner, 'withdrawn', daterange('2020-01-01', NULL))"
        ),
        {"area": loop.town.district_id, "owner": loop.departments["urban"]},
    )
    key = loop.incident()
    with pytest.raises(Conflict, match="withdrawn from the townships"):
        loop.step("operator", key, "dispatch", told=told)


def test_a_photo_that_never_arrived_proves_nothing(loop):
    key = loop.incident()
    report = loop.db.scalar(text("SELECT report_id FROM incident_source WHERE incident_id = :id"), {"id": key})
    loop.db.execute(
        text("INSERT INTO report_media (report_id, sha256, role) VALUES (:id, :sha, 'before')"),
        {"id": report, "sha": b"\xab" * 32},
    )
    assert not has_photos(loop.db, key)


def test_a_clock_is_stopped_by_those_whom_its_rule_names(loop):
    loop.db.execute(text("UPDATE clock_rule SET pause_role = 'operator' WHERE condition = 'severity=3'"))
    key = in_hand(loop)
    until = {"until": (NOON + 30 * HOUR).isoformat()}
    with pytest.raises(NotAllowed, match="may be stopped by"):
        loop.step("township", key, "suspend", NOON + HOUR, told=until)
    assert loop.step("operator", key, "suspend", NOON + HOUR, told=until)


def test_a_step_that_left_its_takers_hands_is_answered_the_second_time_too(loop):
    key = in_hand(loop)
    draft = StepDraft(uuid.uuid4(), "return", reason="not-ours")
    assert act(loop.db, loop.urban, key, draft, NOON)
    assert not act(loop.db, loop.urban, key, draft, NOON + HOUR)
    with pytest.raises(NotFound):
        act(loop.db, loop.urban, key, StepDraft(uuid.uuid4(), "note", note="?"), NOON + HOUR)
    with pytest.raises(NotFound):
        act(loop.db, loop.bureau, key, draft, NOON + HOUR)


def test_a_department_that_ended_is_given_nothing(loop):
    key = loop.incident()
    loop.db.execute(text("UPDATE department SET ended_at = :at WHERE code = 'urban'"), {"at": NOON - HOUR})
    with pytest.raises(Invalid, match="no department urban"):
        loop.step("operator", key, "dispatch", told={"department": "urban"})


def test_a_number_leads_along_all_mergers_to_what_is_open(loop):
    first, second, third = (loop.incident() for _ in range(3))
    loop.step("operator", first, "merge", told={"into": str(second)})
    loop.step("operator", second, "merge", told={"into": str(third)})
    number = loop.row(first).number
    page = incident_page(loop.db, scope_of(loop.operator, "incident.read"), Filter(number=number), now=NOON, limit=10)
    assert [row.id for row in page.rows] == [third]


def test_nothing_arises_from_itself_in_a_ring(loop):
    first, second, third = (loop.incident() for _ in range(3))
    loop.step("operator", second, "derive", told={"origin": str(first)})
    loop.step("operator", third, "derive", told={"origin": str(second)})
    with pytest.raises(Invalid, match="arose from this one"):
        loop.step("operator", first, "derive", told={"origin": str(third)})


@pytest.mark.parametrize("radius_m", [-500, 1_000_000])
def test_a_radius_that_cannot_be_is_refused(radius_m):
    with pytest.raises(Invalid, match="radius in metres"):
        read_arguments("correct", {"place": {"lon": 114.2, "lat": 35.7, "accuracy_m": radius_m}})


def test_who_took_a_call_down_told_of_nothing(loop):
    """Older orders have the clerk as their reporter: no road to a matter in another township."""
    key = loop.incident("hotline", by="township", where=(0.5, 0.5))
    with pytest.raises(NotFound):
        loop.step("township", key, "note", note="?")
