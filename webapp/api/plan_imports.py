"""A file of grids as a draft: fitted into a plan by the worker, and taken like any other proposal."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from gridmap.database import transaction
from gridmap.planning.importing import FileWish, ask_for_file
from gridmap.planning.proposing import proposal_of
from gridmap.planning.queries import DRAFTS
from webapp.api import api
from webapp.api.proposals import proposal_told
from webapp.shared import settings
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import takes


class FileIn(Input):
    """A file that was brought by `POST /imports?kind=grids`, and what is said beside it; the id is the sender's own."""

    id: UUID
    upload: UUID
    crs: str | None = Field(default=None, min_length=1, max_length=200)
    datum: Literal["wgs84", "gcj02", "bd09", "cgcs2000"] | None = None
    layer: str | None = Field(default=None, min_length=1, max_length=200)
    x: str | None = Field(default=None, min_length=1, max_length=200)
    y: str | None = Field(default=None, min_length=1, max_length=200)
    mapping: dict[str, str] = Field(default_factory=dict, max_length=100)
    snap_m: Annotated[float, Field(ge=0.02, le=5.0)] = 0.5
    repair: bool = False

    def wish(self) -> FileWish:
        """The wish as the domain takes it."""
        return FileWish(**self.model_dump(exclude={"id"}))


@api.post("/plans/<uuid:plan_id>/import")
@declares(DRAFTS)
@takes(body=FileIn)
def import_into_plan(plan_id: UUID, body: FileIn) -> tuple[dict[str, Any], int]:
    """Have a file of grids cleaned and fitted into a plan; the plan stays as it is until the proposal is taken."""
    with transaction() as db:
        ask_for_file(db, current_actor(), plan_id, body.id, settings().data_dir, body.wish(), now())
        return proposal_told(proposal_of(db, current_actor(), plan_id, body.id)), 202
