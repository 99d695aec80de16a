"""Outlines of areas: each is the union of its grids, computed when an edition turns, so that two truths never drift."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

_CURRENT: Final = "upper_inf({0}.valid) AND upper_inf({0}.recorded)"


def redraw_outlines(db: Session, effective_at: datetime, communities: Collection[int] | None = None) -> None:
    """
    Make every area's outline the union of its grids, as a new version where it changed.

    Parameters
    ----------
    effective_at
        When the new versions begin.
    communities
        Those whose grids changed; with their ancestors they are the only ones looked at. None is all.
    """
    rows = _areas_with_grids(db, effective_at, communities)
    drawn: dict[int, shapely.Geometry] = {}
    # The deepest first: an area above is the union of the areas that it holds, whether they changed or not.
    for row in rows:
        below = list(shapely.from_wkb(row.grids)) if row.grids else _children(db, row.id, drawn)
        if not below:
            continue
        outline = shapely.normalize(shapely.coverage_union_all(below))
        wkb = shapely.to_wkb(shapely.MultiPolygon(shapely.get_parts(outline).tolist()))
        if wkb != bytes(row.shape):
            drawn[row.id] = outline
            _write(db, row, wkb, effective_at)


def _areas_with_grids(db: Session, effective_at: datetime, communities: Collection[int] | None) -> Any:
    """Areas to look at, each with the shapes of its own grids as WKB; the deepest first."""
    return db.execute(
        text(
            "SELECT a.id, av.id AS version_id, ST_AsBinary(av.shape) AS shape, lower(av.valid) = :at AS young,"
            " (SELECT array_agg(ST_AsBinary(v.shape) ORDER BY v.grid_id) FROM grid_version v"
            f"  WHERE v.community_id = a.id AND v.path <@ a.path AND {_CURRENT.format('v')}) AS grids"
            f" FROM area a JOIN area_version av ON av.area_id = a.id AND {_CURRENT.format('av')}"
            " WHERE CAST(:communities AS bigint[]) IS NULL OR EXISTS (SELECT FROM area c"
            "  WHERE c.id = ANY(:communities) AND c.path <@ a.path)"
            " ORDER BY nlevel(a.path) DESC, a.id"
        ),
        {"at": effective_at, "communities": None if communities is None else list(communities)},
    ).all()


def _children(db: Session, area_id: int, drawn: dict[int, shapely.Geometry]) -> list[shapely.Geometry]:
    """The outlines of the areas right below one; none if none of them changed, for then it did not either."""
    rows = db.execute(
        text(
            "SELECT c.id, ST_AsBinary(v.shape) AS shape, EXISTS (SELECT FROM grid_version g WHERE g.path <@ c.path"
            f" AND {_CURRENT.format('g')}) AS held FROM area c"
            f" JOIN area_version v ON v.area_id = c.id AND {_CURRENT.format('v')} WHERE c.parent_id = :id ORDER BY c.id"
        ),
        {"id": area_id},
    ).all()
    if not any(row.id in drawn for row in rows):
        return []
    # A dot stands for the outline of an area that has no grids yet.
    return [shapely.from_wkb(bytes(row.shape)) for row in rows if row.held]


def _write(db: Session, row: Any, wkb: bytes, effective_at: datetime) -> None:
    values = {"version": row.version_id, "at": effective_at, "shape": wkb}
    if row.young:
        db.execute(text("UPDATE area_version SET shape = ST_GeomFromWKB(:shape, 4326) WHERE id = :version"), values)
        return
    db.execute(text("UPDATE area_version SET valid = tstzrange(lower(valid), :at) WHERE id = :version"), values)
    db.execute(
        text(
            "INSERT INTO area_version (area_id, code, name, names, valid, shape) SELECT area_id, code, name, names,"
            " tstzrange(:at, NULL), ST_GeomFromWKB(:shape, 4326) FROM area_version WHERE id = :version"
        ),
        values,
    )
