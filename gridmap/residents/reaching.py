"""How whoever told of a matter is reached: masked to its readers, whole for a written purpose while it is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.errors import NotFound
from gridmap.hotline.contacts import REVEAL, callers_of, reveal, say_who_reads
from gridmap.hotline.rules import Caller
from gridmap.incidents.queries import thing_of
from gridmap.incidents.tables import Incident
from gridmap.language import N_
from gridmap.people.rules import Actor, can

SOURCES: Final = frozenset({"resident", "hotline"})
"""Reports of people without an account; all others are reached by their account."""

# Who is to be called back, or asked to have it taken up again, is still to be reached.
_TOLD: Final = """
    SELECT r.id, i.id AS incident_id, i.number, i.path::text AS path, i.closed_at IS NOT NULL
        AND NOT EXISTS (SELECT FROM call_back b WHERE b.order_id = r.id AND b.done_at IS NULL)
        AND NOT EXISTS (SELECT FROM resident_rating w WHERE w.report_id = r.id AND w.again AND w.decided_at IS NULL)
        AS sealed
    FROM report r JOIN incident_source s ON s.report_id = r.id AND s.left_at IS NULL
    JOIN incident i ON i.id = s.incident_id WHERE r.id = ANY(%(ids)s)
"""


def reporters_of(db: Session, reader: int | None, reports: Sequence[UUID]) -> dict[UUID, tuple[Caller, bool]]:
    """
    Who told of a matter and whether that is sealed, by report; of whom nothing is left there is none.

    Parameters
    ----------
    reader
        Who reads, for the policy of the contacts. What of it may be shown is `gridmap.hotline.rules.masked`.
    """
    if not reports:
        return {}
    say_who_reads(db, reader)
    callers = callers_of(db, reports)
    rows = straight(db, _TOLD, {"ids": list(callers)}) if callers else []
    return {row.id: (callers[row.id], row.sealed) for row in rows if not callers[row.id].is_blank}


def reveal_reporter(
    db: Session, actor: Actor, report_id: UUID, purpose: str, at: datetime, *, too_often: bool
) -> Caller:
    """
    Show who sent a report; they can read when, and in which role. See `gridmap.hotline.contacts.reveal`.

    Raises
    ------
    NotFound
        If there is no such report of a matter that is the actor's, or nothing is left of who sent it.
    Sealed
        If the matter is over.
    """
    say_who_reads(db, actor.id)
    rows = straight(db, _TOLD, {"ids": [report_id]})
    incident = db.get(Incident, rows[0].incident_id) if rows else None
    if incident is None or can(actor, REVEAL, thing_of(db, actor, incident)) is None:
        raise NotFound(N_("There is no such report, or it is not yours to see."))
    found = reveal(db, actor, rows[0], purpose, too_often=too_often, kind="report")
    straight(
        db,
        "INSERT INTO contact_look (report_id, at, role) VALUES (%(id)s, %(at)s, %(role)s)",
        {"id": report_id, "at": at, "role": actor.doer.role},
    )
    return found
