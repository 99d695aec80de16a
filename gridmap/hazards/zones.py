"""
Safe zones: ground to keep clear of, drawn around a danger, over with its incident or at their hour.

A zone hides nothing from anybody: whoever walks there must know of it, so all who see the map see all of them. Who
may see the incident behind it is another matter.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.errors import Invalid, NotAllowed, NotFound
from gridmap.hazards.rules import DRAW, ZoneDraft, require_zone
from gridmap.incidents.after import Taken
from gridmap.incidents.queries import thing_of
from gridmap.incidents.resolving import find_incident
from gridmap.incidents.rules import ENDED, State
from gridmap.incidents.tables import Incident
from gridmap.language import N_
from gridmap.people.rules import Actor, Thing, can
from gridmap.system import audit
from gridmap.system.live import Change, announce

KIND: Final = "safe-zone"
_MOST_M2: Final = 50e6
NEAR_M: Final = 300.0
"""Whoever is so near to a zone is told of it, too."""

_COLUMNS: Final = """
    z.id, z.name, ST_AsGeoJSON(z.shape, 6) AS shape, z.path::text AS path, z.incident_id, i.number AS incident_number,
    i.path::text AS incident_path, lower(z.valid) AS since, upper(z.valid) AS until
"""
_HOLDS: Final = "z.ended_at IS NULL AND z.valid @> CAST(%(at)s AS timestamptz)"


def zones_now(db: Session, at: datetime) -> Sequence[Any]:
    """
    The safe zones that hold at an instant, the first to end first.

    Returns
    -------
    rows
        ``id, name, shape, path, incident_id, incident_number, incident_path, since, until``; `shape` is a polygon as
        GeoJSON text, WGS 84 degrees.
    """
    return straight(
        db,
        f"SELECT {_COLUMNS} FROM safe_zone z LEFT JOIN incident i ON i.id = z.incident_id WHERE {_HOLDS}"
        " ORDER BY upper(z.valid), z.id",
        {"at": at},
    )


def zones_near(db: Session, place: tuple[float, float], at: datetime, within_m: float = NEAR_M) -> Sequence[Any]:
    """
    The safe zones that somebody at a place has to know of, the nearest first.

    Parameters
    ----------
    place
        Longitude and latitude, WGS 84 degrees.
    within_m
        How far away a zone may be, metres.

    Returns
    -------
    rows
        As of `zones_now`, with ``distance_m``: 0 inside.
    """
    here = "ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)::geography"
    return straight(
        db,
        f"SELECT {_COLUMNS}, ST_Distance(z.shape::geography, {here}) AS distance_m FROM safe_zone z"
        f" LEFT JOIN incident i ON i.id = z.incident_id WHERE {_HOLDS}"
        f" AND ST_DWithin(z.shape::geography, {here}, %(within)s) ORDER BY distance_m, z.id",
        {"at": at, "lon": place[0], "lat": place[1], "within": within_m},
    )


def draw_zone(db: Session, actor: Actor, draft: ZoneDraft, at: datetime) -> None:
    """
    Draw a safe zone and show it on every screen.

    Raises
    ------
    Invalid
        If its shape or hour cannot be, its incident is over or has no place, or it lies outside of the district.
    NotAllowed
        If its middle lies where the actor draws none.
    """
    require_zone(draft, at)
    incident = _incident(db, actor, draft.incident)
    shape = _shape_of(db, draft, incident)
    if can(actor, DRAW, Thing(shape.path)) is None:
        raise NotAllowed(N_("The middle of this zone lies outside of your area. Whoever answers there draws it."))
    straight(
        db,
        "INSERT INTO safe_zone (id, name, shape, path, incident_id, valid, drawn_by, drawn_at) VALUES (%(id)s,"
        " %(name)s, ST_GeomFromEWKB(%(shape)s), CAST(%(path)s AS ltree), %(incident)s, tstzrange(%(at)s, %(until)s),"
        " %(by)s, %(at)s) RETURNING id",
        {
            "id": draft.id,
            "name": draft.name,
            "shape": shape.shape,
            "path": shape.path,
            "incident": incident and incident.id,
            "at": at,
            "until": draft.until,
            "by": actor.id,
        },
    )
    said = {"until": draft.until.isoformat(), "incident": incident and incident.number}
    audit.record(db, actor.doer, DRAW, object_id=f"{KIND}:{draft.id}", path=shape.path, changed=said)
    tell_screens(db, [draft.id], 1)


def end_zone(db: Session, actor: Actor, zone_id: UUID, at: datetime) -> None:
    """
    Lift a safe zone before its hour; lifted twice, it was once.

    Raises
    ------
    NotFound
        If there is none of that id whose middle lies in the actor's area.
    """
    rows = straight(
        db, "SELECT path::text AS path, ended_at FROM safe_zone WHERE id = %(id)s FOR UPDATE", {"id": zone_id}
    )
    if not rows or can(actor, DRAW, Thing(rows[0].path)) is None:
        raise NotFound(N_("There is no such safe zone in your area. Whoever answers there lifts it."))
    if rows[0].ended_at is not None:
        return
    _end(db, "hand", at, "id = %(id)s", {"id": zone_id})
    audit.record(db, actor.doer, DRAW, object_id=f"{KIND}:{zone_id}", path=rows[0].path, changed={"ended": "hand"})


def end_with_incident(db: Session, taken: Taken) -> None:
    """
    Lift the zones of an incident that is over, in the transaction of the step that ended it.

    Those of one that was merged hold on for the one it was merged into: the danger is the same.
    """
    if taken.state not in ENDED:
        return
    if taken.state is State.MERGED:
        straight(
            db,
            "UPDATE safe_zone z SET incident_id = i.merged_into FROM incident i WHERE i.id = %(id)s"
            " AND z.incident_id = i.id AND z.ended_at IS NULL AND i.merged_into IS NOT NULL RETURNING z.id",
            {"id": taken.incident_id},
        )
        return
    _end(db, "incident", taken.recorded_at, "incident_id = %(id)s", {"id": taken.incident_id})


def end_at_hour(db: Session, at: datetime) -> int:
    """Lift the zones whose hour has come, once; returns how many."""
    return _end(db, "hour", at, "upper(valid) <= %(at)s", {})


def tell_screens(db: Session, zone_ids: Sequence[UUID], version: int) -> None:
    """Announce zones to all who see any of the grids that they touch."""
    rows = straight(
        db,
        "SELECT z.id, coalesce(v.path, z.path)::text AS path FROM safe_zone z LEFT JOIN grid_version v"
        " ON ST_Intersects(v.shape, z.shape) AND upper_inf(v.valid) AND upper_inf(v.recorded)"
        " WHERE z.id = ANY(%(ids)s) ORDER BY 1, 2",
        {"ids": list(zone_ids)},
    )
    announce(db, [Change(KIND, str(row.id), version, row.path) for row in rows])


def _end(db: Session, why: str, at: datetime, which: str, values: dict[str, Any]) -> int:
    ended = straight(
        db,
        f"UPDATE safe_zone SET ended_at = %(at)s, ended_why = %(why)s WHERE ended_at IS NULL AND {which} RETURNING id",
        {"at": at, "why": why, **values},
    )
    if ended:
        tell_screens(db, [row.id for row in ended], 2)
    return len(ended)


def _incident(db: Session, actor: Actor, name: str | None) -> Incident | None:
    """The open incident that a zone ends with."""
    if name is None:
        return None
    # Under a lock: a step that ends it meanwhile ends the zone too, or is seen here.
    key = find_incident(db, name, "/incident")
    incident = db.get(Incident, key, with_for_update={"read": True}, populate_existing=True)
    if incident is None or can(actor, "incident.read", thing_of(db, actor, incident)) is None:
        raise NotFound(N_("There is no such incident in your area."))
    if incident.closed_at is not None:
        raise Invalid(N_("Incident %(number)s is over, and a zone would be with it. Draw it without."),
                      where="/incident", number=incident.number)  # fmt: skip
    return incident


def _shape_of(db: Session, draft: ZoneDraft, incident: Incident | None) -> Any:
    """The polygon of a draft as EWKB, with the area path of its middle."""
    values: dict[str, Any] = {"most": _MOST_M2}
    if draft.ring:
        ring = [list(corner) for corner in draft.ring]
        closed = ring if ring[0] == ring[-1] else [*ring, ring[0]]
        values["shape"] = json.dumps({"type": "Polygon", "coordinates": [closed]})
        drawn = "ST_SetSRID(ST_GeomFromGeoJSON(%(shape)s), 4326)"
    else:
        values["radius"] = draft.radius_m
        drawn = "ST_Buffer(({})::geography, %(radius)s)::geometry"
        if draft.centre is not None:
            values["lon"], values["lat"] = draft.centre
            drawn = drawn.format("ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)")
        else:
            values["incident"] = None if incident is None else incident.id
            drawn = drawn.format("SELECT place FROM incident WHERE id = %(incident)s")
    (row,) = straight(
        db,
        f"WITH drawn AS (SELECT {drawn} AS shape) SELECT ST_AsEWKB(d.shape) AS shape, ST_IsValid(d.shape) AS valid,"
        " ST_Area(ST_ConvexHull(d.shape)::geography) < 1 AS flat,"
        " ST_Area(d.shape::geography) AS area_m2, (SELECT v.path::text FROM grid_version v WHERE upper_inf(v.valid)"
        " AND upper_inf(v.recorded) AND ST_Covers(v.shape, ST_PointOnSurface(d.shape)) ORDER BY v.grid_id LIMIT 1)"
        " AS path FROM drawn d",
        values,
    )
    if row.shape is None:
        raise Invalid(N_("This incident has no place. Draw the zone on the map."), where="/incident")
    if row.flat:
        raise Invalid(N_("These corners lie on one line. A ring encloses ground."), where="/ring")
    if not row.valid:
        raise Invalid(N_("The line of a zone must not cross itself."), where="/ring")
    if not 1 <= row.area_m2 <= _MOST_M2:
        raise Invalid(N_("A safe zone has at most 50 square kilometres, and at least one square metre."), where="/ring")
    if row.path is None:
        raise Invalid(N_("The middle of this zone lies in no grid of the district."), where="/ring")
    return row
