"""What a desk is told beside its queue, over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from gridmap.settings import load_settings
from tests.clients import Browser
from tests.incidents.loop import build_loop
from tests.worlds import NOON
from webapp import create_app


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return create_app(load_settings(data_dir=tmp_path_factory.mktemp("data"), api_per_minute=100_000))


@pytest.fixture
def loop(db, town):
    return build_loop(db, town)


@pytest.fixture
def at_desk(app, db, loop):
    return lambda who: Browser(app, db, loop.actors[who].id)


def test_work_tells_in_whose_hands_incidents_are(loop, at_desk):
    ours, joint, handed_up, _ = (
        loop.incident(where=(0.3 + 0.1 * n, 2.3 + 0.1 * n), at=NOON + timedelta(days=n)) for n in range(4)
    )
    later = NOON + timedelta(days=5)
    loop.step("operator", ours, "dispatch", later, told={"department": "urban"})
    loop.step("operator", joint, "dispatch", later, told={"department": "north"})
    loop.step("operator", joint, "add_party", later, told={"department": "urban", "role": "assist"})
    loop.step("township", handed_up, "escalate", later, told={"level": "district"})

    urban, township = at_desk("urban").get("/api/v1/desk/work").json, at_desk("township").get("/api/v1/desk/work").json
    assert (urban["held"], urban["helping"], urban["above"]) == ([str(ours)], [str(joint)], [])
    # What the district opened lies at its level, too, but nobody handed it up.
    assert (township["held"], township["helping"], township["above"]) == ([], [], [str(handed_up)])
    loop.step("operator", handed_up, "dispatch", later, told={"department": "urban"})
    assert at_desk("township").get("/api/v1/desk/work").json["above"] == []


def test_units_are_counted_the_most_overdue_first_and_people_never(db, loop, at_desk):
    held, free = (loop.incident(where=(0.4 + 0.2 * n, 2.5), at=NOON + timedelta(days=n)) for n in range(2))
    later = NOON + timedelta(days=5)
    loop.step("operator", held, "dispatch", later, told={"department": "urban"})
    db.execute(text("UPDATE incident SET due_at = now() - interval '1 h' WHERE id = :id"), {"id": held})
    db.execute(text("UPDATE incident SET due_at = now() + interval '1 h' WHERE id = :id"), {"id": free})

    answer = at_desk("supervisor").get("/api/v1/desk/units").json["items"]
    assert [(unit["kind"], unit["open"], unit["overdue"]) for unit in answer] == [
        ("department", 1, 1),
        ("township", 1, 0),
    ]
    assert set(answer[0]) == {"kind", "code", "name", "name_en", "open", "overdue", "returned"}
    # Who sees less counts less: a clerk of another department has none of both.
    assert at_desk("bureau").get("/api/v1/desk/units").json["items"] == []


def test_the_record_of_a_department_is_complete_with_all_three_named(db, loop, at_desk):
    db.execute(text("UPDATE department SET handler_id = :id WHERE code = 'urban'"), {"id": loop.urban.id})
    (record,) = at_desk("urban").get("/api/v1/me/departments").json["items"]
    assert (record["code"], record["complete"], record["missing"]) == ("urban", False, ["policy", "leader"])
    db.execute(
        text("UPDATE department SET policy_id = :id, leader_id = :id WHERE code = 'urban'"), {"id": loop.operator.id}
    )
    (record,) = at_desk("urban").get("/api/v1/me/departments").json["items"]
    assert (record["complete"], record["missing"]) == (True, [])
    assert at_desk("operator").get("/api/v1/me/departments").json["items"] == []
