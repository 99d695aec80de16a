"""Signing in: the limits on guessing, the password, the second factor."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import delete, insert, or_, select, text, update
from sqlalchemy.orm import Session

from gridmap.errors import GridmapError, NotAllowed, NotSignedIn, TooMany
from gridmap.language import N_
from gridmap.people.passwords import hash_password, is_outdated
from gridmap.people.queries import load_actor
from gridmap.people.rules import needs_second_factor
from gridmap.people.sessions import WINDOW, Opened, Visit, is_known, open_session
from gridmap.people.tables import LoginTry, Person
from gridmap.system import audit
from gridmap.system.audit import Doer

CHECKS_PER_ACCOUNT = 10
CHECKS_PER_ADDRESS = 60  # an office behind one address signs in together
CHECKS_IN_ALL = 2000

# Any number will do: all sign-ins count behind one short lock, so that none slips in between two counts.
_COUNTING_LOCK = 4_730_001


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
        limits = {f"known:{_digest(visit.known or '')}": CHECKS_PER_ACCOUNT}
    else:
        limits = {
            f"account:{_digest(name)}": CHECKS_PER_ACCOUNT,
            f"address:{visit.address}": CHECKS_PER_ADDRESS,
            "all": CHECKS_IN_ALL,
        }
    db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _COUNTING_LOCK})
    db.execute(delete(LoginTry).where(LoginTry.at <= at - WINDOW))
    if wait := _wait(db, limits, at):
        _record_failure(db, visit, person, "limit")
        refusal = TooMany(N_("Too many sign-ins were tried. Wait %(retry_s)s seconds, then try again."), retry_s=wait)
        return Claim(None, None, refusal=refusal)
    tries = db.scalars(insert(LoginTry).returning(LoginTry.id), [{"key": key, "at": at} for key in limits])
    stored = person.password_hash if person else None
    return Claim(person.id if person else None, stored, tuple(tries))


def _wait(db: Session, limits: dict[str, int], at: datetime) -> int:
    """Seconds until every limit has room again; 0 if all have now."""
    wait = 0.0
    for key, limit in limits.items():
        # The check that must age out first: the limit-th newest.
        blocking = db.scalar(
            select(LoginTry.at).where(LoginTry.key == key).order_by(LoginTry.at.desc()).offset(limit - 1).limit(1)
        )
        if blocking is not None:
            wait = max(wait, (blocking + WINDOW - at).total_seconds())
    return int(wait) + 1 if wait > 0 else 0


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
        Whether roles other than the worker's must have one; only a demonstration says no.

    Returns
    -------
    opened
        The session, or the error to raise after the transaction is committed.
    """
    person = db.get(Person, claim.person_id) if claim.person_id is not None and right else None
    if person is None:
        known = db.get(Person, claim.person_id) if claim.person_id is not None else None
        _record_failure(db, visit, known, "password")
        return NotSignedIn(N_("Name or password is not right."))
    if refusal := _second_factor_refusal(db, person, code, at, wanted=second_factor):
        _record_failure(db, visit, person, "code")
        return refusal
    # A check that succeeded was no guess: it is given back.
    db.execute(delete(LoginTry).where(LoginTry.id.in_(claim.try_ids)))
    if person.password_hash and is_outdated(person.password_hash):
        person.password_hash = hash_password(password)
    return open_session(db, person.id, visit, at)


def _second_factor_refusal(
    db: Session, person: Person, code: str | None, at: datetime, *, wanted: bool
) -> GridmapError | None:
    roles = load_actor(db, person.id, at).roles
    if person.totp is None:
        if wanted and needs_second_factor(roles):
            return NotAllowed(
                N_("This account needs a second factor before its first sign-in. An administrator sets it up.")
            )
        return None
    if not code:
        return CodeNeeded(N_("Enter the six figures that your authenticator shows now."))
    if not use_code(db, person, code, at):
        return CodeNeeded(N_("This code is not right or was used before. Wait for the next one."))
    return None


def use_code(db: Session, person: Person, code: str, at: datetime) -> bool:
    """
    Whether a code of the second factor is right; each counts once (RFC 6238 §5.2).

    The neighbouring half minutes count too, for clocks that stray.
    """
    secret = pyotp.TOTP(person.totp or "")
    given = "".join(code.split())
    now_step = int(at.timestamp()) // secret.interval
    for step in (now_step, now_step - 1, now_step + 1):
        if pyotp.utils.strings_equal(secret.generate_otp(step), given):
            fresh = or_(Person.totp_step.is_(None), Person.totp_step < step)
            used = db.execute(
                update(Person).where(Person.id == person.id, fresh).values(totp_step=step).returning(Person.id)
            )
            return used.first() is not None
    return False


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _record_failure(db: Session, visit: Visit, person: Person | None, reason: str) -> None:
    audit.record(
        db,
        Doer(None, "public", visit.address, visit.request_id),
        "session.open",
        object_id=f"person:{person.id}" if person else None,
        result="failed",
        changed={"reason": reason if person else "unknown"},
    )
