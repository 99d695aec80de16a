"""From what was said to an incident, on a real PostGIS."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from gridmap.database import make_engine
from gridmap.errors import BadGeography, Invalid, NotFound, OtherContent
from gridmap.grids.locating import Told
from gridmap.incidents.actions import StepDraft, SteppedMeanwhile, act
from gridmap.incidents.counts import figures, load_by_grid
from gridmap.incidents.opening import open_for_alerts, open_for_reports
from gridmap.incidents.queries import Filter, incident_page
from gridmap.incidents.refusing import StepNotAllowed
from gridmap.incidents.rules import LogRow, fold
from gridmap.incidents.verify import is_intact
from gridmap.people.rules import Role, scope_of
from gridmap.reports.actions import ReportDraft, receive_reports
from gridmap.sensing.actions import AlertDraft, receive_alerts
from tests.worlds import NOON, add_device, build_town, device_actor, person, point


@pytest.fixture
def operator(db, town):
    return person(db, Role.OPERATOR, town.area_path("A", "F"), area_id=town.district_id)


def report(told=None, *, source="hotline", category="0201", occurred_at=NOON, **content):
    report_id = content.pop("id", None) or uuid.uuid4()
    return ReportDraft(
        report_id,
        source,
        category,
        "垃圾成堆",
        told or Told(*point(0.5, 2.5), error_m=20),
        None,
        occurred_at,
        {"id": str(report_id), "text": "垃圾成堆", **content},
    )


def take_in(db, actor, *drafts, at=NOON):
    stored = receive_reports(db, actor, drafts, at)
    return [incident.id for incident in open_for_reports(db, actor, stored, at).values()]


def incident_row(db, incident_id):
    return db.execute(text("SELECT * FROM incident WHERE id = :id"), {"id": incident_id}).one()


def test_a_report_opens_an_incident_in_the_grid_that_holds_it(db, town, operator):
    (incident,) = take_in(db, operator, report())
    row = incident_row(db, incident)
    assert (row.duty_grid_id, row.placed, row.state) == (town.grid_ids["A"], "inside", "reported")
    assert row.path == town.path_of("A")
    assert row.number.startswith("2026-0303-")


def test_the_same_report_sent_twice_is_stored_once(db, town, operator):
    draft = report()
    assert len(take_in(db, operator, draft)) == 1
    assert take_in(db, operator, draft) == []
    assert take_in(db, operator, draft, draft) == []
    assert db.scalar(text("SELECT count(*) FROM incident")) == 1


def test_the_same_id_with_other_content_is_refused_and_the_first_kept(db, town, operator):
    draft = report()
    take_in(db, operator, draft)
    with pytest.raises(OtherContent, match=str(draft.id)):
        take_in(db, operator, report(id=draft.id, extra="another"))
    assert db.scalar(text("SELECT count(*) FROM report")) == 1


def test_what_patrols_see_is_filed_at_once_with_a_deadline(db, town, operator):
    (incident,) = take_in(db, operator, report(source="patrol"))
    row = incident_row(db, incident)
    assert (row.state, row.seq, row.due_at) == ("filed", 2, NOON + timedelta(hours=48))


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (Told(None, None), "without a position"),
        (Told(35.7, 114.2), "swapped"),
        (Told(0.0, 0.0), "0, 0"),
        (Told(2.3, 48.8), "50 km"),
        (Told(518000.0, 3954000.0), "projected"),
    ],
)
def test_a_report_is_never_refused_for_its_position(db, town, operator, told, reason):
    (incident,) = take_in(db, operator, report(told))
    row = incident_row(db, incident)
    assert (row.placed, row.place, row.grid_version_id) == ("unplaced", None, None)
    assert reason in row.unplaced_reason
    assert row.path == str(town.district_id)


def test_a_place_just_outside_keeps_its_point_and_has_no_grid(db, town, operator):
    (incident,) = take_in(db, operator, report(Told(*point(3.5, 0.5))))
    row = incident_row(db, incident)
    assert (row.placed, row.grid_version_id) == ("outside", None)
    assert row.place is not None


def test_positions_in_a_shifted_datum_are_unshifted(db, town, operator):
    from geodata.datum import wgs84_to_gcj02

    lon, lat = (float(value) for value in wgs84_to_gcj02(*point(0.5, 2.5)))
    (incident,) = take_in(db, operator, report(Told(lon, lat, "gcj02", error_m=10)))
    row = incident_row(db, incident)
    assert row.duty_grid_id == town.grid_ids["A"]
    assert (row.given_x, row.given_datum) == (lon, "gcj02")


def test_an_unknown_category_is_named(db, town, operator):
    with pytest.raises(Invalid, match="9999"):
        take_in(db, operator, report(category="9999"))


def test_an_edge_belongs_to_the_lowest_grid_id(db, town, operator):
    (incident,) = take_in(db, operator, report(Told(*point(1, 1))))
    row = incident_row(db, incident)
    assert (row.placed, row.duty_grid_id) == ("edge", min(town.grid_ids[letter] for letter in "CDEF"))


def test_a_clock_that_runs_ahead_is_flagged_and_never_dropped(db, town, operator):
    (incident,) = take_in(db, operator, report(occurred_at=NOON + timedelta(days=2)))
    assert incident_row(db, incident).occurred_at == NOON
    assert db.scalar(text("SELECT clock_suspect FROM report"))


def test_the_log_folds_into_the_row(db, town, operator):
    (incident,) = take_in(db, operator, report(source="patrol"))
    said = {"reason": "false-alarm", "note": "清理完毕"}
    act(db, operator, incident, StepDraft(uuid.uuid4(), "reject", **said), NOON + timedelta(hours=1))
    rows = db.execute(
        text("SELECT seq, to_state, data, hash FROM incident_log WHERE incident_id = :id ORDER BY seq"),
        {"id": incident},
    )
    folded = fold(LogRow(row.seq, row.to_state, row.data, bytes(row.hash)) for row in rows)
    folded["log_hash"] = "\\x" + folded["log_hash"].hex()
    rebuilt = db.execute(
        text("SELECT * FROM jsonb_populate_record(NULL::incident, CAST(:row AS jsonb))"), {"row": json.dumps(folded)}
    ).one()
    stored = incident_row(db, incident)
    skipped = {"tile", "asks"}  # made by the database from the place; read from the steps by their names
    assert {k: v for k, v in rebuilt._mapping.items() if k not in skipped} == {
        k: v for k, v in stored._mapping.items() if k not in skipped
    }


def test_the_service_itself_cannot_bend_the_log(db, town, operator):
    (incident,) = take_in(db, operator, report(source="patrol"))
    with pytest.raises(ProgrammingError, match="permission denied"), db.begin_nested():
        db.execute(text("UPDATE incident_log SET reason = 'other' WHERE incident_id = :id"), {"id": incident})


@pytest.mark.parametrize(
    "bend",
    [
        "UPDATE incident_log SET reason = 'other' WHERE seq = 1",
        "UPDATE incident_log SET at = at - interval '1 hour' WHERE seq = 2",
        "DELETE FROM incident_log WHERE seq = 2",
        "UPDATE incident SET log_hash = sha256('x')",
    ],
)
def test_a_bent_or_cut_log_is_noticed(fresh_database, bend):
    with Session(make_engine(fresh_database.app)) as db:
        town = build_town(db)
        operator = person(db, Role.OPERATOR, str(town.district_id), area_id=town.district_id)
        (incident,) = take_in(db, operator, report(source="patrol"))
        db.commit()
        assert is_intact(db, incident)
        db.commit()
        with make_engine(fresh_database.owner).begin() as owner:
            owner.execute(text(bend))
        assert not is_intact(db, incident)


def test_an_illegal_step_names_the_possible_ones(db, town, operator):
    (incident,) = take_in(db, operator, report())
    with pytest.raises(StepNotAllowed, match="Possible now: File, Verify, Have it verified, Reject, Merge"):
        act(db, operator, incident, StepDraft(uuid.uuid4(), "close", note="x"), NOON)


def test_a_step_sent_twice_is_taken_once(db, town, operator):
    (incident,) = take_in(db, operator, report())
    step = StepDraft(uuid.uuid4(), "file")
    assert act(db, operator, incident, step, NOON)
    assert not act(db, operator, incident, step, NOON)
    assert incident_row(db, incident).seq == 2


def test_the_slower_of_two_operators_is_told(db, town, operator):
    (incident,) = take_in(db, operator, report())
    act(db, operator, incident, StepDraft(uuid.uuid4(), "file", seq=1), NOON)
    with pytest.raises(SteppedMeanwhile, match="moved on"):
        act(db, operator, incident, StepDraft(uuid.uuid4(), "file", seq=1), NOON)


def test_a_neighbouring_township_neither_sees_nor_steps(db, town, operator):
    (incident,) = take_in(db, operator, report())
    south = person(db, Role.TOWNSHIP, town.area_path("E", "F"))
    assert incident_page(db, scope_of(south, "incident.read"), Filter(), now=NOON, limit=10).total == 0
    with pytest.raises(NotFound):
        act(db, south, incident, StepDraft(uuid.uuid4(), "file"), NOON)


def test_a_worker_sees_what_they_reported_outside_their_own_grid(db, town):
    worker = person(db, Role.WORKER, town.path_of("F"), grid_id=town.grid_ids["F"])
    take_in(db, worker, report(source="patrol"))
    page = incident_page(db, scope_of(worker, "incident.read"), Filter(), now=NOON, limit=10)
    assert [row.duty_grid_id for row in page.rows] == [town.grid_ids["A"]]
    told = db.scalar(text("SELECT data->>'outside_scope' FROM incident_log WHERE seq = 1"))
    assert told == "true"


def test_pages_meet_without_gap_or_double(db, town, operator):
    take_in(db, operator, *(report(Told(*point(0.1 + n / 10, 2.5)), source="patrol") for n in range(7)))
    scope = scope_of(operator, "incident.read")
    seen, after = [], None
    while True:
        page = incident_page(db, scope, Filter(), now=NOON, limit=3, after=after)
        seen += [row.id for row in page.rows]
        after = page.after
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 7


def test_figures_and_loads_count_what_is_open(db, town, operator):
    take_in(db, operator, report(source="patrol"), report(source="patrol"), report(Told(*point(1.5, 0.5))))
    scope = scope_of(operator, "incident.read")
    later = NOON + timedelta(hours=49)
    assert load_by_grid(db, scope, later) == [(town.grid_ids["A"], 2, 2), (town.grid_ids["F"], 1, 0)]
    counted = figures(db, scope, now=NOON, day_start=NOON - timedelta(hours=12))
    assert (counted.open, counted.overdue, counted.new_today, counted.by_severity[3]) == (3, 0, 3, 3)


def alert(device="cam-1", *, told=None, at=NOON, **fields):
    alert_id = uuid.uuid4()
    return AlertDraft(alert_id, device, "fire_lane", at, 0.9, told, content={"id": str(alert_id)}, **fields)


@pytest.fixture
def camera(db, town):
    db.execute(
        text(
            "INSERT INTO template (scene, device_kind, class, category, severity, valid)"
            " VALUES ('fire lane', 'camera', 'fire_lane', '0301', 2, daterange('2020-01-01', NULL))"
        )
    )
    device_id = add_device(db, town, "cam-1", "C", point(0.5, 1.5))
    return device_actor(device_id, "cam-1", town.path_of("C"))


def send(db, actor, *drafts, at=NOON):
    return open_for_alerts(db, actor, receive_alerts(db, actor, drafts, at), at)


def test_an_alert_without_a_place_stands_where_its_device_stands(db, town, camera):
    (incident,) = send(db, camera, alert()).values()
    row = incident_row(db, incident)
    assert (row.duty_grid_id, row.category, row.severity, row.state) == (town.grid_ids["C"], "0301", 2, "filed")
    assert row.due_at == NOON + timedelta(hours=8)


def test_a_repeat_of_the_same_device_and_class_joins(db, town, camera):
    first, again, later = alert(), alert(), alert(at=NOON + timedelta(hours=1))
    opened = send(db, camera, first, again)
    assert len(set(opened.values())) == 1
    assert send(db, camera, later, at=NOON + timedelta(hours=1))[later.id] not in opened.values()


def test_an_alert_may_bring_its_own_place(db, town, camera):
    (incident,) = send(db, camera, alert(told=Told(*point(1.5, 1.5), method="device"))).values()
    assert incident_row(db, incident).duty_grid_id == town.grid_ids["D"]


def test_a_device_that_sends_an_impossible_place_is_told(db, town, camera):
    with pytest.raises(BadGeography, match="swapped"):
        send(db, camera, alert(told=Told(35.7, 114.2)))


def test_a_key_speaks_for_its_own_device_alone(db, town, camera):
    add_device(db, town, "cam-2", "E", point(0.5, 0.5))
    with pytest.raises(NotFound, match="cam-2"):
        send(db, camera, alert("cam-2"))


def test_each_place_is_audited_in_the_same_transaction(db, town, operator):
    take_in(db, operator, report())
    actions = db.scalars(text("SELECT action FROM audit ORDER BY at")).all()
    assert "report.create" in actions
