"""Who hears what, of events that are committed for real."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import text

from gridmap.grids.publishing import publish_coverage
from gridmap.people.rules import Role
from gridmap.system.live import Change, announce
from tests.desks import LATER
from tests.webapp.stream.ears import Ear, event_ids, happen
from tests.worlds import grid_drafts, point


def test_what_is_committed_is_told_with_its_summary(live, town, desk):
    ear = Ear(desk())
    key = happen(live, town, severity=2)
    live.commit()
    (event,) = ear.wait(1)
    assert event["event"] == "incident"
    assert (event["data"]["kind"], event["data"]["id"], event["data"]["version"]) == ("incident", key, 1)
    assert event["data"]["item"]["severity"] == 2
    assert event["data"]["item"]["place"]["lon"] == pytest.approx(point(0.5, 2.5)[0])
    assert int(event["id"]) == event_ids(live)[-1]


def test_a_township_desk_hears_nothing_of_another_township(live, town, desk):
    south, everyone = Ear(desk("south")), Ear(desk())
    theirs = happen(live, town, "A")
    live.commit()
    own = happen(live, town, "F")
    live.commit()
    everyone.hears_of(theirs, own)
    south.hears_of(own)
    assert south.told == {own}
    assert theirs not in str(south.frames)


def test_a_worker_hears_of_what_is_held_or_told_elsewhere(live, town, desk):
    worker, other = desk("A"), desk("A")
    ear, deaf = Ear(worker), Ear(other)
    held = happen(live, town, "F", holder=worker.person_id)
    told = happen(live, town, "E")
    report = uuid.uuid4()
    live.execute(
        text(
            "INSERT INTO report (id, source, text, reporter_id, placed, path, occurred_at, received_at)"
            " VALUES (:id, 'patrol', '', :who, 'unplaced', '1', :at, :at)"
        ),
        {"id": report, "who": worker.person_id, "at": LATER},
    )
    live.execute(
        text(
            "INSERT INTO incident_source (incident_id, report_id, joined_at, why)"
            " VALUES (:incident, :report, :at, 'told')"
        ),
        {"incident": told, "report": report, "at": LATER},
    )
    live.commit()
    ear.hears_of(held, told)
    own = happen(live, town, "A")
    live.commit()
    deaf.hears_of(own)
    assert deaf.told == {own}


def test_a_planner_hears_figures_and_no_place(live, town, desk):
    ear = Ear(desk(role=Role.PLANNER))
    happen(live, town)
    live.commit()
    (event,) = ear.wait(1)
    assert event["data"]["item"]["number"]
    assert event["data"]["item"]["place"] is None


def test_a_new_edition_is_told_to_everyone(live, town, desk):
    ears = [Ear(desk()), Ear(desk("south")), Ear(desk("A"))]
    publish_coverage(live, town.district_id, grid_drafts()[:5], base_edition=1, effective_at=LATER)
    live.commit()
    for ear in ears:
        (event,) = ear.wait(1)
        assert (event["event"], event["data"]["id"], event["data"]["item"]) == ("edition", "2", None)


def test_a_changed_plan_is_told_by_its_id_alone_whatever_ground_it_redraws(live, town, desk):
    south = Ear(desk("south"))
    announce(live, [Change("plan", "p-1", 7, str(town.district_id))])
    live.commit()
    (event,) = south.wait(1)
    assert event["data"] == {"kind": "plan", "id": "p-1", "version": 7, "item": None}


def test_a_device_is_told_of_where_it_stands(live, town, desk):
    south, everyone = Ear(desk("south")), Ear(desk())
    announce(live, [Change("device", "cam-1", 1, town.paths["A"]), Change("device", "cam-2", 1, town.paths["F"])])
    live.commit()
    everyone.hears_of("cam-1", "cam-2")
    south.hears_of("cam-2")
    assert "cam-1" not in str(south.frames)


def test_a_burst_is_read_in_two_statements_for_all_streams(live, town, desk, hub):
    ears = [Ear(desk()) for _ in range(3)]
    loads = []
    load = hub._load
    hub._load = lambda db, ids: loads.append(len(ids)) or load(db, ids)
    keys = [happen(live, town) for _ in range(20)]
    live.commit()
    for ear in ears:
        ear.hears_of(*keys)
    assert sum(loads) == 20
