"""The way of a plan over HTTP: what each step answers, and in which sentence a wrong one is refused."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from gridmap.people.rules import Actor, Grant, Role
from gridmap.settings import load_settings
from gridmap.system.audit import Doer
from tests.desks import over_all, over_south
from tests.planning.turning import Street, drawn, explain, halved, merged, open_incident, rows, strip
from tests.worlds import CODE
from webapp import create_app


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return create_app(load_settings(demo=False, data_dir=tmp_path_factory.mktemp("data"), api_per_minute=1_000_000))


@pytest.fixture
def author(app, db, street):
    return over_all(app, db, street.town, Role.PLANNER)


@pytest.fixture
def other(app, db, street):
    return over_all(app, db, street.town, Role.PLANNER)


def as_actor(browser, street: Street) -> Actor:
    """The person behind a browser, as the domain knows them."""
    district = street.town.district_id
    grants = (Grant(Role.PLANNER, str(district), area_id=district),)
    return Actor("person", browser.person_id, "x", "x", "en", grants, Doer(browser.person_id, "planner"))


def draw(db, author, street, *edits):
    actor, now = as_actor(author, street), datetime.now(UTC)
    plan_id = drawn(db, actor, *edits, at=now)
    explain(db, actor, plan_id, now)
    return plan_id


def step(browser, plan_id, name, status=200, **body):
    answer = browser.post(f"/api/v1/plans/{plan_id}/{name}", {"id": str(uuid.uuid4()), **body})
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.json


def test_a_plan_goes_from_draft_to_edition_and_back_again(db, street, author, other):
    incident = open_incident(db, (0.9, 2.5))
    plan_id = draw(db, author, street, strip("A", "B"))
    assert author.get(f"/api/v1/plans/{plan_id}").json["can"] == ["edit", "submit", "withdraw"]
    assert step(author, plan_id, "submit", note="已商定")["state"] == "submitted"
    assert "approve" in other.get(f"/api/v1/plans/{plan_id}").json["can"]
    done = step(other, plan_id, "approve", note="同意")
    assert (done["state"], done["edition_n"], done["approver"]["id"]) == ("published", 2, other.person_id)
    assert [one["step"] for one in done["steps"]] == ["submit", "approve", "publish"]
    assert rows(db, "SELECT v.code FROM incident i JOIN grid_version v ON v.grid_id = i.duty_grid_id"
                    " AND upper_inf(v.valid) WHERE i.id = :id", id=incident) == [(CODE["B"],)]  # fmt: skip
    seen = other.get(f"/api/v1/grids/{CODE['B']}/history").json["items"]
    assert [(one["code"], one["op"]) for one in seen[0]["from"]] == [
        (CODE["A"], "boundary"),
        (CODE["B"], "boundary"),
    ]
    back = step(author, plan_id, "revert", note="居民不同意")
    assert (back["state"], back["reverts_edition"], back["id"] != str(plan_id)) == ("submitted", 2, True)
    assert step(other, back["id"], "approve")["edition_n"] == 3
    assert author.get(f"/api/v1/plans/{plan_id}").json["state"] == "reverted"
    planes = dict(rows(db, "SELECT edition_n, ST_AsBinary(plane) FROM grid_version WHERE code = :a", a=CODE["A"]))
    assert planes[1] == planes[3] != planes[2]


def test_the_author_who_approves_is_refused_and_the_attempt_is_kept(db, street, author):
    plan_id = draw(db, author, street, halved())
    step(author, plan_id, "submit")
    answer = step(author, plan_id, "approve", status=403)
    assert answer["detail"] == "这是你编制的方案，须由本区域另一名规划员批准。"
    assert rows(db, "SELECT state, approver_id FROM plan") == [("submitted", None)]
    assert rows(db, "SELECT actor_id FROM audit WHERE action = 'boundary.publish' AND result = 'refused'") == [
        (author.person_id,)
    ]


def test_an_hour_in_the_past_is_refused_and_one_to_come_is_kept(db, street, author, other):
    plan_id = draw(db, author, street, halved())
    step(author, plan_id, "submit")
    now = datetime.now(UTC)
    past = step(other, plan_id, "approve", status=422, publish_at=(now - timedelta(minutes=1)).isoformat())
    assert past["where"] == "/publish_at"
    hour = (now + timedelta(hours=2)).replace(microsecond=0)
    kept = step(other, plan_id, "approve", publish_at=hour.isoformat())
    assert (kept["state"], datetime.fromisoformat(kept["publish_at"])) == ("approved", hour)
    assert rows(db, "SELECT edition_n FROM district") == [(1,)]
    assert step(other, plan_id, "publish")["state"] == "published"


def test_a_plan_with_findings_says_which_want_a_reason(db, street, author):
    actor, now = as_actor(author, street), datetime.now(UTC)
    plan_id = drawn(db, actor, halved(), at=now)
    answer = step(author, plan_id, "submit", status=422)
    assert len(answer["items"]) == 2
    assert answer["detail"] == "检查中有 2 项需要说明理由：写明为何可以保持现状。"


def test_contested_grids_are_shown_both_ways_and_the_rebase_sets_their_edits_aside(db, street, author, other):
    mine = draw(db, author, street, strip("A", "B"), merged("E", "F"))
    theirs = draw(db, other, street, halved("A"))
    step(other, theirs, "submit")
    step(author, theirs, "approve")
    shown = author.get(f"/api/v1/plans/{mine}/rebase").json
    assert (shown["behind"], shown["disjoint"]) == (1, False)
    assert [grid["id"] for grid in shown["contested"]] == [CODE["A"]]
    assert {side: shown["contested"][0][side]["type"] for side in ("base", "mine", "theirs")} == dict.fromkeys(
        ("base", "mine", "theirs"), "Polygon"
    )
    assert step(author, mine, "submit", status=409)["grids"] == [CODE["A"]]
    after = step(author, mine, "rebase")
    assert after["behind"] == 0
    assert {edit["op"]: edit["set_aside"] is not None for edit in after["edits"]} == {"hand_over": True, "merge": False}


def test_a_planner_of_another_township_may_not_even_know_of_it(db, app, street, author):
    plan_id = draw(db, author, street, halved("A"))
    southern = over_south(app, db, street.town)
    db.execute(text("UPDATE assignment SET role = 'planner' WHERE person_id = :id"), {"id": southern.person_id})
    for name, body in (("approve", {}), ("send-back", {"note": "x"}), ("withdraw", {}), ("revert", {"note": "x"})):
        step(southern, plan_id, name, status=404, **body)


def test_a_call_sent_twice_is_carried_out_once(db, street, author, other):
    plan_id = draw(db, author, street, halved())
    body = {"id": str(uuid.uuid4())}
    first, again = (author.post(f"/api/v1/plans/{plan_id}/submit", body) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert [one["step"] for one in again.json["steps"]] == ["submit"]


def test_figures_are_given_on_the_grids_of_any_edition(db, street, author, other):
    open_incident(db, (0.9, 2.5), datetime.now(UTC) - timedelta(days=1))
    plan_id = draw(db, author, street, strip("A", "B"))
    step(author, plan_id, "submit")
    step(other, plan_id, "approve")
    counts = {}
    for edition in (1, 2):
        answer = other.get(f"/api/v1/restate?edition={edition}")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        counts[edition] = {item["code"]: item["incidents"] for item in answer.json["items"]}
    assert (counts[1][CODE["A"]], counts[1][CODE["B"]]) == (1, 0)
    assert (counts[2][CODE["A"]], counts[2][CODE["B"]]) == (0, 1)
    assert other.get("/api/v1/restate?edition=9").status_code == 404
    assert other.get("/api/v1/restate?from=2020-01-01&to=2026-01-01").status_code == 422
