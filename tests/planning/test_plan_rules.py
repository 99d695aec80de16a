"""What a plan may become, how grids are numbered and named, who inherits what: bare values."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridmap.errors import Invalid
from gridmap.planning.rules import Standing, State, heirs, largest_share, next_codes, next_names, possible, spread

AUTHOR, OTHER = 1, 2
CROSS = "990106001001"


def steps(state, person, *, behind=0, edits=1, drafts=True, publishes=True):
    return possible(Standing(state, AUTHOR, behind, edits), person, drafts=drafts, publishes=publishes)


def test_nobody_approves_what_they_drew():
    for state in State:
        assert not {"approve", "publish"} & set(steps(state, AUTHOR))
    assert steps(State.SUBMITTED, OTHER) == ["approve", "send_back"]


def test_only_the_author_draws_and_only_in_a_draft():
    assert "edit" in steps(State.DRAFT, AUTHOR)
    assert "edit" not in steps(State.DRAFT, OTHER)
    assert all("edit" not in steps(state, AUTHOR) for state in State if state is not State.DRAFT)


def test_an_empty_plan_cannot_be_submitted():
    assert "submit" not in steps(State.DRAFT, AUTHOR, edits=0)


def test_who_may_not_plan_the_ground_may_do_nothing():
    assert all(steps(state, person, drafts=False, publishes=False) == [] for state in State for person in (1, 2))


def test_a_code_follows_the_highest_ever_given_and_fills_no_gap():
    used = [f"{CROSS}001", f"{CROSS}007", "990106001002009"]
    assert next_codes("gb15", CROSS, used, 2) == [f"{CROSS}008", f"{CROSS}009"]


def test_the_first_grid_of_a_community_is_number_one():
    assert next_codes("gb15", CROSS, [], 1) == [f"{CROSS}001"]
    assert next_codes("cjt349_20", CROSS, [], 1) == [f"{CROSS}00000001"]


def test_a_scheme_of_ones_own_goes_on_as_its_codes_are():
    assert next_codes("local", "K7-", ["K7-01", "K7-02"], 1) == ["K7-03"]


def test_a_community_without_numbers_left_says_so():
    with pytest.raises(Invalid, match="no number left"):
        next_codes("gb15", CROSS, [f"{CROSS}998"], 2)


def test_a_new_grid_is_called_by_the_next_free_number():
    assert next_names(["清河 04"], ["清河 04", "清河 13", "桂花 20"], 2) == ["清河 14", "清河 15"]
    assert next_names(["Market"], ["Market"], 1) == ["Market 2"]


#   +---+---+      The line between a and b moves one to the right: what stood at 1.5 goes from b to a.
#   | a > b |
#   +---+---+
A, B = shapely.box(0, 0, 2, 1), shapely.box(2, 0, 3, 1)


def test_things_go_with_the_ground_under_them():
    points = shapely.points([0.5, 1.5, 2.5], [0.5, 0.5, 0.5])
    assert heirs(["a", "b", "b"], points, {"a": A, "b": B}, {}) == ["a", "a", "b"]


def test_what_lies_on_a_new_line_stays_where_it_was():
    points = shapely.points([2.0, 2.0], [0.5, 0.5])
    assert heirs(["a", "b"], points, {"a": A, "b": B}, {}) == ["a", "b"]


def test_what_has_no_place_goes_to_the_heir_of_a_grid_that_ended():
    points = np.array([None, None], dtype=object)
    assert heirs(["gone", "b"], points, {"a": A, "b": B}, {"gone": "a"}) == ["a", "b"]


def test_what_stands_on_other_ground_by_hand_stays():
    assert heirs(["b"], shapely.points([9.0], [9.0]), {"a": A, "b": B}, {}) == ["b"]


def test_the_largest_share_of_ground_decides_and_of_equals_the_first():
    assert largest_share(["x"], {"x": shapely.box(0, 0, 3, 1)}, {"b": B, "a": A}) == {"x": "a"}
    assert largest_share(["x"], {"x": shapely.box(1, 0, 3, 1)}, {"b": B, "a": A}) == {"x": "a"}


def test_equal_loads_have_no_spread():
    assert spread([100, 100]) == 0
    assert spread([50, 150]) == pytest.approx(0.5)
    assert spread([]) is None
