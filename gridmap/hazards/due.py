"""What happens by itself: zones end at their hour, and whoever must act is told of what is over or due, each once."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.hazards.zones import end_at_hour
from gridmap.language import N_
from gridmap.outbox.actions import send
from gridmap.outbox.rules import Said, ToDepartment, ToRole

_AT_ONCE: Final = 200

_OVERDUE: Final = """
    UPDATE notice n SET overdue_told_at = %(at)s FROM hazard h WHERE h.id = n.hazard_id AND n.id IN (
        SELECT late.id FROM notice late JOIN hazard o ON o.id = late.hazard_id AND o.closed_at IS NULL
        WHERE late.answered_at IS NULL AND late.replaced_by IS NULL AND late.overdue_told_at IS NULL
            AND late.due_at <= %(at)s ORDER BY late.due_at LIMIT %(most)s FOR UPDATE OF late SKIP LOCKED)
    RETURNING n.id, n.number, n.due_at, h.path::text AS path, h.department_id
"""
_TO_LOOK: Final = """
    UPDATE look_back l SET told_at = %(at)s FROM hazard h WHERE h.id = l.hazard_id AND l.id IN (
        SELECT id FROM look_back WHERE done_at IS NULL AND told_at IS NULL AND due_at <= %(at)s
            ORDER BY due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED)
    RETURNING l.id, h.number, l.due_at, h.path::text AS path, h.department_id
"""


def tend_hazards(db: Session, at: datetime) -> int:
    """
    Do what is due, for a job every minute; what a standstill missed is made up.

    Returns
    -------
    done
        How many zones ended, and notices and look-backs were told of.
    """
    ended = end_at_hour(db, at)
    values = {"at": at, "most": _AT_ONCE}
    overdue = straight(db, _OVERDUE, values)
    for row in overdue:
        subject = Said(N_("Notice %(number)s is overdue"), {"number": row.number})
        body = Said(N_("It was to be answered by %(due)s."), {"due": row.due_at})
        _tell(db, row, subject, body, "notice-overdue", at)
    to_look = straight(db, _TO_LOOK, values)
    for row in to_look:
        subject = Said(N_("Look again at hazard %(number)s"), {"number": row.number})
        body = Said(N_("Say whether it held or came again. It was due by %(due)s."), {"due": row.due_at})
        _tell(db, row, subject, body, "look-back", at)
    return ended + len(overdue) + len(to_look)


def _tell(db: Session, row: Any, subject: Said, body: Said, event: str, at: datetime) -> None:
    meant: list[ToRole | ToDepartment] = [ToRole("chief", row.path), ToRole("township", row.path)]
    if row.department_id is not None:
        meant.append(ToDepartment(row.department_id))
    for target in meant:
        send(db, "screen", target, subject, body, event=event, dedupe=f"{event}:{row.id}", now=at)
