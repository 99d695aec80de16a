"""Whoever sees a person's data is written down, and that person, nobody else, reads who it was."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from gridmap.people.looks import NUMBER_SEEN, record_looks
from gridmap.people.rules import Role
from gridmap.settings import load_settings
from tests.desks import in_grid, over_all, over_south, signed_in
from tests.worlds import CODE, person, point
from webapp import create_app

PHONE = "13800005678"
CARD = f"/api/v1/grids/{CODE['A']}"


@pytest.fixture(scope="module")
def app():
    return create_app(load_settings(demo=False))


@pytest.fixture
def worker(app, db, town):
    """The worker of grid A, who has a telephone."""
    browser = in_grid(app, db, town, "A")
    db.execute(text("UPDATE person SET phone = :phone WHERE id = :id"), {"phone": PHONE, "id": browser.person_id})
    return browser


@pytest.fixture
def admin(app, db, town):
    return over_all(app, db, town, Role.ADMIN)


def looks(browser, query=""):
    answer = browser.get(f"/api/v1/me/looks{query}")
    assert answer.status_code == 200, answer.text
    return answer.json["items"]


def test_a_number_seen_on_the_card_of_a_grid_is_told_to_its_owner(app, db, town, worker):
    desk = over_all(app, db, town)
    assert PHONE in desk.get(CARD).text
    (look,) = looks(worker)
    assert (look["by"]["id"], look["role"], look["object"]) == (desk.person_id, "operator", f"grid:{CODE['A']}")
    assert (look["what"], look["purpose"]) == ("我的电话号码，见于网格信息", None)
    assert looks(desk) == []


def test_a_number_seen_with_a_place_is_told_too(app, db, town, worker):
    lon, lat = point(0.5, 2.5)
    assert PHONE in over_all(app, db, town).get(f"/api/v1/locate?lon={lon}&lat={lat}").text
    assert len(looks(worker)) == 1


def test_what_was_masked_or_not_shown_was_not_seen(app, db, town, worker):
    for role in (Role.TOWNSHIP, Role.SUPERVISOR, Role.PLANNER):
        assert PHONE not in over_all(app, db, town, role).get(CARD).text
    assert over_south(app, db, town).get(CARD).status_code == 404
    assert looks(worker) == []


def test_ones_own_number_is_ones_own(db, worker):
    assert PHONE in worker.get(CARD).text
    assert looks(worker) == []
    assert db.scalar(text("SELECT count(*) FROM audit WHERE subject_id IS NOT NULL")) == 0


def test_looking_again_within_the_hour_is_one_look_and_another_thing_is_another(app, db, town, worker, admin):
    desk = over_all(app, db, town)
    for _ in range(3):
        desk.get(CARD)
        admin.get(f"/api/v1/accounts/{worker.person_id}")
    assert [look["role"] for look in looks(worker)] == ["admin", "operator"]


def test_looking_again_after_an_hour_is_another_look(db, town, worker):
    desk = person(db, Role.OPERATOR, town.path_of("A"), grid_id=town.grid_ids["A"])
    for when in (0, 59, 61):
        at = datetime.now(UTC) + timedelta(minutes=when)
        record_looks(db, desk, NUMBER_SEEN, [worker.person_id, desk.id], at, object_id="grid:x")
    assert [look["by"]["id"] for look in looks(worker)] == [desk.id, desk.id]


def test_an_administrator_who_opens_an_account_is_told_of_and_so_is_the_list(worker, admin):
    assert PHONE in admin.get(f"/api/v1/accounts/{worker.person_id}").text
    assert PHONE in admin.get("/api/v1/accounts").text
    assert [(look["action"], look["by"]["id"]) for look in looks(worker)] == [
        ("account.list", admin.person_id),
        ("account.see", admin.person_id),
    ]


def test_each_reads_their_own_alone_and_a_wall_reads_none(app, db, town, worker, admin):
    admin.get(f"/api/v1/accounts/{worker.person_id}")
    other = in_grid(app, db, town, "B")
    assert looks(other) == looks(admin) == []
    db.execute(text("UPDATE session SET kind = 'wall' WHERE person_id = :id"), {"id": worker.person_id})
    assert worker.get("/api/v1/me/looks").status_code == 403


def test_pages_of_looks_follow_each_other_without_a_gap(app, db, town, worker):
    for _ in range(5):
        over_all(app, db, town).get(CARD)
    first = worker.get("/api/v1/me/looks?limit=2").json
    rest = worker.get(first["next"].replace("limit=2", "limit=9")).json
    seen = [look["by"]["id"] for look in (*first["items"], *rest["items"])]
    assert (len(seen), len(set(seen)), rest["next"]) == (5, 5, None)
    assert seen == [look["by"]["id"] for look in looks(worker)]
    assert worker.get("/api/v1/me/looks?after=eHg").status_code == 422


def test_the_account_page_shows_them_ten_at_a_time_with_their_words_as_text(app, db, town, worker):
    before = worker.get("/account").text
    assert "还没有人查看过" in before
    for _ in range(11):
        desk = over_all(app, db, town)
        db.execute(text("UPDATE person SET name = '<b>王' WHERE id = :id"), {"id": desk.person_id})
        desk.get(CARD)
    page = worker.get("/account").text
    assert page.count("&lt;b&gt;王") == 10
    assert "<b>王" not in page
    assert "区指挥席" in page
    earlier = re.search(r'href="(/account\?after=[^"#]+)#looks"', page)
    assert earlier is not None
    second = worker.get(earlier.group(1)).text
    assert (second.count("&lt;b&gt;王"), "#looks" in second) == (1, False)


def test_a_device_has_no_such_page(app, db, town):
    stranger = app.test_client().get("/api/v1/me/looks", base_url="https://127.0.0.1")
    assert stranger.status_code == 401
    assert looks(signed_in(app, db, Role.AUDITOR, str(town.district_id), area_id=town.district_id)) == []
