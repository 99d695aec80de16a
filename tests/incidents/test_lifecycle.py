"""An incident from noticed to closed: through all stages, along every exception, by those whose step it is."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from gridmap.errors import Conflict, GridmapError, Invalid, NotAllowed, NotFound
from gridmap.incidents.actions import NotToldYet, StepDraft, SteppedMeanwhile, act
from gridmap.incidents.asking import asker_of
from gridmap.incidents.history import events_of, handled_by, open_asks
from gridmap.incidents.queries import Filter, held_thing, incident_page
from gridmap.incidents.refusing import StepNotAllowed
from gridmap.incidents.replay import clocks_from, parties_of
from gridmap.incidents.rules import STAGE_OF, LogRow, Stage, State, fold
from gridmap.incidents.rulings import book_of
from gridmap.incidents.similar import similar_open
from gridmap.incidents.steps import STEPS, steps_from
from gridmap.incidents.taking import hold
from gridmap.incidents.verify import is_intact, verify_incidents
from gridmap.people.rules import scope_of
from gridmap.reports.rules import Evidence
from tests.incidents.loop import HOUR, REASON, build_loop
from tests.incidents.test_steps import sent
from tests.worlds import NOON, point

DAY = timedelta(days=1)


@pytest.fixture
def loop(db, town):
    return build_loop(db, town)


def test_five_people_take_one_matter_through_all_seven_stages(loop):
    key = loop.incident("hotline")
    seen = [STAGE_OF[State(loop.row(key).state)]]
    for hours, (who, name, said) in enumerate([
        ("worker", "verify", {"told": {"found": True}}),
        ("operator", "file", {}),
        ("operator", "dispatch", {"told": {"department": "urban"}}),
        ("urban", "accept", {}),
        ("urban", "handle", {"note": "已清运"}),
        ("chief", "check", {}),
        ("operator", "feedback", {"note": "已告知", "told": {"satisfied": True}}),
        ("township", "close", {"note": "办结"}),
    ], 1):  # fmt: skip
        assert loop.step(who, key, name, NOON + hours * HOUR, **said)
        seen.append(STAGE_OF[State(loop.row(key).state)])
    assert list(dict.fromkeys(seen)) == list(Stage)
    row = loop.row(key)
    assert (row.state, row.level, row.closed_at) == ("closed", "district", NOON + 8 * HOUR)
    assert loop.clocks(key) == {}


def test_nothing_is_closed_before_somebody_who_waits_was_told(loop):
    key = loop.incident("hotline")
    loop.step("operator", key, "file")
    loop.step("worker", key, "accept")
    loop.step("worker", key, "handle", note="已清运")
    loop.step("chief", key, "check")
    with pytest.raises(NotToldYet, match="Tell them the result first"):
        loop.step("operator", key, "close", note="办结")
    loop.step("operator", key, "feedback", note="已告知")
    loop.step("operator", key, "close", note="办结")


def test_what_is_fixed_on_the_spot_is_not_over_while_somebody_waits_for_an_answer(loop):
    hashes = [uuid.uuid4().bytes * 2 for _ in range(2)]
    sent(loop.db, loop.worker, *hashes)
    proof = tuple(Evidence(sha256, role) for sha256, role in zip(hashes, ("before", "after"), strict=True))
    key = loop.incident()
    loop.step("operator", loop.incident("hotline"), "merge", told={"into": loop.row(key).number})
    loop.step("worker", key, "fix", note="已清理", evidence=proof)
    row = loop.row(key)
    assert (row.state, row.closed_at, row.due_at is not None) == ("handled", None, True)


def test_who_handled_it_does_not_check_it(loop):
    key = loop.incident()
    loop.step("chief", key, "accept")
    loop.step("chief", key, "handle", note="已清运")
    with pytest.raises(NotAllowed, match="does not judge it"):
        loop.step("chief", key, "check")
    loop.step("township", key, "check")


def test_a_class_that_asks_for_proof_is_not_handled_without(loop):
    loop.db.execute(text("UPDATE category SET evidence = 'photo' WHERE code = '0201'"))
    key = loop.incident()
    loop.step("worker", key, "accept")
    with pytest.raises(Invalid, match="after the work"):
        loop.step("worker", key, "handle", note="已清运")


@pytest.mark.parametrize(
    ("who", "told", "sentence"),
    [
        ("chief", {"department": "urban"}, "inside the grid"),
        ("chief", {"level": "township"}, "inside the grid"),
        ("township", {"department": "urban"}, "inside its township"),
        ("township", {"level": "district"}, "inside its township"),
        ("township", {"department": "none"}, "no department none"),
    ],
)
def test_each_desk_dispatches_within_its_own(loop, who, told, sentence):
    key = loop.incident()
    with pytest.raises(Invalid, match=sentence):
        loop.step(who, key, "dispatch", told=told)
    assert loop.row(key).state == "filed"


def test_every_hop_between_levels_has_its_reason_and_its_clock(loop):
    key = loop.incident()
    loop.step("township", key, "dispatch", told={"department": "north"})
    assert loop.row(key).level == "township"
    loop.step("bureau", key, "return", NOON + HOUR)
    loop.step("township", key, "escalate", NOON + 2 * HOUR)
    row = loop.row(key)
    assert (row.level, row.state, row.holder_department_id) == ("district", "filed", None)
    loop.step("operator", key, "dispatch", NOON + 3 * HOUR, told={"level": "chief"})
    assert loop.clocks(key)["accept"].started_at == NOON + 3 * HOUR
    with pytest.raises(NotAllowed, match="Others have it in hand"):
        loop.step("worker", key, "accept", NOON + 3 * HOUR)
    loop.step("chief", key, "accept", NOON + 4 * HOUR)
    reasons = loop.db.scalars(text("SELECT reason FROM incident_log WHERE incident_id = :id ORDER BY seq"), {"id": key})
    assert [reason for reason in reasons if reason] == ["not-ours", "overdue"]


def test_a_reason_that_is_on_no_list_is_refused_with_the_list(loop):
    key = loop.incident()
    with pytest.raises(Invalid, match="false-alarm"):
        loop.step("operator", key, "reject", reason="no time")


def test_a_matter_withdrawn_from_townships_is_not_sent_to_one(loop):
    loop.db.execute(
        text("INSERT INTO duty (category, area_id, list, owner_id, valid) VALUES ('0201', :area, 'withdrawn', :owner,"
             " daterange('2020-01-01', NULL))"),
        {"area": loop.town.district_id, "owner": loop.departments["urban"]},
    )  # fmt: skip
    key = loop.incident()
    with pytest.raises(Conflict, match="withdrawn from the townships"):
        loop.step("operator", key, "dispatch", told={"department": "north"})
    loop.step("operator", key, "dispatch", told={"department": "urban"})


def test_a_party_reads_and_steps_as_its_part_says_and_until_its_end(loop):
    key = loop.incident()
    scope = scope_of(loop.bureau, "incident.read")

    def listed():
        return incident_page(loop.db, scope, Filter(), now=NOON, limit=5).total

    assert listed() == 0
    with pytest.raises(NotFound):
        loop.step("bureau", key, "note", note="x")
    loop.step("operator", key, "add_party", told={"department": "north", "role": "assist"})
    assert listed() == 1
    with pytest.raises(NotAllowed, match="may see this incident"):
        loop.step("bureau", key, "note", NOON + HOUR, note="x")
    loop.step("operator", key, "add_party", told={"department": "north", "role": "lead"})
    loop.step("bureau", key, "note", NOON + HOUR, note="x")
    with pytest.raises(Conflict, match="has a lead unit"):
        loop.step("operator", key, "add_party", NOON + HOUR, told={"department": "urban", "role": "lead"})
    lead = loop.db.scalar(text("SELECT seq FROM party WHERE role = 'lead'"))
    loop.step("operator", key, "end_party", NOON + 2 * HOUR, told={"party": lead})
    with pytest.raises(NotAllowed):
        loop.step("bureau", key, "note", NOON + 3 * HOUR, note="x")


def test_a_temporary_member_takes_part_until_its_end(loop):
    key = loop.incident()
    until = (NOON + DAY).isoformat()
    told = {"person": loop.stranger.id, "role": "member", "until": until}
    loop.step("operator", key, "add_party", told=told)
    loop.step("stranger", key, "note", NOON + HOUR, note="x")
    with pytest.raises(NotFound):
        loop.step("stranger", key, "note", NOON + DAY, note="x")


def test_a_suspension_stops_the_clocks_until_its_hour(loop):
    key = loop.incident()
    loop.step("worker", key, "accept")
    due = loop.row(key).due_at
    loop.step("operator", key, "suspend", NOON + HOUR, told={"until": (NOON + 3 * DAY).isoformat()})
    loop.step("operator", key, "resume", NOON + DAY + HOUR)
    row = loop.row(key)
    assert (row.state, row.due_at) == ("handling", due + DAY)


def test_what_is_asked_waits_for_a_desk_until_it_is_answered(loop):
    key = loop.incident()
    for who, name, told in (("operator", "dispatch", {"department": "urban"}), ("urban", "accept", {})):
        loop.step(who, key, name, told=told)
    until = (NOON + 9 * HOUR).isoformat()

    def asks():
        (row,) = incident_page(loop.db, scope_of(loop.operator, "incident.read"), Filter(), now=NOON, limit=9).rows
        assert verify_incidents(loop.db) == []
        return row.asks

    loop.step("urban", key, "ask_help", note="要吊车")
    loop.step("urban", key, "ask_extend", told={"amount": 2, "unit": "wd"})
    assert asks() == ["ask_extend", "ask_help"]
    loop.step("operator", key, "extend", told={"amount": 1, "unit": "wd"})
    assert asks() == ["ask_help"]
    loop.step("operator", key, "add_party", told={"department": "north", "role": "assist"})
    assert asks() == []
    loop.step("urban", key, "ask_help", note="要吊车")
    loop.step("operator", key, "refuse")
    assert asks() == []
    loop.step("urban", key, "ask_suspend", told={"until": until})
    assert asks() == ["ask_suspend"]
    loop.db.execute(text("UPDATE incident SET asks = '{ask_help}' WHERE id = :id"), {"id": key})
    assert [defect.columns for defect in verify_incidents(loop.db)] == [("asks",)]
    loop.db.execute(text("UPDATE incident SET asks = '{ask_suspend}' WHERE id = :id"), {"id": key})
    # Whatever takes it out of the hands that asked leaves nothing to answer.
    loop.step("urban", key, "return")
    assert asks() == []


def test_what_is_merged_keeps_its_number_and_leads_to_the_survivor(loop):
    first, second = loop.incident(), loop.incident("hotline")
    number, survivor = loop.row(second).number, loop.row(first).number
    with pytest.raises(Invalid, match="nothing to do with itself"):
        loop.step("operator", first, "merge", told={"into": survivor})
    loop.step("operator", second, "merge", told={"into": survivor})
    row = loop.row(second)
    assert (row.state, row.merged_into, row.closed_at) == ("merged", first, NOON)
    assert loop.row(first).seq == 3, "the survivor's log says who joined"
    scope = scope_of(loop.operator, "incident.read")
    found = incident_page(loop.db, scope, Filter(number=number), now=NOON, limit=5)
    assert [item.id for item in found.rows] == [first]
    assert (
        loop.db.scalar(
            text("SELECT count(*) FROM incident_source WHERE incident_id = :id AND left_at IS NULL"), {"id": first}
        )
        == 2
    )
    third = loop.incident()
    loop.step("operator", third, "derive", told={"origin": number})
    assert loop.row(third).arose_from == first


def test_what_is_near_in_place_class_and_time_is_offered(loop):
    near, other_class, far = loop.incident(), loop.incident(category="0301"), loop.incident(where=(1.5, 2.5))
    scope = scope_of(loop.operator, "incident.read")
    found = similar_open(loop.db, point(0.51, 2.5), 8.0, "0201", NOON + HOUR, scope)
    assert [each.id for each in found] == [near]
    assert 0.5 < found[0].score < 1
    assert {other_class, far}.isdisjoint({each.id for each in found})
    south = scope_of(loop.stranger, "incident.read")
    assert similar_open(loop.db, point(0.51, 2.5), 8.0, "0201", NOON, south) == []


def test_a_correction_moves_it_to_the_grid_of_its_day(loop):
    key = loop.incident()
    lon, lat = point(1.5, 0.5)
    loop.step("operator", key, "correct", told={"place": {"lon": lon, "lat": lat, "accuracy_m": 5}, "severity": 2})
    row = loop.row(key)
    assert (row.duty_grid_id, row.path, row.severity) == (loop.town.grid_ids["F"], loop.town.path_of("F"), 2)
    with pytest.raises(Invalid, match="future"):
        loop.step("operator", key, "correct", told={"occurred_at": (NOON + DAY).isoformat()})


def test_a_clock_that_runs_keeps_the_rule_of_its_day(loop):
    key = loop.incident()
    loop.step("worker", key, "accept")
    due = loop.clocks(key)["handle"].due_at
    loop.db.execute(text("UPDATE clock_rule SET valid = daterange(lower(valid), '2026-03-04') WHERE stage = 'handle'"))
    loop.db.execute(
        text("INSERT INTO clock_rule (category, condition, stage, amount, unit, calendar, valid, note)"
             " SELECT NULL, 'severity=3', 'handle', 1, 'h', calendar, daterange('2026-03-04', NULL), 'x'"
             " FROM clock_rule LIMIT 1")
    )  # fmt: skip
    loop.step("operator", key, "note", NOON + 2 * DAY, note="x")
    assert loop.clocks(key)["handle"].due_at == due


def test_the_slower_is_told_what_was_done_and_by_whom(loop):
    key = loop.incident("hotline")
    loop.step("operator", key, "file", seq=1)
    with pytest.raises(SteppedMeanwhile, match="“File” was taken by 陈立民") as told:
        loop.step("second", key, "file", seq=1)
    assert told.value.members["step"] == "file"


# What each argument may be, for a walk that knows nothing of the rules.
def arguments_for(step, loop, others, at, draw):
    until = (at + timedelta(hours=draw(st.integers(1, 90)))).isoformat()
    whom = draw(st.sampled_from([
        {"department": "urban"}, {"department": "north"}, {"person": loop.worker.id}, {"person": loop.chief.id},
        {"level": "chief"}, {"level": "township"}, {"level": "full-time"},
    ]))  # fmt: skip
    if step.name in ("dispatch", "add_party"):
        if step.name == "dispatch":
            return whom
        whom = whom if "level" not in whom else {"department": "urban"}
        more = {"until": until} if draw(st.booleans()) else {}
        return {**whom, "role": draw(st.sampled_from(["lead", "assist", "member"])), **more}
    return {
        "suspend": {"until": until},
        "ask_suspend": {"until": until},
        "extend": {"amount": draw(st.integers(1, 5)), "unit": draw(st.sampled_from(["h", "wh", "wd"]))},
        "ask_extend": {"amount": 2, "unit": "wd"},
        "merge": {"into": str(draw(st.sampled_from(others)))},
        "derive": {"origin": str(draw(st.sampled_from(others)))},
        "correct": draw(st.sampled_from([
            {"severity": 2}, {"severity": 4}, {"category": "0301"}, {"occurred_at": (NOON - HOUR).isoformat()},
            {"place": dict(zip(("lon", "lat"), point(1.5, 2.5), strict=True))},
        ])),
        "end_party": {"party": draw(st.integers(2, 12))},
    }.get(step.name, {})  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_replaying_any_walk_rebuilds_row_parties_and_clocks(loop, data):
    savepoint = loop.db.begin_nested()
    source = data.draw(st.sampled_from(["patrol", "hotline", "camera", "web"]))
    key, other, at = loop.incident(source), loop.incident(), NOON
    steps = 0
    for _ in range(14):
        at += timedelta(minutes=data.draw(st.integers(0, 3000)))
        (held,) = hold(loop.db, [key], None, at).values()
        who = data.draw(st.sampled_from(sorted(loop.actors)))
        actor = loop.actors[who]
        asker = asker_of(actor, held, held_thing(actor, held, acting=True), handled_by(events_of(loop.db, key)))
        possible = [step for step in steps_from(State(held.state), held.severity, asker) if step.name != "fix"]
        if not possible:
            continue
        step = data.draw(st.sampled_from(possible))
        told = arguments_for(step, loop, [other], at, data.draw)
        draft = StepDraft(uuid.uuid4(), step.name, REASON.get(step.name), "话", arguments=told)
        inner = loop.db.begin_nested()
        try:
            act(loop.db, actor, key, draft, at)
        except GridmapError:
            inner.rollback()
        else:
            inner.commit()
            steps += 1
    assert_log_says_it_all(loop.db, key)
    savepoint.rollback()


def assert_log_says_it_all(db, key):
    log = "SELECT seq, to_state, data, hash FROM incident_log WHERE incident_id = :id ORDER BY seq"
    rows = db.execute(text(log), {"id": key})
    folded = fold(LogRow(row.seq, row.to_state, row.data, bytes(row.hash)) for row in rows)
    folded["log_hash"] = "\\x" + folded["log_hash"].hex()
    rebuilt = (
        db.execute(
            text("SELECT * FROM jsonb_populate_record(NULL::incident, CAST(:row AS jsonb))"),
            {"row": json.dumps(folded)},
        )
        .mappings()
        .one()
    )
    stored = db.execute(text("SELECT * FROM incident WHERE id = :id"), {"id": key}).mappings().one()
    beside = ("tile", "asks")
    assert {name: value for name, value in rebuilt.items() if name not in beside} == {
        name: value for name, value in stored.items() if name not in beside
    }
    events = events_of(db, key)
    assert stored["asks"] == [ask.step for ask in open_asks(events)]
    parties = db.execute(
        text("SELECT seq, department_id, person_id, role, lower(valid) AS begins, upper(valid) AS ends FROM party"
             " WHERE incident_id = :id AND NOT isempty(valid) ORDER BY seq"), {"id": key},
    )  # fmt: skip
    said = [party for party in parties_of(events) if party.ends is None or party.ends > party.begins]
    assert [tuple(row) for row in parties] == [
        (p.seq, p.department_id, p.person_id, p.role, p.begins, p.ends) for p in said
    ]
    (held,) = hold(db, [key], None, NOON).values()
    kept = db.execute(text("SELECT * FROM clock WHERE incident_id = :id ORDER BY since_seq, stage"), {"id": key}).all()
    clocks = clocks_from(events, held.grid_kind, book_of(db, held.time_zone).ruling)
    assert [(c.stage, c.since_seq, c.rule_id, c.started_at, c.due_at, c.stopped_at, c.provisional) for c in kept] == [
        (c.stage, c.since_seq, c.rule_id, c.started_at, c.due_at, c.stopped_at, c.provisional)
        for c in sorted(clocks, key=lambda clock: (clock.since_seq, clock.stage))
    ]
    assert is_intact(db, key)


def test_a_party_that_the_log_does_not_know_is_found(loop):
    key = loop.incident()
    loop.step("operator", key, "add_party", told={"department": "north", "role": "assist"})
    assert [defect.fault for defect in verify_incidents(loop.db) if defect.incident_id == key] == []
    loop.db.execute(text("UPDATE party SET role = 'lead'"))
    assert [(d.fault, d.seq) for d in verify_incidents(loop.db) if d.incident_id == key] == [("parties", 3)]


def test_every_state_is_reached_and_left_by_some_step():
    assert {state for step in STEPS for state in step.origins} == set(State)
    assert {step.to for step in STEPS if step.to} == set(State) - {State.REPORTED}


def test_a_step_out_of_order_names_the_ones_in_order(loop):
    key = loop.incident()
    with pytest.raises(StepNotAllowed, match="Possible now: Dispatch, "):
        loop.step("operator", key, "check")
