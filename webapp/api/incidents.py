"""Incidents: queues, one with everything that is known of it, and its next steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from flask import request
from sqlalchemy.orm import Session

from gridmap.database import transaction
from gridmap.errors import Invalid, NotAllowed, NotFound
from gridmap.grids.queries import current_district, grids_of_versions
from gridmap.incidents.clocks import spans_of
from gridmap.incidents.details import beside, log_rows, source_rows, targets
from gridmap.incidents.history import Event, events_of, handled_by
from gridmap.incidents.photos import photo_rows
from gridmap.incidents.queries import Filter, incident_page, listed_access, summaries, thing_of
from gridmap.incidents.rules import State
from gridmap.incidents.rulings import Book, book_of
from gridmap.incidents.similar import similar_open
from gridmap.incidents.tables import Incident
from gridmap.incidents.verify import is_intact
from gridmap.language import N_
from gridmap.people.rules import Access, Actor, Thing, can, scope_of
from webapp.api import api
from webapp.api.grids import asked_moment
from webapp.api.incident_shapes import asked_shown, beside_shown, duty_shown, similar_shown, target_shown
from webapp.api.incident_sources import person_shown, sources_shown
from webapp.api.incident_steps import steps_shown
from webapp.api.numbers import whole_arg
from webapp.api.paging import next_link, page_after, page_limit
from webapp.api.parameters import AREA, AS_OF, PAGE, flag
from webapp.api.shapes import candidates_told, incident_summary, instant, versions_told
from webapp.shared.policy import current_actor, declares
from webapp.shared.taking import Parameter, takes

_STATES = frozenset({"open", "closed", "all", *State})
_BEFORE_FILING: Final = (State.REPORTED, State.VERIFIED)


@api.get("/incidents")
@declares("incident.read")
@takes(
    Parameter("state", "open (unless given), closed, all, or one state.", {"enum": sorted(_STATES)}),
    flag("overdue", "Only what is past its deadline."),
    flag("mine", "Only what the reader reported."),
    flag("unplaced", "Only what has no grid."),
    Parameter("grid", "Code of a grid."),
    AREA,
    Parameter("category", "Code of a class of matters."),
    Parameter("severity", "1 life at risk … 4 take note.", {"type": "integer", "minimum": 1, "maximum": 4}),
    Parameter("q", "Part of a number."),
    AS_OF,
    *PAGE,
)
def list_incidents() -> dict[str, Any]:
    """List incidents, on any day: the open ones by their deadline, others the latest first."""
    actor = current_actor()
    scope = scope_of(actor, "incident.read")
    now = datetime.now(UTC)
    after = page_after(datetime.fromisoformat, UUID)
    with transaction() as db:
        at = asked_moment(current_district(db).time_zone)
        page = incident_page(db, scope, _filter(actor), now=now, limit=page_limit(), after=after, at=at)
        grids = grids_of_versions(db, versions_told(page.rows))
    items = [_item(row, listed_access(actor, row), at or now, grids) for row in page.rows]
    return {"items": items, "next": next_link(page.after), "total": page.total}


def _filter(actor: Actor) -> Filter:
    args = request.args
    state = args.get("state", "open")
    if state not in _STATES:
        raise Invalid(N_("state is one of %(known)s."), where="state", known=", ".join(sorted(_STATES)))
    return Filter(
        state=state,
        overdue=args.get("overdue") == "1",
        grid_code=args.get("grid"),
        area_id=whole_arg("area"),
        category=args.get("category"),
        severity=whole_arg("severity"),
        reporter_id=actor.id if args.get("mine") == "1" else None,
        number=args.get("q"),
        unplaced=args.get("unplaced") == "1",
    )


def _item(row: Any, access: Access, now: datetime, grids: Mapping[int, Any]) -> dict[str, Any]:
    """A summary with the grids that it may lie in; figures alone leave them out with the place."""
    summary = incident_summary(row, access, now)
    return summary | {"candidates": [] if access is Access.FIGURES else candidates_told(row, grids)}


@api.get("/incidents/<uuid:incident_id>")
@declares("incident.read")
@takes()
def show_incident(incident_id: UUID) -> dict[str, Any]:
    """Show one incident with its sources, its log and the steps that lead on."""
    return _detail(current_actor(), incident_id)


def _detail(actor: Actor, incident_id: UUID) -> dict[str, Any]:
    now = datetime.now(UTC)
    with transaction() as db:
        incident, access, thing = _visible(db, actor, incident_id)
        row = summaries(db, [incident_id])[incident_id]
        answer = _item(row, access, now, grids_of_versions(db, versions_told([row])))
        if access is Access.FIGURES:
            return answer
        book = book_of(db, current_district(db).time_zone)
        sight = can(actor, "photo.see", thing)
        events = events_of(db, incident_id)
        told = {
            "sources": sources_shown(db, actor, thing, access, source_rows(db, incident_id), row.grid_name),
            "log": [_log_row(row, access) for row in log_rows(db, incident_id)],
            "log_intact": is_intact(db, incident_id),
            "photos": [_photo(row, sight) for row in photo_rows(db, incident_id)] if sight else [],
            "similar": _similar(db, actor, row) if row.state in _BEFORE_FILING else [],
            "asked": asked_shown(events),
            **beside_shown(beside(db, incident_id), incident, access, book, spans_of(events, row.grid_kind), now),
        }
        steps = _steps(db, actor, incident, events, book, now)
    return {**answer, **told, **duty_shown(book, incident), "steps": steps}


def _steps(
    db: Session, actor: Actor, incident: Incident, events: Sequence[Event], book: Book, now: datetime
) -> list[dict[str, Any]]:
    acting = thing_of(db, actor, incident, acting=True)
    if can(actor, "incident.step", acting) is None:
        return []
    return steps_shown(actor, incident, acting, handled_by(events), book, now)


def _visible(db: Session, actor: Actor, incident_id: UUID) -> tuple[Incident, Access, Thing]:
    incident = db.get(Incident, incident_id)
    thing = None if incident is None else thing_of(db, actor, incident)
    access = None if thing is None else can(actor, "incident.read", thing)
    if incident is None or thing is None or access is None:
        raise NotFound(N_("There is no such incident, or it is not yours to see."))
    return incident, access, thing


@api.get("/incidents/<uuid:incident_id>/similar")
@declares("incident.read")
@takes()
def show_similar(incident_id: UUID) -> dict[str, Any]:
    """List open incidents that may be the same matter, the likeliest first."""
    actor = current_actor()
    with transaction() as db:
        _, access, _ = _visible(db, actor, incident_id)
        if access is Access.FIGURES:
            raise NotAllowed(N_("Your roles do not include this. An administrator can grant them."))
        return {"items": _similar(db, actor, summaries(db, [incident_id])[incident_id])}


def _similar(db: Session, actor: Actor, row: Any) -> list[dict[str, Any]]:
    if row.lon is None:
        return []
    scope = scope_of(actor, "incident.read")
    found = similar_open(
        db, (row.lon, row.lat), row.sigma_m or 0.0, row.category_code, row.occurred_at, scope, but=row.id
    )
    return [similar_shown(each) for each in found]


@api.get("/incidents/<uuid:incident_id>/targets")
@declares("incident.step")
@takes()
def show_targets(incident_id: UUID) -> dict[str, Any]:
    """List whom an incident can be given to: departments over its place, and the people of its grid."""
    actor = current_actor()
    with transaction() as db:
        incident = db.get(Incident, incident_id)
        thing = None if incident is None else thing_of(db, actor, incident, acting=True)
        if incident is None or can(actor, "incident.step", thing) is None:
            raise NotFound(N_("There is no such incident, or it is not yours to see."))
        rows = targets(db, incident.path, incident.duty_grid_id, datetime.now(UTC))
    return {"items": [target_shown(row) for row in rows]}


@api.get("/incidents/<uuid:incident_id>/log")
@declares("incident.read")
@takes()
def show_log(incident_id: UUID) -> dict[str, Any]:
    """Show the log of one incident, and whether its chain holds."""
    with transaction() as db:
        _, access, _ = _visible(db, current_actor(), incident_id)
        if access is Access.FIGURES:
            raise NotAllowed(N_("Your roles do not include this. An administrator can grant them."))
        items = [_log_row(row, access) for row in log_rows(db, incident_id)]
        return {"items": items, "intact": is_intact(db, incident_id)}


def _photo(row: Any, sight: Access) -> dict[str, Any]:
    return {
        "sha256": row.sha256,
        "role": row.role,
        "at": instant(row.at),
        "taken_at": instant(row.taken_at),
        "direction_deg": row.direction_deg,
        "by": row.by,
        "state": "stored" if row.here else "missing",
        "coarse": sight is not Access.FULL,
    }


def _log_row(row: Any, access: Access) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "at": instant(row.at),
        "recorded_at": instant(row.recorded_at),
        "actor": person_shown(row.actor_name, row.actor_names, access),
        "role": row.role,
        "step": row.step,
        "from": row.from_state,
        "to": row.to_state,
        "reason": row.reason,
        "note": row.note if access is Access.FULL else None,
        "checklist": row.checklist if access is Access.FULL else None,
    }
