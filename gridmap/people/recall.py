"""
Sessions that this process saw a moment ago, so that a map of forty tiles does not read one person forty times.

What is remembered counts only as long as nothing changed: one indexed query a request marks the person and the
assignments in force by the places and versions of their rows, so a change takes effect on the next request.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.people.rules import Actor
from gridmap.people.sessions import IDLE, TOUCH_EVERY, find_session, token_hash
from gridmap.people.tables import SignInSession

_MOST: Final = 2_000
_FOREVER: Final = timedelta(days=36_500)

# Of the session only what changes its rights: that it was seen changes nothing.
# Every change of a row moves it and gives it another xmin; one that is new, gone or out of its time changes the list.
_MARKS: Final = (
    "SELECT s.token_hash, concat_ws(' ', s.enrolling, s.proven_at, p.ctid, p.xmin,"
    " (SELECT string_agg(concat(a.ctid, a.xmin), ' ' ORDER BY a.id)"
    "  FROM assignment a WHERE a.person_id = p.id AND a.valid @> CAST(%(at)s AS timestamptz))) AS mark"
    " FROM session s JOIN person p ON p.id = s.person_id"
    " WHERE s.token_hash = ANY(CAST(%(hashes)s AS bytea[])) AND s.expires_at > %(at)s"
    " AND (p.ended_at IS NULL OR p.ended_at > %(at)s) AND s.seen_at > CAST(%(at)s AS timestamptz) - CASE s.kind"
    "  WHEN 'desk' THEN CAST(%(desk)s AS interval) WHEN 'phone' THEN CAST(%(phone)s AS interval)"
    "  ELSE CAST(%(wall)s AS interval) END"
)


def marks_of(db: Session | Connection, hashes: Iterable[bytes], at: datetime) -> dict[bytes, str]:
    """
    Mark who some sessions belong to and what they may do: equal marks mean that nothing changed.

    Returns
    -------
    marks
        By token hash; sessions that ended, idled out or never were are left out.
    """
    limits = {kind: idle or _FOREVER for kind, idle in IDLE.items()}
    return dict(straight(db, _MARKS, {"hashes": list(hashes), "at": at, **limits}))


@dataclass(frozen=True)
class _Known:
    mark: dict[bytes, str]
    session: SignInSession
    actor: Actor


class SessionMemory:
    """The sessions last seen by this process, at most `_MOST`; safe between threads."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def known(
        self, look: Connection, token: str, at: datetime, *, address: str | None = None, request_id: str | None = None
    ) -> tuple[SignInSession, Actor] | None:
        """Give session and person if they were read before and nothing has changed; None says `read` them."""
        known = self._known.get(hashed := token_hash(token))
        # Once a minute the session is read in earnest, which notes that it is in use.
        if known is None or at >= known.session.seen_at + TOUCH_EVERY or marks_of(look, [hashed], at) != known.mark:
            return None
        doer = replace(known.actor.doer, address=address, request_id=request_id)
        return known.session, replace(known.actor, doer=doer)

    def read(
        self, db: Session, token: str, at: datetime, *, address: str | None = None, request_id: str | None = None
    ) -> tuple[SignInSession, Actor] | None:
        """Give what `find_session` gives, and remember it."""
        # The mark first: a change that comes in between makes the next look read again.
        mark = marks_of(db, [hashed := token_hash(token)], at)
        found = find_session(db, token, at, address=address, request_id=request_id)
        if found is not None:
            with self._lock:
                self._known[hashed] = _Known(mark, *found)
                while len(self._known) > _MOST:
                    self._known.popitem(last=False)
        return found


recalled: Final = SessionMemory()
