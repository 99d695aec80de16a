"""Read what a map as a document shows: grids with their load, outlines, the ground, open incidents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import shapely
from sqlalchemy import ColumnElement, cast, func, literal, select, text
from sqlalchemy.orm import Session

from gridmap.database import Ltree
from gridmap.errors import Invalid, NotFound
from gridmap.grids.queries import current_district, in_force
from gridmap.grids.tables import Area, AreaVersion, GridVersion
from gridmap.incidents.past import standing
from gridmap.incidents.queries import readable, summary_columns
from gridmap.incidents.tables import Incident
from gridmap.language import N_
from gridmap.moment import asked_as_of
from gridmap.people.queries import within
from gridmap.people.rules import Access, Actor, Scope, can, scope_of

MOST_INCIDENTS: Final = 20_000
"""More on one map are no map, and make a file that no desk opens."""

# Metres of EPSG:3857 below which a bend of the ground is not drawn, and the least ground worth drawing.
_GROUND_BEND_M: Final = 8
_LEAST_GROUND_M2: Final = 2_000
_DRAWN_GROUND: Final = ("town", "village", "block", "forest", "park", "water", "island")
_DRAWN_WAYS: Final = ("motorway", "rail", "river", "road", "street")


@dataclass(frozen=True)
class Sight:
    """
    What a map may show.

    Attributes
    ----------
    grids
        Whose boundaries.
    figures
        What may be counted, by grid and in all.
    single
        Which incidents may stand there one by one, with number and place.
    """

    grids: Scope
    figures: Scope
    single: Scope


def sight_of(actor: Actor) -> Sight:
    """
    What a document for this reader may show: figures where they may read indicators, and single incidents where they
    may export tables, for a document leaves the house.

    Raises
    ------
    NotAllowed
        If none of the actor's roles gives indicators at all.
    """
    figures = scope_of(actor, "indicator.read")
    grids = scope_of(actor, "grid.read")
    may_export = can(actor, "table.export") is not None
    return Sight(grids, figures, in_full(scope_of(actor, "table.export")) if may_export else Scope())


def asked_instant(db: Session, day: str | None, now: datetime) -> datetime | None:
    """
    Read as of when: None is now, and so is today.

    Raises
    ------
    Invalid
        If it is no day and no instant, or has not come yet.
    """
    return asked_as_of(day, current_district(db).time_zone, now) if day else None


def in_full(scope: Scope) -> Scope:
    """The part of a scope that shows more than figures."""
    paths = tuple((path, access) for path, access in scope.paths if access > Access.FIGURES)
    if scope.mine is Access.FIGURES:
        return Scope(paths=paths)
    return replace(scope, paths=paths)


def root_of(db: Session, code: str | None) -> str | None:
    """
    The path of an area by its code; None asks for all.

    Raises
    ------
    NotFound
        If no area has the code.
    """
    if code is None:
        return None
    path = db.scalar(
        select(func.text(Area.path))
        .join(AreaVersion, AreaVersion.area_id == Area.id)
        .where(AreaVersion.code == code, func.upper_inf(AreaVersion.recorded))
        .order_by(func.upper_inf(AreaVersion.valid).desc())
        .limit(1)
    )
    if path is None:
        raise NotFound(N_("There is no area with the code %(code)s."), code=code[:40])
    return str(path)


def below(path: Any, root: str | None) -> ColumnElement[bool]:
    """Rows at or below an area's path; all for None."""
    return literal(True) if root is None else path.op("<@", is_comparison=True)(cast(root, Ltree()))


def grid_rows(db: Session, scope: Scope, root: str | None, at: datetime | None) -> Sequence[Any]:
    """The grids of a map by id; ``plane`` is WKB in metres of the district's system."""
    return db.execute(
        select(
            GridVersion.grid_id.label("id"),
            GridVersion.code,
            GridVersion.name,
            GridVersion.names,
            GridVersion.kind,
            GridVersion.households,
            func.text(GridVersion.path).label("path"),
            func.ST_AsBinary(GridVersion.plane, type_=None).label("plane"),
        )
        .where(in_force(GridVersion, at), within(scope, GridVersion.path), below(GridVersion.path, root))
        .order_by(GridVersion.grid_id)
    ).all()


def area_names(db: Session, at: datetime | None) -> dict[str, Any]:
    """Townships and communities by path, as they were called: ``path, kind, code, name, names``."""
    rows = db.execute(
        select(
            func.text(Area.path).label("path"),
            Area.kind,
            AreaVersion.code,
            AreaVersion.name,
            AreaVersion.names,
        )
        .join(AreaVersion, AreaVersion.area_id == Area.id)
        .where(in_force(AreaVersion, at), Area.kind.in_(["township", "community"]))
    )
    return {row.path: row for row in rows}


def open_incidents(db: Session, scope: Scope, root: str | None, at: datetime | None) -> Sequence[Any]:
    """
    Incidents that are open, or stood open at an instant, with a place of their own.

    Raises
    ------
    Invalid
        If there are more than `MOST_INCIDENTS`.
    """
    if scope.empty:
        return []
    stood = standing(at)
    rows = db.execute(
        summary_columns(at)
        .where(readable(scope), stood.is_open, below(Incident.path, root), Incident.place.is_not(None))
        .order_by(Incident.severity.desc(), Incident.id)
        .limit(MOST_INCIDENTS + 1)
    ).all()
    if len(rows) > MOST_INCIDENTS:
        raise Invalid(
            N_("More than %(most)s incidents are open there. Choose an area, or leave the incidents out."),
            most=MOST_INCIDENTS,
        )
    return rows


def count_open(db: Session, scope: Scope, root: str | None, now: datetime, at: datetime | None) -> tuple[int, int]:
    """How many incidents are open, or stood open at an instant, and how many of them were overdue."""
    stood = standing(at)
    row = db.execute(
        select(func.count(), func.count().filter(stood.due_at < (at or now))).where(
            readable(scope), stood.is_open, below(Incident.path, root)
        )
    ).one()
    return row[0], row[1]


def ground(db: Session, frame: shapely.Geometry) -> dict[str, list[Any]]:
    """
    The ground below the grids, simplified: nobody's data.

    Parameters
    ----------
    frame
        A box in degrees; what does not touch it is left out.

    Returns
    -------
    shapes
        Kind -> geometries in degrees.
    """
    values = {
        "frame": shapely.to_wkb(frame),
        "bend": _GROUND_BEND_M,
        "least": _LEAST_GROUND_M2,
        "ground": list(_DRAWN_GROUND),
        "ways": list(_DRAWN_WAYS),
    }
    rows = db.execute(text(_GROUND), values)
    found: dict[str, list[Any]] = {}
    for kind, wkb in rows:
        shape = shapely.from_wkb(bytes(wkb))
        if not shape.is_empty:
            found.setdefault(kind, []).append(shape)
    return found


_GROUND: Final = """
WITH frame AS (SELECT ST_Transform(ST_SetSRID(ST_GeomFromWKB(:frame), 4326), 3857) AS box)
SELECT kind, ST_AsBinary(ST_Transform(ST_SimplifyPreserveTopology(tile, :bend), 4326)) AS shape FROM ground, frame
WHERE kind = ANY(:ground) AND tile && box AND ST_Area(tile) >= :least
UNION ALL
SELECT CASE WHEN kind IN ('road', 'street') THEN kind || '-' || rank ELSE kind END,
    ST_AsBinary(ST_Transform(ST_Simplify(tile, :bend, true), 4326)) FROM way, frame
WHERE kind = ANY(:ways) AND tile && box"""
