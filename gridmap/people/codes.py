"""
Codes shown once, by which people choose passwords of their own: nobody else ever knows one.

A code is known by its hash, good once and until its hour. The guesses at it count like those at a password.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from gridmap.errors import Conflict, GridmapError, NotAllowed, NotSignedIn
from gridmap.language import N_
from gridmap.people.actions import NewPerson, add_person, manageable
from gridmap.people.granting import grant
from gridmap.people.limits import CHECKS_PER_ACCOUNT, at_address, count_check, digest, give_back, too_many
from gridmap.people.register import whole_installation
from gridmap.people.rules import Actor, Role, system_actor
from gridmap.people.sessions import Opened, Visit, end_sessions, open_session
from gridmap.people.signing_in import record_failure
from gridmap.people.tables import Assignment, EntryCode, Person
from gridmap.system import audit
from gridmap.system.audit import Doer

FIRST_ADMIN_FOR: Final = timedelta(hours=24)
PASSWORD_FOR: Final = timedelta(hours=72)
# Without signs that look alike, for people type these; 20 of 31 are 99 bits.
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 4, 5
_FIRST_ADMIN_LOCK: Final = 4_730_002


class WrongCode(NotSignedIn):
    """The code opens nothing."""


@dataclass(frozen=True)
class EntryCodeShown:
    """A code as it is shown, once, and until when it is good."""

    code: str
    expires_at: datetime


@dataclass(frozen=True)
class CodeClaim:
    """A code that was found good, or why it was not."""

    hashed: bytes
    person_id: int | None = None
    login: str = ""
    try_ids: tuple[int, ...] = ()
    refusal: GridmapError | None = None


def make_password_code(db: Session, actor: Actor, person_id: int, at: datetime) -> EntryCodeShown:
    """
    Give an account a code by which its owner chooses a new password; from now on the old one counts no more.

    Raises
    ------
    NotAllowed
        If the account is one's own, or outside the area one administers.
    NotFound
        If there is no such account in use.
    """
    if actor.kind == "person" and actor.id == person_id:
        raise NotAllowed(N_("Change your own password on your account page."))
    person = manageable(db, actor, person_id, at)
    person.password_hash = None
    db.execute(delete(EntryCode).where(EntryCode.person_id == person_id))
    end_sessions(db, actor.doer, person_id, at)
    shown = _new_code(db, "password", person_id, actor, at, PASSWORD_FOR)
    audit.record(db, actor.doer, "person.password-code", object_id=f"person:{person_id}")
    return shown


def make_first_code(db: Session, actor: Actor, at: datetime) -> EntryCodeShown:
    """
    Give the code by which the first administrator is made; those made before count no more.

    Raises
    ------
    Conflict
        If there is an administrator, or was one.
    """
    db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _FIRST_ADMIN_LOCK})
    if has_administrator(db):
        raise _there_is_one()
    db.execute(delete(EntryCode).where(EntryCode.purpose == "first-admin"))
    shown = _new_code(db, "first-admin", None, actor, at, FIRST_ADMIN_FOR)
    audit.record(db, actor.doer, "person.first-code")
    return shown


def has_administrator(db: Session) -> bool:
    """Whether anybody is, was or will be an administrator: the first is made once in the life of an installation."""
    return db.scalar(select(Assignment.id).where(Assignment.role == Role.ADMIN).limit(1)) is not None


def claim_code(db: Session, login: str | None, code: str, visit: Visit, at: datetime) -> CodeClaim:
    """
    Count one check of a code and make it.

    As with passwords there are steps: claim, hash the new password, then `choose_password` or `begin_house`.

    Parameters
    ----------
    login
        Whose code it is; None for the first administrator's.
    code
        As typed; spaces, hyphens and capitals do not matter.
    """
    name = None if login is None else login.strip().casefold()
    key = "first-admin" if name is None else f"account:{digest(name)}"
    counted = count_check(db, {key: CHECKS_PER_ACCOUNT, **at_address(visit.address)}, at)
    hashed = _hash(code)
    if counted.wait_s:
        record_failure(db, visit, None, "limit")
        return CodeClaim(hashed, refusal=too_many(counted.wait_s))
    query = select(EntryCode.person_id, Person.login).outerjoin(Person, Person.id == EntryCode.person_id)
    found = db.execute(
        query.where(EntryCode.hash == hashed, EntryCode.expires_at > at, Person.ended_at.is_(None))
    ).first()
    if found is None or found.login != name:
        record_failure(db, visit, None, "code")
        return CodeClaim(
            hashed,
            refusal=WrongCode(N_("This code is not right, was used before or has run out. Ask for a new one.")),
        )
    return CodeClaim(hashed, found.person_id, found.login or "", counted.try_ids)


def choose_password(db: Session, claim: CodeClaim, password_hash: str, visit: Visit, at: datetime) -> None:
    """
    Give the account of a code the password that its owner chose.

    Raises
    ------
    Conflict
        If the code was used meanwhile.
    """
    _spend(db, claim)
    db.execute(update(Person).where(Person.id == claim.person_id).values(password_hash=password_hash))
    doer = Doer(claim.person_id, "none", visit.address, visit.request_id)
    end_sessions(db, doer, claim.person_id or 0, at)
    audit.record(db, doer, "person.password", object_id=f"person:{claim.person_id}")


def begin_house(
    db: Session,
    claim: CodeClaim,
    new: NewPerson,
    password_hash: str,
    visit: Visit,
    at: datetime,
    *,
    second_factor: bool = True,
) -> Opened:
    """
    Make the first administrator, over all there is and will be, and sign them in.

    Parameters
    ----------
    second_factor
        Whether the session begins with setting one up; only a demonstration says no.

    Raises
    ------
    Conflict
        If the code was used meanwhile, or somebody else became administrator.
    Invalid
        If the login cannot be one.
    """
    db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _FIRST_ADMIN_LOCK})
    if has_administrator(db):
        raise _there_is_one()
    _spend(db, claim)
    machine = system_actor(Doer(None, "public", visit.address, visit.request_id))
    person_id = add_person(db, machine, new, None)
    db.execute(update(Person).where(Person.id == person_id).values(password_hash=password_hash))
    grant(db, machine, person_id, Role.ADMIN, at, **vars(whole_installation(db, at)))
    return open_session(db, person_id, visit, at, enrolling=second_factor)


def _spend(db: Session, claim: CodeClaim) -> None:
    """Use a code up: of two who come at once the second finds it gone."""
    spent = db.scalar(delete(EntryCode).where(EntryCode.hash == claim.hashed).returning(EntryCode.purpose))
    if spent is None:
        raise Conflict(N_("This code was used a moment ago."))
    give_back(db, claim.try_ids)


def _new_code(
    db: Session, purpose: str, person_id: int | None, actor: Actor, at: datetime, term: timedelta
) -> EntryCodeShown:
    groups = ["".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS)]
    code = "-".join(groups)
    made = {"made_at": at, "expires_at": at + term, "made_by": actor.id}
    db.add(EntryCode(hash=_hash(code), purpose=purpose, person_id=person_id, **made))
    db.flush()
    return EntryCodeShown(code, at + term)


def _hash(code: str) -> bytes:
    """What is stored of a code: its 99 random bits need no salt and no slow hash."""
    plain = "".join(letter for letter in code.casefold() if letter.isalnum())
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).digest()


def _there_is_one() -> Conflict:
    return Conflict(N_("There is an administrator already. Administrators make the other accounts."))
