"""A grid as a person asks for it: its card, its history, the areas above it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

# One row a grid version: the version in force at an instant, with its community and township of that instant.
_CARD = """
    SELECT v.id AS version_id, v.grid_id AS id, v.code, v.name, v.names, v.kind, v.households, v.path::text AS path,
        v.edition_n, lower(v.valid) AS since, upper(v.valid) AS until,
        c.area_id AS community_id, c.code AS community_code, c.name AS community_name, c.names AS community_names,
        t.area_id AS township_id, t.code AS township_code, t.name AS township_name, t.names AS township_names
    FROM grid_version v
    JOIN area_version c ON c.area_id = v.community_id AND upper_inf(c.recorded) AND c.valid @> {moment}
    JOIN area ca ON ca.id = v.community_id
    LEFT JOIN area_version t ON t.area_id = ca.parent_id AND upper_inf(t.recorded) AND t.valid @> {moment}
    WHERE upper_inf(v.recorded) AND v.valid @> {moment}
"""


def _moment(at: datetime | None) -> str:
    return "clock_timestamp()" if at is None else "CAST(:at AS timestamptz)"


def grid_page(
    db: Session,
    scope_paths: Sequence[str],
    at: datetime | None,
    *,
    query: str | None = None,
    kind: str | None = None,
    area_id: int | None = None,
    box: tuple[float, float, float, float] | None = None,
    limit: int = 100,
    after: str | None = None,
) -> tuple[Sequence[Any], str | None]:
    """
    One page of the grids in scope by code, and the code that the next page begins after.

    Parameters
    ----------
    scope_paths
        Area paths; a grid below any of them is in scope.
    at
        An instant; None is now.
    query
        The beginning of a code, or a part of a name.
    box
        West, south, east, north in degrees.
    """
    clauses = ["v.path <@ ANY(CAST(:paths AS ltree[]))"]
    if query:
        clauses.append("(v.code LIKE :prefix OR v.name ILIKE :part OR v.names->>'en' ILIKE :part)")
    if kind:
        clauses.append("v.kind = :kind")
    if area_id is not None:
        clauses.append("v.path <@ (SELECT path FROM area WHERE id = :area)")
    if box is not None:
        clauses.append("v.shape && ST_MakeEnvelope(:west, :south, :east, :north, 4326)")
    if after is not None:
        clauses.append("v.code > :after")
    literal = (query or "").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    west, south, east, north = box or (0, 0, 0, 0)
    rows = db.execute(
        text(f"{_CARD.format(moment=_moment(at))} AND {' AND '.join(clauses)} ORDER BY v.code LIMIT :limit"),
        {
            "at": at,
            "paths": list(scope_paths),
            "prefix": f"{literal}%",
            "part": f"%{literal}%",
            "kind": kind,
            "area": area_id,
            "west": west,
            "south": south,
            "east": east,
            "north": north,
            "after": after,
            "limit": limit + 1,
        },
    ).all()
    return rows[:limit], rows[limit - 1].code if len(rows) > limit else None


def grid_card(db: Session, code: str, at: datetime | None) -> Any | None:
    """The grid that has or had this code, as it was at an instant; None if it was not there then."""
    return db.execute(
        text(
            "SELECT card.*, ST_AsGeoJSON(v.shape, 9) AS geometry, ST_Area(v.plane) AS area_m2,"
            " ST_XMin(v.shape) AS west, ST_YMin(v.shape) AS south, ST_XMax(v.shape) AS east, ST_YMax(v.shape) AS north,"
            " ST_X(ST_Transform(v.label, 4326)) AS label_lon, ST_Y(ST_Transform(v.label, 4326)) AS label_lat,"
            " s.name AS owner_name, s.names AS owner_names,"
            " (SELECT count(*) FROM grid_version h WHERE h.grid_id = v.grid_id AND upper_inf(h.recorded)"
            "  AND h.cause <> 'node' AND lower(h.valid) <= lower(v.valid)) AS version_n"
            f" FROM ({_CARD.format(moment=_moment(at))} AND v.grid_id ="
            " (SELECT grid_id FROM grid_code WHERE code = :code)) AS card"
            " JOIN grid_version v ON v.id = card.version_id LEFT JOIN site s ON s.id = v.owner_site_id"
        ),
        {"code": code, "at": at},
    ).one_or_none()


def geometry_of(card: Any) -> Any:
    """The polygon of a card as GeoJSON."""
    return json.loads(card.geometry)


# For maps of a few dozen pixels: 2 m lie well below one of them.
_OUTLINE = "ST_AsGeoJSON(ST_SimplifyPreserveTopology({shape}, 0.00002), 6)::jsonb"


_SHARE = (
    "jsonb_build_object('code', o.code, 'name', o.name, 'name_en', coalesce(o.names->>'en', o.name), 'op', l.op,"
    " 'area_share', l.area_share, 'household_share', l.household_share)"
)


def grid_history(db: Session, code: str) -> Sequence[Any]:
    """
    Every version of a grid that people care about, the newest first, with where its ground came from and went.

    A version that only gained corners on a border that stands is no change to anyone: it goes on as the one before.

    Returns
    -------
    rows
        With ``outline`` as simplified GeoJSON, degrees; so have those it came from, for a small map of the change, of
        which ``own`` is the version that the grid had before.
    """
    return db.execute(
        text(
            "WITH own AS (SELECT v.*, sum((v.cause <> 'node')::integer) OVER (ORDER BY lower(v.valid)) AS run"
            "  FROM grid_version v WHERE v.grid_id = (SELECT grid_id FROM grid_code WHERE code = :code)"
            "  AND upper_inf(v.recorded)),"
            " runs AS (SELECT run, array_agg(id) AS ids, bool_or(upper_inf(valid)) AS lasts, max(upper(valid)) AS ended"
            "  FROM own GROUP BY run)"
            " SELECT v.edition_n, e.effective_at, lower(v.valid) AS valid_from,"
            " CASE WHEN NOT r.lasts THEN r.ended END AS valid_to, v.code,"
            " v.name, v.names, v.kind, v.households, v.cause, v.path::text AS path, ST_Area(v.plane) AS area_m2,"
            f" {_OUTLINE.format(shape='v.shape')} AS outline, ST_AsGeoJSON(v.shape, 9)::jsonb AS geometry,"
            f" coalesce((SELECT jsonb_agg({_SHARE} || jsonb_build_object('own', o.grid_id = v.grid_id,"
            f"  'outline', {_OUTLINE.format(shape='o.shape')}) ORDER BY o.code)"
            "  FROM lineage l JOIN grid_version o ON o.id = l.from_version_id WHERE l.to_version_id = v.id), '[]')"
            " AS came_from,"
            f" coalesce((SELECT jsonb_agg({_SHARE} ORDER BY o.code) FROM lineage l"
            "  JOIN grid_version o ON o.id = l.to_version_id WHERE l.from_version_id = ANY(r.ids) AND l.op <> 'node'),"
            "  '[]') AS went_to"
            " FROM own v JOIN runs r USING (run) JOIN grid g ON g.id = v.grid_id"
            " LEFT JOIN edition e ON e.district_id = g.district_id AND e.n = v.edition_n"
            " WHERE v.cause <> 'node' ORDER BY lower(v.valid) DESC"
        ),
        {"code": code},
    ).all()


def sites_in_grid(db: Session, grid_id: int) -> dict[str, int]:
    """How many sites of each kind stand in a grid today."""
    rows = db.execute(
        text("SELECT kind, count(*) FROM site WHERE grid_id = :id AND upper_inf(valid) GROUP BY kind ORDER BY kind"),
        {"id": grid_id},
    )
    return {kind: n for kind, n in rows}  # noqa: C416 - rows are not pairs to a type checker


def area_rows(db: Session, scope_paths: Sequence[str], at: datetime | None, kind: str | None) -> Sequence[Any]:
    """Areas in scope with their bounds and label, the widest first; those above the scope are named too."""
    return db.execute(
        text(
            "SELECT a.id, a.parent_id, a.kind, a.path::text AS path, v.code, v.name, v.names, ST_XMin(v.shape) AS west,"
            " ST_YMin(v.shape) AS south, ST_XMax(v.shape) AS east, ST_YMax(v.shape) AS north,"
            " ST_X(ST_Transform(v.label, 4326)) AS label_lon, ST_Y(ST_Transform(v.label, 4326)) AS label_lat,"
            " (SELECT count(*) FROM grid_version g WHERE g.path <@ a.path AND upper_inf(g.recorded)"
            f"  AND g.valid @> {_moment(at)}) AS grids"
            " FROM area a JOIN area_version v ON v.area_id = a.id AND upper_inf(v.recorded)"
            f" AND v.valid @> {_moment(at)}"
            " WHERE (a.path <@ ANY(CAST(:paths AS ltree[])) OR a.path @> ANY(CAST(:paths AS ltree[])))"
            " AND (CAST(:kind AS text) IS NULL OR a.kind = :kind) ORDER BY nlevel(a.path), v.code"
        ),
        {"paths": list(scope_paths), "at": at, "kind": kind},
    ).all()


def grid_paths(db: Session, grid_ids: Sequence[int], at: datetime | None) -> list[tuple[int, str]]:
    """Grid id and area path of grids as they stood at an instant; None is now."""
    rows = db.execute(
        text(
            "SELECT grid_id, path::text FROM grid_version WHERE grid_id = ANY(:ids) AND upper_inf(recorded)"
            f" AND valid @> {_moment(at)}"
        ),
        {"ids": list(grid_ids), "at": at},
    )
    return [(grid_id, path) for grid_id, path in rows]
