"""Zones over HTTP: asked for, chosen, taken, and read back as of any day."""

from __future__ import annotations

import uuid

import pytest
import shapely

from gridmap.people.rules import Role
from gridmap.planning import workbench
from gridmap.settings import load_settings
from tests.desks import over_all, signed_in
from webapp import create_app

NORTH = "990106001"


@pytest.fixture(scope="module")
def app():
    return create_app(load_settings(api_per_minute=100_000))


@pytest.fixture
def planner(app, db, street):
    return over_all(app, db, street.town, Role.PLANNER)


def uid():
    return str(uuid.uuid4())


def ask(planner, **fields):
    body = {"id": uid(), "group": "grids", "area": NORTH, "count": 2} | fields
    return planner.post("/api/v1/zones/proposals", body)


def worked_out(planner, **fields):
    asked = ask(planner, **fields)
    assert (asked.status_code, asked.json["state"]) == (202, "waiting")
    assert workbench.work_next()
    return planner.get(f"/api/v1/zones/proposals/{asked.json['id']}").json


def take(planner, proposal, names=("东片", "西片"), **fields):
    body = {"id": uid(), "choice": 1, "names": list(names)} | fields
    return planner.post(f"/api/v1/zones/proposals/{proposal['id']}/take", body)


def test_a_choice_is_drawn_taken_once_and_read_back_as_of_any_day(planner, db, app, street):
    done = worked_out(planner, weights={"households": 2, "staff": 1}, skills="posts")
    assert (done["state"], done["today"]["card"], done["exact"]) == ("done", None, True)
    assert [part["households"] for part in done["parts"]] == [400] * 4
    drawn = planner.get(f"/api/v1/zones/proposals/{done['id']}/choices/1").json["features"]
    assert [feature["properties"]["parts"] for feature in drawn] == [2, 2]
    body = {"id": uid()}
    first, again = take(planner, done, **body), take(planner, done, **body)
    assert (first.status_code, again.status_code, again.json["state"]) == (201, 200, "taken")
    zones = planner.get("/api/v1/zones").json["features"]
    assert [zone["properties"]["name"] for zone in zones] == ["东片", "西片"]
    for zone, shown in zip(zones, drawn, strict=True):
        one, other = (shapely.from_geojson(str(one["geometry"]).replace("'", '"')) for one in (zone, shown))
        assert one.equals(other), "what was shown is what is in force"
    assert zones[0]["properties"]["until"] is None
    assert planner.get("/api/v1/zones?as_of=2026-01-01").json["features"] == []
    assert planner.get("/api/v1/zones?group=townships").json["features"] == []
    worker = signed_in(app, db, Role.WORKER, street.town.paths["A"], grid_id=street.town.grid_ids["A"])
    (seen,) = worker.get("/api/v1/zones").json["features"]
    assert [part["name_en"] for part in seen["properties"]["parts"]] == ["Grid A"], "of a zone, one's own ground"


def test_what_is_put_away_is_away_for_everyone_who_plans(planner, app, db, street):
    proposal = ask(planner).json
    other = over_all(app, db, street.town, Role.PLANNER)
    assert [one["id"] for one in other.get("/api/v1/zones/proposals").json["items"]] == [proposal["id"]]
    for _ in range(2):
        assert other.post(f"/api/v1/zones/proposals/{proposal['id']}/drop", {"id": uid()}).status_code == 200
    assert planner.get("/api/v1/zones/proposals").json["items"] == []
    assert planner.get(f"/api/v1/zones/proposals/{proposal['id']}").status_code == 404


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"count": 5}, 422),
        ({"count": 0}, 422),
        ({"weights": {"households": 0}}, 422),
        ({"weights": {"people": 1}}, 400),
        ({"group": "villages"}, 422),
        ({"area": "990106"}, 422),
        ({"colour": "red"}, 400),
    ],
)
def test_a_wish_that_means_nothing_is_refused_with_a_sentence(planner, fields, status):
    answer = ask(planner, **fields)
    assert answer.status_code == status
    assert answer.json["detail"].strip().endswith((".", "。"))
    assert planner.get("/api/v1/zones/proposals").json["items"] == []


def test_nothing_is_taken_before_it_is_done(planner):
    assert take(planner, ask(planner).json).status_code == 409
    assert planner.get("/api/v1/zones").json["features"] == []
