"""Who works in the grids of a scope."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from gridmap.grids.queries import in_force
from gridmap.grids.tables import GridVersion
from gridmap.people.queries import within
from gridmap.people.rules import Role, Scope
from gridmap.people.tables import Assignment, Person


def staff_in_force(db: Session, scope: Scope, at: datetime, *, past: bool = False) -> Sequence[Any]:
    """
    People who answer for a grid in scope at an instant: one row a person, with the first of their grids.

    Parameters
    ----------
    at
        The instant.
    past
        Whether it is over, so that the grids of that day are meant; those of now have indexes of their own.

    Returns
    -------
    rows
        ``id, name, names, role, post, grid_code, grid_name, grid_names``.
    """
    return db.execute(
        select(
            Person.id,
            Person.name,
            Person.names,
            Assignment.role,
            Assignment.post,
            GridVersion.code.label("grid_code"),
            GridVersion.name.label("grid_name"),
            GridVersion.names.label("grid_names"),
        )
        .join(Assignment, Assignment.person_id == Person.id)
        .outerjoin(
            GridVersion,
            and_(GridVersion.grid_id == Assignment.grid_id, in_force(GridVersion, at if past else None)),
        )
        .where(
            within(scope, Assignment.path),
            Assignment.valid.op("@>")(at),
            or_(Person.ended_at.is_(None), Person.ended_at > at),
        )
        .where(Assignment.role.in_([Role.WORKER, Role.CHIEF]))
        .order_by(Person.id, Assignment.id)
        .ext(distinct_on(Person.id))
    ).all()
