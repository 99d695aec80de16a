"""Safe zones: ground to keep clear of, for some hours."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from gridmap.database import transaction
from gridmap.hazards.rules import DRAW, MOST_CORNERS, ZoneDraft
from gridmap.hazards.zones import draw_zone, end_zone, zones_now
from gridmap.people.rules import can, scope_of
from gridmap.system.receipts import claim, content_digest
from webapp.api import api
from webapp.api.hazard_shapes import zone_told
from webapp.shared.instants import Instant
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import takes

Degrees = Annotated[float, Field(ge=-180, le=180)]
Corner = tuple[Degrees, Degrees]


class ZoneIn(Input):
    """A safe zone: a ring of corners, or a circle around an incident or a place. The id is the sender's own."""

    id: UUID
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    until: Instant
    ring: Annotated[list[Corner], Field(default_factory=list, max_length=MOST_CORNERS)]
    centre: Corner | None = None
    radius_m: float | None = None
    incident: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None


class Nothing(Input):
    """An act that says all by its address."""


@api.get("/safe-zones")
@declares("map.see")
@takes()
def list_safe_zones() -> dict[str, Any]:
    """List the safe zones that hold now, the first to end first; who sees the map sees all of them."""
    actor = current_actor()
    incidents = scope_of(actor, "incident.read") if can(actor, "incident.read") else None
    with transaction() as db:
        return {
            "items": [zone_told(row, incidents) for row in zones_now(db, now())],
            "draws": can(actor, DRAW) is not None,
        }


@api.post("/safe-zones")
@declares(DRAW)
@takes(body=ZoneIn)
def create_safe_zone(body: ZoneIn) -> tuple[dict[str, Any], int]:
    """Draw a safe zone: it is over at its hour, or with its incident if that ends before."""
    actor, at = current_actor(), now()
    with transaction() as db:
        new = claim(db, "safe-zone", [(body.id, content_digest(body.model_dump(mode="json")))], at)
        if new:
            ring = tuple((lon, lat) for lon, lat in body.ring)
            draw_zone(db, actor, ZoneDraft(body.id, body.name, body.until, ring, body.centre, body.radius_m,
                                           body.incident), at)  # fmt: skip
    return {"id": body.id}, 201 if new else 200


@api.post("/safe-zones/<uuid:zone_id>/end")
@declares(DRAW)
@takes(body=Nothing)
def lift_safe_zone(zone_id: UUID, body: Nothing) -> dict[str, Any]:
    """Lift a safe zone before its hour."""
    with transaction() as db:
        end_zone(db, current_actor(), zone_id, now())
    return {"id": zone_id}
