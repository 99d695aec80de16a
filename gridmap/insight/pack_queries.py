"""Read what a grid pack shows: the grids, their surroundings as flat shapes, the people who answer there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.errors import NotFound
from gridmap.language import N_
from gridmap.people.rules import Scope

Frames = dict[int, tuple[float, float, float, float]]
"""Grid id -> west, south, east, north in metres of the district's system."""

_GRIDS: Final = """
SELECT v.grid_id AS id, v.code, v.name, v.names, v.kind, v.households, v.path::text AS path, v.edition_n,
    lower(v.valid) AS since, ST_Area(v.plane) AS area_m2, ST_AsBinary(v.plane) AS plane,
    s.name AS owner_name, s.names AS owner_names
FROM grid_version v LEFT JOIN site s ON s.id = v.owner_site_id
WHERE upper_inf(v.recorded) AND {moment} AND v.path <@ ANY(CAST(:paths AS ltree[])) AND {wanted}
ORDER BY v.code"""


def pack_grids(db: Session, scope: Scope, at: datetime | None, *, code: str | None, root: str | None) -> Sequence[Any]:
    """
    The grids that are to be packed, by code.

    Parameters
    ----------
    scope
        Whose grids the reader sees.
    at
        The instant; None is now.
    code
        Of one grid, present or past; None takes all.
    root
        Path of an area: only grids in it; None takes all.

    Returns
    -------
    rows
        ``id, code, name, names, kind, households, path, edition_n, since, area_m2, owner_name, owner_names`` and
        ``plane`` as WKB, metres of the district's system.

    Raises
    ------
    NotFound
        If there is none on that day, or none that the reader sees.
    """
    wanted = "true" if root is None else "v.path <@ CAST(:root AS ltree)"
    if code is not None:
        wanted = "v.grid_id = (SELECT grid_id FROM grid_code WHERE code = :code)"
    moment = "upper_inf(v.valid)" if at is None else "v.valid @> CAST(:at AS timestamptz)"
    values = {"paths": [path for path, _ in scope.paths], "code": code, "root": root, "at": at}
    rows = db.execute(text(_GRIDS.format(moment=moment, wanted=wanted)), values).all()
    if not rows and code is not None:
        raise NotFound(N_("There is no grid %(code)s on that day, or it is not yours to see."), code=code[:40])
    if not rows:
        raise NotFound(N_("No grid that you may see lies there on that day, so there is nothing to draw."))
    return rows


# One row a frame; every layer is clipped to it, so that nothing far away reaches the page.
_FRAME: Final = """
WITH frame AS (
    SELECT id, box, ST_Transform(box, 4326) AS box_4326, ST_Transform(box, 3857) AS box_3857 FROM (
        SELECT id, ST_SetSRID(ST_MakeEnvelope(w, s, e, n), CAST(:srid AS integer)) AS box FROM unnest(
            CAST(:ids AS bigint[]), CAST(:west AS float8[]), CAST(:south AS float8[]), CAST(:east AS float8[]),
            CAST(:north AS float8[])) AS f(id, w, s, e, n)) AS made
)"""
_CLIPPED: Final = "ST_AsBinary(ST_ClipByBox2D(ST_Transform({column}, CAST(:srid AS integer)), box))"

_NEIGHBOURS: Final = f"""{_FRAME}
SELECT frame.id AS frame, v.grid_id AS id, v.name, v.names, v.kind,
    ST_AsBinary(ST_ClipByBox2D(ST_SetSRID(v.plane, CAST(:srid AS integer)), box)) AS shape
FROM frame JOIN grid_version v ON v.shape && box_4326 AND v.grid_id <> frame.id
WHERE upper_inf(v.recorded) AND {{moment}} ORDER BY v.grid_id"""

_WAYS: Final = f"""{_FRAME}
SELECT frame.id AS frame, w.kind, w.rank, w.layer, w.name, w.names, {_CLIPPED.format(column="w.line")} AS shape
FROM frame JOIN way w ON w.tile && box_3857 ORDER BY w.layer, w.rank DESC, w.id"""

_GROUND: Final = f"""{_FRAME}
SELECT frame.id AS frame, g.kind, g.name, g.names, {_CLIPPED.format(column="g.shape")} AS shape
FROM frame JOIN ground g ON g.tile && box_3857 ORDER BY g.id"""

# Where something stands is where a point within it stands: as the district locates everything else.
_SITES: Final = f"""{_FRAME}
SELECT frame.id AS frame, s.id, s.kind, s.code, s.name, s.names, s.households, s.storeys,
    {{held}} AS held, ST_AsBinary(ST_Transform(s.shape, CAST(:srid AS integer))) AS shape
FROM frame JOIN site s ON s.tile && box_3857 {{joined}}
WHERE {{moment}} ORDER BY s.kind, s.code, s.id"""


def neighbours(db: Session, frames: Frames, srid: int, at: datetime | None) -> Sequence[Any]:
    """The other grids around each: ``frame, id, name, names, kind, shape`` (WKB, metres, cut off at the frame)."""
    moment = "upper_inf(v.valid)" if at is None else "v.valid @> CAST(:at AS timestamptz)"
    return db.execute(text(_NEIGHBOURS.format(moment=moment)), _values(frames, srid, at)).all()


def ways(db: Session, frames: Frames, srid: int) -> Sequence[Any]:
    """Lines of the base map, the lowest first: ``frame, kind, rank, layer, name, names, shape``."""
    return db.execute(text(_WAYS), _values(frames, srid, None)).all()


def grounds(db: Session, frames: Frames, srid: int) -> Sequence[Any]:
    """What the ground is covered with: ``frame, kind, name, names, shape``."""
    return db.execute(text(_GROUND), _values(frames, srid, None)).all()


def sites(db: Session, frames: Frames, srid: int, at: datetime | None) -> Sequence[Any]:
    """
    Sites in each frame: ``frame, id, kind, code, name, names, households, storeys, held, shape``.

    `held` says whether it is the framed grid's own: today by the register, of a past day by that day's boundary.
    """
    if at is None:
        held, joined, moment = "s.grid_id IS NOT DISTINCT FROM frame.id", "", "upper_inf(s.valid)"
    else:
        held = "coalesce(ST_Intersects(v.shape, ST_PointOnSurface(s.shape)), false)"
        joined = (
            "LEFT JOIN grid_version v ON v.grid_id = frame.id AND upper_inf(v.recorded)"
            " AND v.valid @> CAST(:at AS timestamptz)"
        )
        moment = "s.valid @> CAST(:at AS timestamptz)"
    return db.execute(text(_SITES.format(held=held, joined=joined, moment=moment)), _values(frames, srid, at)).all()


def _values(frames: Frames, srid: int, at: datetime | None) -> dict[str, Any]:
    sides = list(zip(*frames.values(), strict=True))
    names = ("west", "south", "east", "north")
    return {"ids": list(frames), "srid": srid, "at": at} | {
        name: list(side) for name, side in zip(names, sides, strict=True)
    }


# Somebody on the road has no grid of their own, so no grid's paper names them.
_ANSWERING: Final = """
SELECT g.id AS grid_id, a.role, a.post, a.path::text AS path, p.id AS person_id, p.name, p.names, p.phone,
    d.id AS department_id, d.name AS department_name, d.names AS department_names,
    CASE p.id WHEN d.leader_id THEN 'leader' WHEN d.handler_id THEN 'handler' WHEN d.policy_id THEN 'policy' END AS part
FROM unnest(CAST(:ids AS bigint[]), CAST(:paths AS text[])) AS g(id, path)
JOIN assignment a ON a.path @> CAST(g.path AS ltree)
JOIN person p ON p.id = a.person_id
LEFT JOIN department d ON d.id = a.department_id
WHERE a.role IN ('chief', 'worker', 'township', 'department') AND a.post IS DISTINCT FROM 'mobile'
    AND a.valid @> CAST(:at AS timestamptz) AND (p.ended_at IS NULL OR p.ended_at > CAST(:at AS timestamptz))
ORDER BY g.id, nlevel(a.path) DESC, d.id, p.id, a.id"""


def answering(db: Session, paths: dict[int, str], at: datetime) -> Sequence[Any]:
    """
    Everybody who answers for these grids at an instant: their chiefs and workers, township desks, departments.

    Parameters
    ----------
    paths
        Grid id -> area path of that day.

    Returns
    -------
    rows
        ``grid_id, role, post, path`` (of the assignment), ``person_id, name, names, phone, department_id,
        department_name, department_names`` and ``part``: ``leader``, ``handler`` or ``policy`` of the department.
    """
    values = {"ids": list(paths), "paths": list(paths.values()), "at": at}
    return db.execute(text(_ANSWERING), values).all()
