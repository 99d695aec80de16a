"""Live events: a stream that resumes where it broke off, or the same by asking every few seconds."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast
from uuid import UUID

from flask import Flask, Response, request
from sqlalchemy.orm import Session

from gridmap.database import transaction
from gridmap.errors import Invalid, NotSignedIn
from gridmap.incidents.watching import Subject, load_subjects
from gridmap.language import N_
from gridmap.people.recall import marks_of
from gridmap.people.rules import Scope, scope_of
from gridmap.system.listen import Event, events_since, last_event
from webapp.api import api
from webapp.api.parameters import flag
from webapp.api.shapes import incident_summary
from webapp.shared import SETTINGS
from webapp.shared.policy import current_actor, current_session, declares, now
from webapp.shared.taking import Parameter, takes
from webapp.stream import Messages, Stream, frames, hub_of_app, incident_ids, incident_scope, prepare

api.record_once(lambda setup: prepare(cast(Flask, setup.app), setup.app.config[SETTINGS].streams, incident_summary))

_STREAM: Final = "text/event-stream"
_RESET: Final = b'event: reset\ndata: {"kind":"reset","id":"","version":0,"item":null}\n\n'
_HIGHEST_ID: Final = (1 << 63) - 1


@api.get("/events")
@declares("live.read")
@takes(
    Parameter("after", "Id of the last event that was heard; the header Last-Event-ID stands above it."),
    flag("poll", "Answer at once, as JSON."),
)
def listen() -> Response | dict[str, Any]:
    """Stream what changes as server-sent events; with ``poll=1`` or as JSON, answer at once with what has changed."""
    heard = _last_heard()
    wants_json = request.accept_mimetypes.best_match([_STREAM, "application/json"]) == "application/json"
    if wants_json or request.args.get("poll") == "1":
        return _poll(heard)
    hub, stream = hub_of_app(), _open_stream()
    hub.open(stream)
    with contextlib.ExitStack() as opened:
        opened.callback(hub.close, stream)
        before = _told_before(stream, heard)
        opened.pop_all()
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    response = Response(frames(hub, stream, before), mimetype=_STREAM, headers=headers)
    # A generator that is never begun never ends: a HEAD, or a reader gone before the first byte.
    response.call_on_close(lambda: hub.close(stream))
    return response


@api.get("/events/last")
@declares("live.read")
@takes()
def show_last() -> dict[str, int]:
    """Show the id of the latest event, for a reader who has just read everything and asks for news from now on."""
    with transaction() as db:
        return {"last": last_event(db)}


def _last_heard() -> int | None:
    """The id after which the reader wants to hear; a browser that reconnects says it in a header."""
    text = request.headers.get("Last-Event-ID") or request.args.get("after")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or int(text) > _HIGHEST_ID:
        raise Invalid(N_("after takes the id of the last event that was heard, such as 1207."), where="/after")
    return int(text)


def _open_stream() -> Stream:
    actor, session = current_actor(), current_session()
    if session is None:
        raise NotSignedIn(N_("Sign in first."))
    with transaction() as db:
        mark = marks_of(db, [session.token_hash], now()).get(session.token_hash)
        last = last_event(db)
    if mark is None:
        raise NotSignedIn(N_("Sign in first."))
    return Stream(actor, incident_scope(actor), scope_of(actor, "live.read"), session.token_hash, mark, last)


def _told_before(stream: Stream, heard: int | None) -> list[tuple[int, bytes]]:
    """What happened since the reader's last id; a reset if that cannot be told."""
    if heard is None:
        return []
    with transaction() as db:
        events = events_since(db, heard, now())
        subjects = _subjects(db, events or [])
    if events is None:
        return [(stream.last, _RESET)]
    at = now()
    told = (
        (event.id, Messages(event, subjects, at, incident_summary).to(stream.incidents, stream.events))
        for event in events
    )
    return [(number, message) for number, message in told if message is not None]


def _poll(heard: int | None) -> dict[str, Any]:
    actor = current_actor()
    incidents, others = incident_scope(actor), scope_of(actor, "live.read")
    with transaction() as db:
        last = last_event(db)
        events = events_since(db, last if heard is None else heard, now())
        subjects = _subjects(db, events or [])
    if events is None:
        return {"events": [{"kind": "reset", "id": "", "version": 0, "item": None}], "last": last}
    return {"events": list(_visible(events, subjects, incidents, others)), "last": last}


def _visible(
    events: Sequence[Event], subjects: Mapping[UUID, Subject], incidents: Scope, others: Scope
) -> list[dict[str, Any]]:
    at = now()
    told = (Messages(event, subjects, at, incident_summary).data(incidents, others) for event in events)
    return [data for found in told if found is not None for _, data in (found,)]


def _subjects(db: Session, events: Sequence[Event]) -> Mapping[UUID, Subject]:
    return load_subjects(db, incident_ids(events))
