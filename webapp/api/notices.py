"""A person's own notices: what they were told, and what of it is new."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import request
from pydantic import Field

from gridmap.database import transaction
from gridmap.outbox.actions import mark_read, unread
from gridmap.outbox.queries import notices_of, zone_of
from gridmap.outbox.tables import Message
from gridmap.outbox.wording import worded
from webapp.api import api
from webapp.api.paging import next_link, page_after, page_limit
from webapp.api.parameters import PAGE, flag
from webapp.api.shapes import instant
from webapp.shared.pages import current_locale
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import takes


class ReadIn(Input):
    """Which of my notices I have read; all that are there by now, if none is named."""

    ids: Annotated[list[UUID], Field(max_length=500)] | None = None


@api.get("/notices")
@declares("account.own")
@takes(flag("new", "Only those that are not read."), *PAGE)
def list_notices() -> dict[str, Any]:
    """List my own notices, the latest first, in my language; ``unread`` counts all that are new."""
    me = current_actor().id or 0
    with transaction() as db:
        new_only = request.args.get("new") == "1"
        items, last = notices_of(
            db, me, new_only=new_only, limit=page_limit(), after=page_after(datetime.fromisoformat, UUID)
        )
        zone, n = zone_of(db), unread(db, me)
    return {"items": [_notice(one, zone) for one in items], "unread": n, "next": next_link(last)}


@api.post("/notices/read")
@declares("account.own")
@takes(body=ReadIn)
def read_notices(body: ReadIn) -> dict[str, int]:
    """Mark my notices as read; those of other people are not touched, whatever is named."""
    actor = current_actor()
    with transaction() as db:
        return {"unread": mark_read(db, actor.doer, actor.id or 0, body.ids, now())}


def _notice(one: Message, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "id": one.id,
        "at": instant(one.sent_at),
        "event": one.event,
        "subject": worded(one.subject, current_locale(), zone),
        "body": worded(one.body, current_locale(), zone),
        "about": one.about,
        "read_at": instant(one.read_at),
    }
