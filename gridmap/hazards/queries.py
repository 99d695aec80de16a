"""Read the ledger: its pages, one hazard with everything, look-backs due; always within the reader's scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from gridmap.catalogue.tables import Category
from gridmap.errors import NotFound
from gridmap.grids.queries import in_force
from gridmap.grids.tables import Area, GridVersion, Site
from gridmap.hazards.rules import READ
from gridmap.hazards.tables import Hazard, HazardMedia, LookBack, Notice
from gridmap.incidents.merging import family_of
from gridmap.incidents.tables import Incident
from gridmap.language import N_
from gridmap.people.queries import within
from gridmap.people.rules import Actor, Scope, Thing, can
from gridmap.people.tables import Department, Person

MOST_EXPORTED = 50_000
_grid = aliased(GridVersion)
_holding = aliased(Notice)
_finder = aliased(Person)
_closer = aliased(Person)
_origin = aliased(Hazard)


@dataclass(frozen=True)
class Filter:
    """What the ledger is narrowed to, beside the reader's scope; None does not narrow."""

    state: str = "open"
    overdue: bool = False
    grid_code: str | None = None
    area_id: int | None = None
    category: str | None = None
    severity: int | None = None
    incident_id: UUID | None = None
    words: str | None = None


@dataclass(frozen=True)
class Page:
    """Rows of one page, the key that the next one begins after, and how many rows the filter holds in all."""

    rows: Sequence[Any]
    after: tuple[datetime, UUID] | None
    total: int


def readable(scope: Scope) -> ColumnElement[bool]:
    """Hazards in a scope: below its paths, found by its person, or of its departments."""
    return within(scope, Hazard.path, reporter=Hazard.found_by, holder_department=Hazard.department_id)


def summary_columns() -> Select[*tuple[Any, ...]]:
    """One row a hazard, with the names of its class, grid, site and department, and the notice that holds."""
    return (
        select(
            Hazard.id, Hazard.number, Hazard.severity, Hazard.state, Hazard.what, Hazard.party, Hazard.path,
            Hazard.found_at, Hazard.found_by, Hazard.closed_at, Hazard.department_id, Hazard.grid_id,
            func.ST_X(Hazard.place).label("lon"), func.ST_Y(Hazard.place).label("lat"),
            Hazard.category.label("category_code"), Category.name.label("category_name"),
            Category.names.label("category_names"),
            _grid.code.label("grid_code"), _grid.name.label("grid_name"), _grid.names.label("grid_names"),
            Site.id.label("site_id"), Site.name.label("site_name"), Site.names.label("site_names"),
            Department.code.label("department_code"), Department.name.label("department_name"),
            Department.names.label("department_names"),
            _holding.number.label("notice_number"), _holding.due_at, _holding.answered_at,
        )
        .outerjoin(Category, Category.code == Hazard.category)
        .outerjoin(_grid, and_(_grid.grid_id == Hazard.grid_id, in_force(_grid, None)))
        .outerjoin(Site, Site.id == Hazard.site_id)
        .outerjoin(Department, Department.id == Hazard.department_id)
        .outerjoin(_holding, and_(_holding.hazard_id == Hazard.id, _holding.replaced_by.is_(None)))
    )  # fmt: skip


def hazard_page(
    db: Session, scope: Scope, wanted: Filter, *, now: datetime, limit: int, after: tuple[Any, ...] | None = None
) -> Page:
    """
    One page of the ledger, what was found last first.

    Parameters
    ----------
    after
        The key of the last row of the page before: its time and id, as `Page.after` gave them.
    """
    clauses = [readable(scope), *_clauses(db, wanted, now)]
    counted = select(func.count()).select_from(Hazard)
    if wanted.overdue:
        counted = counted.outerjoin(_holding, and_(_holding.hazard_id == Hazard.id, _holding.replaced_by.is_(None)))
    total = db.scalar(counted.where(*clauses)) or 0
    query = summary_columns().where(*clauses).order_by(Hazard.found_at.desc(), Hazard.id.desc())
    if after:
        query = query.where(tuple_(Hazard.found_at, Hazard.id) < after)
    rows = db.execute(query.limit(limit + 1)).all()
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, (rows[-1].found_at, rows[-1].id) if more else None, total)


def _clauses(db: Session, wanted: Filter, now: datetime) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    if wanted.state == "open":
        clauses.append(Hazard.closed_at.is_(None))
    elif wanted.state != "all":
        clauses.append(Hazard.state == wanted.state)
    if wanted.overdue:
        clauses += [Hazard.closed_at.is_(None), _holding.answered_at.is_(None), _holding.due_at < now]
    if wanted.grid_code is not None:
        codes = select(GridVersion.grid_id).where(GridVersion.code == wanted.grid_code)
        clauses.append(Hazard.grid_id.in_(codes))
    if wanted.area_id is not None:
        clauses.append(Hazard.path.op("<@")(select(Area.path).where(Area.id == wanted.area_id).scalar_subquery()))
    if wanted.category is not None:
        clauses.append(Hazard.category == wanted.category)
    if wanted.severity is not None:
        clauses.append(Hazard.severity == wanted.severity)
    if wanted.incident_id is not None:
        # Those of what was merged into it, too.
        clauses.append(Hazard.incident_id.in_(family_of(db, wanted.incident_id)))
    if wanted.words is not None:
        said = [column.contains(wanted.words, autoescape=True) for column in (Hazard.what, Hazard.party)]
        clauses.append(or_(Hazard.number.startswith(wanted.words, autoescape=True), *said))
    return clauses


def summaries(db: Session, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """Summaries of hazards by id, whoever may see them: the caller narrows by path."""
    return {row.id: row for row in db.execute(summary_columns().where(Hazard.id.in_(ids)))}


def thing_of(row: Any) -> Thing:
    """What the policy needs to know of a hazard."""
    return Thing(row.path, reporter_id=row.found_by, holder_department_id=row.department_id)


def require_hazard(db: Session, actor: Actor, hazard_id: UUID) -> Any:
    """
    Give the summary of a hazard that somebody may see.

    Raises
    ------
    NotFound
        If there is none, or it lies outside of what they may see.
    """
    row = summaries(db, [hazard_id]).get(hazard_id)
    if row is None or can(actor, READ, thing_of(row)) is None:
        raise NotFound(N_("There is no such hazard in your area."))
    return row


def detail(db: Session, hazard_id: UUID) -> Any:
    """What the ledger says of one hazard beside its summary."""
    return db.execute(
        select(
            Hazard.closing_note, Hazard.recorded_at, Hazard.incident_id, Incident.number.label("incident_number"),
            Hazard.origin_id, _origin.number.label("origin_number"),
            _finder.name.label("finder_name"), _finder.names.label("finder_names"),
            _closer.name.label("closer_name"), _closer.names.label("closer_names"),
        )
        .outerjoin(Incident, Incident.id == Hazard.incident_id)
        .outerjoin(_origin, _origin.id == Hazard.origin_id)
        .outerjoin(_finder, _finder.id == Hazard.found_by)
        .outerjoin(_closer, _closer.id == Hazard.closed_by)
        .where(Hazard.id == hazard_id)
    ).one()  # fmt: skip


def recurrences(db: Session, hazard_id: UUID) -> Sequence[Any]:
    """The hazards in which one came again, the earliest first: ``id, number``."""
    return db.execute(
        select(Hazard.id, Hazard.number).where(Hazard.origin_id == hazard_id).order_by(Hazard.found_at, Hazard.id)
    ).all()


def notices_of(db: Session, hazard_id: UUID) -> Sequence[Any]:
    """Notices of a hazard, the latest first, without their documents."""
    return db.execute(
        select(
            Notice.id, Notice.number, Notice.party, Notice.demands, Notice.locale, Notice.issued_at, Notice.due_at,
            Notice.explained, Notice.sha256, Notice.replaced_by, Notice.delivered_at, Notice.delivered_how,
            Notice.delivered_to, Notice.answered_at, Notice.answer,
            Person.name.label("issuer_name"), Person.names.label("issuer_names"),
        )
        .outerjoin(Person, Person.id == Notice.issued_by)
        .where(Notice.hazard_id == hazard_id)
        .order_by(Notice.issued_at.desc(), Notice.number.desc())
    ).all()  # fmt: skip


def look_backs_of_hazard(db: Session, hazard_id: UUID) -> Sequence[Any]:
    """Look-backs of a hazard, the earliest first."""
    return db.execute(
        select(
            LookBack.id, LookBack.due_at, LookBack.done_at, LookBack.outcome, LookBack.note,
            Person.name.label("doer_name"), Person.names.label("doer_names"),
        )
        .outerjoin(Person, Person.id == LookBack.done_by)
        .where(LookBack.hazard_id == hazard_id)
        .order_by(LookBack.due_at)
    ).all()  # fmt: skip


def photos_of(db: Session, hazard_id: UUID) -> dict[UUID, list[str]]:
    """SHA-256 in hex of what was photographed, by what it is about: the hazard, a notice, a look-back."""
    found: dict[UUID, list[str]] = {}
    rows = db.execute(
        select(HazardMedia.about, HazardMedia.sha256)
        .where(HazardMedia.hazard_id == hazard_id)
        .order_by(HazardMedia.sha256)
    )
    for about, sha256 in rows:
        found.setdefault(about, []).append(bytes(sha256).hex())
    return found


def due_look_backs(db: Session, scope: Scope, until: datetime, limit: int) -> list[tuple[Any, Any]]:
    """
    Look-backs of a scope that nobody has made and that are due before an instant, the earliest first.

    Returns
    -------
    rows
        Each a look-back (``id, hazard_id, due_at``) with the summary of its hazard.
    """
    rows = db.execute(
        select(LookBack.id, LookBack.hazard_id, LookBack.due_at)
        .join(Hazard, Hazard.id == LookBack.hazard_id)
        .where(readable(scope), LookBack.done_at.is_(None), LookBack.due_at < until)
        .order_by(LookBack.due_at, LookBack.id)
        .limit(limit)
    ).all()
    hazards = summaries(db, [row.hazard_id for row in rows])
    return [(row, hazards[row.hazard_id]) for row in rows]
