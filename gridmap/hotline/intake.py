"""Take hotline orders in: each once by its number, a report and an incident with its clocks, repeats joined."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.catalogue.clocks import Stage
from gridmap.catalogue.rulebook import Rulebook, rulebook_now
from gridmap.database import straight
from gridmap.errors import Conflict, Invalid
from gridmap.grids.index import coverages
from gridmap.grids.locating import Told, place_all
from gridmap.hotline.calling import WORK
from gridmap.hotline.contacts import keep_contacts, say_who_reads, the_key
from gridmap.hotline.repeats import join_repeat, known_callers
from gridmap.hotline.rules import Caller, Lies, OrderDraft
from gridmap.incidents.opening import Opened, open_for_reports
from gridmap.language import N_
from gridmap.people.rules import Actor, is_below, scope_of
from gridmap.reports.actions import ReportDraft, StoredReport, receive_reports
from gridmap.reports.rules import believed_time
from gridmap.system import audit

SOURCE: Final = "hotline"


class OtherOrder(Conflict):
    """A number of a channel names one order for good."""

    def __init__(self, channel: str, number: str) -> None:
        super().__init__(
            N_("Order %(number)s of %(channel)s is stored already with another content; it was kept as it was."),
            channel=channel,
            number=number,
        )


class NotYours(Invalid):
    """An order is taken by a desk of the area in which it lies."""

    def __init__(self, lies: Lies) -> None:
        super().__init__(_NOT_YOURS[lies], where="/place")


_NOT_YOURS: Final = {
    Lies.ELSEWHERE: N_("It lies outside of your area, so it was not stored. The district desk takes such orders."),
    Lies.NOWHERE: N_(
        "It has no place, so nobody knows whose it is. Mark the place on the map, or let the district desk take it."
    ),
}


def receive_orders(
    db: Session, actor: Actor, drafts: Sequence[OrderDraft], at: datetime, *, recorded: bool = False
) -> dict[UUID, UUID]:
    """
    Store the orders that are new; those that came before with the same content are left as they are.

    Parameters
    ----------
    actor
        Who writes them down.
    at
        Our clock.
    recorded
        Whether they come out of records, whose times are believed however old they are.

    Returns
    -------
    stored_as
        By the id that was sent: the id of the order, which is an older one where its number was known already.

    Raises
    ------
    OtherContent, OtherOrder
        If an id or a number came before with another content; nothing of the batch is stored.
    NotYours
        If one lies outside of the actor's area.
    Invalid
        If a class is unknown.
    """
    for refused in not_yours(db, actor, drafts, at).values():
        raise refused
    # Two files with the same numbers, or two calls of one person, are taken one after the other.
    straight(db, "SELECT pg_advisory_xact_lock(hashtext('hotline_order'))", {})
    say_who_reads(db, actor.id)
    key = the_key(db)
    digests = {draft.id: sealed(key, draft) for draft in drafts}
    stored_as = {draft.id: draft.id for draft in drafts} | known_orders(db, drafts, digests)
    fresh = {draft.id: draft for draft in drafts if stored_as[draft.id] == draft.id}
    stored = receive_reports(
        db, actor, [_report(draft, digests[draft.id], at) for draft in fresh.values()], at, recorded=recorded,
        on_behalf=True,
    )  # fmt: skip
    if not stored:
        return stored_as
    opened = open_for_reports(db, actor, stored, at)
    keep_contacts(db, {report.draft.id: fresh[report.draft.id].caller for report in stored}, key)
    orders = [_order(rulebook_now(db), fresh[each.draft.id], each, opened[each.draft.id], digests, at, recorded)
              for each in stored]  # fmt: skip
    _store(db, orders)
    numbers = [f"{order['channel']} {order['number']}" for order in orders]
    audit.record(db, actor.doer, "hotline.work", changed={"orders": numbers})
    for order_id in known_callers(db, [UUID(order["id"]) for order in orders]):
        join_repeat(db, actor, order_id, at)
    return stored_as


def not_yours(db: Session, actor: Actor, drafts: Sequence[OrderDraft], at: datetime) -> dict[UUID, NotYours]:
    """
    Say which orders are not the actor's to take, by where they lie, and why; by their ids.

    Raises
    ------
    NotAllowed
        If the actor takes no orders at all.
    """
    scope = scope_of(actor, WORK)
    if scope.covers(coverages.held_by(db).district.path) is not None:
        return {}
    lying = where_they_lie(db, drafts, [path for path, _ in scope.paths], at)
    return {draft.id: NotYours(lies) for draft, lies in zip(drafts, lying, strict=True) if lies is not Lies.WITHIN}


def where_they_lie(db: Session, drafts: Sequence[OrderDraft], within: Sequence[str], at: datetime) -> list[Lies]:
    """Where each order lies for a desk that takes those below some area paths."""
    placed = place_all(db, [(told_place(draft), draft.received_at or at) for draft in drafts]) if drafts else []
    return [
        Lies.NOWHERE if one.lon is None
        else Lies.WITHIN if one.path is not None and any(is_below(one.path, root) for root in within)
        else Lies.ELSEWHERE
        for one in placed
    ]  # fmt: skip


def sealed(key: bytes, draft: OrderDraft) -> bytes:
    """A keyed hash of all that was sent but its id; who called cannot be guessed from it."""
    said = {**draft.content(), "caller": asdict(draft.caller)}
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hmac.digest(key, canonical.encode(), hashlib.sha256)


def known_orders(db: Session, drafts: Sequence[OrderDraft], digests: Mapping[UUID, bytes]) -> dict[UUID, UUID]:
    """
    Find the orders whose numbers are stored already, under whichever id.

    Raises
    ------
    OtherOrder
        If a number stands for another content.
    """
    numbered = [draft for draft in drafts if draft.number is not None]
    rows = straight(
        db,
        "SELECT id, channel, number, digest FROM hotline_order WHERE (channel, number) IN"
        " (SELECT * FROM unnest(CAST(%(channels)s AS text[]), CAST(%(numbers)s AS text[])))",
        {"channels": [draft.channel for draft in numbered], "numbers": [draft.number for draft in numbered]},
    )
    held = {(row.channel, row.number): (row.id, bytes(row.digest)) for row in rows}
    known: dict[UUID, UUID] = {}
    for draft in numbered:
        assert draft.number is not None
        # The first of two rows that are the same order is the one that is stored.
        found, digest = held.setdefault((draft.channel, draft.number), (draft.id, digests[draft.id]))
        if digest != digests[draft.id]:
            raise OtherOrder(draft.channel, draft.number)
        known[draft.id] = found
    return known


def told_place(draft: OrderDraft) -> Told:
    """The place of an order as it was told; without coordinates where nobody said one."""
    place = draft.place
    if place is None:
        return Told(None, None)
    return Told(
        place["lon"], place["lat"], place.get("datum") or "wgs84", place.get("accuracy_m"),
        place.get("method") or "pin",
    )  # fmt: skip


def _report(draft: OrderDraft, digest: bytes, at: datetime) -> ReportDraft:
    happened = draft.occurred_at or draft.received_at or at
    content = {"id": str(draft.id), "order": digest.hex()}
    return ReportDraft(draft.id, SOURCE, draft.category, draft.text, told_place(draft), None, happened, content)


def _order(
    book: Rulebook, draft: OrderDraft, report: StoredReport, opened: Opened, digests: Mapping[UUID, bytes],
    at: datetime, recorded: bool,
) -> dict[str, Any]:  # fmt: skip
    """The row of an order; the caller waits since the hotline took the call, not since we heard of it."""
    received_at, _ = believed_time(draft.received_at, at, recorded=recorded)
    facts = {"severity": str(report.severity), "source": SOURCE}
    rule = book.clock(draft.category, facts, Stage.CONTACT, received_at)
    due_at = None if rule is None else book.timing.deadline(rule, received_at).due_at
    return {
        "id": str(draft.id),
        "channel": draft.channel,
        "number": draft.number or opened.number,
        "incident_id": str(opened.id),
        "received_at": received_at.isoformat(),
        "contact_due_at": None if due_at is None else due_at.isoformat(),
        "real_name": draft.caller.is_real,
        "digest": f"\\x{digests[draft.id].hex()}",
    }


def _store(db: Session, orders: Sequence[Mapping[str, Any]]) -> None:
    columns = "id, channel, number, incident_id, received_at, contact_due_at, real_name, digest"
    straight(
        db,
        f"INSERT INTO hotline_order ({columns}) SELECT {columns}"
        " FROM jsonb_populate_recordset(NULL::hotline_order, CAST(%(rows)s AS jsonb))",
        {"rows": json.dumps(list(orders), ensure_ascii=False)},
    )


def without_blanks(caller: Caller) -> Caller:
    """The caller with nothing instead of what is only white space."""
    return replace(
        caller,
        name=(caller.name or "").strip() or None,
        phone=(caller.phone or "").strip() or None,
        address=(caller.address or "").strip() or None,
    )
