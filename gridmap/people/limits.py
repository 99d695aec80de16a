"""How often somebody may guess: counted in rows, so that a restart forgives nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from gridmap.errors import TooMany
from gridmap.language import N_
from gridmap.people.sessions import WINDOW
from gridmap.people.tables import LoginTry

CHECKS_PER_ACCOUNT = 10
CHECKS_PER_ADDRESS = 60  # an office behind one address signs in together
CHECKS_IN_ALL = 2000

# Any number will do: all checks count behind one short lock, so that none slips in between two counts.
_COUNTING_LOCK = 4_730_001


@dataclass(frozen=True)
class Counted:
    """One check, counted; `wait_s` is 0 if it may be made."""

    try_ids: tuple[int, ...] = ()
    wait_s: int = 0


def at_address(address: str) -> dict[str, int]:
    """The limits that a guess from an address falls under, whatever it guesses at."""
    return {f"address:{address}": CHECKS_PER_ADDRESS, "all": CHECKS_IN_ALL}


def count_check(db: Session, limits: dict[str, int], at: datetime) -> Counted:
    """
    Count one check under all its limits, before it is made.

    Parameters
    ----------
    limits
        How many checks in `WINDOW` each key allows.
    """
    db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _COUNTING_LOCK})
    db.execute(delete(LoginTry).where(LoginTry.at <= at - WINDOW))
    if wait_s := _wait(db, limits, at):
        return Counted(wait_s=wait_s)
    tries = db.scalars(insert(LoginTry).returning(LoginTry.id), [{"key": key, "at": at} for key in limits])
    return Counted(tuple(tries))


def give_back(db: Session, try_ids: tuple[int, ...]) -> None:
    """Uncount a check that succeeded: it was no guess."""
    db.execute(delete(LoginTry).where(LoginTry.id.in_(try_ids)))


def too_many(wait_s: int) -> TooMany:
    """The sentence for whoever has to wait."""
    return TooMany(N_("Too many sign-ins were tried. Wait %(retry_s)s seconds, then try again."), retry_s=wait_s)


def digest(name: str) -> str:
    """A name as it is counted: what was typed into its field may be a password."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]


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
