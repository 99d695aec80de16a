"""Count incidents: the load of grids, the numbers on top of the command screen, the rhythm of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Integer, cast, func, or_, select
from sqlalchemy.orm import Session

from gridmap.incidents.past import standing
from gridmap.incidents.queries import readable
from gridmap.incidents.tables import Incident
from gridmap.people.rules import Scope

QUARTER_S: Final = 900
"""Length of one bar of the rhythm."""


def load_by_grid(db: Session, scope: Scope, now: datetime, *, at: datetime | None = None) -> list[tuple[int, int, int]]:
    """Grid id, open and overdue incidents of every grid in scope that has any open, or had any at an instant."""
    stood = standing(at)
    open_ones = (
        select(stood.grid_id.label("grid_id"), (stood.due_at < (at or now)).label("overdue"))
        .where(readable(scope), stood.is_open, Incident.duty_grid_id.is_not(None))
        .subquery()
    )
    rows = db.execute(
        select(open_ones.c.grid_id, func.count(), func.count().filter(open_ones.c.overdue)).group_by(
            open_ones.c.grid_id
        )
    )
    return [(grid, count, overdue) for grid, count, overdue in rows if grid is not None]


@dataclass(frozen=True)
class Figures:
    """The numbers on top of the command screen that speak of incidents."""

    open: int
    overdue: int
    new_today: int
    new_yesterday: int
    by_severity: dict[int, int]


def figures(db: Session, scope: Scope, *, now: datetime, day_start: datetime, at: datetime | None = None) -> Figures:
    """
    Count incidents in scope.

    Parameters
    ----------
    now
        Our clock, or the instant that is looked back at.
    day_start
        The first instant of the local day; yesterday is counted up to the same hour.
    at
        The instant that is looked back at; None is now.
    """
    yesterday = (day_start - timedelta(days=1), now - timedelta(days=1))
    stood = standing(at)
    row = db.execute(
        select(
            func.count().filter(stood.is_open),
            func.count().filter(stood.is_open, stood.due_at < now),
            func.count().filter(Incident.occurred_at >= day_start),
            func.count().filter(Incident.occurred_at.between(*yesterday)),
            *(func.count().filter(stood.is_open, Incident.severity == severity) for severity in (1, 2, 3, 4)),
        ).where(
            readable(scope),
            stood.known,
            or_(stood.is_open, Incident.occurred_at >= yesterday[0]),
        )
    ).one()
    return Figures(*row[:4], by_severity=dict(enumerate(row[4:], 1)))


def rhythm(db: Session, scope: Scope, since: datetime, until: datetime) -> list[tuple[int, dict[int, int]]]:
    """
    Count what happened, by quarter of an hour and severity.

    Parameters
    ----------
    since, until
        From the one instant up to, and without, the other.

    Returns
    -------
    bars
        Number of the quarter from `since` on, and its counts by severity; quarters without any are left out.
    """
    quarter = cast(func.floor(func.extract("epoch", Incident.occurred_at - since) / QUARTER_S), Integer)
    rows = db.execute(
        select(quarter.label("quarter"), Incident.severity, func.count())
        .where(readable(scope), Incident.occurred_at >= since, Incident.occurred_at < until)
        .group_by("quarter", Incident.severity)
        .order_by("quarter")
    )
    bars: dict[int, dict[int, int]] = {}
    for number, severity, count in rows:
        bars.setdefault(number, {})[severity] = count
    return list(bars.items())
