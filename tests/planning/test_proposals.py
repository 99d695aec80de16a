"""Proposals: worked out by the worker one after another, stopped, begun anew after a death, taken as an edit."""

from __future__ import annotations

import threading
import uuid

import pytest
from sqlalchemy import text

from gridmap.errors import Conflict, Invalid, NotAllowed
from gridmap.planning import workbench
from gridmap.planning.drafting import draft_of
from gridmap.planning.editing import apply_edit, undo
from gridmap.planning.proposing import Wish, ask, cancel, proposal_of, proposals_of, take
from gridmap.planning.replay import EditNotPossible
from tests.planning.turning import drawn, merged
from tests.worlds import CODE, NOON

IN_TWO = Wish("split", grid=CODE["A"], least=150, most=250)


@pytest.fixture
def plan(db, street):
    return drawn(db, street.author)


def asked(db, street, plan, wish=IN_TWO, name=None):
    name = name or uuid.uuid4()
    ask(db, street.author, plan, name, wish, NOON)
    return name


def taken(db, street, plan, name):
    return take(db, street.author, plan, name, uuid.uuid4(), NOON)


def state_of(db, street, plan, name):
    db.expire_all()
    return proposal_of(db, street.author, plan, name)


def households_of(db, plan, *ids):
    return [draft_of(db, plan).sheet.plots[grid].households for grid in ids]


def test_a_grid_is_split_into_the_range_and_taking_it_is_an_edit_that_can_be_undone(db, street, plan):
    before = draft_of(db, plan).sheet.plots
    name = asked(db, street, plan)
    assert state_of(db, street, plan, name).state == "waiting"
    assert workbench.work_next()
    done = state_of(db, street, plan, name)
    assert (done.state, done.progress) == ("done", 1.0)
    assert done.answer["score"]["today"]["in_range"] == 0
    assert done.answer["score"]["proposed"] | {"compactness": 0, "on_barriers": 0} == {
        "grids": 2, "in_range": 1.0, "kept_households": 0.5, "on_barriers": 0, "compactness": 0, "buildings_cut": 0,
        "spread": 0.0,
    }  # fmt: skip
    assert dict(draft_of(db, plan).sheet.plots) == dict(before), "nothing changes before it is taken"
    outcome = taken(db, street, plan, name)
    fresh = f"new-{name.hex[:8]}-1"
    assert outcome.edit.op == "redraw"
    assert {CODE["A"], fresh} <= outcome.reached
    assert households_of(db, plan, CODE["A"], fresh) == [200, 200]
    assert state_of(db, street, plan, name).state == "taken"
    undo(db, street.author, plan, uuid.uuid4(), NOON)
    assert dict(draft_of(db, plan).sheet.plots) == dict(before)


def test_a_community_is_brought_into_the_range(db, street):
    db.execute(text("UPDATE site SET households = 60 WHERE name LIKE 'A%'"))
    db.execute(text("UPDATE grid_version SET households = 600 WHERE code = :code"), {"code": CODE["A"]})
    plan = drawn(db, street.author)
    name = asked(db, street, plan, Wish("balance", community=CODE["A"][:12], least=450, most=550))
    workbench.work_next()
    score = state_of(db, street, plan, name).answer["score"]
    assert (score["today"]["in_range"], score["proposed"]["in_range"]) == (0.0, 1.0)
    assert score["proposed"]["kept_households"] >= 0.8
    taken(db, street, plan, name)
    assert all(450 <= households <= 550 for households in households_of(db, plan, CODE["A"], CODE["B"]))


def test_an_area_is_divided_anew_and_no_grid_lies_in_two_communities(db, street, plan):
    name = asked(db, street, plan, Wish("partition", area="990106001", least=180, most=220))
    workbench.work_next()
    done = state_of(db, street, plan, name)
    assert done.answer["score"]["proposed"]["grids"] == 8, "two of each of the four"
    taken(db, street, plan, name)
    plots = draft_of(db, plan).sheet.plots
    north = [plot for plot in plots.values() if plot.community.startswith("990106001")]
    assert sorted(plot.households for plot in north) == [200] * 8
    assert {CODE[letter] for letter in "ABCD"} <= {plot.id for plot in north}, "grids that go on keep their codes"


def test_a_rural_community_is_divided_anew_into_its_villages(db, street):
    """In E and F stand two columns of houses each, 220 m and more apart."""
    db.execute(
        text("UPDATE grid_version SET kind = 'rural' WHERE code = ANY(:codes)"), {"codes": [CODE["E"], CODE["F"]]}
    )
    db.execute(
        text(
            "INSERT INTO site (id, kind, name, shape, grid_id, path, households, valid) SELECT gen_random_uuid(), kind,"
            " name || 'b', ST_Translate(shape, 0, 0.00036), grid_id, path, households, valid FROM site"
            " WHERE name ~ '^[EF]'"
        )
    )
    db.execute(text("UPDATE site SET households = 20 WHERE name ~ '^[EF]'"))
    plan = drawn(db, street.author)
    name = asked(db, street, plan, Wish("partition", community=CODE["E"][:12]))
    workbench.work_next()
    answer = state_of(db, street, plan, name).answer
    assert {part["kind"] for part in answer["parts"]} == {"rural"}
    assert (answer["score"]["today"]["grids"], answer["score"]["proposed"]["grids"]) == (2, 4)
    assert "in_range" not in answer["score"]["proposed"], "a village is as large as it is"
    outcome = taken(db, street, plan, name)
    assert households_of(db, plan, *outcome.reached & {CODE["E"], CODE["F"]}) == [200, 200]
    with pytest.raises(Invalid, match="no urban grid"):
        asked(db, street, plan, Wish("balance", grids=(CODE["E"], CODE["F"])))


def test_the_same_seed_gives_the_same_bytes(db, street, plan):
    names = [asked(db, street, plan, wish) for wish in (IN_TWO, IN_TWO)]
    while workbench.work_next():
        pass
    first, second = ([part["plane"] for part in state_of(db, street, plan, name).answer["parts"]] for name in names)
    assert sorted(first) == sorted(second)


def test_what_cannot_be_in_the_range_is_said_in_words(db, street, plan):
    name = asked(db, street, plan, Wish("split", grid=CODE["A"], least=300, most=390))
    workbench.work_next()
    done = state_of(db, street, plan, name)
    assert done.state == "done"
    assert any("400" in map(str, note["params"].values()) for note in done.answer["notes"])


def test_asking_twice_is_asking_once_and_no_more_than_three_wait(db, street, plan):
    name = asked(db, street, plan)
    asked(db, street, plan, name=name)
    assert len(proposals_of(db, street.author, plan)) == 1
    asked(db, street, plan)
    asked(db, street, plan)
    with pytest.raises(Conflict):
        asked(db, street, plan)


def test_one_that_waits_is_stopped_at_once_and_never_taken_up(db, street, plan):
    name = asked(db, street, plan)
    cancel(db, street.author, plan, name, NOON)
    assert state_of(db, street, plan, name).state == "cancelled"
    assert not workbench.work_next()
    with pytest.raises(Conflict):
        taken(db, street, plan, name)


def test_one_that_runs_is_stopped_at_its_next_step(db, street, plan, monkeypatch):
    name = asked(db, street, plan)
    work_out = workbench.work_out_proposal

    def stopped_meanwhile(task, watch):
        cancel(db, street.author, plan, name, NOON)
        return work_out(task, watch)

    monkeypatch.setattr(workbench, "work_out_proposal", stopped_meanwhile)
    assert workbench.work_next()
    assert state_of(db, street, plan, name).state == "cancelled"


def test_a_worker_that_is_told_to_end_leaves_it_to_the_next(db, street, plan):
    name = asked(db, street, plan)
    stop = threading.Event()
    stop.set()
    workbench.work_next(stop)
    assert state_of(db, street, plan, name).state == "running"
    assert workbench.work_next()
    assert state_of(db, street, plan, name).state == "done"


def test_what_another_worker_has_in_hand_is_left_to_it(db, street, plan, db_engine):
    name = asked(db, street, plan)
    key = {"space": workbench._LOCKS, "key": name.int & 0x7FFFFFFF}
    with db_engine.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(:space, :key)"), key)
        assert not workbench.work_next()
        other.execute(text("SELECT pg_advisory_unlock(:space, :key)"), key)
    assert workbench.work_next()


def test_a_draft_that_changed_meanwhile_refuses_it_and_stays_as_it_is(db, street, plan):
    name = asked(db, street, plan)
    workbench.work_next()
    apply_edit(db, street.author, plan, uuid.uuid4(), merged("B", "A"), NOON)
    before = dict(draft_of(db, plan).sheet.plots)
    with pytest.raises(EditNotPossible):
        taken(db, street, plan, name)
    assert dict(draft_of(db, plan).sheet.plots) == before


@pytest.mark.parametrize(
    "wish",
    [
        Wish("split", grid="990106009009009"),
        Wish("split"),
        Wish("balance", community="990106999999"),
        Wish("partition", grids=(CODE["A"], "new-9")),
    ],
)
def test_a_wish_for_what_is_not_there_is_refused(db, street, plan, wish):
    with pytest.raises(Invalid):
        asked(db, street, plan, wish)
    assert not proposals_of(db, street.author, plan)


def test_only_the_author_asks(db, street, plan):
    with pytest.raises(NotAllowed):
        ask(db, street.other, plan, uuid.uuid4(), IN_TWO, NOON)
