"""A grid gets another name as it gets another border: an edit of a plan, with its inverse; the code stays."""

from __future__ import annotations

import uuid

import pytest

from geodata.coverage.edit import Rename
from gridmap.planning.checking import check
from gridmap.planning.drafting import draft_of, plan_of
from gridmap.planning.editing import apply_edit, redo, undo
from gridmap.planning.rebase import contested
from gridmap.planning.replay import EditNotPossible
from gridmap.planning.steps import rebase_plan
from tests.planning.test_reverting import taken_back
from tests.planning.turning import HOUR, drawn, halved, published, rows, strip
from tests.worlds import CODE, NOON


def named(letter: str, name: str, english: str | None = None) -> Rename:
    return Rename(CODE.get(letter, letter), name, english)


def names(db, plan_id):
    return {
        grid: (label.name, label.names.get("en"))
        for grid, label in draft_of(db, plan_id).labels.items()
        if grid in (CODE["A"], CODE["B"], "new-1")
    }


def test_a_rename_moves_no_border_and_can_be_taken_back_and_done_again(db, street):
    plan = drawn(db, street.author)
    before = names(db, plan)
    apply_edit(db, street.author, plan, uuid.uuid4(), named("A", "锦绣", "Brocade"), NOON)
    draft = draft_of(db, plan)
    assert set(draft.redrawn()) == {CODE["A"]}
    assert draft.sheet.plots[CODE["A"]].plane.wkb == draft.base[CODE["A"]].plane.wkb
    assert (names(db, plan), draft.labels[CODE["A"]].code) == (
        before | {CODE["A"]: ("锦绣", "Brocade")},
        CODE["A"],
    )
    with pytest.raises(EditNotPossible, match="changes nothing"), db.begin_nested():
        apply_edit(db, street.author, plan, uuid.uuid4(), named("A", "锦绣", "Brocade"), NOON)
    undo(db, street.author, plan, uuid.uuid4(), NOON)
    assert (names(db, plan), rows(db, "SELECT * FROM plan_grid WHERE plan_id = :p", p=plan)) == (before, [])
    redo(db, street.author, plan, uuid.uuid4(), NOON)
    assert names(db, plan)[CODE["A"]] == ("锦绣", "Brocade")


def test_names_follow_when_an_earlier_border_is_taken_back_and_stay_when_it_is_drawn_later(db, street):
    """The strip goes from A to B, A is halved, and both halves are renamed; then the strip goes."""
    plan = drawn(db, street.author, strip("A", "B"), halved(), named("A", "甲"), named("new-1", "乙"))
    assert names(db, plan)[CODE["A"]] == ("甲", None)
    first = rows(db, "SELECT id FROM plan_edit WHERE plan_id = :p AND seq = 1", p=plan)[0][0]
    undo(db, street.author, plan, uuid.uuid4(), NOON, first)
    assert (names(db, plan)[CODE["A"]], names(db, plan)["new-1"]) == (("甲", None), ("乙", None))
    generated = names(db, drawn(db, street.author, halved()))["new-1"]
    undo(db, street.author, plan, uuid.uuid4(), NOON)
    assert names(db, plan)["new-1"] == generated, "a new grid is called again what it was called when it was drawn"


def test_the_history_says_renamed_the_code_stays_and_a_revert_gives_the_name_back(db, street):
    old = names(db, drawn(db, street.author))[CODE["A"]][0]
    edition = published(db, street, named("A", "锦绣", "Brocade"))
    assert rows(
        db,
        "SELECT code, name, names ->> 'en', cause FROM grid_version WHERE edition_n = :n AND upper_inf(recorded)",
        n=edition,
    ) == [(CODE["A"], "锦绣", "Brocade", "rename")]
    assert rows(
        db,
        "SELECT op FROM lineage l JOIN grid_version v ON v.id = l.to_version_id WHERE v.edition_n = :n",
        n=edition,
    ) == [("rename",)]
    plan = rows(db, "SELECT id FROM plan WHERE edition_n = :n", n=edition)[0][0]
    taken_back(db, street, plan, NOON + 2 * HOUR)
    assert rows(db, "SELECT name FROM grid_version WHERE code = :c AND upper_inf(valid)", c=CODE["A"]) == [(old,)]


def test_a_name_that_a_neighbour_has_is_asked_about(db, street):
    neighbour = names(db, drawn(db, street.author))[CODE["B"]][0]
    plan = drawn(db, street.author, named("A", neighbour))
    assert [item.key for item in check(db, draft_of(db, plan), NOON).unexplained] == [f"name:{CODE['A']}"]


def test_two_names_for_one_grid_are_a_quarrel_and_a_name_and_a_border_are_none(db, street):
    mine = drawn(db, street.author, named("A", "甲"), named("B", "乙"))
    published(db, street, named("A", "丙"), strip("A", "B"))
    assert [grid.id for grid in contested(db, plan_of(db, mine))] == [CODE["A"]]
    aside = rebase_plan(db, street.author, mine, uuid.uuid4(), NOON)
    assert [edit.seq for edit in aside] == [1]
    assert [names(db, mine)[CODE[letter]][0] for letter in "AB"] == ["丙", "乙"]
