"""What zones are made of: the townships of the district, the communities or grids of a township, and what each has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from geodata.crs import shapes_to_plane
from gridmap.database import straight
from gridmap.errors import Invalid
from gridmap.language import N_
from gridmap.planning.rules import BUILDINGS


class Group(StrEnum):
    """What is grouped into zones."""

    TOWNSHIPS = "townships"
    COMMUNITIES = "communities"
    GRIDS = "grids"


class Skills(StrEnum):
    """What parts have to offer each other: people by their post, or places by their kind."""

    NONE = "none"
    POSTS = "posts"
    PLACES = "places"


FIGURES: Final = ("households", "open_incidents", "staff")
"""What is counted in each part, and can be evened out."""

_WHOLE: Final = {Group.TOWNSHIPS: "district", Group.COMMUNITIES: "township", Group.GRIDS: "township"}

_AREAS: Final = """
    SELECT a.id, v.code, v.name, v.names, a.path, ST_AsBinary(v.shape) AS shape FROM area a
    JOIN area_version v ON v.area_id = a.id AND upper_inf(v.valid) AND upper_inf(v.recorded)
    WHERE a.parent_id = %(within)s AND a.kind = %(kind)s AND upper_inf(a.valid)
"""
_GRIDS: Final = """
    SELECT v.grid_id AS id, v.code, v.name, v.names, v.path, ST_AsBinary(v.shape) AS shape FROM grid_version v
    WHERE v.path <@ (SELECT path FROM area WHERE id = %(within)s) AND upper_inf(v.valid) AND upper_inf(v.recorded)
"""
_COUNTED: Final = """
    WITH part AS MATERIALIZED ({parts})
    SELECT p.id, p.code, p.name, p.names, p.path::text AS path, p.shape,
        (SELECT coalesce(sum(g.households), 0)::bigint FROM grid_version g
            WHERE g.path <@ p.path AND upper_inf(g.valid) AND upper_inf(g.recorded)) AS households,
        (SELECT count(*) FROM incident i WHERE i.path <@ p.path AND i.closed_at IS NULL) AS open_incidents,
        (SELECT count(DISTINCT s.person_id) FROM assignment s JOIN person w ON w.id = s.person_id
            WHERE s.path <@ p.path AND {serving}) AS staff
    FROM part p ORDER BY p.code
"""
_SERVING: Final = """s.role IN ('chief', 'worker') AND s.valid @> %(at)s
    AND (w.ended_at IS NULL OR w.ended_at > %(at)s)"""
_OFFERS: Final = {
    Skills.POSTS: f"""
        WITH part AS MATERIALIZED ({{parts}})
        SELECT p.id, coalesce(s.post, s.role) AS skill, count(DISTINCT s.person_id) AS n FROM part p
        JOIN assignment s ON s.path <@ p.path JOIN person w ON w.id = s.person_id
        WHERE {_SERVING} GROUP BY 1, 2
    """,
    Skills.PLACES: """
        WITH part AS MATERIALIZED ({parts})
        SELECT p.id, s.kind AS skill, count(*) AS n FROM part p JOIN site s ON s.path <@ p.path
        WHERE upper_inf(s.valid) AND s.kind <> ALL(%(buildings)s) GROUP BY 1, 2
    """,
}


@dataclass(frozen=True)
class Whole:
    """An area whose parts are grouped."""

    id: int
    code: str
    name: str
    path: str
    kind: str


@dataclass(frozen=True)
class Part:
    """
    A township, community or grid, with what is counted in it today.

    Attributes
    ----------
    figures
        One value for each of `FIGURES`. People who serve in a wider area than the part are not among its staff.
    shape
        EPSG:4326.
    """

    id: int
    code: str
    name: str
    names: dict[str, Any]
    path: str
    figures: Mapping[str, int]
    shape: Any


def whole_of(db: Session, group: Group, code: str) -> Whole:
    """
    The area whose parts a wish means.

    Raises
    ------
    Invalid
        If there is none, or it has no such parts.
    """
    rows = straight(
        db,
        "SELECT a.id, v.code, v.name, a.path::text AS path, a.kind FROM area_version v JOIN area a ON a.id = v.area_id"
        " WHERE v.code = %(code)s AND upper_inf(v.valid) AND upper_inf(v.recorded)",
        {"code": code},
    )
    if not rows:
        raise Invalid(N_("There is no area %(code)s."), where="/area", code=code)
    whole = Whole(rows[0].id, rows[0].code, rows[0].name, rows[0].path, rows[0].kind)
    if whole.kind != _WHOLE[group]:
        wanted = N_("Townships are grouped in the whole district. Name the district as the area.")
        inside = N_("Communities and grids are grouped inside one township. Name a township as the area.")
        raise Invalid(wanted if group is Group.TOWNSHIPS else inside, where="/area")
    return whole


def parts_of(db: Session, whole_id: int, group: Group, at: datetime) -> list[Part]:
    """Every part of an area as it is now, by code."""
    question = _COUNTED.format(parts=_parts(group), serving=_SERVING)
    rows = straight(db, question, _values(whole_id, group) | {"at": at})
    shapes = shapely.from_wkb([bytes(row.shape) for row in rows])
    return [
        Part(
            row.id, row.code, row.name, row.names, row.path, {name: int(getattr(row, name)) for name in FIGURES}, shape
        )
        for row, shape in zip(rows, shapes, strict=True)
    ]


def part_ids(db: Session, whole_id: int, group: Group) -> set[int]:
    """The ids of `parts_of`."""
    return {row.id for row in straight(db, _parts(group), _values(whole_id, group))}


def offers_of(
    db: Session, whole_id: int, group: Group, skills: Skills, parts: Sequence[Part], at: datetime
) -> NDArray[np.float64] | None:
    """How much of each skill every part has, shape (parts, skills) in the order of their names; None without any."""
    if skills is Skills.NONE:
        return None
    values = _values(whole_id, group) | {"at": at, "buildings": sorted(BUILDINGS)}
    rows = straight(db, _OFFERS[skills].format(parts=_parts(group)), values)
    column = {skill: n for n, skill in enumerate(sorted({row.skill for row in rows}))}
    place = {part.id: n for n, part in enumerate(parts)}
    amounts = np.zeros((len(parts), len(column)))
    for row in rows:
        amounts[place[row.id], column[row.skill]] = row.n
    return amounts if column else None


def planes_of(parts: Sequence[Part], srid: int) -> NDArray[np.object_]:
    """The ground of each part in the plane of the district, metres."""
    return shapes_to_plane([part.shape for part in parts], srid)


def _parts(group: Group) -> str:
    return _GRIDS if group is Group.GRIDS else _AREAS


def _values(whole_id: int, group: Group) -> dict[str, Any]:
    return {"within": whole_id, "kind": "township" if group is Group.TOWNSHIPS else "community"}
