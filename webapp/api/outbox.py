"""The outbox, as administrators keep it: far ends, trials, what waits and what was given up."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import request
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session

from gridmap.database import transaction
from gridmap.outbox.actions import drop, retry
from gridmap.outbox.delivery import way_of
from gridmap.outbox.endpoints import (
    EndpointDraft,
    add_endpoint,
    area_of,
    change_endpoint,
    end_endpoint,
    endpoint_in_use,
    endpoints_in_use,
    shown_address,
    try_endpoint,
)
from gridmap.outbox.queries import STATES, message_page, zone_of
from gridmap.outbox.tables import Endpoint
from gridmap.outbox.wording import worded
from gridmap.people.proving import require_fresh
from gridmap.system.receipts import claim, content_digest
from webapp.api import api
from webapp.api.accounts import Language, Line, Nothing
from webapp.api.departments import Code
from webapp.api.paging import next_link, page_after, page_limit
from webapp.api.parameters import PAGE, one_of
from webapp.api.shapes import instant, named
from webapp.shared import settings
from webapp.shared.pages import current_locale
from webapp.shared.policy import current_actor, current_session, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import takes

MANAGE = "setting.manage"
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,63}$")]
Address = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Secret = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class EndpointIn(Input):
    """A far end; without address or secret it keeps those it has."""

    name: Line
    locale: Language = "zh-CN"
    enabled: bool = True
    events: Annotated[tuple[Word, ...], Field(max_length=50)] = ()
    area: Code | None = None
    url: Address | None = None
    secret: Secret | None = None

    def draft(self) -> EndpointDraft:
        """The far end as the domain takes it."""
        said = self.model_dump(include=set(EndpointIn.model_fields))
        return EndpointDraft(**said)


class NewEndpointIn(EndpointIn):
    """A new far end; the id is the sender's own, so that it can be sent again."""

    id: UUID
    kind: Literal["webhook", "wecom", "dingtalk"]


class TrialIn(Input):
    """A trial message; sent again under the same id, it is the same trial."""

    id: UUID


@api.get("/outbox/endpoints")
@declares(MANAGE)
@takes()
def list_endpoints() -> dict[str, Any]:
    """List the far ends by name; of an address only the part that is no secret."""
    with transaction() as db:
        return {"items": [_endpoint(db, end) for end in endpoints_in_use(db)]}


@api.post("/outbox/endpoints")
@declares(MANAGE)
@takes(body=NewEndpointIn)
def create_endpoint(body: NewEndpointIn) -> tuple[dict[str, Any], int]:
    """Set a far end up; address and secret are shown to nobody again."""
    require_fresh(current_session(), now())
    with transaction() as db:
        new = claim(db, "outbox-endpoint", [(body.id, content_digest(body.model_dump(mode="json")))], now())
        if new:
            add_endpoint(db, current_actor().doer, body.id, body.kind, body.draft(), way_of(settings()), now())
        return _endpoint(db, endpoint_in_use(db, body.id)), 201 if new else 200


@api.put("/outbox/endpoints/<uuid:endpoint_id>")
@declares(MANAGE)
@takes(body=EndpointIn)
def rewrite_endpoint(endpoint_id: UUID, body: EndpointIn) -> dict[str, Any]:
    """Write a far end anew; turned off, it is sent nothing."""
    require_fresh(current_session(), now())
    with transaction() as db:
        end = change_endpoint(db, current_actor().doer, endpoint_id, body.draft(), way_of(settings()))
        return _endpoint(db, end)


@api.post("/outbox/endpoints/<uuid:endpoint_id>/end")
@declares(MANAGE)
@takes(body=Nothing)
def remove_endpoint(endpoint_id: UUID, body: Nothing) -> dict[str, Any]:
    """Take a far end away: its address and secret are forgotten, what waits for it is given up."""
    with transaction() as db:
        end_endpoint(db, current_actor().doer, endpoint_id, now())
    return {"id": endpoint_id}


@api.post("/outbox/endpoints/<uuid:endpoint_id>/try")
@declares(MANAGE)
@takes(body=TrialIn)
def send_trial(endpoint_id: UUID, body: TrialIn) -> tuple[dict[str, Any], int]:
    """Send a trial to a far end, by the worker like every message; the list of messages tells what came of it."""
    with transaction() as db:
        new = try_endpoint(db, current_actor().doer, endpoint_id, body.id, now())
    return {"id": body.id}, 201 if new else 200


@api.get("/outbox/messages")
@declares(MANAGE)
@takes(one_of("state", "Those that wait unless said otherwise.", *STATES), *PAGE)
def list_messages() -> dict[str, Any]:
    """List what leaves the screens, the latest first: who it is for and how it went, never what it says."""
    with transaction() as db:
        rows, last = message_page(
            db,
            request.args.get("state", STATES[0]),
            limit=page_limit(),
            after=page_after(datetime.fromisoformat, UUID),
        )
        zone = zone_of(db)
    return {"items": [_message(row, zone) for row in rows], "next": next_link(last)}


@api.post("/outbox/messages/<uuid:message_id>/retry")
@declares(MANAGE)
@takes(body=Nothing)
def retry_message(message_id: UUID, body: Nothing) -> dict[str, Any]:
    """Send a message again that was given up, for another day."""
    with transaction() as db:
        retry(db, current_actor().doer, message_id, now())
    return {"id": message_id}


@api.post("/outbox/messages/<uuid:message_id>/drop")
@declares(MANAGE)
@takes(body=Nothing)
def drop_message(message_id: UUID, body: Nothing) -> dict[str, Any]:
    """Take a message away that was given up."""
    with transaction() as db:
        drop(db, current_actor().doer, message_id, now())
    return {"id": message_id}


def _endpoint(db: Session, end: Endpoint) -> dict[str, Any]:
    area = area_of(db, end)
    return {
        "id": end.id,
        "kind": end.kind,
        "name": end.name,
        "address": shown_address(end),
        "signed": end.secret is not None,
        "events": end.events,
        "area": None if area is None else named({"code": area.code, "kind": "area"}, area.name, area.names),
        "locale": end.locale,
        "enabled": end.enabled,
        "made_at": instant(end.made_at),
    }


def _message(row: Any, zone: ZoneInfo) -> dict[str, Any]:
    return {
        **named({"id": row.id}, row.name, row.names or {}),
        "channel": row.channel,
        "event": row.event,
        "asked_at": instant(row.asked_at),
        "due_at": None if row.sent_at or row.dead_at else instant(row.due_at),
        "tries": row.tries,
        "sent_at": instant(row.sent_at),
        "dead_at": instant(row.dead_at),
        "fault": None if row.fault is None else worded(row.fault, current_locale(), zone),
    }
