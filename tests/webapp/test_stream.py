"""Live events, committed for real: who hears what, in what order, and what happens when the line breaks."""

from __future__ import annotations

import json
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap import database
from gridmap.database import bind, make_engine
from gridmap.grids.publishing import publish_coverage
from gridmap.people.rules import Role
from gridmap.settings import load_settings
from gridmap.system import listen
from gridmap.system.listen import EventReader, events_since, last_event
from gridmap.system.live import Change, announce
from tests.desks import LATER, add_incident, in_grid, over_all, over_south, south_path
from tests.worlds import build_town, grid_drafts, point
from webapp import create_app, stream
from webapp.stream import EXTENSION

PATIENCE_S = 20
LISTENING = "FROM pg_stat_activity WHERE application_name = 'gridmap listen'"


@pytest.fixture
def engine(fresh_database, cluster):
    before = database._sessions.kw.get("bind")
    engine = make_engine(fresh_database.app, pool_size=8)
    bind(engine)
    yield engine
    bind(before)
    engine.dispose()


@pytest.fixture
def live(engine):
    """A session whose work is committed by the test."""
    with Session(engine, expire_on_commit=False) as db:
        yield db


@pytest.fixture
def town(live):
    town = build_town(live)
    # The publishing of the town is no news.
    live.execute(text("DELETE FROM live_event"))
    live.commit()
    return town


@pytest.fixture
def app(engine, monkeypatch):
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.3)
    # Nobody waits a second at the end of each test for the thread that listens.
    monkeypatch.setattr(listen, "_LONGEST_WAIT_S", 0.05)
    app = create_app(load_settings(streams=8))
    yield app
    app.extensions[EXTENSION].stop()


@pytest.fixture
def hub(app):
    return app.extensions[EXTENSION]


@pytest.fixture
def desk(app, live, town):
    """Opens a browser for a role and commits it."""

    def make(kind="all", role=Role.OPERATOR):
        browser = {
            "all": lambda: over_all(app, live, town, role),
            "south": lambda: over_south(app, live, town),
            "A": lambda: in_grid(app, live, town, "A"),
        }[kind]()
        live.commit()
        return browser

    return make


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


# Who hears what


def test_what_is_committed_is_told_with_its_summary(live, town, desk):
    ear = Ear(desk())
    key = happen(live, town, severity=2)
    live.commit()
    (event,) = ear.wait(1)
    assert event["event"] == "incident"
    assert (event["data"]["kind"], event["data"]["id"], event["data"]["version"]) == ("incident", key, 1)
    assert event["data"]["item"]["severity"] == 2
    assert event["data"]["item"]["place"]["lon"] == pytest.approx(point(0.5, 2.5)[0])
    assert int(event["id"]) == event_ids(live)[-1]


def test_a_township_desk_hears_nothing_of_another_township(live, town, desk):
    south, everyone = Ear(desk("south")), Ear(desk())
    theirs = happen(live, town, "A")
    live.commit()
    own = happen(live, town, "F")
    live.commit()
    everyone.hears_of(theirs, own)
    south.hears_of(own)
    assert south.told == {own}
    assert theirs not in str(south.frames)


def test_a_worker_hears_of_what_is_held_or_told_elsewhere(live, town, desk):
    worker, other = desk("A"), desk("A")
    ear, deaf = Ear(worker), Ear(other)
    held = happen(live, town, "F", holder=worker.person_id)
    told = happen(live, town, "E")
    report = uuid.uuid4()
    live.execute(
        text(
            "INSERT INTO report (id, source, text, reporter_id, placed, path, occurred_at, received_at)"
            " VALUES (:id, 'patrol', '', :who, 'unplaced', '1', :at, :at)"
        ),
        {"id": report, "who": worker.person_id, "at": LATER},
    )
    live.execute(
        text(
            "INSERT INTO incident_source (incident_id, report_id, joined_at, why)"
            " VALUES (:incident, :report, :at, 'told')"
        ),
        {"incident": told, "report": report, "at": LATER},
    )
    live.commit()
    ear.hears_of(held, told)
    own = happen(live, town, "A")
    live.commit()
    deaf.hears_of(own)
    assert deaf.told == {own}


def test_a_planner_hears_figures_and_no_place(live, town, desk):
    ear = Ear(desk(role=Role.PLANNER))
    happen(live, town)
    live.commit()
    (event,) = ear.wait(1)
    assert event["data"]["item"]["number"]
    assert event["data"]["item"]["place"] is None


def test_a_new_edition_is_told_to_everyone(live, town, desk):
    ears = [Ear(desk()), Ear(desk("south")), Ear(desk("A"))]
    publish_coverage(live, town.district_id, grid_drafts()[:5], base_edition=1, effective_at=LATER)
    live.commit()
    for ear in ears:
        (event,) = ear.wait(1)
        assert (event["event"], event["data"]["id"], event["data"]["item"]) == ("edition", "2", None)


def test_a_device_is_told_of_where_it_stands(live, town, desk):
    south, everyone = Ear(desk("south")), Ear(desk())
    announce(live, [Change("device", "cam-1", 1, town.paths["A"]), Change("device", "cam-2", 1, town.paths["F"])])
    live.commit()
    everyone.hears_of("cam-1", "cam-2")
    south.hears_of("cam-2")
    assert "cam-1" not in str(south.frames)


def test_a_burst_is_read_in_two_statements_for_all_streams(live, town, desk, hub):
    ears = [Ear(desk()) for _ in range(3)]
    loads = []
    load = hub._load
    hub._load = lambda db, ids: loads.append(len(ids)) or load(db, ids)
    keys = [happen(live, town) for _ in range(20)]
    live.commit()
    for ear in ears:
        ear.hears_of(*keys)
    assert sum(loads) == 20


# Order and resumption


def test_a_slower_neighbours_event_is_told_when_it_commits(engine, live, town, desk):
    ear = Ear(desk())
    with Session(engine) as slow:
        early = happen(slow, town)
        late = happen(live, town)
        live.commit()
        ear.hears_of(late)
        assert early not in str(ear.frames)
        slow.commit()
    ear.hears_of(early)
    # The reader resumes by the last id it was given, which never goes back.
    assert int(ear.last_id) == max(event_ids(live))


def test_who_resumes_hears_a_slower_neighbour_that_committed_meanwhile(engine, live, town, desk):
    browser = desk()
    with Session(engine) as slow:
        early = happen(slow, town)
        late = happen(live, town)
        live.commit()
        ear = Ear(browser)
        after = late_id = max(event_ids(live))
        slow.commit()
    assert min(event_ids(live)) < late_id
    again = Ear(browser, **{"Last-Event-ID": str(after)})
    again.hears_of(early)
    assert again.told == {early, late}
    assert ear is not again


def test_a_reader_of_events_reads_each_once_and_forgets_those_rolled_back(engine, live, town):
    reader = EventReader()
    reader.start(live)
    first = happen(live, town)
    live.commit()
    with Session(engine) as gone:
        happen(gone, town)
        gone.rollback()
    with Session(engine) as slow:
        early = happen(slow, town)
        late = happen(live, town)
        live.commit()
        assert [event.object_id for event in reader.read(live)] == [first, late]
        assert reader.read(live) == []
        live.commit()
        slow.commit()
    assert [event.object_id for event in reader.read(live)] == [early]
    assert reader.read(live) == []
    assert reader._missing
    reader._missing = {number: time.monotonic() - 200 for number in reader._missing}
    reader.read(live)
    assert reader._missing == {}


def test_a_reader_that_starts_while_a_writer_works_misses_nothing(engine, live, town):
    with Session(engine) as slow:
        first = happen(live, town)
        live.commit()
        early = happen(slow, town)
        late = happen(live, town)
        live.commit()
        reader = EventReader()
        reader.start(live)
        assert reader.read(live) == []
        live.commit()
        slow.commit()
    assert [event.object_id for event in reader.read(live)] == [early]
    assert first != late


def test_of_a_thing_that_changed_often_the_last_change_is_replayed(live, town):
    key = happen(live, town)
    for version in (2, 3):
        announce(live, [Change("incident", key, version, town.paths["A"])])
    live.commit()
    told = events_since(live, min(event_ids(live)), datetime.now(UTC))
    assert [(event.object_id, event.version) for event in told] == [(key, 3)]


def test_what_cannot_be_known_any_more_is_a_reset(live, town, monkeypatch):
    now = datetime.now(UTC)
    assert events_since(live, 0, now) == []
    keys = [happen(live, town) for _ in range(3)]
    live.commit()
    ids = event_ids(live)
    assert [event.object_id for event in events_since(live, ids[-1], now)] == keys
    assert events_since(live, ids[-1] + 1, now) is None
    assert events_since(live, ids[0] - 1, now) is None
    assert events_since(live, ids[-1], now + timedelta(hours=48, seconds=5)) is None
    monkeypatch.setattr(listen, "_MOST_TOLD", 2)
    assert events_since(live, ids[-1], now) is None


def test_a_stream_that_cannot_resume_says_reset_and_goes_on(live, town, desk):
    happen(live, town)
    live.commit()
    ear = Ear(desk(), "/api/v1/events?after=999999")
    (reset,) = ear.wait(1)
    assert reset["event"] == "reset"
    assert int(reset["id"]) == last_event(live)
    key = happen(live, town)
    live.commit()
    ear.hears_of(key)


def test_nothing_is_lost_when_the_listening_connection_is_cut(live, town, desk, owner_of):
    ear = Ear(desk())
    first = happen(live, town)
    live.commit()
    ear.hears_of(first)
    for _ in range(2):
        assert owner_of(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gridmap listen'"
        )
        key = happen(live, town)
        live.commit()
        ear.hears_of(key)
        first = key


@pytest.fixture
def owner_of(cluster, engine):
    from gridmap.postgis.bootstrap import connect

    def ask(statement):
        with connect(str(cluster.socket_dir), engine.url.database) as superuser:
            return superuser.execute(f"{statement} AND datname = current_database()".encode()).fetchall()

    return ask


# Limits


def test_the_sixth_stream_of_one_person_is_refused_with_a_time_to_come_back(desk, hub):
    browser = desk()
    ears = [Ear(browser) for _ in range(5)]
    refused = browser.get("/api/v1/events", headers={"Accept": "text/event-stream"})
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.json["detail"]
    assert hub.count == 5
    assert Ear(desk()).answer.status_code == 200
    assert len(ears) == 5


def test_a_worker_process_has_so_many_streams_and_no_more(desk, hub):
    ears = [Ear(desk()) for _ in range(8)]
    refused = desk().get("/api/v1/events", headers={"Accept": "text/event-stream"})
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert hub.count == len(ears)


def test_a_reader_that_goes_leaves_its_place(desk, hub):
    browser = desk()
    for _ in range(7):
        answer = browser.get("/api/v1/events", headers={"Accept": "text/event-stream"})
        next(iter(answer.response))
        answer.close()
    unread = browser.client.head(
        "/api/v1/events", base_url="https://127.0.0.1", headers={"Accept": "text/event-stream"}
    )
    unread.close()
    assert hub.count == 0


def test_a_slow_reader_is_let_go_and_resumes_while_others_hear_all(live, town, desk, hub, monkeypatch):
    monkeypatch.setattr(stream, "_WAITING", 5)
    browser, quick = desk(), Ear(desk())
    slow = browser.get("/api/v1/events", headers={"Accept": "text/event-stream"})
    pieces = iter(slow.response)
    frames = [next(pieces).decode()]
    keys = []
    for _ in range(9):
        keys.append(happen(live, town))
        live.commit()
        quick.hears_of(keys[-1])
    frames += [piece.decode() for piece in pieces]
    slow.close()
    got = [read_frame(frame) for piece in frames for frame in piece.split("\n\n") if frame]
    heard = [frame["data"]["id"] for frame in got if "data" in frame]
    assert heard == keys[:5]
    assert hub.count == 1
    again = Ear(browser, **{"Last-Event-ID": [frame["id"] for frame in got if "id" in frame][-1]})
    again.hears_of(*keys)


def test_a_quiet_stream_beats(desk):
    answer = desk().get("/api/v1/events", headers={"Accept": "text/event-stream"})
    pieces = iter(answer.response)
    assert next(pieces).startswith(b"retry: 1000\nid: ")
    assert next(pieces) == b": beat\n\n"
    answer.close()


def test_an_open_stream_holds_no_transaction(live, town, desk, owner_of):
    ears = [Ear(desk()) for _ in range(3)]
    live.commit()
    time.sleep(0.5)
    assert owner_of("SELECT pid FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'") == []
    assert len(owner_of(f"SELECT pid {LISTENING}")) == 1
    assert len(ears) == 3


# Rights that end


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE session SET expires_at = now() WHERE person_id = :id",
        "DELETE FROM session WHERE person_id = :id",
        "UPDATE person SET ended_at = now() WHERE id = :id",
        "UPDATE assignment SET valid = tstzrange('2020-01-01', now()) WHERE person_id = :id",
        "UPDATE assignment SET role = 'planner' WHERE person_id = :id",
        "UPDATE session SET seen_at = now() - interval '31 minutes' WHERE person_id = :id",
    ],
)
def test_a_stream_ends_when_its_session_or_its_rights_do(live, desk, hub, change):
    browser, other = desk(), desk()
    ear, stays = Ear(browser), Ear(other)
    hub._check_readers()
    assert not ear.ended.wait(0.2)
    live.execute(text(change), {"id": browser.person_id})
    live.commit()
    hub._check_readers()
    assert ear.ended.wait(PATIENCE_S)
    assert not stays.ended.is_set()
    assert hub.count == 1


def test_rights_are_looked_at_without_being_asked(live, desk, monkeypatch):
    monkeypatch.setattr(stream, "Listener", partial(listen.Listener, tick_s=0.2))
    browser = desk()
    ear = Ear(browser)
    live.execute(text("UPDATE session SET expires_at = now()"))
    live.commit()
    assert ear.ended.wait(PATIENCE_S)


def test_who_only_notes_use_of_the_session_keeps_the_stream(live, desk, hub):
    browser = desk()
    ear = Ear(browser)
    live.execute(text("UPDATE session SET seen_at = now()"))
    live.commit()
    hub._check_readers()
    assert not ear.ended.wait(0.3)


# Without a stream


def test_who_has_no_stream_asks_for_the_same(live, town, desk):
    browser, south = desk(), desk("south")
    json_please = {"headers": {"Accept": "application/json"}}
    assert browser.get("/api/v1/events/last").json == {"last": 0}
    key = happen(live, town, "A")
    live.commit()
    last = browser.get("/api/v1/events/last").json["last"]
    answer = browser.get(f"/api/v1/events?after={last}", **json_please).json
    assert answer["last"] == last == event_ids(live)[-1]
    assert [(event["kind"], event["id"]) for event in answer["events"]] == [("incident", key)]
    assert answer["events"][0]["item"]["number"]
    assert browser.get(f"/api/v1/events?poll=1&after={last}").json == answer
    assert south.get(f"/api/v1/events?after={last}", **json_please).json == {"events": [], "last": last}
    reset = browser.get(f"/api/v1/events?after={last + 7}", **json_please).json
    assert [event["kind"] for event in reset["events"]] == ["reset"]


@pytest.mark.parametrize("after", ["now", "-1", "1.5", "9" * 30, "١"])
def test_an_id_that_is_none_is_told_in_a_sentence(desk, after):
    answer = desk().get("/api/v1/events", query_string={"after": after}, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json["where"] == "/after"


def test_nobody_listens_without_signing_in(app):
    answer = app.test_client().get("/api/v1/events", headers={"Accept": "text/event-stream"})
    assert answer.status_code == 401


def test_south_lies_where_the_tests_say(town):
    assert town.paths["F"].startswith(south_path(town))
