"""Edits are data: read strictly, written back the same, applied again to the same bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.coverage.edit import EditMalformed, HandOver, Kept, Rename, Restore, Split, edit_from_json
from geodata.crs import snap_to_lattice

LINE = [[1.0, 2.0], [3.25, 4.5], [9, 9]]
KEPT = {"plane": "00", "community": "c", "kind": "rural", "households": 0, "owner": None}
EDITS: list[dict[str, Any]] = [
    {"op": "split", "grid": "A", "line": LINE, "new": ["x", "y"]},
    {"op": "merge", "grids": ["A", "B"]},
    {"op": "merge", "grids": ["A", "B"], "keep": "B"},
    {"op": "move_vertex", "at": [1, 2], "to": [1.5, 2]},
    {"op": "move_edge", "moves": [[[1, 2], [1.5, 2]], [[3, 4], [5, 6]]]},
    {"op": "reshape", "line": LINE},
    {"op": "reshape", "line": LINE, "between": ["A", "B"]},
    {"op": "hand_over", "from": "A", "to": "B", "piece": LINE},
    {"op": "carve_out", "new": "x", "owner": "site", "piece": LINE},
    {"op": "straighten", "between": ["A", "B"], "tolerance_m": 2.0},
    {"op": "rename", "grid": "A", "name": "锦绣"},
    {"op": "rename", "grid": "A", "name": "锦绣", "name_en": "Brocade"},
    {
        "op": "redraw",
        "grids": ["A"],
        "parts": [
            {"id": "A", "plane": LINE, "kind": "urban", "households": 7},
            {"id": "x", "plane": "00", "kind": "dedicated", "households": None, "owner": "site"},
        ],
    },
    {"op": "restore", "plots": {"A": KEPT, "B": KEPT | {"called": ["锦绣", None]}, "x": None}},
]
NOT_A_PLACE = ([1, float("nan")], [1, float("inf")], [1, "2"], [1, True], [1], [1, 2, 3], 7, None, [1e9, 0])


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "x" * 81, 7, None])
def test_a_name_is_something_to_be_read(name):
    with pytest.raises(EditMalformed):
        edit_from_json({"op": "rename", "grid": "A", "name": name})
    assert edit_from_json({"op": "rename", "grid": "A", "name": " 锦绣 "}) == Rename("A", "锦绣")


def _name(edit: dict[str, Any]) -> str:
    return str(edit["op"])


@pytest.mark.parametrize("edit", EDITS, ids=_name)
def test_an_edit_is_written_back_as_it_was_read(edit):
    read = edit_from_json(edit)
    assert read.to_json() == edit
    assert edit_from_json(json.loads(json.dumps(read.to_json()))) == read


@pytest.mark.parametrize("edit", EDITS, ids=_name)
def test_an_edit_with_an_unknown_field_or_without_one_of_its_own_is_refused(edit):
    with pytest.raises(EditMalformed, match="unknown field /more"):
        edit_from_json(edit | {"more": 1})
    for key in edit.keys() - {"keep", "between", "name_en"} | ({"between"} if edit["op"] == "straighten" else set()):
        with pytest.raises(EditMalformed, match=f"lacks /{key}"):
            edit_from_json({other: value for other, value in edit.items() if other != key})


@pytest.mark.parametrize(
    ("edit", "where"),
    [
        ("split", "/"),
        (None, "/"),
        ({"op": 7}, "/op"),
        (EDITS[0] | {"new": []}, "/new"),
        (EDITS[0] | {"new": ["x", "x"]}, "/new"),
        (EDITS[0] | {"grid": ""}, "/grid"),
        (EDITS[0] | {"line": [[1, 2]]}, "/line"),
        (EDITS[0] | {"line": [[1, 2]] * 10_001}, "/line"),
        (EDITS[1] | {"grids": ["A", "A"]}, "/grids"),
        (EDITS[4] | {"moves": [[[1, 2], [1.5, 2]], [[1, 2], [5, 6]]]}, "/moves"),
        (EDITS[4] | {"moves": [[[1, 2]]]}, "/moves/0"),
        (EDITS[9] | {"tolerance_m": 0}, "/tolerance_m"),
        (EDITS[9] | {"between": ["A", "B", "C"]}, "/between"),
        (EDITS[12] | {"parts": [{"id": "A", "plane": "00", "kind": "suburb"}]}, "/parts/0/kind"),
        (EDITS[13] | {"plots": {}}, "/plots"),
        (EDITS[13] | {"plots": {"A": KEPT | {"households": -1}}}, "/plots/A/households"),
        *((EDITS[3] | {"to": place}, "/to") for place in NOT_A_PLACE[:-1] if place is not None),
        (EDITS[3] | {"to": NOT_A_PLACE[-1]}, "/to"),
    ],
)
def test_a_value_that_does_not_belong_there_is_refused_with_its_place(edit, where):
    with pytest.raises(EditMalformed, match=f"at {where} "):
        edit_from_json(edit)


def test_an_unknown_operation_is_refused_with_those_that_there_are():
    with pytest.raises(EditMalformed, match=r"no operation explode.*carve_out, hand_over"):
        edit_from_json({"op": "explode"})


def test_nested_objects_are_as_strict():
    with pytest.raises(EditMalformed, match="unknown field /plots/A/more"):
        edit_from_json({"op": "restore", "plots": {"A": KEPT | {"more": 1}}})


@given(st.lists(st.tuples(st.floats(-1e7, 1e7), st.floats(-1e7, 1e7)), min_size=2, max_size=5))
def test_every_place_is_put_on_the_lattice(corners):
    edit = edit_from_json({"op": "split", "grid": "A", "line": corners, "new": ["x"]})
    assert isinstance(edit, Split)
    assert list(edit.line) == [tuple(xy) for xy in snap_to_lattice(corners).tolist()]


def test_names_of_the_wire_and_of_the_data_are_the_same_thing():
    assert edit_from_json(EDITS[7]) == HandOver("A", "B", ((1.0, 2.0), (3.25, 4.5), (9.0, 9.0)))
    assert edit_from_json(EDITS[13]) == Restore(
        {"A": Kept("00", "c", "rural", 0), "B": Kept("00", "c", "rural", 0, None, ("锦绣", None)), "x": None}
    )
