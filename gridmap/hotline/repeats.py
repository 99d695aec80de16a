"""The same caller, the same place, the same topic: joined, and the second repeat is somebody's to go after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from gridmap.catalogue.rulebook import Rulebook, rulebook_now
from gridmap.database import straight
from gridmap.hotline.calling import WORK
from gridmap.hotline.rules import REPEAT_WITHIN, Matter, is_repeat
from gridmap.incidents.actions import StepDraft, act
from gridmap.incidents.escalations import Due, schedule
from gridmap.incidents.rules import ENDED, State
from gridmap.incidents.steps import STEP_OF
from gridmap.language import N_
from gridmap.outbox.actions import send
from gridmap.outbox.rules import Said, ToDepartment, ToPerson, ToRole
from gridmap.people.rights import Role
from gridmap.people.rules import Actor, Thing, can, system_actor
from gridmap.system.audit import Doer

SECOND_REPEAT: Final = "second_repeat"
REPEAT_CONTACT: Final = "repeat_contact_overdue"
ELSEWHERE: Final = "repeat_elsewhere"
_SECOND: Final = 2

# The newest first: what a caller said last is what the next call repeats.
_OF_CALLER: Final = """
    SELECT o.id, o.repeat_n, o.received_at, o.contact_due_at, r.category, ST_X(r.place) AS lon, ST_Y(r.place) AS lat,
        sqrt(greatest(r.cov_ee, r.cov_nn)) AS sigma_m, c.address, i.id AS incident_id, i.number, i.state,
        i.path::text AS path
    FROM contact me JOIN contact c ON c.caller_key = me.caller_key
    JOIN hotline_order o ON o.id = c.report_id JOIN report r ON r.id = o.id
    JOIN incident_source s ON s.report_id = o.id AND s.left_at IS NULL JOIN incident i ON i.id = s.incident_id
    WHERE me.report_id = %(id)s ORDER BY o.received_at DESC, o.repeat_n DESC, o.id LIMIT 100
"""


def known_callers(db: Session, orders: Sequence[UUID]) -> list[UUID]:
    """Those of new orders whose caller has another one, in the order in which they were given."""
    rows = straight(
        db,
        "SELECT me.report_id FROM contact me WHERE me.report_id = ANY(%(ids)s) AND EXISTS (SELECT FROM contact c"
        " WHERE c.caller_key = me.caller_key AND c.report_id <> me.report_id)",
        {"ids": list(orders)},
    )
    known = {row.report_id for row in rows}
    return [order for order in orders if order in known]


def join_repeat(db: Session, actor: Actor, order_id: UUID, at: datetime) -> UUID | None:
    """
    Join a new order to the one of the same caller that it repeats, if there is one.

    An open incident takes it in, with its number; beside one that is closed it stays an incident of its own with its
    own clocks, linked to its origin. What another area has is not the actor's to join: the desk above both is told.
    Who reads contacts has been said before.

    Parameters
    ----------
    actor
        Who wrote it down.

    Returns
    -------
    repeats
        The order that it repeats.
    """
    rows = straight(db, _OF_CALLER, {"id": order_id})
    me = next((row for row in rows if row.id == order_id), None)
    if me is None:
        return None
    book = rulebook_now(db)
    mine = _matter(book, me)
    alike = [
        row for row in rows
        if row.id != order_id and abs(row.received_at - me.received_at) <= REPEAT_WITHIN
        and is_repeat(mine, _matter(book, row))
    ]  # fmt: skip
    before = next((row for row in alike if can(actor, WORK, Thing(row.path)) is not None), None)
    if before is None:
        if alike:
            _tell_desk_above(db, me, alike[0], at)
        return None
    n = before.repeat_n + 1
    straight(
        db,
        "UPDATE hotline_order SET repeats_id = %(before)s, repeat_n = %(n)s WHERE id = %(id)s",
        {"id": order_id, "before": before.id, "n": n},
    )
    stays = me.incident_id if before.incident_id == me.incident_id else _join(db, me, before, at)
    if n >= _SECOND:
        schedule(db, stays, SECOND_REPEAT, 1, at)
    found: UUID = before.id
    return found


def _matter(book: Rulebook, row: Any) -> Matter:
    place = None if row.lon is None else (row.lon, row.lat)
    return Matter(book.path_of(row.category), place, row.sigma_m, row.address)


def _join(db: Session, me: Any, before: Any, at: datetime) -> UUID:
    """Merge into what is open, or link to what is over; gives the incident that goes on."""
    actor = system_actor(Doer(None, "system"))
    mergeable = State(me.state) in STEP_OF["merge"].origins
    if State(before.state) not in ENDED and mergeable:
        draft = StepDraft(uuid5(me.id, "repeat"), "merge", arguments={"into": before.number})
        act(db, actor, me.incident_id, draft, at)
        stays: UUID = before.incident_id
        return stays
    draft = StepDraft(uuid5(me.id, "repeat"), "derive", arguments={"origin": before.number})
    act(db, actor, me.incident_id, draft, at)
    own: UUID = me.incident_id
    return own


def _tell_desk_above(db: Session, me: Any, before: Any, at: datetime) -> None:
    """Whoever answers for both places hears that they may be one matter, and merges them if they are."""
    subject = Said(N_("Incident %(number)s may repeat another of the same caller"), {"number": me.number})
    body = Said(
        N_("The other is %(other)s, and lies in another area. Look at both, and merge them if they are one."),
        {"other": before.number},
    )
    for role in (Role.TOWNSHIP, Role.OPERATOR):
        send(db, "screen", ToRole(role.value, _above(me.path, before.path)), subject, body, event=ELSEWHERE,
             about=f"incident:{me.incident_id}", dedupe=f"{ELSEWHERE}:{me.id}:{role.value}", now=at)  # fmt: skip


def _above(one: str, other: str) -> str:
    """The path of the smallest area that holds both."""
    both = takewhile(lambda labels: labels[0] == labels[1], zip(one.split("."), other.split("."), strict=False))
    return ".".join(label for label, _ in both)


_NOW: Final = """
    SELECT i.number, i.path::text AS path, (
        SELECT count(*) FROM incident_source s JOIN hotline_order o ON o.id = s.report_id
            WHERE s.incident_id = i.id AND s.left_at IS NULL AND o.first_contact_at IS NULL
            AND o.contact_due_at <= %(at)s) AS waiting
    FROM incident i WHERE i.id = %(id)s
"""


def tell_of_waiting_caller(db: Session, due: Due, at: datetime) -> None:
    """Whoever called again was not called in time: the desks are told once."""
    (row,) = straight(db, _NOW, {"id": due.incident_id, "at": at})
    if not row.waiting:
        return
    subject = Said(N_("A caller of incident %(number)s still waits for the first contact"), {"number": row.number})
    body = Said(N_("Their order was merged into this incident. Call back from the hotline page."))
    targets: list[ToPerson | ToDepartment | ToRole] = [
        ToRole(Role.TOWNSHIP.value, row.path), ToRole(Role.OPERATOR.value, row.path)
    ]  # fmt: skip
    tell_once(db, targets, subject, body, due, at)


def tell_once(
    db: Session, targets: list[ToPerson | ToDepartment | ToRole], subject: Said, body: Said, due: Due, at: datetime
) -> None:
    """Send a notice of an escalation to several, once however often it fires."""
    for n, target in enumerate(targets):
        send(db, "screen", target, subject, body, event=due.kind, about=f"incident:{due.incident_id}",
             dedupe=f"{due.kind}:{due.incident_id}:{due.n}:{n}", now=at)  # fmt: skip
