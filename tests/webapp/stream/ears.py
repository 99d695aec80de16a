"""Those who listen, and what happens in their hearing."""

from __future__ import annotations

import json
import threading

from sqlalchemy import text

from gridmap.system.live import Change, announce
from tests.desks import add_incident
from tests.worlds import point

PATIENCE_S = 60


class Ear:
    """Someone who listens to the stream, frame by frame, on a thread of the server's."""

    def __init__(self, browser, path="/api/v1/events", **headers):
        self.answer = browser.get(path, headers={"Accept": "text/event-stream", **headers})
        assert self.answer.status_code == 200, self.answer.get_data(as_text=True)
        self.frames = []
        self.ended = threading.Event()
        self.news = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for piece in self.answer.response:
            with self.news:
                self.frames += [read_frame(frame) for frame in piece.decode().split("\n\n") if frame]
                self.news.notify_all()
        self.answer.close()
        self.ended.set()

    @property
    def events(self):
        return [frame for frame in self.frames if "event" in frame]

    def wait(self, count):
        """The first `count` events, in the order in which they came."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.events) >= count, PATIENCE_S), self.frames
        return self.events[:count]

    def hears_of(self, *keys):
        with self.news:
            assert self.news.wait_for(lambda: set(keys) <= self.told, PATIENCE_S), self.frames

    @property
    def told(self):
        return {event["data"]["id"] for event in self.events}

    @property
    def last_id(self):
        return [frame["id"] for frame in self.frames if "id" in frame][-1]


def read_frame(frame):
    fields = dict(line.split(": ", 1) for line in frame.split("\n") if not line.startswith(":"))
    return fields | ({"data": json.loads(fields["data"])} if "data" in fields else {})


def happen(db, town, letter="A", version=1, **more):
    """An incident and its event, not yet committed."""
    key = add_incident(db, town, letter, point(0.5, 2.5), **more)
    announce(db, [Change("incident", key, version, town.paths[letter])])
    return key


def event_ids(db):
    return db.scalars(text("SELECT id FROM live_event ORDER BY id")).all()
