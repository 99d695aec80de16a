"""Contested matters: what two departments refused, whose it is, and on what ground."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from flask import request
from pydantic import Field
from sqlalchemy.orm import Session

from gridmap.database import transaction
from gridmap.people.rules import scope_of
from gridmap.whistles.contested import Ruling, decide, precedents
from gridmap.whistles.queries import callable_departments, contested_page, one_contested
from webapp.api import api
from webapp.api.paging import next_link, page_after, page_limit
from webapp.api.parameters import PAGE, flag
from webapp.api.shapes import named
from webapp.api.whistle_shapes import contested_shown, incidents_shown, precedent_shown
from webapp.api.whistles import Code
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import takes


class DecideIn(Input):
    """Whose a matter is, and why; with `dispatch` it is sent there in the same go."""

    id: UUID
    department: Code
    ground: Annotated[str, Field(min_length=1, max_length=2000)]
    dispatch: bool = False


@api.get("/contested")
@declares("whistle.read")
@takes(flag("decided", "Those that were decided; those that wait unless given."), *PAGE)
def list_contested() -> dict[str, Any]:
    """List contested matters, the latest first; those that wait come with what was decided of matters like them."""
    actor, at, limit = current_actor(), now(), page_limit()
    decided, after = request.args.get("decided") == "1", page_after(datetime.fromisoformat, UUID)
    with transaction() as db:
        page = contested_page(db, scope_of(actor, "whistle.read"), decided=decided, limit=limit, after=after)
        incidents = incidents_shown(db, actor, page.rows, at)
        # Few wait at any time, and each is weighed against all that was decided.
        items = [
            contested_shown(actor, row, incidents[row.incident_id]) | ({} if decided else _to_decide_by(db, row))
            for row in page.rows
        ]
    return {"items": items, "next": next_link(page.after)}


def _to_decide_by(db: Session, row: Any) -> dict[str, Any]:
    """What was decided of matters like it, and whose it can be."""
    like = precedents(db, row.incident_id, row.category, row.path)
    offices = callable_departments(db, row.incident_id, row.path)
    return {
        "precedents": [precedent_shown(each) for each in like],
        "departments": [named({"code": each.code}, each.name, each.names) for each in offices],
    }


@api.post("/contested/<uuid:contested_id>/decide")
@declares("contested.decide")
@takes(body=DecideIn)
def decide_contested(contested_id: UUID, body: DecideIn) -> dict[str, Any]:
    """Decide whose a contested matter is; the ground is shown wherever one like it comes up."""
    actor, at = current_actor(), now()
    with transaction() as db:
        decide(db, actor, contested_id, Ruling(body.id, body.department, body.ground, body.dispatch), at)
        row = one_contested(db, contested_id)
        return contested_shown(actor, row, incidents_shown(db, actor, [row], at)[row.incident_id])
