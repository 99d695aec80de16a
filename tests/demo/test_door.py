"""Speaking to a server that is away, busy or forgetful: what has an id is sent again as it was."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import Any

import pytest

from gridmap.demo import door as door_module
from gridmap.demo.door import Door, Session, Stopped
from gridmap.errors import Invalid


@dataclass
class Script:
    """A server that answers as it is told, one answer a request, and remembers what it was asked."""

    answers: list[tuple[int, dict[str, str], Any]] = field(default_factory=list)
    asked: list[tuple[str, str, bytes, dict[str, str]]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def script() -> Iterator[Script]:
    script = Script()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            script.asked.append((self.command, self.path, body, dict(self.headers)))
            status, headers, content = script.answers.pop(0)
            words = b"" if content is None else json.dumps(content).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(words)))
            self.end_headers()
            self.wfile.write(words)

        do_GET = do_POST = answer  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    script.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield script
    server.shutdown()
    server.server_close()


@pytest.fixture
def waits(monkeypatch) -> list[float]:
    """How long the door would have waited; it does not."""
    waited: list[float] = []
    monkeypatch.setattr(Door, "wait", lambda self, seconds: waited.append(seconds))
    return waited


def test_what_is_refused_for_the_moment_is_sent_again_as_it_was(script, waits):
    script.answers = [(503, {}, None), (429, {"Retry-After": "7"}, None), (201, {}, {"id": "x"})]
    answer = Door(script.url, Event()).send("POST", "/api/v1/reports", b'{"id": "x"}')
    assert answer.taken
    assert {body for _, _, body, _ in script.asked} == {b'{"id": "x"}'}
    assert waits == [1.0, 7.0]


def test_a_server_that_is_away_is_waited_for(script, monkeypatch):
    tries = []
    once = Door._once

    def away_twice(self, *request):
        tries.append(request)
        if len(tries) < 3:
            raise ConnectionRefusedError
        return once(self, *request)

    monkeypatch.setattr(Door, "_once", away_twice)
    monkeypatch.setattr(door_module, "_FIRST_PAUSE_S", 0.001)
    script.answers = [(200, {}, None)]
    assert Door(script.url, Event()).send("GET", "/").taken
    assert len(tries) == 3


def test_a_refusal_is_an_answer_and_not_asked_again(script, waits):
    script.answers = [(422, {}, {"detail": "no"})]
    answer = Door(script.url, Event()).send("POST", "/", b"{}")
    assert (answer.status, answer.taken, answer.content) == (422, False, {"detail": "no"})
    assert waits == []


def test_an_end_that_is_told_cuts_every_wait_short():
    stop = Event()
    stop.set()
    with pytest.raises(Stopped):
        Door("http://127.0.0.1:9", stop).send("GET", "/")


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "https://127.0.0.1", "http://"])
def test_what_is_no_address_of_ours_is_refused(url):
    with pytest.raises(Invalid, match="no address"):
        Door(url, Event())


COOKIE = {"Set-Cookie": "__Host-gridmap=secret; Path=/; Secure; HttpOnly"}


def test_a_session_carries_its_secure_cookie_and_the_mark_of_its_page(script):
    script.answers = [(204, COOKIE, None), (200, {}, {"csrf": "mark"}), (201, {}, None)]
    session = Session(Door(script.url, Event()), "wang", "a b&c")
    assert session.post("/api/v1/reports", {"id": 1}).taken
    sign_in, _, post = script.asked
    assert sign_in[2] == b"login=wang&password=a+b%26c"
    assert sign_in[3]["Origin"] == script.url
    assert post[3]["Cookie"] == "__Host-gridmap=secret"
    assert post[3]["X-CSRF-Token"] == "mark"


def test_a_session_that_ended_is_opened_again_and_the_same_is_sent(script):
    signed_in = [(204, COOKIE, None), (200, {}, {"csrf": "mark"})]
    script.answers = [*signed_in, (401, {}, None), *signed_in, (201, {}, None)]
    session = Session(Door(script.url, Event()), "wang", "word")
    assert session.post("/api/v1/reports", {"id": 1}).taken
    sent = [body for method, path, body, _ in script.asked if path == "/api/v1/reports"]
    assert sent == [b'{"id": 1}'] * 2


def test_an_account_that_is_refused_is_not_tried_in_a_loop(script):
    script.answers = [(401, {}, None)]
    answer = Session(Door(script.url, Event()), "wang", "wrong").get("/api/v1/me")
    assert answer.status == 401
    assert len(script.asked) == 1
