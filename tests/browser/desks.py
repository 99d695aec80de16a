"""The real application behind a real socket, and a real Chromium in front of it that forgives nothing."""

from __future__ import annotations

import secrets
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import requests
from apiflask import APIFlask
from playwright.sync_api import Browser, ConsoleMessage, Page, Request
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from gridmap.database import bind
from gridmap.people.rules import Role
from gridmap.people.sessions import Visit, open_session
from gridmap.settings import load_settings
from tests.worlds import Town, add_person, build_town, point
from webapp import create_app
from webapp.shared.policy import CSRF_HEADER, SESSION_COOKIE

DESK = {"width": 1920, "height": 1080}
PHONE = {"width": 390, "height": 844}


@dataclass(frozen=True)
class Seat:
    """Somebody signed in."""

    token: str
    csrf: str


@dataclass
class Desk:
    """A running service with a drawn town, and the means to sit down at it."""

    address: str
    engine: Engine
    town: Town

    def seat(self, role: Role = Role.OPERATOR, path: str | None = None) -> Seat:
        """Sign somebody in over the whole district, or over an area's path."""
        below = path or str(self.town.district_id)
        with Session(self.engine) as db, db.begin():
            person_id = add_person(db, f"{role.value}-{secrets.token_hex(4)}", "周晓岚")
            db.execute(
                text(
                    "INSERT INTO assignment (person_id, role, area_id, path, valid)"
                    " VALUES (:person, :role, :area, :path, tstzrange('2020-01-01', NULL))"
                ),
                {"person": person_id, "role": role.value, "area": int(below.rsplit(".")[-1]), "path": below},
            )
            visit = Visit(address="127.0.0.1", browser="test", kind="desk")
            opened = open_session(db, person_id, visit, datetime.now(UTC))
            return Seat(opened.token, opened.csrf)

    def post(self, seat: Seat, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send something from another browser."""
        answer = requests.post(
            self.address + path,
            json=body,
            cookies={SESSION_COOKIE: seat.token},
            headers={CSRF_HEADER: seat.csrf, "Origin": self.address},
            timeout=20,
        )
        answer.raise_for_status()
        received: dict[str, Any] = answer.json()
        return received

    def tell(self, seat: Seat, column: float, row: float, **fields: Any) -> dict[str, Any]:
        """Report something at a place of the drawing; gives the incident it became."""
        lon, lat = point(column, row)
        place = {"lon": lon, "lat": lat, "accuracy_m": 5}
        body = {"id": str(uuid.uuid4()), "source": "resident", "category": "0201", "text": "垃圾成堆", "place": place}
        incident: dict[str, Any] = self.post(seat, "/api/v1/reports", body | fields)["incident"]
        return incident


@contextmanager
def serving(app: APIFlask) -> Iterator[str]:
    """Serve an application from a free port until the block ends; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def running_desk(engine: Engine) -> Iterator[Desk]:
    """Serve the drawn town until the block ends."""
    with Session(engine) as db, db.begin():
        town = build_town(db)
    bind(engine)
    # Photos that a test sends lie in a directory of its own, never in that of an installation on this machine.
    with (
        TemporaryDirectory(prefix="gridmap-desk-") as data_dir,
        serving(create_app(load_settings(api_per_minute=100_000, data_dir=Path(data_dir)))) as address,
    ):
        yield Desk(address, engine, town)


@dataclass
class Strict:
    """A page together with all that went wrong on it."""

    page: Page
    address: str
    forgive: str | None = None
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        self.page.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not (self.forgive and self.forgive in message.text):
            self.faults.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        host = urlsplit(request.url)
        if host.scheme in {"http", "https"} and f"{host.scheme}://{host.netloc}" != self.address:
            self.faults.append(f"asked another host: {request.url}")


@contextmanager
def sitting_at(
    browser: Browser,
    desk: Desk,
    seat: Seat,
    path: str = "/",
    *,
    screen: dict[str, int] = DESK,
    ready: bool = True,
    forgive: str | None = None,
) -> Iterator[Page]:
    """
    Open a page signed in, and afterwards fail on every fault it had.

    Parameters
    ----------
    ready
        Wait until the page says that it is.
    forgive
        What an error in the console may say: the one that the test causes itself.
    """
    context = browser.new_context(viewport=screen, has_touch=screen is PHONE)  # type: ignore[arg-type]
    cookie = {"name": SESSION_COOKIE, "value": seat.token, "domain": "127.0.0.1", "path": "/", "secure": True}
    context.add_cookies([cookie])  # type: ignore[list-item]
    try:
        strict = Strict(context.new_page(), desk.address, forgive)
        strict.page.goto(desk.address + path)
        if ready:
            strict.page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
        yield strict.page
        assert strict.faults == []
    finally:
        context.close()
