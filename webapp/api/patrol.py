"""What a phone on patrol keeps: the ground, what is to be done today, and the classes to report by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Response, current_app, make_response, request
from sqlalchemy.orm import Session

from gridmap import __version__
from gridmap.catalogue.pages import local_today
from gridmap.database import transaction
from gridmap.grids.queries import current_district
from gridmap.hazards.queries import due_look_backs
from gridmap.hazards.rules import READ, SOON
from gridmap.hazards.zones import zones_now
from gridmap.incidents.asking import asker_of
from gridmap.incidents.rules import State
from gridmap.incidents.rulings import Book, book_of
from gridmap.patrols.queries import (
    MOST_TODAY,
    categories,
    count_sites,
    ground_rows,
    incidents_of_today,
    recent_categories,
)
from gridmap.patrols.rules import is_own, townships_of
from gridmap.people.rules import Access, Actor, Thing, can, scope_of
from webapp.api import api
from webapp.api.hazard_shapes import due_told, zone_told
from webapp.api.incident_steps import checklists_shown, steps_on_patrol
from webapp.api.me import shown_district, shown_person
from webapp.api.shapes import incident_summary, instant, named
from webapp.shared.policy import current_actor, declares
from webapp.shared.taking import takes


@api.get("/patrol")
@declares("grid.read")
@takes()
def show_patrol() -> Response:
    """
    Give all that a phone needs to work for a day without network.

    The answer carries an ETag of the coverage and of everything that is listed: a phone that sends it back is told 304
    as long as nothing has changed, and the boundaries are not even read.
    """
    actor = current_actor()
    now = datetime.now(UTC)
    own = [path for path, _ in scope_of(actor, "grid.read").paths]
    roots = townships_of(own)
    with transaction() as db:
        known = _listed(db, actor, own, now)
        etag = _etag(known, current_district(db).stamp, roots)
        if request.if_none_match.contains(etag):
            return _with_etag(Response(status=304), etag)
        grids = _ground(db, roots, own)
    return _with_etag(make_response({"at": instant(now), **known, "grids": grids}), etag)


def _listed(db: Session, actor: Actor, own: Sequence[str], now: datetime) -> dict[str, Any]:
    """Everything but the boundaries: it is small, and says whether anything has changed."""
    return {
        "person": shown_person(actor),
        "district": shown_district(db),
        "categories": [
            {
                **named({"code": row.code, "parent": row.parent}, row.name, row.names),
                "severity": row.severity,
                "evidence": row.evidence,
            }
            for row in categories(db, local_today(db, now))
        ],
        "recent": recent_categories(db, actor.id) if actor.kind == "person" and actor.id is not None else [],
        # On every phone, with or without network: whose ground it touches is seen by who stands there.
        "safe_zones": [zone_told(row, None) for row in zones_now(db, now)],
        "today": {
            "incidents": _incidents(db, actor, now),
            "look_backs": _look_backs(db, actor, now),
            "sites": count_sites(db, own),
        },
    }


def _look_backs(db: Session, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """What was closed in the own grids and is to be looked at again these days."""
    if can(actor, READ) is None:
        return []
    return [
        due_told(row, hazard, now) for row, hazard in due_look_backs(db, scope_of(actor, READ), now + SOON, MOST_TODAY)
    ]


def _incidents(db: Session, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    if can(actor, "incident.read") is None:
        return []
    book = book_of(db, current_district(db).time_zone)
    return [_incident(actor, row, book, now) for row in incidents_of_today(db, scope_of(actor, "incident.read"))]


def _incident(actor: Actor, row: Any, book: Book, now: datetime) -> dict[str, Any]:
    """A summary with the steps that lead on and what they ask, so that none has to ask the server first."""
    thing = Thing(row.path, holder_person_id=row.holder_person_id, holder_department_id=row.holder_department_id)
    may_step = can(actor, "incident.step", thing) is not None
    # Who holds it is who handled it; a list does not read every log for the few cases where that was another.
    handled_by = row.holder_person_id if row.state == State.HANDLED else None
    return incident_summary(row, can(actor, "incident.read", thing) or Access.FIGURES, now) | {
        "mine": row.holder_person_id == actor.id,
        "steps": steps_on_patrol(row, asker_of(actor, row, thing, handled_by), book, now) if may_step else [],
        "checklists": checklists_shown(book, row.category_code, row.occurred_at) if may_step else [],
    }


def _ground(db: Session, roots: Sequence[str], own: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            **named({"id": row.id, "code": row.code}, row.name, row.names),
            "kind": row.kind,
            "community": row.community_name,
            "community_en": row.community_names.get("en") or row.community_name,
            "township": row.township_name,
            "township_en": (row.township_names or {}).get("en") or row.township_name,
            "mine": is_own(row.path, own),
            "geometry": json.loads(row.geometry),
        }
        for row in ground_rows(db, roots)
    ]


def _etag(known: dict[str, Any], stamp: str, roots: Sequence[str]) -> str:
    """A name for the state of the answer; the release is part of it, since the next one may write it otherwise."""
    said = current_app.json.dumps([__version__, stamp, list(roots), known])
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _with_etag(response: Response, etag: str) -> Response:
    response.set_etag(etag)
    return response
