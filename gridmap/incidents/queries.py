"""Read incidents: queues, one with everything, figures; always within the reader's scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Select, and_, func, literal_column, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from gridmap.catalogue.tables import Category
from gridmap.grids.queries import in_force
from gridmap.grids.tables import Area, AreaVersion, GridVersion
from gridmap.incidents.past import standing
from gridmap.incidents.tables import Incident, IncidentSource, Party
from gridmap.people.queries import within
from gridmap.people.rules import Access, Actor, Scope, Thing, can
from gridmap.reports.tables import Report

# Written out, not bound: so the index of the queue is known again (migration 0019).
_NEVER: ColumnElement[datetime] = literal_column(
    "CAST('3000-01-01 00:00:00+00' AS timestamptz)", DateTime(timezone=True)
)
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
    # Who reads the whole tree has nothing of their own beside it, and no list needs to ask for that.
    if any("." not in root for root, _ in scope.paths):
        return clause
    own = [] if scope.person_id is None else [Incident.id.in_(_told_by(scope.person_id))]
    if scope.person_id is not None or scope.department_ids:
        own.append(Incident.id.in_(taking_part(scope)))
    return or_(clause, *own)


def _told_by(person_id: int) -> Select[UUID]:
    # Who took a call down told of nothing, the caller did; of older orders the clerk still stands as their reporter.
    return (
        select(IncidentSource.incident_id)
        .join(Report, Report.id == IncidentSource.report_id)
        .where(Report.reporter_id == person_id, Report.source != "hotline", IncidentSource.left_at.is_(None))
    )


def taking_part(scope: Scope) -> Select[UUID]:
    """Incidents that the reader, or a department of theirs, takes part in today."""
    who = or_(Party.person_id == scope.person_id, Party.department_id.in_(scope.department_ids))
    return select(Party.incident_id).where(who, Party.valid.contains(func.now()))


def summary_columns(at: datetime | None = None) -> Select[*tuple[Any, ...]]:
    """
    One row an incident, with the names of its category, grid and township.

    Parameters
    ----------
    at
        How it stood at this instant, in the grids of that day; None is now.
    """
    stood = standing(at)
    return (
        select(
            Incident.id,
            Incident.number,
            Incident.severity,
            stood.state.label("state"),
            Incident.level,
            # Whoever looks back has nothing to answer: what was asked then stands in the log.
            (literal_column("CAST('{}' AS text[])") if at else Incident.asks).label("asks"),
            Incident.source,
            Incident.occurred_at,
            stood.due_at.label("due_at"),
            stood.closed_at.label("closed_at"),
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
            _duty.grid_id.label("duty_grid_id") if at else Incident.duty_grid_id,
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
        .outerjoin(_duty, and_(_duty.grid_id == stood.grid_id, in_force(_duty, at)))
        .outerjoin(
            _township_area,
            and_(
                _township_area.kind == "township",
                _township_area.path.op("@>")(func.coalesce(_duty.path, Incident.path) if at else Incident.path),
            ),
        )
        .outerjoin(_township, and_(_township.area_id == _township_area.id, in_force(_township, at)))
    )


def incident_page(
    db: Session,
    scope: Scope,
    wanted: Filter,
    *,
    now: datetime,
    limit: int,
    after: tuple[Any, ...] | None = None,
    at: datetime | None = None,
) -> Page:
    """
    One page of a list: open incidents by their deadline, others the latest first.

    Parameters
    ----------
    now
        Our clock: what is due before it is overdue.
    at
        List what stood so at this instant, in the grids of that day; None is now.
    limit
        Rows a page.
    after
        The key of the last row of the page before: its time and id, as `Page.after` gave them.
    """
    clauses = [readable(scope), *_clauses(wanted, at or now, at)]
    total = db.scalar(select(func.count()).select_from(Incident).where(*clauses)) or 0
    query = summary_columns(at).where(*clauses)
    if wanted.state == "open":
        # What has no deadline yet stands last; the key must not be null for paging.
        newest_first = False
        key: ColumnElement[datetime] = func.coalesce(standing(at).due_at, _NEVER)
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


def _clauses(wanted: Filter, now: datetime, at: datetime | None) -> list[ColumnElement[bool]]:
    stood = standing(at)
    clauses: list[ColumnElement[bool]] = [] if at is None else [stood.known]
    if wanted.state == "closed":
        clauses.append(stood.closed_at.is_not(None))
    elif wanted.state != "all":
        clauses.append(stood.is_open)
        if wanted.state != "open":
            clauses.append(stood.state == wanted.state)
    if wanted.overdue:
        clauses += [stood.is_open, stood.due_at < now]
    if wanted.grid_code is not None:
        codes = select(GridVersion.grid_id).where(GridVersion.code == wanted.grid_code)
        clauses.append(stood.grid_id.in_(codes))
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
        merged = aliased(Incident)
        # What was merged is found by its own number, and leads to what it was merged into.
        joined = (
            select(merged.merged_into.label("id"))
            .where(merged.number.startswith(wanted.number, autoescape=True), merged.merged_into.is_not(None))
            .cte("joined", recursive=True)
        )
        further = aliased(Incident)
        joined = joined.union(
            select(further.merged_into).where(further.id == joined.c.id, further.merged_into.is_not(None))
        )
        named = Incident.number.startswith(wanted.number, autoescape=True)
        clauses.append(or_(named, Incident.id.in_(select(joined.c.id))))
    if wanted.unplaced:
        clauses.append(or_(Incident.placed.in_(["unplaced", "outside"]), Incident.certainty == "review"))
    return clauses


def listed_access(actor: Actor, row: Any) -> Access:
    """How much of a listed row the reader may see; it is in the list because of the same policy."""
    thing = Thing(row.path, holder_person_id=row.holder_person_id, holder_department_id=row.holder_department_id)
    # Rows that the reader reported lie in the list without any path or holder of theirs.
    return can(actor, "incident.read", thing) or Access.MASKED


def summaries(db: Session, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """Summaries of incidents by id, whoever may see them: the caller narrows by path."""
    return {row.id: row for row in db.execute(summary_columns().where(Incident.id.in_(ids)))}


def thing_of(db: Session, actor: Actor, incident: Incident, *, acting: bool = False) -> Thing:
    """
    What the policy needs to know of an incident: who holds it, takes part in it, and whether the actor told of it.

    Parameters
    ----------
    acting
        Of its parties, only those that may take steps: an assisting unit reads.
    """
    found = db.execute(
        select(
            _told_by(actor.id or 0).where(IncidentSource.incident_id == incident.id).exists(),
            select(func.jsonb_agg(func.jsonb_build_array(Party.role, Party.department_id, Party.person_id)))
            .where(Party.incident_id == incident.id, Party.valid.contains(func.now()))
            .scalar_subquery(),
        )
    ).one()
    return _thing(actor, incident, found[0], found[1], acting)


def held_thing(actor: Actor, row: Any, *, acting: bool = False) -> Thing:
    """The same of an incident that is held for a step, whose row says it all."""
    return _thing(actor, row, row.told_by_me, row.parties, acting)


def _thing(actor: Actor, row: Any, told_by_me: bool, parties: Sequence[Any] | None, acting: bool) -> Thing:
    taking_part = [party for party in parties or () if not acting or party[0] != "assist"]
    return Thing(
        row.path,
        reporter_id=actor.id if told_by_me and actor.kind == "person" else None,
        holder_person_id=row.holder_person_id,
        holder_department_id=row.holder_department_id,
        party_department_ids=tuple(department for _, department, _ in taking_part if department is not None),
        party_person_ids=tuple(person for _, _, person in taking_part if person is not None),
    )
