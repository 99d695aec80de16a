"""How far a phone's ground reaches."""

from __future__ import annotations

import pytest

from gridmap.patrols.rules import is_own, township_of, townships_of


@pytest.mark.parametrize(
    ("path", "township"),
    [("1.2.5.g9", "1.2"), ("1.2.5", "1.2"), ("1.2", "1.2"), ("1", "1")],
)
def test_the_ground_of_a_place_is_its_township(path, township):
    assert township_of(path) == township


def test_two_grids_of_one_township_need_its_ground_once():
    assert townships_of(["1.2.5.g9", "1.2.6.g11"]) == ("1.2",)


def test_who_answers_for_the_district_keeps_all_of_it_once():
    assert townships_of(["1.2.5.g9", "1", "1.3"]) == ("1",)


def test_township_12_does_not_lie_in_township_1_of_the_same_letters():
    assert townships_of(["7.1.5", "7.12.5"]) == ("7.1", "7.12")


def test_nobody_without_a_grid_owns_one():
    assert not is_own("1.2.5.g9", [])
    assert is_own("1.2.5.g9", ["1.2"])
    assert not is_own("1.2.5.g90", ["1.2.5.g9"])
