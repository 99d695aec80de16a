"""Signing in and staying signed in: limits kept as rows, tokens known by their hash alone."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import pyotp
from sqlalchemy import delete, func, insert, literal, or_, select, text, update
from sqlalchemy.orm import Session

from gridmap.errors import GridmapError, NotAllowed, NotFound, NotSignedIn, TooMany
from gridmap.language import N_
from gridmap.people.passwords import hash_password, is_outdated
from gridmap.people.queries import load_actor
from gridmap.people.rules import Actor, needs_second_factor
from gridmap.people.tables import LoginTry, Person, SignInSession
from gridmap.system import audit
from gridmap.system.audit import Doer

SessionKind = Literal["desk", "phone", "wall"]

IDLE: dict[str, timedelta | None] = {"desk": timedelta(minutes=30), "phone": timedelta(hours=12), "wall": None}
TERM = {"desk": timedelta(hours=12), "phone": timedelta(days=7), "wall": timedelta(days=7)}
TOUCH_EVERY = timedelta(minutes=1)
KNOWN_FOR = timedelta(days=90)  # as long as the rows of ended sessions are kept

WINDOW = timedelta(minutes=15)
CHECKS_PER_ACCOUNT = 10
CHECKS_PER_ADDRESS = 60  # an office behind one address signs in together
CHECKS_IN_ALL = 2000

# Any number will do: all sign-ins count behind one short lock, so that none slips in between two counts.
_COUNTING_LOCK = 4_730_001


class CodeNeeded(NotSignedIn):
    """The password is right, and the account has a second factor."""


@dataclass(frozen=True)
class Visit:
    """From where somebody signs in."""

    address: str
    browser: str
    kind: SessionKind = "desk"
    known: str | None = None  # what this browser was given when it last signed in
    request_id: str | None = None


@dataclass(frozen=True)
class Claim:
    """The right to check one password, and the hash to check it against."""

    person_id: int | None
    stored: str | None
    try_ids: tuple[int, ...] = ()
    refusal: GridmapError | None = None


@dataclass(frozen=True)
class Opened:
    """A session as its browser gets it; the token is nowhere else."""

    token: str
    csrf: str
    known: str
    person_id: int
    expires_at: datetime


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
    if person is not None and _is_known(db, person.id, visit.known, at):
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


def open_session(db: Session, person_id: int, visit: Visit, at: datetime) -> Opened:
    """Make a session with a new random token of 256 bits; only its hash is stored."""
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    expires_at = at + TERM[visit.kind]
    db.add(
        SignInSession(
            token_hash=token_hash(token),
            person_id=person_id,
            kind=visit.kind,
            csrf=csrf,
            created_at=at,
            seen_at=at,
            expires_at=expires_at,
            address=visit.address,
            browser=visit.browser[:200],
        )
    )
    db.flush()
    doer = load_actor(db, person_id, at, address=visit.address, request_id=visit.request_id).doer
    audit.record(db, doer, "session.open", object_id=f"person:{person_id}", changed={"kind": visit.kind})
    return Opened(token, csrf, _known_mark(token_hash(token)), person_id, expires_at)


def find_session(
    db: Session, token: str, at: datetime, *, address: str | None = None, request_id: str | None = None
) -> tuple[SignInSession, Actor] | None:
    """
    Give the session of a token with its person; None if it ended, idled out or never was.

    ``seen_at`` is written at most once a minute, so that reading stays reading.
    """
    session = db.get(SignInSession, token_hash(token))
    if session is None or session.expires_at <= at:
        return None
    idle = IDLE[session.kind]
    if idle is not None and session.seen_at + idle <= at:
        return None
    try:
        actor = load_actor(
            db,
            session.person_id,
            at,
            address=address,
            request_id=request_id,
            wall=session.kind == "wall",
        )
    except NotFound:
        return None
    if session.seen_at + TOUCH_EVERY <= at:
        session.seen_at = at
    return session, actor


def end_session(db: Session, doer: Doer, person_id: int, hashed: bytes, at: datetime) -> None:
    """
    End one session of a person; its row stays until its term, so that the list stays true.

    Raises
    ------
    NotFound
        If the person has no such session in force.
    """
    ended = db.execute(
        update(SignInSession)
        .where(SignInSession.token_hash == hashed, SignInSession.person_id == person_id)
        .where(SignInSession.expires_at > at)
        .values(expires_at=at)
        .returning(SignInSession.person_id)
    ).first()
    if ended is None:
        raise NotFound(N_("There is no such session, or it has ended already."))
    audit.record(db, doer, "session.end", object_id=f"person:{person_id}")


def end_sessions(db: Session, doer: Doer, person_id: int, at: datetime, *, keep: bytes | None = None) -> int:
    """End all sessions of a person, except the one whose token hash is `keep`; say how many."""
    ended = db.scalars(
        update(SignInSession)
        .where(SignInSession.person_id == person_id, SignInSession.expires_at > at)
        .where(SignInSession.token_hash != keep if keep is not None else True)  # type: ignore[arg-type]
        .values(expires_at=at)
        .returning(SignInSession.token_hash)
    ).all()
    if ended:
        audit.record(db, doer, "session.end", object_id=f"person:{person_id}", changed={"sessions": len(ended)})
    return len(ended)


def token_hash(token: str) -> bytes:
    """What is stored of a token: its random 256 bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _known_mark(hashed: bytes) -> str:
    """What a browser keeps to be known again; it opens nothing."""
    return hashlib.sha256(b"known" + hashed).hexdigest()


def _is_known(db: Session, person_id: int, mark: str | None, at: datetime) -> bool:
    """Whether this browser signed in to this account before: a stranger's guesses must not lock out its owner."""
    if not mark or len(mark) != 64:
        return False
    of_session = func.encode(func.sha256(literal(b"known").op("||")(SignInSession.token_hash)), "hex")
    found = db.scalar(
        select(SignInSession.person_id)
        .where(SignInSession.person_id == person_id, SignInSession.created_at > at - KNOWN_FOR)
        .where(of_session == mark)
        .limit(1)
    )
    return found is not None


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
