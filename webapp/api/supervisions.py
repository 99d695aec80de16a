"""Supervision notices: opened by rule or by hand, answered by who was told, closed by who supervises; as PDF, too."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from flask import Response, request
from pydantic import Field

from gridmap.database import transaction
from gridmap.errors import Invalid
from gridmap.grids.queries import current_district
from gridmap.language import N_
from gridmap.people.rules import scope_of
from gridmap.whistles.notice import notice_page_html
from gridmap.whistles.queries import NOTICE_STATES, notice_page, one_notice
from gridmap.whistles.supervising import answer_notice, close_notice, find_notice, open_by_hand
from webapp.api import api
from webapp.api.numbers import whole_arg
from webapp.api.paging import next_link, page_after, page_limit
from webapp.api.parameters import PAGE, one_of, whole
from webapp.api.whistle_shapes import incidents_shown, notice_shown
from webapp.api.whistles import INCIDENT, Note, asked_incident
from webapp.shared.pages import current_locale
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import takes


class SupervisionIn(Input):
    """A notice to open; the id is the sender's own, so that it can be sent again."""

    id: UUID
    incident: UUID
    tier: Annotated[int, Field(ge=1, le=3)]
    note: Note | None = None


class WordsIn(Input):
    """What is said with an answer or a closing."""

    id: UUID
    note: Annotated[str, Field(min_length=1, max_length=4000)]


@api.get("/supervisions")
@declares("supervision.read")
@takes(
    one_of("state", "open unless given; waiting are those without an answer.", *NOTICE_STATES),
    whole("tier", "1 to 3."),
    INCIDENT,
    *PAGE,
)
def list_supervisions() -> dict[str, Any]:
    """List supervision notices, the latest first."""
    actor, at, limit = current_actor(), now(), page_limit()
    state, after = request.args.get("state", "open"), page_after(datetime.fromisoformat, UUID)
    if state not in NOTICE_STATES:
        raise Invalid(N_("state is one of %(known)s."), where="state", known=", ".join(NOTICE_STATES))
    scope = scope_of(actor, "supervision.read")
    with transaction() as db:
        page = notice_page(
            db, scope, state=state, tier=whole_arg("tier"), incident_id=asked_incident(), limit=limit, after=after
        )
        incidents = incidents_shown(db, actor, page.rows, at)
    items = [notice_shown(actor, row, incidents[row.incident_id], at) for row in page.rows]
    return {"items": items, "next": next_link(page.after)}


@api.post("/supervisions")
@declares("incident.supervise")
@takes(body=SupervisionIn)
def open_supervision(body: SupervisionIn) -> tuple[dict[str, Any], int]:
    """Open a notice by hand; it gets the next number of the year."""
    with transaction() as db:
        new = open_by_hand(db, current_actor(), body.incident, body.id, body.tier, body.note, now())
    return _shown(body.id), 201 if new else 200


@api.get("/supervisions/<uuid:notice_id>")
@declares("supervision.read")
@takes()
def show_supervision(notice_id: UUID) -> dict[str, Any]:
    """Show one notice."""
    with transaction() as db:
        find_notice(db, current_actor(), notice_id, "supervision.read")
    return _shown(notice_id)


@api.post("/supervisions/<uuid:notice_id>/answer")
@declares("supervision.answer")
@takes(body=WordsIn)
def answer_supervision(notice_id: UUID, body: WordsIn) -> dict[str, Any]:
    """Answer a notice: what was done, or when it will be."""
    with transaction() as db:
        answer_notice(db, current_actor(), notice_id, body.id, body.note, now())
    return _shown(notice_id)


@api.post("/supervisions/<uuid:notice_id>/close")
@declares("incident.supervise")
@takes(body=WordsIn)
def close_supervision(notice_id: UUID, body: WordsIn) -> dict[str, Any]:
    """Close a notice that was answered, or whose matter is over."""
    with transaction() as db:
        close_notice(db, current_actor(), notice_id, body.id, body.note, now())
    return _shown(notice_id)


@api.get("/supervisions/<uuid:notice_id>/notice.pdf")
@api.doc(tags=["documents"])
@declares("supervision.read")
@takes()
def print_supervision(notice_id: UUID) -> Response:
    """Give a notice on paper; it names no person."""
    # As in `exports`: what draws is loaded with the first of them.
    from gridmap.printing import to_pdf

    with transaction() as db:
        find_notice(db, current_actor(), notice_id, "supervision.read")
        row = one_notice(db, notice_id)
        page = notice_page_html(db, row, current_district(db).zone, current_locale())
    answer = Response(to_pdf(page), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{row.number}.pdf"'
    return answer


def _shown(notice_id: UUID) -> dict[str, Any]:
    actor, at = current_actor(), now()
    with transaction() as db:
        row = one_notice(db, notice_id)
        return notice_shown(actor, row, incidents_shown(db, actor, [row], at)[row.incident_id], at)
