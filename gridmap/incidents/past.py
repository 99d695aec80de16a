"""
Incidents as they stood at an instant: which were open, in what state, due when, and in which grid of that day.

The log says it. Where an incident happened never moves, so its grid of a day is the one that held its place then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, DateTime, and_, case, cast, func, literal, null, or_, select
from sqlalchemy.orm import aliased

from gridmap.grids.queries import in_force
from gridmap.grids.tables import GridVersion
from gridmap.incidents.rules import State
from gridmap.incidents.tables import Incident, IncidentLog


@dataclass(frozen=True)
class Standing:
    """
    How an incident stands, as expressions on its row.

    Attributes
    ----------
    known
        Whether it had happened.
    is_open
        Whether it was not closed yet.
    state, due_at, closed_at
        As its columns; a deadline is there from the filing on, and `closed_at` is NULL as long as it was open.
    grid_id
        The grid that answered for it; NULL where that is in doubt.
    """

    known: ColumnElement[bool]
    is_open: ColumnElement[bool]
    state: ColumnElement[Any]
    due_at: ColumnElement[Any]
    closed_at: ColumnElement[Any]
    grid_id: ColumnElement[Any]


def standing(at: datetime | None) -> Standing:
    """
    Say how incidents stand now, or stood at an instant as we know today.

    Parameters
    ----------
    at
        The instant; None is now, for which the rows have columns and indexes of their own.
    """
    if at is None:
        return Standing(
            literal(True),
            Incident.closed_at.is_(None),
            Incident.state.expression,
            Incident.due_at.expression,
            Incident.closed_at.expression,
            Incident.duty_grid_id.expression,
        )
    known = Incident.occurred_at <= at
    return Standing(
        known,
        # Two indexes answer it: that of the open ones, and that by the time of closing.
        and_(known, or_(Incident.closed_at.is_(None), Incident.closed_at > at)),
        _state(at),
        _due_at(at),
        case((Incident.closed_at <= at, Incident.closed_at)),
        _grid_id(at),
    )


def _state(at: datetime) -> ColumnElement[Any]:
    last = (
        select(IncidentLog.to_state)
        .where(IncidentLog.incident_id == Incident.id, IncidentLog.at <= at)
        .order_by(IncidentLog.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    # What had happened and was not yet told of stood there to be filed.
    return func.coalesce(last, State.REPORTED.value)


def _due_at(at: datetime) -> ColumnElement[Any]:
    setting = IncidentLog.data["set"]
    return (
        select(cast(setting["due_at"].astext, DateTime(timezone=True)))
        .where(IncidentLog.incident_id == Incident.id, IncidentLog.at <= at, setting.has_key("due_at"))
        .order_by(IncidentLog.seq.desc())
        .limit(1)
        .scalar_subquery()
    )


def _grid_id(at: datetime) -> ColumnElement[Any]:
    own, holding = aliased(GridVersion), aliased(GridVersion)
    of_its_day = select(own.grid_id).where(own.id == Incident.grid_version_id, in_force(own, at)).scalar_subquery()
    redrawn_since = (
        select(func.min(holding.grid_id))
        .where(in_force(holding, at), func.ST_Intersects(holding.shape, Incident.place))
        .scalar_subquery()
    )
    return case((Incident.duty_grid_id.is_(None), null()), else_=func.coalesce(of_its_day, redrawn_since))
