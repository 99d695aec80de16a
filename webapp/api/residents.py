"""What residents sent, for the desks: judged before others see it; wishes to take a matter up again; codes at doors."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from flask import Response, request
from pydantic import Field

from gridmap.database import transaction
from gridmap.errors import Conflict, Invalid
from gridmap.hotline.contacts import REVEAL
from gridmap.language import N_
from gridmap.people.rules import scope_of
from gridmap.residents.codes import MANAGE, areas_for_codes, end_code, list_codes, make_codes
from gridmap.residents.moderating import MODERATE, STATES, judge, queue, wishes
from gridmap.residents.rating import decide_again
from gridmap.residents.reaching import reveal_reporter
from gridmap.residents.rules import HIDDEN_WHY
from gridmap.system.receipts import claim, content_digest
from webapp.api import api
from webapp.api.hotline import RevealIn, caller_shown, looks_too_often
from webapp.api.paging import next_link, page_after, page_limit
from webapp.api.parameters import PAGE, one_of
from webapp.api.shapes import instant, named
from webapp.resident.door import district_name
from webapp.resident.sheets import print_codes
from webapp.shared import settings
from webapp.shared.pages import _
from webapp.shared.patience import wait_longer
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import takes

# Doors that a code is put up at; a village house has a household behind it and is reached by its village.
SITE_KINDS: Final = ("building", "school", "hospital", "market", "park", "station", "enterprise")
Words = Annotated[str, Field(max_length=200)]


class JudgementIn(Input):
    """What of a report others may see."""

    text: bool
    photos: bool
    why: Literal["obscene", "flood", "personal", "false", "other"] | None = None


class DecisionIn(Input):
    """Whether a matter is taken up again, and what its reporter reads."""

    granted: bool
    answer: Words = ""


class SheetIn(Input):
    """A sheet of codes for an area; the id is the sender's own."""

    id: UUID
    area: Annotated[str, Field(min_length=1, max_length=40)]
    kind: Literal["building", "school", "hospital", "market", "park", "station", "enterprise"] = "building"
    replace: bool = False


@api.get("/moderation")
@declares(MODERATE)
@takes(one_of("state", "Of the judgement; waiting unless given.", *STATES), *PAGE)
def list_moderation() -> dict[str, Any]:
    """List what residents sent, the earliest first, and the matters they want taken up again; nobody is named."""
    state = request.args.get("state", "waiting")
    if state not in STATES:
        raise Invalid(N_("state is one of %(known)s."), where="state", known=", ".join(STATES))
    limit, scope = page_limit(50), scope_of(current_actor(), MODERATE)
    after = page_after(datetime.fromisoformat, UUID)
    with transaction() as db:
        rows, total = queue(db, scope, state, after, limit + 1)
        wanted = wishes(db, scope)
    last = rows[limit - 1] if len(rows) > limit else None
    return {
        "items": [_item(row) for row in rows[:limit]],
        "total": total,
        "wishes": [_wish(row) for row in wanted],
        "why": [{"code": code, "name": _(word)} for code, word in HIDDEN_WHY.items()],
        "next": next_link(None if last is None else (last.received_at.isoformat(), last.id)),
    }


@api.put("/moderation/<uuid:report_id>")
@declares(MODERATE)
@takes(body=JudgementIn)
def judge_report(report_id: UUID, body: JudgementIn) -> dict[str, Any]:
    """Say what of a report others may see; a later judgement takes the place of this one."""
    with transaction() as db:
        judge(db, current_actor(), report_id, body.text, body.photos, body.why, now())
    return {"id": str(report_id), "state": "shown" if body.text or body.photos else "hidden"}


@api.post("/ratings/<uuid:rating_id>/decision")
@declares(MODERATE)
@takes(body=DecisionIn)
def decide_rating(rating_id: UUID, body: DecisionIn) -> dict[str, Any]:
    """Take a matter up again, one level higher, or say why not."""
    with transaction() as db:
        decided = decide_again(db, current_actor(), rating_id, body.granted, body.answer.strip(), now())
    return {"id": str(rating_id), "decided": decided}


@api.post("/reports/<uuid:report_id>/reveal")
@declares(REVEAL)
@takes(body=RevealIn)
def reveal_sender(report_id: UUID, body: RevealIn) -> dict[str, Any]:
    """Show who sent a report without an account, for a purpose that is written down; sealed when it is over."""
    actor = current_actor()
    with transaction() as db:
        often = looks_too_often(actor)
        return caller_shown(reveal_reporter(db, actor, report_id, body.purpose, now(), too_often=often))


@api.get("/qr")
@declares(MANAGE)
@takes(one_of("kind", "Kind of site that the areas count; building unless given.", *SITE_KINDS), *PAGE)
def list_qr() -> dict[str, Any]:
    """List the codes that work, the newest first, and the areas that codes are made for; nobody keeps tokens."""
    kind = request.args.get("kind", "building")
    if kind not in SITE_KINDS:
        raise Invalid(N_("kind is one of %(known)s."), where="kind", known=", ".join(SITE_KINDS))
    limit, scope = page_limit(100), scope_of(current_actor(), MANAGE)
    (after,) = page_after(int) or (0,)
    with transaction() as db:
        rows = list_codes(db, scope, None, after, limit + 1)
        areas = areas_for_codes(db, scope, kind) if not after else []
    return {
        "items": [_code(row) for row in rows[:limit]],
        "areas": [
            {**named({"code": a.code}, a.name, a.names), "kind": a.kind, "doors": a.doors_n, "bare": a.bare_n}
            for a in areas
        ],
        "next": next_link((rows[limit - 1].id,) if len(rows) > limit else None),
    }


@api.post("/qr-sheets")
@declares(MANAGE)
@takes(body=SheetIn)
def make_sheet(body: SheetIn) -> Response:
    """
    Make codes for the doors of an area and give them as a PDF, once.

    The tokens stand in this answer alone: where it was lost, replace the codes and print them anew.
    """
    with transaction() as db:
        if not claim(db, "qr-sheet", [(body.id, content_digest(body.model_dump(mode="json")))], now()):
            raise Conflict(
                N_("This sheet was made already and is kept by nobody. Replace its codes to print new ones.")
            )
        wait_longer(db)
        area, printed = make_codes(db, current_actor(), body.area, body.kind, now(), replace=body.replace)
        root = (settings().public_url or request.host_url).rstrip("/")
        # Drawn before it counts: codes that were never printed would leave doors with none.
        pdf = print_codes(root, area, printed, district_name(db))
    response = Response(pdf, 201, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="qr-{area["code"]}.pdf"'
    response.headers["X-Notes"] = str(len(printed))
    return response


@api.post("/qr/<int:qr_id>/end")
@declares(MANAGE)
@takes(body=Input)
def end_qr(qr_id: int, body: Input) -> dict[str, Any]:
    """Let a code lead nowhere; twice does no harm."""
    with transaction() as db:
        ended = end_code(db, current_actor(), qr_id, now())
    return {"id": qr_id, "ended": ended}


def _class(row: Any) -> dict[str, Any] | None:
    if row.category_code is None:
        return None
    return named({"code": row.category_code}, row.category_name, row.category_names)


def _item(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "text": row.text,
        "photos": row.photos,
        "received_at": instant(row.received_at),
        "state": row.moderation,
        "shown": {"text": row.text_shown, "photos": row.photos_shown},
        "why": row.hidden_why,
        "category": _class(row),
        "place": named({}, row.place_name, row.place_names),
        "incident": {"id": str(row.incident_id), "number": row.number, "state": row.state},
        "from_door": row.from_door_n,
    }


def _wish(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "words": row.words,
        "rated_at": instant(row.rated_at),
        "incident": {"id": str(row.incident_id), "number": row.number, "state": row.state, "level": row.level},
        "text": row.text,
        "category": _class(row),
    }


def _code(row: Any) -> dict[str, Any]:
    return {
        **named({"id": row.id}, row.name, row.names),
        "kind": row.kind,
        "made_at": instant(row.made_at),
        "reports": row.reports_n,
        "used_at": instant(row.used_at),
    }
