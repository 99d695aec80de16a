"""Row 16: the command page in a browser without a graphics card, with the made-up district and 5,000 open incidents."""

from __future__ import annotations

import itertools
import math
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, sync_playwright
from scattering import scatter
from serving import database, serving, sign_in, web
from sqlalchemy import text

from gridmap.demo.load import load_demo

OPEN = 5_000
ZOOMS = (12.5, 14, 15, 17)
SIZE = {"width": 1920, "height": 1080}
DRAG_S = 4.0
_FLAGS = [
    "--no-sandbox", "--disable-3d-apis", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
# Frames as the page sees them: one that takes long delays the next.
_COUNT_FRAMES = """() => {
  window.frameTimes = []
  const tick = (now) => { window.frameTimes.push(now); window.counting = requestAnimationFrame(tick) }
  window.counting = requestAnimationFrame(tick)
}"""
_MARKS = "['usable', 'whole'].map((name) => performance.getEntriesByName(name)[0].startTime)"
_STOP_COUNTING = "() => { cancelAnimationFrame(window.counting); return window.frameTimes }"


def command_page() -> Iterator[str]:
    """Open the command page and drag its map about: when it is usable, and frames a second beside an empty page."""
    with database() as (db, urls):
        load_demo(db.get_bind(), seed=1, grids=767, advance=lambda sentence: None)
        district = db.scalar(text("SELECT area_id FROM district"))
        cookie = sign_in(db, district)
        scatter(db, OPEN - db.scalar(text("SELECT count(*) FROM incident WHERE closed_at IS NULL")))
        with serving(*web(urls)) as server, _chromium() as chromium:
            address = f"http://127.0.0.1:{server.port}"
            desk = chromium.new_context(viewport=SIZE)
            name, _, value = cookie.partition("=")
            desk.add_cookies([{"name": name, "value": value, "domain": "127.0.0.1", "path": "/", "secure": True}])
            yield f"empty page: {_drag(Seat(desk))}"
            for zoom in ZOOMS:
                yield from _visit(desk, f"{address}/?lang=zh-CN&at=114.20000,35.72000,{zoom:.2f}", zoom)


def _visit(desk: BrowserContext, url: str, zoom: float) -> Iterator[str]:
    # The first visit fills the tile cache of the web, as any busy desk has done before.
    first = Seat(desk)
    first.open(url)
    first.page.close()
    waits = []
    for _ in range(3):
        seat = Seat(desk)
        waits.append(seat.open(url))
        if len(waits) < 3:
            seat.page.close()
    usable, whole, cpu = sorted(waits)[1]
    yield (
        f"z{zoom:g} with {OPEN:,} open: rows and grids after {usable:.0f} ms, every tile and name after {whole:.0f} ms"
        f" ({cpu:.0f} CPU ms); {_drag(seat)}"
    )
    seat.page.close()


def _drag(seat: Seat) -> str:
    gaps, cpu = seat.drag()
    slow = statistics.quantiles(gaps, n=20)[-1]
    return f"dragged at {1000 / statistics.mean(gaps):.0f} frames/s, 1 in 20 over {slow:.0f} ms ({cpu:.1f} CPU ms each)"


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_FLAGS)
        yield chromium
        chromium.close()


class Seat:
    """A page, and the processor time of its main thread: a busy machine does not stretch that."""

    def __init__(self, desk: BrowserContext) -> None:
        self.page = desk.new_page()
        self._devtools = desk.new_cdp_session(self.page)
        self._devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def _cpu_ms(self) -> float:
        metrics = self._devtools.send("Performance.getMetrics")["metrics"]
        return 1000 * float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))

    def open(self, url: str) -> tuple[float, float, float]:
        """Milliseconds from the navigation until the page is usable, until it is whole, and of the processor."""
        self.page.goto(url)
        self.page.wait_for_selector("html[data-ready]", state="attached")
        usable, whole = self.page.evaluate(_MARKS)
        return usable, whole, self._cpu_ms()

    def drag(self) -> tuple[list[float], float]:
        """Milliseconds between frames while a hand drags in a figure of eight, and of the processor for one frame."""
        self.page.evaluate(_COUNT_FRAMES)
        before = self._cpu_ms()
        self.page.mouse.move(960, 540)
        self.page.mouse.down()
        begin = time.perf_counter()
        while (now := time.perf_counter() - begin) < DRAG_S:
            self.page.mouse.move(960 + 420 * math.sin(now * 2.2), 540 + 260 * math.sin(now * 4.4))
        self.page.mouse.up()
        spent = self._cpu_ms() - before
        times = self.page.evaluate(_STOP_COUNTING)
        gaps = [after - earlier for earlier, after in itertools.pairwise(times)]
        return gaps, spent / len(gaps)
