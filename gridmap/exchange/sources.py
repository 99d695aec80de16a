"""The rows that leave the database, kind by kind, with the columns that an import takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Source:
    """
    Rows of a kind.

    Attributes
    ----------
    action
        The right that a person needs, as the policy names it.
    query
        Gives the columns and ``wkb``, EPSG:4326, of what the scope holds; ``full`` says whether a row is seen unmasked.
    timed
        Whether it can be told as of a day.
    personal
        Columns with words about people: they are left blank where a reader sees a row masked.
    masked_rows
        Whether rows are told at all to who sees figures alone.
    """

    action: str
    query: str
    timed: bool = False
    personal: tuple[str, ...] = ()
    masked_rows: bool = True


_IN_FORCE: Final = (
    "upper_inf({t}.recorded) AND CASE WHEN CAST(:at AS timestamptz) IS NULL THEN upper_inf({t}.valid)"
    " ELSE {t}.valid @> CAST(:at AS timestamptz) END"
)
_SEEN: Final = "{path} <@ ANY(CAST(:seen AS ltree[]))"
_SITES: Final = (
    "SELECT s.code, s.kind, s.name, s.names->>'en' AS name_en, s.households, s.storeys, v.code AS grid,"
    " ST_AsBinary(s.shape) AS wkb FROM site s LEFT JOIN grid_version v ON v.grid_id = s.grid_id"
    f" AND {_IN_FORCE.format(t='v')} WHERE CASE WHEN CAST(:at AS timestamptz) IS NULL THEN upper_inf(s.valid)"
    f" ELSE s.valid @> CAST(:at AS timestamptz) END AND {_SEEN.format(path='s.path')}"
    # Shapes before points: the first rows of a table settle how places are written.
    " AND {kinds} ORDER BY ST_Dimension(s.shape) DESC, s.code, s.id"
)
# What a department holds, or a person holds or reported, is their own wherever it lies.
_OWN: Final = {
    "i": (
        "coalesce(i.holder_department_id = ANY(CAST(:departments AS bigint[]))"
        " OR i.holder_person_id = CAST(:person AS bigint), false)"
    ),
    "r": "coalesce(r.reporter_id = CAST(:person AS bigint), false)",
    "h": (
        "coalesce(h.department_id = ANY(CAST(:departments AS bigint[])) OR h.found_by = CAST(:person AS bigint), false)"
    ),
}
_WITHIN: Final = "({t}.path <@ ANY(CAST(:{paths} AS ltree[])) OR (:own_{paths} AND {own}))"


def _within(table: str, paths: str) -> str:
    """SQL: whether a row is seen at least so: ``seen, places`` (with its place) or ``full``."""
    return _WITHIN.format(t=table, paths=paths, own=_OWN[table])


def _placed(table: str) -> str:
    return f"CASE WHEN {_within(table, 'places')} THEN ST_AsBinary({table}.place) END AS wkb"


SOURCES: Final[Mapping[str, Source]] = {
    "areas": Source(
        "geometry.export",
        "SELECT v.code, p.code AS parent_code, a.kind, v.name, v.names->>'en' AS name_en,"
        " CASE WHEN ST_Area(v.shape) > 1e-12 THEN ST_AsBinary(v.shape) END AS wkb FROM area a"
        f" JOIN area_version v ON v.area_id = a.id AND {_IN_FORCE.format(t='v')}"
        f" LEFT JOIN area_version p ON p.area_id = a.parent_id AND {_IN_FORCE.format(t='p')}"
        f" WHERE {_SEEN.format(path='a.path')} ORDER BY nlevel(a.path), v.code",
        timed=True,
    ),
    "grids": Source(
        "geometry.export",
        "SELECT v.grid_id AS id, v.code, v.name, v.names->>'en' AS name_en, v.kind, c.code AS community_code,"
        " v.households, s.code AS owner, ST_AsBinary(v.shape) AS wkb FROM grid_version v"
        f" JOIN area_version c ON c.area_id = v.community_id AND {_IN_FORCE.format(t='c')}"
        " LEFT JOIN site s ON s.id = v.owner_site_id"
        f" WHERE {_IN_FORCE.format(t='v')} AND {_SEEN.format(path='v.path')} ORDER BY v.code",
        timed=True,
    ),
    "sites": Source("geometry.export", _SITES.format(kinds="s.kind NOT IN ('building', 'village_house')"), timed=True),
    "buildings": Source("geometry.export", _SITES.format(kinds="s.kind IN ('building', 'village_house')"), timed=True),
    "streets": Source(
        "geometry.export",
        "SELECT kind, rank, layer, name, names->>'en' AS name_en, ST_AsBinary(line) AS wkb FROM way"
        " WHERE cardinality(CAST(:seen AS ltree[])) > 0 ORDER BY rank, kind, id",
    ),
    "devices": Source(
        "table.export",
        "SELECT d.code, d.kind, d.name, d.names->>'en' AS name_en, g.code AS gateway, p.height_m, p.heading_deg,"
        " p.tilt_deg, p.fov_deg, p.range_m, v.code AS grid, ST_AsBinary(p.place) AS wkb FROM device d"
        " LEFT JOIN device g ON g.id = d.gateway_id JOIN device_pose p ON p.device_id = d.id"
        " AND CASE WHEN CAST(:at AS timestamptz) IS NULL THEN upper_inf(p.valid)"
        "  ELSE p.valid @> CAST(:at AS timestamptz) END"
        f" LEFT JOIN grid_version v ON v.grid_id = d.grid_id AND {_IN_FORCE.format(t='v')}"
        f" WHERE (d.ended_at IS NULL OR d.ended_at > CAST(:at AS timestamptz)) AND {_SEEN.format(path='d.path')}"
        " ORDER BY d.code",
        timed=True,
    ),
    "incidents": Source(
        "table.export",
        "SELECT i.number, i.category, i.severity, i.source, i.state, i.occurred_at, i.due_at, i.closed_at,"
        f" v.code AS grid, i.placed, i.certainty, {_placed('i')}, {_within('i', 'full')} AS seen_in_full"
        " FROM incident i"
        " LEFT JOIN grid_version v ON v.id = i.grid_version_id"
        " WHERE (CAST(:at AS timestamptz) IS NULL OR i.occurred_at <= CAST(:at AS timestamptz))"
        f" AND {_within('i', 'seen')} ORDER BY i.occurred_at, i.id",
        timed=True,
    ),
    "reports": Source(
        "table.export",
        "SELECT r.id::text AS id, r.source, r.category, r.text, r.occurred_at, r.received_at, r.place_method AS method,"
        f" r.placed, v.code AS grid, {_placed('r')}, {_within('r', 'full')} AS seen_in_full FROM report r"
        " LEFT JOIN grid_version v ON v.id = r.grid_version_id"
        " WHERE (CAST(:at AS timestamptz) IS NULL OR r.received_at <= CAST(:at AS timestamptz))"
        f" AND {_within('r', 'seen')} ORDER BY r.received_at, r.id",
        timed=True,
        personal=("text",),
        masked_rows=False,
    ),
    "hazards": Source(
        "table.export",
        "SELECT h.number, h.category, h.severity, h.state, h.what, h.party, h.found_at, n.number AS notice, n.due_at,"
        f" n.answered_at, h.closed_at, o.number AS origin, i.number AS incident, v.code AS grid, {_placed('h')},"
        f" {_within('h', 'full')} AS seen_in_full FROM hazard h"
        " LEFT JOIN notice n ON n.hazard_id = h.id AND n.replaced_by IS NULL"
        " LEFT JOIN hazard o ON o.id = h.origin_id LEFT JOIN incident i ON i.id = h.incident_id"
        f" LEFT JOIN grid_version v ON v.grid_id = h.grid_id AND {_IN_FORCE.format(t='v')}"
        " WHERE (CAST(:at AS timestamptz) IS NULL OR h.recorded_at <= CAST(:at AS timestamptz))"
        f" AND {_within('h', 'seen')} ORDER BY h.found_at, h.id",
        personal=("party",),
    ),
}
