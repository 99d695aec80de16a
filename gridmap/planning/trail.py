"""What a plan went through: a line in its own story, one in the audit, one for the screens."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.planning.tables import Plan, PlanNote
from gridmap.system.audit import Doer, Result, record
from gridmap.system.live import Change, announce


def note_step(db: Session, plan: Plan, step: str, by_id: int | None, at: datetime, note: str | None = None) -> None:
    """
    Write a step into the story of a plan.

    Parameters
    ----------
    by_id
        Who took it; of what the clock did, the approver in whose name it was done.
    note
        A word with it; a sentence of ours is kept in English and translated where it is read.
    """
    body = step if not note else f"{step}\n{note}"
    db.add(PlanNote(id=uuid.uuid4(), plan_id=plan.id, at=at, by_id=by_id, kind="step", body=body))
    db.flush()


def trace(
    db: Session,
    doer: Doer,
    plan: Plan,
    action: str,
    at: datetime,
    changed: Mapping[str, Any] | None = None,
    *,
    result: Result = "done",
) -> None:
    """Write into the audit what became of a plan, and tell the screens that show it."""
    path = db.scalar(text("SELECT path::text FROM area WHERE id = :id"), {"id": plan.district_id})
    said = {"number": plan.number, **(changed or {})}
    record(db, doer, action, object_id=f"plan:{plan.id}", path=path, changed=said, result=result)
    announce(db, [Change("plan", str(plan.id), int(at.timestamp() * 1000), path)])
