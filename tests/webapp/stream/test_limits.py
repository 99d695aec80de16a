"""How many may listen, for how long, and who is let go."""

from __future__ import annotations

import time
from functools import partial

import pytest
from sqlalchemy import text

from gridmap.system import listen
from tests.desks import south_path
from tests.webapp.stream.ears import PATIENCE_S, Ear, event_ids, happen, read_frame
from webapp import stream

LISTENING = "FROM pg_stat_activity WHERE application_name = 'gridmap listen'"


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
