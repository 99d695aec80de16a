"""Read incidents: queues, one with everything, figures; always within the reader's scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from gridmap.grids.tables import Area, AreaVersion, GridVersion
from gridmap.incidents.tables import Category, Incident, IncidentSource
from gridmap.people.queries import within
from gridmap.people.rules import Actor, Scope, Thing
from gridmap.reports.tables import Report

_NEVER = datetime(3000, 1, 1, tzinfo=UTC)
_duty = aliased(GridVersion)
_township = aliased(AreaVersion)
_township_area = aliased(Area)


@dataclass(frozen=True)
class Filter:
    """What a list of incidents is narrowed to, beside the reader's scope; None does not narrow."""

    state: str = "open"
    overdue: bool = False
    grid_code: str | None = None
    area_id: int | None = None
    category: str | None = None
    severity: int | None = None
    reporter_id: int | None = None
    number: str | None = None
    unplaced: bool = False


@dataclass(frozen=True)
class Page:
    """Rows of one page, the key that the next one begins after, and how many rows the filter holds in all."""

    rows: Sequence[Any]
    after: tuple[datetime, UUID] | None
    total: int


def readable(scope: Scope) -> ColumnElement[bool]:
    """Incidents in a scope: below its paths, held by its people, or told of by the reader."""
    clause = within(
        scope,
        Incident.path,
        holder_person=Incident.holder_person_id,
        holder_department=Incident.holder_department_id,
    )
    return clause if scope.person_id is None else or_(clause, Incident.id.in_(_told_by(scope.person_id)))


def _told_by(person_id: int) -> Select[UUID]:
    return (
        select(IncidentSource.incident_id)
        .join(Report, Report.id == IncidentSource.report_id)
        .where(Report.reporter_id == person_id, IncidentSource.left_at.is_(None))
    )


def summary_columns() -> Select[*tuple[Any, ...]]:
    """One row an incident, with the names of its category, grid and township."""
    return (
        select(
            Incident.id,
            Incident.number,
            Incident.severity,
            Incident.state,
            Incident.source,
            Incident.occurred_at,
            Incident.due_at,
            Incident.closed_at,
            Incident.seq,
            Incident.path,
            Incident.holder_person_id,
            Incident.holder_department_id,
            func.ST_X(Incident.place).label("lon"),
            func.ST_Y(Incident.place).label("lat"),
            func.sqrt(func.greatest(Incident.cov_ee, Incident.cov_nn)).label("sigma_m"),
            Incident.place_method,
            Incident.placed,
            Incident.certainty,
            Incident.probability,
            Incident.p_outside,
            Incident.runners,
            Incident.grid_version_id,
            func.coalesce(Incident.unplaced_reason, Incident.doubt_reason).label("reason"),
            Incident.duty_grid_id,
            Incident.category.label("category_code"),
            Category.name.label("category_name"),
            Category.names.label("category_names"),
            _duty.code.label("grid_code"),
            _duty.name.label("grid_name"),
            _duty.names.label("grid_names"),
            _duty.kind.label("grid_kind"),
            _township.area_id.label("township_id"),
            _township.name.label("township_name"),
            _township.names.label("township_names"),
        )
        .outerjoin(Category, Category.code == Incident.category)
        .outerjoin(
            _duty,
            and_(_duty.grid_id == Incident.duty_grid_id, func.upper_inf(_duty.valid), func.upper_inf(_duty.recorded)),
        )
        .outerjoin(
            _township_area,
            and_(_township_area.kind == "township", _township_area.path.op("@>")(Incident.path)),
        )
        .outerjoin(
            _township,
            and_(
                _township.area_id == _township_area.id,
                func.upper_inf(_township.valid),
                func.upper_inf(_township.recorded),
            ),
        )
    )


def incident_page(
    db: Session,
    scope: Scope,
    wanted: Filter,
    *,
    now: datetime,
    limit: int,
    after: tuple[Any, ...] | None = None,
) -> Page:
    """
    One page of a list: open incidents by their deadline, others the latest first.

    Parameters
    ----------
    now
        Our clock: what is due before it is overdue.
    limit
        Rows a page.
    after
        The key of the last row of the page before: its time and id, as `Page.after` gave them.
    """
    clauses = [readable(scope), *_clauses(wanted, now)]
    total = db.scalar(select(func.count()).select_from(Incident).where(*clauses)) or 0
    query = summary_columns().where(*clauses)
    if wanted.state == "open":
        # What has no deadline yet stands last; the key must not be null for paging.
        newest_first = False
        key: ColumnElement[datetime] = func.coalesce(Incident.due_at, _NEVER)
    else:
        newest_first = True
        key = Incident.occurred_at.expression
    query = query.order_by(*((key.desc(), Incident.id.desc()) if newest_first else (key, Incident.id)))
    if after:
        row, last = tuple_(key, Incident.id), after
        query = query.where(row < last if newest_first else row > last)
    rows = db.execute(query.add_columns(key.label("page_key")).limit(limit + 1)).all()
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, (rows[-1].page_key, rows[-1].id) if more else None, total)


def _clauses(wanted: Filter, now: datetime) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    if wanted.state == "open":
        clauses.append(Incident.closed_at.is_(None))
    elif wanted.state == "closed":
        clauses.append(Incident.closed_at.is_not(None))
    elif wanted.state != "all":
        clauses += [Incident.closed_at.is_(None), Incident.state == wanted.state]
    if wanted.overdue:
        clauses += [Incident.due_at < now, Incident.closed_at.is_(None)]
    if wanted.grid_code is not None:
        codes = select(GridVersion.grid_id).where(GridVersion.code == wanted.grid_code)
        clauses.append(Incident.duty_grid_id.in_(codes))
    if wanted.area_id is not None:
        root = select(Area.path).where(Area.id == wanted.area_id).scalar_subquery()
        clauses.append(Incident.path.op("<@")(root))
    if wanted.category is not None:
        clauses.append(Incident.category == wanted.category)
    if wanted.severity is not None:
        clauses.append(Incident.severity == wanted.severity)
    if wanted.reporter_id is not None:
        clauses.append(Incident.id.in_(_told_by(wanted.reporter_id)))
    if wanted.number is not None:
        clauses.append(Incident.number.startswith(wanted.number, autoescape=True))
    if wanted.unplaced:
        clauses.append(or_(Incident.placed.in_(["unplaced", "outside"]), Incident.certainty == "review"))
    return clauses


def summaries(db: Session, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """Summaries of incidents by id, whoever may see them: the caller narrows by path."""
    return {row.id: row for row in db.execute(summary_columns().where(Incident.id.in_(ids)))}


def thing_of(db: Session, actor: Actor, incident: Incident) -> Thing:
    """What the policy needs to know of an incident: the actor is its reporter if they told of it."""
    told = actor.kind == "person" and incident.id in set(
        db.scalars(_told_by(actor.id or 0).where(IncidentSource.incident_id == incident.id))
    )
    return Thing(
        incident.path,
        reporter_id=actor.id if told else None,
        holder_person_id=incident.holder_person_id,
        holder_department_id=incident.holder_department_id,
    )


def load_by_grid(db: Session, scope: Scope, now: datetime) -> list[tuple[int, int, int]]:
    """Grid id, open and overdue incidents of every grid in scope that has any open."""
    rows = db.execute(
        select(
            Incident.duty_grid_id,
            func.count(),
            func.count().filter(Incident.due_at < now),
        )
        .where(readable(scope), Incident.closed_at.is_(None), Incident.duty_grid_id.is_not(None))
        .group_by(Incident.duty_grid_id)
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


def figures(db: Session, scope: Scope, *, now: datetime, day_start: datetime) -> Figures:
    """
    Count incidents in scope.

    Parameters
    ----------
    now
        Our clock.
    day_start
        The first instant of the local day; yesterday is counted up to the same hour.
    """
    yesterday = (day_start - timedelta(days=1), now - timedelta(days=1))
    is_open = Incident.closed_at.is_(None)
    row = db.execute(
        select(
            func.count().filter(is_open),
            func.count().filter(is_open, Incident.due_at < now),
            func.count().filter(Incident.occurred_at >= day_start),
            func.count().filter(Incident.occurred_at.between(*yesterday)),
            *(func.count().filter(is_open, Incident.severity == severity) for severity in (1, 2, 3, 4)),
        ).where(readable(scope), or_(is_open, Incident.occurred_at >= yesterday[0]))
    ).one()
    return Figures(*row[:4], by_severity=dict(enumerate(row[4:], 1)))
