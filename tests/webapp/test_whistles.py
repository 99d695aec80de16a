"""A whistle, what is contested and what is supervised, over HTTP: buttons, clocks with their reasons, and paper."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from gridmap.settings import load_settings
from tests.clients import Browser
from tests.incidents.loop import build_loop
from tests.pdf import Paper
from webapp import create_app


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return create_app(load_settings(demo=False, data_dir=tmp_path_factory.mktemp("data"), api_per_minute=1_000_000))


@pytest.fixture
def loop(db, town):
    return build_loop(db, town)


@pytest.fixture
def desk(app, db, loop):
    return lambda who: Browser(app, db, loop.actors[who].id)


def send(desk, path, **said):
    answer = desk.post(f"/api/v1{path}", {"id": str(uuid.uuid4()), **said})
    assert answer.status_code in (200, 201), answer.text
    return answer.json


def test_a_muster_over_http_says_what_comes_next_and_why(loop, desk):
    chief, urban = desk("chief"), desk("urban")
    incident = str(loop.incident(at=datetime.now(UTC)))
    targets = chief.get(f"/api/v1/whistles/targets?incident={incident}").json
    assert {each["code"] for each in targets["departments"]} == {"urban", "north"}
    assert "2 小时" in targets["terms"]["acknowledge"]["why"][0]
    said = {"incident": incident, "departments": ["urban"], "note": "带铲车"}
    key = str(uuid.uuid4())
    first = chief.post("/api/v1/whistles", {"id": key, **said})
    assert (first.status_code, chief.post("/api/v1/whistles", {"id": key, **said}).status_code) == (201, 200)
    assert chief.post("/api/v1/whistles", {"id": key, **said, "loud": True}).status_code == 400
    (shown,) = urban.get("/api/v1/whistles?state=open").json["items"]
    (call,) = shown["calls"]
    assert (shown["note"], shown["incident"]["id"], call["mine"]) == ("带铲车", incident, True)
    assert [each["name"] for each in call["actions"]] == ["acknowledge", "arrive", "refuse"]
    assert {each["code"] for each in call["actions"][2]["reasons"]} >= {"not-ours"}
    assert (call["waits_for"], len(call["why"]), call["acknowledged_in_time"]) == ("acknowledge", 2, None)
    here = {"lon": shown["place"]["lon"], "lat": shown["place"]["lat"]}
    assert send(urban, f"/whistles/{key}/acknowledge")["calls"][0]["waits_for"] == "arrive"
    call = send(urban, f"/whistles/{key}/arrive", place=here)["calls"][0]
    assert (call["arrived_m"], call["arrived_in_time"]) == (0, True)
    send(urban, f"/whistles/{key}/outcome", outcome="settled", note="清完")
    assert [each["name"] for each in chief.get(f"/api/v1/whistles/{key}").json["calls"][0]["actions"]] == ["rate"]
    assert send(chief, f"/whistles/{key}/rate", rating=5)["calls"][0]["actions"] == []
    assert chief.get("/api/v1/whistles?state=open").json["items"] == []
    (figures,) = chief.get("/api/v1/whistles/figures").json["items"]
    assert (figures["acknowledged"], figures["rating"]) == ({"in_time": 1, "of": 1}, {"mean": 5, "of": 1})


def test_a_contested_matter_is_decided_with_what_was_decided_before(loop, desk):
    operator = desk("operator")
    for turn, ground in enumerate(("背街归城管", "同前")):
        key = send(desk("chief"), "/whistles", incident=str(loop.incident()), departments=["urban", "north"])["id"]
        for who in ("urban", "bureau"):
            send(desk(who), f"/whistles/{key}/refuse", reason="not-ours")
        (case,) = operator.get("/api/v1/contested").json["items"]
        assert [each["ground"] for each in case["precedents"]] == ["背街归城管"] * turn
        assert (case["may_decide"], len(case["refusals"])) == (True, 2)
        decided = send(operator, f"/contested/{case['id']}/decide", department="urban", ground=ground)["decided"]
    assert decided["duty"] == {
        "category": "0201", "area": "990106001", "list": "basic", "owner": "urban", "assisting": "",
    }  # fmt: skip
    assert len(operator.get("/api/v1/contested?decided=1").json["items"]) == 2


def test_a_notice_goes_its_way_and_stands_on_paper(loop, desk):
    supervisor, urban = desk("supervisor"), desk("urban")
    incident = loop.incident()
    loop.step("operator", incident, "dispatch", told={"department": "urban"})
    notice = send(supervisor, "/supervisions", incident=str(incident), tier=2, note="明日前报进展")
    assert (notice["number"][:3], notice["actions"]) == ("DC-", [])
    (mine,) = urban.get("/api/v1/supervisions?state=waiting").json["items"]
    assert ([each["name"] for each in mine["actions"]], mine["note"]) == (["answer"], "明日前报进展")
    send(urban, f"/supervisions/{mine['id']}/answer", note="已派人")
    paper = urban.get(f"/api/v1/supervisions/{mine['id']}/notice.pdf")
    assert (paper.status_code, paper.content_type) == (200, "application/pdf")
    assert notice["number"] in Paper(paper.data).text
    assert send(supervisor, f"/supervisions/{mine['id']}/close", note="属实")["closing"] == "属实"
    assert supervisor.get("/api/v1/supervisions").json["items"] == []
    assert supervisor.get("/api/v1/supervisions?state=late").status_code == 422
