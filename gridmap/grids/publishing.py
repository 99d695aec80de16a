"""Publish a coverage: the whole of it turns at one instant, and every earlier day stays as it was."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.crs import shapes_to_lonlat
from gridmap.errors import Conflict, Invalid
from gridmap.grids.drafts import Descent, GridDraft
from gridmap.grids.queries import PUBLISH_LOCK
from gridmap.language import N_
from gridmap.system.live import Change, announce


def publish_coverage(
    db: Session,
    district_id: int,
    grids: Sequence[GridDraft],
    *,
    base_edition: int,
    effective_at: datetime,
    lineage: Sequence[Descent] = (),
    note: str = "",
    published_by: int | None = None,
    plan_id: UUID | None = None,
) -> int:
    """
    Make `grids` the whole coverage of a district from an instant on.

    Grids are known by their codes: one that is the same in every respect keeps its version, one that changed gets a
    new version, a new code a new grid, and a code that is missing ends. Readers see the old or the new coverage.

    Parameters
    ----------
    base_edition
        The edition this was made on: if another was published meanwhile, nothing happens.
    effective_at
        When it takes effect; after every earlier edition.
    lineage
        Where ground went, for grids that were split, merged or carved; plain changes of one grid are seen here.

    Returns
    -------
    edition
        The number of the new edition.

    Raises
    ------
    Conflict
        If another edition was published since `base_edition`.
    Invalid
        If a grid names no community of the district, a code was used before, or a shape is not one valid polygon.
    """
    db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": PUBLISH_LOCK})
    moved = db.execute(
        text(
            "UPDATE district SET edition_n = edition_n + 1, revision = revision + 1"
            " WHERE area_id = :id AND edition_n = :base RETURNING edition_n, revision, srid"
        ),
        {"id": district_id, "base": base_edition},
    ).one_or_none()
    if moved is None:
        raise Conflict(N_("Another edition of the boundaries was published meanwhile. Load it and try again."))
    edition, revision, srid = moved
    _stage(db, grids, srid)
    _refuse_bad_rows(db, district_id)
    db.execute(
        text(
            "INSERT INTO edition (district_id, n, effective_at, plan_id, published_by, note)"
            " VALUES (:district, :n, :at, :plan, :by, :note)"
        ),
        {
            "district": district_id,
            "n": edition,
            "at": effective_at,
            "plan": plan_id,
            "by": published_by,
            "note": note,
        },
    )
    _number_new_grids(db, district_id)
    _turn_versions(db, district_id, edition, effective_at)
    _write_lineage(db, lineage)
    _redraw_outlines(db, effective_at)
    db.execute(text("DROP TABLE staged_grid"))
    district_path = db.scalar(text("SELECT path::text FROM area WHERE id = :id"), {"id": district_id})
    announce(db, [Change("edition", str(edition), revision, district_path)])
    return int(edition)


def _stage(db: Session, grids: Sequence[GridDraft], srid: int) -> None:
    planes = np.array([grid.plane for grid in grids], dtype=object)
    shapes = shapes_to_lonlat(planes, srid)
    db.execute(
        text(
            "CREATE TEMPORARY TABLE staged_grid (code text PRIMARY KEY, name text, names jsonb, kind text,"
            " community_code text, households bigint, owner_site_id uuid, plane geometry, shape geometry,"
            " grid_id bigint, community_id bigint, cause text, from_id bigint, to_id bigint) ON COMMIT DROP"
        )
    )
    db.execute(
        text(
            "INSERT INTO staged_grid SELECT code, name, CAST(names AS jsonb), kind, community, households, owner,"
            " ST_GeomFromWKB(plane, :srid), ST_GeomFromWKB(shape, 4326)"
            " FROM unnest(CAST(:codes AS text[]), CAST(:names AS text[]), CAST(:labels AS text[]),"
            " CAST(:kinds AS text[]), CAST(:communities AS text[]), CAST(:households AS bigint[]),"
            " CAST(:owners AS uuid[]), CAST(:planes AS bytea[]), CAST(:shapes AS bytea[]))"
            " AS g (code, name, names, kind, community, households, owner, plane, shape)"
        ),
        {
            "srid": srid,
            "codes": [grid.code for grid in grids],
            "names": [grid.name for grid in grids],
            "labels": [json.dumps(grid.names, ensure_ascii=False) for grid in grids],
            "kinds": [grid.kind for grid in grids],
            "communities": [grid.community_code for grid in grids],
            "households": [int(grid.households) for grid in grids],
            "owners": [grid.owner_site_id for grid in grids],
            "planes": list(shapely.to_wkb(planes)),
            "shapes": list(shapely.to_wkb(shapes)),
        },
    )
    db.execute(text("ANALYZE staged_grid"))


def _refuse_bad_rows(db: Session, district_id: int) -> None:
    stray: Any = db.scalar(
        text(
            "SELECT min(s.code) FROM staged_grid s WHERE NOT EXISTS (SELECT FROM area_version v JOIN area a"
            " ON a.id = v.area_id WHERE v.code = s.community_code AND a.kind = 'community' AND upper_inf(v.valid)"
            " AND upper_inf(v.recorded) AND a.path <@ (SELECT path FROM area WHERE id = :district))"
        ),
        {"district": district_id},
    )
    if stray is not None:
        raise Invalid(N_("Grid %(code)s names a community that is not in this district."), code=stray)
    broken: Any = db.scalar(
        text(
            "SELECT min(code) FROM staged_grid WHERE GeometryType(shape) <> 'POLYGON' OR NOT ST_IsValid(shape)"
            " OR NOT ST_IsValid(plane)"
        )
    )
    if broken is not None:
        raise Invalid(N_("The boundary of grid %(code)s is not one valid polygon."), code=broken)
    used: Any = db.scalar(
        text(
            "SELECT min(s.code) FROM staged_grid s JOIN grid_code c USING (code) WHERE NOT EXISTS (SELECT FROM"
            " grid_version v WHERE v.grid_id = c.grid_id AND upper_inf(v.valid) AND upper_inf(v.recorded))"
        )
    )
    if used is not None:
        raise Invalid(N_("The code %(code)s belonged to a grid that ended; codes are never used again."), code=used)


def _number_new_grids(db: Session, district_id: int) -> None:
    """Give unknown codes a grid each, in the order of the codes: the lowest id wins on a shared edge."""
    db.execute(text("UPDATE staged_grid s SET grid_id = c.grid_id FROM grid_code c WHERE c.code = s.code"))
    db.execute(
        text(
            "WITH fresh AS (SELECT code, nextval(pg_get_serial_sequence('grid', 'id')) AS id"
            "  FROM (SELECT code FROM staged_grid WHERE grid_id IS NULL ORDER BY code) AS ordered)"
            " UPDATE staged_grid s SET grid_id = fresh.id FROM fresh WHERE fresh.code = s.code"
        )
    )
    missing = "FROM staged_grid s WHERE NOT EXISTS (SELECT FROM"
    db.execute(
        text(
            f"INSERT INTO grid (id, district_id) SELECT s.grid_id, :district {missing} grid g WHERE g.id = s.grid_id)"
        ),
        {"district": district_id},
    )
    db.execute(
        text(
            "INSERT INTO grid_code (code, grid_id, scheme) SELECT s.code, s.grid_id, d.code_scheme"
            " FROM staged_grid s, district d WHERE d.area_id = :district"
            " AND NOT EXISTS (SELECT FROM grid_code c WHERE c.code = s.code)"
        ),
        {"district": district_id},
    )


def _turn_versions(db: Session, district_id: int, edition: int, effective_at: datetime) -> None:
    """End what changed or is gone, begin what changed or is new; everything else is not touched."""
    values = {"district": district_id, "n": edition, "at": effective_at}
    db.execute(
        text(
            "UPDATE staged_grid s SET community_id = av.area_id, from_id = v.id, cause = CASE"
            "  WHEN v.id IS NULL THEN 'import'"
            "  WHEN ST_AsBinary(v.plane) <> ST_AsBinary(s.plane) THEN 'boundary'"
            "  WHEN (v.code, v.name, v.names, v.kind, v.households, v.community_id, v.owner_site_id)"
            "   IS DISTINCT FROM (s.code, s.name, s.names, s.kind, s.households, av.area_id, s.owner_site_id)"
            "  THEN 'rename' END"
            " FROM staged_grid o JOIN area_version av ON av.code = o.community_code AND upper_inf(av.valid)"
            "  AND upper_inf(av.recorded)"
            " LEFT JOIN grid_version v ON v.grid_id = o.grid_id AND upper_inf(v.valid) AND upper_inf(v.recorded)"
            " WHERE o.code = s.code"
        )
    )
    db.execute(
        text(
            "UPDATE grid_version v SET valid = tstzrange(lower(v.valid), :at)"
            " FROM grid g WHERE g.id = v.grid_id AND g.district_id = :district"
            " AND upper_inf(v.valid) AND upper_inf(v.recorded)"
            " AND NOT EXISTS (SELECT FROM staged_grid s WHERE s.grid_id = v.grid_id AND s.cause IS NULL)"
        ),
        values,
    )
    db.execute(
        text(
            "WITH born AS (INSERT INTO grid_version (grid_id, community_id, edition_n, code, name, names, kind,"
            "  owner_site_id, households, path, valid, cause, plane, shape)"
            " SELECT s.grid_id, s.community_id, :n, s.code, s.name, s.names, s.kind, s.owner_site_id, s.households,"
            "  a.path || ('g' || s.grid_id), tstzrange(:at, NULL), s.cause, s.plane, s.shape"
            " FROM staged_grid s JOIN area a ON a.id = s.community_id WHERE s.cause IS NOT NULL ORDER BY s.code"
            " RETURNING id, grid_id)"
            " UPDATE staged_grid s SET to_id = born.id FROM born WHERE born.grid_id = s.grid_id"
        ),
        values,
    )


def _write_lineage(db: Session, lineage: Sequence[Descent]) -> None:
    """Link each new version to what it came from: what the planner says first, then the grid's own last version."""
    for descent in lineage:
        db.execute(
            text(
                "INSERT INTO lineage (from_version_id, to_version_id, op, area_share, household_share)"
                " SELECT f.id, coalesce(s.to_id, v.id), :op, :area_share, :household_share"
                " FROM staged_grid s JOIN grid_code c ON c.code = :from_code"
                " JOIN LATERAL (SELECT o.id FROM grid_version o WHERE o.grid_id = c.grid_id AND upper_inf(o.recorded)"
                "  AND o.id IS DISTINCT FROM s.to_id ORDER BY upper(o.valid) DESC LIMIT 1) f ON true"
                " LEFT JOIN grid_version v ON v.grid_id = s.grid_id AND upper_inf(v.valid) AND upper_inf(v.recorded)"
                " WHERE s.code = :to_code AND f.id <> coalesce(s.to_id, v.id) ON CONFLICT DO NOTHING"
            ),
            vars(descent),
        )
    db.execute(
        text(
            "INSERT INTO lineage (from_version_id, to_version_id, op, area_share, household_share)"
            " SELECT s.from_id, s.to_id, s.cause,"
            "  least(1, ST_Area(ST_Intersection(f.plane, s.plane)) / ST_Area(f.plane)), 1"
            " FROM staged_grid s JOIN grid_version f ON f.id = s.from_id WHERE s.to_id IS NOT NULL"
            " ON CONFLICT DO NOTHING"
        )
    )


def _redraw_outlines(db: Session, effective_at: datetime) -> None:
    """Make every area's outline the union of its grids, as a new version where it changed."""
    rows = db.execute(
        text(
            "SELECT a.id, a.parent_id, av.id AS version_id, ST_AsBinary(av.shape) AS shape,"
            " lower(av.valid) = :at AS young,"
            " (SELECT array_agg(ST_AsBinary(v.shape) ORDER BY v.grid_id) FROM grid_version v"
            "  WHERE v.community_id = a.id AND upper_inf(v.valid) AND upper_inf(v.recorded)) AS grids"
            " FROM area a JOIN area_version av ON av.area_id = a.id AND upper_inf(av.valid) AND upper_inf(av.recorded)"
            " ORDER BY nlevel(a.path) DESC, a.id"
        ),
        {"at": effective_at},
    ).all()
    parts: dict[int, list[shapely.Geometry]] = {}
    for row in rows:
        own = list(shapely.from_wkb(row.grids)) if row.grids else parts.get(row.id, [])
        if not own:
            continue
        outline = shapely.normalize(shapely.coverage_union_all(own))
        parts.setdefault(row.parent_id, []).append(outline)
        wkb = shapely.to_wkb(shapely.MultiPolygon(shapely.get_parts(outline).tolist()))
        if wkb == bytes(row.shape):
            continue
        values = {"version": row.version_id, "at": effective_at, "shape": wkb}
        if row.young:
            db.execute(text("UPDATE area_version SET shape = ST_GeomFromWKB(:shape, 4326) WHERE id = :version"), values)
            continue
        db.execute(text("UPDATE area_version SET valid = tstzrange(lower(valid), :at) WHERE id = :version"), values)
        db.execute(
            text(
                "INSERT INTO area_version (area_id, code, name, names, valid, shape) SELECT area_id, code, name, names,"
                " tstzrange(:at, NULL), ST_GeomFromWKB(:shape, 4326) FROM area_version WHERE id = :version"
            ),
            values,
        )
