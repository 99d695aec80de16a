"""The desk's doors: codes are printed once, and what residents sent is judged."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import text

from gridmap.people.rules import Role
from gridmap.settings import load_settings
from tests.desks import over_all, over_south
from tests.residents.doors import add_building, add_door_things
from webapp import create_app


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    return create_app(load_settings(data_dir=data, public_url="https://grid.example"))


def test_a_sheet_of_codes_is_printed_once_and_kept_nowhere(app, db, town, caplog):
    add_building(db, town)
    township, admin = over_south(app, db, town), over_all(app, db, town, Role.ADMIN)
    wish = {"id": str(uuid.uuid4()), "area": "990106001"}
    assert township.post("/api/v1/qr-sheets", wish).status_code == 403, "the north is not theirs"
    sheet = admin.post("/api/v1/qr-sheets", wish)
    assert (sheet.status_code, sheet.data[:5]) == (201, b"%PDF-")
    assert "svg" not in caplog.text, "whoever prints writes no picture of a code into the log"
    assert admin.post("/api/v1/qr-sheets", wish).status_code == 409
    listed = admin.get("/api/v1/qr").json
    assert [(code["name_en"], code["reports"]) for code in listed["items"]] == [("Qinghe 3", 0)]
    assert {area["code"]: (area["doors"], area["bare"]) for area in listed["areas"]}["990106001001"] == (1, 0)
    assert township.get("/api/v1/qr").json["items"] == []
    one = listed["items"][0]["id"]
    assert township.post(f"/api/v1/qr/{one}/end", {}).status_code == 404
    assert admin.post(f"/api/v1/qr/{one}/end", {}).json == {"id": one, "ended": True}
    assert admin.get("/api/v1/qr").json["items"] == []
    assert db.scalar(text("SELECT count(*) FROM audit WHERE action IN ('qr.make', 'qr.end')")) == 2


def test_the_queue_names_nobody_and_a_desk_judges_its_own_area(app, db, town):
    things = add_door_things(db, town)
    south = over_south(app, db, town)
    found = south.get("/api/v1/moderation").json
    assert [item["id"] for item in found["items"]] == [things["resident report"]["F"]]
    assert [wish["id"] for wish in found["wishes"]] == [things["rating"]["F"]]
    assert not {"phone", "name", "contact"} & set(found["items"][0])
    foreign, own = (f"/api/v1/moderation/{things['resident report'][letter]}" for letter in "AF")
    csrf = {"text": True, "photos": False}
    headers = {"X-CSRF-Token": south.session.csrf, "Origin": "https://127.0.0.1"}
    put = {"base_url": "https://127.0.0.1", "headers": headers, "json": csrf}
    assert south.client.put(foreign, **put).status_code == 404
    assert south.client.put(own, **put).json["state"] == "shown"
    assert south.get("/api/v1/moderation").json["total"] == 0
    assert south.get("/api/v1/moderation?state=shown").json["total"] == 1
    answered = south.post(f"/api/v1/ratings/{things['rating']['F']}/decision", {"granted": False, "answer": "已修好"})
    assert answered.json["decided"] is True
    assert south.get("/api/v1/moderation").json["wishes"] == []
