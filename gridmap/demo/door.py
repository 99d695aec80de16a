"""The doors of a running gridmap, from outside: HTTP, with a session or a device's key, sent until it is taken."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.cookies import SimpleCookie
from threading import Event
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from gridmap.errors import Invalid
from gridmap.language import N_

_TIMEOUT_S: Final = 5.0
_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 15.0


class Stopped(BaseException):
    """We were told to end while waiting; unwinds whatever was being done, and is no error."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, and the JSON if there was any."""

    status: int
    content: Any
    cookies: tuple[str, ...] = ()

    @property
    def taken(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300


class Door:
    """
    Speaks to one server, one request after another, over one connection.

    Parameters
    ----------
    url
        Address, such as ``http://127.0.0.1:8000``.
    stop
        Set when this process is to end: every wait ends with it.
    """

    def __init__(self, url: str, stop: Event) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise Invalid(N_("%(url)s is no address such as http://127.0.0.1:8000."), url=url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.stop = stop
        self._host, self._port = parts.hostname, parts.port or 80
        self._connection: HTTPConnection | None = None

    def send(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        """
        Send a request until the server takes a stand on it.

        A server that is away, overloaded or slow is asked again with the very same content, so whatever has an id is
        stored once however often it was sent.

        Raises
        ------
        Stopped
            If we are told to end while waiting.
        """
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                response, content = self._once(method, path, body, headers or {})
            except (OSError, HTTPException):
                self.close()
            else:
                if response.status not in (429, 502, 503, 504):
                    return Answer(response.status, _parsed(response, content), _cookies(response))
                pause_s = max(pause_s, float(response.headers.get("Retry-After") or 0))
            self.wait(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def sign_in(self, login: str, password: str) -> str | None:
        """Sign in and give the value of the ``Cookie`` header; None if the account is refused."""
        form = urlencode({"login": login, "password": password}).encode()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": self.origin,
            "X-Requested-With": "gridmap",
        }
        answer = self.send("POST", "/sign-in", form, headers)
        # http.client keeps no cookies: a `Secure` one is sent over loopback by browsers, and so by us.
        return "; ".join(answer.cookies) if answer.taken and answer.cookies else None

    def wait(self, seconds: float) -> None:
        """Wait; a told end cuts it short by raising `Stopped`."""
        if self.stop.wait(seconds):
            raise Stopped

    def close(self) -> None:
        """Let the connection go; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _once(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[HTTPResponse, bytes]:
        if self._connection is None:
            self._connection = HTTPConnection(self._host, self._port, timeout=_TIMEOUT_S)
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        return response, response.read()


@dataclass
class Session:
    """Somebody signed in: signs in again when the session ended."""

    door: Door
    login: str
    password: str
    _cookie: str | None = None
    _csrf: str = ""

    def get(self, path: str) -> Answer:
        """Read something."""
        return self._send("GET", path, None)

    def post(self, path: str, content: Any) -> Answer:
        """Do something."""
        return self._send("POST", path, json.dumps(content).encode())

    def put(self, path: str, body: bytes) -> Answer:
        """Send a file."""
        return self._send("PUT", path, body)

    def _send(self, method: str, path: str, body: bytes | None) -> Answer:
        if self._cookie is None and not self._enter():
            return Answer(401, None)
        answer = self.door.send(method, path, body, self._headers())
        if answer.status == 401 and self._enter():
            answer = self.door.send(method, path, body, self._headers())
        return answer

    def _enter(self) -> bool:
        self._cookie = self.door.sign_in(self.login, self.password)
        if self._cookie is None:
            return False
        me = self.door.send("GET", "/api/v1/me", None, self._headers())
        self._csrf = me.content["csrf"] if me.taken else ""
        return me.taken

    def _headers(self) -> dict[str, str]:
        return {
            "Cookie": self._cookie or "",
            "Origin": self.door.origin,
            "X-CSRF-Token": self._csrf,
            "Content-Type": "application/json",
        }


def _cookies(response: HTTPResponse) -> tuple[str, ...]:
    jar = SimpleCookie()
    for line in response.headers.get_all("Set-Cookie") or ():
        jar.load(line)
    return tuple(f"{name}={morsel.value}" for name, morsel in jar.items())


def _parsed(response: HTTPResponse, content: bytes) -> Any:
    kind = response.headers.get_content_type()
    return json.loads(content) if content and kind in ("application/json", "application/problem+json") else None
