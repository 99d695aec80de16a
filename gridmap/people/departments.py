"""Offices that handle: each complete only with handler, policy specialist and leader in charge named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session, aliased

from gridmap.errors import Conflict, Invalid, NotAllowed, NotFound
from gridmap.grids.tables import Area
from gridmap.language import N_
from gridmap.people.register import target_of
from gridmap.people.rules import Actor, Scope, scope_of
from gridmap.people.tables import Department, Person
from gridmap.system import audit


@dataclass(frozen=True)
class Office:
    """
    A department as an administrator writes it.

    Attributes
    ----------
    handler, policy, leader
        Logins of those named, or None while nobody is.
    """

    name: str
    name_en: str | None = None
    handler: str | None = None
    policy: str | None = None
    leader: str | None = None


def add_department(db: Session, actor: Actor, code: str, area: str, office: Office) -> int:
    """
    Found a department over an area.

    Parameters
    ----------
    area
        Code of the area it serves.

    Returns
    -------
    department_id

    Raises
    ------
    Conflict
        If the code is taken.
    NotAllowed, NotFound, Invalid
        If the area is outside one's own or there is none, or somebody named has no account in use.
    """
    scope = scope_of(actor, "account.manage")
    if db.scalar(select(Department.id).where(Department.code == code)) is not None:
        raise Conflict(N_("A department %(code)s is there already."), code=code)
    area_id = target_of(db, area).area_id
    path = None if area_id is None else db.scalar(select(Area.path).where(Area.id == area_id))
    if path is None:
        raise NotFound(N_("%(code)s is the code of no area."), code=area)
    if scope.covers(path) is None:
        raise NotAllowed(N_("This lies outside the area you administer."))
    department = Department(code=code, area_id=area_id, name=office.name, names={})
    _write(db, department, office)
    db.add(department)
    db.flush()
    audit.record(db, actor.doer, "department.add", object_id=f"department:{code}", path=path)
    return department.id


def change_department(db: Session, actor: Actor, code: str, office: Office) -> None:
    """
    Write down how a department is called and who answers in it.

    Raises
    ------
    NotFound
        If there is none in one's area.
    Invalid
        If somebody named has no account in use.
    """
    row = _mine(db, actor, code)
    _write(db, row.Department, office)
    named = [field for field in ("handler", "policy", "leader") if getattr(office, field) is not None]
    audit.record(
        db, actor.doer, "department.change", object_id=f"department:{code}", path=row.path, changed={"named": named}
    )


def end_department(db: Session, actor: Actor, code: str, at: datetime) -> bool:
    """
    Let a department answer for nothing new; what it answers for already, others take over by their own steps.

    Returns
    -------
    ended
        False if it had ended before.

    Raises
    ------
    NotFound
        If there is none in one's area.
    """
    row = _mine(db, actor, code)
    if row.Department.ended_at is not None:
        return False
    row.Department.ended_at = at
    audit.record(db, actor.doer, "department.end", object_id=f"department:{code}", path=row.path)
    return True


def departments_of(db: Session, scope: Scope) -> Sequence[Any]:
    """
    The departments in scope with the people named in them, by code.

    Returns
    -------
    rows
        ``code, name, names, ended_at, area_code, area_name, area_names``, and for each of ``handler, policy, leader``
        the login and name, as ``handler_login, handler_name`` …
    """
    return db.execute(
        text(
            """
            SELECT d.code, d.name, d.names, d.ended_at,
                av.code AS area_code, av.name AS area_name, av.names AS area_names,
                h.login AS handler_login, h.name AS handler_name, o.login AS policy_login, o.name AS policy_name,
                l.login AS leader_login, l.name AS leader_name
            FROM department d
                JOIN area a ON a.id = d.area_id
                LEFT JOIN area_version av ON av.area_id = a.id AND upper_inf(av.valid) AND upper_inf(av.recorded)
                LEFT JOIN person h ON h.id = d.handler_id
                LEFT JOIN person o ON o.id = d.policy_id
                LEFT JOIN person l ON l.id = d.leader_id
            WHERE a.path <@ ANY(CAST(:roots AS ltree[])) ORDER BY d.code
            """
        ),
        {"roots": [path for path, _ in scope.paths]},
    ).all()


def own_departments(db: Session, ids: Sequence[int]) -> Sequence[Any]:
    """
    Departments by id with those named in them, by code.

    Returns
    -------
    rows
        ``code, name, names``, and for each of ``handler, policy, leader`` the name, as ``handler_name, handler_names``.
    """
    posts = {post: aliased(Person) for post in ("handler", "policy", "leader")}
    query = select(Department.code, Department.name, Department.names).where(Department.id.in_(ids))
    for post, person in posts.items():
        query = query.outerjoin(person, person.id == getattr(Department, f"{post}_id"))
        query = query.add_columns(person.name.label(f"{post}_name"), person.names.label(f"{post}_names"))
    return db.execute(query.order_by(Department.code)).all()


def find_departments(db: Session, scope: Scope, typed: str, limit: int) -> Sequence[Any]:
    """Departments in scope whose code begins with, or whose name holds, what was typed: ``id, code, name, names``."""
    return db.execute(
        select(Department.id, Department.code, Department.name, Department.names)
        .join(Area, Area.id == Department.area_id)
        .where(text("area.path <@ ANY(CAST(:roots AS ltree[]))").bindparams(roots=[path for path, _ in scope.paths]))
        .where(
            Department.code.istartswith(typed, autoescape=True)
            | Department.name.icontains(typed, autoescape=True)
            | Department.names["en"].astext.icontains(typed, autoescape=True)
        )
        .order_by(Department.code)
        .limit(limit)
    ).all()


def _mine(db: Session, actor: Actor, code: str) -> Any:
    scope = scope_of(actor, "account.manage")
    row = db.execute(
        select(Department, Area.path)
        .join(Area, Area.id == Department.area_id)
        .where(Department.code == code)
        .with_for_update(of=Department)
    ).one_or_none()
    if row is None or scope.covers(row.path) is None:
        raise NotFound(N_("There is no department %(code)s, or it is not yours to see."), code=code)
    return row


def _write(db: Session, department: Department, office: Office) -> None:
    department.name = office.name
    department.names = {"en": office.name_en} if office.name_en else {}
    for field in ("handler", "policy", "leader"):
        login = getattr(office, field)
        setattr(department, f"{field}_id", None if login is None else _in_use(db, login, field))


def _in_use(db: Session, login: str, field: str) -> int:
    found = db.scalar(select(Person.id).where(Person.login == login, Person.ended_at.is_(None)))
    if found is None:
        raise Invalid(N_("Nobody with the login %(login)s has an account in use."), where=f"/{field}", login=login)
    return found
