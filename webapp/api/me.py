"""Who is asking, what they may do, and where they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.database import transaction
from gridmap.errors import NotFound
from gridmap.grids.queries import current_district, in_force, map_credit
from gridmap.grids.tables import Area, AreaVersion, GridVersion
from gridmap.language import translate
from gridmap.people.looks import Look, looks_at
from gridmap.people.rules import POLICY, Actor, Grant, can
from gridmap.roster.rules import answers_of, waiting_for
from webapp.api import api
from webapp.api.paging import next_link, page_after, page_limit
from webapp.api.parameters import PAGE
from webapp.api.shapes import instant, named
from webapp.shared.pages import current_locale
from webapp.shared.policy import current_actor, current_session, declares, now
from webapp.shared.taking import takes


@api.get("/me")
@api.doc(tags=["me"])
@declares("session.own")
@takes()
def show_me() -> dict[str, Any]:
    """
    Give the account that asks, its roles and rights, its district, and the server's time.

    ``waits`` are the states in which an incident waits for the reader's own step, and the asks that they may answer.
    """
    actor, session = current_actor(), current_session()
    with transaction() as db:
        areas = _areas(db, [grant.area_id for grant in actor.grants if grant.area_id is not None])
        district = shown_district(db)
    return {
        "person": shown_person(actor),
        "roles": [_role(grant, areas) for grant in actor.grants],
        "can": sorted(action for action in POLICY if can(actor, action)),
        "waits": [*waiting_for(actor.roles), *answers_of(actor.roles)],
        "csrf": session.csrf if session else None,
        "district": district,
        "now": now(),
    }


@api.get("/me/looks")
@api.doc(tags=["me"])
@declares("account.own")
@takes(*PAGE)
def list_looks() -> dict[str, Any]:
    """List who looked at my data, the latest first: when, in which role, at what, and why where it had to be said."""
    actor = current_actor()
    with transaction() as db:
        looks, last = looks_at(
            db, actor.id or 0, limit=page_limit(), after=page_after(datetime.fromisoformat, int, int)
        )
    return {"items": [_look(look) for look in looks], "next": next_link(last)}


def _look(look: Look) -> dict[str, Any]:
    who = None if look.actor_id is None else named({"id": look.actor_id, "login": look.login}, look.name, look.names)
    return {
        "at": instant(look.at),
        "by": who,
        "role": look.role,
        "action": look.action,
        "what": translate(look.what, current_locale()),
        "object": look.object,
        "purpose": look.purpose,
    }


def shown_person(actor: Actor) -> dict[str, Any]:
    """Who is asking, as a page names them."""
    own = {"id": actor.id, "login": actor.login, "locale": actor.locale}
    return named(own, actor.name, {"en": actor.name_en})


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


def shown_district(db: Session) -> dict[str, Any] | None:
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
