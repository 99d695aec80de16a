"""The second factor: offered to its owner alone, counting from its first right code on (TOTP, RFC 6238)."""

from __future__ import annotations

from datetime import datetime

import pyotp
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gridmap.errors import Invalid, NotFound
from gridmap.language import N_
from gridmap.people.rules import Actor
from gridmap.people.sessions import end_sessions
from gridmap.people.tables import Person, SignInSession
from gridmap.system import audit

_ISSUER = "gridmap"


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """
    Say which half minute a code belongs to; None if it is not one of this secret's.

    The neighbouring half minutes count too, for clocks that stray.
    """
    totp = pyotp.TOTP(secret)
    given = "".join(code.split())
    now_step = int(at.timestamp()) // totp.interval
    for step in (now_step, now_step - 1, now_step + 1):
        if pyotp.utils.strings_equal(totp.generate_otp(step), given):
            return step
    return None


def offer_factor(db: Session, actor: Actor) -> None:
    """Make a new secret for one's own account; the one in force goes on counting until this is confirmed."""
    db.execute(update(Person).where(Person.id == actor.id).values(totp_offered=pyotp.random_base32()))
    audit.record(db, actor.doer, "person.second-factor.offer", object_id=f"person:{actor.id}")


def offered_factor(db: Session, actor: Actor) -> str:
    """
    Give the secret that waits to be confirmed.

    Raises
    ------
    NotFound
        If none waits.
    """
    secret = db.scalar(select(Person.totp_offered).where(Person.id == actor.id))
    if secret is None:
        raise NotFound(N_("No second factor is being set up."))
    return secret


def factor_address(secret: str, login: str) -> str:
    """``otpauth://…``, which an authenticator reads as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=_ISSUER)


def confirm_factor(db: Session, actor: Actor, here: bytes, code: str, at: datetime) -> None:
    """
    Have the offered second factor count, and end all other sessions of the account.

    Parameters
    ----------
    here
        Token hash of the session that asks: it stays, and from now on may do what its owner may.

    Raises
    ------
    Invalid
        If the code is not the one that the authenticator shows now.
    NotFound
        If none is being set up.
    """
    secret = offered_factor(db, actor)
    step = step_of(secret, code, at)
    if step is None:
        raise Invalid(
            N_("This is not the code of this factor. Scan the picture again and enter the six figures shown now.")
        )
    confirmed = {"totp": secret, "totp_step": step, "totp_offered": None}
    db.execute(update(Person).where(Person.id == actor.id).values(**confirmed))
    db.execute(update(SignInSession).where(SignInSession.token_hash == here).values(enrolling=False, proven_at=at))
    end_sessions(db, actor.doer, actor.id or 0, at, keep=here)
    audit.record(db, actor.doer, "person.second-factor", object_id=f"person:{actor.id}")
