"""What a step of an incident means to the orders behind it: who was called, who is to be called back, who is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.hotline.contacts import date_contacts, say_who_reads
from gridmap.hotline.repeats import REPEAT_CONTACT
from gridmap.hotline.rules import CALL_BACK_WITHIN
from gridmap.incidents.after import Taken
from gridmap.incidents.escalations import schedule
from gridmap.incidents.rules import ENDED, State
from gridmap.language import LOCALES, N_, translate
from gridmap.outbox.actions import send
from gridmap.outbox.rules import Said, ToEndpoints

_SPOKEN: Final = frozenset({"contact", "feedback"})
EVENT: Final = "hotline"

_MERGED: Final = """
    SELECT o.id, o.contact_due_at FROM incident_source s JOIN hotline_order o ON o.id = s.report_id
    WHERE s.incident_id = %(id)s AND s.left_at IS NULL AND s.why = 'merged' AND o.first_contact_at IS NULL
        AND o.contact_due_at IS NOT NULL
"""
_ORDERS: Final = """
    SELECT o.id, o.number, o.real_name, o.first_contact_at FROM incident_source s
    JOIN hotline_order o ON o.id = s.report_id WHERE s.incident_id = %(id)s AND s.left_at IS NULL
"""


def follow_step(db: Session, taken: Taken) -> None:
    """Follow a step in its own transaction; steps that change nothing for a caller cost nothing here."""
    if taken.step not in _SPOKEN and taken.left is taken.state:
        return
    if taken.state is State.MERGED:
        _promise_contact(db, UUID(taken.data["set"]["merged_into"]))
    orders = straight(db, _ORDERS, {"id": taken.incident_id})
    if not orders:
        return
    if taken.step in _SPOKEN:
        _note_contact(db, taken, orders)
    if taken.state is State.CLOSED and taken.left is not State.CLOSED:
        _ask_to_call_back(db, taken, [order.id for order in orders if order.real_name])
    if taken.left is not taken.state:
        ids = [order.id for order in orders]
        if taken.state in ENDED:
            date_contacts(db, ids, taken.at)
        elif taken.left in ENDED:
            _withdraw_calls(db, taken)
            date_contacts(db, ids, None)
        _tell_platforms(db, taken, orders)


def _promise_contact(db: Session, survivor: UUID) -> None:
    """The clock of what was merged has ended; whoever called is called all the same."""
    for order in straight(db, _MERGED, {"id": survivor}):
        schedule(db, survivor, REPEAT_CONTACT, order.id.int >> 65, order.contact_due_at)


def _note_contact(db: Session, taken: Taken, orders: Sequence[Any]) -> None:
    """One call reaches one caller: where several wait, each is noted on the order, not here."""
    waiting = [order.id for order in orders if order.first_contact_at is None]
    if not waiting:
        return
    say_who_reads(db, taken.actor_id)
    straight(
        db,
        "UPDATE hotline_order SET first_contact_at = %(at)s WHERE id = ANY(%(ids)s) AND"
        " (SELECT count(DISTINCT coalesce(c.caller_key, CAST(o.id::text AS bytea))) FROM hotline_order o"
        " LEFT JOIN contact c ON c.report_id = o.id WHERE o.id = ANY(%(ids)s)) = 1",
        {"at": taken.at, "ids": waiting},
    )


def _ask_to_call_back(db: Session, taken: Taken, orders: Sequence[UUID]) -> None:
    ids = [uuid5(order, f"call-back:{taken.seq}") for order in orders]
    straight(
        db,
        "INSERT INTO call_back (id, order_id, incident_id, closing_seq, closed_at, due_at)"
        " SELECT w.id, w.order_id, %(incident)s, %(seq)s, %(at)s, %(due_at)s"
        " FROM unnest(CAST(%(ids)s AS uuid[]), CAST(%(orders)s AS uuid[])) AS w (id, order_id) ON CONFLICT DO NOTHING",
        {"ids": ids, "orders": list(orders), "incident": taken.incident_id, "seq": taken.seq, "at": taken.at,
         "due_at": taken.at + CALL_BACK_WITHIN},
    )  # fmt: skip


def _withdraw_calls(db: Session, taken: Taken) -> None:
    """Nobody is asked about a result that is being worked on again."""
    straight(
        db,
        "UPDATE call_back SET done_at = %(at)s, outcome = 'reopened' WHERE incident_id = %(id)s AND done_at IS NULL",
        {"at": taken.at, "id": taken.incident_id},
    )


def _tell_platforms(db: Session, taken: Taken, orders: Sequence[Any]) -> None:
    """Far ends that want to know hear of each order by its own number; of who called they hear nothing."""
    state = {locale: translate(taken.state.label, locale) for locale in LOCALES}
    for order in orders:
        send(
            db,
            "webhook",
            ToEndpoints(taken.path),
            Said(N_("Order %(number)s: %(state)s"), {"number": order.number, "state": state}),
            Said(N_("Its answer is at /api/v1/hotline-orders/answers.")),
            event=EVENT,
            about=f"hotline-order:{order.id}",
            dedupe=f"{taken.incident_id}:{taken.seq}:{order.id}",
            now=taken.recorded_at,
        )
