"""The same caller, the same place, the same topic: joined, and at the second repeat a leader goes there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from gridmap.catalogue.pages import local_today
from gridmap.catalogue.rulebook import Rulebook, rulebook_now
from gridmap.database import straight
from gridmap.hotline.rules import REPEAT_WITHIN, Matter, is_repeat
from gridmap.incidents.actions import StepDraft, act
from gridmap.incidents.escalations import Due, schedule
from gridmap.incidents.rules import ENDED, State
from gridmap.incidents.steps import STEP_OF
from gridmap.language import N_
from gridmap.outbox.actions import send
from gridmap.outbox.rules import Said, ToDepartment, ToPerson, ToRole
from gridmap.people.rights import Role
from gridmap.people.rules import system_actor
from gridmap.system.audit import Doer

SECOND_REPEAT: Final = "second_repeat"
REPEAT_CONTACT: Final = "repeat_contact_overdue"
_SECOND: Final = 2

# The newest first: what a caller said last is what the next call repeats.
_OF_CALLER: Final = """
    SELECT o.id, o.repeat_n, o.received_at, o.contact_due_at, r.category, ST_X(r.place) AS lon, ST_Y(r.place) AS lat,
        sqrt(greatest(r.cov_ee, r.cov_nn)) AS sigma_m, c.address, i.id AS incident_id, i.number, i.state
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


def join_repeat(db: Session, order_id: UUID, at: datetime) -> UUID | None:
    """
    Join a new order to the one of the same caller that it repeats, if there is one.

    An open incident takes it in, with its number; beside one that is closed it stays an incident of its own with its
    own clocks, linked to its origin. Who reads contacts has been said before.

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
    before = next(
        (row for row in rows
         if row.id != order_id and abs(row.received_at - me.received_at) <= REPEAT_WITHIN
         and is_repeat(mine, _matter(book, row))),
        None,
    )  # fmt: skip
    if before is None:
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
    if stays != me.incident_id and me.contact_due_at is not None:
        # The clock of what was merged has ended; who called again is called all the same.
        schedule(db, stays, REPEAT_CONTACT, order_id.int >> 65, me.contact_due_at)
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


_NOW: Final = """
    SELECT i.number, i.path::text AS path, i.category, i.state, i.holder_department_id, i.occurred_at,
        (SELECT count(*) FROM incident_source s JOIN hotline_order o ON o.id = s.report_id
            WHERE s.incident_id = i.id AND s.left_at IS NULL AND o.first_contact_at IS NULL
            AND o.contact_due_at <= %(at)s) AS waiting
    FROM incident i WHERE i.id = %(id)s
"""
# A leader who works nowhere in the register cannot take part; the notice alone reaches them.
_LEADER: Final = """
    SELECT d.leader_id, EXISTS (SELECT FROM assignment a WHERE a.person_id = d.leader_id
        AND a.valid @> CAST(%(at)s AS timestamptz)
        AND a.role IN ('chief', 'worker', 'department', 'township', 'operator')) AS works,
        EXISTS (SELECT FROM party p WHERE p.incident_id = %(incident)s AND p.person_id = d.leader_id
            AND p.valid @> CAST(%(at)s AS timestamptz)) AS takes_part
    FROM department d WHERE d.id = %(id)s
"""


def send_leader(db: Session, due: Due, at: datetime) -> None:
    """At the second repeat of one caller: the leader of the department takes part and is told to go there."""
    (row,) = straight(db, _NOW, {"id": due.incident_id, "at": at})
    department = row.holder_department_id
    if department is None:
        day = local_today(db, row.occurred_at)
        department = rulebook_now(db).route(row.category, row.path, day).owner_department_id
    targets: list[ToPerson | ToDepartment | ToRole] = [ToRole(Role.OPERATOR.value, row.path)]
    if department is not None:
        (led,) = straight(db, _LEADER, {"id": department, "incident": due.incident_id, "at": at})
        targets.append(ToDepartment(department) if led.leader_id is None else ToPerson(led.leader_id))
        if led.works and not led.takes_part and State(row.state) in STEP_OF["add_party"].origins:
            told = {"person": led.leader_id, "role": "member"}
            draft = StepDraft(uuid5(due.incident_id, SECOND_REPEAT), "add_party", arguments=told)
            act(db, system_actor(Doer(None, "system")), due.incident_id, draft, at)
    subject = Said(N_("Second repeat of incident %(number)s: a leader goes there"), {"number": row.number})
    body = Said(N_("The same caller called for the third time about the same matter. Go to the place, then call back."))
    _tell(db, targets, subject, body, due, at)


def tell_of_waiting_caller(db: Session, due: Due, at: datetime) -> None:
    """Whoever called again was not called in time: the desks are told once."""
    (row,) = straight(db, _NOW, {"id": due.incident_id, "at": at})
    if not row.waiting:
        return
    subject = Said(N_("A caller of incident %(number)s still waits for the first contact"), {"number": row.number})
    body = Said(N_("It is an order that repeats another. Call back from the hotline page."))
    targets: list[ToPerson | ToDepartment | ToRole] = [
        ToRole(Role.TOWNSHIP.value, row.path), ToRole(Role.OPERATOR.value, row.path)
    ]  # fmt: skip
    _tell(db, targets, subject, body, due, at)


def _tell(
    db: Session, targets: list[ToPerson | ToDepartment | ToRole], subject: Said, body: Said, due: Due, at: datetime
) -> None:
    for n, target in enumerate(targets):
        send(db, "screen", target, subject, body, event=due.kind, about=f"incident:{due.incident_id}",
             dedupe=f"{due.kind}:{due.incident_id}:{due.n}:{n}", now=at)  # fmt: skip
