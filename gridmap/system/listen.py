"""Hear of changes as they are committed: one connection that listens, each event read once and none left out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import psycopg
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gridmap.system.live import CHANNEL

KEPT: Final = timedelta(hours=48)
OVERLAP: Final = timedelta(seconds=60)
_MOST_TOLD: Final = 5_000

COALESCE_S: Final = 0.25
"""At most one burst in this time, however many transactions commit."""
_RETRY_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
# How long a thread that is to end may sit waiting for a notice.
_LONGEST_WAIT_S: Final = 1.0
_LATE_S: Final = 120.0
_MOST_MISSING: Final = 20_000
_LOOK_BACK: Final = 1_000


@dataclass(frozen=True)
class Event:
    """One row of ``live_event``: which thing changed, for whom to see."""

    id: int
    kind: str
    object_id: str
    version: int
    path: str


def last_event(db: Session) -> int:
    """The highest id there is; 0 if nothing was announced in the last 48 hours."""
    return db.scalar(text("SELECT max(id) FROM live_event")) or 0


def events_since(db: Session, last: int, now: datetime) -> list[Event] | None:
    """
    Give what a reader may have missed who heard `last` last.

    Ids do not come in the order of commits, so a slower neighbour's event may have appeared below `last` since: reading
    begins 60 s before it, and the reader skips what it has. Of a thing that changed often only its last change is told.

    Returns
    -------
    events
        By id; None if that cannot be known any more, or is too much to tell: the reader begins anew.
    """
    if last == 0 and last_event(db) == 0:
        return []
    heard_at: datetime | None = db.scalar(
        text(
            "SELECT at FROM live_event WHERE id <= :last AND :last <= (SELECT max(id) FROM live_event)"
            " ORDER BY id DESC LIMIT 1"
        ),
        {"last": last},
    )
    if heard_at is None or heard_at < now - KEPT:
        return None
    rows = db.execute(
        text(
            "SELECT * FROM (SELECT DISTINCT ON (kind, object_id) id, kind, object_id, version, path::text"
            "  FROM live_event WHERE at >= :since ORDER BY kind, object_id, version DESC, id DESC) AS latest"
            " ORDER BY id LIMIT :most"
        ),
        {"since": heard_at - OVERLAP, "most": _MOST_TOLD + 1},
    ).all()
    return None if len(rows) > _MOST_TOLD else [Event(*row) for row in rows]


class EventReader:
    """
    Reads every committed event once.

    Ids are given before the commit, so an event may appear below one that was read already. Numbers that were passed
    over are asked for again until they come or are too old to: their transaction was rolled back.
    """

    def __init__(self) -> None:
        self._last: int | None = None
        self._missing: dict[int, float] = {}

    @property
    def last(self) -> int:
        """The highest id read; 0 before the first."""
        return self._last or 0

    def start(self, db: Session) -> None:
        """Begin after what is there now; a reader that began before goes on where it stood."""
        if self._last is None:
            ids = set(
                db.scalars(
                    text("SELECT id FROM live_event ORDER BY id DESC LIMIT :look_back"), {"look_back": _LOOK_BACK}
                )
            )
            self._last = max(ids, default=0)
            self._note_missing(range(min(ids, default=1), self._last), ids)

    def read(self, db: Session) -> list[Event]:
        """Give the events that were committed since the last call, by id."""
        self.start(db)
        rows = db.execute(
            text(
                "SELECT id, kind, object_id, version, path::text FROM live_event"
                " WHERE id > :last OR id = ANY(CAST(:missing AS bigint[])) ORDER BY id"
            ),
            {"last": self._last, "missing": list(self._missing)},
        )
        events = [Event(*row) for row in rows]
        if events:
            found = {event.id for event in events}
            for number in found:
                self._missing.pop(number, None)
            # After a silence of days the last known may lie far back; what was written then was read then.
            self._note_missing(range(max(self.last + 1, events[-1].id - _MOST_MISSING), events[-1].id), found)
            self._last = max(self.last, events[-1].id)
        self._give_up()
        return events

    def _note_missing(self, numbers: Iterable[int], found: set[int]) -> None:
        now = time.monotonic()
        self._missing |= {number: now for number in numbers if number not in found}

    def _give_up(self) -> None:
        oldest = time.monotonic() - _LATE_S
        while self._missing:
            number, since = next(iter(self._missing.items()))
            if since >= oldest and len(self._missing) <= _MOST_MISSING:
                return
            del self._missing[number]


class Listener:
    """
    A thread that holds one LISTEN connection and calls back after each burst of notices.

    Parameters
    ----------
    url
        The database, as its engine names it.
    on_news
        Called once when the connection stands, since something may have happened meanwhile, and after each burst.
        If it raises an error of the database, the connection is made anew.
    on_tick
        Called about every `tick_s` seconds, for what must be looked at by the clock.
    """

    def __init__(
        self,
        url: URL,
        on_news: Callable[[], None],
        *,
        channel: str = CHANNEL,
        on_tick: Callable[[], None] = lambda: None,
        tick_s: float = 4.0,
    ) -> None:
        self._address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._channel = channel
        self._on_news = on_news
        self._on_tick = on_tick
        self._tick_s = tick_s
        self._ended = threading.Event()
        self._listening = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    @property
    def listening(self) -> bool:
        """Whether the connection stands."""
        return self._listening.is_set()

    def start(self) -> None:
        """Begin, once; only in the process that is to listen, since a thread does not survive a fork."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="gridmap-listen", daemon=True)
                self._thread.start()

    def wait_until_listening(self, timeout_s: float) -> bool:
        """Wait for the connection to stand; False if it does not in time."""
        return self._listening.wait(timeout_s)

    def stop(self) -> None:
        """End the thread; it takes as long as the wait for a notice may."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        failures = 0
        while not self._ended.is_set():
            try:
                self._listen()
            except (psycopg.OperationalError, DBAPIError):
                wait_s = _RETRY_S[min(failures, len(_RETRY_S) - 1)]
                failures = 0 if self._listening.is_set() else failures + 1
                self._ended.wait(wait_s)
            finally:
                self._listening.clear()

    def _listen(self) -> None:
        with psycopg.connect(
            self._address, autocommit=True, connect_timeout=5, application_name="gridmap listen", keepalives_idle=10
        ) as connection:
            connection.execute(f"LISTEN {self._channel}".encode())
            self._on_news()
            self._listening.set()
            heard_at = time.monotonic()
            ticked_at = heard_at
            while not self._ended.is_set():
                if self._wait(connection, min(_LONGEST_WAIT_S, self._tick_s)):
                    # The first of a burst is told at once; what follows waits for the rest of it.
                    self._ended.wait(max(0.0, heard_at + COALESCE_S - time.monotonic()))
                    self._wait(connection, 0)
                    heard_at = time.monotonic()
                    self._on_news()
                if time.monotonic() - ticked_at >= self._tick_s:
                    ticked_at = time.monotonic()
                    self._on_tick()

    @staticmethod
    def _wait(connection: psycopg.Connection, timeout_s: float) -> bool:
        """Wait for a notice and take all that are there; False if none came."""
        heard: Sequence[psycopg.Notify] = list(connection.notifies(timeout=timeout_s, stop_after=1))
        return bool(heard)
