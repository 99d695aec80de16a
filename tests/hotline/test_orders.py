"""Orders of the hotline: taken in once, repeats joined, called back, taken up again a level higher."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from gridmap.database import make_engine
from gridmap.errors import Conflict, Invalid, NotFound, OtherContent
from gridmap.hotline.calling import Called, note_call, note_contact
from gridmap.hotline.contacts import forget_contacts, say_who_reads
from gridmap.hotline.intake import OtherOrder, receive_orders
from gridmap.hotline.queries import figures
from gridmap.hotline.rules import Caller, OrderDraft, Outcome, Satisfied
from gridmap.incidents.drafts import NotToldYet
from gridmap.incidents.escalations import fire_due
from gridmap.people.rules import Role, scope_of
from gridmap.wiring import wire
from tests.desks import south_path
from tests.incidents.loop import HOUR, build_loop
from tests.worlds import NOON, build_town, person, point

WANG = Caller("王小明", "138 0000 1234", "清河路 12 号")


@pytest.fixture
def loop(db, town):
    wire()
    return build_loop(db, town)


def order(number=None, caller=WANG, at=(0.5, 2.5), **more):
    lon, lat = point(*at)
    place = {"lon": lon, "lat": lat, "accuracy_m": 20}
    draft = OrderDraft(uuid.uuid4(), "12345", number, "楼下垃圾无人清运", "0201", caller, place, NOON)
    return replace(draft, **more)


def receive(loop, *drafts, at=NOON):
    return receive_orders(loop.db, loop.operator, drafts, at)


def stored(loop, draft):
    return loop.db.execute(
        text("SELECT o.*, s.incident_id AS now FROM hotline_order o JOIN incident_source s ON s.report_id = o.id"
             " AND s.left_at IS NULL WHERE o.id = :id"), {"id": draft.id},
    ).one()  # fmt: skip


def close(loop, incident, at=NOON):
    """Take an incident to its end, by a township's department."""
    for who, step, told, said in (
        ("operator", "file", None, {}),
        ("operator", "dispatch", {"department": "north"}, {}),
        ("bureau", "accept", None, {}),
        ("bureau", "handle", None, {"note": "已清运"}),
        ("operator", "check", None, {}),
        ("operator", "feedback", None, {"note": "已告知"}),
        ("operator", "close", None, {"note": "已清运,现场干净"}),
    ):
        if step == "file" and loop.row(incident).state in ("filed", "reopened"):
            continue
        loop.step(who, incident, step, at, told=told, **said)


def calls(loop):
    return loop.db.execute(text("SELECT * FROM call_back ORDER BY closing_seq, id")).all()


def call(loop, outcome, satisfied=None, at=NOON, n=-1, **more):
    called = Called(uuid.uuid4(), outcome, satisfied, **more)
    return note_call(loop.db, loop.operator, calls(loop)[n].id, called, "zh-CN", at)


def test_an_order_is_stored_once_by_its_number_whoever_sends_it_again(loop):
    first = order("A-1", received_at=NOON - timedelta(minutes=20))
    assert receive(loop, first) == receive(loop, first, at=NOON + HOUR) == {first.id: first.id}
    same = replace(first, id=uuid.uuid4())
    assert receive(loop, same) == {same.id: first.id}  # another id: the number says that it is the same order
    with pytest.raises(OtherOrder):
        receive(loop, replace(first, id=uuid.uuid4(), caller=Caller(phone="13900000000")))
    with pytest.raises(OtherContent):
        receive(loop, replace(first, number="A-2", text="别的"))
    row = stored(loop, first)
    # The caller waits since the hotline took the call.
    assert (row.contact_due_at, row.first_contact_at) == (NOON + timedelta(minutes=40), None)
    assert loop.row(row.now).source == "hotline"
    assert loop.db.execute(text("SELECT count(*) FROM incident")).scalar() == 1


def test_an_order_without_place_number_or_caller_is_taken_all_the_same(loop):
    bare = order(caller=Caller(), place=None)
    receive(loop, bare)
    row = stored(loop, bare)
    assert row.number == loop.row(row.now).number
    assert not row.real_name
    say_who_reads(loop.db, None)
    assert loop.db.execute(text("SELECT count(*) FROM contact")).scalar() == 0


def test_contacts_are_hidden_from_whoever_does_not_say_who_reads(loop):
    receive(loop, order("A-1"))
    assert loop.db.execute(text("SELECT phone FROM contact")).scalar() == "138 0000 1234"
    loop.db.execute(text("SELECT set_config('gridmap.actor', '', true)"))
    assert loop.db.execute(text("SELECT count(*) FROM contact")).scalar() == 0


def test_repeats_are_merged_with_their_numbers_and_the_second_brings_the_leader(loop):
    leader = loop.urban.id
    loop.db.execute(text("UPDATE department SET leader_id = :who WHERE code = 'urban'"), {"who": leader})
    first, again, third, other = order("A-1"), order("A-2"), order("A-3"), order("A-4", at=(1.5, 0.5))
    receive(loop, first)
    incident = stored(loop, first).now
    loop.step("operator", incident, "file")
    loop.step("operator", incident, "dispatch", told={"department": "urban"})
    receive(loop, again, other)
    repeat = stored(loop, again)
    assert (repeat.now, repeat.repeats_id, repeat.repeat_n) == (incident, first.id, 1)
    assert loop.row(repeat.incident_id).state == "merged"
    assert stored(loop, other).now != incident  # the same caller, another place
    fire_due(loop.db, NOON)
    assert loop.row(incident).state == "dispatched"
    receive(loop, third)
    assert stored(loop, third).repeat_n == 2
    for _ in range(2):  # once, however often the job runs
        fire_due(loop.db, NOON + timedelta(minutes=1))
    notices = loop.db.execute(text("SELECT person_id FROM outbox WHERE event = 'second_repeat'")).scalars().all()
    assert notices.count(leader) == 1
    (party,) = loop.db.execute(text("SELECT person_id FROM party WHERE incident_id = :id AND role = 'member'"),
                               {"id": incident}).scalars()  # fmt: skip
    assert party == leader
    call = loop.db.execute(
        text("SELECT c.acknowledge_due_at, d.code, l.step, l.role, n.body FROM whistle_call c JOIN department d"
             " ON d.id = c.department_id JOIN incident_log l ON l.incident_id = c.incident_id AND l.seq = c.seq"
             " JOIN incident_note n ON n.incident_id = l.incident_id AND n.seq = l.seq WHERE c.incident_id = :id"),
        {"id": incident},
    ).one()  # fmt: skip
    assert (call.code, call.step, call.role, call.acknowledge_due_at > NOON) == ("urban", "whistle", "system", True)
    name = loop.db.scalar(text("SELECT name FROM person WHERE id = :id"), {"id": leader})
    assert name in call.body, "the log names the leader who goes there"
    numbers = loop.db.execute(text("SELECT count(DISTINCT i.number) FROM hotline_order o JOIN incident i"
                                   " ON i.id = o.incident_id")).scalar()  # fmt: skip
    assert numbers == 4


def test_a_repeat_across_a_border_is_left_to_the_desk_above_both(loop, town):
    south = south_path(town)
    there, here = order("C-1", at=(0.5, 1.06)), order("E-1", at=(0.5, 0.94))
    receive(loop, there)
    clerk = person(loop.db, Role.TOWNSHIP, south, area_id=int(south.rsplit(".", 1)[-1]))
    receive_orders(loop.db, clerk, [here], NOON)
    row = stored(loop, here)
    assert (row.now, row.repeats_id, loop.row(row.now).path) == (row.incident_id, None, town.path_of("E"))
    told = text("SELECT person_id FROM outbox WHERE event = 'repeat_elsewhere'")
    assert set(loop.db.execute(told).scalars()) == {loop.operator.id, loop.second.id}
    again = order("E-2", at=(0.5, 0.94))
    receive_orders(loop.db, clerk, [again], NOON)
    assert stored(loop, again).now == row.now, "its own matters are still found"


def test_a_caller_who_calls_again_is_still_owed_a_call(loop):
    first, again = order("A-1"), order("A-2", received_at=NOON + HOUR)
    receive(loop, first)
    note_contact(loop.db, loop.operator, first.id, uuid.uuid4(), "已联系", NOON + HOUR)
    receive(loop, again, at=NOON + HOUR)
    assert stored(loop, again).first_contact_at is None
    fire_due(loop.db, NOON + 3 * HOUR)
    told = text("SELECT count(*) FROM outbox WHERE event = 'repeat_contact_overdue'")
    assert loop.db.execute(told).scalar() > 0
    assert note_contact(loop.db, loop.operator, again.id, uuid.uuid4(), "再次联系", NOON + 3 * HOUR)
    assert stored(loop, again).first_contact_at == NOON + 3 * HOUR


def test_a_caller_merged_by_hand_keeps_what_was_promised(loop):
    first, patrol = order("A-1"), loop.incident()
    receive(loop, first)
    loop.step("operator", stored(loop, first).now, "merge", told={"into": loop.row(patrol).number})
    told = text("SELECT count(*) FROM outbox WHERE event = 'repeat_contact_overdue'")
    fire_due(loop.db, NOON + 3 * HOUR)
    assert loop.db.execute(told).scalar() > 0, "the clock of the call goes on without its incident"
    loop.step("worker", patrol, "accept", NOON + HOUR)
    loop.step("worker", patrol, "handle", NOON + HOUR, note="已清运")
    loop.step("operator", patrol, "check", NOON + HOUR)
    with pytest.raises(NotToldYet):
        loop.step("operator", patrol, "close", NOON + HOUR, note="已清运")
    loop.step("operator", patrol, "feedback", NOON + HOUR, note="已告知")
    again = order("B-1", caller=Caller(phone="13900005678"))
    receive(loop, again, at=NOON + 2 * HOUR)
    loop.step("operator", stored(loop, again).now, "merge", NOON + 2 * HOUR, told={"into": loop.row(patrol).number})
    with pytest.raises(NotToldYet):
        loop.step("operator", patrol, "close", NOON + 3 * HOUR, note="已清运")
    loop.step("operator", patrol, "feedback", NOON + 3 * HOUR, note="已告知")
    loop.step("operator", patrol, "close", NOON + 3 * HOUR, note="已清运")
    assert len(calls(loop)) == 2


def test_overdue_contact_is_told_once(loop):
    receive(loop, order("A-1"))
    told = text("SELECT count(*) FROM outbox WHERE event = 'overdue'")
    fire_due(loop.db, NOON + timedelta(minutes=59))
    assert loop.db.execute(told).scalar() == 0
    fire_due(loop.db, NOON + timedelta(minutes=61))
    n = loop.db.execute(told).scalar()
    fire_due(loop.db, NOON + timedelta(minutes=62))
    assert n == loop.db.execute(told).scalar() > 0


def test_a_call_reaches_one_caller_and_not_the_others_of_the_incident(loop):
    first, other = order("A-1"), order("A-2", caller=Caller(phone="13900005678"))
    receive(loop, first, other)
    ours, theirs = stored(loop, first), stored(loop, other)
    loop.step("operator", theirs.now, "merge", told={"into": loop.row(ours.now).number})
    loop.step("operator", ours.now, "contact", note="已联系一位")
    assert (stored(loop, first).first_contact_at, stored(loop, other).first_contact_at) == (None, None)
    note_contact(loop.db, loop.operator, other.id, uuid.uuid4(), "已联系", NOON)
    assert (stored(loop, first).first_contact_at, stored(loop, other).first_contact_at) == (None, NOON)
    loop.step("operator", ours.now, "contact", note="已联系另一位")  # only one is left to be meant
    assert stored(loop, first).first_contact_at == NOON


def test_a_repeat_of_what_is_closed_is_linked_and_has_its_own_clocks(loop):
    first, again = order("A-1"), order("A-2", received_at=NOON + HOUR)
    receive(loop, first)
    incident = stored(loop, first).now
    close(loop, incident)
    receive(loop, again, at=NOON + HOUR)
    row = stored(loop, again)
    assert row.now == row.incident_id
    assert loop.row(row.now).arose_from == incident
    assert "contact" in loop.clocks(row.now)


def test_every_real_name_order_is_called_back_and_dissatisfaction_goes_one_level_up_once(loop):
    first, silent = order("A-1"), order("A-2", caller=Caller(), at=(1.5, 0.5))
    receive(loop, first, silent)
    incident = stored(loop, first).now
    close(loop, incident)
    assert [(row.order_id, row.due_at) for row in calls(loop)] == [(first.id, NOON + 24 * HOUR)]
    assert loop.row(incident).level == "township"
    with pytest.raises(Invalid):
        call(loop, Outcome.REACHED)
    with pytest.raises(NotFound):
        note_call(loop.db, loop.stranger, calls(loop)[0].id, Called(uuid.uuid4(), Outcome.REFUSED), "en", NOON)
    call(loop, Outcome.NOT_REACHED)
    assert (calls(loop)[0].done_at, calls(loop)[0].due_at) == (None, NOON + 4 * HOUR)
    call(loop, Outcome.REACHED, Satisfied.NO, note="还是脏")
    with pytest.raises(Conflict):
        call(loop, Outcome.REFUSED)
    fire_due(loop.db, NOON)
    assert (loop.row(incident).state, loop.row(incident).level) == ("filed", "district")
    assert stored(loop, first).satisfied == "no"
    # Again closed, again dissatisfied: people decide now.
    close(loop, incident, NOON + HOUR)
    call(loop, Outcome.REACHED, Satisfied.NO, NOON + HOUR)
    fire_due(loop.db, NOON + HOUR)
    assert loop.row(incident).state == "closed"
    told = text("SELECT count(*) FROM outbox WHERE event = 'dissatisfied' AND person_id = :who")
    assert loop.db.execute(told, {"who": loop.supervisor.id}).scalar() == 1
    counts = figures(loop.db, scope_of(loop.operator, "hotline.read"), NOON - HOUR, NOON + 3 * HOUR)
    assert counts | {"to_contact": 0, "contacted_in_time": 0} == {
        "real_name": 1, "to_contact": 0, "contacted_in_time": 0, "to_call": 2, "called": 2, "reached": 2,
        "satisfied": 0, "partly": 0, "dissatisfied": 2,
    }  # fmt: skip


def test_who_is_never_reached_is_left_in_peace_after_three_tries(loop):
    first, again = order("A-1"), order("A-2")
    receive(loop, first, again)
    close(loop, stored(loop, first).now)
    assert len(calls(loop)) == 2
    for _ in range(3):
        call(loop, Outcome.NOT_REACHED, n=0)
    # One telephone rang, for both orders.
    assert [(row.outcome, row.tries) for row in calls(loop)] == [("not-reached", 3)] * 2


def test_what_is_opened_again_is_not_asked_about(loop):
    first = order("A-1")
    receive(loop, first)
    incident = stored(loop, first).now
    close(loop, incident)
    loop.step("operator", incident, "reopen")
    assert calls(loop)[0].outcome == "reopened"
    counts = figures(loop.db, scope_of(loop.operator, "hotline.read"), NOON - HOUR, NOON + HOUR)
    assert (counts["to_call"], counts["called"]) == (0, 0)


def test_calls_wait_for_their_matter_and_hold_nothing_that_it_needs(fresh_database):
    wire()
    engine = make_engine(fresh_database.app)
    said = []

    def ring(actor, key):
        called = Called(uuid.uuid4(), Outcome.REACHED, Satisfied.YES)
        try:
            with Session(engine) as own, own.begin():
                note_call(own, actor, key, called, "en", NOON)
        except (Conflict, OperationalError) as error:
            said.append(type(error))

    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with Session(engine) as db:
        loop = build_loop(db, build_town(db))
        first = order("A-1")
        receive(loop, first, order("A-2"))
        incident = stored(loop, first).now
        close(loop, incident)
        keys = [row.id for row in calls(loop)]
        db.commit()
        db.execute(text("SELECT FROM incident WHERE id = :id FOR NO KEY UPDATE"), {"id": incident})
        threads = [threading.Thread(target=ring, args=(loop.operator, key)) for key in keys]
        for thread in threads:
            thread.start()
        with Session(engine) as other:
            while all(thread.is_alive() for thread in threads) and other.scalar(waiting) < len(keys):
                other.rollback()
                time.sleep(0.01)
        loop.step("operator", incident, "reopen")
        db.commit()
        for thread in threads:
            thread.join()
        assert said == [Conflict, Conflict], "opened again, so nobody is asked"
        assert {row.outcome for row in calls(loop)} == {"reopened"}
    engine.dispose()


def test_names_and_numbers_are_forgotten_180_days_after_closing_and_the_caller_is_still_known(loop):
    first = order("A-1")
    receive(loop, first)
    close(loop, stored(loop, first).now)
    assert forget_contacts(loop.db, NOON + timedelta(days=179)) == 0
    assert forget_contacts(loop.db, NOON + timedelta(days=181)) == 1
    say_who_reads(loop.db, None)
    row = loop.db.execute(text("SELECT name, phone, address, caller_key FROM contact")).one()
    assert row[:3] == (None, None, None)
    assert row.caller_key is not None
