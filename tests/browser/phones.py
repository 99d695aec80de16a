"""A phone: a real Chromium with a profile of its own on the disk, which can be killed in the middle of anything."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, BrowserType, Page, ViewportSize
from playwright.sync_api import Error as BrowserError

from tests.browser.desks import Seat
from webapp.shared.policy import SESSION_COOKIE

# Every window without a screen, too, has an address bar, whose lists are pages that take a second of a core to open.
NO_TOOLBAR = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup")
_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--remote-debugging-port=0", "--disable-extensions", "--disable-default-apps",
    # What a phone on patrol does without, and what each of its dozens of starts would wait for.
    "--in-process-gpu", "--disable-3d-apis", "--disable-breakpad", "--metrics-recording-only", "--mute-audio",
    "--disable-component-extensions-with-background-pages", "--disable-domain-reliability", "--password-store=basic",
    "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,GlobalMediaControls,"
    + ",".join(NO_TOOLBAR),
)  # fmt: skip
_SCREEN: ViewportSize = {"width": 390, "height": 844}
_START_S = 120
# What waits for a page waits for a busy machine: patience costs nothing where the answer comes.
PATIENCE_S = 120


@dataclass
class Phone:
    """
    A browser with its profile.

    Attributes
    ----------
    profile
        The folder that outlives every kill.
    address
        The server it speaks to.
    """

    kind: BrowserType
    profile: Path
    address: str
    flags: tuple[str, ...] = ()
    kills: int = 0
    faults: list[str] = field(default_factory=list)
    _process: subprocess.Popen[bytes] | None = None
    _context: BrowserContext | None = None

    def start(self, seat: Seat | None = None) -> Page:
        """Start the browser, signed in as `seat` if one is given, and give its page, still empty."""
        port_file = self.profile / "DevToolsActivePort"
        port_file.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            ["/usr/bin/chromium", *_FLAGS, *self.flags, f"--user-data-dir={self.profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until = time.monotonic() + _START_S
        while not port_file.exists() or not port_file.read_text().count("\n"):
            assert time.monotonic() < until, "The browser did not start."
            time.sleep(0.02)
        port = port_file.read_text().split()[0]
        browser = self.kind.connect_over_cdp(f"http://127.0.0.1:{port}")
        self._context = browser.contexts[0]
        if seat:
            self.sign_in(seat)
        page = self._context.pages[0]
        page.set_viewport_size(_SCREEN)
        page.set_default_timeout(PATIENCE_S * 1000)
        page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        return page

    @property
    def context(self) -> BrowserContext:
        """All pages of the running browser."""
        assert self._context is not None
        return self._context

    def sign_in(self, seat: Seat) -> None:
        """Hold somebody's session."""
        host = self.address.split("//")[1].split(":")[0]
        cookie = {"name": SESSION_COOKIE, "value": seat.token, "domain": host, "path": "/", "secure": True}
        self.context.add_cookies([cookie])  # type: ignore[list-item]

    def sign_out(self) -> None:
        """Hold no session."""
        self.context.clear_cookies()

    @property
    def page(self) -> Page | None:
        """The page of the running browser; None while it is dead."""
        return self._context.pages[0] if self._context else None

    @contextmanager
    def dying_in(self, seconds: float) -> Iterator[None]:
        """Kill the browser after a while, whatever the block is doing with it then; the block ends with it."""
        process = self._process
        assert process is not None
        timer = threading.Timer(seconds, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        try:
            yield
        except BrowserError:
            if process.poll() is None and timer.is_alive():
                raise
        finally:
            timer.join()
            self.kill()

    def kill(self) -> None:
        """Kill the browser with all its processes at once, as a phone does that needs the memory."""
        process = self._process
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)
        self.kills += 1
        self._process = self._context = None


@contextmanager
def phone_of(kind: BrowserType, profile: Path, address: str, flags: tuple[str, ...] = ()) -> Iterator[Phone]:
    """A phone until the block ends."""
    phone = Phone(kind, profile, address, flags)
    try:
        yield phone
        assert phone.faults == []
    finally:
        phone.kill()
