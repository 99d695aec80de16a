"""Changing accounts: people, their assignments, passwords and second factors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyotp
from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gridmap.errors import Conflict, Invalid, NotAllowed, NotFound
from gridmap.grids.tables import Area, GridVersion
from gridmap.language import LOCALES, N_
from gridmap.people.passwords import hash_password, require_good_password
from gridmap.people.rules import PERSON_ROLES, Actor, Role, clash_of, scope_of
from gridmap.people.sessions import end_sessions
from gridmap.people.tables import Assignment, Department, Person
from gridmap.system import audit


@dataclass(frozen=True)
class NewPerson:
    """An account as an administrator writes it."""

    login: str
    name: str
    name_en: str | None = None
    phone: str | None = None
    locale: str = "zh-CN"


def add_person(db: Session, actor: Actor, new: NewPerson, password: str | None) -> int:
    """
    Make an account that may do nothing yet; `grant` gives it its parts.

    Parameters
    ----------
    password
        None makes an account nobody can sign in to, for people who are only named.

    Returns
    -------
    person_id

    Raises
    ------
    NotAllowed
        If the actor may not manage accounts.
    Conflict
        If the login is taken.
    Invalid
        If the password is too easy.
    """
    scope_of(actor, "account.manage")
    if db.scalar(select(Person.id).where(Person.login == new.login)) is not None:
        raise Conflict(N_("The login %(login)s is taken."), login=new.login)
    if password is not None:
        require_good_password(password, new.login)
    if new.locale not in LOCALES:
        raise Invalid(N_("There is no such language here."))
    names: dict[str, Any] = {"en": new.name_en} if new.name_en else {}
    person = Person(
        login=new.login,
        name=new.name,
        names=names,
        phone=new.phone,
        locale=new.locale,
        password_hash=hash_password(password) if password is not None else None,
    )
    db.add(person)
    db.flush()
    audit.record(db, actor.doer, "person.add", object_id=f"person:{person.id}", changed={"login": new.login})
    return person.id


def grant(
    db: Session,
    actor: Actor,
    person_id: int,
    role: Role,
    at: datetime,
    *,
    area_id: int | None = None,
    grid_id: int | None = None,
    department_id: int | None = None,
    post: str | None = None,
    until: datetime | None = None,
) -> int:
    """
    Give a person a role over an area, a grid or a department, from `at` on.

    Returns
    -------
    assignment_id

    Raises
    ------
    NotAllowed
        If the actor may not, gives to itself, or gives what lies outside its own area.
    Conflict
        If the role clashes with one the person holds: an administrator is nothing else.
    Invalid
        If not exactly one of area, grid and department is named, or no person holds such a role.
    NotFound
        If there is no such person or place.
    """
    scope = scope_of(actor, "account.manage")
    if actor.kind == "person" and actor.id == person_id:
        raise NotAllowed(N_("Nobody gives a role to themselves. Ask another administrator."))
    if role not in PERSON_ROLES:
        raise Invalid(N_("No person can hold the role %(role)s."), role=role.label)
    person = _person(db, person_id)
    held = _roles_from(db, person_id, at)
    if clash := clash_of(held | {role}):
        raise Conflict(
            N_("%(name)s cannot be %(one)s and %(other)s at once. Use two accounts."),
            name=person.name,
            one=clash[0].label,
            other=clash[1].label,
        )
    path = _path_of(db, area_id, grid_id, department_id)
    if scope.covers(path) is None:
        raise NotAllowed(N_("This lies outside the area you administer."))
    assignment = Assignment(
        person_id=person_id,
        role=role.value,
        post=post,
        area_id=area_id,
        grid_id=grid_id,
        department_id=department_id,
        path=path,
        valid=Range(at, until),
        granted_by=actor.id,
    )
    db.add(assignment)
    db.flush()
    audit.record(
        db,
        actor.doer,
        "assignment.grant",
        object_id=f"person:{person_id}",
        path=path,
        changed={"role": role.value, "until": until.isoformat() if until else None},
    )
    return assignment.id


def end_grant(db: Session, actor: Actor, assignment_id: int, at: datetime) -> None:
    """
    Take an assignment away from `at` on; it stays as history.

    Raises
    ------
    NotAllowed, NotFound
        As the names say.
    """
    scope = scope_of(actor, "account.manage")
    assignment = db.scalar(
        select(Assignment).where(Assignment.id == assignment_id, Assignment.valid.contains(at)).with_for_update()
    )
    if assignment is None or scope.covers(assignment.path) is None:
        raise NotFound(N_("There is no such assignment in force."))
    assignment.valid = Range(assignment.valid.lower, at)
    db.flush()
    audit.record(
        db,
        actor.doer,
        "assignment.end",
        object_id=f"person:{assignment.person_id}",
        path=assignment.path,
        changed={"role": assignment.role},
    )


def end_person(db: Session, actor: Actor, person_id: int, at: datetime) -> None:
    """
    Close an account and end its sessions; what the person did stays.

    Raises
    ------
    NotAllowed, NotFound
        As the names say.
    """
    scope_of(actor, "account.manage")
    _person(db, person_id).ended_at = at
    end_sessions(db, actor.doer, person_id, at)
    audit.record(db, actor.doer, "person.end", object_id=f"person:{person_id}")


def set_password(
    db: Session, actor: Actor, person_id: int, password: str, at: datetime, *, keep: bytes | None = None
) -> None:
    """
    Give an account a new password and end its other sessions.

    Parameters
    ----------
    keep
        Token hash of the session that asks, which stays.

    Raises
    ------
    NotAllowed
        If the account is another's and the actor manages none.
    Invalid
        If the password is too easy.
    """
    if actor.id != person_id or actor.kind != "person":
        scope_of(actor, "account.manage")
    person = _person(db, person_id)
    require_good_password(password, person.login)
    person.password_hash = hash_password(password)
    end_sessions(db, actor.doer, person_id, at, keep=keep)
    audit.record(db, actor.doer, "person.password", object_id=f"person:{person_id}")


def give_second_factor(db: Session, actor: Actor, person_id: int, issuer: str = "gridmap") -> str:
    """
    Give an account a new second factor.

    Returns
    -------
    address
        ``otpauth://…``, to be shown once, as text or as a QR code, to the person alone.
    """
    scope_of(actor, "account.manage")
    person = _person(db, person_id)
    secret = pyotp.random_base32()
    db.execute(update(Person).where(Person.id == person_id).values(totp=secret, totp_step=None))
    audit.record(db, actor.doer, "person.second-factor", object_id=f"person:{person_id}")
    return pyotp.TOTP(secret).provisioning_uri(name=person.login, issuer_name=issuer)


def choose_language(db: Session, actor: Actor, locale: str) -> None:
    """Keep a person's own language."""
    if locale not in LOCALES:
        raise Invalid(N_("There is no such language here."))
    db.execute(update(Person).where(Person.id == actor.id).values(locale=locale))
    audit.record(db, actor.doer, "person.language", object_id=f"person:{actor.id}", changed={"locale": locale})


def _person(db: Session, person_id: int) -> Person:
    """The account, locked: two grants at once must each see the other's role."""
    person = db.scalar(select(Person).where(Person.id == person_id).with_for_update())
    if person is None:
        raise NotFound(N_("There is no such account, or it has ended."))
    return person


def _roles_from(db: Session, person_id: int, at: datetime) -> set[Role]:
    """The roles a person holds at an instant or is to hold later."""
    later = or_(func.upper_inf(Assignment.valid), func.upper(Assignment.valid) > at)
    return {Role(role) for role in db.scalars(select(Assignment.role).where(Assignment.person_id == person_id, later))}


def _path_of(db: Session, area_id: int | None, grid_id: int | None, department_id: int | None) -> str:
    named = [thing for thing in (area_id, grid_id, department_id) if thing is not None]
    if len(named) != 1:
        raise Invalid(N_("A role is given over one area, one grid or one department."))
    if area_id is not None:
        path = db.scalar(select(Area.path).where(Area.id == area_id))
    elif grid_id is not None:
        current = [func.upper_inf(GridVersion.valid), func.upper_inf(GridVersion.recorded)]
        path = db.scalar(select(GridVersion.path).where(GridVersion.grid_id == grid_id, *current))
    else:
        of_department = select(Area.path).join(Department, Department.area_id == Area.id)
        path = db.scalar(of_department.where(Department.id == department_id))
    if path is None:
        raise NotFound(N_("There is no such area, grid or department."))
    return path
