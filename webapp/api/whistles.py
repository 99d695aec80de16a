"""Whistles: a grid calls departments to a place; they acknowledge, come, refuse; the grid rates what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from flask import request
from pydantic import Field
from sqlalchemy.orm import Session

from gridmap.catalogue.explaining import sentences
from gridmap.catalogue.pages import local_today
from gridmap.catalogue.rulebook import rulebook_now
from gridmap.catalogue.rules import Choice
from gridmap.database import transaction
from gridmap.errors import NotAllowed, NotFound
from gridmap.grids.queries import current_district
from gridmap.incidents.queries import thing_of
from gridmap.incidents.tables import Incident
from gridmap.language import N_
from gridmap.moment import parse_as_of
from gridmap.people.rules import can, scope_of
from gridmap.whistles.access import find_whistle
from gridmap.whistles.actions import Spot, WhistleDraft, whistle
from gridmap.whistles.contested import precedents
from gridmap.whistles.mustering import AnswerDraft, answer
from gridmap.whistles.queries import callable_departments, figures, one_whistle, whistle_page
from gridmap.whistles.rules import MOST_CALLED
from gridmap.whistles.terms import terms_of
from webapp.api import api
from webapp.api.paging import next_link, page_after, page_limit
from webapp.api.parameters import PAGE, one_of
from webapp.api.shapes import instant, named
from webapp.api.whistle_shapes import incidents_shown, precedent_shown, whistle_shown
from webapp.shared.pages import current_locale
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import Parameter, takes

Code = Annotated[str, Field(min_length=1, max_length=64)]
Note = Annotated[str, Field(max_length=4000)]


class SpotIn(Input):
    """A place, WGS 84; with the error of the position where it is known."""

    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]
    error_m: Annotated[float, Field(ge=0, le=100_000)] | None = None

    def spot(self) -> Spot:
        """The place as the domain takes it."""
        return Spot(self.lon, self.lat, self.error_m)


class WhistleIn(Input):
    """A whistle to blow; the id is the sender's own, so that it can be sent again."""

    id: UUID
    incident: UUID
    departments: Annotated[list[Code], Field(min_length=1, max_length=MOST_CALLED)]
    place: SpotIn | None = None
    note: Note | None = None


class AnswerIn(Input):
    """What a department answers; its code is needed by who answers for several."""

    id: UUID
    department: Code | None = None
    note: Note | None = None


class ArriveIn(AnswerIn):
    """Who arrives does so at a place."""

    place: SpotIn


class RefuseIn(AnswerIn):
    """A refusal with its reason, of the list `refuse_whistle`."""

    reason: Code


class OutcomeIn(AnswerIn):
    """What came of it, in a word and in a few."""

    outcome: Code


class RateIn(AnswerIn):
    """How the grid rates what came of it."""

    rating: Annotated[int, Field(ge=1, le=5)]


_LATELY: Final = timedelta(days=30)
INCIDENT: Final = Parameter("incident", "Id of an incident: only what belongs to it.")


@api.get("/whistles")
@declares("whistle.read")
@takes(one_of("state", "open: those that wait for something; all unless given.", "open", "all"), INCIDENT, *PAGE)
def list_whistles() -> dict[str, Any]:
    """List whistles, the latest first, with what the reader may do with each."""
    actor, at, limit = current_actor(), now(), page_limit()
    scope, after = scope_of(actor, "whistle.read"), page_after(datetime.fromisoformat, UUID)
    with transaction() as db:
        page = whistle_page(
            db,
            scope,
            open_only=request.args.get("state") == "open",
            incident_id=asked_incident(),
            limit=limit,
            after=after,
        )
        incidents = incidents_shown(db, actor, page.rows, at)
        refusals = _refusals(db, at)
    items = [whistle_shown(actor, row, incidents[row.incident_id], refusals, at) for row in page.rows]
    return {"items": items, "next": next_link(page.after)}


def asked_incident() -> UUID | None:
    """
    The incident that a list is narrowed to.

    Raises
    ------
    NotFound
        If it is no id.
    """
    asked = request.args.get("incident")
    try:
        return None if asked is None else UUID(asked)
    except ValueError as error:
        raise NotFound(N_("There is no such incident, or it is not yours to see.")) from error


@api.post("/whistles")
@declares("whistle.call")
@takes(body=WhistleIn)
def blow_whistle(body: WhistleIn) -> tuple[dict[str, Any], int]:
    """Call departments to the place of an incident, or to another."""
    draft = WhistleDraft(
        body.id, body.incident, tuple(body.departments), None if body.place is None else body.place.spot(), body.note
    )
    with transaction() as db:
        new = whistle(db, current_actor(), draft, now())
    return _shown(body.id), 201 if new else 200


@api.get("/whistles/figures")
@declares("whistle.read")
@takes(
    Parameter("from", "Whistles blown from this instant on (RFC 3339, with zone); of the last 30 days unless given."),
    Parameter("to", "The instant it ends before; now unless given."),
)
def show_whistle_figures() -> dict[str, Any]:
    """Count how departments answered: acknowledged in time, there in time, refused, silent, and their mean rating."""
    at, scope, asked = now(), scope_of(current_actor(), "whistle.read"), request.args
    with transaction() as db:
        zone = current_district(db).time_zone
        ends = parse_as_of(asked["to"], zone) if "to" in asked else at
        begins = parse_as_of(asked["from"], zone) if "from" in asked else ends - _LATELY
        rows = figures(db, scope, begins, ends, at)
    return {"from": instant(begins), "to": instant(ends), "items": [_figure(row) for row in rows]}


@api.get("/whistles/targets")
@declares("whistle.call")
@takes(replace(INCIDENT, says="Id of the incident that departments are called for.", needed=True))
def show_whistle_targets() -> dict[str, Any]:
    """Show whom an incident can call, whose duty it is, what was decided of matters like it, and the time they have."""
    actor, at, incident_id = current_actor(), now(), asked_incident()
    with transaction() as db:
        incident = None if incident_id is None else db.get(Incident, incident_id)
        if incident is None or can(actor, "incident.read", thing_of(db, actor, incident)) is None:
            raise NotFound(N_("There is no such incident, or it is not yours to see."))
        if can(actor, "whistle.call", thing_of(db, actor, incident, acting=True)) is None:
            raise NotAllowed(N_("You may see this incident; departments are called by the chief or the desk above."))
        rows = callable_departments(db, incident.id, incident.path)
        book = rulebook_now(db)
        route = book.route(incident.category, incident.path, local_today(db, incident.occurred_at))
        terms = terms_of(db, incident.severity, at, "acknowledge", "arrive")
        known = precedents(db, incident.id, incident.category, incident.path)
    locale = current_locale()
    owner, assisting = route.owner_department_id, set(route.assisting)
    return {
        "departments": [
            {
                **named({"code": row.code}, row.name, row.names),
                "level": row.level,
                "duty": "owner" if row.id == owner else "assisting" if row.id in assisting else None,
                "called": row.waits,
            }
            for row in rows
        ],
        "route": {"list": route.list, "why": sentences(route.why, locale)},
        "precedents": [precedent_shown(row) for row in known],
        "terms": {
            what: {"due_at": instant(term.due_at), "why": sentences(term.explained, locale)}
            for what, term in terms.items()
        },
    }


@api.get("/whistles/<uuid:whistle_id>")
@declares("whistle.read")
@takes()
def show_whistle(whistle_id: UUID) -> dict[str, Any]:
    """Show one whistle."""
    with transaction() as db:
        find_whistle(db, current_actor(), whistle_id, "whistle.read")
    return _shown(whistle_id)


@api.post("/whistles/<uuid:whistle_id>/acknowledge")
@declares("whistle.answer")
@takes(body=AnswerIn)
def acknowledge_whistle(whistle_id: UUID, body: AnswerIn) -> dict[str, Any]:
    """Say that the department has heard and comes."""
    return _answer(whistle_id, AnswerDraft(body.id, "acknowledge", body.department, note=body.note))


@api.post("/whistles/<uuid:whistle_id>/arrive")
@declares("whistle.answer")
@takes(body=ArriveIn)
def arrive_at_whistle(whistle_id: UUID, body: ArriveIn) -> dict[str, Any]:
    """Say that the department is there, and where that is."""
    draft = AnswerDraft(body.id, "arrive", body.department, place=body.place.spot(), note=body.note)
    return _answer(whistle_id, draft)


@api.post("/whistles/<uuid:whistle_id>/refuse")
@declares("whistle.answer")
@takes(body=RefuseIn)
def refuse_whistle(whistle_id: UUID, body: RefuseIn) -> dict[str, Any]:
    """Refuse to come, with a reason; the second refusal of a matter puts it on the contested list."""
    return _answer(whistle_id, AnswerDraft(body.id, "refuse", body.department, reason=body.reason, note=body.note))


@api.post("/whistles/<uuid:whistle_id>/outcome")
@declares("whistle.answer")
@takes(body=OutcomeIn)
def tell_outcome(whistle_id: UUID, body: OutcomeIn) -> dict[str, Any]:
    """Tell what came of it."""
    return _answer(whistle_id, AnswerDraft(body.id, "outcome", body.department, outcome=body.outcome, note=body.note))


@api.post("/whistles/<uuid:whistle_id>/rate")
@declares("whistle.call")
@takes(body=RateIn)
def rate_whistle(whistle_id: UUID, body: RateIn) -> dict[str, Any]:
    """Rate what came of it, 1 to 5; the grid that called does."""
    return _answer(whistle_id, AnswerDraft(body.id, "rate", body.department, rating=body.rating, note=body.note))


def _answer(whistle_id: UUID, draft: AnswerDraft) -> dict[str, Any]:
    with transaction() as db:
        answer(db, current_actor(), whistle_id, draft, now())
    return _shown(whistle_id)


def _shown(whistle_id: UUID) -> dict[str, Any]:
    actor, at = current_actor(), now()
    with transaction() as db:
        row = one_whistle(db, whistle_id)
        incident = incidents_shown(db, actor, [row], at)[row.incident_id]
        return whistle_shown(actor, row, incident, _refusals(db, at), at)


def _refusals(db: Session, at: datetime) -> Sequence[Choice]:
    return rulebook_now(db).reasons("refuse_whistle", local_today(db, at))


def _figure(row: Any) -> dict[str, Any]:
    return {
        "department": named({"code": row.code}, row.name, row.names),
        "called": row.called,
        "acknowledged": {"in_time": row.acknowledged_in_time, "of": row.acknowledge_of},
        "arrived": {"in_time": row.arrived_in_time, "of": row.arrive_of},
        "refused": row.refused,
        "silent": row.silent,
        "outcomes": row.outcomes,
        "rating": {"mean": row.rating, "of": row.rated},
    }
