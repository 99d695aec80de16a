"""What a phone on patrol is given to keep."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import event, text

from gridmap.people.rules import Role
from gridmap.settings import load_settings
from tests.desks import add_incident, in_grid, over_all, over_south, signed_in
from tests.worlds import point
from webapp import create_app


@pytest.fixture(scope="module")
def app():
    return create_app(load_settings(api_per_minute=100_000))


def names(answer, *, mine=None):
    return "".join(sorted(g["name"][-1] for g in answer["grids"] if mine in (None, g["mine"])))


def test_a_worker_keeps_the_boundaries_of_the_own_township_and_of_no_other(app, db, town):
    answer = in_grid(app, db, town, "C").get("/api/v1/patrol").json
    assert names(answer) == "ABCD"
    assert names(answer, mine=True) == "C"
    grid = next(g for g in answer["grids"] if g["mine"])
    assert (grid["community_en"], grid["township_en"]) == ("Yulan", "North")
    assert all(len(str(x).split(".")[1]) <= 9 for ring in grid["geometry"]["coordinates"] for xy in ring for x in xy)


def test_a_desk_keeps_what_it_answers_for(app, db, town):
    assert names(over_south(app, db, town).get("/api/v1/patrol").json, mine=True) == "EF"
    assert names(over_all(app, db, town).get("/api/v1/patrol").json, mine=True) == "ABCDEF"


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR])
def test_who_has_no_ground_is_refused(app, db, town, role):
    assert over_all(app, db, town, role).get("/api/v1/patrol").status_code == 403


def test_today_is_what_lies_in_the_own_grid_or_is_held_by_its_worker(app, db, town):
    worker = in_grid(app, db, town, "C")
    here = add_incident(db, town, "C", point(0.5, 1.5))
    held = add_incident(db, town, "F", point(1.5, 0.5), holder=worker.person_id)
    add_incident(db, town, "D", point(1.5, 1.5))
    today = {item["id"]: item for item in worker.get("/api/v1/patrol").json["today"]["incidents"]}
    assert today.keys() == {here, held}
    assert [today[here]["mine"], today[held]["mine"]] == [False, True]
    assert today[here]["place"]["lon"] == pytest.approx(point(0.5, 1.5)[0])


def test_what_one_reported_elsewhere_is_not_ones_work(app, db, town):
    worker = in_grid(app, db, town, "C")
    lon, lat = point(1.5, 0.5)
    report = {"id": str(uuid.uuid4()), "source": "patrol", "category": "0201", "place": {"lon": lon, "lat": lat}}
    assert worker.post("/api/v1/reports", report).status_code == 201
    answer = worker.get("/api/v1/patrol").json
    assert answer["today"]["incidents"] == []
    assert answer["recent"] == ["0201"]


def test_people_are_named_in_both_languages_where_both_are_known_and_masked_in_both(app, db, town):
    worker = in_grid(app, db, town, "C")
    lon, lat = point(0.5, 1.5)
    report = {"id": str(uuid.uuid4()), "source": "patrol", "category": "0201", "place": {"lon": lon, "lat": lat}}
    incident = worker.post("/api/v1/reports", report).json["incident"]["id"]
    assert worker.get("/api/v1/me").json["person"]["name_en"] == worker.get("/api/v1/me").json["person"]["name"]
    both = {"name": "赵敏", "name_en": "Zhao Min"}
    db.execute(
        text("UPDATE person SET name = '赵敏', names = '{\"en\": \"Zhao Min\"}' WHERE id = :id"),
        {"id": worker.person_id},
    )
    for door in ("/api/v1/me", "/api/v1/patrol"):
        assert worker.get(door).json["person"].items() >= both.items()
    card = worker.get(f"/api/v1/incidents/{incident}").json
    assert card["sources"][0]["reporter"] == both
    assert both in [row["actor"] for row in card["log"]]
    masked = over_all(app, db, town, Role.SUPERVISOR).get(f"/api/v1/incidents/{incident}").json
    assert masked["sources"][0]["reporter"] == {"name": "赵**", "name_en": "Z**"}
    assert "<h1>Zhao Min</h1>" in worker.get("/account?lang=en").text


def test_each_incident_says_which_steps_its_worker_may_take(app, db, town):
    add_incident(db, town, "C", point(0.5, 1.5))
    steps = in_grid(app, db, town, "C").get("/api/v1/patrol").json["today"]["incidents"][0]["steps"]
    assert [(step["step"], step["needs"]) for step in steps] == [
        ("accept", []),
        ("fix", ["note", "before", "after"]),
    ]


def test_the_class_reported_last_comes_first_and_once(app, db, town):
    worker = in_grid(app, db, town, "C")
    for category in ("0201", "0101", "0201", "0301"):
        worker.post("/api/v1/reports", {"id": str(uuid.uuid4()), "source": "patrol", "category": category})
    db.execute(text("UPDATE report SET received_at = received_at - interval '1 hour' WHERE category = '0101'"))
    db.execute(text("UPDATE report SET received_at = received_at - interval '1 minute' WHERE category = '0201'"))
    assert worker.get("/api/v1/patrol").json["recent"] == ["0301", "0201", "0101"]


def test_nothing_new_is_said_in_no_words(app, db, town):
    worker = in_grid(app, db, town, "C")
    first = worker.get("/api/v1/patrol")
    known = {"If-None-Match": first.headers["ETag"]}
    again = worker.get("/api/v1/patrol", headers=known)
    assert (again.status_code, again.data) == (304, b"")
    add_incident(db, town, "C", point(0.5, 1.5))
    assert worker.get("/api/v1/patrol", headers=known).status_code == 200


def test_another_persons_answer_is_not_taken_for_ones_own(app, db, town):
    known = {"If-None-Match": in_grid(app, db, town, "C").get("/api/v1/patrol").headers["ETag"]}
    assert in_grid(app, db, town, "C").get("/api/v1/patrol", headers=known).status_code == 200


def test_a_longer_day_asks_the_database_no_more_often(app, db, town):
    worker = in_grid(app, db, town, "C")
    worker.get("/api/v1/patrol")
    counts = []
    for more in (1, 20):
        for _ in range(more):
            add_incident(db, town, "C", point(0.5, 1.5))
        asked = []
        event.listen(db.bind, "before_cursor_execute", listener := lambda *a, asked=asked: asked.append(a[2]))
        assert worker.get("/api/v1/patrol").status_code == 200
        event.remove(db.bind, "before_cursor_execute", listener)
        counts.append(len(asked))
    assert counts[0] == counts[1] > 0


def test_a_role_over_several_grids_names_each_ground_once(app, db, town):
    community = town.area_path("C", "D")
    chief = signed_in(app, db, Role.CHIEF, community, area_id=int(community.rsplit(".", 1)[-1]))
    answer = chief.get("/api/v1/patrol").json
    assert len({g["id"] for g in answer["grids"]}) == len(answer["grids"]) == 4
    assert names(answer, mine=True) == "CD"


def test_a_parameter_it_does_not_know_is_refused(app, db, town):
    assert in_grid(app, db, town, "C").get("/api/v1/patrol?page=2").status_code == 400
