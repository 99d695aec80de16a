"""Staying signed in: sessions are rows, so that they can be listed and ended; tokens are known by their hash alone."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func, literal, select, update
from sqlalchemy.orm import Session

from gridmap.errors import NotFound
from gridmap.language import N_
from gridmap.people.queries import load_actor
from gridmap.people.rules import Actor
from gridmap.people.tables import SignInSession
from gridmap.system import audit
from gridmap.system.audit import Doer

SessionKind = Literal["desk", "phone", "wall"]

IDLE: dict[str, timedelta | None] = {"desk": timedelta(minutes=30), "phone": timedelta(hours=12), "wall": None}
TERM = {"desk": timedelta(hours=12), "phone": timedelta(days=7), "wall": timedelta(days=7)}
TOUCH_EVERY = timedelta(minutes=1)
WINDOW = timedelta(minutes=15)  # for so long a password check counts against its account and address
KNOWN_FOR = timedelta(days=90)  # as long as the rows of ended sessions are kept


@dataclass(frozen=True)
class Visit:
    """From where somebody signs in."""

    address: str
    browser: str
    kind: SessionKind = "desk"
    known: str | None = None  # what this browser was given when it last signed in
    request_id: str | None = None


@dataclass(frozen=True)
class Opened:
    """A session as its browser gets it; the token is nowhere else."""

    token: str
    csrf: str
    known: str
    person_id: int
    expires_at: datetime
    enrolling: bool = False


def open_session(db: Session, person_id: int, visit: Visit, at: datetime, *, enrolling: bool = False) -> Opened:
    """
    Make a session with a new random token of 256 bits; only its hash is stored.

    Parameters
    ----------
    enrolling
        Whether it may set up a second factor and nothing else, until that is done.
    """
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
            enrolling=enrolling,
        )
    )
    db.flush()
    doer = load_actor(db, person_id, at, address=visit.address, request_id=visit.request_id).doer
    audit.record(db, doer, "session.open", object_id=f"person:{person_id}", changed={"kind": visit.kind})
    return Opened(token, csrf, _known_mark(token_hash(token)), person_id, expires_at, enrolling)


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
    # Without its second factor an account has no role yet: every door but its own page is closed by the policy itself.
    return session, replace(actor, grants=()) if session.enrolling else actor


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


def is_known(db: Session, person_id: int, mark: str | None, at: datetime) -> bool:
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
