"""How many grids households make, and the arithmetic in words where they make none."""

from __future__ import annotations

import pytest

from geodata.errors import GeodataError
from geodata.partition import Range

USUAL = Range(300, 500)


def test_from_600_households_on_some_number_of_grids_always_fits():
    assert all(USUAL.counts(weight) for weight in range(600, 5_000))


@pytest.mark.parametrize("weight", [0, 1, 299, 501, 560, 599])
def test_a_piece_below_300_or_between_500_and_600_fits_no_number_of_grids(weight):
    assert not USUAL.counts(weight)
    assert USUAL.objection(weight, "East") is not None


@pytest.mark.parametrize(("weight", "count"), [(300, 1), (500, 1), (600, 2), (1200, 3), (10_000, 25)])
def test_both_ends_are_in_the_range(weight, count):
    assert USUAL.count(weight) == count
    assert USUAL.objection(weight, "East") is None


def test_560_households_are_explained_with_their_arithmetic():
    sentence = str(USUAL.objection(560, "East Street"))
    assert "East Street has 560 households" in sentence
    assert "divided by 1 they are 60 too many" in sentence
    assert "divided by 2 40 too few" in sentence
    assert "makes 2" in sentence


def test_299_households_are_one_short():
    assert "299 households in one piece: 1 fewer than a grid needs (300)" in str(USUAL.objection(299, "East"))


def test_where_nothing_fits_the_least_breach_is_made():
    assert [USUAL.count(weight) for weight in (100, 520, 560)] == [1, 1, 2]


def test_299_and_501_breach_the_range_by_one():
    assert list(USUAL.breach([299, 300, 500, 501])) == [1, 0, 0, 1]


def test_a_range_upside_down_is_refused():
    with pytest.raises(GeodataError, match="no range of households"):
        Range(500, 300)
