"""Work an edit out: draw it, prove that the coverage holds, reckon what moves; the sheet stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from geodata.coverage.edit.corners import move_edge, move_vertex, straighten
from geodata.coverage.edit.dividing import merge, split
from geodata.coverage.edit.drawn import Drawn
from geodata.coverage.edit.edits import (
    CarveOut,
    Edit,
    HandOver,
    Kept,
    Merge,
    MoveEdge,
    MoveVertex,
    Redraw,
    Rename,
    Reshape,
    Restore,
    Split,
    Straighten,
)
from geodata.coverage.edit.noding import settled
from geodata.coverage.edit.pieces import carve_out, hand_over
from geodata.coverage.edit.plots import Plot
from geodata.coverage.edit.reckoning import Moved, movements
from geodata.coverage.edit.refusals import EditRefused
from geodata.coverage.edit.remarks import Remark, remarks_on
from geodata.coverage.edit.replacing import redraw, rename, restore
from geodata.coverage.edit.reshaping import reshape
from geodata.coverage.edit.sheet import Sheet
from geodata.errors import N_

_OPERATIONS: Final[Mapping[type[Any], Callable[[Sheet, Any], Drawn]]] = {
    Split: split,
    Merge: merge,
    MoveVertex: move_vertex,
    MoveEdge: move_edge,
    Reshape: reshape,
    HandOver: hand_over,
    CarveOut: carve_out,
    Straighten: straighten,
    Rename: rename,
    Redraw: redraw,
    Restore: restore,
}


@dataclass(frozen=True, slots=True)
class Applied:
    """
    What an edit does to a sheet, not yet done.

    Attributes
    ----------
    before, after
        The grids that change, and only those, by id: None where there is none before, or none after.
    noded
        Those of them that only gained corners, where a neighbour's border now meets theirs.
    moved
        What goes from grid to grid.
    remarks
        What a planner should know; nothing was refused for it.
    inverse
        The edit that gives every changed grid its bytes back.
    """

    edit: Edit
    before: Mapping[str, Plot | None]
    after: Mapping[str, Plot | None]
    noded: frozenset[str]
    moved: tuple[Moved, ...]
    remarks: tuple[Remark, ...]
    inverse: Restore


def work_out(sheet: Sheet, edit: Edit) -> Applied:
    """
    Work out what an edit does; `Sheet.accept` does it.

    The answer depends on the grids that the edit redraws and on the edges of their neighbours alone. So edits whose
    neighbourhoods have nothing in common give the same bytes in any order, and the cost does not grow with the sheet.

    Raises
    ------
    EditRefused
        If the coverage would no longer hold, with the places; nothing was changed.
    """
    drawn = _OPERATIONS[type(edit)](sheet, edit)
    drawn, noded = settled(sheet, drawn)
    moved, households = movements(sheet.houses, drawn.before, {key: plot.plane for key, plot in drawn.after.items()})
    after = {
        key: plot if key in drawn.counted else replace(plot, plane=plot.plane, households=households[key])
        for key, plot in drawn.after.items()
    }
    before = _changed({**drawn.before, **{key: sheet.plots[key] for key in noded}}, after | noded)
    if not before:
        raise EditRefused(N_("The edit changes nothing."), grids=list(drawn.before))
    return Applied(
        edit=edit,
        before=before,
        after={key: (after | noded).get(key) for key in before},
        noded=frozenset(noded),
        moved=moved,
        remarks=remarks_on(sheet.houses, drawn.before, after, moved),
        inverse=Restore({key: None if plot is None else _kept(plot) for key, plot in before.items()}),
    )


def _changed(before: Mapping[str, Plot], after: Mapping[str, Plot]) -> dict[str, Plot | None]:
    """The grids of before that are others after, and None for those that are new."""
    keys = [*before, *(key for key in after if key not in before)]
    return {key: before.get(key) for key in keys if before.get(key) != after.get(key)}


def _kept(plot: Plot) -> Kept:
    return Kept(plot.plane.wkb_hex, plot.community, plot.kind, plot.households, plot.owner, plot.called)
