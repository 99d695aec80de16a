"""Zones: worked out from what is counted, taken as a whole, dated, and never two for one part."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from gridmap.errors import Conflict, Invalid, NotAllowed, NotFound, OtherContent
from gridmap.people.rules import Role
from gridmap.planning import workbench
from gridmap.planning.proposing import Wish, ask, drop, proposal_of, proposals_of
from gridmap.planning.zone_parts import Group, Skills
from gridmap.planning.zones import take_zones, zones_at
from gridmap.planning.zoning import (
    ZoneWish,
    ask_for_zones,
    cancel_zones,
    drop_zones,
    zone_proposal,
    zone_proposals,
)
from tests.planning.turning import HOUR, add_staff, drawn, halved, open_incident, published, rows
from tests.worlds import CODE, NOON, person

NORTH = "990106001"
LATER = NOON + timedelta(days=1)
IN_TWO = ZoneWish(Group.GRIDS, 2, NORTH)


def asked(db, street, wish=IN_TWO, name=None, at=NOON):
    name = name or uuid.uuid4()
    ask_for_zones(db, street.author, name, wish, at)
    return name


def worked_out(db, street, wish=IN_TWO, at=NOON):
    name = asked(db, street, wish, at=at)
    assert workbench.work_next()
    return found(db, street, name)


def found(db, street, name):
    db.expire_all()
    return zone_proposal(db, street.author, name)


def taken(db, street, proposal, at=NOON, choice=1, names=("东片", "西片"), call=None):
    return take_zones(db, street.author, proposal, call or uuid.uuid4(), choice, names, at)


def in_force(db, at=None, paths=("",)):
    """Letters of each zone's parts by its name, in force at an instant."""
    letter = {code: name for name, code in CODE.items()}
    return {
        zone.name: "".join(sorted(letter.get(member.code, member.code) for member in zone.members))
        for zone in zones_at(db, at, scope_paths=paths)
    }


def groups(proposal, choice=0):
    """Letters of each zone of a choice."""
    letter = {code: name for name, code in CODE.items()}
    told = proposal.answer
    zone = told["choices"][choice]["zone"]
    return {
        "".join(letter.get(part["code"], part["code"]) for part, at in zip(told["parts"], zone, strict=True) if at == n)
        for n in set(zone)
    }


def test_what_weighs_decides_who_goes_together(db, street):
    db.execute(text("UPDATE grid_version SET households = 1200 WHERE code = :code"), {"code": CODE["A"]})
    for at in ((1.5, 1.5), (1.4, 1.4), (1.6, 1.6)):
        open_incident(db, at)
    by_households = worked_out(db, street)
    assert groups(by_households) == {"A", "BCD"}
    assert by_households.answer["choices"][0]["card"]["imbalance_households"] == 0.0
    assert by_households.answer["exact"]
    by_incidents = worked_out(db, street, replace(IN_TWO, weights={"open_incidents": 1}))
    assert by_incidents.answer["choices"][0]["card"]["imbalance"] == 1.0, "all of them lie in D"
    both = worked_out(db, street, replace(IN_TWO, weights={"households": 1, "open_incidents": 2}))
    assert groups(both) == {"ABC", "D"}, "D has two thirds of all that weighs"
    shares = [zone["share"] for zone in both.answer["choices"][0]["zones"]]
    assert sum(shares) == pytest.approx(1)
    assert max(shares) == pytest.approx(2 / 3 + 1 / 3 * 400 / 2400)


def test_the_front_sets_balance_against_complementary_skills(db, street):
    for letter in "AB":
        add_staff(db, street.town, letter, "worker")
    db.execute(
        text("UPDATE grid_version SET households = 410 WHERE code IN (:a, :c)"), {"a": CODE["A"], "c": CODE["C"]}
    )
    done = worked_out(db, street, replace(IN_TWO, weights={"households": 1}, skills=Skills.POSTS))
    cards = [choice["card"] for choice in done.answer["choices"]]
    even = [card["imbalance"] for card in cards]
    alike = [card["complementarity"] for card in cards]
    assert even == sorted(even)
    assert alike == sorted(set(alike)), "what is less even is more complementary, or it would not be here"
    assert groups(done, len(cards) - 1) == {"AC", "BD"}, "each has a worker and two chiefs"
    assert alike[-1] == 1.0


def test_the_same_seed_gives_the_same_bytes(db, street):
    first, second = (json.dumps(worked_out(db, street).answer, sort_keys=True) for _ in range(2))
    assert first == second


def test_townships_are_grouped_in_the_district_and_communities_in_a_township(db, street):
    townships = worked_out(db, street, ZoneWish(Group.TOWNSHIPS, 2))
    assert groups(townships) == {"990106001", "990106002"}
    assert [part["households"] for part in townships.answer["parts"]] == [1600, 800]
    assert [part["staff"] for part in townships.answer["parts"]] == [4, 2]
    communities = worked_out(db, street, ZoneWish(Group.COMMUNITIES, 2, NORTH))
    assert [part["households"] for part in communities.answer["parts"]] == [800, 800]


def test_taking_dates_the_zones_and_ends_those_of_before(db, street):
    taken(db, street, worked_out(db, street, replace(IN_TWO, weights={"staff": 1})))
    first = in_force(db)
    assert sorted("".join(first.values())) == list("ABCD")
    db.execute(text("UPDATE grid_version SET households = 1200 WHERE code = :code"), {"code": CODE["A"]})
    second = worked_out(db, street, at=LATER)
    card = second.answer["today"]["card"]
    assert (card["zones"], card["imbalance_staff"]) == (2, 0.0)
    assert card["imbalance"] == pytest.approx(1600 / 1200 - 1)
    kept = second.answer["choices"][0]["card"]["kept"]
    assert 0.5 <= kept < 1
    names = [zone["name"] for zone in second.answer["choices"][0]["zones"]]
    assert set(names) == {"东片", "西片"}, "a zone that goes on keeps its name"
    taken(db, street, second, at=LATER, names=names)
    assert set(in_force(db).values()) == {"A", "BCD"}
    assert in_force(db, NOON + HOUR) == first
    assert in_force(db, NOON - HOUR) == {}
    ended = rows(db, "SELECT DISTINCT upper(valid) FROM zone_grid WHERE NOT upper_inf(valid)")
    assert ended == [(LATER,)], "what belonged to a zone ends with it"
    trail = rows(db, "SELECT action, changed->>'choice' FROM audit WHERE object LIKE 'zones:%'")
    assert trail == [("boundary.publish", "1")] * 2


def test_taking_twice_is_taking_once(db, street):
    proposal, call = worked_out(db, street), uuid.uuid4()
    assert taken(db, street, proposal, call=call)
    assert not taken(db, street, proposal, call=call, at=LATER)
    with pytest.raises(OtherContent):
        taken(db, street, proposal, call=call, names=("东", "西"))
    assert len(in_force(db)) == 2


def test_zones_that_others_took_meanwhile_are_not_swept_away(db, street):
    mine, theirs = worked_out(db, street), worked_out(db, street)
    taken(db, street, theirs)
    before = in_force(db)
    with pytest.raises(Conflict, match="Other zones"):
        taken(db, street, mine, at=LATER)
    assert in_force(db) == before


def test_a_grid_that_was_split_meanwhile_stays_in_its_zone_but_an_old_proposal_is_void(db, street):
    taken(db, street, worked_out(db, street))
    before = in_force(db)
    old = worked_out(db, street, at=LATER)
    published(db, street, halved("A"), at=LATER)
    home = next(name for name, letters in before.items() if "A" in letters)
    now = in_force(db)
    assert len(now[home]) > len(before[home])
    assert sum(len(zone.members) for zone in zones_at(db, None, scope_paths=[""])) == 5
    with pytest.raises(Conflict, match="has changed"):
        taken(db, street, old, at=LATER + 2 * HOUR)


def test_no_part_is_in_two_zones_at_once_whoever_writes(db, street):
    taken(db, street, worked_out(db, street))
    db.execute(
        text(
            "INSERT INTO zone (id, district_id, within_id, kind, name, valid) SELECT 900, district_id, within_id, kind,"
            " 'x', valid FROM zone LIMIT 1"
        )
    )
    with pytest.raises(IntegrityError, match="zone_grid_time_excl"):
        db.execute(text("INSERT INTO zone_grid (zone_id, grid_id, valid) SELECT 900, grid_id, valid FROM zone_grid"))


def test_a_reader_sees_the_zones_of_their_own_ground(db, street):
    taken(db, street, worked_out(db, street, ZoneWish(Group.TOWNSHIPS, 2)), names=("北片", "南片"))
    north = street.town.area_path("A", "D")
    assert in_force(db, paths=[north]) == {"北片": "990106001"}
    assert in_force(db, paths=[street.town.paths["A"]]) == {"北片": "990106001"}
    assert len(in_force(db, paths=[str(street.town.district_id)])) == 2


@pytest.mark.parametrize(("choice", "names"), [(9, ("东", "西")), (0, ("东", "西")), (1, ("东",)), (1, ("东", "东"))])
def test_a_choice_or_names_that_do_not_fit_are_refused(db, street, choice, names):
    proposal = worked_out(db, street)
    with pytest.raises(Invalid):
        taken(db, street, proposal, choice=choice, names=names)
    assert not in_force(db)


@pytest.mark.parametrize(
    "wish",
    [
        ZoneWish(Group.TOWNSHIPS, 3),
        ZoneWish(Group.TOWNSHIPS, 2, NORTH),
        ZoneWish(Group.GRIDS, 2),
        ZoneWish(Group.GRIDS, 2, "990106999"),
    ],
)
def test_what_cannot_be_is_refused_before_it_waits(db, street, wish):
    with pytest.raises(Invalid):
        asked(db, street, wish)
    assert not zone_proposals(db, street.author)


def test_what_does_not_touch_or_weighs_nothing_is_said_in_words(db, street):
    db.execute(text("UPDATE assignment SET valid = tstzrange(lower(valid), :at)"), {"at": NOON})
    done = worked_out(db, street, replace(IN_TWO, weights={"households": 1, "staff": 5}, skills=Skills.POSTS))
    assert [note["msgid"][:6] for note in done.answer["notes"]] == ["Nobody", "There "]
    assert worked_out(db, street, replace(IN_TWO, weights={"staff": 1})).state == "failed"
    db.execute(
        text("UPDATE grid_version SET valid = tstzrange(lower(valid), :at) WHERE code IN (:b, :c)"),
        {"at": NOON, "b": CODE["B"], "c": CODE["C"]},
    )
    apart = worked_out(db, street, replace(IN_TWO, count=1))
    assert (apart.state, apart.answer["notes"][0]["params"]) == ("failed", {"parts": 2})


def test_a_planner_of_one_township_groups_its_own_parts_alone(db, street):
    north = street.town.area_path("A", "D")
    local = replace(street, author=person(db, Role.PLANNER, north, area_id=int(north.rsplit(".", 1)[-1])))
    asked(db, local)
    for wish in (ZoneWish(Group.TOWNSHIPS, 2), ZoneWish(Group.COMMUNITIES, 1, "990106002")):
        with pytest.raises(NotAllowed):
            asked(db, local, wish)
    other = asked(db, street, ZoneWish(Group.TOWNSHIPS, 2))
    assert len(zone_proposals(db, local.author)) == 1
    assert len(zone_proposals(db, street.author)) == 2
    with pytest.raises(NotFound):
        zone_proposal(db, local.author, other)


def test_one_that_waits_is_stopped_and_one_put_away_is_seen_no_more(db, street):
    name, again = asked(db, street), uuid.uuid4()
    cancel_zones(db, street.author, name, NOON)
    assert found(db, street, name).state == "cancelled"
    asked(db, street, name=again)
    drop_zones(db, street.author, again, NOON)
    drop_zones(db, street.author, again, LATER)
    assert not workbench.work_next()
    assert [one.id for one in zone_proposals(db, street.author)] == [name]
    with pytest.raises(NotFound):
        zone_proposal(db, street.author, again)


def test_a_proposal_of_a_plan_that_was_put_away_stays_away(db, street):
    plan = drawn(db, street.author)
    kept, away = uuid.uuid4(), uuid.uuid4()
    for name in (kept, away):
        ask(db, street.author, plan, name, Wish("split", grid=CODE["A"], least=150, most=250), NOON)
    with pytest.raises(NotAllowed):
        drop(db, street.other, plan, away, NOON)
    drop(db, street.author, plan, away, NOON)
    drop(db, street.author, plan, away, LATER)
    assert [one.id for one in proposals_of(db, street.author, plan)] == [kept]
    with pytest.raises(NotFound):
        proposal_of(db, street.author, plan, away)
