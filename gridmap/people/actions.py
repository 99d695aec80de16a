"""Changing accounts: people, their passwords and second factors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pyotp
from sqlalchemy import ColumnElement, func, or_, select, text, update
from sqlalchemy.orm import Session

from gridmap.errors import Conflict, Invalid, NotAllowed, NotFound
from gridmap.language import LOCALES, N_
from gridmap.people.passwords import hash_password, require_good_password
from gridmap.people.rules import Actor, Role, Scope, scope_of
from gridmap.people.sessions import end_sessions
from gridmap.people.tables import Assignment, Person
from gridmap.system import audit

_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")


@dataclass(frozen=True)
class NewPerson:
    """An account as an administrator writes it."""

    login: str
    name: str
    name_en: str | None = None
    phone: str | None = None
    locale: str = "zh-CN"
    email: str | None = None


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
        If the password is too easy, or the login cannot be one.
    """
    scope_of(actor, "account.manage")
    if _LOGIN.fullmatch(new.login) is None:
        raise Invalid(
            N_(
                "A login has 2 to 64 small letters, figures, dots, hyphens or underscores,"
                " and begins with a letter or a figure."
            ),
            where="/login",
        )
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
        email=new.email,
        locale=new.locale,
        password_hash=hash_password(password) if password is not None else None,
    )
    db.add(person)
    db.flush()
    audit.record(db, actor.doer, "person.add", object_id=f"person:{person.id}", changed={"login": new.login})
    return person.id


def end_person(db: Session, actor: Actor, person_id: int, at: datetime) -> None:
    """
    Close an account and end its sessions; what the person did stays.

    Raises
    ------
    NotAllowed
        If the actor may not, or the account is its own.
    Conflict
        If nobody else would be left to administer.
    NotFound
        If there is no such account in use.
    """
    if actor.kind == "person" and actor.id == person_id:
        raise NotAllowed(N_("Nobody ends their own account. Ask another administrator."))
    person = manageable(db, actor, person_id, at)
    if Role.ADMIN in roles_from(db, person_id, at):
        require_another_administrator(db, actor, person_id, at)
    person.ended_at = at
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
    own = actor.kind == "person" and actor.id == person_id
    person = locked(db, person_id) if own else manageable(db, actor, person_id, at)
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
    person = locked(db, person_id)
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


def locked(db: Session, person_id: int) -> Person:
    """
    Give an account, locked: two grants at once must each see the other's role.

    Raises
    ------
    NotFound
        If there is none.
    """
    person = db.scalar(select(Person).where(Person.id == person_id).with_for_update())
    if person is None:
        raise NotFound(N_("There is no such account, or it has ended."))
    return person


def manageable(db: Session, actor: Actor, person_id: int, at: datetime) -> Person:
    """
    Give an account that the actor may change, locked.

    Raises
    ------
    NotAllowed
        If the actor manages no accounts, or this one has a part outside the area that the actor administers.
    NotFound
        If there is no such account in use.
    """
    scope = scope_of(actor, "account.manage")
    person = locked(db, person_id)
    if person.ended_at is not None and person.ended_at <= at:
        raise NotFound(N_("There is no such account, or it has ended."))
    paths = db.scalars(select(Assignment.path).where(Assignment.person_id == person_id, lasting(at)))
    if not all(administers(db, scope, path) for path in paths):
        raise NotAllowed(N_("This account has a part outside the area you administer."))
    return person


def administers(db: Session, scope: Scope, path: str) -> bool:
    """
    Whether a part over this area path is in an administrator's area.

    The first administrator is made over everything, before there is a district. Once there is one that is no more than
    the district: its other administrators would otherwise never be able to help the first, or to let them go.
    """
    if not path:
        path = (
            db.scalar(text("SELECT a.path FROM district d JOIN area a ON a.id = d.area_id ORDER BY a.id LIMIT 1")) or ""
        )
    return scope.covers(path) is not None


def lasting(at: datetime) -> ColumnElement[bool]:
    """Assignments that are in force at an instant, or are to be later."""
    return or_(func.upper_inf(Assignment.valid), func.upper(Assignment.valid) > at)


def require_another_administrator(db: Session, actor: Actor, person_id: int, at: datetime) -> None:
    """
    Refuse to leave the house without an administrator who can sign in; whoever runs the machine may.

    Raises
    ------
    Conflict
        If the person is the last.
    """
    if actor.kind == "system":
        return
    others = (
        select(Assignment.id)
        .join(Person, Person.id == Assignment.person_id)
        .where(Assignment.role == Role.ADMIN, Assignment.person_id != person_id, Assignment.valid.contains(at))
        .where(Person.ended_at.is_(None), Person.password_hash.is_not(None))
    )
    if db.scalar(others.limit(1)) is None:
        raise Conflict(N_("This is the last administrator who can sign in. Make another one first."))


def roles_from(db: Session, person_id: int, at: datetime) -> set[Role]:
    """The roles a person holds at an instant or is to hold later."""
    roles = db.scalars(select(Assignment.role).where(Assignment.person_id == person_id, lasting(at)))
    return {Role(role) for role in roles}
