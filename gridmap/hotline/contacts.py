"""How callers are reached: kept under row-level security, shown for a written purpose, forgotten at their term."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.errors import Conflict, NotFound
from gridmap.hotline.rules import CONTACT_KEPT, Caller, caller_key
from gridmap.language import N_
from gridmap.outbox.actions import send
from gridmap.outbox.rules import Said, ToRole
from gridmap.people.rules import Actor
from gridmap.system import audit
from gridmap.system.audit import Doer

REVEAL = "field.reveal"


class Sealed(Conflict):
    """Once a matter is over, nobody needs its reporter; who is still to be called is not over."""

    def __init__(self, number: str) -> None:
        super().__init__(
            N_("Incident %(number)s is over: how to reach its reporter is sealed. Reopen it if you need them."),
            number=number,
        )


def say_who_reads(db: Session, actor_id: int | None) -> None:
    """Say for whom this transaction reads contacts: without it the database shows none."""
    who = "system" if actor_id is None else str(actor_id)
    straight(db, "SELECT set_config('gridmap.actor', %(who)s, true)", {"who": who})


def the_key(db: Session) -> bytes:
    """The key of the hash of callers' numbers."""
    (row,) = straight(db, "SELECT key FROM hotline_key", {})
    return bytes(row.key)


def keep_contacts(db: Session, callers: Mapping[UUID, Caller], key: bytes) -> None:
    """Write how the callers of new reports are reached; whoever left nothing leaves no row."""
    rows = []
    for report_id, caller in callers.items():
        if not caller.is_blank:
            hashed = caller_key(key, caller)
            rows.append(
                {"report_id": str(report_id), "name": caller.name, "phone": caller.phone, "address": caller.address,
                 "caller_key": None if hashed is None else f"\\x{hashed.hex()}"}
            )  # fmt: skip
    if rows:
        straight(
            db,
            "INSERT INTO contact (report_id, name, phone, address, caller_key)"
            " SELECT report_id, name, phone, address, caller_key"
            " FROM jsonb_populate_recordset(NULL::contact, CAST(%(rows)s AS jsonb))",
            {"rows": json.dumps(rows, ensure_ascii=False)},
        )


def callers_of(db: Session, ids: Sequence[UUID]) -> dict[UUID, Caller]:
    """Who called, by the id of the order; of whom nothing is left there is none."""
    rows = straight(
        db, "SELECT report_id, name, phone, address FROM contact WHERE report_id = ANY(%(ids)s)", {"ids": list(ids)}
    )
    return {row.report_id: Caller(row.name, row.phone, row.address) for row in rows}


def reveal(
    db: Session, actor: Actor, told: Any, purpose: str, *, too_often: bool, kind: str = "hotline-order"
) -> Caller:
    """
    Show who told of a matter, for a purpose that is written down; the look and its purpose stand in the audit.

    Parameters
    ----------
    told
        ``id, path, number, sealed`` of an order or a report that the actor may reveal.
    too_often
        Whether the actor has looked at more people within the hour than work needs: the auditors are told.
    kind
        What it is called in the audit.

    Raises
    ------
    NotFound
        If nobody left a name or number, or they are forgotten.
    Sealed
        If the matter is over.
    """
    found = callers_of(db, [told.id]).get(told.id)
    if found is None or found.is_blank:
        raise NotFound(N_("Nobody left a name or a number with this order, or they were deleted at their term."))
    if told.sealed:
        raise Sealed(told.number)
    audit.record(db, actor.doer, REVEAL, object_id=f"{kind}:{told.id}", path=told.path, purpose=purpose)
    if too_often:
        body = Said(N_("Their purposes stand in the audit."))
        send(db, "screen", ToRole("auditor", told.path), Said(N_("Somebody revealed many contacts within an hour")),
             body, event="reveals")  # fmt: skip
    return found


def date_contacts(db: Session, ids: Sequence[UUID], closed_at: datetime | None) -> None:
    """Say when contacts are forgotten: some time after their closing, or not yet if the matter goes on."""
    say_who_reads(db, None)
    straight(
        db,
        "UPDATE contact SET erase_at = %(erase_at)s WHERE report_id = ANY(%(ids)s)",
        {"ids": list(ids), "erase_at": None if closed_at is None else closed_at + CONTACT_KEPT},
    )


def forget_contacts(db: Session, at: datetime) -> int:
    """Delete the names, numbers and addresses whose term is over; that it was the same caller is still seen."""
    say_who_reads(db, None)
    gone = straight(
        db,
        "UPDATE contact SET name = NULL, phone = NULL, address = NULL, erase_at = NULL WHERE erase_at <= %(at)s"
        " RETURNING report_id",
        {"at": at},
    )
    if gone:
        audit.record(db, Doer(None, "system"), "contact.forget", changed={"contacts": len(gone)})
    return len(gone)
