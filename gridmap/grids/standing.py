"""Read how grids stood on a day, what lived on their ground, and why they have changed since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.coverage.edit import Houses
from geodata.crs import shapes_to_plane
from gridmap.grids.shifted import Stand

Spell = tuple[datetime, datetime]
"""After one instant, up to another."""

# Whose households are counted: what people live in.
_LIVED_IN: Final = ("building", "village_house")


def stands_that_change(db: Session, district_id: int, at: datetime, other: datetime) -> list[Stand]:
    """The versions of one instant that did not hold at the other."""
    rows = db.execute(
        text(
            "SELECT v.id AS version_id, v.grid_id AS id, v.code, v.name, v.names, v.kind, v.households,"
            " jsonb_build_object('id', c.area_id, 'code', c.code, 'name', c.name, 'names', c.names) AS community,"
            " CASE WHEN s.id IS NULL THEN NULL ELSE jsonb_build_object('name', s.name, 'names', s.names) END AS owner,"
            " v.path::text AS path, ST_AsBinary(v.plane) AS plane"
            " FROM grid_version v JOIN grid g ON g.id = v.grid_id AND g.district_id = :district"
            " LEFT JOIN area_version c ON c.area_id = v.community_id AND upper_inf(c.recorded) AND c.valid @> :at"
            " LEFT JOIN site s ON s.id = v.owner_site_id"
            " WHERE upper_inf(v.recorded) AND v.valid @> :at AND NOT v.valid @> :other ORDER BY v.grid_id"
        ),
        {"district": district_id, "at": at, "other": other},
    )
    return [Stand(**row | {"plane": shapely.from_wkb(bytes(row["plane"]))}) for row in map(dict, rows.mappings())]


def houses_on(db: Session, stands: Sequence[Stand], srid: int, at: datetime) -> Houses:
    """The buildings that stood at an instant on the ground of some grid versions."""
    rows = db.execute(
        text(
            "SELECT DISTINCT ON (s.id) s.households, ST_AsBinary(s.shape) AS shape FROM grid_version v"
            " JOIN site s ON s.tile && v.tile WHERE v.id = ANY(:versions) AND s.kind = ANY(:kinds) AND s.valid @> :at"
            " AND GeometryType(s.shape) IN ('POLYGON', 'MULTIPOLYGON') ORDER BY s.id"
        ),
        {"versions": [stand.version_id for stand in stands], "kinds": list(_LIVED_IN), "at": at},
    ).all()
    shapes = shapely.from_wkb([bytes(row.shape) for row in rows])
    return Houses(shapes_to_plane(shapes, srid), [row.households for row in rows])


def causes_in(db: Session, grid_ids: Sequence[int], span: Spell) -> Mapping[int, Sequence[tuple[int, str]]]:
    """Edition and cause of every version of some grids that began in a spell, by grid id, the oldest first."""
    rows = db.execute(
        text(
            "SELECT grid_id, edition_n, cause FROM grid_version WHERE upper_inf(recorded) AND grid_id = ANY(:ids)"
            " AND lower(valid) > :since AND lower(valid) <= :until AND cause <> 'node' ORDER BY lower(valid)"
        ),
        {"ids": list(grid_ids), "since": span[0], "until": span[1]},
    )
    causes: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for grid, edition, cause in rows:
        causes[grid].append((edition, cause))
    return causes


def recorded_ops(db: Session, from_ids: Sequence[int], span: Spell) -> Mapping[tuple[int, int], str]:
    """How some grids gave ground to others in a spell, as the lineage has it, by the ids of both; the last counts."""
    rows = db.execute(
        text(
            "SELECT f.grid_id, t.grid_id, l.op FROM lineage l JOIN grid_version t ON t.id = l.to_version_id"
            " JOIN grid_version f ON f.id = l.from_version_id WHERE f.grid_id = ANY(:ids) AND l.op <> 'node'"
            " AND lower(t.valid) > :since AND lower(t.valid) <= :until ORDER BY lower(t.valid)"
        ),
        {"ids": list(from_ids), "since": span[0], "until": span[1]},
    )
    return {(source, target): op for source, target, op in rows}


def count_grids(db: Session, district_id: int, at: datetime, paths: Sequence[str]) -> int:
    """How many grids lay below some area paths at an instant."""
    n: int = db.execute(
        text(
            "SELECT count(*) FROM grid_version v JOIN grid g ON g.id = v.grid_id AND g.district_id = :district"
            " WHERE upper_inf(v.recorded) AND v.valid @> :at AND v.path <@ ANY(CAST(:paths AS ltree[]))"
        ),
        {"district": district_id, "at": at, "paths": list(paths)},
    ).scalar_one()
    return n
