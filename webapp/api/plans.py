"""Plans: the list, one with all that was drawn and said, its draft as a map."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from flask import request
from pydantic import StringConstraints
from sqlalchemy.orm import Session

from geodata.crs import to_plane
from gridmap.database import transaction
from gridmap.errors import Invalid
from gridmap.language import N_
from gridmap.people.rules import Actor, is_below, scope_of
from gridmap.planning.actions import PlanDraft, begin_plan
from gridmap.planning.drafting import Draft, draft_of
from gridmap.planning.holdings import hands_of
from gridmap.planning.queries import DRAFTS, edit_rows, note_rows, plan_page, plan_row, steps_open_to
from gridmap.planning.rules import State
from gridmap.planning.surroundings import snapping
from webapp.api import api
from webapp.api.grids import asked_box
from webapp.api.paging import next_link, page_after, page_limit
from webapp.api.parameters import PAGE, flag, one_of
from webapp.api.plan_shapes import edit_told, geometry_told, grid_features, note_told, person_told, plan_told, step_told
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import Parameter, takes

BBOX = Parameter("bbox", "West,south,east,north in degrees: only what meets the box.")


class PlanIn(Input):
    """A new plan; the id is the sender's own, so that it can be sent again."""

    id: UUID
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


@api.get("/plans")
@declares(DRAFTS)
@takes(one_of("state", "Only plans in this state.", *State), *PAGE)
def list_plans() -> dict[str, Any]:
    """List plans, the last edited first."""
    state = request.args.get("state")
    if state is not None and state not in set(State):
        raise Invalid(N_("state is one of %(known)s."), where="state", known=", ".join(State))
    actor, after = current_actor(), page_after(datetime.fromisoformat, UUID)
    with transaction() as db:
        page = plan_page(db, actor, state=state, limit=page_limit(), after=after)
    items = [plan_told(row, steps_open_to(row, actor)) for row in page.rows]
    link = None if page.after is None else next_link([page.after[0].isoformat(), page.after[1]])
    return {"items": items, "next": link}


@api.post("/plans")
@declares(DRAFTS)
@takes(body=PlanIn)
def create_plan(body: PlanIn) -> tuple[dict[str, Any], int]:
    """Begin an empty draft on the edition in force."""
    actor = current_actor()
    with transaction() as db:
        new = begin_plan(db, actor, PlanDraft(body.id, body.title), now())
        return shown_plan(db, actor, body.id), 201 if new else 200


@api.get("/plans/<uuid:plan_id>")
@declares(DRAFTS)
@takes()
def show_plan(plan_id: UUID) -> dict[str, Any]:
    """Show a plan with its edits, the newest first, and everything that was said and done."""
    with transaction() as db:
        return shown_plan(db, current_actor(), plan_id)


def shown_plan(db: Session, actor: Actor, plan_id: UUID) -> dict[str, Any]:
    """A plan with all that was drawn and said."""
    row = plan_row(db, actor, plan_id)
    srid = draft_of(db, plan_id).ground.srid
    notes = note_rows(db, plan_id)
    return {
        **plan_told(row, steps_open_to(row, actor)),
        "edits_n": row.edits,
        "edits": [
            edit_told(edit, person_told(edit.by_id, edit.by, edit.by_en), srid) for edit in edit_rows(db, plan_id)
        ],
        "notes": [note_told(note) for note in notes],
        "steps": [step_told(note) for note in notes if note.kind == "step"],
    }


def _plane_box(draft: Draft, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, south, east, north = box
    x, y = to_plane([west, west, east, east], [south, north, south, north], draft.ground.srid)
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def seen_draft(db: Session, actor: Actor, plan_id: UUID) -> Draft:
    """The draft of a plan that the actor may see; see `gridmap.planning.queries.plan_row`."""
    plan_row(db, actor, plan_id)
    return draft_of(db, plan_id)


@api.get("/plans/<uuid:plan_id>/grids")
@declares(DRAFTS)
@takes(BBOX, flag("changed", "Only what differs from the base edition, and how it was."))
def list_draft_grids(plan_id: UUID) -> dict[str, Any]:
    """Show the coverage as the draft has it; with ``changed=1`` what differs, and under ``before`` how it was."""
    actor, box, only = current_actor(), asked_box(), request.args.get("changed") == "1"
    with transaction() as db:
        draft = seen_draft(db, actor, plan_id)
        roots = [path for path, _ in scope_of(actor, DRAFTS).paths]
        changed, redrawn = draft.changed(), draft.redrawn()
        wanted = [plot for plot in redrawn.values() if plot] if only else list(draft.sheet.plots.values())
        if box is not None:
            near = set(draft.sheet.near(_plane_box(draft, box)))
            wanted = [plot for plot in wanted if plot.id in near]
        plots = [plot for plot in wanted if any(is_below(draft.community(plot).path, root) for root in roots)]
        before = [draft.base[grid] for grid in redrawn if grid in draft.base] if only else []
        hands = hands_of(db, draft.ground, [plot.id for plot in (*plots, *before)], now())
    known = draft.ground.shapes
    same = {plot.id: known[plot.id] for plot in plots if plot.id in known and plot.id not in changed}
    told = {"type": "FeatureCollection", "features": grid_features(draft, plots, hands, redrawn, same)}
    return {**told, "before": grid_features(draft, before, hands, redrawn, known)} if only else told


@api.get("/plans/<uuid:plan_id>/snap")
@declares(DRAFTS)
@takes(BBOX)
def show_snapping(plan_id: UUID) -> dict[str, Any]:
    """Show the streets and buildings of a box, to snap to and to click."""
    box = asked_box()
    if box is None:
        raise Invalid(N_("Say which part of the map: bbox takes west,south,east,north in degrees."), where="bbox")
    with transaction() as db:
        draft = seen_draft(db, current_actor(), plan_id)
        lines, buildings = snapping(db, draft.ground, box)
    features = [
        {
            "type": "Feature",
            "id": f"way-{row.id}",
            "geometry": geometry_told(row.shape),
            "properties": {"kind": row.kind, "name": row.name, "rank": row.rank},
        }
        for row in lines
    ]
    features += [
        {
            "type": "Feature",
            "id": row.id,
            "geometry": geometry_told(row.shape),
            "properties": {
                "kind": row.kind,
                "id": row.id,
                "name": row.name,
                "households": row.households,
                "grid": row.grid,
                "inside": row.inside,
            },
        }
        for row in buildings
    ]
    return {"type": "FeatureCollection", "features": features}
