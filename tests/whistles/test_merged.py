"""What was open on an incident that is merged is found, answered and made up at the one it was merged into."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import text

from gridmap.errors import Conflict, NotFound
from gridmap.incidents.escalations import fire_due
from gridmap.incidents.history import events_of
from gridmap.incidents.replay import parties_of
from gridmap.incidents.verify import verify_incidents
from gridmap.people.rules import scope_of
from gridmap.whistles.access import find_whistle
from gridmap.whistles.actions import Spot, WhistleDraft, whistle
from gridmap.whistles.contested import Ruling, decide
from gridmap.whistles.ladder import open_due
from gridmap.whistles.mustering import AnswerDraft, answer
from gridmap.whistles.queries import callable_departments, contested_page, notice_page, whistle_page
from gridmap.whistles.supervising import answer_notice, close_notice, open_by_hand
from gridmap.wiring import wire
from tests.incidents.loop import HOUR, build_loop
from tests.worlds import NOON, point

SCENE = Spot(*point(0.5, 2.5))


@pytest.fixture
def loop(db, town):
    wire()
    return build_loop(db, town)


def blow(loop, incident, *departments, who="chief"):
    draft = WhistleDraft(uuid.uuid4(), incident, departments)
    whistle(loop.db, loop.actors[who], draft, NOON)
    return draft.id


def say(loop, who, key, action, at=NOON, **said):
    return answer(loop.db, loop.actors[who], key, AnswerDraft(uuid.uuid4(), action, **said), at)


def merge(loop, incident, into, at=NOON):
    loop.step("operator", incident, "merge", at, told={"into": str(into)})


def merged_twice(loop):
    """Three reports of one matter: the first was merged into the second, that into the third, in another grid."""
    first, second, third = loop.incident(), loop.incident(), loop.incident(where=(1.5, 2.5))
    return first, second, third


def at(loop, incident, who="operator"):
    """The ids of what is open and listed under an incident: whistles, then notices."""
    found = whistle_page(
        loop.db, scope_of(loop.actors[who], "whistle.read"), open_only=True, incident_id=incident, limit=9
    )
    notices = notice_page(loop.db, scope_of(loop.actors[who], "supervision.read"), state="waiting", tier=None,
                          incident_id=incident, limit=9)  # fmt: skip
    return [row.id for row in found.rows], [row.id for row in notices.rows], {row.incident_id for row in found.rows}


def followed(loop, incident):
    rows = loop.db.execute(
        text("SELECT data -> 'with' AS told FROM incident_log WHERE incident_id = :i AND step = 'follow' ORDER BY seq"),
        {"i": incident},
    )
    return [row.told for row in rows]


def test_an_open_whistle_and_notice_are_found_and_answered_at_the_survivor(loop):
    first, second, third = merged_twice(loop)
    key, notice = blow(loop, first, "urban"), uuid.uuid4()
    open_by_hand(loop.db, loop.supervisor, first, notice, 1, None, NOON)
    number = loop.row(first).number
    with pytest.raises(NotFound):
        loop.step("urban", third, "note", note="看看")
    merge(loop, first, second)
    merge(loop, second, third)
    assert at(loop, third) == ([key], [notice], {third})
    assert [told.get("whistle") or told.get("supervision") for told in followed(loop, third)] == [str(key), str(notice)]
    # Who was called takes part now where it goes on, and so it says when it is there.
    assert ("assist", loop.departments["urban"]) in {
        (each.role, each.department_id) for each in parties_of(events_of(loop.db, third))
    }
    assert callable_departments(loop.db, third, loop.row(third).path)[-1].waits
    with pytest.raises(Conflict, match="was called"):
        blow(loop, third, "urban", who="operator")

    say(loop, "urban", key, "arrive", NOON + HOUR, place=SCENE)
    answer_notice(loop.db, loop.operator, notice, uuid.uuid4(), "已派人", NOON + HOUR)
    assert [(told["step"], told["number"]) for told in followed(loop, third)[2:]] == [
        ("arrive", number),
        ("answer", number),
    ]
    told = text("SELECT about FROM outbox WHERE subject ->> 'msgid' LIKE '%is there' AND person_id = :p")
    assert loop.db.scalars(told, {"p": loop.chief.id}).all() == [f"incident:{third}"]
    close_notice(loop.db, loop.supervisor, notice, uuid.uuid4(), "办结", NOON + 2 * HOUR)
    assert at(loop, third)[1] == []
    assert verify_incidents(loop.db) == []


def test_silence_goes_on_at_the_survivor_and_lifts_it_onto_the_ladder(loop):
    first, second, third = merged_twice(loop)
    blow(loop, first, "urban")
    merge(loop, first, second)
    merge(loop, second, third)
    for _ in range(3):
        fire_due(loop.db, NOON + 48 * HOUR)
    silent = loop.db.scalar(text("SELECT silent_tier FROM whistle_call"))
    opened = loop.db.execute(text("SELECT incident_id, tier, cause FROM supervision")).all()
    assert (silent, [tuple(row) for row in opened]) == (3, [(third, 3, "silent")])
    assert [told["step"] for told in followed(loop, third)[1:]] == ["silence"] * 3
    loop.step("operator", third, "reject", NOON + 49 * HOUR)
    assert open_due(loop.db, NOON + 90 * HOUR) == 0
    assert at(loop, third)[0] == [], "what goes on with what is over waits no more"


def test_two_refusals_of_one_matter_are_contested_although_it_was_told_of_twice(loop):
    first, second, _ = merged_twice(loop)
    mine, theirs = blow(loop, first, "urban"), blow(loop, second, "north")
    say(loop, "bureau", theirs, "refuse", reason="not-ours")
    merge(loop, first, second)
    say(loop, "urban", mine, "refuse", NOON + HOUR, reason="not-ours")
    scope = scope_of(loop.operator, "whistle.read")
    (case,) = contested_page(loop.db, scope, decided=False, limit=9).rows
    assert (case.incident_id, [each["code"] for each in case.refusals]) == (second, ["north", "urban"])
    ruling = Ruling(uuid.uuid4(), "urban", "背街归城管", dispatch=True)
    assert decide(loop.db, loop.operator, case.id, ruling, NOON + 2 * HOUR)
    assert loop.row(second).holder_department_id == loop.departments["urban"]
    assert loop.row(first).state == "merged"
    assert verify_incidents(loop.db) == []


def test_who_is_called_elsewhere_does_not_see_it_after_a_merger(loop):
    first, second, _ = merged_twice(loop)
    key = blow(loop, first, "urban")
    merge(loop, first, second)
    assert find_whistle(loop.db, loop.urban, key, "whistle.answer").departments == [loop.departments["urban"]]
    for who in ("bureau", "stranger"):
        with pytest.raises(NotFound):
            find_whistle(loop.db, loop.actors[who], key, "whistle.read")


def test_a_matter_without_anything_open_brings_nothing(loop):
    first, second, _ = merged_twice(loop)
    key = blow(loop, first, "urban")
    say(loop, "urban", key, "refuse", reason="not-ours")
    merge(loop, first, second)
    assert followed(loop, second) == []
