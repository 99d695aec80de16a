"""The desk of whoever asks: who sits there, its roster, and what one shift leaves to the next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from flask import request
from pydantic import Field, StringConstraints

from gridmap.database import transaction
from gridmap.errors import Invalid
from gridmap.language import N_
from gridmap.moment import is_believable
from gridmap.people.rules import can
from gridmap.roster.actions import TurnDraft, hand_over, strike_turn, take_over, write_turn
from gridmap.roster.queries import handovers, matters, shift_began, sitters, turns
from gridmap.roster.rules import desk_of
from gridmap.system.receipts import claim, content_digest
from webapp.api import api
from webapp.api.shapes import instant, named
from webapp.shared.instants import Instant
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import Parameter, takes

READ: Final = "roster.read"
WORK: Final = "roster.work"
_SHOWN: Final = timedelta(days=8)
_LONGEST_STRETCH: Final = timedelta(days=62)
_FEW: Final = 20


class TurnIn(Input):
    """A turn to write; the id is the sender's own."""

    id: UUID
    person: Annotated[int, Field(ge=1)]
    from_: Annotated[Instant, Field(alias="from")]
    until: Instant


class HandoverIn(Input):
    """A hand-over; what is open is added by ourselves."""

    id: UUID
    note: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class Nothing(Input):
    """An act that says all by its address."""


@api.get("/desk")
@declares(READ)
@takes()
def show_desk() -> dict[str, Any]:
    """Show who sits at my desk now and next, and the hand-over that waits there or was taken last."""
    actor, at = current_actor(), now()
    with transaction() as db:
        path = desk_of(actor, READ)
        listed = [_turn(row) for row in turns(db, path, at, at + timedelta(days=1))]
        latest = [_handover(row) for row in handovers(db, path, limit=1)]
    return {
        "now": [turn for turn in listed if turn["from"] <= (instant(at) or "")],
        "next": next((turn for turn in listed if turn["from"] > (instant(at) or "")), None),
        "handover": latest[0] if latest else None,
        "works": can(actor, WORK) is not None,
    }


@api.get("/desk/turns")
@declares(READ)
@takes(
    Parameter("from", "An instant (RFC 3339, with zone); now unless given."),
    Parameter("until", "An instant; eight days on unless given, at most 62."),
)
def list_turns() -> dict[str, Any]:
    """List the turns at my desk in a stretch of time, and who may sit there."""
    at = now()
    since = _instant("from") or at
    until = _instant("until") or since + _SHOWN
    if not since <= until <= since + _LONGEST_STRETCH:
        raise Invalid(N_("Ask for a stretch of at most 62 days that ends after it begins."), where="until")
    with transaction() as db:
        path = desk_of(current_actor(), READ)
        return {
            "items": [_turn(row) for row in turns(db, path, since, until)],
            "people": [named({"id": row.id}, row.name, row.names) for row in sitters(db, path, at)],
        }


@api.post("/desk/turns")
@declares(WORK)
@takes(body=TurnIn)
def create_turn(body: TurnIn) -> tuple[dict[str, Any], int]:
    """Write a turn into the roster of my desk."""
    actor, at = current_actor(), now()
    with transaction() as db:
        new = claim(db, "desk-turn", [(body.id, content_digest(body.model_dump(mode="json")))], at)
        if new:
            draft = TurnDraft(body.id, body.person, body.from_, body.until)
            write_turn(db, actor, desk_of(actor, WORK), draft, at)
    return {"id": body.id}, 201 if new else 200


@api.post("/desk/turns/<uuid:turn_id>/strike")
@declares(WORK)
@takes(body=Nothing)
def remove_turn(turn_id: UUID, body: Nothing) -> dict[str, Any]:
    """Strike a turn of my desk out: it will not be sat."""
    actor = current_actor()
    with transaction() as db:
        strike_turn(db, actor, desk_of(actor, WORK), turn_id, now())
    return {"id": turn_id}


@api.get("/desk/matters")
@declares(WORK)
@takes()
def show_matters() -> dict[str, Any]:
    """Show what a hand-over would tell the next shift if it were written now."""
    actor, at = current_actor(), now()
    with transaction() as db:
        path = desk_of(actor, WORK)
        since = shift_began(db, path, actor.id or 0, at)
        return {"since": instant(since), **_matters(matters(db, path, since, at))}


@api.get("/desk/handovers")
@declares(READ)
@takes()
def list_handovers() -> dict[str, Any]:
    """List the latest hand-overs of my desk, the latest first."""
    with transaction() as db:
        rows = handovers(db, desk_of(current_actor(), READ), limit=_FEW)
    return {"items": [_handover(row) for row in rows]}


@api.post("/desk/handovers")
@declares(WORK)
@takes(body=HandoverIn)
def create_handover(body: HandoverIn) -> tuple[dict[str, Any], int]:
    """Leave my desk to the next shift: my note, and all that is open and presses."""
    actor, at = current_actor(), now()
    with transaction() as db:
        new = claim(db, "handover", [(body.id, content_digest(body.model_dump(mode="json")))], at)
        path = desk_of(actor, WORK)
        if new:
            hand_over(db, actor, path, body.id, body.note, at)
        (row,) = handovers(db, path, limit=1, only=body.id)
    return _handover(row), 201 if new else 200


@api.post("/desk/handovers/<uuid:handover_id>/take")
@declares(WORK)
@takes(body=Nothing)
def take_handover(handover_id: UUID, body: Nothing) -> dict[str, Any]:
    """Take what the shift before me left."""
    actor = current_actor()
    with transaction() as db:
        path = desk_of(actor, WORK)
        take_over(db, actor, path, handover_id, now())
        (row,) = handovers(db, path, limit=1, only=handover_id)
    return _handover(row)


def _instant(name: str) -> datetime | None:
    text = request.args.get(name)
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not is_believable(at):
        raise Invalid(N_("A time with its zone is expected here, such as 2026-03-03T14:30:00+08:00."), where=name)
    return at


def _turn(row: Any) -> dict[str, Any]:
    return {"id": row.id, "person": _person(row.person), "from": instant(row.begins), "until": instant(row.ends)}


def _person(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else named({"id": row["id"]}, row["name"], row["names"])


def _handover(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "by": _person(row.giver),
        "at": instant(row.given_at),
        "since": instant(row.since),
        "note": row.note,
        "taken_by": _person(row.taker),
        "taken_at": instant(row.taken_at),
        **_matters(row.matters),
    }


def _matters(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "figures": told["figures"],
        "total": told["total"],
        "matters": [each | {"category": _class(each["category"])} for each in told["items"]],
    }


def _class(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else named({"code": row["code"]}, row["name"], row["names"])
