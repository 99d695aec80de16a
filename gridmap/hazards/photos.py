"""Who may see the photos of a hazard."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.hazards.queries import thing_of
from gridmap.hazards.rules import READ
from gridmap.hazards.tables import Hazard, HazardMedia
from gridmap.people.rules import Access, Actor, can


def hazard_photo_access(db: Session, actor: Actor, sha256: bytes) -> Access | None:
    """How much of a stored photo someone may see, by the hazards it belongs to; None is nothing."""
    rows = db.execute(
        select(Hazard.path, Hazard.found_by, Hazard.department_id)
        .join(HazardMedia, HazardMedia.hazard_id == Hazard.id)
        .where(HazardMedia.sha256 == sha256)
    )
    found = (can(actor, READ, thing_of(row)) for row in rows)
    return max((access for access in found if access is not None), default=None)
