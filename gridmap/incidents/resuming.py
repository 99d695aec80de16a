"""A suspension that was granted until an hour ends at that hour by itself."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.incidents.actions import StepDraft, act
from gridmap.incidents.escalations import SUSPENSION_OVER, Due
from gridmap.incidents.rules import State
from gridmap.people.rules import system_actor
from gridmap.system.audit import Doer


def resume_suspended(db: Session, due: Due, at: datetime) -> None:
    """Let an incident go on whose suspension is over; one that goes on already, or was suspended anew, is let be."""
    rows = straight(
        db,
        "SELECT i.state, max(l.seq) AS since FROM incident i JOIN incident_log l ON l.incident_id = i.id"
        " AND l.to_state = 'suspended' AND l.step = 'suspend' WHERE i.id = %(id)s GROUP BY i.state",
        {"id": due.incident_id},
    )
    if not rows or rows[0].state != State.SUSPENDED or rows[0].since != due.n:
        return
    draft = StepDraft(uuid.uuid5(due.incident_id, f"{SUSPENSION_OVER}:{due.n}"), "resume")
    act(db, system_actor(Doer(None, "system")), due.incident_id, draft, at)
