"""The hazard ledger: what can go wrong where, who puts it right, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from flask import request
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session

from gridmap.database import transaction
from gridmap.errors import Invalid
from gridmap.hazards.actions import close_hazard, record_hazard
from gridmap.hazards.handing import HandoverDraft, hand_over, handovers_of, offices_for
from gridmap.hazards.queries import (
    Filter,
    detail,
    hazard_page,
    look_backs_of_hazard,
    notices_of,
    photos_of,
    recurrences,
    require_hazard,
    summaries,
    thing_of,
)
from gridmap.hazards.rules import JUDGE, READ, WORK, HazardDraft, State
from gridmap.language import N_
from gridmap.people.rules import Actor, can, scope_of
from gridmap.system.receipts import claim, content_digest
from webapp.api import api
from webapp.api.evidence import MOST_PHOTOS
from webapp.api.hazard_shapes import handover_told, hazard_summary, look_back_told, notice_told, person_told
from webapp.api.numbers import whole_arg
from webapp.api.paging import next_link, page_after, page_limit
from webapp.api.parameters import AREA, PAGE, flag
from webapp.api.reports import PlaceIn
from webapp.api.shapes import instant, named
from webapp.shared.instants import Instant
from webapp.shared.pages import current_locale
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import Parameter, takes

_STATES: Final = ("open", "all", "rectifying", "closed")

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Photos = Annotated[list[Hash], Field(max_length=MOST_PHOTOS)]


class HazardIn(Input):
    """A hazard, at a place or at a site; the id is the sender's own."""

    id: UUID
    what: Words
    severity: Annotated[int, Field(ge=1, le=4)]
    category: Code | None = None
    place: PlaceIn | None = None
    site: UUID | None = None
    party: Name = ""
    department: Code | None = None
    incident: Code | None = None
    found_at: Instant | None = None
    media: Photos = Field(default_factory=list)

    def draft(self) -> HazardDraft:
        """The hazard as the domain takes it."""
        told = None if self.place is None else self.place.told()
        photos = tuple(bytes.fromhex(sha256) for sha256 in self.media)
        return HazardDraft(
            self.id, self.what, self.severity, self.category, told, self.site, self.party, self.department,
            self.incident, self.found_at, photos,
        )  # fmt: skip


class HandoverIn(Input):
    """Which department has a hazard from now on, and why; the id is the sender's own."""

    id: UUID
    department: Code
    reason: Words


class ClosingIn(Input):
    """Why a hazard is over."""

    note: Words


@api.get("/hazards")
@declares(READ)
@takes(
    Parameter("state", "open (unless given: all that is not closed), rectifying, closed, all.", {"enum": _STATES}),
    flag("overdue", "Only those whose notice is past its day."),
    Parameter("grid", "Code of a grid."),
    AREA,
    Parameter("category", "Code of a class of matters."),
    Parameter("severity", "1 life at risk … 4 take note.", {"type": "integer", "minimum": 1, "maximum": 4}),
    Parameter("incident", "Id of the incident in which it was found."),
    Parameter("q", "The beginning of a number, or words of what is wrong or who puts it right."),
    *PAGE,
)
def list_hazards() -> dict[str, Any]:
    """List the ledger, what was found last first."""
    scope = scope_of(current_actor(), READ)
    after = page_after(datetime.fromisoformat, UUID)
    at = now()
    with transaction() as db:
        page = hazard_page(db, scope, _filter(), now=at, limit=page_limit(), after=after)
    items = [hazard_summary(row, at) for row in page.rows]
    return {"items": items, "next": next_link(page.after), "total": page.total}


@api.post("/hazards")
@declares(WORK)
@takes(body=HazardIn)
def create_hazard(body: HazardIn) -> tuple[dict[str, Any], int]:
    """Write a hazard into the ledger."""
    actor, at = current_actor(), now()
    with transaction() as db:
        new = claim(db, "hazard", [(body.id, content_digest(body.model_dump(mode="json")))], at)
        if new:
            record_hazard(db, actor, body.draft(), at)
        return _told(db, actor, body.id, at), 201 if new else 200


@api.get("/hazards/<uuid:hazard_id>")
@declares(READ)
@takes()
def show_hazard(hazard_id: UUID) -> dict[str, Any]:
    """Show a hazard with its notices, look-backs, photos, and what came before and after it."""
    with transaction() as db:
        return _told(db, current_actor(), hazard_id, now())


@api.post("/hazards/<uuid:hazard_id>/close")
@declares(JUDGE)
@takes(body=ClosingIn)
def close(hazard_id: UUID, body: ClosingIn) -> dict[str, Any]:
    """Close a hazard that was put right; its look-backs are scheduled."""
    actor, at = current_actor(), now()
    with transaction() as db:
        close_hazard(db, actor, hazard_id, body.note, at)
        return _told(db, actor, hazard_id, at)


@api.post("/hazards/<uuid:hazard_id>/handovers")
@declares(JUDGE)
@takes(body=HandoverIn)
def hand_hazard_over(hazard_id: UUID, body: HandoverIn) -> tuple[dict[str, Any], int]:
    """Give a hazard to another department; ``seen`` says whether who gave it away still reads it."""
    actor, at = current_actor(), now()
    content = body.model_dump(mode="json") | {"hazard": str(hazard_id)}
    with transaction() as db:
        new = claim(db, "hazard-handover", [(body.id, content_digest(content))], at)
        if new:
            hand_over(db, actor, hazard_id, HandoverDraft(body.id, body.department, body.reason), at)
        row = summaries(db, [hazard_id]).get(hazard_id)
        seen = row is not None and can(actor, READ, thing_of(row)) is not None
    return {"id": body.id, "seen": seen}, 201 if new else 200


def _filter() -> Filter:
    args = request.args
    state = args.get("state", "open")
    if state not in _STATES:
        raise Invalid(N_("state is one of %(known)s."), where="state", known=", ".join(_STATES))
    return Filter(
        state=state,
        overdue=args.get("overdue") == "1",
        grid_code=args.get("grid"),
        area_id=whole_arg("area"),
        category=args.get("category"),
        severity=whole_arg("severity"),
        incident_id=_incident_arg(),
        words=args.get("q") or None,
    )


def _incident_arg() -> UUID | None:
    text = request.args.get("incident")
    try:
        return None if text is None else UUID(text)
    except ValueError as error:
        raise Invalid(N_("This is no id of an incident."), where="incident") from error


def _told(db: Session, actor: Actor, hazard_id: UUID, at: datetime) -> dict[str, Any]:
    row = require_hazard(db, actor, hazard_id)
    more, photos = detail(db, hazard_id), photos_of(db, hazard_id)
    judges = can(actor, JUDGE, thing_of(row)) is not None
    hands = judges and row.state != State.CLOSED
    incident = more.incident_id and {"id": str(more.incident_id), "number": more.incident_number}
    origin = more.origin_id and {"id": str(more.origin_id), "number": more.origin_number}
    return hazard_summary(row, at) | {
        "recorded_at": instant(more.recorded_at),
        "found_by": person_told(more.finder_name, more.finder_names),
        "closed_by": person_told(more.closer_name, more.closer_names),
        "closing_note": more.closing_note,
        "incident": incident or None,
        "origin": origin or None,
        "recurrences": [{"id": str(each.id), "number": each.number} for each in recurrences(db, hazard_id)],
        "photos": photos.get(hazard_id, []),
        "notices": [notice_told(each, photos, current_locale(), at) for each in notices_of(db, hazard_id)],
        "look_backs": [look_back_told(each, photos, at) for each in look_backs_of_hazard(db, hazard_id)],
        "handovers": [handover_told(each) for each in handovers_of(db, hazard_id)],
        "offices": [
            named({"code": each.code}, each.name, each.names)
            for each in (offices_for(db, row.path, row.department_code) if hands else ())
        ],
        "can": {
            "issue": judges and row.state != State.CLOSED and row.answered_at is None,
            "close": judges and row.state != State.CLOSED,
            "hand": hands,
            "work": can(actor, WORK, thing_of(row)) is not None,
        },
    }
