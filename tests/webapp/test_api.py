"""The doors as programs and pages use them, against a real PostGIS."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from gridmap.people.rules import Role
from gridmap.settings import load_settings
from tests.clients import Browser, Machine
from tests.worlds import CODE, add_device, add_person, point
from webapp import create_app


@pytest.fixture(scope="module")
def app():
    return create_app(load_settings(api_per_minute=100_000))


def grant(db, login, role, path, *, area_id=None, grid_id=None):
    person_id = add_person(db, login)
    db.execute(
        text(
            "INSERT INTO assignment (person_id, role, area_id, grid_id, path, valid)"
            " VALUES (:person, :role, :area, :grid, :path, tstzrange('2020-01-01', NULL))"
        ),
        {"person": person_id, "role": role.value, "area": area_id, "grid": grid_id, "path": path},
    )
    return person_id


def area_id_of(path):
    return int(path.rsplit(".", 1)[-1])


@pytest.fixture
def operator(app, db, town):
    person_id = grant(db, "op", Role.OPERATOR, str(town.district_id), area_id=town.district_id)
    db.execute(text("UPDATE person SET locale = 'en' WHERE id = :id"), {"id": person_id})
    return Browser(app, db, person_id)


@pytest.fixture
def south(app, db, town):
    path = town.area_path("E", "F").rsplit(".", 1)[0]
    return Browser(app, db, grant(db, "south", Role.TOWNSHIP, path, area_id=area_id_of(path)))


@pytest.fixture
def worker(app, db, town):
    return Browser(app, db, grant(db, "han", Role.WORKER, town.path_of("A"), grid_id=town.grid_ids["A"]))


@pytest.fixture
def camera(app, db, town):
    db.execute(
        text(
            "INSERT INTO template (scene, device_kind, class, category, severity, valid)"
            " VALUES ('fire lane', 'camera', 'fire_lane', '0301', 2, daterange('2020-01-01', NULL))"
        )
    )
    return Machine(app, db, add_device(db, town, "cam-1", "C", point(0.5, 1.5)))


def report(letter_at=(0.5, 2.5), **fields):
    lon, lat = point(*letter_at)
    return {
        "id": str(uuid.uuid4()),
        "source": "patrol",
        "category": "0201",
        "text": "垃圾成堆",
        "place": {"lon": lon, "lat": lat, "accuracy_m": 12},
    } | fields


def alert(**fields):
    return {
        "id": str(uuid.uuid4()),
        "device": "cam-1",
        "class": "fire_lane",
        "score": 0.9,
        "at": datetime.now(UTC).isoformat(),
    } | fields


# --- locate


def test_a_point_is_located(operator):
    lon, lat = point(0.5, 2.5)
    answer = operator.get(f"/api/v1/locate?lon={lon}&lat={lat}").json
    assert (answer["grid"]["code"], answer["status"]) == (CODE["A"], "inside")


def test_a_day_before_the_first_edition_has_no_grids(operator):
    lon, lat = point(0.5, 2.5)
    answer = operator.get(f"/api/v1/locate?lon={lon}&lat={lat}&as_of=2024-12-01").json
    assert (answer["grid"], answer["status"], answer["edition"]) == (None, "outside", 0)


def test_many_points_keep_their_order_and_ids(operator):
    places = {"A": (0.5, 2.5), "F": (1.5, 0.5), None: (2.5, 2.5)}
    points = [dict(zip(("lon", "lat"), point(*at), strict=True), id=str(name)) for name, at in places.items()]
    items = operator.post("/api/v1/locate", {"points": points}).json["items"]
    assert [item["id"] for item in items] == ["A", "F", "None"]
    assert [item["grid"] and item["grid"]["code"] for item in items] == [CODE["A"], CODE["F"], None]


def test_pairs_of_numbers_do_as_well(operator):
    items = operator.post("/api/v1/locate", {"points": [point(0.5, 1.5)]}).json["items"]
    assert items[0]["grid"]["code"] == CODE["C"]


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("lon=nan&lat=35.7", 422, "finite decimal"),
        ("lon=1e999&lat=35.7", 422, "finite decimal"),
        ("lon=114.2", 400, "The parameter lat is missing"),
        ("lon=35.7&lat=114.2", 422, "swapped"),
        ("lon=518000&lat=3954000", 422, "projected"),
        ("lon=0&lat=0", 422, "0, 0"),
        ("lon=114.2&lat=35.7&datum=mars", 422, "datum"),
        ("lon=114.2&lat=35.7&as_of=yesterday", 422, "as_of"),
        ("lon=114.2&lat=35.7&accuracy=-3", 422, "accuracy"),
    ],
)
def test_a_wrong_question_gets_a_sentence(operator, query, status, said):
    answer = operator.get(f"/api/v1/locate?{query}")
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert said in answer.json["detail"]


def test_the_sentence_comes_in_the_reader_s_language(worker):
    answer = worker.get("/api/v1/locate?lon=35.7&lat=114.2")
    assert "经度" in answer.json["detail"]


def test_more_than_ten_thousand_points_are_refused(operator):
    answer = operator.post("/api/v1/locate", {"points": [[114.2, 35.7]] * 10_001})
    assert answer.status_code == 422


# --- reports


def test_a_report_appears_with_its_grid_and_incident(worker, operator):
    sent = report()
    answer = worker.post("/api/v1/reports", sent)
    assert answer.status_code == 201
    assert answer.json["grid"]["code"] == CODE["A"]
    shown = operator.get(f"/api/v1/incidents/{answer.json['incident']['id']}").json
    assert (shown["number"], shown["state"], shown["log_intact"]) == (answer.json["incident"]["number"], "filed", True)
    assert shown["sources"][0]["text"] == "垃圾成堆"


def test_the_retry_gets_the_first_answer(worker, db):
    sent = report()
    first, again = worker.post("/api/v1/reports", sent), worker.post("/api/v1/reports", sent)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert db.scalar(text("SELECT count(*) FROM report")) == 1


def test_other_content_under_the_same_id_is_a_conflict(worker, db):
    sent = report()
    worker.post("/api/v1/reports", sent)
    assert worker.post("/api/v1/reports", sent | {"text": "别的"}).status_code == 409
    assert db.scalars(text("SELECT text FROM report")).all() == ["垃圾成堆"]


def test_a_batch_is_taken_whole_or_not_at_all(worker, db):
    good, bad = report(), report(category="9999")
    assert worker.post("/api/v1/reports", {"reports": [good, bad]}).status_code == 422
    assert db.scalar(text("SELECT count(*) FROM report")) == 0
    answer = worker.post("/api/v1/reports", {"reports": [good, report((1.5, 0.5))]})
    assert [item["grid"]["code"] for item in answer.json["items"]] == [CODE["A"], CODE["F"]]


def test_a_report_with_a_swapped_position_is_kept_and_says_so(worker):
    lon, lat = point(0.5, 2.5)
    answer = worker.post("/api/v1/reports", report(place={"lon": lat, "lat": lon}))
    assert answer.status_code == 201
    assert answer.json["placed"] == "unplaced"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"id": "x", "id": "y"}', 400),
        (b'{"id": NaN}', 400),
        (b'{"text": "a\\u0000b"}', 400),
        (b"[" * 40 + b"]" * 40, 400),
        (b'{"unknown": 1}', 400),
        (b"\xff\xfe", 400),
        (b"", 400),
        (b"[]", 422),
        (b'{"id": "x", "source": "patrol"}', 422),
        (b'{"text": "' + b"x" * (1 << 20) + b'"}', 413),
    ],
)
def test_broken_input_is_answered_and_nothing_stored(worker, db, body, status):
    answer = worker.post("/api/v1/reports", data=body, content_type="application/json")
    assert answer.status_code == status
    assert len(answer.json["detail"]) > 5
    assert db.scalar(text("SELECT count(*) FROM report")) == 0


def test_a_worker_does_not_report_for_the_hotline(worker):
    assert worker.post("/api/v1/reports", report(source="hotline")).status_code == 403


# --- alerts


def test_an_alert_opens_an_incident_where_its_device_stands(camera, operator):
    answer = camera.post("/api/v1/alerts", alert())
    assert (answer.status_code, answer.json["grid"]["code"]) == (201, CODE["C"])
    shown = operator.get(f"/api/v1/incidents/{answer.json['incident']['id']}").json
    assert (shown["category"]["code"], shown["severity"], shown["source"]) == ("0301", 2, "camera")
    assert shown["sources"][0]["device"]["code"] == "cam-1"


@pytest.mark.parametrize("wrap", [lambda a: [a], lambda a: {"alerts": [a]}])
def test_alerts_come_one_or_many(camera, wrap):
    assert len(camera.post("/api/v1/alerts", wrap(alert())).json["items"]) == 1


def test_an_alert_with_an_impossible_place_is_refused(camera, db):
    answer = camera.post("/api/v1/alerts", alert(place={"lon": 35.7, "lat": 114.2}))
    assert answer.status_code == 422
    assert db.scalar(text("SELECT count(*) FROM alert")) == 0


def test_a_key_does_not_speak_for_another_device(camera, db, town):
    add_device(db, town, "cam-2", "E", point(0.5, 0.5))
    assert camera.post("/api/v1/alerts", alert(device="cam-2")).status_code == 404


def test_a_device_reads_nothing(app, camera):
    answer = app.test_client().get("/api/v1/incidents", headers={"Authorization": f"Bearer {camera.key}"})
    assert answer.status_code == 403


# --- incidents, grids, search


def test_a_township_sees_its_own_and_gets_404_for_others(worker, south):
    mine = worker.post("/api/v1/reports", report((1.5, 0.5))).json["incident"]["id"]
    theirs = worker.post("/api/v1/reports", report((0.5, 2.5))).json["incident"]["id"]
    assert [item["id"] for item in south.get("/api/v1/incidents").json["items"]] == [mine]
    assert south.get(f"/api/v1/incidents/{theirs}").status_code == 404
    assert south.get(f"/api/v1/grids/{CODE['A']}").status_code == 404
    assert south.get("/api/v1/numbers").json["open"] == 1


def test_steps_are_told_with_what_each_asks_for(operator):
    lon, lat = point(0.5, 2.5)
    sent = report(source="hotline", place={"lon": lon, "lat": lat})
    incident = operator.post("/api/v1/reports", sent).json["incident"]["id"]
    shown = operator.get(f"/api/v1/incidents/{incident}").json
    assert [step["step"] for step in shown["steps"]][:2] == ["file", "verify"]
    reject = next(step for step in shown["steps"] if step["step"] == "reject")
    assert (reject["needs"], reject["to"]) == (["reason"], "rejected")
    assert "false-alarm" in {reason["code"] for reason in reject["reasons"]}
    assert (shown["stage"], shown["level"], shown["parties"]) == ("collect", "district", [])
    step = {"id": str(uuid.uuid4()), "step": "file", "seq": shown["seq"]}
    assert operator.post(f"/api/v1/incidents/{incident}/steps", step).json["state"] == "filed"
    assert operator.post(f"/api/v1/incidents/{incident}/steps", step).json["taken"] is False
    again = operator.get(f"/api/v1/incidents/{incident}").json
    running = {clock["stage"] for clock in again["clocks"] if clock["stopped_at"] is None}
    assert (again["seq"], "close" in running, again["due_why"] is not None) == (2, True, True)
    late = {"id": str(uuid.uuid4()), "step": "reject", "reason": "false-alarm", "note": "误报", "seq": 1}
    told = operator.post(f"/api/v1/incidents/{incident}/steps", late)
    assert (told.status_code, told.json["step"], told.json["seq"]) == (409, "file", 2)
    last = late | {"id": str(uuid.uuid4()), "seq": 2}
    assert operator.post(f"/api/v1/incidents/{incident}/steps", last).json["closed_at"] is not None
    ended = operator.get(f"/api/v1/incidents/{incident}").json
    assert (ended["state"], ended["log_intact"], ended["log"][0]["note"]) == ("rejected", True, "误报")


@pytest.mark.parametrize(
    ("said", "status", "where"),
    [
        ({"step": "fly"}, 400, "/step"),
        ({"step": "dispatch", "with": {"level": "chief", "wings": 2}}, 400, "/with/wings"),
        ({"step": "dispatch", "with": {"level": "moon"}}, 422, "/with/level"),
        ({"step": "dispatch", "with": {}}, 422, "/with"),
        ({"step": "reject", "reason": "because"}, 422, "/reason"),
        ({"step": "correct", "with": {"severity": True}}, 422, "/with/severity"),
        ({"step": "correct", "with": {"place": {"lon": 114.2}}}, 422, "/with/place"),
        ({"step": "merge", "with": {"into": "2026-0000-0000"}}, 422, "/with/into"),
    ],
)
def test_a_step_that_cannot_be_read_says_where(operator, worker, said, status, where):
    incident = worker.post("/api/v1/reports", report()).json["incident"]["id"]
    answer = operator.post(f"/api/v1/incidents/{incident}/steps", {"id": str(uuid.uuid4()), **said})
    assert (answer.status_code, answer.json["where"]) == (status, where)


def test_many_take_the_same_step_and_each_is_answered_alone(operator, worker):
    ids = [worker.post("/api/v1/reports", report()).json["incident"]["id"] for _ in range(2)]
    wanted = [{"incident": key, "id": str(uuid.uuid4())} for key in (*ids, str(uuid.uuid4()))]
    said = {"step": "dispatch", "with": {"level": "chief"}, "incidents": wanted}
    items = operator.post("/api/v1/incidents/steps", said).json["items"]
    assert [item["taken"] for item in items] == [True, True, False]
    assert items[2]["refused"]["status"] == 404
    assert operator.get("/api/v1/incidents?state=dispatched").json["total"] == 2


def test_pages_are_linked(worker, operator):
    worker.post("/api/v1/reports", {"reports": [report((0.1 + n / 10, 2.5)) for n in range(5)]})
    seen, path = [], "/api/v1/incidents?limit=2"
    while path:
        page = operator.get(path).json
        seen += [item["id"] for item in page["items"]]
        path = page["next"]
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize("token", ["x", "eyJhIjoxfQ==", "WyIxIl0=", "WyJ4IiwieSJd"])
def test_a_forged_link_gets_a_sentence(operator, token):
    assert operator.get(f"/api/v1/incidents?after={token}").status_code == 422


def test_a_grid_tells_its_people_and_its_load(worker, operator):
    worker.post("/api/v1/reports", report())
    card = operator.get(f"/api/v1/grids/{CODE['A']}").json
    assert (card["open"], card["incidents"][0]["grid"]["code"]) == (1, CODE["A"])
    assert [person["role"] for person in card["people"]] == ["worker"]
    assert card["area_m2"] == pytest.approx(250_000)
    assert card["geometry"]["type"] == "Polygon"


def test_the_history_of_a_grid_begins_with_its_first_edition(operator):
    items = operator.get(f"/api/v1/grids/{CODE['A']}/history").json["items"]
    assert [(item["cause"], item["edition"]) for item in items] == [("import", 1)]


@pytest.mark.parametrize(
    ("typed", "kind", "title"),
    [
        (CODE["A"], "grid", "Grid A"),
        ("Grid F", "grid", "Grid F"),
        ("清河", "area", "Qinghe"),
        ("114.2,35.71", "place", "114.200000, 35.710000"),
        ("35.71 114.2", "place", "114.200000, 35.710000"),
        ("cam-1", "device", "cam-1"),
    ],
)
def test_one_box_finds_it(operator, camera, typed, kind, title):
    first = operator.get("/api/v1/search", query_string={"q": typed}).json["items"][0]
    assert (first["kind"], first["title_en"]) == (kind, title)


def test_a_percent_sign_is_no_wildcard(operator):
    assert operator.get("/api/v1/search", query_string={"q": "%"}).json["items"] == []


def test_silent_devices_are_counted_until_they_speak(operator, camera):
    assert operator.get("/api/v1/numbers").json["devices_silent"] == 1
    camera.post("/api/v1/alerts", alert())
    assert operator.get("/api/v1/numbers").json["devices_silent"] == 0


def test_strangers_are_sent_to_sign_in(app):
    answer = app.test_client().get("/api/v1/incidents", base_url="https://127.0.0.1")
    assert answer.status_code == 401


def test_a_late_report_lies_in_the_grid_of_its_own_day(worker):
    old = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    answer = worker.post("/api/v1/reports", report(occurred_at=old))
    assert answer.json["grid"]["code"] == CODE["A"]
