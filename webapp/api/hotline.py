"""Hotline orders: taken in by themselves or many at once, listed, answered, and their callers called."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from flask import Response, request
from limits import parse as parse_limit
from pydantic import Field, StringConstraints

from gridmap.catalogue.explaining import sentences
from gridmap.database import transaction
from gridmap.errors import Conflict, GridmapError, Invalid
from gridmap.hotline.calling import WORK, find_order, note_contact
from gridmap.hotline.contacts import REVEAL, reveal, say_who_reads
from gridmap.hotline.intake import not_yours, receive_orders, without_blanks
from gridmap.hotline.queries import LISTS, answers, order_page, orders_as_stored
from gridmap.hotline.rules import SIGMA_M, Caller, OrderDraft
from gridmap.incidents.similar import similar_open
from gridmap.language import N_
from gridmap.moment import is_believable
from gridmap.people.rules import Actor, can, scope_of
from webapp.api import api
from webapp.api.numbers import number_arg
from webapp.api.order_shapes import answer_shown, order_shown
from webapp.api.paging import next_link, page_after, page_limit
from webapp.api.parameters import PAGE, number, one_of
from webapp.api.reports import PlaceIn
from webapp.errors import STATUS, family_of
from webapp.shared.instants import Instant
from webapp.shared.pages import current_locale
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.rates import hit
from webapp.shared.requests import Input
from webapp.shared.taking import Batch, Parameter, takes

READ: Final = "hotline.read"
MOST_ORDERS: Final = 100
_MANY_LOOKS: Final = parse_limit("20/hour")
_GONE_ELSEWHERE: Final = N_("This order is stored, and outside of your area by now. The district desk sees it.")
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
_PERIOD: Final = (
    Parameter("channel", "Only the orders of this channel."),
    Parameter("since", "Received at this instant or later."),
    Parameter("until", "Received before this instant."),
)


class CallerIn(Input):
    """Who called, as far as they said."""

    name: Annotated[str, Field(max_length=80)] | None = None
    phone: Annotated[str, Field(max_length=40)] | None = None
    address: Annotated[str, Field(max_length=200)] | None = None


class OrderIn(Input):
    """An order; the id is the sender's own, so that it can be sent again."""

    id: UUID
    channel: Short = "phone"
    number: Short | None = None
    text: Words
    category: Annotated[str, Field(max_length=40)] | None = None
    caller: CallerIn = CallerIn()
    place: PlaceIn | None = None
    received_at: Instant | None = None
    occurred_at: Instant | None = None

    def draft(self) -> OrderDraft:
        """The order as the domain takes it."""
        caller = without_blanks(Caller(self.caller.name, self.caller.phone, self.caller.address))
        place = None if self.place is None else self.place.model_dump()
        return OrderDraft(
            self.id, self.channel, self.number, self.text, self.category, caller, place, self.received_at,
            self.occurred_at,
        )  # fmt: skip


class ContactIn(Input):
    """That the caller was spoken with; the id is the sender's own."""

    id: UUID
    note: Words


class RevealIn(Input):
    """Why somebody needs to know who called."""

    purpose: Annotated[str, StringConstraints(strip_whitespace=True, min_length=4, max_length=400)]


@api.get("/hotline-orders")
@api.doc(tags=["hotline"])
@declares(READ)
@takes(
    one_of("list", "waiting for the first contact, open (unless given), closed, or all.", *LISTS),
    Parameter("q", "Part of a number: of the order, or of an incident that it led to."),
    *PAGE,
)
def list_orders() -> dict[str, Any]:
    """List orders with both numbers: those that wait by the deadline of the contact, others the latest first."""
    actor, which = current_actor(), request.args.get("list", "open")
    if which not in LISTS:
        raise Invalid(N_("list is one of %(known)s."), where="/list", known=", ".join(LISTS))
    after = page_after(datetime.fromisoformat, UUID)
    with transaction() as db:
        scope = scope_of(actor, READ)
        page = order_page(
            db, actor.id, scope, which, q=request.args.get("q"), limit=page_limit(),
            after=None if after is None else (after[0], after[1]),
        )  # fmt: skip
    items = [order_shown(row, page.callers.get(row.id)) for row in page.rows]
    return {"items": items, "next": next_link(page.after), "works": can(actor, WORK) is not None}


@api.post("/hotline-orders")
@api.doc(tags=["hotline"])
@declares(WORK)
@takes(batch=Batch(OrderIn, "orders", MOST_ORDERS))
def create_orders(items: list[OrderIn], many: bool) -> tuple[dict[str, Any], int]:
    """
    Take one order, or up to 100; what was stored before by id or number is answered as it stands.

    Of many, each that lies outside of the sender's area is refused by itself.
    """
    actor, at, drafts = current_actor(), now(), [order.draft() for order in items]
    with transaction() as db:
        refused: dict[UUID, GridmapError] = {**not_yours(db, actor, drafts, at)}
        if refused and not many:
            raise refused[drafts[0].id]
        stored_as = receive_orders(db, actor, [draft for draft in drafts if draft.id not in refused], at)
        page = orders_as_stored(db, actor, list(set(stored_as.values())))
    shown = {row.id: order_shown(row, page.callers.get(row.id)) for row in page.rows}
    refused |= {sent: Conflict(_GONE_ELSEWHERE) for sent, order in stored_as.items() if order not in shown}
    if refused and not many:
        raise refused[drafts[0].id]
    told = [
        _refused(order.id, refused[order.id]) if order.id in refused
        else shown[stored_as[order.id]] | {"sent": str(order.id), "refused": None}
        for order in items
    ]  # fmt: skip
    return ({"items": told} if many else told[0]), 201


def _refused(sent: UUID, error: GridmapError) -> dict[str, Any]:
    said = {"status": STATUS[family_of(error)], "sentence": error.sentence(current_locale())}
    return {"sent": str(sent), "refused": said}


@api.get("/hotline-orders/similar")
@api.doc(tags=["hotline"])
@declares(WORK)
@takes(
    number("lon", "Longitude, degrees, WGS 84.", needed=True),
    number("lat", "Latitude, degrees, WGS 84.", needed=True),
    Parameter("category", "Code of a class of matters."),
)
def list_similar() -> dict[str, Any]:
    """Open incidents that a caller may be speaking of, while the call is being written down."""
    lon, lat = number_arg("lon"), number_arg("lat")
    if lon is None or lat is None or not (-180 <= lon <= 180 and -85 <= lat <= 85):
        raise Invalid(N_("A place is a longitude and a latitude in degrees."), where="/lon")
    with transaction() as db:
        scope = scope_of(current_actor(), "incident.read")
        found = similar_open(db, (lon, lat), SIGMA_M, request.args.get("category"), now(), scope)
    locale = current_locale()
    return {
        "items": [
            {"id": str(one.id), "number": one.number, "state": one.state, "distance_m": one.distance_m,
             "score": one.score, "why": sentences(one.why, locale)}
            for one in found
        ]
    }  # fmt: skip


@api.get("/hotline-orders/answers")
@api.doc(tags=["hotline"])
@declares(READ)
@takes(*_PERIOD, *PAGE)
def list_answers() -> dict[str, Any]:
    """Answer to whoever sent orders: both numbers, state, first contact, closing, the words of it, satisfaction."""
    after = page_after(datetime.fromisoformat, UUID)
    with transaction() as db:
        rows, last = answers(
            db, scope_of(current_actor(), READ), channel=request.args.get("channel"), since=asked_instant("since"),
            until=asked_instant("until"), limit=page_limit(), after=None if after is None else (after[0], after[1]),
        )  # fmt: skip
    return {"items": [answer_shown(row) for row in rows], "next": next_link(last)}


@api.get("/hotline-orders/export")
@api.doc(tags=["hotline"])
@declares(READ)
@takes(Parameter("format", "csv or xlsx.", {"enum": ["csv", "xlsx"]}, needed=True), *_PERIOD)
def export_answers() -> Response:
    """Give the answers as a file."""
    from webapp.api import answering

    args = request.args
    return answering.give(args.get("format", ""), args.get("channel"), asked_instant("since"), asked_instant("until"))


@api.post("/hotline-orders/<uuid:order_id>/contact")
@api.doc(tags=["hotline"])
@declares(WORK)
@takes(body=ContactIn)
def contact_caller(order_id: UUID, body: ContactIn) -> dict[str, Any]:
    """Write down that the caller was spoken with; it ends the clock of the first contact."""
    actor = current_actor()
    with transaction() as db:
        note_contact(db, actor, order_id, body.id, body.note, now())
        page = orders_as_stored(db, actor, [order_id])
    return order_shown(page.rows[0], page.callers.get(order_id))


@api.post("/hotline-orders/<uuid:order_id>/reveal")
@api.doc(tags=["hotline"])
@declares(REVEAL)
@takes(body=RevealIn)
def reveal_caller(order_id: UUID, body: RevealIn) -> dict[str, Any]:
    """Show who called, for a purpose that is written down; sealed when the matter is over and nobody is to call."""
    actor = current_actor()
    with transaction() as db:
        order = find_order(db, actor, REVEAL, order_id)
        say_who_reads(db, actor.id)
        return caller_shown(reveal(db, actor, order, body.purpose, too_often=looks_too_often(actor)))


def looks_too_often(actor: Actor) -> bool:
    """Count one look at a contact; whether it is more within the hour than work needs."""
    return hit(_MANY_LOOKS, "reveal", f"{actor.kind}:{actor.id}") is not None


def caller_shown(caller: Caller) -> dict[str, Any]:
    """Who called, whole."""
    return {"name": caller.name, "phone": caller.phone, "address": caller.address}


def asked_instant(name: str) -> datetime | None:
    """
    Read an instant of the address.

    Raises
    ------
    Invalid
        If it is none with a zone, or of a year in which nothing can be counted.
    """
    said = request.args.get(name)
    if said is None:
        return None
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not is_believable(moment):
        raise Invalid(N_("A time with its zone is expected here, such as 2026-03-03T08:00:00Z."), where=f"/{name}")
    return moment
