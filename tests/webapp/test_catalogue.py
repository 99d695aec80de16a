"""The catalogue through the web: looked at, previewed, imported once, changed row by row."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from gridmap.people.rules import Role
from gridmap.settings import load_settings
from tests.catalogue.departments import NORTH, add_departments, duty, put_in
from tests.desks import over_all
from webapp import create_app

PATH = "/api/v1/catalogue"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return create_app(load_settings(api_per_minute=100_000, data_dir=tmp_path_factory.mktemp("data")))


@pytest.fixture
def admin(app, db, town):
    db.execute(text("UPDATE person SET locale = 'en'"))
    browser = over_all(app, db, town, Role.ADMIN)
    db.execute(text("UPDATE person SET locale = 'en' WHERE id = :id"), {"id": browser.person_id})
    return browser


@pytest.fixture
def today(admin):
    return datetime.fromisoformat(admin.get(PATH).json["today"]).date()


def send(browser, table, content, **args):
    said = "&".join(f"{name}={value}" for name, value in args.items())
    return browser.post(f"{PATH}/{table}/preview?{said}", data=content.encode(),
                        content_type="application/octet-stream")  # fmt: skip


def test_a_file_is_previewed_imported_once_and_read_back(admin, db, town, today):
    add_departments(db, town, "urban", "fire")
    later = today + timedelta(days=9)
    seen = send(admin, "duties", f"class code,area,list,owner,assisting\n0301,{NORTH},basic,urban,fire\n"
                f"0101,{NORTH},收回,fire,\n".replace("class code", "category").replace("收回", "withdrawn"),
                effective=later, name="duties.csv").json  # fmt: skip
    assert (seen["counts"]["added"], seen["can_be_written"], seen["weight"]["open"]) == (2, True, 0)
    assert [(change["row"], change["kind"], change["since"]) for change in seen["changes"]] == [
        (1, "added", later.isoformat()), (2, "added", later.isoformat())]  # fmt: skip
    assert db.scalar(text("SELECT count(*) FROM duty")) == 0
    body = {"id": str(uuid.uuid4()), "upload": seen["upload"], "effective": later.isoformat(), "counts": seen["counts"]}
    assert admin.post(f"{PATH}/duties/import", body | {"counts": seen["counts"] | {"added": 1}}).status_code == 409
    assert [admin.post(f"{PATH}/duties/import", body).json["repeated"] for _ in range(2)] == [False, True]
    page = admin.get(f"{PATH}/duties?limit=1").json
    assert [row["category"] for row in page["items"]] == ["0101"]
    assert [row["assisting"] for row in admin.get(page["next"]).json["items"]] == ["fire"]
    assert admin.get(f"{PATH}/duties?as_of={today}").json["items"] == []
    assert len(admin.get(f"{PATH}/duties?list=withdrawn").json["items"]) == 1
    assert len(admin.get(f"{PATH}/duties?q=URBAN&category=0301").json["items"]) == 1
    (duties,) = (item for item in admin.get(PATH).json["items"] if item["name"] == "duties")
    assert (duties["rows"], duties["in_force"], duties["coming"]) == (2, 0, 2)
    audited = db.execute(text("SELECT object, changed FROM audit WHERE action = 'catalogue.write'")).all()
    assert [(row.object, row.changed["added"]) for row in audited] == [("catalogue:duties", 2)]


def test_a_bad_file_is_told_row_by_row_and_stays_out(admin, db, town):
    answer = send(admin, "reasons", "list,code,name\nskip,snow,雪\nnowhere,x,y\nskip,snow,大雪\n").json
    assert answer["can_be_written"] is False
    assert [(defect["row"], defect["column"]) for defect in answer["defects"]["listed"]] == [
        (2, "list"), (3, None)]  # fmt: skip
    body = {"id": str(uuid.uuid4()), "upload": answer["upload"], "counts": answer["counts"]}
    assert admin.post(f"{PATH}/reasons/import", body).status_code == 422
    assert send(admin, "reasons", "\x00\x01").status_code == 422
    assert send(admin, "reasons", "list,code,name\nskip,nul,a\x00b\n").status_code == 422
    assert admin.get(f"{PATH}/reasons?q=%00").status_code in (400, 422)
    assert send(admin, "nothing", "a,b\n1,2\n").status_code == 404
    assert send(admin, "reasons", "list,code,name\n", effective="2020-01-01").status_code == 422


def test_a_rule_is_written_and_ended_at_the_table(admin, db, town, today):
    add_departments(db, town, "urban", "fire")
    body = {"id": str(uuid.uuid4()), "row": duty("0301", NORTH, "urban")}
    told = admin.post(f"{PATH}/duties/rows?preview=1", body)
    assert (told.status_code, told.json["counts"]["added"]) == (200, 1)
    assert [admin.post(f"{PATH}/duties/rows", body).status_code for _ in range(2)] == [201, 200]
    wrong = admin.post(f"{PATH}/duties/rows", {"id": str(uuid.uuid4()), "row": duty("0301", NORTH, "ghosts")})
    assert (wrong.status_code, wrong.json["where"]) == (422, "/row/owner")
    assert admin.post(f"{PATH}/duties/rows", {"id": str(uuid.uuid4()), "row": {"colour": "red"}}).status_code == 422
    (row,) = admin.get(f"{PATH}/duties").json["items"]
    tomorrow, end = today + timedelta(days=1), f"{PATH}/duties/rows/{row['id']}/end"
    assert admin.post(end, {"day": (today - timedelta(days=1)).isoformat()}).status_code == 422
    assert admin.post(end, {"day": tomorrow.isoformat()}).json["ends"] == tomorrow.isoformat()
    assert admin.get(f"{PATH}/duties").json["items"][0]["until"] == tomorrow.isoformat()
    assert admin.post(end, {"day": tomorrow.isoformat()}).status_code == 409


def test_the_route_explains_itself(admin, db, town, today):
    add_departments(db, town, "urban")
    put_in(db, "duties", [duty("0301", NORTH, "urban", "withdrawn")], effective=today)
    answer = admin.get(f"{PATH}/route?category=0301&at=990106001001001").json
    assert (answer["list"], answer["owner"]["code"], answer["assisting"]) == ("withdrawn", "urban", [])
    assert len(answer["why"]) == 1
    assert admin.get(f"{PATH}/route?category=0301&at=990106002").json["owner"] is None
    assert admin.get(f"{PATH}/route?category=9999&at=990106").status_code == 404
    assert admin.get(f"{PATH}/route?category=0301&at=nowhere").status_code == 404


def test_a_table_is_taken_away_as_a_file(admin, db, town):
    for suffix in ("csv", "xlsx"):
        answer = admin.get(f"{PATH}/reasons/export?format={suffix}")
        assert (answer.status_code, len(answer.data) > 500) == (200, True)
    assert admin.get(f"{PATH}/reasons/export?format=csv").data.decode().splitlines()[0] == (
        "list,code,name,name_en,since,until")  # fmt: skip
    assert admin.get(f"{PATH}/reasons/export?format=pdf").status_code == 422


def test_a_department_that_ended_answers_for_nothing_new(admin, db, town):
    add_departments(db, town, "urban")
    assert [admin.post("/api/v1/departments/urban/end", {}).json["ended"] for _ in range(2)] == [True, False]
    (office,) = admin.get("/api/v1/departments").json["items"]
    assert datetime.fromisoformat(office["ended_at"]) <= datetime.now(UTC)
    wrong = admin.post(f"{PATH}/duties/rows", {"id": str(uuid.uuid4()), "row": duty("0301", NORTH, "urban")})
    assert (wrong.status_code, wrong.json["where"]) == (422, "/row/owner")


def test_a_deadline_of_each_stage_is_explained_without_an_incident(admin, db, town):
    asked = f"{PATH}/deadlines?category=0301&source=hotline&start=2026-02-13T16:00"
    answer = admin.get(asked).json
    assert (answer["start_at"], answer["facts"]) == ("2026-02-13T08:00:00.000Z", {"source": "hotline", "severity": "2"})
    stages = {item["stage"]: item for item in answer["items"]}
    assert stages["close"]["due_at"] == "2026-02-27T09:30:00.000Z"
    assert any("Spring Festival" in sentence for sentence in stages["close"]["why"])
    assert stages["handle"]["due_at"] == "2026-02-13T16:00:00.000Z"
    assert admin.get(f"{PATH}/deadlines?severity=9").json["where"] == "/severity"
    assert admin.get(f"{PATH}/deadlines?start=soon").status_code == 422
    assert admin.get(f"{PATH}/deadlines?category=9999").status_code == 404


def test_codes_are_told_with_their_names_and_offered_by_them(admin, db, town):
    add_departments(db, town, "urban", "fire")
    put_in(db, "duties", [duty("0301", NORTH, "urban", assisting="fire")])
    names = admin.get(f"{PATH}/duties").json["names"]
    assert [one["name"] for one in names["department"]] == ["fire局", "urban局"]
    assert ([one["code"] for one in names["category"]], [one["code"] for one in names["area"]]) == (["0301"], [NORTH])
    assert [one["code"] for one in admin.get(f"{PATH}/choices?of=department&q=URB").json["items"]] == ["urban"]
    admin.post("/api/v1/departments/urban/end", {})
    assert admin.get(f"{PATH}/choices?of=department&q=urb").json["items"] == []
    assert admin.get(f"{PATH}/choices?of=person").status_code == 404
    (closing,) = admin.get(f"{PATH}/clocks?list=close").json["items"]
    assert closing["says"][0].startswith("Closing: 5 work-days")


@pytest.mark.parametrize(
    ("table", "row", "says"),
    [
        ("call-terms", {"what": "answer", "grade": "1", "amount": 3, "unit": "wd"},
         "Tier 1: a supervision notice is answered within 3 work-days."),
        ("supervision-rules", {"tier": "1", "cause": "overdue", "at_least": 0.5},
         "Follow-up: when a matter is past its deadline by more than 0.5 times its time limit."),
        ("look-back-rules", {"category": "0301", "days": 14}, "Looked at again 14 days after closing."),
        ("rectify-terms", {"severity": "4", "amount": 20, "unit": "wd"},
         "Severity 4: to be put right within 20 work-days."),
    ],
)  # fmt: skip
def test_rules_of_every_room_go_round_through_row_file_and_end(admin, db, town, today, table, row, says):
    home, tomorrow = f"{PATH}/{table}", today + timedelta(days=1)
    shipped = {item["name"]: item["in_force"] for item in admin.get(PATH).json["items"]}[table]
    body = {"id": str(uuid.uuid4()), "row": row, "effective": tomorrow.isoformat()}
    seen = admin.post(f"{home}/rows?preview=1", body).json
    assert (seen["counts"]["added"] + seen["counts"]["changed"], seen["weight"]["otherwise"]) == (1, 0)
    assert seen["weight"]["sentences"] == ["Nothing of what lies open would be treated otherwise."]
    assert [admin.post(f"{home}/rows", body).status_code for _ in range(2)] == [201, 200]
    first = next(iter(row))
    wrong = admin.post(f"{home}/rows", {"id": str(uuid.uuid4()), "row": row | {first: "9999"}})
    assert (wrong.status_code, wrong.json["where"]) == (422, f"/row/{first}")
    head, *lines = admin.get(f"{home}/export?format=csv").data.decode().splitlines()
    assert len(lines) == shipped + 1
    (coming,) = (line for line in lines if tomorrow.isoformat() in line.split(",")[-2])
    # The file is all there is: what it leaves out ends, the one that is coming stays.
    told = send(admin, table, f"{head}\n{coming}\n", effective=tomorrow, whole=1).json
    body = {"id": str(uuid.uuid4()), "upload": told["upload"], "effective": tomorrow.isoformat(), "whole": True,
            "counts": told["counts"]}  # fmt: skip
    assert admin.post(f"{home}/import", body).json["counts"]["same"] == 1
    assert len(admin.get(f"{home}?as_of={today}").json["items"]) == shipped
    (left,) = admin.get(f"{home}?as_of={tomorrow}").json["items"]
    assert left["says"] == [says]
    assert admin.post(f"{home}/rows/{left['id']}/end", {"day": tomorrow.isoformat()}).status_code == 200
    assert admin.get(f"{home}?as_of={tomorrow}").json["items"] == []
    assert db.scalar(text("SELECT count(*) FROM audit WHERE object LIKE :o"), {"o": f"catalogue:{table}%"}) == 3
