"""What the card of an incident is told over HTTP: how far its clocks are, and what is asked of the desk."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from gridmap.settings import load_settings
from tests.clients import Browser
from tests.incidents.loop import HOUR, build_loop
from webapp import create_app


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return create_app(load_settings(demo=False, data_dir=tmp_path_factory.mktemp("data"), api_per_minute=1_000_000))


@pytest.fixture
def loop(db, town):
    return build_loop(db, town)


@pytest.fixture
def handling(loop):
    """What a department has had in hand for three hours, as its own clock of hours counts."""
    begun = datetime.now(UTC) - 3 * HOUR
    key = loop.incident(at=begun)
    loop.step("operator", key, "dispatch", begun, told={"department": "urban"})
    loop.step("urban", key, "accept", begun + HOUR)
    return key


def test_a_clock_tells_how_long_it_ran_and_stands_while_it_is_paused(app, db, loop, handling):
    operator = Browser(app, db, loop.operator.id)

    def clock(stage):
        (found,) = (c for c in operator.get(f"/api/v1/incidents/{handling}").json["clocks"] if c["stage"] == stage)
        return found

    runs = clock("handle")
    assert (runs["unit"], runs["running"], runs["paused"], runs["total_s"]) == ("h", True, False, 48 * 3600)
    assert 3 * 3600 <= runs["used_s"] < 3 * 3600 + 600
    assert runs["left_s"] == runs["total_s"] - runs["used_s"]
    assert (clock("accept")["running"], clock("accept")["unit"]) == (False, "wh")
    now = datetime.now(UTC)
    loop.step("operator", handling, "suspend", now, told={"until": (now + 9 * HOUR).isoformat()})
    stands = clock("handle")
    assert (stands["running"], stands["paused"]) == (False, True)
    assert stands["used_s"] >= runs["used_s"]


def test_what_is_asked_comes_with_its_answers_first_for_who_may_give_them(app, db, loop, handling):
    clerk, operator = Browser(app, db, loop.urban.id), Browser(app, db, loop.operator.id)
    path = f"/api/v1/incidents/{handling}"
    more = {"amount": 2, "unit": "wd"}
    said = {"id": str(uuid.uuid4()), "step": "ask_extend", "reason": "weather", "with": more}
    assert clerk.post(f"{path}/steps", said).json["asks"] == ["ask_extend"]
    assert "ask_extend" in operator.get("/api/v1/me").json["waits"]
    assert "ask_extend" not in clerk.get("/api/v1/me").json["waits"]
    seen = operator.get(path).json
    assert [(ask["ask"], ask["with"], ask["answers"]) for ask in seen["asked"]] == [
        ("ask_extend", more, ["extend", "refuse"])
    ]
    assert [step["step"] for step in seen["steps"][:2]] == ["extend", "refuse"]
    assert "extend" not in [step["step"] for step in clerk.get(path).json["steps"]]
    no = {"id": str(uuid.uuid4()), "step": "refuse", "reason": "not-justified"}
    assert operator.post(f"{path}/steps", no).json["asks"] == []
    assert operator.get(path).json["asked"] == []
