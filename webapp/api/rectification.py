"""Rectification notices: issued, delivered, answered, and their letters as they were issued."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from flask import Response
from pydantic import Field

from gridmap.database import transaction
from gridmap.hazards.notices import answer_notice, deliver_notice, document_of, issue_notice
from gridmap.hazards.rules import JUDGE, READ, WORK, Delivery, NoticeDraft
from gridmap.system.receipts import claim, content_digest
from webapp.api import api
from webapp.api.evidence import MOST_PHOTOS
from webapp.api.hazards import Hash, Name, Words
from webapp.shared.instants import Instant
from webapp.shared.pages import current_locale
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import takes


class NoticeIn(Input):
    """A notice to issue; without a day it is due by the rule of the severity."""

    id: UUID
    demands: Words
    party: Name | None = None
    due_at: Instant | None = None


class DeliveryIn(Input):
    """How a notice reached the party."""

    how: Delivery
    to: Name | None = None
    at: Instant | None = None


class AnswerIn(Input):
    """What the party answers, with photos that have been sent before."""

    answer: Words
    media: Annotated[list[Hash], Field(max_length=MOST_PHOTOS)]


@api.post("/hazards/<uuid:hazard_id>/notices")
@declares(JUDGE)
@takes(body=NoticeIn)
def create_notice(hazard_id: UUID, body: NoticeIn) -> tuple[dict[str, Any], int]:
    """Issue a numbered notice as a letter; one that was issued before is replaced."""
    actor, at = current_actor(), now()
    content = body.model_dump(mode="json") | {"hazard": str(hazard_id)}
    with transaction() as db:
        new = claim(db, "rectification-notice", [(body.id, content_digest(content))], at)
        if new:
            draft = NoticeDraft(body.id, body.demands, body.party, body.due_at, current_locale())
            issue_notice(db, actor, hazard_id, draft, at)
        number, _ = document_of(db, actor, body.id)
    return {"id": body.id, "number": number}, 201 if new else 200


@api.get("/rectification-notices/<uuid:notice_id>/document")
@declares(READ)
@takes()
def give_notice(notice_id: UUID) -> Response:
    """Give the letter of a notice as it was issued, as a PDF."""
    with transaction() as db:
        number, document = document_of(db, current_actor(), notice_id)
    response = Response(document, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{number}.pdf"'
    return response


@api.post("/rectification-notices/<uuid:notice_id>/delivery")
@declares(WORK)
@takes(body=DeliveryIn)
def record_delivery(notice_id: UUID, body: DeliveryIn) -> dict[str, Any]:
    """Say how a notice reached the party."""
    with transaction() as db:
        deliver_notice(db, current_actor(), notice_id, body.how, body.to, body.at, now())
    return {"id": notice_id}


@api.post("/rectification-notices/<uuid:notice_id>/answer")
@declares(WORK)
@takes(body=AnswerIn)
def record_answer(notice_id: UUID, body: AnswerIn) -> dict[str, Any]:
    """Write down what the party answers, with photos of how it looks now."""
    photos = tuple(bytes.fromhex(sha256) for sha256 in body.media)
    with transaction() as db:
        answer_notice(db, current_actor(), notice_id, body.answer, photos, now())
    return {"id": notice_id}
