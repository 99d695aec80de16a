"""Showing again who one is, before what must not be done by whoever finds a desk unlocked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from gridmap.errors import GridmapError, NotSignedIn
from gridmap.language import N_
from gridmap.people.limits import give_back
from gridmap.people.sessions import Visit
from gridmap.people.signing_in import Claim, code_refusal, record_failure
from gridmap.people.tables import Person, SignInSession

FRESH_FOR: Final = timedelta(minutes=10)


class ProofNeeded(NotSignedIn):
    """The session is right and old: password and second factor are asked for again."""


class ProofRefused(NotSignedIn):
    """What was shown again was wrong; the session itself stays."""


def is_fresh(session: SignInSession, at: datetime) -> bool:
    """Whether password and second factor were shown a moment ago."""
    return at < max(session.created_at, session.proven_at or session.created_at) + FRESH_FOR


def require_fresh(session: SignInSession | None, at: datetime) -> None:
    """
    Refuse what follows unless password and second factor were shown a moment ago.

    Raises
    ------
    ProofNeeded
        If they were not, or the asker is no browser.
    """
    if session is None or not is_fresh(session, at):
        raise ProofNeeded(N_("Enter your password again: this changes who may enter."))


def finish_proof(
    db: Session, claim: Claim, right: bool, code: str | None, here: bytes, visit: Visit, at: datetime
) -> GridmapError | None:
    """
    Note that the owner of a session has shown password and second factor again; the third step after `claim_check`.

    Parameters
    ----------
    right
        What `passwords.matches` said.
    here
        Token hash of the session.

    Returns
    -------
    refusal
        To be raised once the transaction, with its counts and its audit, is committed.
    """
    person = db.get(Person, claim.person_id) if claim.person_id is not None else None
    if person is None or not right:
        record_failure(db, visit, person, "password")
        return ProofRefused(N_("The password is not right."))
    if refusal := code_refusal(db, person, code, at):
        record_failure(db, visit, person, "code")
        return refusal
    give_back(db, claim.try_ids)
    db.execute(update(SignInSession).where(SignInSession.token_hash == here).values(proven_at=at))
    return None
