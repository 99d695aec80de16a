"""Those who answer for a grid, as answers show them: whoever sees a whole telephone number is remembered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from gridmap.people.looks import NUMBER_SEEN, record_looks
from gridmap.people.queries import responsible_for
from gridmap.people.rules import Access, Actor
from webapp.api.shapes import named
from webapp.shared.policy import now


def shown_people(
    db: Session, actor: Actor, grid_id: int, grid_code: str, at: datetime, access: Access
) -> list[dict[str, Any]]:
    """Those who answered for a grid at an instant, in JSON; each of them can read who saw their number."""
    people = responsible_for(db, grid_id, at, access)
    if access is Access.FULL:
        seen = [person.person_id for person in people if person.phone]
        record_looks(db, actor, NUMBER_SEEN, seen, now(), object_id=f"grid:{grid_code}")
    return [
        {**named({}, person.name, person.names), "role": person.role, "post": person.post, "phone": person.phone}
        for person in people
    ]
