"""What a phone keeps of the district: boundaries of the own townships, what is to be done, classes of matters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from gridmap.catalogue.tables import Category
from gridmap.incidents.queries import summary_columns, taking_part
from gridmap.incidents.tables import Incident
from gridmap.people.queries import within
from gridmap.people.rules import Scope

MOST_TODAY: Final = 200
"""More than anybody does in a day; the desks have lists with pages."""

MOST_RECENT: Final = 12
_RECENT_REPORTS: Final = 300


def ground_rows(db: Session, roots: Sequence[str]) -> Sequence[Any]:
    """
    The grids in force below some areas, with their boundaries.

    Parameters
    ----------
    roots
        Area paths, such as those of townships.

    Returns
    -------
    rows
        By grid id: ``id, code, name, names, kind, path``, the names of community and township, and ``geometry`` as
        GeoJSON text, WGS 84 degrees with the 9 decimals that the server itself locates by.
    """
    return db.execute(
        text(
            "SELECT v.grid_id AS id, v.code, v.name, v.names, v.kind, v.path::text AS path,"
            " c.name AS community_name, c.names AS community_names,"
            " t.name AS township_name, t.names AS township_names, ST_AsGeoJSON(v.shape, 9) AS geometry"
            " FROM grid_version v"
            " JOIN area ca ON ca.id = v.community_id"
            " JOIN area_version c ON c.area_id = ca.id AND upper_inf(c.valid) AND upper_inf(c.recorded)"
            " LEFT JOIN area_version t ON t.area_id = ca.parent_id AND upper_inf(t.valid) AND upper_inf(t.recorded)"
            " WHERE v.path <@ ANY(CAST(:roots AS ltree[])) AND upper_inf(v.valid) AND upper_inf(v.recorded)"
            " ORDER BY v.grid_id"
        ),
        {"roots": list(roots)},
    ).all()


def incidents_of_today(db: Session, scope: Scope) -> Sequence[Any]:
    """
    Open incidents that wait for somebody on patrol: in the own grids, held by them, or with them as a member; the
    tightest deadline first.

    What one merely reported elsewhere is left out: others see to it.

    Parameters
    ----------
    scope
        Of ``incident.read``.
    """
    mine = within(
        scope,
        Incident.path,
        holder_person=Incident.holder_person_id,
        holder_department=Incident.holder_department_id,
    )
    return db.execute(
        summary_columns()
        .where(or_(mine, Incident.id.in_(taking_part(scope))), Incident.closed_at.is_(None))
        .order_by(Incident.due_at.asc().nulls_last(), Incident.severity, Incident.id)
        .limit(MOST_TODAY)
    ).all()


def categories(db: Session, day: date) -> Sequence[Category]:
    """The classes of matters that whoever reports is offered on a local day, major ones first."""
    return db.scalars(
        select(Category)
        .where(Category.offered, Category.valid.contains(day))
        .order_by(Category.parent.is_not(None), Category.code)
    ).all()


def recent_categories(db: Session, person_id: int) -> list[str]:
    """The classes that somebody reported last, the latest first, each once."""
    rows = db.execute(
        text(
            "SELECT category FROM (SELECT category, received_at FROM report WHERE reporter_id = :person"
            " AND category IS NOT NULL ORDER BY received_at DESC LIMIT :reports) AS latest"
            " GROUP BY category ORDER BY max(received_at) DESC, category LIMIT :most"
        ),
        {"person": person_id, "reports": _RECENT_REPORTS, "most": MOST_RECENT},
    )
    return [row.category for row in rows]


def count_sites(db: Session, own: Sequence[str]) -> dict[str, int]:
    """How many sites of each kind stand in the grids below some area paths."""
    rows = db.execute(
        text(
            "SELECT s.kind, count(*) AS n FROM site s JOIN grid_version v ON v.grid_id = s.grid_id"
            " AND upper_inf(v.valid) AND upper_inf(v.recorded)"
            " WHERE v.path <@ ANY(CAST(:own AS ltree[])) AND upper_inf(s.valid) GROUP BY s.kind ORDER BY s.kind"
        ),
        {"own": list(own)},
    )
    return {row.kind: row.n for row in rows}
