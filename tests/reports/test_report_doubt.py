"""A report is taken however uncertain its place is, and says how uncertain."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import text

from gridmap.grids.doubt import NO_ACCURACY, TOO_WIDE
from gridmap.grids.locating import Told
from gridmap.incidents.opening import open_for_reports
from gridmap.incidents.queries import Filter, incident_page
from gridmap.people.rules import Role, scope_of
from gridmap.reports.actions import ReportDraft, receive_reports
from tests.worlds import CODE, NOON, SIDE, person, point


@pytest.fixture
def operator(db, town):
    return person(db, Role.OPERATOR, town.area_path("A", "F"), area_id=town.district_id)


def take_in(db, actor, *told):
    drafts = [
        ReportDraft(key, "patrol", "0201", "垃圾成堆", one, None, NOON, {"id": str(key)})
        for one in told
        for key in [uuid.uuid4()]
    ]
    stored = receive_reports(db, actor, drafts, NOON)
    open_for_reports(db, actor, stored, NOON)
    return [draft.id for draft in drafts]


def stored_report(db, report_id):
    return db.execute(
        text(
            "SELECT r.*, r.path::text AS own_path, v.code FROM report r"
            " LEFT JOIN grid_version v ON v.id = r.grid_version_id WHERE r.id = :id"
        ),
        {"id": report_id},
    ).one()


@pytest.mark.parametrize("error_m", [0, 1, 30, 300, 3_000, 30_000, 3e6, None])
@pytest.mark.parametrize("spot", [(0.5, 2.5), (1, 2), (0, 0), (-3, 9)])
def test_no_report_is_refused_for_its_doubt(db, town, operator, error_m, spot):
    (report_id,) = take_in(db, operator, Told(*point(*spot), error_m=error_m))
    row = stored_report(db, report_id)
    assert row.certainty in {"sure", "likely", "review"}
    # One grid, or its community or township, or outside.
    assert (row.code is not None) + (row.doubt_reason == TOO_WIDE) + (row.placed == "outside") >= 1


def test_certainty_probability_and_runners_are_stored_with_report_and_incident(db, town, operator):
    (report_id,) = take_in(db, operator, Told(*point(1 - 5 / SIDE, 2.5), error_m=24.477))
    row = stored_report(db, report_id)
    assert (row.code, row.certainty, row.doubt_reason) == (CODE["A"], "likely", None)
    assert row.probability == pytest.approx(0.6915, abs=1e-3)
    assert row.p_outside == pytest.approx(0, abs=1e-4)
    assert [runner["probability"] for runner in row.runners] == pytest.approx([0.3085], abs=1e-3)
    names = "certainty, probability, runners, p_outside, doubt_reason, grid_version_id"
    incident = db.execute(text(f"SELECT {names} FROM incident")).one()
    assert incident == db.execute(text(f"SELECT {names} FROM report")).one()


def test_the_log_of_the_incident_says_how_sure_its_grid_was(db, town, operator):
    take_in(db, operator, Told(*point(1 - 5 / SIDE, 2.5), error_m=24.477))
    told = db.scalar(text("SELECT data->'set' FROM incident_log WHERE seq = 1"))
    stored = db.scalar(text("SELECT to_jsonb(i) FROM incident i"))
    for name in ("certainty", "probability", "runners", "p_outside", "doubt_reason"):
        assert told[name] == stored[name]


def test_too_wide_for_a_grid_it_goes_to_the_desk_of_its_township(db, town, operator):
    (report_id,) = take_in(db, operator, Told(*point(1, 1.8), error_m=700))
    row = stored_report(db, report_id)
    assert (row.code, row.placed, row.doubt_reason) == (None, "inside", TOO_WIDE)
    north = person(db, Role.TOWNSHIP, town.area_path("A", "C"))
    south = person(db, Role.TOWNSHIP, town.path_of("E").rpartition(".")[0].rpartition(".")[0])
    seen = [
        incident_page(db, scope_of(desk, "incident.read"), Filter(unplaced=True), now=NOON, limit=9).total
        for desk in (north, south)
    ]
    assert seen == [1, 0]


def test_what_a_phone_does_not_say_is_assumed_and_said(db, town, operator):
    (report_id,) = take_in(db, operator, Told(*point(0.5, 2.5)))
    row = stored_report(db, report_id)
    assert (row.doubt_reason, row.cov_ee) == (NO_ACCURACY, 2500.0)


def test_at_the_border_of_the_district_the_likelier_side_has_it(db, town, operator):
    just_in, just_out = take_in(
        db,
        operator,
        Told(*point(1 / SIDE, 2.5), error_m=24.477),
        Told(*point(-1 / SIDE, 2.5), error_m=24.477),
    )
    assert [stored_report(db, key).code for key in (just_in, just_out)] == [CODE["A"], None]
    assert stored_report(db, just_out).placed == "outside"
