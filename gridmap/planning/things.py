"""What stands and is open on the ground of grids, and which of them answers for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import shapely
from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.planning.ground import Ground
from gridmap.planning.rules import BUILDINGS

ThingKind = Literal["buildings", "sites", "devices", "open_incidents", "due_visits"]

_SITES: Final = """
    SELECT id::text AS id, kind, name, names::text AS names_json, code AS number, households, grid_id,
        ST_AsBinary(shape) AS shape, ST_AsBinary(ST_PointOnSurface(shape)) AS point
    FROM site WHERE grid_id = ANY(%(grids)s) AND upper_inf(valid) ORDER BY id
"""
_DEVICES: Final = """
    SELECT d.code AS id, d.kind, d.name, d.names::text AS names_json, d.code AS number, 0 AS households, d.grid_id,
        CAST(NULL AS bytea) AS shape,
        (SELECT ST_AsBinary(p.place) FROM device_pose p WHERE p.device_id = d.id AND p.valid @> %(at)s
            ORDER BY lower(p.valid) DESC LIMIT 1) AS point
    FROM device d WHERE d.grid_id = ANY(%(grids)s) AND d.ended_at IS NULL ORDER BY d.code
"""
_INCIDENTS: Final = """
    SELECT i.id::text AS id, i.state AS kind, coalesce(c.name, i.number) AS name,
        coalesce(c.names, '{}')::text AS names_json, i.number, 0 AS households, i.duty_grid_id AS grid_id,
        CAST(NULL AS bytea) AS shape, ST_AsBinary(i.place) AS point
    FROM incident i LEFT JOIN category c ON c.code = i.category
    WHERE i.duty_grid_id = ANY(%(grids)s) AND i.closed_at IS NULL ORDER BY i.number
"""
_VISITS: Final = """
    SELECT l.id::text AS id, h.state AS kind, coalesce(c.name, h.number) AS name,
        coalesce(c.names, '{}')::text AS names_json, h.number, 0 AS households, h.grid_id,
        CAST(NULL AS bytea) AS shape, ST_AsBinary(h.place) AS point
    FROM look_back l JOIN hazard h ON h.id = l.hazard_id LEFT JOIN category c ON c.code = h.category
    WHERE h.grid_id = ANY(%(grids)s) AND l.done_at IS NULL ORDER BY l.due_at, l.id
"""


@dataclass(frozen=True, slots=True)
class Thing:
    """
    Something that one grid answers for.

    Attributes
    ----------
    names_json
        Its names by language, as they are kept: most things are counted, and never named.
    grid
        The grid that answers for it today, by the id of its plot.
    point
        Where it stands, or a point inside of it, EPSG:4326; None if it has no place.
    shape
        The whole of a site, EPSG:4326; None of what is a point.
    """

    kind: ThingKind
    id: str
    name: str
    names_json: str
    number: str | None
    households: int
    grid: str
    point: Any
    shape: Any


def things_of(db: Session, ground: Ground, grids: Collection[str], at: datetime) -> list[Thing]:
    """
    Read all that some grids answer for today: buildings, other sites, devices, open incidents, visits due.

    Parameters
    ----------
    grids
        Ids of plots of the base edition.
    """
    return [*sites_of(db, ground, grids), *loose_things_of(db, ground, grids, at)]


def sites_of(db: Session, ground: Ground, grids: Collection[str]) -> list[Thing]:
    """Buildings and other sites: what stands still."""
    return _read(db, ground, "sites", _SITES, {"grids": numbers_of(ground, grids)})


def loose_things_of(db: Session, ground: Ground, grids: Collection[str], at: datetime) -> list[Thing]:
    """Devices, open incidents and look-backs due: what comes and goes by the minute."""
    values = {"grids": numbers_of(ground, grids), "at": at}
    return [
        *_read(db, ground, "devices", _DEVICES, values),
        *_read(db, ground, "open_incidents", _INCIDENTS, values),
        *_read(db, ground, "due_visits", _VISITS, values),
    ]


def numbers_of(ground: Ground, grids: Iterable[str]) -> list[int]:
    """The numbers of grids that have one; those that a plan makes have none yet."""
    return [n for grid in grids if (n := ground.labels[grid].grid_id) is not None]


def _read(db: Session, ground: Ground, kind: ThingKind, question: str, values: Mapping[str, Any]) -> list[Thing]:
    rows = straight(db, question, values)
    shapes = shapely.from_wkb([row.shape and bytes(row.shape) for row in rows])
    points = shapely.from_wkb([row.point and bytes(row.point) for row in rows])
    return [
        Thing(
            "buildings" if kind == "sites" and row.kind in BUILDINGS else kind,
            row.id,
            row.name,
            row.names_json,
            row.number,
            row.households,
            ground.id_of[row.grid_id],
            point,
            shape,
        )
        for row, shape, point in zip(rows, shapes, points, strict=True)
    ]
