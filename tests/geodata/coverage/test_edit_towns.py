"""Whatever is drawn on a town, it stays a coverage: thousands of edits drawn at random, each looked at."""

from __future__ import annotations

import json
from itertools import combinations
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from geodata.coverage.edit import Edit, EditRefused, Merge, Sheet, edit_from_json, work_out
from tests.geodata.coverage.ledger import OFF_OUTLINE_M, Ledger, bytes_of
from tests.geodata.coverage.towns import HANDS, TOWNS, drawn_edit, town

EDITS = 1_000
WHOLE_EVERY = 50
REPLAYED = 300
COMPARED = 25
OFTEN = ("split", "split", "merge", "move_vertex", "move_edge", "reshape", "hand_over", "carve_out", "straighten")


@pytest.mark.parametrize("name", TOWNS)
def test_a_thousand_edits_in_a_row_leave_a_coverage_and_can_be_replayed(name):
    ledger, rng = Ledger(town(name), take_back_every=3), Random(20_261_121)
    for number in range(1, EDITS + 1):
        _do_something(ledger, rng)
        if number % WHOLE_EVERY == 0:
            ledger.look_at_all()
        if number == REPLAYED:
            _replay(ledger)
    assert min(len(ledger.done), ledger.refused) > EDITS / 10
    assert {applied.edit.op for applied in ledger.done} == {*HANDS, "restore"}


def _replay(ledger: Ledger) -> None:
    """Do it all again on the first sheet, as it is stored."""
    stored = json.dumps([applied.edit.to_json() for applied in ledger.done])
    again = ledger.first.copy()
    for data in json.loads(stored):
        again.accept(work_out(again, edit_from_json(data)))
    assert bytes_of(again) == ledger.bytes


def _do_something(ledger: Ledger, rng: Random) -> None:
    """Draw an edit, or take the last one back; when there are many grids, rather merge."""
    crowded = len(ledger.sheet.plots) > 1.2 * len(ledger.first.plots)
    kind = rng.choice([*OFTEN, "redraw", "restore", *(["merge"] * 4 if crowded else [])])
    edit: Edit | None
    if kind == "restore":
        edit = ledger.done[-1].inverse if ledger.done else None
    else:
        edit = drawn_edit(ledger.sheet, rng, kind)
    while edit is None:
        edit = drawn_edit(ledger.sheet, rng, "split")
    ledger.do(edit)


@pytest.mark.parametrize("name", TOWNS)
def test_edits_whose_neighbourhoods_have_nothing_in_common_give_the_same_bytes_in_any_order(name):
    sheet, rng = town(name), Random(7)
    edits = [edit for _ in range(30) if (edit := drawn_edit(sheet, rng, rng.choice(OFTEN)))]
    accepted = [(edit, applied) for edit in edits if (applied := _tried(sheet, edit))]
    after_one = [_done(sheet, edit) for edit, _ in accepted]
    pairs = [
        (one, other)
        for one, other in combinations(range(len(accepted)), 2)
        if not _neighbourhood(sheet, accepted[one][1]) & _neighbourhood(sheet, accepted[other][1])
    ]
    assert len(pairs) >= COMPARED
    for one, other in pairs[:COMPARED]:
        both = _done(after_one[one], accepted[other][0])
        assert bytes_of(both) == bytes_of(_done(after_one[other], accepted[one][0]))


def _tried(sheet: Sheet, edit: Edit) -> Any:
    try:
        return work_out(sheet, edit)
    except EditRefused:
        return None


def _neighbourhood(sheet: Sheet, applied: Any) -> set[str]:
    return {key for plot in applied.before.values() if plot for key in sheet.near(plot.plane.bounds)}


def _done(sheet: Sheet, *edits: Edit) -> Sheet:
    copy = sheet.copy()
    for edit in edits:
        copy.accept(work_out(copy, edit))
    return copy


@pytest.mark.parametrize("name", TOWNS)
def test_merging_what_was_split_gives_the_grid_back(name):
    sheet, rng, merged = town(name), Random(3), 0
    for _ in range(40):
        edit = drawn_edit(sheet, rng, "split")
        applied = edit and _tried(sheet, edit)
        if not applied:
            continue
        again = _done(sheet, edit, Merge((edit.grid, *edit.new), keep=edit.grid))
        was, became = sheet.plots[edit.grid], again.plots[edit.grid]
        # Where the line met the border, the border has a corner more, and with it a bend.
        assert abs(became.plane.area - was.plane.area) <= OFF_OUTLINE_M * was.plane.length
        assert became.plane.hausdorff_distance(was.plane) <= OFF_OUTLINE_M
        assert became.households == was.households
        merged += 1
    assert merged > 10


class Redrawing(RuleBasedStateMachine):
    """Any edits in any order, drawn by hypothesis, so that a failure shrinks to the few that matter."""

    town_name = TOWNS[0]

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger(town(self.town_name))
        self.undone: list[Edit] = []

    @rule(kind=st.sampled_from(sorted(HANDS)), seed=st.integers(0, 2**32 - 1))
    def draw(self, kind: str, seed: int) -> None:
        edit = drawn_edit(self.ledger.sheet, Random(seed), kind)
        if edit is not None:
            self.ledger.do(edit)

    @precondition(lambda self: self.ledger.done)
    @rule()
    def undo(self) -> None:
        assert self.ledger.do(self.ledger.done[-1].inverse) is not None

    @precondition(lambda self: self.ledger.done)
    @rule(number=st.integers(0, 100))
    def restore_something_earlier(self, number: int) -> None:
        self.ledger.do(self.ledger.done[number % len(self.ledger.done)].inverse)

    @invariant()
    def the_coverage_holds(self) -> None:
        assert len(self.ledger.sheet.plots) == sum(1 for _ in self.ledger.sheet.plots)

    def teardown(self) -> None:
        self.ledger.look_at_all()


class RedrawingVillages(Redrawing):
    """The same on the other town."""

    town_name = TOWNS[1]


_SETTINGS = settings(
    max_examples=6, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestRedrawing = Redrawing.TestCase
TestRedrawing.settings = _SETTINGS
TestRedrawingVillages = RedrawingVillages.TestCase
TestRedrawingVillages.settings = _SETTINGS
