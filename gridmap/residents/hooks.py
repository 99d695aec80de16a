"""When a matter ends, how to reach its reporter gets its term; when it is taken up again, the term is lifted."""

from __future__ import annotations

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.hotline.contacts import date_contacts
from gridmap.incidents.after import Taken
from gridmap.incidents.rules import ENDED, State

_REPORTS = (
    "SELECT t.report_id FROM incident_source s JOIN resident_report t ON t.report_id = s.report_id"
    " WHERE s.incident_id = %(id)s AND s.left_at IS NULL"
)


def date_contact(db: Session, taken: Taken) -> None:
    """Follow a step that ends a matter of residents, or begins it again."""
    # What is merged goes on under another number, and ends with that one.
    ends, begins = taken.state in ENDED - {State.MERGED}, taken.state is State.REOPENED
    if not (ends or begins):
        return
    ids = [row.report_id for row in straight(db, _REPORTS, {"id": taken.incident_id})]
    if ids:
        date_contacts(db, ids, taken.at if ends else None)
