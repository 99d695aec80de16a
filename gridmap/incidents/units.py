"""What departments and townships have in hand. Units are counted, people never."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, literal, select
from sqlalchemy.orm import Session, aliased

from gridmap.grids.queries import in_force
from gridmap.grids.tables import Area, AreaVersion
from gridmap.incidents.queries import readable
from gridmap.incidents.rules import State
from gridmap.incidents.tables import Incident
from gridmap.people.rules import Scope
from gridmap.people.tables import Department


@dataclass(frozen=True)
class Unit:
    """
    A department, or the township in which nobody's department has it in hand.

    Attributes
    ----------
    kind
        ``department`` or ``township``; ``none`` is what lies in no township.
    returned
        Of the open ones, how many came back and wait to be given out again.
    """

    kind: str
    code: str | None
    name: str | None
    names: Mapping[str, Any] | None
    open: int
    overdue: int
    returned: int


def units_of(db: Session, scope: Scope, now: datetime) -> Sequence[Unit]:
    """
    Count the open incidents of a scope by the unit that has them in hand, the most overdue first.

    Parameters
    ----------
    now
        Our clock: what was due before it is overdue.
    """
    area = aliased(Area)
    township = aliased(AreaVersion)
    held = Department.id.is_not(None)
    kind = case((held, "department"), (township.area_id.is_not(None), "township"), else_="none")
    unit = (
        kind.label("kind"),
        func.coalesce(Department.code, township.code).label("code"),
        func.coalesce(Department.name, township.name).label("name"),
        case((held, Department.names), else_=township.names).label("names"),
    )
    open_ones = (
        select(*unit, (Incident.due_at < now).label("overdue"), (Incident.state == State.RETURNED).label("returned"))
        .select_from(Incident)
        .outerjoin(Department, Department.id == Incident.holder_department_id)
        .outerjoin(area, and_(area.kind == "township", area.path.op("@>")(Incident.path)))
        .outerjoin(township, and_(township.area_id == area.id, in_force(township, None)))
        .where(readable(scope), Incident.closed_at.is_(None))
        .subquery()
    )
    columns = open_ones.c
    overdue = func.count().filter(columns.overdue)
    rows = db.execute(
        select(
            columns.kind,
            columns.code,
            columns.name,
            columns.names,
            func.count(literal(1)),
            overdue,
            func.count().filter(columns.returned),
        )
        .group_by(columns.kind, columns.code, columns.name, columns.names)
        .order_by(overdue.desc(), columns.kind, columns.code)
    )
    return [Unit(*row) for row in rows]
