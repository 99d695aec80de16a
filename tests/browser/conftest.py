"""A real Chromium without a graphics card, as desks have it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from gridmap.database import make_engine
from gridmap.postgis import PrivateCluster
from gridmap.settings import load_settings
from tests.browser.desks import Desk, Seat, running_desk, serving
from tests.browser.phones import NO_TOOLBAR
from tests.browser.tileserver import serve
from tests.browser.town import Town, make_town
from tests.database import copy_of_template
from webapp import create_app
from webapp.shared.assets import Assets

PLAYWRIGHT_WITHOUT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled",
    "PreconnectToSearch",
)  # fmt: skip
FLAGS = [
    "--no-sandbox", "--disable-3d-apis", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    # Of two such lists the browser obeys the last, so this one repeats what Playwright leaves out.
    f"--disable-features={','.join((*NO_TOOLBAR, *PLAYWRIGHT_WITHOUT))}",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def desk(cluster: PrivateCluster) -> Iterator[Desk]:
    """The real application over a drawn town, for the tests of one file."""
    with copy_of_template(cluster) as urls:
        engine = make_engine(urls.app, idle_timeout_s=None)
        with running_desk(engine) as desk:
            yield desk
        engine.dispose()


@pytest.fixture(scope="session")
def thinking(chromium: Browser) -> Iterator[Page]:
    """A page on which the modules of the planner run without any map or panel."""
    app = create_app(load_settings())
    with serving(app) as address:
        page = chromium.new_page()
        page.goto(f"{address}/sign-in?lang=en")
        build: Assets = app.extensions["gridmap.assets"]
        page.evaluate(f"() => {{ window.from = (name) => import('/static/{build.build}/planner/' + name) }}")
        yield page
        page.close()


@pytest.fixture(scope="module")
def operator(desk: Desk) -> Seat:
    return desk.seat()


@pytest.fixture(scope="session")
def town() -> Town:
    return make_town(incidents=300)


@pytest.fixture(scope="session")
def address(town: Town) -> Iterator[str]:
    with serve(town) as url:
        yield url


class Visit:
    """A page with the map on it, and everything that went wrong there."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))

    def open(self, query: str = "") -> "Visit":
        self.page.goto(f"{self.address}/?{query}")
        self.page.wait_for_selector("html[data-ready]", state="attached")
        return self

    def run(self, script: str, given: object = None) -> object:
        return self.page.evaluate(script, given)


@pytest.fixture
def visit(chromium: Browser, address: str) -> Iterator[Visit]:
    page = chromium.new_page(viewport={"width": 900, "height": 640})
    yield Visit(page, address)
    page.close()
