"""From a door to the end of a matter and back: what its reporter reads, what others see, and what is forgotten."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from gridmap.errors import Conflict, Invalid, NotFound
from gridmap.hotline.calling import Called, note_call
from gridmap.hotline.contacts import forget_contacts
from gridmap.hotline.intake import receive_orders
from gridmap.hotline.rules import Caller, OrderDraft, Outcome, Satisfied
from gridmap.incidents.actions import act
from gridmap.incidents.drafts import StepDraft
from gridmap.incidents.rules import Stage, State
from gridmap.people.rules import Role, scope_of, stranger, system_actor
from gridmap.residents.choices import offered
from gridmap.residents.codes import find_door, make_codes
from gridmap.residents.following import story_of
from gridmap.residents.moderating import MODERATE, judge, queue, wishes
from gridmap.residents.nearby import matters_near, zones_near
from gridmap.residents.rating import RatingDraft, decide_again, rate
from gridmap.residents.sending import promises, receive
from gridmap.system.audit import Doer
from gridmap.wiring import wire
from tests.desks import south_path
from tests.residents.doors import add_building, desk, message, new_code

NOBODY = stranger(Doer(None, "public", "10.0.0.1", "test"))
HOUSE = system_actor(Doer(None, "system"))
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture
def door(db, town):
    wire()
    add_building(db, town)
    return find_door(db, new_code(db, town))


def tell(db, door, at=NOW, **other):
    said = message("road", **({"phone": "13800005678", "name": "赵无极"} | other))
    receive(db, NOBODY, door, said, [], [], "zh-CN", at)
    return said.id


def take(db, report_id, *steps, at=NOW, by=HOUSE):
    incident = story_of(db, report_id, at).incident_id
    for n, (step, told) in enumerate(steps):
        act(db, by, incident, StepDraft(uuid.uuid4(), step, **told), at + timedelta(minutes=n))
    return incident


def end(db, report_id, at=NOW):
    """The shortest way to an end that was told."""
    return take(db, report_id, ("reject", {"reason": _reject(db)}), at=at)


def _reject(db):
    return db.scalar(text("SELECT code FROM reason WHERE list = 'reject' ORDER BY code LIMIT 1"))


def rating(**other):
    return RatingDraft(**({"id": uuid.uuid4(), "satisfied": False, "words": "还没修", "again": True} | other))


def test_a_reporter_reads_where_it_stands_and_why_it_is_paused_and_nothing_else(db, door):
    report = tell(db, door)
    begun = story_of(db, report, NOW)
    assert (begun.stage, begun.state) == (Stage.COLLECT, State.REPORTED)
    assert begun.phone == "13800005678"
    assert [clock.stage for clock in begun.clocks] == ["file"]
    take(db, report, ("file", {}), ("note", {"note": "给同事看的话"}))
    take(db, report, ("accept", {}), at=NOW + timedelta(minutes=5))
    until = NOW + timedelta(days=3)
    take(db, report, ("suspend", {"reason": "season", "arguments": {"until": until.isoformat()}}),
         at=NOW + timedelta(minutes=9))  # fmt: skip
    paused = story_of(db, report, NOW + timedelta(minutes=10))
    assert paused.stage is Stage.HANDLE
    assert paused.events[-1].until == until
    assert paused.events[-1].reason is not None
    assert paused.events[-1].reason["zh-CN"] == "季节原因暂不能施工"
    assert "给同事看的话" not in repr(paused)


def test_what_a_caller_said_when_called_back_is_no_news_for_others(db, door):
    report = tell(db, door)
    order = OrderDraft(uuid.uuid4(), "12345", "A-1", "垃圾", "0201", Caller("王小明", "13812345678"), None, NOW)
    receive_orders(db, HOUSE, [order], NOW)
    number = story_of(db, report, NOW).number
    theirs = db.scalar(text("SELECT incident_id FROM incident_source WHERE report_id = :id"), {"id": order.id})
    act(db, HOUSE, theirs, StepDraft(uuid.uuid4(), "merge", arguments={"into": number}), NOW)
    told = {"note": "已告知来电人"}
    take(db, report, ("file", {}), ("accept", {}), ("handle", told), ("check", {}), ("feedback", told), ("close", told))
    call = db.scalar(text("SELECT id FROM call_back WHERE order_id = :id"), {"id": order.id})
    called = Called(uuid.uuid4(), Outcome.REACHED, Satisfied.YES, "王小明说母亲卧病")
    note_call(db, HOUSE, call, called, "zh-CN", NOW + timedelta(hours=1))
    assert [row.told for row in story_of(db, report, NOW + timedelta(hours=1)).feedback] == ["已告知来电人"]


def test_what_is_not_well_is_taken_up_again_once_a_desk_says_so(db, town, door):
    report = tell(db, door)
    with pytest.raises(Conflict, match="not over yet"):
        rate(db, NOBODY, report, rating(), NOW)
    incident = end(db, report)
    with pytest.raises(Invalid, match="what is not well"):
        rate(db, NOBODY, report, rating(words=""), NOW)
    said = rating()
    assert rate(db, NOBODY, report, said, NOW + timedelta(days=1))
    assert not rate(db, NOBODY, report, said, NOW + timedelta(days=1)), "the same form twice"
    with pytest.raises(Conflict, match="rated this already"):
        rate(db, NOBODY, report, rating(), NOW + timedelta(days=1))
    assert story_of(db, report, NOW).state is State.REJECTED, "nothing is taken up again unseen"
    db.execute(text("UPDATE incident SET level = 'chief' WHERE id = :id"), {"id": incident})
    operator = desk(db, town)
    (wish,) = wishes(db, scope_of(operator, MODERATE))
    south = desk(db, town, Role.TOWNSHIP, south_path(town))
    assert wishes(db, scope_of(south, MODERATE)) == []
    with pytest.raises(NotFound):
        decide_again(db, south, wish.id, True, "", NOW)
    with pytest.raises(Invalid, match="Say why"):
        decide_again(db, operator, wish.id, False, "", NOW)
    later = NOW + timedelta(days=2)
    assert decide_again(db, operator, wish.id, True, "", later)
    assert not decide_again(db, operator, wish.id, True, "", later)
    level = db.scalar(text("SELECT level FROM incident WHERE id = :id"), {"id": incident})
    again = story_of(db, report, later)
    assert again.state not in (State.REJECTED, State.CLOSED)
    assert level == "township", "one level higher"
    assert again.rating is not None
    assert again.rating.granted


def test_a_matter_long_over_is_reported_anew(db, door):
    report = tell(db, door)
    end(db, report)
    with pytest.raises(Conflict, match="30 days"):
        rate(db, NOBODY, report, rating(), NOW + timedelta(days=31))


def test_others_see_nothing_before_somebody_looked_and_then_no_more_than_was_approved(db, town, door):
    report = tell(db, door, words="赵无极家门口")
    operator = desk(db, town)
    assert matters_near(db, door, NOW) == []
    rows, total = queue(db, scope_of(operator, MODERATE), "waiting", None, 10)
    assert total == 1
    assert rows[0].text == "赵无极家门口"
    assert "赵无极" not in repr([value for name, value in rows[0]._mapping.items() if name != "text"])
    south = desk(db, town, Role.TOWNSHIP, south_path(town))
    assert queue(db, scope_of(south, MODERATE), "waiting", None, 10) == ([], 0)
    with pytest.raises(NotFound):
        judge(db, south, report, True, True, None, NOW)
    with pytest.raises(Invalid, match="why it is not shown"):
        judge(db, operator, report, False, False, None, NOW)
    judge(db, operator, report, False, True, "personal", NOW)
    (near,) = matters_near(db, door, NOW)
    assert near.text is None
    assert near.photo is None
    assert "13800005678" not in repr(near)
    judge(db, operator, report, False, False, "obscene", NOW)
    assert matters_near(db, door, NOW) == [], "hidden again"


def test_how_to_reach_somebody_is_gone_at_its_term_and_not_while_the_matter_is_open(db, door):
    report = tell(db, door)
    incident = end(db, report)
    due = db.scalar(text("SELECT erase_at FROM contact WHERE report_id = :id"), {"id": report})
    assert due == NOW + timedelta(days=180)
    act(db, HOUSE, incident, StepDraft(uuid.uuid4(), "reopen", reason="dissatisfied"), NOW + timedelta(days=2))
    assert forget_contacts(db, NOW + timedelta(days=400)) == 0
    end_again = NOW + timedelta(days=3)
    take(db, report, ("escalate", {"reason": "danger"}), ("reject", {"reason": _reject(db)}), at=end_again)
    assert forget_contacts(db, end_again + timedelta(days=181)) == 1
    left = db.execute(text("SELECT name, phone, caller_key IS NOT NULL FROM contact")).one()
    assert tuple(left) == (None, None, True), "a second call of the same number is still seen"


def test_codes_are_made_for_an_area_of_ones_own(db, town, door):
    add_building(db, town, "E", "向阳小区1号楼", (0.5, 0.5))
    south = desk(db, town, Role.TOWNSHIP, south_path(town))
    area, printed = make_codes(db, south, "990106002", "building", NOW)
    assert area["code"] == "990106002"
    assert [code.name for code in printed] == ["向阳小区1号楼"]
    assert len(printed[0].token) >= 22, "128 random bits and more"
    with pytest.raises(Conflict, match="has its code"):
        make_codes(db, south, "990106002001", "building", NOW)
    with pytest.raises(Exception, match="outside the area"):
        make_codes(db, south, "990106001", "building", NOW)


def test_only_what_a_rule_says_is_promised_and_a_safe_zone_is_shown(db, door):
    said = promises(db, offered(db, NOW.date()), NOW)
    assert said["road"][-1]["values"]["amount"] == {"n": 8.0, "unit": "h"}
    db.execute(
        text(
            "INSERT INTO safe_zone (id, name, shape, path, valid, drawn_at) SELECT gen_random_uuid(), '煤气泄漏',"
            " ST_Buffer(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)::geography, 50)::geometry, CAST(:path AS ltree),"
            " tstzrange(:at, CAST(:at AS timestamptz) + interval '1 hour'), :at"
        ),
        {"lon": door.lon, "lat": door.lat, "path": door.path, "at": NOW},
    )
    assert [(zone.name, zone.inside) for zone in zones_near(db, door, NOW)] == [("煤气泄漏", True)]
    assert zones_near(db, door, NOW + timedelta(hours=2)) == []
