"""Change the register of areas and sites: import the tree, attach sites to the grids that hold them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.errors import Invalid
from gridmap.grids.drafts import AreaDraft
from gridmap.language import N_


def import_areas(
    db: Session, areas: Iterable[AreaDraft], *, srid: int, time_zone: str, code_scheme: str, valid_from: datetime
) -> int:
    """
    Create the tree of areas and the district at its root.

    Outlines follow with the first edition: an area's outline is the union of its grids.

    Returns
    -------
    district_id
    """
    district_id = 0
    for area in areas:
        area_id: int = db.execute(
            text(
                "WITH made AS (SELECT nextval(pg_get_serial_sequence('area', 'id')) AS id)"
                " INSERT INTO area (id, parent_id, kind, path, valid)"
                " SELECT made.id, parent.id, :kind,"
                "  CASE WHEN parent.id IS NULL THEN CAST(made.id::text AS ltree) ELSE parent.path || made.id::text END,"
                "  tstzrange(:valid_from, NULL)"
                " FROM made LEFT JOIN (SELECT a.id, a.path FROM area a JOIN area_version v ON v.area_id = a.id"
                "  WHERE v.code = :parent_code AND upper_inf(v.valid) AND upper_inf(v.recorded)) AS parent ON true"
                " RETURNING id"
            ),
            {"kind": area.kind, "parent_code": area.parent_code, "valid_from": valid_from},
        ).scalar_one()
        # A dot stands for the outline until the first edition draws it.
        db.execute(
            text(
                "INSERT INTO area_version (area_id, code, name, names, valid, shape) VALUES (:id, :code, :name,"
                " CAST(:names AS jsonb), tstzrange(:valid_from, NULL),"
                " ST_Multi(ST_MakeEnvelope(0, 0, 1e-9, 1e-9, 4326)))"
            ),
            {
                "id": area_id,
                "code": area.code,
                "name": area.name,
                "names": json.dumps(area.names, ensure_ascii=False),
                "valid_from": valid_from,
            },
        )
        if area.kind == "district":
            district_id = area_id
            db.execute(
                text(
                    "INSERT INTO district (area_id, srid, time_zone, code_scheme) VALUES (:id, :srid, :zone, :scheme)"
                ),
                {"id": area_id, "srid": srid, "zone": time_zone, "scheme": code_scheme},
            )
    if not district_id:
        raise Invalid(N_("The areas name no district: one row must be of kind district."))
    return district_id


def attach_sites(db: Session) -> int:
    """
    Give every site that stands today the grid that holds it, by its inner point; returns how many moved.

    The grids drive, so that each polygon is prepared once for all its sites.
    """
    moved = db.scalars(
        text(
            "WITH held AS (SELECT DISTINCT ON (s.id) s.id, v.grid_id, v.path"
            " FROM grid_version v JOIN site s ON s.shape && v.shape"
            " AND ST_Intersects(v.shape, ST_PointOnSurface(s.shape))"
            " WHERE upper_inf(v.valid) AND upper_inf(v.recorded) AND upper_inf(s.valid) ORDER BY s.id, v.grid_id)"
            " UPDATE site SET grid_id = held.grid_id, path = held.path FROM held"
            " WHERE held.id = site.id AND site.grid_id IS DISTINCT FROM held.grid_id RETURNING site.id"
        )
    )
    return len(moved.all())
