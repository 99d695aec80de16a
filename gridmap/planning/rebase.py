"""
Bring a plan onto the newest edition when others published meanwhile.

Edits whose neighbourhoods are disjoint commute byte for byte, so a plan that shares no grid with the editions since
is on the new base what it was on the old one. Where it does share some, its edits are replayed one by one; those that
touch a contested grid, or rest on one that does, are set aside with the reason, for a person to draw anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import shapely
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geodata.coverage.edit import Plot, edit_from_json
from gridmap.database import straight
from gridmap.errors import Conflict, GridmapError
from gridmap.language import N_
from gridmap.planning.drafting import Draft, draft_of, store
from gridmap.planning.ground import Label
from gridmap.planning.holdings import inherited
from gridmap.planning.impact import keep_figures
from gridmap.planning.kept_words import kept_sentence
from gridmap.planning.replay import told, work_out_here
from gridmap.planning.tables import Plan, PlanEdit

_STEP_M: Final = 0.0101
"""A border that nowhere moved by more than a step of the lattice has only gained or lost corners."""

CONTESTED: Final = N_("Another edition changed the same grid. Look at both, then draw this again.")
RESTS: Final = N_("It rests on an edit that was set aside. Draw it again after that one.")


class PlanContested(Conflict):
    """Editions published since changed grids that this plan changes, too."""

    def __init__(self, grids: Sequence[str]) -> None:
        super().__init__(
            N_("Other editions changed the same grids meanwhile. The author compares both, rebases and submits again.")
        )
        self.members = {"grids": list(grids)}


@dataclass(frozen=True)
class Contested:
    """
    A grid both ways: polygons as WKB in the plane, None where it is not there.

    Attributes
    ----------
    hard
        Whether both sides changed more of it than its corners; a corner more on a border that stands is no quarrel.
    """

    id: str
    name: str
    base: bytes | None
    mine: bytes | None
    theirs: bytes | None
    hard: bool


_CORNERS: Final = (
    "coalesce(ST_HausdorffDistance(b.plane, {0}.plane) < 0.0101 AND (b.kind, b.households, b.community_id)"
    " = ({0}.kind, {0}.households, {0}.community_id), false)"
)
_CALLED: Final = "({0}.name, {0}.names ->> 'en')"
# A name is quarrelled about only by two who give one.
_NAMED: Final = " AND ".join(f"{_CALLED.format('b')} IS DISTINCT FROM {_CALLED.format(side)}" for side in "gn")
# What changed since the base edition: versions that began or ended after it.
_SHARED: Final = f"""
    SELECT g.temp_id AS id, g.name, ST_AsBinary(b.plane) AS base, ST_AsBinary(g.plane) AS mine,
        ST_AsBinary(n.plane) AS theirs, NOT ({_CORNERS.format("g")} OR {_CORNERS.format("n")})
        OR ({_NAMED}) AS hard
    FROM plan p JOIN edition e ON e.district_id = p.district_id AND e.n = p.base_edition
    JOIN plan_grid g ON g.plan_id = p.id AND g.grid_id IS NOT NULL
    LEFT JOIN grid_version b ON b.grid_id = g.grid_id AND upper_inf(b.recorded) AND b.valid @> e.effective_at
    LEFT JOIN grid_version n ON n.grid_id = g.grid_id AND upper_inf(n.recorded) AND upper_inf(n.valid)
    WHERE p.id = %(plan)s AND b.id IS DISTINCT FROM n.id ORDER BY g.temp_id
"""


def contested(db: Session, plan: Plan) -> list[Contested]:
    """The grids that the plan redraws and editions since its base redrew as well; none if the two are disjoint."""
    return [grid for grid in _shared(db, plan) if grid.hard]


def _shared(db: Session, plan: Plan) -> list[Contested]:
    """The grids whose bytes both sides changed."""
    rows = straight(db, _SHARED, {"plan": plan.id})
    return [
        Contested(row.id, row.name, _bytes(row.base), _bytes(row.mine), _bytes(row.theirs), row.hard) for row in rows
    ]


def _bytes(wkb: Any) -> bytes | None:
    return None if wkb is None else bytes(wkb)


def newest_edition(db: Session, plan: Plan) -> int:
    """The number of the edition in force."""
    return int(db.scalar(text("SELECT edition_n FROM district WHERE area_id = :id"), {"id": plan.district_id}) or 0)


def follow(db: Session, plan: Plan, at: datetime) -> bool:
    """
    Put a plan on the newest edition, if the two are disjoint.

    Where they share no more than corners on borders that stand, the edits are drawn again, and must come to the same.

    Returns
    -------
    moved
        Whether it stood on an older one.

    Raises
    ------
    PlanContested
        If they share grids; the plan stays where it is.
    """
    newest = newest_edition(db, plan)
    if plan.base_edition == newest:
        return False
    shared = _shared(db, plan)
    if any(grid.hard for grid in shared):
        raise PlanContested([grid.id for grid in shared if grid.hard])
    if shared:
        before = draft_of(db, plan.id)
        if _redrawn(db, plan, before, at) or not _same_but_corners(before, draft_of(db, plan.id)):
            raise PlanContested([grid.id for grid in shared])
    plan.base_edition = newest
    db.flush()
    return True


def _same_but_corners(before: Draft, after: Draft) -> bool:
    """Whether two results of the same edits redraw the same grids, with no more than a corner of difference."""
    was, now = before.redrawn(), after.redrawn()
    return was.keys() == now.keys() and all(_same(one, now[grid]) for grid, one in was.items())


def _same(one: Plot | None, other: Plot | None) -> bool:
    if one is None or other is None:
        return one is other
    return bool(shapely.hausdorff_distance(one.plane, other.plane) < _STEP_M)


def rebase(db: Session, plan: Plan, at: datetime) -> list[PlanEdit]:
    """
    Put a draft on the newest edition, and replay its edits there.

    Returns
    -------
    aside
        The edits that were set aside, each with its reason.
    """
    if not _shared(db, plan):
        follow(db, plan, at)
        return []
    return _redrawn(db, plan, draft_of(db, plan.id), at)


def _redrawn(db: Session, plan: Plan, old: Draft, at: datetime) -> list[PlanEdit]:
    """Draw all edits again on the newest edition; gives those that were set aside."""
    hard = {grid.id for grid in contested(db, plan)}
    plan.base_edition, plan.edited_at = newest_edition(db, plan), at
    db.execute(text("DELETE FROM plan_grid WHERE plan_id = :plan"), {"plan": plan.id})
    db.flush()
    draft = draft_of(db, plan.id)
    edits = _counting(db, plan.id)
    draft.labels |= _first_names(edits)
    aside = _replay(db, draft, edits, hard)
    store(db, draft, draft.touched)
    keep_figures(draft, inherited(db, draft, at))
    db.flush()
    return aside


def _first_names(edits: Iterable[PlanEdit]) -> dict[str, Label]:
    """The plan's own grids as they were called when they were drawn; edits that rename them are drawn again, too."""
    named: dict[str, Label] = {}
    for edit in edits:
        for grid in edit.told["grids"]:
            if grid["code"] is None:
                named.setdefault(grid["id"], Label(grid["id"], None, None, grid["name"], grid["names"]))
    return named


def _counting(db: Session, plan_id: UUID) -> Sequence[PlanEdit]:
    return db.scalars(
        select(PlanEdit)
        .where(PlanEdit.plan_id == plan_id, PlanEdit.undone_at.is_(None), PlanEdit.set_aside.is_(None))
        .order_by(PlanEdit.seq)
    ).all()


def _replay(db: Session, draft: Draft, edits: Sequence[PlanEdit], hard: set[str]) -> list[PlanEdit]:
    """Draw edits again one after another; what cannot be is set aside, and with it what rests on it."""
    aside: list[PlanEdit] = []
    lost: set[str] = set()
    for edit in edits:
        redrawn = {grid["id"] for grid in edit.told["grids"]}
        if redrawn & hard:
            edit.set_aside = CONTESTED
        elif redrawn & lost:
            edit.set_aside = RESTS
        else:
            edit.set_aside = _drawn(db, draft, edit)
        if edit.set_aside is not None:
            aside.append(edit)
            lost |= redrawn
    return aside


def _drawn(db: Session, draft: Draft, edit: PlanEdit) -> str | None:
    """Draw one edit on the new base; the sentence of a refusal, or None."""
    try:
        applied = work_out_here(db, draft, edit_from_json({"op": edit.op, **edit.args}))
    except GridmapError as refused:
        return kept_sentence(refused)
    draft.accept(applied)
    edit.inverse, edit.told = applied.inverse.to_json(), told(draft, applied)
    return None
