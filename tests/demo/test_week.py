"""A simulated week: the whole loop by a clock of its own, the same for the same dice, and all of it in the logs."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import text

from gridmap.demo.week import WeekPlay
from gridmap.demo.week_cast import Cast
from gridmap.demo.week_figures import figures_of
from gridmap.incidents.verify import verify_incidents
from gridmap.wiring import wire
from tests.incidents.loop import build_loop
from tests.worlds import NOON


@pytest.fixture
def loop(db, town):
    wire()
    return build_loop(db, town)


def played(db, seed, a_day=12, days=7):
    """Play, count, verify, and leave the district as it was."""
    play = WeekPlay(Cast(db, NOON), NOON, Random(seed), a_day, timedelta(days=days))
    db.execute(text("SAVEPOINT before_the_week"))
    play.run()
    told = figures_of(db, play), verify_incidents(db)
    db.execute(text("ROLLBACK TO SAVEPOINT before_the_week"))
    db.expire_all()
    return told


def test_a_week_goes_the_whole_way_and_its_figures_come_out_of_the_logs_alone(loop):
    figures, defects = played(loop.db, 2)
    assert figures["from_logs"]
    assert defects == []
    happened = {"file", "dispatch", "accept", "handle", "check", "feedback", "close", "contact", "call-back",
                "whistle", "whistle acknowledge", "escalation"}  # fmt: skip
    assert {each for each in happened if not figures["acts"].get(each)} == set()
    assert figures["matters"] == sum(figures["states"].values()) > 40
    assert figures["states"]["closed"] > figures["matters"] / 3
    assert figures["indicators"]["handled_on_time"]["numerator"] > 0
    assert sum(figures["refused"].values()) < figures["matters"] / 10


def test_the_same_dice_play_the_same_week_and_others_another(loop):
    first, again, other = (played(loop.db, seed, days=1)[0] for seed in (3, 3, 4))
    assert first == again
    assert first["acts"] != other["acts"]
