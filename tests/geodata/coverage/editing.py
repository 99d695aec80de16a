"""A town drawn as letters, and edits done to it before the eyes of a witness."""

from __future__ import annotations

from typing import Any

import pytest
import shapely

from geodata.coverage.edit import (
    Applied,
    EditRefused,
    Houses,
    Plot,
    Sheet,
    edit_from_json,
    work_out,
)
from tests.geodata.coverage.drawing import drawn, place
from tests.geodata.coverage.ledger import Ledger, bytes_of

TOWN = """
    AAABBB
    AAABBB
    CCCCDD
    CCCCDD
    EEEEDD
"""


def sheet_of(picture: str = TOWN, houses: Houses | None = None, **others: dict[str, Any]) -> Sheet:
    """Grids of 100 households each, all urban and of one community; `others` has values by letter."""
    plots = []
    for letter, shape in drawn(picture).items():
        values = {"community": "c1", "kind": "urban", "households": 100} | others.get(letter, {})
        plots.append(Plot(letter, shapely.normalize(shape), **values))
    return Sheet(plots, houses)


def do(sheet: Sheet, op: str, **args: Any) -> Applied:
    """Do an edit before the eyes of a witness, who looks at everything that must stay true."""
    applied = Ledger(sheet).do(edit_from_json({"op": op} | args))
    assert applied is not None, "not refused"
    return applied


def refusal(sheet: Sheet, op: str, **args: Any) -> EditRefused:
    """The refusal of an edit, which changed no byte."""
    before = bytes_of(sheet)
    with pytest.raises(EditRefused) as caught:
        work_out(sheet, edit_from_json({"op": op} | args))
    assert bytes_of(sheet) == before
    return caught.value


def line(*corners: tuple[float, float]) -> list[tuple[float, float]]:
    return [place(*corner) for corner in corners]


def box(column: float, row: float, width: float, height: float) -> list[tuple[float, float]]:
    right, top = column + width, row + height
    return line((column, row), (right, row), (right, top), (column, top))


def area_of(sheet: Sheet, key: str) -> float:
    return round(sheet.plots[key].plane.area, 6)
