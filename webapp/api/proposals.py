"""Proposals: what the service works out for a plan, and taking it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from uuid import UUID

import numpy as np
import shapely
from pydantic import Field, StringConstraints, model_validator

from geodata.crs import shapes_to_lonlat
from gridmap.database import transaction
from gridmap.language import N_, translate, values_told
from gridmap.planning import proposing
from gridmap.planning.drafting import plan_of
from gridmap.planning.ground import srid_of
from gridmap.planning.proposing import Wish
from gridmap.planning.queries import DRAFTS
from gridmap.planning.tables import PlanProposal
from webapp.api import api
from webapp.api.plan_editing import outcome_told
from webapp.api.plan_shapes import geometry_told
from webapp.api.shapes import instant
from webapp.shared.pages import current_locale
from webapp.shared.patience import wait_longer
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import takes

Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]


class ProposalIn(Input):
    """What to work out; the id is the sender's own."""

    id: UUID
    kind: Literal["split", "balance", "partition"]
    grid: Name | None = None
    community: Name | None = None
    area: Name | None = None
    grids: tuple[Name, ...] = Field(default=(), max_length=1000)
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    min: Annotated[int, Field(ge=1, le=100_000)] = 300
    max: Annotated[int, Field(ge=1, le=100_000)] = 500

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min > self.max:
            raise ValueError("min must not be above max")
        return self

    def wish(self) -> Wish:
        """The wish as the domain takes it."""
        return Wish(
            self.kind,
            self.grid,
            self.community,
            self.area,
            tuple(sorted(set(self.grids))),
            self.min,
            self.max,
            self.seed,
        )


class Call(Input):
    """A call that is carried out once, by the sender's id."""

    id: UUID


@api.post("/plans/<uuid:plan_id>/proposals")
@declares(DRAFTS)
@takes(body=ProposalIn)
def ask_for_proposal(plan_id: UUID, body: ProposalIn) -> tuple[dict[str, Any], int]:
    """Have borders worked out: a grid split, a community balanced, an area divided anew; the plan stays as it is."""
    with transaction() as db:
        proposing.ask(db, current_actor(), plan_id, body.id, body.wish(), now())
        return proposal_told(proposing.proposal_of(db, current_actor(), plan_id, body.id)), 202


@api.get("/plans/<uuid:plan_id>/proposals")
@declares(DRAFTS)
@takes()
def list_proposals(plan_id: UUID) -> dict[str, Any]:
    """List what was worked out for a plan, the newest first."""
    with transaction() as db:
        return {"items": [proposal_told(one) for one in proposing.proposals_of(db, current_actor(), plan_id)]}


@api.get("/plans/<uuid:plan_id>/proposals/<uuid:proposal_id>")
@declares(DRAFTS)
@takes()
def show_proposal(plan_id: UUID, proposal_id: UUID) -> dict[str, Any]:
    """Show how far a proposal is; once it is done, its grids and its score beside today's."""
    with transaction() as db:
        found = proposing.proposal_of(db, current_actor(), plan_id, proposal_id)
        srid = srid_of(db, plan_of(db, plan_id).district_id)
        differences = (found.answer or {}).get("file")
        return proposal_told(found) | {"features": _features(found, srid), "differences": differences}


@api.post("/plans/<uuid:plan_id>/proposals/<uuid:proposal_id>/cancel")
@declares(DRAFTS)
@takes(body=Call)
def cancel_proposal(plan_id: UUID, proposal_id: UUID, body: Call) -> dict[str, Any]:
    """Stop a proposal."""
    with transaction() as db:
        proposing.cancel(db, current_actor(), plan_id, proposal_id, now())
        return proposal_told(proposing.proposal_of(db, current_actor(), plan_id, proposal_id))


@api.post("/plans/<uuid:plan_id>/proposals/<uuid:proposal_id>/drop")
@declares(DRAFTS)
@takes(body=Call)
def drop_proposal(plan_id: UUID, proposal_id: UUID, body: Call) -> dict[str, Any]:
    """Put a proposal away; what is under way is stopped first."""
    with transaction() as db:
        proposing.drop(db, current_actor(), plan_id, proposal_id, now())
    return {"id": str(proposal_id), "dropped": True}


@api.post("/plans/<uuid:plan_id>/proposals/<uuid:proposal_id>/take")
@declares(DRAFTS)
@takes(body=Call)
def take_proposal(plan_id: UUID, proposal_id: UUID, body: Call) -> tuple[dict[str, Any], int]:
    """Make a proposal an edit of the plan, which can be undone like any other."""
    with transaction() as db:
        wait_longer(db)
        outcome = proposing.take(db, current_actor(), plan_id, proposal_id, body.id, now())
        return outcome_told(db, outcome), 201 if outcome.applied else 200


def proposal_told(found: PlanProposal) -> dict[str, Any]:
    """A proposal without its grids."""
    answer, locale = found.answer or {}, current_locale()
    notes = [_sentence(note, locale) for note in answer.get("notes", [])]
    return {
        "id": str(found.id),
        "kind": found.kind,
        "grids": found.args["grids"],
        "seed": found.seed,
        "state": found.state,
        "progress": found.progress,
        "step": translate(found.step, locale) if found.step else "",
        "sentence": " ".join(notes) or None,
        "notes": notes,
        "takes": found.state == "done" and answer.get("takes", True),
        "file": found.args.get("file"),
        "score": answer.get("score"),
        "cancelled": found.cancel,
        "asked_at": instant(found.asked_at),
        "ended_at": instant(found.ended_at),
    }


def _sentence(note: dict[str, Any], locale: str) -> str:
    said = translate(note["msgid"], locale, **values_told(note["params"]))
    return (
        said if note.get("row") is None else translate(N_("Row %(row)s: %(said)s"), locale, row=note["row"], said=said)
    )


def _features(found: PlanProposal, srid: int) -> list[dict[str, Any]] | None:
    parts = (found.answer or {}).get("parts")
    if not parts:
        return None
    planes = np.array(shapely.from_wkb([part["plane"] for part in parts]), dtype=object)
    return [
        {
            "type": "Feature",
            "id": part["id"],
            "properties": {"kind": part["kind"]},
            "geometry": geometry_told(shape),
        }
        for part, shape in zip(parts, shapes_to_lonlat(planes, srid), strict=True)
    ]
