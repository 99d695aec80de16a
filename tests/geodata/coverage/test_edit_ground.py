"""What edits of pieces of ground do, and what they refuse: hand over, carve out, reshape, redraw."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import shapely

from geodata.coverage.edit import (
    EditRefused,
    Houses,
    Plot,
    Sheet,
    edit_from_json,
    work_out,
)
from tests.geodata.coverage.drawing import place, square
from tests.geodata.coverage.editing import area_of, box, do, line, refusal, sheet_of
from tests.geodata.coverage.ledger import bytes_of

# Pieces


def test_a_block_goes_to_the_neighbour_with_its_households():
    homes = Houses([square(1.2, 1.2, 5), square(3.2, 2.2, 5)], [30, 60])
    sheet = sheet_of(houses=homes)
    applied = do(sheet, "hand_over", **{"from": "C", "to": "E"}, piece=box(1, 1, 1, 1))
    assert area_of(sheet, "E") == 500
    assert (sheet.plots["C"].households, sheet.plots["E"].households) == (70, 130)
    assert [(moved.area_m2, moved.households, moved.houses) for moved in applied.moved] == [(100, 30, (0,))]


def test_no_more_households_leave_a_grid_than_the_register_has():
    sheet = sheet_of(houses=Houses([square(1.2, 1.2, 5)], [130]))
    do(sheet, "hand_over", **{"from": "C", "to": "E"}, piece=box(1, 1, 1, 1))
    assert (sheet.plots["C"].households, sheet.plots["E"].households) == (0, 200)


def test_a_block_drawn_a_hand_beside_the_border_is_handed_over_without_a_strip():
    sheet = sheet_of()
    do(sheet, "hand_over", **{"from": "C", "to": "E"}, piece=box(1.01, 1.02, 1, 0.99))
    do(sheet, "hand_over", **{"from": "C", "to": "A"}, piece=box(2.5, 2.02, 1, 0.97))
    assert area_of(sheet, "A") == pytest.approx(700, abs=5)
    assert shapely.get_num_interior_rings(sheet.plots["A"].plane) == 0


def test_a_block_on_both_sides_of_the_border_is_handed_over_as_far_as_it_is_not_there_yet():
    sheet = sheet_of()
    do(sheet, "hand_over", **{"from": "C", "to": "E"}, piece=box(1, 0.5, 1, 1))
    assert area_of(sheet, "E") == 450


@pytest.mark.parametrize(
    ("to", "piece", "says"),
    [
        ("D", box(1, 1.5, 1, 1), "does not touch grid D"),
        ("A", box(1, 2.5, 1, 1.5), None),
        ("E", box(1, 0.5, 4, 1), "over the border"),
        ("A", box(-1, 2, 2, 1), "over the border"),
        ("E", box(0, 1, 4, 2), "whole of grid C"),
        ("E", box(1, 1, 1, 2), "2 pieces"),
        ("E", box(0, 0, 1, 1), "outside of the grid"),
        ("E", box(1, 1, 0.05, 0.05), "under 1 m²"),
        ("E", line((1, 1), (2, 2), (2, 1), (1, 2)), "crosses itself"),
        ("E", line((1, 1), (2, 1), (1, 1)), "three corners"),
        ("C", box(1, 1, 1, 1), "to itself"),
    ],
)
def test_a_piece_that_cannot_be_handed_over_stays(to, piece, says):
    sheet = sheet_of()
    if says is None:
        do(sheet, "hand_over", **{"from": "C", "to": to}, piece=piece)
    else:
        assert says in str(refusal(sheet, "hand_over", **{"from": "C", "to": to}, piece=piece))


def test_a_piece_at_the_border_becomes_the_dedicated_grid_of_its_owner():
    sheet = sheet_of(D={"households": 90})
    do(sheet, "carve_out", new="school", owner="site-7", piece=box(5, 0, 1, 1))
    school = sheet.plots["school"]
    assert (school.kind, school.owner, school.community, school.households) == ("dedicated", "site-7", "c1", 15)
    assert sheet.plots["D"].kind == "urban"


@pytest.mark.parametrize(
    ("piece", "says"),
    [
        (box(3, 1, 2, 1), "over the border"),
        (box(4.5, 1.5, 0.5, 0.5), "hole"),
        (box(4, 1, 2, 1), "2 pieces"),
        (box(4, 0, 2, 3), "whole of grid D"),
        (box(7, 7, 1, 1), "outside"),
        (box(5, -1, 2, 1.5), "over the border"),
    ],
)
def test_a_piece_that_cannot_be_carved_out_stays(piece, says):
    error = refusal(sheet_of(), "carve_out", new="school", owner="site-7", piece=piece)
    assert says in str(error)
    assert error.places


# Reshape


def test_a_border_is_drawn_anew_from_where_the_line_meets_it_to_where_it_does_last():
    sheet = sheet_of()
    applied = do(
        sheet, "reshape", line=line((1, 0.9), (1, 2), (2, 2), (2, 0.5), (3, 0.5), (3, 1.1)), between=["C", "E"]
    )
    assert set(applied.after) == {"C", "E"}
    assert area_of(sheet, "E") == 400 + 100 - 50


def test_the_line_itself_says_which_border_is_meant():
    sheet = sheet_of()
    assert set(do(sheet, "reshape", line=line((1, 1), (1.5, 2), (2, 1))).after) == {"C", "E"}
    sheet = sheet_of()
    both = do(sheet, "reshape", line=line((3, 1.5), (4.5, 1.6), (3.5, 2.5)), between=["C", "D"])
    assert set(both.before) >= {"C", "D"}


def test_a_border_can_be_drawn_anew_over_its_whole_length():
    sheet = sheet_of()
    do(sheet, "reshape", line=line((-1, 2), (5, 2)), between=["C", "E"])
    assert (area_of(sheet, "C"), area_of(sheet, "E")) == (400, 800)


@pytest.mark.parametrize(
    ("drawn_line", "between", "says"),
    [
        (line((1, 1.5), (2, 1.5)), ["C", "E"], "does not cut anything off"),
        (line((1, 1), (1, 3.5), (2, 3.5), (2, 1)), ["C", "E"], "leaves grids C and E"),
        (line((2, 0.5), (5, 4)), None, "does not say which border"),
        (line((0, 2.5), (1, 3)), ["C", "E"], "pieces"),
    ],
)
def test_a_line_that_draws_no_border_is_refused(drawn_line, between, says):
    args = {"line": drawn_line} | ({} if between is None else {"between": between})
    assert says in str(refusal(sheet_of(), "reshape", **args))


# Redraw and restore


def parts_of(*parts: tuple[str, list[tuple[float, float]]], **others: Any) -> list[dict[str, Any]]:
    return [{"id": key, "plane": ring, "kind": "urban", "households": 50} | others for key, ring in parts]


def test_grids_are_replaced_by_others_on_the_same_ground():
    sheet = sheet_of()
    parts = parts_of(("A", box(0, 3, 2, 2)), ("x", box(2, 3, 2, 2)), ("B", box(4, 3, 2, 2)))
    do(sheet, "redraw", grids=["A", "B"], parts=parts)
    assert list(sheet.plots) == ["A", "B", "C", "D", "E", "x"]
    assert area_of(sheet, "x") == 400
    assert sheet.plots["x"].households == 50


def test_the_neighbour_of_a_redrawn_grid_gains_the_corners_of_its_new_border():
    sheet = sheet_of()
    applied = do(sheet, "redraw", grids=["A"], parts=parts_of(("A", box(0, 3, 1.5, 2)), ("x", box(1.5, 3, 1.5, 2))))
    assert applied.noded == {"C"}


def test_a_redrawn_grid_without_given_households_has_those_of_its_ground():
    sheet = sheet_of()
    parts = [part | {"households": None} for part in parts_of(("A", box(0, 3, 2, 2)), ("x", box(2, 3, 4, 2)))]
    do(sheet, "redraw", grids=["A", "B"], parts=parts)
    assert (sheet.plots["A"].households, sheet.plots["x"].households) == (67, 133)


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        (parts_of(("A", box(0, 3, 2, 2)), ("x", box(3, 3, 3, 2))), "uncovered (200.0 m²)"),
        (parts_of(("A", box(0, 3, 4, 2)), ("x", box(3, 3, 3, 2))), "A, x overlap"),
        (parts_of(("A", box(0, 3, 6, 2.5))), "outside of the grids"),
        (parts_of(("A", box(0, 3, 3, 2)), ("C", box(3, 3, 3, 2))), "taken"),
        (parts_of(("A", box(0, 3, 3, 2)), ("A", box(3, 3, 3, 2))), "one id"),
        (parts_of(("A", line((0, 3), (6, 5), (6, 3), (0, 5)))), "no valid polygon"),
    ],
)
def test_parts_that_do_not_fill_their_ground_once_are_refused(parts, says):
    assert says in str(refusal(sheet_of(), "redraw", grids=["A", "B"], parts=parts))


def test_a_part_lies_in_one_community():
    parts = parts_of(("A", box(0, 3, 2, 2)), ("x", box(2, 3, 4, 2)))
    error = refusal(sheet_of(B={"community": "c2"}), "redraw", grids=["A", "B"], parts=parts)
    assert "several communities (c1, c2)" in str(error)


def test_bytes_that_no_longer_fit_among_their_neighbours_are_not_restored():
    sheet = sheet_of()
    first = do(sheet, "hand_over", **{"from": "C", "to": "E"}, piece=box(1, 1, 1, 1))
    do(sheet, "move_vertex", at=place(4, 2), to=place(3.5, 2.2))
    error = refusal(sheet, "restore", **{k: v for k, v in first.inverse.to_json().items() if k != "op"})
    assert "changed since" in str(error)
    assert error.grids == ["C", "E"]


def test_an_outline_that_gained_a_corner_loses_it_again_to_the_byte():
    sheet = sheet_of()
    before = bytes_of(sheet)
    applied = do(sheet, "split", grid="A", line=line((-0.5, 3.7), (3.5, 4.2)), new=["new"])
    assert bytes_of(sheet) != before
    sheet.accept(work_out(sheet, applied.inverse))
    assert bytes_of(sheet) == before


def test_the_outline_does_not_creep_however_often_it_gains_a_corner():
    slanted = Sheet([Plot("A", shapely.Polygon([(0, 0), (300, 0), (300, 300), (0, 287.31)]), "c1", "urban", 100)])
    outline = slanted.plots["A"].plane.boundary
    rng = np.random.default_rng(5)
    for number in range(60):
        x = float(rng.uniform(20, 280))
        top = max(slanted.plots.values(), key=lambda plot: plot.plane.contains(shapely.Point(x, 280)))
        cut = [(round(x, 2), 280), (round(x + rng.uniform(-3, 3), 2), 310)]
        corner = [(round(x - 4, 2), 310), (round(x - 4, 2), 280), *cut]
        try:
            slanted.accept(
                work_out(
                    slanted, edit_from_json({"op": "split", "grid": top.id, "line": corner, "new": [f"n{number}"]})
                )
            )
        except EditRefused:
            continue
    whole = shapely.coverage_union_all([plot.plane for plot in slanted.plots.values()])
    corners = shapely.points(shapely.get_coordinates(whole))
    assert len(slanted.plots) > 20
    assert shapely.distance(corners, outline).max() <= 0.0071


# Remarks


def test_a_building_that_a_new_border_cuts_is_told_and_not_refused():
    homes = Houses([square(1.2, 3.2, 5), square(2.2, 3.2, 5)], [5, 6])
    sheet = sheet_of(houses=homes)
    (remark,) = do(sheet, "split", grid="A", line=line((1.5, 2), (1.5, 6)), new=["new"]).remarks
    assert remark.code == "building_cut"
    assert remark.values == {"area": 10.0, "building": 0}
    assert shapely.Point(remark.place).within(homes.footprints[0])
    assert "10.0 m²" in str(remark)


def test_a_wall_that_stands_a_hand_over_the_border_is_no_building_cut():
    homes = Houses([square(0.5, 3.2, 10.05)], [5])
    applied = do(sheet_of(houses=homes), "split", grid="A", line=line((1.5, 2), (1.5, 6)), new=["new"])
    assert applied.remarks == ()


def test_ground_that_changes_its_community_is_told():
    sheet = sheet_of(E={"community": "c2"})
    (remark,) = do(sheet, "hand_over", **{"from": "C", "to": "E"}, piece=box(1, 1, 1, 1)).remarks
    assert (remark.code, remark.values) == ("community_moved", {"one": "c1", "other": "c2"})


# The sheet


def test_a_copy_is_a_sheet_of_its_own():
    sheet = sheet_of()
    copy = sheet.copy()
    do(copy, "merge", grids=["A", "B"])
    assert list(sheet.plots) == list("ABCDE")
    assert len(copy.plots) == 4
    assert copy.near(sheet.plots["B"].plane.bounds) == ["A", "C", "D"]


def test_what_was_worked_out_before_another_edit_is_not_accepted_after_it():
    sheet = sheet_of()
    late = work_out(sheet, edit_from_json({"op": "merge", "grids": ["A", "B"]}))
    do(sheet, "merge", grids=["A", "C"])
    with pytest.raises(ValueError, match="changed since"):
        sheet.accept(late)


def test_a_grid_that_is_not_there_is_named():
    assert "no grid Z" in str(refusal(sheet_of(), "merge", grids=["A", "Z"]))


def test_two_grids_of_one_id_make_no_sheet():
    plot = Plot("A", square(0, 0), "c1", "urban", 1)
    with pytest.raises(ValueError, match="one id"):
        Sheet([plot, plot])
    with pytest.raises(ValueError, match="do not pair"):
        Houses([square(0, 0)], [])
    assert math.isfinite(plot.inner[0])
