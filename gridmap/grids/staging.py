"""The grids of an edition on their way in: a table of the transaction, where they are checked and numbered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.crs import shapes_to_lonlat
from gridmap.errors import Invalid
from gridmap.grids.drafts import GridDraft
from gridmap.language import N_


def stage(db: Session, grids: Sequence[GridDraft], srid: int) -> None:
    """Put grids that are to be published into ``staged_grid``, which the transaction keeps until `unstage`."""
    planes = np.array([grid.plane for grid in grids], dtype=object)
    shapes = shapes_to_lonlat(planes, srid)
    db.execute(
        text(
            "CREATE TEMPORARY TABLE staged_grid (code text PRIMARY KEY, name text, names jsonb, kind text,"
            " community_code text, households bigint, owner_site_id uuid, plane geometry, shape geometry,"
            " grid_id bigint, cause text, community_id bigint, from_id bigint, to_id bigint) ON COMMIT DROP"
        )
    )
    db.execute(
        text(
            "INSERT INTO staged_grid SELECT code, name, CAST(names AS jsonb), kind, community, households, owner,"
            " ST_GeomFromWKB(plane, :srid), ST_GeomFromWKB(shape, 4326), grid_id, cause"
            " FROM unnest(CAST(:codes AS text[]), CAST(:names AS text[]), CAST(:labels AS text[]),"
            " CAST(:kinds AS text[]), CAST(:communities AS text[]), CAST(:households AS bigint[]),"
            " CAST(:owners AS uuid[]), CAST(:planes AS bytea[]), CAST(:shapes AS bytea[]),"
            " CAST(:grids AS bigint[]), CAST(:causes AS text[]))"
            " AS g (code, name, names, kind, community, households, owner, plane, shape, grid_id, cause)"
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
            "grids": [grid.grid_id for grid in grids],
            "causes": [grid.cause for grid in grids],
        },
    )
    # Of what it is joined by alone: to sample the shapes takes longer than all the rest of it.
    db.execute(text("ANALYZE staged_grid (code, community_code, grid_id, cause)"))


def unstage(db: Session) -> None:
    """Drop the table, so that the transaction may publish again."""
    db.execute(text("DROP TABLE staged_grid"))


def refuse_bad_rows(db: Session, district_id: int) -> None:
    """
    Refuse what the tables would take and nobody may mean.

    Raises
    ------
    Invalid
        Naming the first grid whose community, boundary or code cannot be.
    """
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
    # A grid that ended may come back only as itself: whoever says so names its id.
    used: Any = db.scalar(
        text(
            "SELECT min(s.code) FROM staged_grid s JOIN grid_code c USING (code)"
            " WHERE s.grid_id IS DISTINCT FROM c.grid_id AND NOT (s.grid_id IS NULL AND EXISTS (SELECT FROM"
            " grid_version v WHERE v.grid_id = c.grid_id AND upper_inf(v.valid) AND upper_inf(v.recorded)))"
        )
    )
    if used is not None:
        raise Invalid(N_("The code %(code)s belonged to a grid that ended; codes are never used again."), code=used)


def number_new_grids(db: Session, district_id: int) -> None:
    """Give unknown codes a grid each, in the order of the codes: the lowest id wins on a shared edge."""
    db.execute(
        text(
            "UPDATE staged_grid s SET grid_id = c.grid_id FROM grid_code c WHERE c.code = s.code AND s.grid_id IS NULL"
        )
    )
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
