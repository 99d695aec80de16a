"""
Row 16: the map of 767 grids and 5,000 open incidents on a PC without a GPU.

    python -m benchmarks.frames [--url http://127.0.0.1:8000/] [--zoom 13 15 17]

Prints for each zoom how long the page takes until the map is whole, and how many frames a second it draws while a hand
drags it around for some seconds. Without --url the map runs alone on the hand-made district of the browser tests.
The peer is an empty page in the same browser on the same machine: what a frame costs before the map has drawn anything.
"""

import argparse
import itertools
import math
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

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


def open_page(chromium: Browser, url: str) -> tuple[Page, float]:
    """The page with its map whole, and the milliseconds that took since the navigation began."""
    page = chromium.new_page(viewport=SIZE)
    page.goto(url)
    page.wait_for_selector("html[data-ready]", state="attached")
    return page, page.evaluate("performance.mark('ready').startTime")


def drag(page: Page) -> list[float]:
    """Milliseconds between frames while the map is dragged in a figure of eight."""
    page.evaluate(COUNT_FRAMES)
    page.mouse.move(960, 540)
    page.mouse.down()
    begin = time.perf_counter()
    while (now := time.perf_counter() - begin) < DRAG_S:
        page.mouse.move(960 + 420 * math.sin(now * 2.2), 540 + 260 * math.sin(now * 4.4))
    page.mouse.up()
    times = page.evaluate("() => { cancelAnimationFrame(window.counting); return window.frameTimes }")
    return [after - before for before, after in itertools.pairwise(times)]


def report(name: str, ready: float | None, gaps: list[float]) -> None:
    fps = 1000 / statistics.mean(gaps)
    slow = statistics.quantiles(gaps, n=20)[-1]
    load = "" if ready is None else f"whole after {ready:5.0f} ms"
    print(f"{name:12} {load:22} {fps:5.1f} frames/s while dragging, one in twenty over {slow:4.0f} ms")


def measure(url: str, zooms: list[float]) -> None:
    with browser() as chromium:
        blank = chromium.new_page(viewport=SIZE)
        report("empty page", None, drag(blank))
        blank.close()
        for zoom in zooms:
            address = f"{url}?zoom={zoom:g}"
            # The first visit fills the tile server's cache, as any busy desk has done before.
            open_page(chromium, address)[0].close()
            page, ready = open_page(chromium, address)
            report(f"zoom {zoom:g}", ready, drag(page))
            page.close()


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
