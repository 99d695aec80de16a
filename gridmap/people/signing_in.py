"""Signing in: the limits on guessing, the password, the second factor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from gridmap.errors import GridmapError, NotSignedIn
from gridmap.language import N_
from gridmap.people.factors import step_of
from gridmap.people.limits import (
    CHECKS_PER_ACCOUNT,
    CHECKS_PER_ADDRESS,
    at_address,
    count_check,
    digest,
    give_back,
    too_many,
)
from gridmap.people.passwords import hash_password, is_outdated
from gridmap.people.queries import load_actor
from gridmap.people.rules import needs_second_factor
from gridmap.people.sessions import Opened, Visit, is_known, open_session
from gridmap.people.tables import Person
from gridmap.system import audit
from gridmap.system.audit import Doer

__all__ = ["CHECKS_PER_ACCOUNT", "CHECKS_PER_ADDRESS", "Claim", "CodeNeeded", "claim_check", "finish_sign_in"]


class CodeNeeded(NotSignedIn):
    """The password is right, and the account has a second factor."""


@dataclass(frozen=True)
class Claim:
    """The right to check one password, and the hash to check it against."""

    person_id: int | None
    stored: str | None
    try_ids: tuple[int, ...] = ()
    refusal: GridmapError | None = None


def claim_check(db: Session, login: str, visit: Visit, at: datetime) -> Claim:
    """
    Count one password check against its account, its address and all, before it is made.

    Sign-in is three steps, so that no transaction stays open while argon2 works: claim,
    `passwords.matches`, `finish_sign_in`. Refusals come back as values, for the counts and the audit
    must be committed whatever the answer.

    Parameters
    ----------
    login
        As typed; it may name nobody, and is kept only as a hash.
    """
    name = login.strip().casefold()
    # A password typed into the field of the name must never be stored.
    person = db.scalar(select(Person).where(Person.login == name)) if "\0" not in name else None
    if person is not None and person.ended_at is not None and person.ended_at <= at:
        person = None
    if person is not None and is_known(db, person.id, visit.known, at):
        limits = {f"known:{digest(visit.known or '')}": CHECKS_PER_ACCOUNT}
    else:
        limits = {f"account:{digest(name)}": CHECKS_PER_ACCOUNT, **at_address(visit.address)}
    counted = count_check(db, limits, at)
    if counted.wait_s:
        record_failure(db, visit, person, "limit")
        return Claim(None, None, refusal=too_many(counted.wait_s))
    stored = person.password_hash if person else None
    return Claim(person.id if person else None, stored, counted.try_ids)


def finish_sign_in(
    db: Session,
    claim: Claim,
    password: str,
    right: bool,
    code: str | None,
    visit: Visit,
    at: datetime,
    *,
    second_factor: bool = True,
) -> Opened | GridmapError:
    """
    Open a session if the password was right and the second factor fits; else say why not.

    Parameters
    ----------
    right
        What `passwords.matches` said; for an unknown name it said no.
    code
        The six figures of the second factor, if given.
    second_factor
        Whether roles other than the worker's must have one; only a demonstration says no. Who has none yet gets a
        session in which it can be set up.

    Returns
    -------
    opened
        The session, or the error to raise after the transaction is committed.
    """
    person = db.get(Person, claim.person_id) if claim.person_id is not None and right else None
    if person is None:
        known = db.get(Person, claim.person_id) if claim.person_id is not None else None
        record_failure(db, visit, known, "password")
        return NotSignedIn(N_("Name or password is not right."))
    if refusal := code_refusal(db, person, code, at):
        record_failure(db, visit, person, "code")
        return refusal
    # A check that succeeded was no guess: it is given back.
    give_back(db, claim.try_ids)
    if person.password_hash and is_outdated(person.password_hash):
        person.password_hash = hash_password(password)
    lacks_factor = person.totp is None and needs_second_factor(load_actor(db, person.id, at).roles)
    return open_session(db, person.id, visit, at, enrolling=second_factor and lacks_factor)


def code_refusal(db: Session, person: Person, code: str | None, at: datetime) -> GridmapError | None:
    """What is wrong with the code that was given; None if it is right, or the account has no second factor."""
    if person.totp is None:
        return None
    if not code:
        return CodeNeeded(N_("Enter the six figures that your authenticator shows now."))
    if not use_code(db, person, code, at):
        return CodeNeeded(N_("This code is not right or was used before. Wait for the next one."))
    return None


def use_code(db: Session, person: Person, code: str, at: datetime) -> bool:
    """Whether a code of the second factor is right; each counts once (RFC 6238 §5.2)."""
    step = step_of(person.totp or "", code, at)
    if step is None:
        return False
    fresh = or_(Person.totp_step.is_(None), Person.totp_step < step)
    used = db.execute(update(Person).where(Person.id == person.id, fresh).values(totp_step=step).returning(Person.id))
    return used.first() is not None


def record_failure(db: Session, visit: Visit, person: Person | None, reason: str) -> None:
    """Leave an audit row of a way in that did not open; a name that nobody has is not kept."""
    audit.record(
        db,
        Doer(None, "public", visit.address, visit.request_id),
        "session.open",
        object_id=f"person:{person.id}" if person else None,
        result="failed",
        changed={"reason": reason if person else "unknown"},
    )
