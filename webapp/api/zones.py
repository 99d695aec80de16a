"""Zones: what is worked out for an area, taking it, and the zones in force on any day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from flask import request
from pydantic import Field, StringConstraints, model_validator

from gridmap.database import transaction
from gridmap.errors import NotFound
from gridmap.grids.queries import current_district
from gridmap.language import N_, translate, values_told
from gridmap.moment import asked_as_of
from gridmap.people.rules import scope_of
from gridmap.planning import zoning
from gridmap.planning.queries import DRAFTS, PUBLISHES
from gridmap.planning.tables import PlanProposal
from gridmap.planning.zone_parts import FIGURES, Group, Skills
from gridmap.planning.zones import ZoneThen, ground_of_all, take_zones, zones_at
from gridmap.planning.zoning import ZoneWish
from webapp.api import api
from webapp.api.numbers import whole_arg
from webapp.api.parameters import AREA, AS_OF, one_of
from webapp.api.plan_shapes import geometry_told
from webapp.api.shapes import instant, named
from webapp.shared.pages import current_locale
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import takes

ZoneName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Weight = Annotated[int, Field(ge=0, le=10)]
_MOST = 50


class WeightsIn(Input):
    """How much each figure counts beside the others; 0 leaves it out."""

    households: Weight = 0
    open_incidents: Weight = 0
    staff: Weight = 0


class ZonesIn(Input):
    """What to group; the id is the sender's own."""

    id: UUID
    group: Literal["townships", "communities", "grids"]
    area: Annotated[str, StringConstraints(min_length=1, max_length=80)] | None = None
    count: Annotated[int, Field(ge=1, le=_MOST)]
    weights: WeightsIn = WeightsIn(households=1)
    skills: Literal["none", "posts", "places"] = "none"
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0

    @model_validator(mode="after")
    def _something_weighs(self) -> ZonesIn:
        if not any(self.weights.model_dump().values()):
            raise ValueError("let at least one of the weights be above 0")
        return self

    def wish(self) -> ZoneWish:
        """The wish as the domain takes it."""
        return ZoneWish(
            Group(self.group), self.count, self.area, self.weights.model_dump(), Skills(self.skills), self.seed
        )


class Call(Input):
    """A call that is carried out once, by the sender's id."""

    id: UUID


class TakeIn(Call):
    """Which choice becomes the zones of today, counted from 1, and what each of its zones is called."""

    choice: Annotated[int, Field(ge=1, le=10_000)]
    names: tuple[ZoneName, ...] = Field(min_length=1, max_length=_MOST)


@api.get("/zones")
@declares("grid.read")
@takes(AS_OF, AREA, one_of("group", "Only zones of these parts.", *Group))
def list_zones() -> dict[str, Any]:
    """List the zones in force, as GeoJSON; of a zone, the parts in the reader's sight, and their ground."""
    scope = scope_of(current_actor(), "grid.read")
    group = request.args.get("group")
    with transaction() as db:
        at = asked_as_of(request.args.get("as_of"), current_district(db).time_zone)
        paths = [path for path, _ in scope.paths]
        known = Group(group) if group is not None else None
        found = zones_at(db, at, scope_paths=paths, within_id=whole_arg("area"), group=known)
    return {"type": "FeatureCollection", "features": [_zone_told(zone) for zone in found]}


def _zone_told(zone: ZoneThen) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": zone.id,
        "properties": {
            "name": zone.name,
            "group": zone.kind.value,
            "area": zone.within,
            "area_id": zone.within_id,
            "since": instant(zone.since),
            "until": instant(zone.until),
            "parts": [named({"id": part.id, "code": part.code}, part.name, part.names) for part in zone.members],
        },
        "geometry": geometry_told(zone.shape),
    }


@api.post("/zones/proposals")
@declares(DRAFTS)
@takes(body=ZonesIn)
def ask_for_zones(body: ZonesIn) -> tuple[dict[str, Any], int]:
    """Have the parts of an area grouped into contiguous zones; the zones in force stay as they are."""
    with transaction() as db:
        zoning.ask_for_zones(db, current_actor(), body.id, body.wish(), now())
        return zones_told(zoning.zone_proposal(db, current_actor(), body.id)), 202


@api.get("/zones/proposals")
@declares(DRAFTS)
@takes()
def list_zone_proposals() -> dict[str, Any]:
    """List what was worked out for areas of the reader, the newest first."""
    with transaction() as db:
        return {"items": [zones_told(one) for one in zoning.zone_proposals(db, current_actor())]}


@api.get("/zones/proposals/<uuid:proposal_id>")
@declares(DRAFTS)
@takes()
def show_zone_proposal(proposal_id: UUID) -> dict[str, Any]:
    """Show how far a proposal is; once it is done, its choices beside the zones of today."""
    with transaction() as db:
        found = zoning.zone_proposal(db, current_actor(), proposal_id)
    answer = found.answer or {}
    parts = [named({"id": part["id"], "code": part["code"]} | _figures(part), part["name"], part["names"])
             for part in answer.get("parts", [])]  # fmt: skip
    told = {name: answer.get(name) for name in ("today", "choices", "exact")}
    return zones_told(found) | {"parts": parts, **told}


@api.get("/zones/proposals/<uuid:proposal_id>/choices/<int:choice>")
@declares(DRAFTS)
@takes()
def show_zone_choice(proposal_id: UUID, choice: int) -> dict[str, Any]:
    """Show the zones of one choice as GeoJSON, counted from 1; a feature's id is the number of its zone."""
    with transaction() as db:
        found = zoning.zone_proposal(db, current_actor(), proposal_id)
        choices = (found.answer or {}).get("choices") or []
        if not 1 <= choice <= len(choices):
            raise NotFound(N_("There is no such choice in this proposal."))
        chosen, shapes = choices[choice - 1], zoning.shapes_of_parts(db, found)
        srid = current_district(db).srid
    features = []
    for number, zone in enumerate(chosen["zones"], start=1):
        ids = [part["id"] for part, own in zip(found.answer["parts"], chosen["zone"], strict=True) if own == number]
        # A part that has ended since has no ground of its own any more.
        ground = [shapes[part] for part in ids if part in shapes]
        if ground:
            features.append(_choice_told(number, zone, geometry_told(ground_of_all(ground, srid))))
    return {"type": "FeatureCollection", "features": features}


def _choice_told(number: int, zone: Mapping[str, Any], geometry: Any) -> dict[str, Any]:
    return {"type": "Feature", "id": number, "properties": dict(zone), "geometry": geometry}


@api.post("/zones/proposals/<uuid:proposal_id>/cancel")
@declares(DRAFTS)
@takes(body=Call)
def cancel_zone_proposal(proposal_id: UUID, body: Call) -> dict[str, Any]:
    """Stop a proposal."""
    with transaction() as db:
        zoning.cancel_zones(db, current_actor(), proposal_id, now())
        return zones_told(zoning.zone_proposal(db, current_actor(), proposal_id))


@api.post("/zones/proposals/<uuid:proposal_id>/drop")
@declares(DRAFTS)
@takes(body=Call)
def drop_zone_proposal(proposal_id: UUID, body: Call) -> dict[str, Any]:
    """Put a proposal away, for everyone who plans there."""
    with transaction() as db:
        zoning.drop_zones(db, current_actor(), proposal_id, now())
    return {"id": str(proposal_id), "dropped": True}


@api.post("/zones/proposals/<uuid:proposal_id>/take")
@declares(PUBLISHES)
@takes(body=TakeIn)
def take_zone_proposal(proposal_id: UUID, body: TakeIn) -> tuple[dict[str, Any], int]:
    """Make one choice the zones of today; those in force until now end this moment. Grids and duties stay."""
    actor = current_actor()
    with transaction() as db:
        found = zoning.zone_proposal(db, actor, proposal_id, action=PUBLISHES, lock=True)
        new = take_zones(db, actor, found, body.id, body.choice, body.names, now())
        return zones_told(found), 201 if new else 200


def zones_told(found: PlanProposal) -> dict[str, Any]:
    """A proposal without its choices."""
    answer, locale = found.answer or {}, current_locale()
    notes = [translate(note["msgid"], locale, **values_told(note["params"])) for note in answer.get("notes", [])]
    return {
        "id": str(found.id),
        "kind": found.kind,
        **{name: found.args[name] for name in ("area", "group", "count", "weights", "skills")},
        "seed": found.seed,
        "state": found.state,
        "progress": found.progress,
        "step": translate(found.step, locale) if found.step else "",
        "notes": notes,
        "choices_n": len(answer.get("choices", [])),
        "cancelled": found.cancel,
        "asked_at": instant(found.asked_at),
        "ended_at": instant(found.ended_at),
    }


def _figures(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: part[name] for name in FIGURES}
