"""Whoever told of a matter stays masked; a desk asks for a purpose, and nobody once the matter is over."""

from __future__ import annotations

import re
import uuid

import pytest
from sqlalchemy import text

from gridmap.people.rules import Role
from gridmap.residents.seals import follow_link, secret_of
from gridmap.settings import load_settings
from tests.clients import HOST
from tests.desks import over_all, over_south
from tests.residents.doors import add_door_things
from webapp import create_app


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return create_app(load_settings(data_dir=tmp_path_factory.mktemp("data"), api_per_minute=100_000))


def test_a_desk_learns_for_a_purpose_who_reported_at_a_door_until_the_matter_is_over(app, db, town):
    things = add_door_things(db, town)
    report, south, wall = things["resident report"]["F"], over_south(app, db, town), over_all(app, db, town)
    incident = db.scalar(text("SELECT incident_id FROM incident_source WHERE report_id = :id"), {"id": report})

    def card(browser):
        return browser.get(f"/api/v1/incidents/{incident}").json["sources"][0]["caller"]

    def ask(browser, of=report, purpose="核实位置"):
        return browser.post(f"/api/v1/reports/{of}/reveal", {"purpose": purpose})

    masked = {"name": "王*", "phone": "138****5678", "address": None}
    # It has ended, and its reporter asks to have it taken up again: they may still be called.
    assert card(south) == masked | {"sealed": False, "reveals": True}
    db.execute(text("UPDATE session SET kind = 'wall' WHERE person_id = :id"), {"id": wall.person_id})
    assert card(wall) is None, "a wall shows nobody's data"
    assert ask(south, purpose="  a ").status_code in (400, 422)
    assert ask(south).json == {"name": "王小明", "phone": "13812345678", "address": None}
    row = db.execute(
        text("SELECT purpose, object, role FROM audit WHERE action = 'field.reveal' AND result = 'done'")
    ).one()
    assert tuple(row) == ("核实位置", f"report:{report}", "township")
    assert "13812345678" not in str(db.execute(text("SELECT array_agg(to_jsonb(a)) FROM audit a")).scalar())
    foreign = [ask(south, things["resident report"]["A"]), ask(south, uuid.uuid4())]
    assert [(answer.status_code, answer.json["detail"]) for answer in foreign] == [
        (404, "没有这条上报，或你无权查看。")
    ] * 2
    assert ask(over_all(app, db, town, Role.PLANNER)).status_code == 403

    south.post(f"/api/v1/ratings/{things['rating']['F']}/decision", {"granted": False, "answer": "已修好"})
    assert card(south) == masked | {"sealed": True, "reveals": False}
    sealed = ask(south)
    assert (sealed.status_code, "封存" in sealed.json["detail"]) == (409, True)
    assert db.scalar(text("SELECT count(*) FROM audit WHERE action = 'field.reveal' AND result = 'done'")) == 1

    # Whoever left the number reads who asked for it: in which part, and not by name.
    key = follow_link(secret_of(db), uuid.UUID(report))
    page = app.test_client().get(f"/r/follow/{key}", base_url=f"https://{HOST}", headers={"Accept": "text/html"}).text
    assert re.search(r"谁查看过你的姓名和电话</h2>\s*<ol class=\"events\"><li>.*<b>街道指挥席", page)
    assert page.count("<b>街道指挥席") == 1
