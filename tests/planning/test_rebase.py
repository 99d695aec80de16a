"""Two planners at once: what is disjoint goes on by itself, what is contested is shown both ways."""

from __future__ import annotations

import uuid

import pytest
import shapely

from gridmap.errors import Invalid
from gridmap.planning import rebase
from gridmap.planning.drafting import draft_of, plan_of
from gridmap.planning.kept_words import kept_sentence, told_sentence
from gridmap.planning.rebase import CONTESTED, RESTS, contested
from gridmap.planning.steps import rebase_plan, submit
from tests.planning.turning import HOUR, approved, drawn, explain, halved, published, rows, strip, turn
from tests.worlds import CODE, NOON


def planes(db, plan_id):
    return {grid: plot and plot.plane.wkb for grid, plot in draft_of(db, plan_id).changed().items()}


def test_a_disjoint_plan_is_published_as_it_was_drawn_though_another_came_first(db, street):
    mine = approved(db, street, strip("E", "F"))
    before = planes(db, mine)
    published(db, street, strip("A", "B"))
    assert turn(db, mine, NOON + 2 * HOUR).edition == 3
    made = dict(rows(db, "SELECT code, ST_AsBinary(plane) FROM grid_version WHERE edition_n = 3"))
    # Both lines end on the border of C: it has a corner of each, and is nobody's quarrel.
    assert made.keys() == before.keys()
    assert {grid for grid in made if made[grid] != before[grid]} == {CODE["C"]}
    assert shapely.get_num_coordinates(shapely.from_wkb(made[CODE["C"]])) == 7


def test_a_contested_plan_goes_back_with_a_sentence_and_nothing_is_changed(db, street):
    mine = approved(db, street, strip("A", "B"))
    published(db, street, halved("A"))
    coverage = rows(db, "SELECT id, valid::text FROM grid_version ORDER BY id")
    answer = turn(db, mine, NOON + 2 * HOUR)
    assert answer.edition is None
    assert "same grids" in answer.sentence
    assert rows(db, "SELECT id, valid::text FROM grid_version ORDER BY id") == coverage
    plan = plan_of(db, mine)
    assert (plan.state, plan.approver_id, plan.publish_at) == ("draft", None, None)
    assert rows(db, "SELECT body FROM plan_note WHERE plan_id = :plan AND body LIKE 'held%'", plan=mine)
    with pytest.raises(Exception, match="same grids"):
        submit(db, street.author, mine, uuid.uuid4(), NOON)


def test_each_contested_grid_is_shown_as_it_was_as_i_want_it_and_as_they_made_it(db, street):
    mine = drawn(db, street.author, strip("A", "B"), strip("E", "F"))
    published(db, street, halved("A"))
    shared = {grid.id: grid for grid in contested(db, plan_of(db, mine))}
    assert set(shared) == {CODE["A"]}
    area = [shapely.from_wkb(side).area for side in (shared[CODE["A"]].base, shared[CODE["A"]].mine,
                                                     shared[CODE["A"]].theirs)]  # fmt: skip
    assert area == pytest.approx([250_000, 175_000, 125_000], abs=5)


def test_a_reason_for_setting_aside_is_read_in_the_language_of_its_reader():
    refused = Invalid("There is no grid %(grid)s on this draft. Look at the map again.", grid="网格 A")
    kept = kept_sentence(refused)
    assert told_sentence(kept, "en") == "There is no grid 网格 A on this draft. Look at the map again."
    chinese = told_sentence(kept, "zh-CN")
    assert ("网格 A" in chinese, "There is" in chinese) == (True, False)
    assert told_sentence(kept_sentence(Invalid(CONTESTED)), "zh-CN") != CONTESTED
    assert told_sentence("It was 100 % kept as one sentence.", "zh-CN") == "It was 100 % kept as one sentence."


def test_an_edit_that_the_new_base_refuses_is_set_aside_with_its_values(db, street, monkeypatch):
    mine = drawn(db, street.author, strip("A", "B"), strip("E", "F"))
    published(db, street, halved("A"))
    refused = Invalid("There is no grid %(grid)s on this draft. Look at the map again.", grid="网格 E")

    def refuse(*_):
        raise refused

    monkeypatch.setattr(rebase, "work_out_here", refuse)
    aside = rebase_plan(db, street.author, mine, uuid.uuid4(), NOON)
    assert [(edit.seq, edit.set_aside) for edit in aside] == [(1, CONTESTED), (2, kept_sentence(refused))]


def test_rebasing_replays_what_is_disjoint_and_sets_the_rest_aside_with_the_reason(db, street):
    mine = drawn(db, street.author, strip("A", "B"), strip("E", "F"), halved("B", "new-b"))
    kept = planes(db, mine)
    published(db, street, halved("A"))
    aside = rebase_plan(db, street.author, mine, uuid.uuid4(), NOON)
    assert [(edit.seq, edit.set_aside) for edit in aside] == [(1, CONTESTED), (3, RESTS)]
    after = planes(db, mine)
    assert {grid: after.pop(grid) for grid in (CODE["E"], CODE["F"])} == {
        grid: kept[grid] for grid in (CODE["E"], CODE["F"])
    }
    assert set(after) <= {CODE["C"]}, "it has a corner where the line of E and F ends"
    assert plan_of(db, mine).base_edition == 2
    explain(db, street.author, mine)
    assert submit(db, street.author, mine, uuid.uuid4(), NOON)
