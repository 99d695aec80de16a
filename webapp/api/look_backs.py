"""Look-backs: what was closed is looked at again, and either held or came again."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field

from gridmap.database import transaction
from gridmap.errors import Invalid
from gridmap.hazards.looking_back import Seen, look_back
from gridmap.hazards.queries import due_look_backs
from gridmap.hazards.rules import READ, WORK
from gridmap.language import N_
from gridmap.people.rules import scope_of
from gridmap.system.receipts import claim, content_digest
from webapp.api import api
from webapp.api.hazard_shapes import due_told
from webapp.api.hazards import Photos, Words
from webapp.api.numbers import whole_arg
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import Parameter, takes

_USUAL_DAYS: Final = 7
_MOST_DAYS: Final = 366
_MOST: Final = 500


class SeenIn(Input):
    """What a look-back saw; of what came again, the id of the new hazard."""

    id: UUID
    outcome: Literal["held", "recurred"]
    note: Words
    hazard: UUID | None = None
    severity: Annotated[int, Field(ge=1, le=4)] | None = None
    media: Photos = Field(default_factory=list)


@api.get("/look-backs")
@declares(READ)
@takes(
    Parameter(
        "days",
        "Those due within so many days, and all that are over; 7 unless given.",
        {"type": "integer", "minimum": 0, "maximum": _MOST_DAYS, "default": _USUAL_DAYS},
    )
)
def list_look_backs() -> dict[str, Any]:
    """List the look-backs that nobody has made yet, the earliest first, 500 at most."""
    days = whole_arg("days")
    if days is not None and days > _MOST_DAYS:
        raise Invalid(N_("days is a whole number up to %(most)s."), where="days", most=_MOST_DAYS)
    at = now()
    until = at + timedelta(days=_USUAL_DAYS if days is None else days)
    with transaction() as db:
        rows = due_look_backs(db, scope_of(current_actor(), READ), until, _MOST)
    return {"items": [due_told(row, hazard, at) for row, hazard in rows]}


@api.post("/look-backs/<uuid:look_back_id>/done")
@declares(WORK)
@takes(body=SeenIn)
def finish_look_back(look_back_id: UUID, body: SeenIn) -> dict[str, Any]:
    """Say whether a hazard held or came again; what came again is a new hazard with a number of its own."""
    if (body.outcome == "recurred") != (body.hazard is not None):
        raise Invalid(N_("What came again is a new hazard: give it an id. What held has none."), where="/hazard")
    actor, at = current_actor(), now()
    content = body.model_dump(mode="json") | {"look_back": str(look_back_id)}
    with transaction() as db:
        if claim(db, "look-back", [(body.id, content_digest(content))], at):
            photos = tuple(bytes.fromhex(sha256) for sha256 in body.media)
            look_back(db, actor, look_back_id, Seen(body.note, body.hazard, body.severity, photos), at)
    return {"id": look_back_id, "hazard": body.hazard}
