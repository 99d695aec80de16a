"""The hotline over HTTP: orders in and answers out, contacts masked until somebody says why, calls back."""

from __future__ import annotations

import io
import uuid
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from gridmap.people.rules import Role
from gridmap.settings import load_settings
from tests.desks import over_all, over_south, signed_in
from tests.worlds import point
from webapp import create_app

PATH = "/api/v1/hotline-orders"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return create_app(load_settings(data_dir=tmp_path_factory.mktemp("data"), api_per_minute=100_000))


@pytest.fixture
def desk(app, db, town):
    return over_all(app, db, town)


def order(number, at=(0.5, 2.5), **more):
    lon, lat = point(*at)
    return {
        "id": str(uuid.uuid4()), "channel": "12345", "number": number, "text": "楼下垃圾无人清运", "category": "0201",
        "caller": {"name": "王小明", "phone": "13812345678", "address": "清河路 12 号"},
        "place": {"lon": lon, "lat": lat, "accuracy_m": 20, "method": "pin"},
    } | more  # fmt: skip


def test_orders_come_in_one_or_many_once_and_are_listed_with_both_numbers(app, db, town, desk):
    first = order("A-1")
    made = desk.post(PATH, first)
    assert made.status_code == 201, made.json
    assert made.json["caller"] == {"name": "王*", "phone": "138****5678", "address": "网格 A"}
    assert desk.post(PATH, first).json == made.json
    many = desk.post(PATH, {"orders": [first, order("A-2"), order("B-1", (1.5, 0.5))]})
    assert [item["number"] for item in many.json["items"]] == ["A-1", "A-2", "B-1"]
    repeat = many.json["items"][1]
    assert repeat["incident"]["number"] == made.json["own_number"] != repeat["own_number"]
    assert (repeat["repeat_n"], repeat["repeats"]) == (1, {"channel": "12345", "number": "A-1"})
    # Whichever number somebody has, it is found.
    assert [one["number"] for one in desk.get(f"{PATH}?q={repeat['own_number']}").json["items"]] == ["A-2"]
    waiting = desk.get(f"{PATH}?list=waiting&limit=2").json
    rest = desk.get(waiting["next"]).json
    assert len(waiting["items"]) + len(rest["items"]) == 3
    assert rest["next"] is None
    south = over_south(app, db, town)
    assert [one["number"] for one in south.get(PATH).json["items"]] == ["B-1"]
    assert south.post(f"{PATH}/{first['id']}/contact", {"id": str(uuid.uuid4()), "note": "x"}).status_code == 404
    assert desk.post(PATH, order("A-1", text="别的")).status_code == 409
    assert desk.post(PATH, order("C-1", category="9999")).status_code == 422
    assert desk.post(PATH, order("C-1") | {"colour": "red"}).status_code == 400
    assert desk.get(f"{PATH}?list=mine").status_code == 422


def test_an_order_from_elsewhere_is_not_taken_and_each_of_many_is_answered_by_itself(app, db, town, desk):
    theirs = desk.post(PATH, order("A-1")).json["incident"]["id"]
    chief = signed_in(app, db, Role.CHIEF, town.path_of("F"), grid_id=town.grid_ids["F"])
    probe = order(None, channel="phone", caller={"phone": "13812345678"})
    refused = chief.post(PATH, probe)
    assert (refused.status_code, "区席位" in refused.json["detail"]) == (422, True)
    many = [order("A-2"), order("F-1", (1.5, 0.5), caller={"phone": "13900001111"}), order("W-1", place=None)]
    answers = chief.post(PATH, {"orders": many}).json["items"]
    assert [answer["sent"] for answer in answers] == [one["id"] for one in many]
    assert [(answer["refused"] or {}).get("status") for answer in answers] == [422, None, 422]
    assert answers[1]["number"] == "F-1"
    assert chief.get(f"/api/v1/incidents/{theirs}").status_code == 404
    assert db.scalar(text("SELECT count(*) FROM hotline_order")) == 2
    # What was taken rightly and lies elsewhere since is not shown to who wrote it down.
    own = answers[1]["incident"]["id"]
    db.execute(text("UPDATE incident SET path = CAST(:path AS ltree) WHERE id = :id"),
               {"path": town.path_of("A"), "id": own})  # fmt: skip
    assert chief.get(f"/api/v1/incidents/{own}").status_code == 404
    again = chief.post(PATH, many[1])
    assert (again.status_code, "own_number" in again.json) == (409, False)


def test_who_called_is_shown_for_a_written_purpose_that_stays_in_the_audit(app, db, town, desk):
    made = desk.post(PATH, order("A-1")).json
    path = f"{PATH}/{made['id']}/reveal"
    assert desk.post(path, {}).status_code in (400, 422)
    assert desk.post(path, {"purpose": "回访核实"}).json["phone"] == "13812345678"
    row = db.execute(text("SELECT purpose, object FROM audit WHERE action = 'field.reveal'")).one()
    assert tuple(row) == ("回访核实", f"hotline-order:{made['id']}")
    assert "13812345678" not in str(db.execute(text("SELECT array_agg(to_jsonb(a)) FROM audit a")).scalar())
    auditor = over_all(app, db, town, Role.AUDITOR)
    for _ in range(20):
        desk.post(path, {"purpose": "回访核实"})
    assert [one["event"] for one in auditor.get("/api/v1/notices").json["items"]] == ["reveals"]
    nobody = desk.post(PATH, order("A-2", caller={}, place=None)).json
    assert nobody["caller"] == {"name": None, "phone": None, "address": None}
    assert desk.post(f"{PATH}/{nobody['id']}/reveal", {"purpose": "回访核实"}).status_code == 404


def test_an_order_is_answered_with_its_result_and_called_back(app, db, town, desk):
    made = desk.post(PATH, order("A-1")).json
    contact = {"id": str(uuid.uuid4()), "note": "已联系,约明日清运"}
    for _ in range(2):
        called = desk.post(f"{PATH}/{made['id']}/contact", contact)
        assert called.json["first_contact_at"] is not None
    assert desk.get(f"{PATH}/answers").json["items"][0]["result"] is None
    db.execute(text("UPDATE incident SET state = 'checked'"))
    other = over_all(app, db, town)
    steps = f"/api/v1/incidents/{made['incident']['id']}/steps"
    for step in ("feedback", "close"):
        taken = other.post(steps, {"id": str(uuid.uuid4()), "step": step, "note": "已清运"})
        assert taken.status_code in (200, 201), taken.json
    (answer,) = desk.get(f"{PATH}/answers?channel=12345").json["items"]
    assert (answer["number"], answer["state"], answer["result"]) == ("A-1", "closed", "已清运")
    book = load_workbook(io.BytesIO(desk.get(f"{PATH}/export?format=xlsx").data))
    assert "A-1" in [cell.value for cell in list(book.active.rows)[1]]
    assert desk.get(f"{PATH}/export?format=pdf").status_code == 422

    (due,) = desk.get("/api/v1/call-backs").json["items"]
    assert (due["number"], due["caller"]["phone"]) == ("A-1", "138****5678")
    said = {"id": str(uuid.uuid4()), "outcome": "reached", "satisfied": "yes"}
    path = f"/api/v1/call-backs/{due['id']}/calls"
    assert [desk.post(path, said).status_code for _ in range(2)] == [201, 200]
    assert desk.post(path, said | {"id": str(uuid.uuid4())}).status_code == 409
    assert desk.get("/api/v1/call-backs").json["items"] == []
    (done,) = desk.get("/api/v1/call-backs?done=1").json["items"]
    assert (done["outcome"], done["satisfied"]) == ("reached", "yes")
    told = desk.get("/api/v1/call-backs/figures").json
    assert told["called_back"] == {"numerator": 1, "denominator": 1, "rate": 1.0}
    assert told["satisfied"] == {"numerator": 1, "denominator": 1, "rate": 1.0}
    assert told["contacted_in_time"]["denominator"] == 1
    future = datetime(2100, 1, 1, tzinfo=UTC).isoformat().replace("+00:00", "Z")
    assert desk.get(f"/api/v1/call-backs/figures?since={future}").status_code == 422
    for never in ("0001-01-02T00:00:00Z", "9999-12-31T23:59:59-12:00"):
        assert desk.get(f"/api/v1/call-backs/figures?until={never}").status_code == 422
    log = desk.get(f"/api/v1/incidents/{made['incident']['id']}").json["log"]
    assert log[0]["step"] == "feedback"


HEAD = "工单编号,受理时间,内容,来电号码,地址,lon,lat\n"


def send_file(desk, content):
    """A file of orders, checked and then written as it was checked."""
    upload = desk.post("/api/v1/imports?kind=orders&name=orders.csv",
                       data=content if isinstance(content, bytes) else content.encode(),
                       headers={"Content-Type": "application/octet-stream"})  # fmt: skip
    if upload.status_code != 201:
        return upload.json, upload
    path = f"/api/v1/imports/{upload.json['id']}"
    checked = desk.post(f"{path}/check", {"datum": "wgs84"})
    if checked.status_code != 200:
        return checked.json, checked
    return checked.json, desk.post(f"{path}/carry-out", {"datum": "wgs84", "counts": checked.json["counts"]})


def test_a_file_of_orders_is_imported_as_a_whole_and_once(desk, db):
    lon, lat = point(0.5, 2.5)
    good = f"{HEAD}F-1,2026-03-01 08:30,路灯不亮,13812345678,清河路,{lon},{lat}\n"
    wrong = good + "F-1,2026-03-01 08:30,路灯不亮,,,,\nF-2,昨天,路灯不亮,,,,\n"

    def sent(content):
        return send_file(desk, content)

    checked, refused = sent(wrong)
    assert {defect["row"] for defect in checked["defects"]["listed"] if defect["grave"]} == {2, 3}
    assert refused.status_code == 422
    assert db.execute(text("SELECT count(*) FROM hotline_order")).scalar() == 0
    checked, written = sent(good)
    assert (written.status_code, checked["counts"]["new"]) == (200, 1), written.json
    checked, written = sent(good)
    assert (checked["counts"]["new"], checked["counts"]["same"]) == (0, 1)
    (row,) = desk.get(f"{PATH}?list=all").json["items"]
    assert (row["number"], row["received_at"], row["real_name"]) == ("F-1", "2026-03-01T00:30:00.000Z", True)
    checked, refused = sent(good.replace("路灯不亮", "井盖丢失"))
    assert refused.status_code == 422


def test_a_file_as_people_save_it_is_read_or_refused_with_a_sentence(desk, db):
    lon, lat = point(0.5, 2.5)
    row = f"2026-03-01 08:30,路灯😀不亮,13812345678,清河路,{lon},{lat}\n"
    checked, written = send_file(desk, f"{HEAD}G-1,{row}".encode("gb18030"))
    assert (written.status_code, checked["preview"][0]["text"]) == (200, "路灯😀不亮")
    assert send_file(desk, f"{HEAD}G-2,{row}".encode() + f"G-3,{row}".encode("gb18030"))[1].status_code == 422
    # A spreadsheet wrote two numbers as one quantity; a telephone number that is none; and too many at once.
    odd = f"{HEAD}2.0260301E+13,{row}G-4,{row.replace('13812345678', '1' * 41)}"
    checked, refused = send_file(desk, odd)
    assert [(one["row"], one["column"]) for one in checked["defects"]["listed"]] == [(2, "phone"), (1, "number")]
    assert refused.status_code == 422
    checked, refused = send_file(desk, HEAD + "".join(f"T-{n},{row}" for n in range(2_001)))
    assert (refused.status_code, "2000" in checked["defects"]["listed"][0]["sentence"]) == (422, True)
    assert db.scalar(text("SELECT count(*) FROM hotline_order")) == 1


def test_a_township_imports_the_orders_of_its_area_and_reads_why_others_are_left_out(app, db, town, desk):
    south, (lon, lat), (far, up) = over_south(app, db, town), point(1.5, 0.5), point(0.5, 2.5)
    row = "2026-03-01 08:30,路灯不亮,13812345678,清河路"
    known = f"{HEAD}N-1,{row},{far},{up}\n"
    assert send_file(desk, known)[1].status_code == 200
    file = f"{HEAD}S-1,{row},{lon},{lat}\nN-1,{row},{far},{up}\nN-2,{row},{far},{up}\nW-1,{row},,\n"
    checked, written = send_file(south, file)
    assert (checked["counts"], written.status_code) == ({"new": 1, "changed": 0, "same": 0, "ended": 0}, 200)
    why = {one["row"]: one["sentence"] for one in checked["defects"]["listed"] if "区席位导入" in one["sentence"]}
    assert sorted(why) == [2, 3, 4]
    assert why[2] == why[3] != why[4], "of what lies elsewhere nobody learns whether it is stored"
    assert [one["number"] for one in south.get(PATH).json["items"]] == ["S-1"]
    assert db.scalar(text("SELECT count(*) FROM hotline_order")) == 2
    assert south.get("/api/v1/templates/orders").status_code == 200


def test_what_a_caller_may_speak_of_is_offered_while_the_call_is_written_down(desk):
    made = desk.post(PATH, order("A-1")).json
    lon, lat = point(0.52, 2.5)
    (found,) = desk.get(f"{PATH}/similar?lon={lon}&lat={lat}&category=0201").json["items"]
    assert found["number"] == made["own_number"]
    assert desk.get(f"{PATH}/similar?lon=400&lat={lat}").status_code == 422
