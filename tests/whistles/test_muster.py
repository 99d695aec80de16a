"""A chief whistles: departments come or are told of, refuse and are judged, and the log alone says all of it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text

from gridmap.errors import Conflict, Invalid, NotAllowed, NotFound, OtherContent
from gridmap.incidents.actions import StepDraft, act
from gridmap.incidents.escalations import fire_due
from gridmap.incidents.verify import verify_incidents
from gridmap.whistles.actions import Spot, WhistleDraft, whistle
from gridmap.whistles.contested import Ruling, decide, precedents
from gridmap.whistles.mustering import AnswerDraft, answer
from gridmap.whistles.queries import contested_page, figures, whistle_page
from gridmap.wiring import wire
from tests.incidents.loop import HOUR, build_loop
from tests.worlds import NOON, point

MINUTE = timedelta(minutes=1)
SCENE = Spot(*point(0.5, 2.5))


@pytest.fixture
def loop(db, town):
    wire()
    return build_loop(db, town)


def blow(loop, incident, *departments, who="chief", at=NOON, key=None, **said):
    draft = WhistleDraft(key or uuid.uuid4(), incident, departments or ("urban",), note="请到现场", **said)
    whistle(loop.db, loop.actors[who], draft, at)
    return draft.id


def say(loop, who, key, action, at=NOON, **said):
    return answer(loop.db, loop.actors[who], key, AnswerDraft(uuid.uuid4(), action, **said), at)


def calls(loop, key):
    rows = loop.db.execute(
        text(
            "SELECT d.code, c.* FROM whistle_call c JOIN department d ON d.id = c.department_id WHERE whistle_id = :i"
        ),
        {"i": key},
    )
    return {row.code: row for row in rows}


def words(loop, incident):
    rows = loop.db.scalars(text("SELECT step FROM incident_log WHERE incident_id = :i ORDER BY seq"), {"i": incident})
    return list(rows)


def told(loop, who):
    return loop.db.scalars(
        text("SELECT subject ->> 'msgid' FROM outbox WHERE person_id = :p ORDER BY asked_at, id"),
        {"p": loop.actors[who].id},
    ).all()


def test_a_department_is_called_comes_tells_and_is_rated(loop):
    incident = loop.incident()
    key = blow(loop, incident, "urban", "north")
    assert any("you are called" in sentence for sentence in told(loop, "urban"))
    call = calls(loop, key)["urban"]
    assert (call.acknowledge_due_at, call.arrive_due_at) == (NOON + 2 * HOUR, NOON + 8 * HOUR)
    say(loop, "urban", key, "acknowledge", NOON + MINUTE)
    say(loop, "urban", key, "arrive", NOON + 3 * HOUR, place=Spot(*point(0.7, 2.5), 12))
    say(loop, "urban", key, "outcome", NOON + 4 * HOUR, outcome="settled", note="已清理")
    say(loop, "chief", key, "rate", NOON + 5 * HOUR, department="urban", rating=4, note="来得快")
    say(loop, "bureau", key, "arrive", NOON + 9 * HOUR, place=SCENE)
    call = calls(loop, key)["urban"]
    assert call.arrived_m == pytest.approx(100, abs=1)
    assert (call.acknowledged_at, call.outcome, call.rating) == (NOON + MINUTE, "settled", 4)
    rows = figures(loop.db, loop_scope(loop, "operator"), NOON, NOON + HOUR, NOON + 9 * HOUR)
    urban, north = {row.code: row for row in rows}["urban"], {row.code: row for row in rows}["north"]
    assert (urban.called, urban.acknowledged_in_time, urban.arrived_in_time, urban.rating) == (1, 1, 1, 4)
    assert (north.acknowledged_in_time, north.acknowledge_of, north.arrived_in_time, north.rating) == (0, 1, 0, None)


def loop_scope(loop, who, action="whistle.read"):
    from gridmap.people.rules import scope_of

    return scope_of(loop.actors[who], action)


def test_the_log_alone_says_what_happened(loop):
    incident = loop.incident()
    key = blow(loop, incident)
    state = loop.row(incident).state
    say(loop, "urban", key, "arrive", NOON + HOUR, place=SCENE)
    say(loop, "urban", key, "outcome", NOON + HOUR, outcome="partly", note="剩下的明天清")
    say(loop, "chief", key, "rate", NOON + HOUR, rating=3)
    assert words(loop, incident)[-4:] == ["whistle", "arrive", "outcome", "rate"]
    rebuilt = {}
    for row in loop.db.execute(
        text("SELECT step, at, data -> 'with' AS said FROM incident_log WHERE incident_id = :i ORDER BY seq"),
        {"i": incident},
    ):
        if row.said and row.said.get("whistle") == str(key):
            rebuilt |= {f"{row.step}_at": row.at, **row.said}
    call = calls(loop, key)["urban"]
    assert (rebuilt["arrive_at"], rebuilt["distance_m"]) == (call.arrived_at, call.arrived_m)
    assert (rebuilt["outcome"], rebuilt["rating"], rebuilt["department"]) == (call.outcome, call.rating, "urban")
    assert rebuilt["acknowledge_due_at"] == call.acknowledge_due_at.isoformat()
    assert loop.row(incident).state == state, "who is called changes nothing of where the incident stands"
    assert verify_incidents(loop.db) == []


def test_silence_climbs_one_tier_at_a_time_once_however_late_the_worker_is(loop):
    incident = loop.incident()
    leader = loop.actors["colleague"].id
    loop.db.execute(text("UPDATE department SET leader_id = :p WHERE code = 'urban'"), {"p": leader})
    key = blow(loop, incident)
    fire_due(loop.db, NOON + 2 * HOUR - MINUTE)
    assert calls(loop, key)["urban"].silent_tier == 0
    fire_due(loop.db, NOON + 2 * HOUR)
    fire_due(loop.db, NOON + 2 * HOUR)
    assert calls(loop, key)["urban"].silent_tier == 1
    assert len([each for each in told(loop, "colleague") if "does not answer" in each]) == 1
    assert not any("does not answer" in each for each in told(loop, "supervisor"))
    # Nobody worked for two days: what was missed is made up, a tier a run.
    fire_due(loop.db, NOON + 48 * HOUR)
    assert any("does not answer" in each for each in told(loop, "operator"))
    fire_due(loop.db, NOON + 48 * HOUR)
    fire_due(loop.db, NOON + 48 * HOUR)
    assert calls(loop, key)["urban"].silent_tier == 3
    assert [each for each in told(loop, "supervisor") if "does not answer" in each] == [told(loop, "supervisor")[0]]
    notices = loop.db.execute(text("SELECT number, tier, cause FROM supervision")).all()
    assert [tuple(row) for row in notices] == [("DC-2026-0001", 3, "silent")]
    assert words(loop, incident).count("silence") == 3


def test_who_answers_or_whose_matter_ends_is_let_be(loop):
    answered, over = loop.incident(), loop.incident()
    first, second = blow(loop, answered), blow(loop, over)
    say(loop, "urban", first, "acknowledge", NOON + HOUR)
    loop.step("operator", over, "reject", NOON + HOUR)
    fire_due(loop.db, NOON + 3 * HOUR)
    assert (calls(loop, first)["urban"].silent_tier, calls(loop, second)["urban"].silent_tier) == (0, 0)
    fire_due(loop.db, NOON + 9 * HOUR)
    assert len([each for each in told(loop, "operator") if "is not there yet" in each]) == 1, (
        "the one who said it comes"
    )


def test_the_same_id_calls_once_and_another_content_is_refused(loop):
    incident, key = loop.incident(), uuid.uuid4()
    blow(loop, incident, key=key)
    assert not whistle(loop.db, loop.chief, WhistleDraft(key, incident, ("urban",), note="请到现场"), NOON + HOUR)
    with pytest.raises(OtherContent):
        blow(loop, incident, "north", key=key)
    draft = AnswerDraft(uuid.uuid4(), "acknowledge")
    assert answer(loop.db, loop.urban, key, draft, NOON)
    assert not answer(loop.db, loop.urban, key, draft, NOON + HOUR)
    assert words(loop, incident).count("acknowledge") == 1


@pytest.mark.parametrize(
    ("who", "departments", "error"),
    [
        ("worker", ("urban",), NotAllowed),
        ("stranger", ("urban",), NotFound),
        ("urban", ("urban",), NotFound),
        ("bureau", ("urban",), NotAllowed),  # called itself, it may read
        ("chief", ("nobody",), Invalid),
        ("chief", ("urban", "urban"), Invalid),
        ("chief", ("south",), Invalid),
        ("chief", ("north",), Conflict),
    ],
)
def test_who_may_call_whom(loop, who, departments, error):
    incident = loop.incident()
    south = int(loop.town.area_path("E", "F").split(".")[1])
    loop.db.execute(
        text("INSERT INTO department (code, area_id, name, names) VALUES ('south', :a, '南', '{}')"), {"a": south}
    )
    blow(loop, incident, "north")
    with pytest.raises(error):
        blow(loop, incident, *departments, who=who)


def test_answers_come_in_their_order_and_from_who_was_called(loop):
    incident = loop.incident()
    key = blow(loop, incident)
    for who, action, said, error in (
        ("urban", "outcome", {"outcome": "settled", "note": "好"}, Conflict),
        ("chief", "acknowledge", {}, NotAllowed),
        ("bureau", "acknowledge", {}, NotFound),
        ("urban", "arrive", {}, Invalid),
        ("urban", "refuse", {"reason": "tired"}, Invalid),
        ("chief", "rate", {"rating": 5}, Conflict),
    ):
        with pytest.raises(error):
            say(loop, who, key, action, **said)
    assert words(loop, incident)[-1] == "whistle"
    with pytest.raises(Conflict, match=r"You are 2\.\d km from the place"):
        say(loop, "urban", key, "arrive", place=Spot(*point(4.5, 2.5), 200))
    with pytest.raises(Invalid, match="no grid of the district"):
        blow(loop, incident, "north", place=Spot(*point(9, 9)))
    say(loop, "urban", key, "arrive", place=SCENE)
    with pytest.raises(Conflict, match="stands at “There”"):
        say(loop, "urban", key, "refuse", reason="not-ours")


def test_two_refusals_are_contested_decided_and_remembered(loop):
    incident, later = loop.incident(), loop.incident(where=(1.5, 2.5))
    key = blow(loop, incident, "urban", "north")
    say(loop, "urban", key, "refuse", NOON + HOUR, reason="not-ours", note="归市政")
    assert contested_page(loop.db, loop_scope(loop, "operator"), decided=False, limit=9).rows == []
    say(loop, "bureau", key, "refuse", NOON + HOUR, reason="not-ours")
    (case,) = contested_page(loop.db, loop_scope(loop, "operator"), decided=False, limit=9).rows
    assert [each["code"] for each in case.refusals] == ["urban", "north"]
    assert any("Decide whose it is" in each for each in told(loop, "operator"))
    ruling = Ruling(uuid.uuid4(), "urban", "2024年纪要：背街归城管", dispatch=True)
    with pytest.raises(NotAllowed):
        decide(loop.db, loop.township, case.id, ruling, NOON + 2 * HOUR)
    assert precedents(loop.db, later, "0201", loop.town.path_of("B")) == []
    assert decide(loop.db, loop.operator, case.id, ruling, NOON + 2 * HOUR)
    assert not decide(loop.db, loop.operator, case.id, ruling, NOON + 3 * HOUR)
    with pytest.raises(Conflict):
        decide(loop.db, loop.second, case.id, Ruling(uuid.uuid4(), "north", "否"), NOON + 3 * HOUR)
    assert loop.row(incident).holder_department_id == loop.departments["urban"]
    (found,) = precedents(loop.db, later, "0201", loop.town.path_of("B"))
    assert (found.code, found.ground, found.same_class) == ("urban", "2024年纪要：背街归城管", True)
    assert precedents(loop.db, later, "0101", loop.town.path_of("B")) == []
    assert words(loop, incident)[-4:] == ["decline", "contest", "arbitrate", "dispatch"]
    assert verify_incidents(loop.db) == []


def test_who_is_called_reads_the_incident_and_lists_keep_to_their_scope(loop):
    incident = loop.incident()
    key = blow(loop, incident)
    assert [
        row.id
        for row in whistle_page(loop.db, loop_scope(loop, "urban"), open_only=True, incident_id=None, limit=9).rows
    ] == [key]
    assert whistle_page(loop.db, loop_scope(loop, "bureau"), open_only=False, incident_id=None, limit=9).rows == []
    with pytest.raises(NotAllowed):  # it reads, and takes no step: that is who holds it
        act(loop.db, loop.urban, incident, StepDraft(uuid.uuid4(), "note", note="看到了"), NOON)
    with pytest.raises(NotFound):
        act(loop.db, loop.bureau, incident, StepDraft(uuid.uuid4(), "note", note="看到了"), NOON)


@pytest.mark.parametrize("course", [["refuse"], ["arrive", "outcome", "rate"]])
def test_who_refused_or_is_done_has_no_more_part_in_it(loop, course):
    incident = loop.incident()
    key = blow(loop, incident)
    said = {
        "refuse": {"reason": "not-ours", "note": "不属于"}, "arrive": {"place": SCENE},
        "outcome": {"outcome": "settled", "note": "已清"}, "rate": {"rating": 4},
    }  # fmt: skip
    for action in course:
        say(loop, "chief" if action == "rate" else "urban", key, action, NOON + HOUR, **said[action])
    parts = loop.db.execute(text("SELECT upper(valid) FROM party WHERE incident_id = :id"), {"id": incident}).scalars()
    assert list(parts) == [NOON + HOUR]
    assert verify_incidents(loop.db) == []
