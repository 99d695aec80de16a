"""Incidents: queues, one with everything that is known of it, and its next steps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from flask import request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gridmap.database import transaction
from gridmap.errors import Invalid, NotAllowed, NotFound
from gridmap.grids.queries import current_district, grids_of_versions
from gridmap.incidents.actions import StepDraft, act
from gridmap.incidents.details import log_rows, source_rows
from gridmap.incidents.log import is_intact
from gridmap.incidents.photos import photo_rows
from gridmap.incidents.queries import Filter, incident_page, summaries, thing_of
from gridmap.incidents.rules import DUE_WHY, NEEDS, State, steps_from
from gridmap.incidents.tables import Incident
from gridmap.language import N_, translate
from gridmap.people.rules import Access, Actor, Thing, can, scope_of
from webapp.api import api
from webapp.api.evidence import Photos, evidence_of
from webapp.api.grids import asked_moment
from webapp.api.numbers import whole_arg
from webapp.api.paging import next_link, page_after, page_limit
from webapp.api.parameters import AREA, AS_OF, PAGE, flag
from webapp.api.shapes import candidates_told, incident_summary, instant, named, place, versions_told
from webapp.shared.pages import current_locale
from webapp.shared.policy import current_actor, declares
from webapp.shared.taking import Parameter, takes

_STATES = frozenset({"open", "closed", "all", *State})


class StepIn(BaseModel):
    """A step to take; the id is the sender's own, so that it can be sent again."""

    model_config = ConfigDict(extra="forbid")
    id: UUID
    step: Literal["file", "accept", "fix", "close"]
    reason: Annotated[str, Field(max_length=200)] | None = None
    note: Annotated[str, Field(max_length=4000)] | None = None
    seq: Annotated[int, Field(ge=1)] | None = None
    media: Photos = []
    at: AwareDatetime | None = None

    def draft(self) -> StepDraft:
        """The step as the domain takes it."""
        return StepDraft(self.id, self.step, self.reason, self.note, self.seq, evidence_of(self.media), self.at)


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
    items = [_item(row, _access(actor, row), at or now, grids) for row in page.rows]
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


def _access(actor: Actor, row: Any) -> Access:
    """How much of a listed row the reader may see; it is in the list because of the same policy."""
    thing = Thing(row.path, holder_person_id=row.holder_person_id, holder_department_id=row.holder_department_id)
    # Rows that the reader reported lie in the list without any path or holder of theirs.
    return can(actor, "incident.read", thing) or Access.MASKED


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
        sources = [_source(row, access) for row in source_rows(db, incident_id)]
        log = [_log_row(row, access) for row in log_rows(db, incident_id)]
        intact = is_intact(db, incident_id)
        sight = can(actor, "photo.see", thing)
        photos = [_photo(row, sight) for row in photo_rows(db, incident_id)] if sight else []
        may_step = can(actor, "incident.step", thing) is not None
    why = None if incident.due_at is None else translate(DUE_WHY[incident.severity], current_locale())
    steps = [
        {
            "step": step.name,
            "to": step.to,
            "label": translate(step.label, current_locale()),
            "needs": [need for need in NEEDS if need in step.needs],
        }
        for step in (steps_from(State(incident.state), incident.severity, actor.roles) if may_step else ())
    ]
    return {
        **answer,
        "sources": sources,
        "log": log,
        "log_intact": intact,
        "photos": photos,
        "steps": steps,
        "due_why": why,
    }


def _visible(db: Any, actor: Actor, incident_id: UUID) -> tuple[Incident, Access, Thing]:
    incident = db.get(Incident, incident_id)
    thing = None if incident is None else thing_of(db, actor, incident)
    access = None if thing is None else can(actor, "incident.read", thing)
    if incident is None or thing is None or access is None:
        raise NotFound(N_("There is no such incident, or it is not yours to see."))
    return incident, access, thing


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


@api.post("/incidents/<uuid:incident_id>/steps")
@declares("incident.step")
@takes(body=StepIn)
def take_step(incident_id: UUID, body: StepIn) -> dict[str, Any]:
    """Take the next step of an incident; the same id is taken once."""
    actor = current_actor()
    with transaction() as db:
        act(
            db,
            actor,
            incident_id,
            body.draft(),
            at=datetime.now(UTC),
        )
    return _detail(actor, incident_id)


def _source(row: Any, access: Access) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "id": str(row.id),
        "source": row.source,
        "text": row.text,
        "occurred_at": instant(row.occurred_at),
        "received_at": instant(row.received_at),
        "clock_suspect": row.clock_suspect,
        "reporter": _person(row.reporter_name, row.reporter_names, access),
        "device": None
        if row.device_code is None
        else {**named({"code": row.device_code}, row.device_name, row.device_names), "kind": row.device_kind},
        "class": row.word,
        "score": row.score,
        "place": place(row),
    }


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
        "actor": _person(row.actor_name, row.actor_names, access),
        "role": row.role,
        "step": row.step,
        "from": row.from_state,
        "to": row.to_state,
        "reason": row.reason,
        "note": row.note if access is Access.FULL else None,
    }


def _person(name: str | None, names: Mapping[str, Any] | None, access: Access) -> dict[str, Any] | None:
    """A person by name in both languages; masked, each is its first character. None if nobody is known."""
    if name is None:
        return None
    shown = named({}, name, names)
    return shown if access is Access.FULL else {key: f"{text[:1]}**" for key, text in shown.items()}
