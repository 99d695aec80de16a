"""Work edits out on a draft, one or again all that follow another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from sqlalchemy.orm import Session

from geodata.coverage.edit import Applied, Edit, EditMalformed, EditRefused, Plot, edit_from_json, work_out
from gridmap.errors import GridmapError, Invalid, Malformed
from gridmap.language import N_
from gridmap.planning.degrees import in_degrees
from gridmap.planning.drafting import Draft
from gridmap.planning.houses import houses_for
from gridmap.planning.naming import name_new_grids
from gridmap.planning.tables import PlanEdit


class EditNotPossible(Invalid):
    """An edit that would break the coverage, with the places on the map; nothing was changed."""

    def __init__(self, refused: EditRefused, draft: Draft) -> None:
        super().__init__(refused.msgid, where="/args", **_by_name(refused.params, draft))
        self.members = {"places": in_degrees(refused.places, draft.ground.srid), "grids": refused.grids}


class NotAnEdit(Malformed):
    """Data that are those of no operation; the place in them is a JSON pointer."""

    def __init__(self, refused: EditRefused) -> None:
        super().__init__(refused.msgid, where=f"/args{refused.params.get('where', '')}")
        # The sentence names the place too, under the name that the base class keeps for itself.
        self.params = dict(refused.params)


class OthersRestOnIt(Invalid):
    """Edits that cannot be done any more when another is taken back or put in: they must go first."""

    def __init__(self, needing: Sequence[PlanEdit]) -> None:
        super().__init__(
            N_("Later edits rest on this: %(numbers)s. Undo them first."),
            numbers=", ".join(f"#{edit.seq}" for edit in needing),
        )
        grids = {grid["id"] for edit in needing for grid in edit.told["grids"]}
        self.members = {"edits": [edit.seq for edit in needing], "grids": sorted(grids), "places": []}


def _by_name(params: Mapping[str, Any], draft: Draft) -> dict[str, Any]:
    """The values of a sentence with grids and communities by their names instead of their ids and codes."""
    names = {code: community.name for code, community in draft.ground.communities.items()}
    names |= {grid: label.name for grid, label in draft.labels.items()}
    return {
        key: ", ".join(names.get(part, part) for part in value.split(", ")) if isinstance(value, str) else value
        for key, value in params.items()
    }


def refusal_of(refused: EditRefused, draft: Draft) -> GridmapError:
    """What the engine refused, as an answer: what is no edit at all is malformed."""
    if isinstance(refused, EditMalformed):
        return NotAnEdit(refused)
    return EditNotPossible(refused, draft)


def work_out_here(db: Session, draft: Draft, edit: Edit) -> Applied:
    """
    Work an edit out on a draft, with the buildings that stand around; the draft stays as it is.

    Raises
    ------
    EditNotPossible, Malformed
        If the engine refuses it.
    """
    draft.sheet.houses = houses_for(db, draft.ground, draft.sheet, edit)
    try:
        return work_out(draft.sheet, edit)
    except EditRefused as refused:
        raise refusal_of(refused, draft) from refused


def replay(
    db: Session,
    draft: Draft,
    later: Sequence[PlanEdit],
    *,
    without: PlanEdit | None = None,
    having: PlanEdit | None = None,
) -> set[str]:
    """
    Bring a draft to where it would be if an edit had never been made, or had been made in its place.

    Only what shares grids with it is worked out anew: edits that have nothing in common give the same bytes in any
    order, so the others keep what they came to.

    Parameters
    ----------
    later
        The edits after it that count, in their order. Those worked out anew are updated.
    without, having
        The edit to leave out, which the draft has, or the one to put in.

    Returns
    -------
    reached
        Ids of the grids that are other than before.

    Raises
    ------
    OthersRestOnIt
        Naming the later edits that cannot be done any more.
    EditNotPossible
        If the edit to put in cannot be done.
    """
    start = dict(draft.present(draft.touched))
    came_to = _rewind(draft, later)
    dirty = _leave_out(draft, without) if without is not None else set()
    if having is not None:
        dirty |= _put_in(db, draft, having)
    needing: list[PlanEdit] = []
    for edit in later:
        grids = set(edit.inverse["plots"])
        if not grids & dirty:
            draft.take(came_to[edit.seq])
            continue
        dirty |= grids
        try:
            dirty |= _put_in(db, draft, edit)
        except (EditNotPossible, Malformed):
            needing.append(edit)
    if needing:
        raise OthersRestOnIt(needing)
    return {grid for grid in draft.touched if draft.sheet.plots.get(grid) != start.get(grid, draft.base.get(grid))}


def _rewind(draft: Draft, later: Sequence[PlanEdit]) -> dict[int, dict[str, Plot | None]]:
    """Take edits back, the last one first; gives what each had come to, by its number."""
    came_to: dict[int, dict[str, Plot | None]] = {}
    for edit in reversed(later):
        came_to[edit.seq] = dict(draft.present(edit.inverse["plots"]))
        draft.take(kept_plots(edit.inverse))
    return came_to


def _leave_out(draft: Draft, edit: PlanEdit) -> set[str]:
    draft.take(kept_plots(edit.inverse))
    return set(edit.inverse["plots"])


def _put_in(db: Session, draft: Draft, kept: PlanEdit) -> set[str]:
    edit = edit_from_json({"op": kept.op, **kept.args})
    applied = work_out_here(db, draft, edit)
    draft.accept(applied)
    name_new_grids(db, draft, edit, applied)
    kept.inverse, kept.told = applied.inverse.to_json(), told(draft, applied)
    return set(applied.after)


def kept_plots(inverse: Mapping[str, Any]) -> dict[str, Plot | None]:
    """Read the grids that an inverse keeps: the very bytes, None for one that was not there."""
    return {
        grid: kept
        and Plot(
            grid,
            shapely.from_wkb(kept["plane"]),
            kept["community"],
            kept["kind"],
            kept["households"],
            kept["owner"],
            None if kept.get("called") is None else (kept["called"][0], kept["called"][1]),
        )
        for grid, kept in inverse["plots"].items()
    }


def told(draft: Draft, applied: Applied) -> dict[str, Any]:
    """What an edit did when it was worked out, as lists say it: grids by the names they had, households, ground."""
    return {
        "grids": [
            {"id": grid, "code": label.code, "name": label.name, "names": label.names}
            for grid in sorted(applied.after.keys() - applied.noded)
            if (label := draft.labels[grid])
        ],
        "moved": [
            {
                "from": piece.from_id,
                "to": piece.to_id,
                "households": piece.households,
                "area_m2": round(piece.area_m2, 2),
            }
            for piece in applied.moved
        ],
    }
