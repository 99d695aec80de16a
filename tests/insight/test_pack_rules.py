"""What a map on paper shows, at which scale, and how numbers are told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.insight.pack_paper import Paper, printable, shortened, width_of
from gridmap.insight.pack_rules import MAP_MM, frame_of, ranges, scale_bar, split_name

sizes = st.floats(1, 60_000)


@given(sizes, sizes)
def test_a_grid_of_any_size_lies_whole_in_the_middle_of_its_map(wide, high):
    (west, south, east, north), scale = frame_of((1000.0, 2000.0, 1000 + wide, 2000 + high))
    assert west < 1000 < 1000 + wide < east
    assert south < 2000 < 2000 + high < north
    assert (west + east) / 2 == pytest.approx(1000 + wide / 2)
    assert (east - west) * 1000 / scale == pytest.approx(MAP_MM[0])


def test_a_larger_grid_is_drawn_at_a_smaller_scale():
    assert [frame_of((0, 0, side, side))[1] for side in (80, 300, 800, 2000)] == [500, 2000, 5000, 12_500]


@given(st.sampled_from([500, 1750, 4500, 25_000, 500_000]))
def test_the_bar_of_the_scale_is_a_round_length_that_fits_its_plate(scale):
    metres, bar = scale_bar(scale)
    assert str(metres).strip("0") in ("1", "2", "5")
    assert 17 < bar <= 45
    assert bar * scale / 1000 == pytest.approx(metres)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("丰泽小区6号楼", ("丰泽小区", 6)),
        ("3号", ("", 3)),
        ("12栋", ("", 12)),
        ("Fengze Estate 6", ("Fengze Estate", 6)),
        ("仁里亭", ("仁里亭", None)),
        ("", ("", None)),
    ],
)
def test_the_number_of_a_house_is_told_from_the_name_of_its_estate(name, parts):
    assert split_name(name) == parts


def test_numbers_in_a_row_are_told_as_one_span():
    assert ranges([4, 1, 2, 9, 3, 9, 6]) == "1–4, 6, 9"
    assert ranges([]) == ""


def test_what_no_paper_shows_is_left_out_and_long_words_are_cut():
    assert printable("一\u202e二\n\x00 三") == "一二 三"
    cut = shortened("很长的名字" * 20, 3, 30)
    assert cut.endswith("…")
    assert width_of(cut, 3) <= 30


def test_no_label_stands_on_another_or_off_the_map():
    paper = Paper((0, 0, 1860, 2140), 10_000)
    assert paper.take((10, 10, 30, 15))
    assert not paper.take((29, 14, 50, 20))
    assert paper.take((31, 10, 50, 15))
    assert not paper.take((-3, 50, 20, 55))
