"""Find a thing on the map by what people call it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session


def find_grids_and_areas(db: Session, scope_paths: Sequence[str], query: str, limit: int) -> Sequence[Any]:
    """
    Grids and areas in scope whose code begins with, or whose name holds, what was typed.

    Returns
    -------
    rows
        ``kind, id, code, name, names, above, above_names, lon, lat, west, south, east, north``, best first.
    """
    return db.execute(
        text(
            "WITH hit AS ("
            " SELECT 'grid' AS kind, v.grid_id AS id, v.code, v.name, v.names, c.name AS above, c.names AS above_names,"
            "  v.label, v.shape, 1 AS depth FROM grid_version v JOIN area_version c ON c.area_id = v.community_id"
            "  AND upper_inf(c.valid) AND upper_inf(c.recorded) WHERE upper_inf(v.valid) AND upper_inf(v.recorded)"
            "  AND v.path <@ ANY(CAST(:paths AS ltree[]))"
            " UNION ALL"
            " SELECT 'area', a.id, v.code, v.name, v.names, p.name, p.names, v.label, v.shape, 0 FROM area a"
            "  JOIN area_version v ON v.area_id = a.id AND upper_inf(v.valid) AND upper_inf(v.recorded)"
            "  LEFT JOIN area_version p ON p.area_id = a.parent_id AND upper_inf(p.valid) AND upper_inf(p.recorded)"
            "  WHERE a.path <@ ANY(CAST(:paths AS ltree[])))"
            " SELECT kind, id, code, name, names, above, above_names, ST_X(ST_Transform(label, 4326)) AS lon,"
            " ST_Y(ST_Transform(label, 4326)) AS lat, ST_XMin(shape) AS west, ST_YMin(shape) AS south,"
            " ST_XMax(shape) AS east, ST_YMax(shape) AS north FROM hit"
            " WHERE code LIKE :prefix OR name ILIKE :part OR names->>'en' ILIKE :part"
            " ORDER BY (name = :typed OR code = :typed OR names->>'en' ILIKE :exact) DESC, depth, code LIMIT :limit"
        ),
        {"paths": list(scope_paths), "limit": limit, **_patterns(query)},
    ).all()


def find_sites(db: Session, scope_paths: Sequence[str], query: str, limit: int) -> Sequence[Any]:
    """Named sites in scope that stand today; houses of villages are too many to be found by name."""
    return db.execute(
        text(
            "SELECT s.id, s.code, s.kind, s.name, s.names, g.name AS above, g.names AS above_names,"
            " ST_X(ST_PointOnSurface(s.shape)) AS lon, ST_Y(ST_PointOnSurface(s.shape)) AS lat FROM site s"
            " LEFT JOIN grid_version g ON g.grid_id = s.grid_id AND upper_inf(g.valid) AND upper_inf(g.recorded)"
            " WHERE upper_inf(s.valid) AND s.kind <> 'village_house' AND s.path <@ ANY(CAST(:paths AS ltree[]))"
            " AND (s.name ILIKE :part OR s.names->>'en' ILIKE :part OR s.code = :typed)"
            " ORDER BY (s.kind = 'building'), s.name, s.id LIMIT :limit"
        ),
        {"paths": list(scope_paths), "limit": limit, **_patterns(query)},
    ).all()


def _patterns(query: str) -> dict[str, str]:
    literal = query.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {"typed": query, "exact": literal, "prefix": f"{literal}%", "part": f"%{literal}%"}
