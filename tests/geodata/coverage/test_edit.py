"""What edits of lines and corners do, and what they refuse: split, merge, move, straighten."""

from __future__ import annotations

import pytest

from geodata.coverage.edit import (
    Houses,
)
from tests.geodata.coverage.drawing import place, square
from tests.geodata.coverage.editing import area_of, do, line, refusal, sheet_of

# Split


def test_a_line_from_border_to_border_splits_a_grid_and_its_neighbour_gains_the_corner():
    sheet = sheet_of()
    applied = do(sheet, "split", grid="A", line=line((1.5, 2.5), (1.5, 5.5)), new=["new"])
    assert applied.noded == {"C"}
    assert area_of(sheet, "A") == area_of(sheet, "new") == 300
    assert place(1.5, 3) in sheet.plots["C"].plane.exterior.coords
    assert sheet.plots["new"].community == "c1"
    assert sheet.plots["new"].kind == "urban"


def test_the_part_with_most_households_keeps_the_id():
    homes = Houses([square(0.2, 3.2, 2), square(2.2, 3.2, 2)], [20, 70])
    sheet = sheet_of(houses=homes, A={"households": 95})
    applied = do(sheet, "split", grid="A", line=line((2, 3), (2, 5)), new=["new"])
    assert area_of(sheet, "A") == 200
    assert (sheet.plots["A"].households, sheet.plots["new"].households) == (75, 20), "the five uncounted stay"
    assert [(moved.to_id, moved.households, moved.houses) for moved in applied.moved] == [("new", 20, (0,))]


def test_a_grid_without_counted_buildings_is_shared_by_area():
    sheet = sheet_of(A={"households": 101})
    do(sheet, "split", grid="A", line=line((1, 3), (1, 5)), new=["new"])
    assert (sheet.plots["A"].households, sheet.plots["new"].households) == (67, 34)


def test_a_line_that_stops_just_short_of_the_border_reaches_it():
    sheet = sheet_of()
    do(sheet, "split", grid="A", line=line((1.5, 3.03), (1.5, 4.98)), new=["new"])
    assert area_of(sheet, "new") == 300


def test_a_line_that_crosses_twice_splits_when_there_is_an_id_for_each_part():
    sheet, twice = sheet_of("AAA ABB AAA"), line((2, -1), (2, 4))
    error = refusal(sheet, "split", grid="A", line=twice, new=["one"])
    assert "3 parts" in str(error)
    assert len(error.places) == 4
    do(sheet, "split", grid="A", line=twice, new=["one", "two"])
    assert [area_of(sheet, key) for key in ("A", "one", "two")] == [500, 100, 100]


@pytest.mark.parametrize(
    ("drawn_line", "says"),
    [
        (line((1, 3.5), (2, 4)), "ends inside"),
        (line((1, 2), (1, 4)), "ends inside"),
        (line((4, 4), (5, 4)), "does not cross"),
        (line((0, 3), (3, 3)), "along the border"),
        (line((3, 3), (3, 5)), "along the border"),
        (line((1, 2), (1, 6), (2, 6), (2, 2)), "3 parts"),
        (line((1, 2), (1, 4.5), (2, 4), (0.5, 4), (0.5, 6)), "crosses itself"),
        (line((0.15, 2), (0.15, 6)), None),
        (line((0.05, 2), (0.05, 6)), "narrower than 1 m"),
        (line((1, 4), (1, 4)), "no length"),
        (line((1, 3.5), (2, 3.5), (2, 4.5), (1, 4.5), (1, 3.5)), "hole"),
    ],
)
def test_a_line_that_leaves_no_two_parts_is_refused_with_its_place(drawn_line, says):
    if says is None:
        do(sheet_of(), "split", grid="A", line=drawn_line, new=["new"])
        return
    error = refusal(sheet_of(), "split", grid="A", line=drawn_line, new=["new"])
    assert says in str(error)
    assert error.places


def test_an_id_that_is_taken_is_no_id_for_a_part():
    error = refusal(sheet_of(), "split", grid="A", line=line((1, 2), (1, 6)), new=["B"])
    assert "taken" in str(error)


# Merge


def test_the_grid_with_most_households_keeps_its_id_when_merged_unless_another_is_named():
    sheet = sheet_of(B={"households": 150})
    applied = do(sheet, "merge", grids=["A", "B"])
    assert "A" not in sheet.plots
    assert sheet.plots["B"].households == 250
    assert applied.inverse.plots["B"].households == 150
    sheet = sheet_of(B={"households": 150})
    do(sheet, "merge", grids=["A", "B"], keep="A")
    assert list(sheet.plots) == ["A", "C", "D", "E"]


def test_merging_keeps_the_corners_that_are_no_longer_needed():
    sheet = sheet_of()
    do(sheet, "merge", grids=["C", "E"])
    assert place(0, 1) in sheet.plots["C"].plane.exterior.coords


@pytest.mark.parametrize(
    ("picture", "grids", "says"),
    [
        ("AAB CCB DDD", ["A", "D"], "do not touch"),
        ("AB BB", ["A", "A"], None),
        ("AC BA", ["A", "B"], None),
        ("AB CD", ["A", "D"], "in a point only"),
        ("AAA ABA AAA", ["A"], "two grids"),
    ],
)
def test_grids_without_a_common_border_are_not_merged(picture, grids, says):
    if says is None:
        return
    error = refusal(sheet_of(picture), "merge", grids=grids)
    assert says in str(error)


def test_grids_of_two_communities_are_not_merged():
    error = refusal(sheet_of(B={"community": "c2"}), "merge", grids=["A", "B"])
    assert "c1, c2" in str(error)
    assert error.grids == ["A", "B"]


def test_grids_around_another_are_not_merged_into_a_ring():
    error = refusal(sheet_of("AAC ABC CCC", A={}, C={}), "merge", grids=["A", "C"])
    assert "hole" in str(error)


# Corners


def test_a_corner_that_three_grids_share_moves_in_all_of_them():
    sheet = sheet_of()
    applied = do(sheet, "move_vertex", at=place(3, 3), to=place(2.5, 3.2))
    assert set(applied.after) == {"A", "B", "C"}
    assert not applied.noded
    assert {(moved.from_id, moved.to_id) for moved in applied.moved} == {("A", "B"), ("A", "C"), ("B", "C")}


def test_the_corners_of_an_edge_move_together():
    sheet = sheet_of()
    moves = [[place(4, row), place(4.5, row)] for row in (1, 2)]
    do(sheet, "move_edge", moves=moves)
    assert area_of(sheet, "C") == 800 + 50 + 25


def test_a_corner_drawn_onto_the_next_one_is_left_out():
    sheet = sheet_of()
    before = len(sheet.plots["C"].plane.exterior.coords)
    do(sheet, "move_vertex", at=place(4, 2), to=place(4, 3))
    assert len(sheet.plots["C"].plane.exterior.coords) == before - 1


@pytest.mark.parametrize(
    ("at", "to", "says"),
    [
        (place(0, 3), place(0.5, 3), "outline"),
        (place(0.5, 3), place(1, 3), "No grid has a corner"),
        (place(3, 3), place(3, 5.5), "cross or touch itself"),
        (place(3, 3), place(3, 5), "cross or touch itself"),
        (place(4, 2), place(-1, 2), "cross or touch itself"),
        (place(3, 3), place(3, 3), "changes nothing"),
    ],
)
def test_a_corner_that_may_not_move_there_stays(at, to, says):
    assert says in str(refusal(sheet_of(), "move_vertex", at=at, to=to))


def test_straightening_leaves_out_corners_and_keeps_the_ends():
    sheet = sheet_of("AAAAC BBBBC")
    x, y = place(2, 1)
    do(sheet, "move_vertex", at=(x, y), to=(x, y - 0.4))
    do(sheet, "straighten", between=["A", "B"], tolerance_m=0.5)
    ring = sheet.plots["A"].plane.exterior.coords
    assert [corner for corner in (place(0, 1), place(1, 1), (x, y - 0.4), place(4, 1)) if corner in ring] == [
        place(0, 1),
        place(4, 1),
    ]
    assert "straight within" in str(refusal(sheet, "straighten", between=["A", "B"], tolerance_m=0.5))
    assert "no common border" in str(refusal(sheet_of(), "straighten", between=["A", "D"], tolerance_m=5))
