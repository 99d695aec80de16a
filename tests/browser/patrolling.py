"""A desk whose phones are on patrol, and what a phone is asked to do in these tests."""

from __future__ import annotations

import base64
import io
import random
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from apiflask import APIFlask
from PIL import Image
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.photos import Developed
from geodata.photos.taken import Taken
from gridmap.database import bind, make_engine
from gridmap.people.rules import Role
from gridmap.postgis import PrivateCluster
from gridmap.reports import media
from gridmap.settings import load_settings
from tests.browser.desks import Desk, Seat, serving
from tests.browser.phones import PATIENCE_S, Phone
from tests.database import copy_of_template
from tests.worlds import build_town, point
from webapp import assembly, create_app
from webapp.shared.assets import Asset, Assets, read_assets
from webapp.shared.policy import SESSION_COOKIE

SECRET = "三单元楼道杂物堵门"
_START = datetime(2026, 5, 18, 8, 0, tzinfo=UTC)

OPEN = """async (account) => {
  const build = document.querySelector('meta[name=gridmap-build]').content
  const { openQueue } = await import(`/static/${build}/patrol/queue/queue.js`)
  globalThis.signInsAsked = 0
  globalThis.queue = await openQueue({ account, onSignInNeeded: () => { globalThis.signInsAsked += 1 } })
}"""
ADD = """async (lot) => {
  for (const { body, photo } of lot) {
    const bytes = Uint8Array.from(atob(photo), (character) => character.charCodeAt(0))
    const photos = [{ blob: new Blob([bytes], { type: 'image/jpeg' }), role: 'evidence' }]
    await queue.add({ kind: 'report', id: body.id, body, photos, label: { category: '楼道堆物' } })
    console.log(`kept ${body.id}`)
  }
}"""
ALL_SENT = "() => { const { waiting, sending } = queue.counts(); return waiting + sending === 0 }"


@dataclass(frozen=True)
class Worker:
    """Somebody with a grid and a phone."""

    seat: Seat
    account: dict[str, Any]


@dataclass
class PatrolDesk(Desk):
    """A desk that knows its application, to change it while it runs."""

    app: APIFlask

    def worker(self) -> Worker:
        """Somebody new, signed in, whose grid is A."""
        seat = self.seat(Role.WORKER, self.town.path_of("A").rpartition(".")[0])
        me = requests.get(f"{self.address}/api/v1/me", cookies={SESSION_COOKIE: seat.token}, timeout=20).json()
        return Worker(seat, me["person"])

    def rows(self, query: str, **values: Any) -> Sequence[Any]:
        """Read the rows themselves."""
        with self.engine.connect() as db:
            return db.execute(text(query), values).all()

    def stored(self, ids: Sequence[str]) -> dict[str, datetime]:
        """The reports of these ids with their own time."""
        rows = self.rows("SELECT id, occurred_at FROM report WHERE id = ANY(CAST(:ids AS uuid[]))", ids=list(ids))
        return {str(row.id): row.occurred_at for row in rows}

    def photos_of(self, worker: Worker) -> int:
        """How many photos that reports name have arrived whole from this person."""
        query = (
            "SELECT count(*) FROM report_media JOIN media USING (sha256) JOIN media_sender USING (sha256)"
            " WHERE person_id = :person AND state = 'stored'"
        )
        return int(self.rows(query, person=worker.account["id"])[0].count)


@contextmanager
def patrol_desk(cluster: PrivateCluster, data: Path, *, screens: bool = False) -> Iterator[PatrolDesk]:
    """Serve the drawn town, with or without the screens of the page and with photos taken as they are."""
    with copy_of_template(cluster) as urls, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_DATA_DIR", str(data))
        patch.setenv("GRIDMAP_LOG_FORMAT", "json")
        if not screens:
            patch.setattr(assembly, "read_assets", without_screens)
        patch.setattr(media, "develop", as_it_is)
        engine = make_engine(urls.app, idle_timeout_s=None)
        with Session(engine) as db, db.begin():
            town = build_town(db)
        bind(engine)
        app = create_app(load_settings(api_per_minute=100_000))
        with serving(app) as address:
            yield PatrolDesk(address, engine, town, app)
        engine.dispose()


def without_screens(web: Path) -> Assets:
    """The files of a build whose patrol page starts nothing: the queue is asked by the tests alone."""
    files = read_assets(web).files
    nothing = Asset("patrol/patrol.js", b"import './keep.js'\nimport './queue/queue.js'\n")
    return Assets(files | {nothing.name: nothing})


def as_it_is(path: Path) -> Developed:
    """Take a photo for its own copy: a child process for each of hundreds would only take minutes."""
    content = path.read_bytes()
    return Developed("jpeg", 48, 36, content, content, content, Taken())


def photo(chance: random.Random) -> bytes:
    """A small picture that is like no other."""
    picture = Image.frombytes("RGB", (48, 36), chance.randbytes(48 * 36 * 3))
    packed = io.BytesIO()
    picture.save(packed, "JPEG", quality=60)
    return packed.getvalue()


def report(n: int, chance: random.Random) -> dict[str, Any]:
    """A report as a page makes it: an id, a place, the minute in which it was seen; and a photo."""
    lon, lat = point(0.5, 0.5)
    body = {
        "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "source": "patrol",
        "category": "0201",
        "text": f"{SECRET} {n}",
        "occurred_at": (_START + timedelta(minutes=n)).isoformat(),
        "place": {"lon": lon, "lat": lat, "accuracy_m": 8},
    }
    return {"body": body, "photo": base64.b64encode(photo(chance)).decode()}


def ids_of(lot: Sequence[dict[str, Any]]) -> list[str]:
    """The ids of reports, in their order."""
    return [one["body"]["id"] for one in lot]


def own_times(lot: Sequence[dict[str, Any]]) -> dict[str, datetime]:
    """When each of them was seen, as its page said."""
    return {one["body"]["id"]: datetime.fromisoformat(one["body"]["occurred_at"]) for one in lot}


def open_patrol(phone: Phone, worker: Worker) -> Page:
    """Start the phone unless it runs, and open its queue, over whatever line there is."""
    page = phone.page or phone.start(worker.seat)
    while True:
        try:
            page.goto(f"{phone.address}/patrol/queue")
            page.evaluate(OPEN, worker.account)
            return page
        except BrowserError as error:
            # The line broke while the page was coming; without network it comes from the phone.
            if "ERR_" not in error.message and "Failed to fetch" not in error.message:
                raise


def install(page: Page) -> None:
    """Wait until the page would open without network, and is looked after by its worker."""
    page.evaluate("() => navigator.serviceWorker.ready.then(() => undefined)")
    page.wait_for_function("() => navigator.serviceWorker.controller")


def eventually(page: Page, script: str, seconds: float = PATIENCE_S) -> None:
    """Wait until an asynchronous question is answered with yes."""
    until = time.monotonic() + seconds
    while not page.evaluate(script):
        assert time.monotonic() < until, script
        page.wait_for_timeout(100)


def counts(page: Page) -> dict[str, int]:
    """What the queue says of itself."""
    told: dict[str, int] = page.evaluate("() => queue.counts()")
    return told


def pieces_left(page: Page) -> int:
    """How many pieces of photos still lie on the phone, whosever."""
    left: int = page.evaluate("() => queue.ledger.keep.store.read(({ pieces }) => pieces.count())")
    return left
