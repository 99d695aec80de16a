"""In what order events are told, and what happens to it when the line breaks."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from gridmap.system import listen
from gridmap.system.listen import EventReader, events_since, last_event
from gridmap.system.live import Change, announce
from tests.webapp.stream.ears import Ear, event_ids, happen

LISTENING = "FROM pg_stat_activity WHERE application_name = 'gridmap listen'"


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
