"""
Redraw a coverage so that it stays one.

An edit changes linework, and polygons follow: no operation draws one grid alone. Edits are data; `work_out` says what
one does and changes nothing, `Sheet.accept` does it. A sheet is in metres, in the working CRS, on a lattice of 1 cm.
"""

from geodata.coverage.edit.edits import (
    CarveOut,
    Edit,
    HandOver,
    Kept,
    Merge,
    MoveEdge,
    MoveVertex,
    Part,
    Redraw,
    Rename,
    Reshape,
    Restore,
    Split,
    Straighten,
)
from geodata.coverage.edit.houses import Houses
from geodata.coverage.edit.plots import Called, Plot
from geodata.coverage.edit.reading import edit_from_json
from geodata.coverage.edit.reckoning import Moved
from geodata.coverage.edit.refusals import EditMalformed, EditRefused
from geodata.coverage.edit.remarks import Remark
from geodata.coverage.edit.sheet import Sheet
from geodata.coverage.edit.work import Applied, work_out

__all__ = [
    "Applied",
    "Called",
    "CarveOut",
    "Edit",
    "EditMalformed",
    "EditRefused",
    "HandOver",
    "Houses",
    "Kept",
    "Merge",
    "MoveEdge",
    "MoveVertex",
    "Moved",
    "Part",
    "Plot",
    "Redraw",
    "Remark",
    "Rename",
    "Reshape",
    "Restore",
    "Sheet",
    "Split",
    "Straighten",
    "edit_from_json",
    "work_out",
]
