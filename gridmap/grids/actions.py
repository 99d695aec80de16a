"""Change the register of areas and sites: import the tree, attach sites to the grids that hold them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.errors import Invalid
from gridmap.grids.drafts import AreaDraft
from gridmap.language import N_

LEVELS: Final = ("city", "district", "township", "community")
"""Kinds of area, each below the one before it."""


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
    drafts = list(areas)
    for kind in LEVELS:
        add_areas(db, [draft for draft in drafts if draft.kind == kind], valid_from)
    district = next((draft for draft in drafts if draft.kind == "district"), None)
    if district is None:
        raise Invalid(N_("The areas name no district: one row must be of kind district."))
    return found_district(db, district.code, srid=srid, time_zone=time_zone, code_scheme=code_scheme)


def add_areas(db: Session, level: Sequence[AreaDraft], valid_from: datetime) -> None:
    """Add areas of one kind in the order of their codes; what they stand under is there already."""
    db.execute(
        text(
            "WITH given AS (SELECT * FROM unnest(CAST(:codes AS text[]), CAST(:parents AS text[]),"
            "  CAST(:kinds AS text[]), CAST(:names AS text[]), CAST(:labels AS text[]), CAST(:shapes AS bytea[]))"
            "  AS g (code, parent_code, kind, name, labels, shape)),"
            " made AS MATERIALIZED (SELECT g.*, nextval(pg_get_serial_sequence('area', 'id')) AS id"
            "  FROM (SELECT * FROM given ORDER BY code) AS g),"
            " born AS (INSERT INTO area (id, parent_id, kind, path, valid) SELECT made.id, parent.id, made.kind,"
            "  CASE WHEN parent.id IS NULL THEN CAST(made.id::text AS ltree) ELSE parent.path || made.id::text END,"
            "  tstzrange(:at, NULL) FROM made LEFT JOIN area_version pv ON pv.code = made.parent_code"
            "  AND upper_inf(pv.valid) AND upper_inf(pv.recorded) LEFT JOIN area parent ON parent.id = pv.area_id)"
            # A dot stands for an outline that nobody has drawn, until the first edition draws it.
            " INSERT INTO area_version (area_id, code, name, names, valid, shape) SELECT id, code, name,"
            "  CAST(labels AS jsonb), tstzrange(:at, NULL), coalesce(ST_Multi(ST_GeomFromWKB(shape, 4326)),"
            "  ST_Multi(ST_MakeEnvelope(0, 0, 1e-9, 1e-9, 4326))) FROM made"
        ),
        {
            "at": valid_from,
            "codes": [draft.code for draft in level],
            "parents": [draft.parent_code for draft in level],
            "kinds": [draft.kind for draft in level],
            "names": [draft.name for draft in level],
            "labels": [json.dumps(draft.names, ensure_ascii=False) for draft in level],
            "shapes": [None if draft.shape is None else shapely.to_wkb(draft.shape) for draft in level],
        },
    )


def found_district(db: Session, code: str, *, srid: int, time_zone: str, code_scheme: str) -> int:
    """Make the area of a code the district of this installation; returns its id."""
    district_id: int = db.execute(
        text(
            "INSERT INTO district (area_id, srid, time_zone, code_scheme)"
            " SELECT area_id, :srid, :zone, :scheme FROM area_version WHERE code = :code RETURNING area_id"
        ),
        {"srid": srid, "zone": time_zone, "scheme": code_scheme, "code": code},
    ).scalar_one()
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
