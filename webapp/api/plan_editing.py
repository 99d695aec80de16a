"""Drawing in a plan, and what it comes to: edits, undo and redo, the check, the impact, what people say."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from flask import request
from pydantic import StringConstraints
from sqlalchemy.orm import Session

from geodata.coverage.edit import EditRefused, edit_from_json
from gridmap.database import transaction
from gridmap.errors import Conflict, NotFound
from gridmap.language import N_
from gridmap.people.rules import scope_of
from gridmap.planning import editing
from gridmap.planning.checking import check
from gridmap.planning.degrees import to_metres
from gridmap.planning.drafting import plan_of
from gridmap.planning.ground import srid_of
from gridmap.planning.handing import handed
from gridmap.planning.holdings import hands_of, inherited
from gridmap.planning.impact import MOVING, impact, kept_impact
from gridmap.planning.notes import comment, give_reason
from gridmap.planning.queries import DRAFTS
from gridmap.planning.replay import NotAnEdit
from gridmap.planning.rules import State
from webapp.api import api
from webapp.api.paging import next_link, page_after, page_limit
from webapp.api.parameters import PAGE
from webapp.api.plan_shapes import (
    check_told,
    edit_told,
    grid_features,
    handed_told,
    impact_told,
    person_told,
    pieces_told,
    remark_told,
)
from webapp.api.plans import seen_draft, shown_plan
from webapp.shared.patience import wait_longer
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import Parameter, takes

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Operation = Literal[
    "split", "merge", "move_vertex", "move_edge", "reshape", "hand_over", "carve_out", "straighten", "rename"
]


class EditIn(Input):
    """
    One edit as it was drawn, positions in longitude and latitude; the id is the sender's own.

    `after` is the number of the last edit that the sender has seen: if somebody drew meanwhile, nothing is done.
    """

    id: UUID
    after: int
    op: Operation
    args: dict[str, Any]


class Back(Input):
    """Which edit to take back or put in again; the last one unless named. The id names this call."""

    id: UUID
    edit: UUID | None = None


class NoteIn(Input):
    """Something said about a plan."""

    id: UUID
    body: Words


class ReasonIn(NoteIn):
    """Why a finding of the check may stay; `item` is its key."""

    item: Annotated[str, StringConstraints(min_length=1, max_length=200)]


@api.post("/plans/<uuid:plan_id>/edits")
@declares(DRAFTS)
@takes(body=EditIn)
def draw(plan_id: UUID, body: EditIn) -> tuple[dict[str, Any], int]:
    """Draw one edit: all grids concerned follow, or nothing is changed and the answer says why and where."""
    with transaction() as db:
        args = to_metres(body.op, body.args, srid_of(db, plan_of(db, plan_id).district_id))
        try:
            edit = edit_from_json({**args, "op": body.op})
        except EditRefused as refused:
            raise NotAnEdit(refused) from refused
        outcome = editing.apply_edit(db, current_actor(), plan_id, body.id, edit, now(), after=body.after)
        return outcome_told(db, outcome), 201 if outcome.applied else 200


@api.post("/plans/<uuid:plan_id>/undo")
@declares(DRAFTS)
@takes(body=Back)
def undo(plan_id: UUID, body: Back) -> dict[str, Any]:
    """Take an edit back, the last one unless another is named."""
    with transaction() as db:
        wait_longer(db)
        return outcome_told(db, editing.undo(db, current_actor(), plan_id, body.id, now(), body.edit))


@api.post("/plans/<uuid:plan_id>/redo")
@declares(DRAFTS)
@takes(body=Back)
def redo(plan_id: UUID, body: Back) -> dict[str, Any]:
    """Put an edit in again where it stood, the one undone last unless another is named."""
    with transaction() as db:
        wait_longer(db)
        return outcome_told(db, editing.redo(db, current_actor(), plan_id, body.id, now(), body.edit))


def outcome_told(db: Session, outcome: editing.Outcome) -> dict[str, Any]:
    """What changed on the map, and what the whole plan comes to now."""
    draft, actor, at = outcome.draft, current_actor(), now()
    srid = draft.ground.srid
    plots = [plot for grid in sorted(outcome.reached) if (plot := draft.sheet.plots.get(grid)) is not None]
    hands = hands_of(db, draft.ground, [plot.id for plot in plots], at)
    return {
        "edit": edit_told(outcome.edit, person_told(actor.id, actor.name, actor.name_en), srid),
        "changed": grid_features(draft, plots, hands, outcome.inherited.altered),
        "gone": sorted(grid for grid in outcome.reached if grid not in draft.sheet.plots),
        "moved": pieces_told(draft, outcome.applied.moved) if outcome.applied else outcome.edit.told["moved"],
        "remarks": [remark_told(remark, srid) for remark in outcome.applied.remarks] if outcome.applied else [],
        "check": check_told(check(db, draft, at, outcome.inherited), srid),
        "impact": impact_told(draft, impact(db, draft, at, outcome.inherited)),
        "seq": outcome.seq,
    }


@api.get("/plans/<uuid:plan_id>/check")
@declares(DRAFTS)
@takes()
def show_check(plan_id: UUID) -> dict[str, Any]:
    """Check a plan: what must be changed before it can be submitted, what needs a reason, what holds."""
    with transaction() as db:
        draft = seen_draft(db, current_actor(), plan_id)
        return check_told(check(db, draft, now()), draft.ground.srid)


@api.get("/plans/<uuid:plan_id>/impact")
@declares(DRAFTS)
@takes(Parameter("grids", "Ids of grids, with commas: only these in the table."))
def show_impact(plan_id: UUID) -> dict[str, Any]:
    """Show what a plan does to households, sites, devices, open incidents and staff, before and after."""
    wanted = request.args.get("grids")
    with transaction() as db:
        draft = seen_draft(db, current_actor(), plan_id)
        found = kept_impact(draft) or impact(db, draft, now())
        return impact_told(draft, found, frozenset(wanted.split(",")) if wanted else None)


@api.get("/plans/<uuid:plan_id>/impact/<kind>")
@declares(DRAFTS)
@takes(Parameter("grid", "Id of a grid: only what it gives or gets."), *PAGE)
def list_handed(plan_id: UUID, kind: str) -> dict[str, Any]:
    """List what stands behind a number of the impact: each thing with the grid it leaves and the one it goes to."""
    if kind not in MOVING:
        raise NotFound(N_("There is no figure %(kind)s. There are: %(known)s."), kind=kind, known=", ".join(MOVING))
    after, limit = page_after(str, str), page_limit()
    with transaction() as db:
        draft = seen_draft(db, current_actor(), plan_id)
        if draft.plan.state in (State.PUBLISHED, State.REVERTED):
            raise Conflict(
                N_("The plan is published, and what it handed on has moved. Its figures are those of the hour.")
            )
        gained = inherited(db, draft, now())
        roots = [path for path, _ in scope_of(current_actor(), DRAFTS).paths]
        rows = handed(db, draft, gained, kind, now(), grid=request.args.get("grid"), roots=roots)
    rest = [row for row in rows if after is None or (row.sort, row.id) > after]
    page = rest[:limit]
    link = next_link([page[-1].sort, page[-1].id]) if len(rest) > limit else None
    return {"items": [handed_told(row, draft) for row in page], "next": link}


@api.post("/plans/<uuid:plan_id>/notes")
@declares(DRAFTS)
@takes(body=NoteIn)
def add_comment(plan_id: UUID, body: NoteIn) -> tuple[dict[str, Any], int]:
    """Say something about a plan."""
    actor = current_actor()
    with transaction() as db:
        new = comment(db, actor, plan_id, body.id, body.body, now())
        return shown_plan(db, actor, plan_id), 201 if new else 200


@api.post("/plans/<uuid:plan_id>/reasons")
@declares(DRAFTS)
@takes(body=ReasonIn)
def add_reason(plan_id: UUID, body: ReasonIn) -> tuple[dict[str, Any], int]:
    """Say why a finding of the check may stay."""
    actor = current_actor()
    with transaction() as db:
        new = give_reason(db, actor, plan_id, body.id, body.item, body.body, now())
        draft = seen_draft(db, actor, plan_id)
        return check_told(check(db, draft, now()), draft.ground.srid), 201 if new else 200
