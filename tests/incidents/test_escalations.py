"""When a time is over something happens by itself, once; and many hands at once take each step once."""

from __future__ import annotations

import random
import threading
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.database import make_engine
from gridmap.errors import GridmapError
from gridmap.incidents.actions import StepDraft, SteppedMeanwhile, act
from gridmap.incidents.escalations import HANDLERS, fire_due, schedule
from gridmap.incidents.verify import verify_incidents
from gridmap.wiring import wire
from tests.incidents.loop import HOUR, build_loop
from tests.worlds import NOON, build_town

DAY = timedelta(days=1)


@pytest.fixture
def loop(db, town):
    wire()
    return build_loop(db, town)


def fired(db, key):
    rows = db.execute(text("SELECT kind, n, fired_at FROM escalation WHERE incident_id = :id"), {"id": key})
    return {(row.kind, row.n): row.fired_at for row in rows}


def test_an_overdue_stage_is_told_once_however_late_and_often_it_is_asked(loop):
    key = loop.incident()
    loop.step("operator", key, "dispatch", NOON, told={"department": "urban"})
    due = loop.clocks(key)["handle"].due_at
    assert ("handle_overdue", 3) not in fired(loop.db, key)
    later = due + 30 * DAY  # nobody worked for a month
    assert fire_due(loop.db, later) >= 2
    assert fired(loop.db, key)["handle_overdue", 3] == later
    assert fire_due(loop.db, later + HOUR) == 0
    told = loop.db.scalar(text("SELECT count(*) FROM outbox WHERE event = 'overdue' AND subject::text LIKE '%处理%'"))
    assert told == 3, "the clerk of the department and the two who sit at the desk above"


def test_what_is_suspended_or_over_is_not_overdue(loop):
    waiting, over = loop.incident(), loop.incident()
    loop.step("worker", waiting, "accept")
    loop.step("operator", waiting, "suspend", told={"until": (NOON + 90 * DAY).isoformat()})
    loop.step("operator", over, "reject")
    fire_due(loop.db, NOON + 60 * DAY)
    assert (fired(loop.db, over), [n for kind, n in fired(loop.db, waiting) if kind == "handle_overdue"]) == ({}, [])


def test_a_suspension_ends_by_itself_at_its_hour(loop):
    key = loop.incident()
    loop.step("worker", key, "accept")
    due = loop.row(key).due_at
    until = NOON + 3 * DAY
    loop.step("operator", key, "suspend", told={"until": until.isoformat()})
    fire_due(loop.db, until - HOUR)
    assert loop.row(key).state == "suspended"
    fire_due(loop.db, until)
    assert (loop.row(key).state, loop.row(key).due_at) == ("handling", due + 3 * DAY)
    assert fire_due(loop.db, until) == 0


def test_what_fails_is_undone_and_tried_again(loop, monkeypatch):
    key = loop.incident()
    schedule(loop.db, key, "odd", 1, NOON)
    assert not schedule(loop.db, key, "odd", 1, NOON)

    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setitem(HANDLERS, "odd", fail)
    with pytest.raises(ZeroDivisionError):
        fire_due(loop.db, NOON)
    assert fired(loop.db, key) == {("odd", 1): None}
    seen = []
    monkeypatch.setitem(HANDLERS, "odd", lambda db, due, at: seen.append(due.n))
    fire_due(loop.db, NOON)
    fire_due(loop.db, NOON)
    assert seen == [1]


def test_many_hands_take_each_step_once_and_the_slower_are_told(fresh_database):
    engine = make_engine(fresh_database.app)
    with Session(engine) as db:
        loop = build_loop(db, build_town(db))
        keys = [loop.incident("hotline") for _ in range(12)]
        desks = [loop.operator, loop.second, loop.township, loop.operator, loop.second]
        db.commit()
    taken: list[uuid.UUID] = []
    slower: list[str] = []
    odd: list[GridmapError] = []
    start = threading.Barrier(len(desks))

    def work(actor, order):
        start.wait()
        for key in order:
            try:
                with Session(engine) as own, own.begin():
                    act(own, actor, key, StepDraft(uuid.uuid4(), "file", seq=1), NOON + HOUR)
                taken.append(key)
            except SteppedMeanwhile as error:
                slower.append(error.sentence())
            except GridmapError as error:
                odd.append(error)

    threads = [
        threading.Thread(target=work, args=(d, random.Random(n).sample(keys, len(keys)))) for n, d in enumerate(desks)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert odd == []
    assert sorted(taken) == sorted(keys)
    assert len(slower) == len(keys) * (len(desks) - 1)
    assert all("“File” was taken by 陈立民 (" in sentence for sentence in slower)
    with Session(engine) as db:
        assert verify_incidents(db) == []
    engine.dispose()
