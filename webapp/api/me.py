"""Who is asking, what they may do, and where they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.database import transaction
from gridmap.errors import NotFound
from gridmap.grids.queries import current_district, in_force, map_credit
from gridmap.grids.tables import Area, AreaVersion, GridVersion
from gridmap.people.rules import POLICY, Grant, can
from webapp.api import api
from webapp.shared.policy import current_actor, current_session, declares, now
from webapp.shared.taking import takes


@api.get("/me")
@api.doc(tags=["me"])
@declares("session.own")
@takes()
def show_me() -> dict[str, Any]:
    """Give the account that asks, its roles and rights, its district, and the server's time."""
    actor, session = current_actor(), current_session()
    with transaction() as db:
        areas = _areas(db, [grant.area_id for grant in actor.grants if grant.area_id is not None])
        district = _district(db)
    return {
        "person": {"id": actor.id, "login": actor.login, "name": actor.name, "locale": actor.locale},
        "roles": [_role(grant, areas) for grant in actor.grants],
        "can": sorted(action for action in POLICY if can(actor, action)),
        "csrf": session.csrf if session else None,
        "district": district,
        "now": now(),
    }


def _role(grant: Grant, areas: dict[int, dict[str, Any]]) -> dict[str, Any]:
    area = areas.get(grant.area_id) if grant.area_id is not None else None
    return {"role": grant.role, **({"area": area} if area else {})}


def _areas(db: Session, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The areas of these ids as they are called now."""
    rows = db.execute(
        select(Area.id, Area.kind, AreaVersion.name, AreaVersion.names)
        .join(AreaVersion, AreaVersion.area_id == Area.id)
        .where(Area.id.in_(ids), in_force(AreaVersion, None))
    )
    return {id_: {"id": id_, "name": name, "name_en": names.get("en"), "kind": kind} for id_, kind, name, names in rows}


def _district(db: Session) -> dict[str, Any] | None:
    """The district with its grids counted by kind; None before the first import."""
    try:
        district = current_district(db)
    except NotFound:
        return None
    counts = {"urban": 0, "rural": 0, "dedicated": 0}
    kinds = select(GridVersion.kind, func.count()).where(in_force(GridVersion, None)).group_by(GridVersion.kind)
    counts.update((kind, n) for kind, n in db.execute(kinds))
    box = district.bounds
    return {
        "id": district.id,
        "code": district.code,
        "name": district.name,
        "name_en": district.names.get("en"),
        "time_zone": district.time_zone,
        "bounds": [box.west, box.south, box.east, box.north],
        "centre": [(box.west + box.east) / 2, (box.south + box.north) / 2],
        "edition": district.edition_n,
        "revision": district.revision,
        "counts": counts,
        "credit": map_credit(db),
    }
