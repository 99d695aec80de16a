"""The roster of a desk and its hand-overs, over HTTP."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from gridmap.people.rules import Role
from gridmap.settings import load_settings
from tests.desks import over_all, over_south
from tests.worlds import point
from webapp import create_app

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return create_app(load_settings(data_dir=tmp_path_factory.mktemp("data"), api_per_minute=100_000))


@pytest.fixture
def leaving(app, db, town):
    return over_all(app, db, town)


@pytest.fixture
def coming(app, db, town):
    return over_all(app, db, town)


def turn(person_id, begins, ends, **fields):
    at = datetime.now(UTC)
    return {
        "id": str(uuid.uuid4()),
        "person": person_id,
        "from": (at + begins * HOUR).isoformat(),
        "until": (at + ends * HOUR).isoformat(),
    } | fields


def test_the_desk_shows_who_sits_there_and_who_is_next(app, db, town, leaving, coming):
    first = turn(leaving.person_id, -1, 1)
    assert leaving.post("/api/v1/desk/turns", first).status_code == 201
    assert leaving.post("/api/v1/desk/turns", first).status_code == 200  # the same turn, sent again
    assert leaving.post("/api/v1/desk/turns", first | {"until": first["from"]}).status_code == 409
    assert leaving.post("/api/v1/desk/turns", turn(coming.person_id, 1, 9)).status_code == 201
    desk = coming.get("/api/v1/desk").json
    assert [one["person"]["id"] for one in desk["now"]] == [leaving.person_id]
    assert desk["next"]["person"]["id"] == coming.person_id
    south = over_south(app, db, town)
    assert south.get("/api/v1/desk").json == {"now": [], "next": None, "handover": None, "works": True}
    strike = f"/api/v1/desk/turns/{first['id']}/strike"
    assert south.post(strike, {}).status_code == 404
    assert [leaving.post(strike, {}).status_code for _ in range(2)] == [200, 200]
    assert leaving.get("/api/v1/desk").json["now"] == []
    rows = db.execute(text("SELECT count(*) FROM audit WHERE action = 'roster.work'")).scalar()
    assert rows == 3  # two written, one struck out; sent again is not done again


@pytest.mark.parametrize(
    ("begins", "ends", "status", "where"), [(1, 0, 422, "/until"), (1, 26, 422, "/until"), (-3, -1, 422, "/until")]
)
def test_a_turn_nobody_can_sit_is_a_sentence_with_its_place(leaving, begins, ends, status, where):
    answer = leaving.post("/api/v1/desk/turns", turn(leaving.person_id, begins, ends))
    assert (answer.status_code, answer.json["where"]) == (status, where)


def test_nobody_sits_twice_at_once_nor_where_they_have_no_role(app, db, town, leaving):
    assert leaving.post("/api/v1/desk/turns", turn(leaving.person_id, 1, 5)).status_code == 201
    assert leaving.post("/api/v1/desk/turns", turn(leaving.person_id, 4, 8)).status_code == 409
    assert leaving.post("/api/v1/desk/turns", turn(leaving.person_id, 5, 8)).status_code == 201  # one after the other
    stranger = over_south(app, db, town).person_id
    answer = leaving.post("/api/v1/desk/turns", turn(stranger, 1, 5))
    assert (answer.status_code, answer.json["where"]) == (422, "/person")
    assert leaving.get("/api/v1/desk/turns?from=2026-01-01T00:00:00Z&until=2026-06-01T00:00:00Z").status_code == 422


def test_a_shift_leaves_what_presses_and_the_next_takes_it(app, db, town, leaving, coming):
    lon, lat = point(0.5, 2.5)
    place = {"lon": lon, "lat": lat, "accuracy_m": 5}
    report = {"id": str(uuid.uuid4()), "source": "patrol", "category": "0101", "text": "电梯困人", "place": place}
    grave = leaving.post("/api/v1/reports", report).json["incident"]["id"]
    db.execute(text("UPDATE incident SET severity = 1"))
    leaving.post("/api/v1/desk/turns", turn(coming.person_id, 1, 9))
    told = leaving.get("/api/v1/desk/matters").json
    assert (told["figures"]["open"], told["matters"][0]["why"]) == (1, ["life", "soon", "waiting"])

    wish = {"id": str(uuid.uuid4()), "note": "电梯困人,已派维保"}
    assert leaving.post("/api/v1/desk/handovers", wish | {"note": "  "}).status_code == 422
    first = leaving.post("/api/v1/desk/handovers", wish)
    assert (first.status_code, first.json["matters"][0]["id"], first.json["taken_by"]) == (201, grave, None)
    assert leaving.post("/api/v1/desk/handovers", wish).json == first.json
    assert leaving.post("/api/v1/desk/handovers", wish | {"id": str(uuid.uuid4())}).status_code == 409
    assert coming.get("/api/v1/notices").json["items"][0]["event"] == "handover"

    take = f"/api/v1/desk/handovers/{wish['id']}/take"
    assert leaving.post(take, {}).status_code == 409  # nobody takes over from themselves
    assert over_south(app, db, town).post(take, {}).status_code == 404
    assert coming.post(take, {}).json["taken_by"]["id"] == coming.person_id
    assert coming.post(take, {}).status_code == 200
    third = over_all(app, db, town)
    assert third.post(take, {}).status_code == 409
    assert third.get("/api/v1/desk").json["handover"]["taken_by"]["id"] == coming.person_id
    # Closed meanwhile or not: a hand-over says what was open then.
    db.execute(text("UPDATE incident SET closed_at = now(), state = 'closed'"))
    (kept,) = third.get("/api/v1/desk/handovers").json["items"]
    assert kept["matters"] == first.json["matters"]


def test_a_supervisor_looks_at_the_roster_and_leaves_it_alone(app, db, town):
    supervisor = over_all(app, db, town, Role.SUPERVISOR)
    assert supervisor.get("/api/v1/desk").json["works"] is False
    assert supervisor.post("/api/v1/desk/handovers", {"id": str(uuid.uuid4()), "note": "x"}).status_code == 403
