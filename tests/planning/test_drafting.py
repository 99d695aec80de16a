"""Drawing in a plan: what is kept, what can be taken back, who may, and what is refused with nothing changed."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import shapely
from sqlalchemy import text

from geodata.coverage.edit import CarveOut, HandOver, Merge, MoveVertex, Split
from gridmap.errors import Conflict, Malformed, NotAllowed, OtherContent
from gridmap.people.rules import Role
from gridmap.planning.drafting import draft_of
from gridmap.planning.editing import EditedMeanwhile, apply_edit, redo, undo
from gridmap.planning.naming import codes_of
from gridmap.planning.replay import EditNotPossible, OthersRestOnIt
from tests.planning.turning import drawn, halved, merged, published, rows, strip
from tests.worlds import BOTTOM, CODE, LEFT, NOON, SIDE, person

LATER = NOON + timedelta(minutes=1)


def bytes_of(db, plan_id):
    """The whole draft coverage, grid by grid, to the byte."""
    plots = draft_of(db, plan_id).sheet.plots
    return {grid: (plot.plane.wkb_hex, plot.households, plot.kind, plot.owner) for grid, plot in plots.items()}


def kept(db, plan_id):
    """Everything that is stored of a plan."""
    return [
        rows(db, f"SELECT * FROM {table} WHERE plan_id = :plan ORDER BY 1, 2", plan=plan_id)
        for table in ("plan_edit", "plan_grid")
    ] + [rows(db, "SELECT * FROM plan WHERE id = :plan", plan=plan_id)]


def do(db, street, plan_id, edit, **more):
    return apply_edit(db, street.author, plan_id, uuid.uuid4(), edit, LATER, **more)


def test_a_draft_keeps_only_what_differs_from_its_base(db, street):
    plan = drawn(db, street.author, halved())
    assert rows(db, "SELECT temp_id, households, gone FROM plan_grid WHERE plan_id = :p ORDER BY 1", p=plan) == [
        (CODE["A"], 200, False),
        (CODE["C"], 400, False),
        ("new-1", 200, False),
    ]
    draft = draft_of(db, plan)
    assert (len(draft.sheet.plots), len(draft.base)) == (7, 6)
    assert set(draft.redrawn()) == {CODE["A"], "new-1"}, "C only gained a corner"


def test_undoing_gives_the_bytes_back_and_redoing_the_others(db, street):
    plan = drawn(db, street.author)
    at_first = bytes_of(db, plan)
    states = [at_first]
    for edit in (halved(), strip("C", "D"), merged("E", "F")):
        do(db, street, plan, edit)
        states.append(bytes_of(db, plan))
    assert len({tuple(sorted(state.items())) for state in states}) == 4
    for state in states[-2::-1]:
        undo(db, street.author, plan, uuid.uuid4(), LATER)
        assert bytes_of(db, plan) == state
    assert rows(db, "SELECT * FROM plan_grid WHERE plan_id = :p", p=plan) == []
    for n, state in enumerate(states[1:]):
        redo(db, street.author, plan, uuid.uuid4(), LATER + timedelta(seconds=n))
        assert bytes_of(db, plan) == state


def test_an_early_edit_is_taken_back_from_under_later_ones(db, street):
    plan = drawn(db, street.author, strip("A", "B"), merged("E", "F"))
    first = rows(db, "SELECT id FROM plan_edit WHERE plan_id = :p AND seq = 1", p=plan)[0][0]
    undo(db, street.author, plan, uuid.uuid4(), LATER, first)
    alone = drawn(db, street.author, merged("E", "F"))
    assert bytes_of(db, plan) == bytes_of(db, alone)
    redo(db, street.author, plan, uuid.uuid4(), LATER, first)
    both = drawn(db, street.author, strip("A", "B"), merged("E", "F"))
    assert bytes_of(db, plan) == bytes_of(db, both)


def test_edits_that_share_grids_are_worked_out_anew_when_an_earlier_one_goes(db, street):
    """The strip goes from A to B, then A is halved: without the strip the halves are larger."""
    plan = drawn(db, street.author, strip("A", "B"), halved())
    first = rows(db, "SELECT id FROM plan_edit WHERE plan_id = :p AND seq = 1", p=plan)[0][0]
    undo(db, street.author, plan, uuid.uuid4(), LATER, first)
    assert bytes_of(db, plan) == bytes_of(db, drawn(db, street.author, halved()))
    undo(db, street.author, plan, uuid.uuid4(), LATER)
    assert rows(db, "SELECT * FROM plan_grid WHERE plan_id = :p", p=plan) == [], "its inverse followed"


def test_an_edit_that_others_rest_on_is_not_taken_back_and_they_are_named(db, street):
    plan = drawn(db, street.author, halved(), Split("new-1", line(-0.1, 2.5, 1.1, 2.5), ("new-2",)))
    before = kept(db, plan)
    first = rows(db, "SELECT id FROM plan_edit WHERE plan_id = :p AND seq = 1", p=plan)[0][0]
    with pytest.raises(OthersRestOnIt, match="#2") as refused, db.begin_nested():
        undo(db, street.author, plan, uuid.uuid4(), LATER, first)
    assert refused.value.members["edits"] == [2]
    db.expire_all()
    assert kept(db, plan) == before


def line(x0, y0, x1, y1):
    return tuple((LEFT + x * SIDE, BOTTOM + y * SIDE) for x, y in ((x0, y0), (x1, y1)))


def ring(west, south, east, north):
    box = shapely.box(LEFT + west * SIDE, BOTTOM + south * SIDE, LEFT + east * SIDE, BOTTOM + north * SIDE)
    return tuple(box.exterior.coords)


REFUSED = {
    "a line that does not cross": Split(CODE["A"], line(0.2, 2.5, 0.6, 2.5), ("new-1",)),
    "a line along an edge": Split(CODE["A"], line(0.0, 2.0, 1.0, 2.0), ("new-1",)),
    "a line in another grid": Split(CODE["A"], line(0.5, 0.0, 0.5, 0.9), ("new-1",)),
    "grids that do not touch": Merge((CODE["A"], CODE["F"])),
    "grids of two communities": Merge((CODE["A"], CODE["C"])),
    "a piece over a border": CarveOut("new-1", str(uuid.uuid4()), ring(0.5, 2.2, 1.5, 2.8)),
    "a piece that is not the giver's": HandOver(CODE["A"], CODE["B"], ring(0.2, 0.2, 0.8, 0.8)),
    "a corner of the district": MoveVertex((LEFT, BOTTOM), (LEFT + 50, BOTTOM + 50)),
    "a grid that is not there": Merge((CODE["A"], "990106009009009")),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_refused_edit_says_why_and_changes_nothing(db, street, why):
    plan = drawn(db, street.author, strip("C", "D"))
    before, bytes_before = kept(db, plan), bytes_of(db, plan)
    call = uuid.uuid4()
    with pytest.raises(EditNotPossible) as refused, db.begin_nested():
        apply_edit(db, street.author, plan, call, REFUSED[why], LATER)
    assert str(refused.value).endswith(".")
    assert all(114 < lon < 115 and 35 < lat < 36 for lon, lat in refused.value.members["places"])
    db.expire_all()
    assert (kept(db, plan), bytes_of(db, plan)) == (before, bytes_before)
    assert rows(db, "SELECT * FROM receipt WHERE id = :id", id=call) == [], "the id is free for another try"


def test_a_refusal_names_grids_and_communities_by_their_names(db, street):
    with pytest.raises(EditNotPossible, match="清河, 玉兰"):
        drawn(db, street.author, REFUSED["grids of two communities"])


def test_an_edit_sent_twice_is_drawn_once(db, street):
    plan, call = drawn(db, street.author), uuid.uuid4()
    first = apply_edit(db, street.author, plan, call, halved(), LATER, after=0)
    again = apply_edit(db, street.author, plan, call, halved(), LATER, after=0)
    assert (first.seq, again.seq, again.edit.id) == (1, 1, call)
    with pytest.raises(OtherContent):
        apply_edit(db, street.author, plan, call, merged("A", "B"), LATER)


def test_an_undo_sent_twice_takes_one_edit_back(db, street):
    plan, call = drawn(db, street.author, halved(), strip("C", "D")), uuid.uuid4()
    for _ in range(2):
        assert undo(db, street.author, plan, call, LATER).edit.seq == 2
    assert rows(db, "SELECT count(*) FROM plan_edit WHERE plan_id = :p AND undone_at IS NULL", p=plan) == [(1,)]


def test_who_has_not_seen_the_last_edit_is_told_what_changed(db, street):
    plan = drawn(db, street.author, halved())
    with pytest.raises(EditedMeanwhile) as told:
        do(db, street, plan, strip("C", "D"), after=0)
    assert told.value.members["seq"] == 1
    assert [grid["id"] for grid in told.value.members["edits"][0]["grids"]] == [CODE["A"], "new-1"]
    assert do(db, street, plan, strip("C", "D"), after=1).seq == 2


def test_another_planner_cannot_draw_in_a_plan(db, street):
    plan = drawn(db, street.author)
    with pytest.raises(NotAllowed, match="Only its author"):
        apply_edit(db, street.other, plan, uuid.uuid4(), halved(), LATER)


def test_nothing_is_drawn_in_a_plan_that_waits_for_approval(db, street):
    plan = drawn(db, street.author, halved())
    db.execute(text("UPDATE plan SET state = 'submitted' WHERE id = :p"), {"p": plan})
    with pytest.raises(Conflict, match="waiting for approval"):
        do(db, street, plan, strip("C", "D"))
    with pytest.raises(Conflict):
        undo(db, street.author, plan, uuid.uuid4(), LATER)


def test_a_planner_of_a_township_draws_in_it_alone(db, street):
    north = street.town.area_path("A", "D")
    planner = person(db, Role.PLANNER, north, area_id=int(north.rsplit(".", 1)[-1]))
    plan = drawn(db, planner, halved("D"))
    assert rows(db, "SELECT seq FROM plan_edit WHERE plan_id = :p", p=plan) == [(1,)]
    with pytest.raises(NotAllowed, match="网格 E"):
        apply_edit(db, planner, plan, uuid.uuid4(), halved("E", "new-2"), LATER)


def test_a_new_grid_is_not_called_like_a_code(db, street):
    with pytest.raises(Malformed, match="new-"):
        drawn(db, street.author, halved(new="990106001001099"))


def test_drafts_on_one_base_do_not_see_each_other(db, street):
    one, two = drawn(db, street.author, halved()), drawn(db, street.other, merged("A", "B"))
    assert set(bytes_of(db, one)) == {*CODE.values(), "new-1"}
    assert set(bytes_of(db, two)) == {*CODE.values()} - {CODE["B"]}


def test_a_draft_stands_on_its_base_while_others_publish(db, street):
    plan = drawn(db, street.author, merged("E", "F"))
    before = bytes_of(db, plan)
    published(db, street, halved())
    assert bytes_of(db, plan) == before
    assert draft_of(db, plan).ground.edition == 1


def test_new_grids_are_numbered_in_rows_and_never_with_a_used_number(db, street):
    """B is quartered: of the new quarters the northern ones come first, from west to east."""
    quarter = Split("new-e", line(1.2, 2.5, 2.3, 2.5), ("new-ne",))
    plan = drawn(db, street.author, halved("B", "new-e"), quarter)
    db.execute(
        text("INSERT INTO grid_code VALUES ('990106001001009', :grid, 'gb15')"), {"grid": street.town.grid_ids["A"]}
    )
    draft = draft_of(db, plan)
    codes = codes_of(db, draft)
    north_first = sorted(codes, key=lambda grid: -draft.sheet.plots[grid].plane.centroid.y)
    assert [codes[grid] for grid in north_first] == ["990106001001010", "990106001001011"]


def test_new_grids_are_called_by_the_next_number_and_dedicated_ones_by_their_institution(db, street):
    school = uuid.uuid4()
    db.execute(
        text(
            "INSERT INTO site (id, kind, name, names, shape, path, valid) VALUES (:id, 'school', '柳溪中学',"
            " '{\"en\": \"Liuxi Middle School\"}', ST_SetSRID(ST_MakePoint(114.2, 35.72), 4326), '1',"
            " tstzrange(NULL, NULL))"
        ),
        {"id": school},
    )
    plan = drawn(db, street.author, CarveOut("new-s", str(school), ring(0.3, 2.8, 0.7, 3.0)))
    label = draft_of(db, plan).labels["new-s"]
    assert (label.name, label.names["en"], label.code) == ("柳溪中学", "Liuxi Middle School", None)
    assert draft_of(db, plan).sheet.plots["new-s"].kind == "dedicated"


def test_a_dedicated_grid_belongs_to_a_site_that_there_is(db, street):
    with pytest.raises(Exception, match="no site"):
        drawn(db, street.author, CarveOut("new-s", str(uuid.uuid4()), ring(0.3, 2.8, 0.7, 3.0)))


def test_every_edit_leaves_a_trace(db, street):
    plan = drawn(db, street.author, halved())
    undo(db, street.author, plan, uuid.uuid4(), LATER)
    trace = rows(
        db,
        "SELECT action, changed - 'grids' FROM audit WHERE object = :o ORDER BY at",
        o=f"plan:{plan}",
    )
    assert [(action, *changed) for action, changed in trace[1:]] == [
        ("boundary.draft", "op", "edit"),
        ("boundary.draft", "op", "undo"),
    ]
    assert rows(db, "SELECT count(*) FROM live_event WHERE kind = 'plan' AND object_id = :p", p=str(plan)) == [(3,)]
