"""
Sessions that this process saw a moment ago, so that a map of forty tiles does not read one person forty times.

What is remembered counts only while nothing changed: one indexed query a request compares the versions of the rows of
session, person and assignments, so a change takes effect on the next request. What changes by the clock alone, an
assignment that begins or ends, is seen within `TRUSTED`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.people.rules import Actor
from gridmap.people.sessions import IDLE, TOUCH_EVERY, find_session, token_hash
from gridmap.people.tables import SignInSession

TRUSTED: Final = timedelta(seconds=5)
_MOST: Final = 2_000

# Every change of a row gives it another xmin; a row that is added or gone changes the list.
_MARK = text(
    "SELECT concat_ws(' ', s.xmin, p.xmin, (SELECT string_agg(concat(a.id, ':', a.xmin), ' ' ORDER BY a.id)"
    " FROM assignment a WHERE a.person_id = p.id))"
    " FROM session s JOIN person p ON p.id = s.person_id WHERE s.token_hash = :hashed"
)


@dataclass(frozen=True)
class _Known:
    mark: str
    until: datetime
    session: SignInSession
    actor: Actor


class SessionMemory:
    """The sessions last seen by this process, at most `_MOST`; safe between threads."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def find(
        self, db: Session, token: str, at: datetime, *, address: str | None = None, request_id: str | None = None
    ) -> tuple[SignInSession, Actor] | None:
        """Give what `find_session` gives, from memory if nothing has changed since."""
        hashed = token_hash(token)
        known = self._known.get(hashed)
        mark: str | None = db.scalar(_MARK, {"hashed": hashed})
        if mark is None:
            return None
        if known is not None and known.mark == mark and at < known.until:
            doer = replace(known.actor.doer, address=address, request_id=request_id)
            return known.session, replace(known.actor, doer=doer)
        found = find_session(db, token, at, address=address, request_id=request_id)
        with self._lock:
            if found is None:
                self._known.pop(hashed, None)
            else:
                self._known[hashed] = _Known(mark, _trusted_until(found[0], at), *found)
                while len(self._known) > _MOST:
                    self._known.popitem(last=False)
        return found


def _trusted_until(session: SignInSession, at: datetime) -> datetime:
    """Until when the clock alone changes nothing: the session does not end or idle out, nor must `seen_at` be written."""
    idle = IDLE[session.kind]
    ends = [at + TRUSTED, session.expires_at, session.seen_at + TOUCH_EVERY]
    return min(ends if idle is None else [*ends, session.seen_at + idle])


recalled = SessionMemory()
