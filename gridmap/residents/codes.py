"""Codes at doors: made for a community or a township at once, printed once, replaced and ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.errors import Conflict, NotAllowed, NotFound
from gridmap.language import N_
from gridmap.people.rules import Actor, Scope, scope_of
from gridmap.residents.seals import new_token, token_hash
from gridmap.system.audit import record

MANAGE: Final = "qr.manage"
MOST_ON_A_SHEET: Final = 240
"""Doors of one sheet: 20 pages of twelve."""


@dataclass(frozen=True)
class Door:
    """
    The place that a code stands for.

    Attributes
    ----------
    hash
        Of the token that was scanned.
    lon, lat
        A point inside of the building, WGS 84 degrees.
    radius_m
        Of a circle as large as the building.
    community, township
        Their names, with ``name`` and ``names``.
    ended_at
        Since when another code counts, or none.
    """

    qr_id: int
    hash: bytes
    site_id: Any
    name: str
    names: Mapping[str, str]
    path: str
    lon: float
    lat: float
    radius_m: float
    community: Mapping[str, Any]
    ended_at: datetime | None


@dataclass(frozen=True)
class Printed:
    """A code with its token, for the sheet and for nothing else."""

    token: str
    name: str
    names: Mapping[str, str]


_DOOR: Final = """
    SELECT q.id AS qr_id, q.token_hash, q.site_id, q.ended_at, s.name, s.names, s.path::text AS path,
        ST_X(p.inside) AS lon, ST_Y(p.inside) AS lat,
        greatest(10, sqrt(ST_Area(s.shape::geography) / pi())) AS radius_m,
        (SELECT jsonb_build_object('name', v.name, 'names', v.names) FROM area a JOIN area_version v
            ON v.area_id = a.id AND upper_inf(v.valid) AND upper_inf(v.recorded)
            WHERE a.kind IN ('community', 'township') AND a.path @> s.path ORDER BY nlevel(a.path) DESC LIMIT 1)
            AS community
    FROM qr q JOIN site s ON s.id = q.site_id, LATERAL (SELECT ST_PointOnSurface(s.shape) AS inside) p
    WHERE q.token_hash = :hash
"""


def find_door(db: Session, token: str) -> Door:
    """
    Find the place of a scanned code, also of one that has ended.

    Raises
    ------
    NotFound
        If we never made it.
    """
    row = db.execute(text(_DOOR), {"hash": token_hash(token)}).one_or_none()
    if row is None:
        raise NotFound(N_("This code is not one of ours. Scan the one at the door once more."))
    return Door(
        row.qr_id, bytes(row.token_hash), row.site_id, row.name, row.names, row.path, row.lon, row.lat, row.radius_m,
        row.community or {"name": "", "names": {}}, row.ended_at,
    )  # fmt: skip


def make_codes(
    db: Session, actor: Actor, area_code: str, kind: str, at: datetime, *, replace: bool = False
) -> tuple[Mapping[str, Any], list[Printed]]:
    """
    Make codes for the doors of an area; the doors that have none come first.

    Parameters
    ----------
    area_code
        Of a community or a township, of today.
    kind
        Of the sites, such as ``building``.
    replace
        Also the doors that have one: what hangs there stops working.

    Returns
    -------
    area, printed
        The area's ``code, name, names``, and at most `MOST_ON_A_SHEET` codes in the order of their doors.

    Raises
    ------
    NotFound, NotAllowed
        If there is no such area, or it is not the actor's.
    Conflict
        If there is no door to make one for.
    """
    area = _area(db, actor, area_code)
    sites = db.execute(
        text(
            "SELECT s.id, s.name, s.names, s.path::text AS path FROM site s"
            " LEFT JOIN qr q ON q.site_id = s.id AND q.ended_at IS NULL"
            " WHERE s.path <@ CAST(:path AS ltree) AND s.kind = :kind AND upper_inf(s.valid)"
            " AND (:replace OR q.id IS NULL)"
            " ORDER BY q.made_at NULLS FIRST, s.path, length(s.name), s.name, s.id LIMIT :most"
        ),
        {"path": area.path, "kind": kind, "replace": replace, "most": MOST_ON_A_SHEET},
    ).all()
    if not sites:
        raise Conflict(
            N_("Every door of this kind in %(area)s has its code. Replace them to print new ones."), area=area.name
        )
    tokens = [new_token() for _ in sites]
    db.execute(
        text("UPDATE qr SET ended_at = :at WHERE ended_at IS NULL AND site_id = ANY(:sites)"),
        {"at": at, "sites": [site.id for site in sites]},
    )
    db.execute(
        text(
            "INSERT INTO qr (token_hash, site_id, path, made_at, made_by)"
            " SELECT hash, site, path, :at, :by FROM unnest(CAST(:hashes AS bytea[]), CAST(:sites AS uuid[]),"
            " CAST(:paths AS ltree[])) AS made (hash, site, path)"
        ),
        {
            "at": at,
            "by": actor.id,
            "hashes": [token_hash(token) for token in tokens],
            "sites": [site.id for site in sites],
            "paths": [site.path for site in sites],
        },
    )
    changed = {"codes": len(sites), "kind": kind, "replace": replace}
    record(db, actor.doer, "qr.make", object_id=f"area:{area.code}", path=area.path, changed=changed)
    printed = [Printed(token, site.name, site.names) for token, site in zip(tokens, sites, strict=True)]
    return {"code": area.code, "name": area.name, "names": area.names}, printed


def end_code(db: Session, actor: Actor, qr_id: int, at: datetime) -> bool:
    """
    Let a code lead nowhere, such as one that hangs in the wrong place; twice does no harm.

    Returns
    -------
    ended
        Whether it worked until now.

    Raises
    ------
    NotFound
        If there is none in the actor's area.
    """
    row = db.execute(text("SELECT id, path::text AS path FROM qr WHERE id = :id"), {"id": qr_id}).one_or_none()
    if row is None or scope_of(actor, MANAGE).covers(row.path) is None:
        raise NotFound(N_("There is no such code in your area."))
    ended = db.execute(
        text("UPDATE qr SET ended_at = :at WHERE id = :id AND ended_at IS NULL RETURNING id"), {"at": at, "id": qr_id}
    ).one_or_none()
    if ended is not None:
        record(db, actor.doer, "qr.end", object_id=f"qr:{qr_id}", path=row.path)
    return ended is not None


def list_codes(db: Session, scope: Scope, area_path: str | None, after: int, limit: int) -> Sequence[Any]:
    """
    Codes that work, the newest first, with how often each was used; never their tokens.

    Parameters
    ----------
    after
        Only codes made before this one; 0 begins.
    """
    return db.execute(
        text(
            "SELECT q.id, s.name, s.names, s.kind, q.path::text AS path, q.made_at, count(r.report_id) AS reports_n,"
            " max(p.received_at) AS used_at FROM qr q JOIN site s ON s.id = q.site_id"
            " LEFT JOIN resident_report r ON r.qr_id = q.id LEFT JOIN report p ON p.id = r.report_id"
            " WHERE q.ended_at IS NULL AND q.path <@ ANY(CAST(:paths AS ltree[]))"
            " AND (CAST(:area AS ltree) IS NULL OR q.path <@ CAST(:area AS ltree)) AND (:after = 0 OR q.id < :after)"
            " GROUP BY q.token_hash, s.id ORDER BY q.id DESC LIMIT :limit"
        ),
        {"paths": [path for path, _ in scope.paths], "area": area_path, "after": after, "limit": limit},
    ).all()


def areas_for_codes(db: Session, scope: Scope, kind: str) -> Sequence[Any]:
    """Townships and communities of the scope, with how many doors of a kind each has, and how many without a code."""
    return db.execute(
        text(
            "SELECT v.code, v.name, v.names, a.kind, count(s.id) AS doors_n, count(s.id) - count(q.id) AS bare_n"
            " FROM area a JOIN area_version v ON v.area_id = a.id AND upper_inf(v.valid) AND upper_inf(v.recorded)"
            " LEFT JOIN site s ON s.path <@ a.path AND s.kind = :kind AND upper_inf(s.valid)"
            " LEFT JOIN qr q ON q.site_id = s.id AND q.ended_at IS NULL"
            " WHERE a.kind IN ('township', 'community') AND a.path <@ ANY(CAST(:paths AS ltree[]))"
            " GROUP BY v.code, v.name, v.names, a.kind, a.path ORDER BY v.code"
        ),
        {"paths": [path for path, _ in scope.paths], "kind": kind},
    ).all()


def _area(db: Session, actor: Actor, code: str) -> Any:
    row = db.execute(
        text(
            "SELECT v.code, v.name, v.names, a.path::text AS path FROM area_version v JOIN area a ON a.id = v.area_id"
            " WHERE v.code = :code AND upper_inf(v.valid) AND upper_inf(v.recorded)"
        ),
        {"code": code},
    ).one_or_none()
    if row is None:
        raise NotFound(N_("%(code)s is the code of no area."), code=code)
    if scope_of(actor, MANAGE).covers(row.path) is None:
        raise NotAllowed(N_("This lies outside the area you answer for."))
    return row
