"""How often strangers may send and ask: counted in rows under one lock, so that no two slip in between two counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.errors import TooMany
from gridmap.language import N_
from gridmap.residents.rules import LONGEST, Limit

# Any number will do, as long as nobody else takes it.
_COUNTING_LOCK = 4_730_023


def count_try(
    db: Session, what: str, keys: Mapping[str, str], limits: Mapping[str, Sequence[Limit]], at: datetime
) -> TooMany | None:
    """
    Count one attempt under each of its limits, before anything is done for it.

    Parameters
    ----------
    what
        The kind of attempt: each has its own counts.
    keys
        Whose count each limit is: by the name of the limit, such as ``door`` or ``address``.
    limits
        By the same names.

    Returns
    -------
    refusal
        None if it may go on; else the refusal, to be raised after this transaction. A refused attempt is not counted:
        whoever waits as long as they are told comes through.
    """
    db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _COUNTING_LOCK})
    named = {name: f"{what}:{name}:{key}" for name, key in keys.items()}
    wait_s = max((_wait_s(db, key, limits[name], at) for name, key in named.items()), default=0)
    if wait_s:
        return TooMany(
            N_("Very much was sent from here in a short time. Wait %(minutes)s minutes, then send it again."),
            retry_s=wait_s,
            minutes=-(-wait_s // 60),
        )
    db.execute(
        text("INSERT INTO resident_try (key, at) SELECT key, :at FROM unnest(CAST(:keys AS text[])) AS key"),
        {"keys": list(named.values()), "at": at},
    )
    return None


def forget_tries(db: Session, at: datetime) -> None:
    """Delete the attempts that no limit looks back to."""
    db.execute(text("DELETE FROM resident_try WHERE at < :since"), {"since": at - LONGEST})


def _wait_s(db: Session, key: str, limits: Sequence[Limit], at: datetime) -> int:
    """Seconds until each limit of a key has room again; 0 if all have now."""
    wait = 0.0
    for limit in limits:
        # The attempt that must age out first: the `most`-th newest.
        blocking = db.scalar(
            text(
                "SELECT at FROM resident_try WHERE key = :key AND at > :since ORDER BY at DESC OFFSET :most - 1 LIMIT 1"
            ),
            {"key": key, "since": at - limit.within, "most": limit.most},
        )
        if blocking is not None:
            wait = max(wait, (blocking + limit.within - at).total_seconds())
    return int(wait) + 1 if wait > 0 else 0
