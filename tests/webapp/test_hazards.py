"""Hazards from found to looked at again, notices on paper, and safe zones, over HTTP."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from gridmap.errors import Conflict
from gridmap.hazards.due import tend_hazards
from gridmap.hazards.zones import zones_near
from gridmap.people.rules import Role
from gridmap.settings import load_settings
from tests.clients import Browser
from tests.desks import in_grid, over_all, over_south, signed_in, south_path
from tests.pictures import photo
from tests.worlds import add_person, point
from webapp import create_app

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return create_app(load_settings(data_dir=tmp_path_factory.mktemp("data"), api_per_minute=100_000))


@pytest.fixture
def desk(app, db, town):
    return over_all(app, db, town)


@pytest.fixture
def chief(app, db, town):
    return signed_in(app, db, Role.CHIEF, town.path_of("A"), grid_id=town.grid_ids["A"])


def spot(column=0.5, row=2.5):
    lon, lat = point(column, row)
    return {"lon": lon, "lat": lat, "method": "pin"}


def wish(**fields):
    said = {"id": str(uuid.uuid4()), "what": "灶具无熄火保护", "severity": 2, "category": "0301", "place": spot()}
    return said | {"party": "老陈饭店"} | fields


def sent(browser):
    data = photo()
    name = hashlib.sha256(data).hexdigest()
    assert browser.put(f"/api/v1/media/{name}", data).status_code in (200, 201)
    return name


def order(**fields):
    return {"id": str(uuid.uuid4()), "demands": "换装带熄火保护的灶具。"} | fields


def written(browser, **fields):
    answer = browser.post("/api/v1/hazards", wish(**fields))
    assert answer.status_code == 201, answer.json
    return answer.json


def test_a_hazard_is_ordered_rectified_closed_and_looked_at_again(app, db, town, desk, chief):
    shot = sent(chief)
    said = wish(media=[shot])
    first = chief.post("/api/v1/hazards", said)
    assert (first.status_code, first.json["grid"]["code"], first.json["photos"]) == (201, "990106001001001", [shot])
    assert chief.post("/api/v1/hazards", said).status_code == 200  # the same one, sent again
    assert chief.post("/api/v1/hazards", said | {"what": "别的"}).status_code == 409
    home = f"/api/v1/hazards/{said['id']}"

    issued = chief.post(f"{home}/notices", order())
    assert issued.status_code == 201, issued.json
    again = chief.post(f"{home}/notices", order(demands="三日内换装。", due_at=later(2 * DAY)))
    older, newer = issued.json["number"], again.json["number"]
    assert int(newer[-4:]) == int(older[-4:]) + 1
    told = desk.get(home).json
    assert (told["state"], told["notice"]) == ("rectifying", newer)
    assert [each["replaced_by"] for each in told["notices"]] == [None, again.json["id"]]
    assert "3 个工作日" in told["notices"][1]["why"][0]

    letter = desk.get(told["notices"][0]["document"])
    assert letter.data.startswith(b"%PDF")
    assert hashlib.sha256(letter.data).hexdigest() == told["notices"][0]["sha256"]

    notice = f"/api/v1/rectification-notices/{again.json['id']}"
    assert chief.post(f"{notice}/delivery", {"how": "hand", "to": "陈老板"}).status_code == 200
    replaced = f"/api/v1/rectification-notices/{issued.json['id']}/answer"
    assert chief.post(replaced, {"answer": "换好了", "media": [shot]}).status_code == 409
    assert chief.post(f"{notice}/answer", {"answer": "换好了", "media": []}).status_code == 422
    assert chief.post(f"{notice}/answer", {"answer": "换好了", "media": ["0" * 64]}).status_code == 422
    assert chief.post(f"{notice}/answer", {"answer": "换好了", "media": [shot]}).status_code == 200
    assert chief.post(f"{notice}/answer", {"answer": "换好了", "media": [shot]}).status_code == 409
    assert desk.get(f"/api/v1/media/{shot}/shown").status_code == 200  # who sees the hazard sees its photos
    assert over_south(app, db, town).get(f"/api/v1/media/{shot}/shown").status_code == 404

    closed = desk.post(f"{home}/close", {"note": "复查合格"}).json
    gone = [(datetime.fromisoformat(each["due_at"]) - datetime.fromisoformat(closed["closed_at"])).days
            for each in closed["look_backs"]]  # fmt: skip
    assert (closed["state"], gone) == ("closed", [7, 30, 90])
    assert len(desk.post(f"{home}/close", {"note": "复查合格"}).json["look_backs"]) == 3
    assert desk.post(f"{home}/notices", order()).status_code == 409


def test_what_came_again_is_a_new_hazard_that_names_its_origin(app, db, town, desk):
    said = written(desk)
    db.execute(text("UPDATE look_back_rule SET days = 2 WHERE days = 7"))
    desk.post(f"/api/v1/hazards/{said['id']}/close", {"note": "当场改正"})
    assert [each["hazard"]["id"] for each in desk.get("/api/v1/look-backs").json["items"]] == [said["id"]]
    assert len(desk.get("/api/v1/look-backs?days=90").json["items"]) == 3
    worker = in_grid(app, db, town, "A")
    (due,) = worker.get("/api/v1/patrol").json["today"]["look_backs"]
    assert in_grid(app, db, town, "F").get("/api/v1/patrol").json["today"]["look_backs"] == []
    held = {"id": str(uuid.uuid4()), "outcome": "held", "note": "正常"}
    assert worker.post(f"/api/v1/look-backs/{due['id']}/done", held).status_code == 200
    assert worker.post(f"/api/v1/look-backs/{due['id']}/done", held).status_code == 200  # sent again
    second = desk.get("/api/v1/look-backs?days=90").json["items"][0]
    done = f"/api/v1/look-backs/{second['id']}/done"
    recurred = {"id": str(uuid.uuid4()), "outcome": "recurred", "note": "又拆了", "severity": 1}
    assert worker.post(done, recurred).status_code == 422  # it has no id of the new one
    recurred |= {"hazard": str(uuid.uuid4())}
    assert over_south(app, db, town).post(done, recurred).status_code == 404
    assert worker.post(done, recurred).status_code == 200
    assert desk.post(done, recurred | {"id": str(uuid.uuid4()), "hazard": str(uuid.uuid4())}).status_code == 409
    again = desk.get(f"/api/v1/hazards/{recurred['hazard']}").json
    assert (again["origin"]["id"], again["severity"], again["party"]) == (said["id"], 1, "老陈饭店")
    origin = desk.get(f"/api/v1/hazards/{said['id']}").json
    assert [each["number"] for each in origin["recurrences"]] == [again["number"]]
    assert [each["outcome"] for each in origin["look_backs"]] == ["held", "recurred", "moot"]


def later(span):
    return (datetime.now(UTC) + span).isoformat()


def test_the_ledger_is_narrowed_paged_and_taken_away(app, db, town, desk):
    north = [written(desk, what=f"隐患{n}", severity=n + 1) for n in range(3)]
    south = written(desk, place=spot(0.5, 0.5), party="", what="护栏松动")
    assert [each["id"] for each in over_south(app, db, town).get("/api/v1/hazards").json["items"]] == [south["id"]]
    assert over_south(app, db, town).get(f"/api/v1/hazards/{north[0]['id']}").status_code == 404
    page = desk.get("/api/v1/hazards?limit=3").json
    rest = desk.get(page["next"]).json
    assert (page["total"], len(page["items"]), len(rest["items"]), rest["next"]) == (4, 3, 1, None)
    for query, n in (("severity=1", 1), ("q=护栏", 1), ("q=老陈", 3), ("category=0101", 0), ("state=closed", 0),
                     ("grid=990106001001001", 3), ("overdue=1", 0), (f"incident={uuid.uuid4()}", 0)):  # fmt: skip
        assert desk.get(f"/api/v1/hazards?{query}").json["total"] == n, query
    assert desk.get("/api/v1/hazards?incident=x").status_code == 422
    assert desk.post("/api/v1/hazards", wish(place=spot(9, 9))).status_code == 422
    assert desk.post("/api/v1/hazards", wish(place=None)).status_code == 422
    assert over_south(app, db, town).post("/api/v1/hazards", wish()).status_code == 403
    assert desk.post(f"/api/v1/hazards/{south['id']}/notices", order()).json["where"] == "/party"
    assert in_grid(app, db, town, "A").post(f"/api/v1/hazards/{north[0]['id']}/close", {"note": "x"}).status_code == 403
    file = desk.get("/api/v1/exports/hazards?format=csv").get_data(as_text=True)
    assert north[0]["number"] in file
    assert "隐患0" in file


def test_who_must_act_is_told_once_and_a_number_that_was_not_given_is_given_next(
    app, db, town, desk, chief, monkeypatch
):
    said = written(chief)
    home = f"/api/v1/hazards/{said['id']}/notices"

    def jams(*_):
        raise Conflict("The printer jams.")

    with monkeypatch.context() as broken:
        broken.setattr("gridmap.hazards.notices.print_letter", jams)
        assert chief.post(home, order()).status_code == 409
    assert chief.post(home, order()).json["number"].endswith("-0001")
    closed = written(chief, what="楼道堆物")
    chief.post(f"/api/v1/hazards/{closed['id']}/close", {"note": "清走了"})
    at = datetime.now(UTC) + 30 * DAY
    assert tend_hazards(db, at - 29 * DAY) == 0
    assert tend_hazards(db, at + DAY) == 3  # the notice, and the look-backs of a week and of a month
    assert tend_hazards(db, at + DAY) == 0
    events = [each["event"] for each in chief.get("/api/v1/notices").json["items"]]
    assert sorted(events) == ["look-back", "look-back", "notice-overdue"]


def test_a_safe_zone_is_seen_until_its_hour_or_the_end_of_its_incident(app, db, town, desk, chief):
    incident, kept = reported(desk), reported(desk, "0101")
    around = {"id": str(uuid.uuid4()), "name": "燃气泄漏", "until": later(2 * HOUR), "radius_m": 60}
    answer = chief.post("/api/v1/safe-zones", around | {"incident": incident})
    assert answer.status_code == 201, answer.json
    assert chief.post("/api/v1/safe-zones", around | {"incident": incident}).status_code == 200
    corners = [point(0.2, 0.2), point(0.8, 0.2), point(0.5, 0.8)]
    drawn = {"id": str(uuid.uuid4()), "name": "塌陷", "until": later(HOUR), "ring": corners}
    assert chief.post("/api/v1/safe-zones", drawn).status_code == 403  # in the south
    assert desk.post("/api/v1/safe-zones", drawn | {"ring": [corners[0], corners[1]]}).json["where"] == "/ring"
    flat = [point(0.2, 0.2), point(0.4, 0.2), point(0.8, 0.2)]
    assert "一条线上" in desk.post("/api/v1/safe-zones", drawn | {"ring": flat}).json["detail"]
    crossed = [point(0.2, 0.2), point(0.8, 0.8), point(0.8, 0.2), point(0.2, 0.9)]
    assert desk.post("/api/v1/safe-zones", drawn | {"ring": crossed}).json["where"] == "/ring"
    assert desk.post("/api/v1/safe-zones", drawn).status_code == 201
    held = {
        "id": str(uuid.uuid4()),
        "name": "坠物",
        "until": later(3 * HOUR),
        "centre": point(1.5, 2.5),
        "radius_m": 30,
    }
    assert desk.post("/api/v1/safe-zones", held | {"incident": kept}).status_code == 201

    zones = desk.get("/api/v1/safe-zones").json["items"]
    assert [zone["name"] for zone in zones] == ["塌陷", "燃气泄漏", "坠物"]
    assert zones[1]["incident"]["id"] == incident
    assert len(zones[1]["ring"]) > 8
    # Everybody sees every zone; the incident behind it is named to who may see it.
    south = over_south(app, db, town).get("/api/v1/safe-zones").json["items"]
    assert [zone["incident"] for zone in south] == [None, None, None]
    assert [zone["name"] for zone in in_grid(app, db, town, "F").get("/api/v1/patrol").json["safe_zones"]] == [
        "塌陷", "燃气泄漏", "坠物"]  # fmt: skip
    at = datetime.now(UTC)
    (near,) = zones_near(db, point(0.5, 0.4), at)
    assert (near.name, near.distance_m) == ("塌陷", 0)
    assert zones_near(db, point(0.5, 0.4), at + 90 * 60 * timedelta(seconds=1)) == []

    end(desk, incident)
    assert [zone["name"] for zone in desk.get("/api/v1/safe-zones").json["items"]] == ["塌陷", "坠物"]
    assert desk.post("/api/v1/safe-zones", around | {"id": str(uuid.uuid4()), "incident": incident}).status_code == 422
    assert chief.post(f"/api/v1/safe-zones/{held['id']}/end", {}).status_code == 404
    assert [desk.post(f"/api/v1/safe-zones/{held['id']}/end", {}).status_code for _ in range(2)] == [200, 200]
    assert tend_hazards(db, at + 61 * timedelta(minutes=1)) == 1
    assert tend_hazards(db, at + 61 * timedelta(minutes=1)) == 0
    why = db.execute(text("SELECT name, ended_why FROM safe_zone ORDER BY name")).all()
    assert sorted(why) == [("坠物", "hand"), ("塌陷", "hour"), ("燃气泄漏", "incident")]
    heard = db.scalar(text("SELECT count(DISTINCT (object_id, version)) FROM live_event WHERE kind = 'safe-zone'"))
    assert heard == 6  # each was drawn, each is over


def test_the_zone_of_a_merged_incident_holds_on_for_the_one_that_goes_on(db, town, desk):
    one, other = reported(desk), reported(desk, "0101")
    zone = {"id": str(uuid.uuid4()), "name": "燃气泄漏", "until": later(HOUR), "radius_m": 60, "incident": one}
    assert desk.post("/api/v1/safe-zones", zone).status_code == 201
    step = {"id": str(uuid.uuid4()), "step": "merge", "note": "同一处", "with": {"into": other}}
    answer = desk.post(f"/api/v1/incidents/{one}/steps", step)
    assert answer.status_code in (200, 201), answer.json
    assert [each["incident"]["id"] for each in desk.get("/api/v1/safe-zones").json["items"]] == [other]


def reported(desk, category="0301"):
    place = {**spot(), "accuracy_m": 5, "method": "gps"}
    body = {"id": str(uuid.uuid4()), "source": "patrol", "category": category, "text": "有气味", "place": place}
    return desk.post("/api/v1/reports", body).json["incident"]["id"]


def end(desk, incident):
    step = {"id": str(uuid.uuid4()), "step": "reject", "reason": "false-alarm", "note": "不属于本区"}
    answer = desk.post(f"/api/v1/incidents/{incident}/steps", step)
    assert answer.status_code in (200, 201), answer.json


def office(app, db, town, code, area_id):
    """A department, and a browser of somebody who answers for it."""
    key = db.scalar(
        text("INSERT INTO department (code, area_id, name, names) VALUES (:code, :area, :code, '{}') RETURNING id"),
        {"code": code, "area": area_id},
    )
    person = add_person(db, f"clerk-{code}")
    db.execute(
        text(
            "INSERT INTO assignment (person_id, role, department_id, path, valid)"
            " SELECT :person, 'department', :office, path, tstzrange('2020-01-01', NULL) FROM area WHERE id = :area"
        ),
        {"person": person, "office": key, "area": area_id},
    )
    return Browser(app, db, person)


def test_a_hazard_goes_to_another_department_with_a_reason_and_both_are_told(app, db, town, desk):
    urban, fire = (office(app, db, town, code, town.district_id) for code in ("urban", "fire"))
    south = int(south_path(town).rsplit(".", 1)[-1])
    office(app, db, town, "south", south)
    assert desk.post("/api/v1/hazards", wish(department="south")).json["where"] == "/department"
    said = written(desk, department="urban")
    home = f"/api/v1/hazards/{said['id']}"
    assert fire.get(home).status_code == 404
    assert [each["code"] for each in urban.get(home).json["offices"]] == ["fire"]

    given = {"id": str(uuid.uuid4()), "department": "fire", "reason": "属消防职责"}
    for wrong in ({"department": "nobody"}, {"department": "south"}, {"reason": " "}):
        assert urban.post(f"{home}/handovers", given | wrong).status_code == 422
    assert desk.post(f"{home}/handovers", given | {"department": "urban"}).status_code == 409
    assert fire.post(f"{home}/handovers", given).status_code == 404
    done = urban.post(f"{home}/handovers", given)
    assert (done.status_code, done.json["seen"]) == (201, False)
    assert urban.post(f"{home}/handovers", given).status_code == 200  # sent again
    assert urban.get(home).status_code == 404
    (step,) = fire.get(home).json["handovers"]
    assert (step["from"]["code"], step["to"]["code"], step["reason"]) == ("urban", "fire", "属消防职责")
    assert [each["event"] for who in (urban, fire) for each in who.get("/api/v1/notices").json["items"]] == [
        "hazard-handed", "hazard-handed"]  # fmt: skip
    changed = db.scalar(text("SELECT changed FROM audit WHERE changed ->> 'reason' = '属消防职责'"))
    assert changed["from"] != changed["to"]
    fire.post(f"{home}/close", {"note": "已整改"})
    assert desk.post(f"{home}/handovers", given | {"id": str(uuid.uuid4()), "department": "urban"}).status_code == 409


def test_hazards_are_found_at_the_incident_that_goes_on_and_every_change_is_told(db, town, desk):
    one, other = reported(desk), reported(desk, "0101")
    said = written(desk, incident=one)
    step = {"id": str(uuid.uuid4()), "step": "merge", "note": "同一处", "with": {"into": other}}
    assert desk.post(f"/api/v1/incidents/{one}/steps", step).status_code == 200
    for incident in (one, other):
        found = desk.get(f"/api/v1/hazards?state=all&incident={incident}").json["items"]
        assert [each["id"] for each in found] == [said["id"]]
    home = f"/api/v1/hazards/{said['id']}"
    desk.post(f"{home}/notices", order())
    desk.post(f"{home}/close", {"note": "当场改正"})
    told = db.execute(
        text("SELECT object_id, version, path::text FROM live_event WHERE kind = 'hazard' ORDER BY id")
    ).all()
    assert [(row.object_id, row.path) for row in told] == [(said["id"], town.path_of("A"))] * 3
    assert sorted({row.version for row in told}) == [row.version for row in told]


def test_what_cannot_be_done_to_a_hazard_is_a_sentence_and_loses_nothing(desk):
    said = written(desk)
    home = f"/api/v1/hazards/{said['id']}"
    first = order()
    assert desk.post(f"{home}/notices", first).status_code == 201
    assert desk.post(f"{home}/notices", first).status_code == 200  # the same twice is one
    assert desk.post(f"{home}/notices", first | {"demands": "另一份"}).status_code == 409
    assert desk.post(f"{home}/notices", order(due_at=later(-DAY))).json["where"] == "/due_at"
    assert len(desk.get(home).json["notices"]) == 1
    due = desk.post(f"{home}/close", {"note": "合格"}).json["look_backs"][0]
    early = {"id": str(uuid.uuid4()), "outcome": "held", "note": "正常"}
    answer = desk.post(f"/api/v1/look-backs/{due['id']}/done", early)
    assert answer.status_code == 409
    assert "提前 3 天内" in answer.json["detail"]
    assert not desk.get(home).json["look_backs"][0]["soon"]
    itself = early | {"outcome": "recurred", "hazard": said["id"]}
    assert "下已保存了别的内容" in desk.post(f"/api/v1/look-backs/{due['id']}/done", itself).json["detail"]
    sooner = early | {"outcome": "recurred", "hazard": str(uuid.uuid4())}
    assert desk.post(f"/api/v1/look-backs/{due['id']}/done", sooner).status_code == 200
