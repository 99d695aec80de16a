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
from gridmap.database import transaction
from gridmap.grids.queries import current_district
from gridmap.incidents.rules import NEEDS, State, steps_from
from gridmap.patrols.queries import categories, count_sites, ground_rows, incidents_of_today, recent_categories
from gridmap.patrols.rules import is_own, townships_of
from gridmap.people.rules import Access, Actor, Thing, can, scope_of
from webapp.api import api
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
            for row in categories(db)
        ],
        "recent": recent_categories(db, actor.id) if actor.kind == "person" and actor.id is not None else [],
        "today": {"incidents": _incidents(db, actor, now), "sites": count_sites(db, own)},
    }


def _incidents(db: Session, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    if can(actor, "incident.read") is None:
        return []
    return [_incident(actor, row, now) for row in incidents_of_today(db, scope_of(actor, "incident.read"))]


def _incident(actor: Actor, row: Any, now: datetime) -> dict[str, Any]:
    """A summary with the steps that lead on, so that they can be taken without asking the server first."""
    thing = Thing(row.path, holder_person_id=row.holder_person_id, holder_department_id=row.holder_department_id)
    may_step = can(actor, "incident.step", thing) is not None
    return incident_summary(row, can(actor, "incident.read", thing) or Access.FIGURES, now) | {
        "mine": row.holder_person_id == actor.id,
        "steps": [
            {"step": step.name, "to": step.to, "needs": [need for need in NEEDS if need in step.needs]}
            for step in (steps_from(State(row.state), row.severity, actor.roles) if may_step else ())
        ],
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
