"""
Row 16: the map of 767 grids and 5,000 open incidents on a PC without a GPU.

    python -m benchmarks.frames [--url http://127.0.0.1:8000/] [--zoom 13 15 17]

Prints for each zoom how long the page takes until the map is whole, and how many frames a second it draws while a hand
drags it around for some seconds; beside both the processor time of the page's main thread, which a busy machine does
not stretch. Without --url the map runs alone on the hand-made district of the browser tests. The peer is an empty page
in the same browser on the same machine: what a frame costs before the map has drawn anything.
"""

import argparse
import itertools
import math
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

SIZE = {"width": 1920, "height": 1080}
DRAG_S = 4.0
FLAGS = [
    "--no-sandbox", "--disable-3d-apis", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
# Frames as the page sees them: a frame that takes long delays the next one.
COUNT_FRAMES = """() => {
  window.frameTimes = []
  const tick = (now) => { window.frameTimes.push(now); window.counting = requestAnimationFrame(tick) }
  window.counting = requestAnimationFrame(tick)
}"""


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


class Seat:
    """A page in a browser without a graphics card, and the clock of its main thread."""

    def __init__(self, chromium: Browser) -> None:
        self.page = chromium.new_page(viewport=SIZE)
        self.devtools = self.page.context.new_cdp_session(self.page)
        self.devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def cpu_ms(self) -> float:
        """Processor time of the main thread so far."""
        metrics = self.devtools.send("Performance.getMetrics")["metrics"]
        return 1000 * next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")

    def open(self, url: str) -> tuple[float, float]:
        """Milliseconds since the navigation began until the map is whole: on the wall, and of the processor."""
        self.page.goto(url)
        self.page.wait_for_selector("html[data-ready]", state="attached")
        return self.page.evaluate("performance.mark('ready').startTime"), self.cpu_ms()

    def drag(self) -> tuple[list[float], float]:
        """Milliseconds between frames while the map is dragged in a figure of eight, and of the processor a frame."""
        self.page.evaluate(COUNT_FRAMES)
        before = self.cpu_ms()
        self.page.mouse.move(960, 540)
        self.page.mouse.down()
        begin = time.perf_counter()
        while (now := time.perf_counter() - begin) < DRAG_S:
            self.page.mouse.move(960 + 420 * math.sin(now * 2.2), 540 + 260 * math.sin(now * 4.4))
        self.page.mouse.up()
        spent = self.cpu_ms() - before
        times = self.page.evaluate("() => { cancelAnimationFrame(window.counting); return window.frameTimes }")
        gaps = [after - earlier for earlier, after in itertools.pairwise(times)]
        return gaps, spent / len(gaps)


def report(name: str, ready: tuple[float, float] | None, drag: tuple[list[float], float]) -> None:
    gaps, cpu = drag
    fps = 1000 / statistics.mean(gaps)
    slow = statistics.quantiles(gaps, n=20)[-1]
    load = "" if ready is None else f"whole after {ready[0]:5.0f} ms ({ready[1]:5.0f} cpu)"
    print(f"{name:10} {load:34} dragged at {fps:4.1f} frames/s, 1 in 20 over {slow:3.0f} ms ({cpu:4.1f} cpu a frame)")


def measure(url: str, zooms: list[float]) -> None:
    with browser() as chromium:
        blank = Seat(chromium)
        report("empty page", None, blank.drag())
        blank.page.close()
        for zoom in zooms:
            address = f"{url}?zoom={zoom:g}"
            # The first visit fills the tile server's cache, as any busy desk has done before.
            first = Seat(chromium)
            first.open(address)
            first.page.close()
            seat = Seat(chromium)
            report(f"zoom {zoom:g}", seat.open(address), seat.drag())
            seat.page.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="a page with the map; without it the map alone is served")
    parser.add_argument("--zoom", type=float, nargs="+", default=[12.5, 13, 14, 15, 15.8, 17])
    given = parser.parse_args()
    if given.url:
        measure(given.url, given.zoom)
        return
    from tests.browser.serving import served_town  # a process of its own, so that it does not slow the hand

    with served_town() as address:
        measure(address + "/", given.zoom)


if __name__ == "__main__":
    main()
