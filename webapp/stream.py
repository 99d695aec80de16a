"""Live events for the screens of this process: read once, told to each stream what its reader may see."""

from __future__ import annotations

import json
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from flask import Flask, current_app
from sqlalchemy.orm import Session

from gridmap.database import transaction
from gridmap.errors import NotAllowed, Unavailable
from gridmap.incidents.watching import Subject, load_subjects
from gridmap.language import N_
from gridmap.people.recall import marks_of
from gridmap.people.rules import Access, Actor, Scope, scope_of
from gridmap.system.listen import Event, EventReader, Listener
from webapp.shared.policy import now

EXTENSION: Final = "gridmap.streams"
HEARTBEAT_S: Final = 15.0
PER_PERSON: Final = 5
_WAITING: Final = 512
"""Events that may wait for a slow reader; above, it is let go and resumes by its last id."""
_RETRY_S: Final = 10
_START_S: Final = 3.0
_NAMELESS: Final = ("edition", "plan")
"""Told to all: a number or an id that says nothing by itself. A plan may concern any area; who may see it asks."""


Loader = Callable[[Session, Sequence[UUID]], Mapping[UUID, Subject]]
Writer = Callable[[Any, Access, datetime], dict[str, Any]]
"""An incident's row as JSON, as much of it as an access shows."""


@dataclass(eq=False)
class Stream:
    """
    One open stream and what waits for it.

    Attributes
    ----------
    actor, incidents
        Whose it is, and the incidents that reader may see.
    events
        The other things that reader may hear of.
    session_hash, mark
        The session it stands on, and who that was when the stream was opened.
    """

    actor: Actor
    incidents: Scope
    events: Scope
    session_hash: bytes
    mark: str
    last: int = 0
    _waiting: deque[tuple[int, bytes]] = field(default_factory=deque)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _ended: bool = False

    def put(self, number: int, message: bytes) -> None:
        """Leave one event; a reader for whom too many wait is let go."""
        with self._changed:
            if len(self._waiting) >= _WAITING:
                self._ended = True
            elif not self._ended:
                self._waiting.append((number, message))
            self._changed.notify()

    def end(self) -> None:
        """Let the reader go, after what already waits."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def take(self, timeout_s: float) -> tuple[list[tuple[int, bytes]], bool]:
        """Wait for events; gives those that wait, and whether the stream has ended."""
        with self._changed:
            if not self._waiting and not self._ended:
                self._changed.wait(timeout_s)
            waiting = list(self._waiting)
            self._waiting.clear()
            return waiting, self._ended


class Hub:
    """
    The streams of this process behind one LISTEN connection, which is made when the first of them opens.

    Parameters
    ----------
    most
        Streams at the same time; above, a reader is asked to poll.
    write
        How an incident looks in JSON.
    load
        Reads the incidents of a burst.
    """

    def __init__(self, most: int, write: Writer, load: Loader = load_subjects) -> None:
        self._most = most
        self._write = write
        self._load = load
        self._streams: set[Stream] = set()
        self._lock = threading.Lock()
        self._reader = EventReader()
        self._listener: Listener | None = None
        self._told_on: list[Callable[[Event], None]] = []

    def on_event(self, tell: Callable[[Event], None]) -> None:
        """Have every event told to a function of this process too, such as one that warms a cache."""
        self._told_on.append(tell)

    def open(self, stream: Stream) -> None:
        """
        Add a stream; whoever opens one closes it.

        Raises
        ------
        Unavailable
            If there are as many as this process, or this person, may have, or nothing can be heard now.
        """
        with self._lock:
            if len(self._streams) >= self._most:
                raise Unavailable(
                    N_("All live connections are taken. The page asks for news by itself every few seconds."),
                    retry_s=_RETRY_S,
                )
            if Counter(other.actor.id for other in self._streams)[stream.actor.id] >= PER_PERSON:
                raise Unavailable(
                    N_(
                        "This account has %(most)s live connections open. Close a window; until then the page asks"
                        " for news by itself."
                    ),
                    retry_s=_RETRY_S,
                    most=PER_PERSON,
                )
            self._streams.add(stream)
        if not self._listen().wait_until_listening(_START_S):
            self.close(stream)
            raise Unavailable(N_("News cannot be heard just now. Try again in a moment."), retry_s=_RETRY_S)

    def close(self, stream: Stream) -> None:
        """Take a stream away."""
        with self._lock:
            self._streams.discard(stream)

    def stop(self) -> None:
        """End all streams and the connection."""
        for stream in self._open_streams():
            stream.end()
        if self._listener is not None:
            self._listener.stop()

    @property
    def count(self) -> int:
        """How many streams are open."""
        return len(self._streams)

    def _listen(self) -> Listener:
        with self._lock:
            if self._listener is None:
                with transaction() as db:
                    url = db.get_bind().engine.url
                self._listener = Listener(url, self._spread, on_tick=self._check_readers)
                self._listener.start()
        return self._listener

    def _open_streams(self) -> list[Stream]:
        with self._lock:
            return list(self._streams)

    def _spread(self) -> None:
        """Read the news once and give each stream its part."""
        with transaction() as db:
            events = self._reader.read(db)
            streams = self._open_streams()
            subjects = self._load(db, incident_ids(events)) if streams else {}
        at = now()
        for event in events:
            for tell in self._told_on:
                tell(event)
            messages = Messages(event, subjects, at, self._write)
            for stream in streams:
                if message := messages.to(stream.incidents, stream.events):
                    stream.put(event.id, message)

    def _check_readers(self) -> None:
        """End the streams of readers whose session, roles or areas have changed: they come back as who they are."""
        streams = self._open_streams()
        if not streams:
            return
        with transaction() as db:
            marks = marks_of(db, {stream.session_hash for stream in streams}, now())
        for stream in streams:
            if marks.get(stream.session_hash) != stream.mark:
                stream.end()


def incident_ids(events: Sequence[Event]) -> list[UUID]:
    """The incidents that events speak of, each once."""
    return list({UUID(event.object_id): None for event in events if event.kind == "incident"})


class Messages:
    """What is told of one event: written once for each amount that a reader may see."""

    def __init__(self, event: Event, subjects: Mapping[UUID, Subject], at: datetime, write: Writer) -> None:
        self._event = event
        self._at = at
        self._write = write
        self._subject = subjects.get(UUID(event.object_id)) if event.kind == "incident" else None
        self._written: dict[Access | None, bytes] = {}

    def to(self, incidents: Scope, events: Scope) -> bytes | None:
        """The message for a reader; None if the reader may not know of it."""
        data = self.data(incidents, events)
        if data is None:
            return None
        access = data[0]
        if access not in self._written:
            text = json.dumps(data[1], ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            self._written[access] = f"event: {self._event.kind}\ndata: {text}\n\n".encode()
        return self._written[access]

    def data(self, incidents: Scope, events: Scope) -> tuple[Access | None, dict[str, Any]] | None:
        """How much a reader may see of the event, and that much of it; None if nothing."""
        event = self._event
        about = {"kind": event.kind, "id": event.object_id, "version": event.version}
        if event.kind in _NAMELESS:
            return None, about | {"item": None}
        if event.kind == "notice":
            # Lies in no area: it is its reader's alone, whom it names.
            mine = events.person_id is not None and event.object_id == str(events.person_id)
            return (None, about | {"item": None}) if mine else None
        if event.kind != "incident":
            return (None, about | {"item": None}) if events.covers(event.path) else None
        access = self._subject.access(incidents) if self._subject else None
        if access is None or self._subject is None:
            return None
        return access, about | {"item": self._write(self._subject.row, access, self._at)}


def incident_scope(actor: Actor) -> Scope:
    """The incidents that a reader may see; none for those who may only hear of other things."""
    try:
        return scope_of(actor, "incident.read")
    except NotAllowed:
        return Scope()


def frames(hub: Hub, stream: Stream, before: Sequence[tuple[int, bytes]]) -> Iterator[bytes]:
    """
    Write a stream as server-sent events until its reader goes or is let go.

    Parameters
    ----------
    before
        What happened since the reader's last id, with its numbers.
    """
    known = {number for number, _ in before}
    try:
        # An id without data is no event: it says where to go on if the line breaks before the first one.
        yield b"retry: 1000\nid: %d\n\n" % stream.last
        yield from (_frame(stream, number, message) for number, message in before)
        while True:
            waiting, ended = stream.take(HEARTBEAT_S)
            told = b"".join(_frame(stream, number, message) for number, message in waiting if number not in known)
            if told or not ended:
                yield told or b": beat\n\n"
            if ended:
                return
    finally:
        hub.close(stream)


def _frame(stream: Stream, number: int, message: bytes) -> bytes:
    # Never a lower id than before: a reader resumes by the last one it was given.
    stream.last = max(stream.last, number)
    return b"id: %d\n%b" % (stream.last, message)


def prepare(app: Flask, most: int, write: Writer) -> None:
    """Give an application its hub; nothing is opened before a reader comes."""
    app.extensions[EXTENSION] = Hub(most, write)


def hub_of_app() -> Hub:
    """The hub of the application that serves this request."""
    hub: Hub = current_app.extensions[EXTENSION]
    return hub
