"""Every page for everyone: no serious finding of a checker, and nothing cut or out of reach in text twice as large."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy.orm import Session

from gridmap.grids.queries import current_district
from gridmap.insight.brief import draw_brief
from gridmap.insight.figures import read_brief
from gridmap.insight.maps import draw_map
from gridmap.insight.queries import sight_of
from gridmap.insight.rules import week_of
from gridmap.insight.situation import Wish, read_situation
from gridmap.people.rules import Role, system_actor
from gridmap.settings import load_settings
from gridmap.system.audit import Doer
from tests.browser.conftest import FLAGS
from tests.browser.desks import DESK, PHONE, Desk
from webapp import create_app
from webapp.shared.policy import SESSION_COOKIE

pytestmark = pytest.mark.browser

# What a browser whose user set text to twice the usual size does; zooming a page is another thing, and easier to bear.
LARGE_TEXT = "--blink-settings=defaultFontSize=32,defaultFixedFontSize=26"
LOOKS = {"desk": (DESK, "desk", "zh-CN"), "phone": (PHONE, "day", "en")}
LAYOUT = (Path(__file__).parent / "static" / "layout.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Face:
    """
    A page, the rule of its route, and who sees it.

    Attributes
    ----------
    tells
        Whether the page says by itself when it is complete.
    """

    rule: str
    path: str
    role: Role | None = None
    tells: bool = True


FACES = (
    Face("/sign-in", "/sign-in", tells=False),
    Face("/start", "/start", tells=False),
    Face("/account/code", "/account/code", tells=False),
    Face("/", "/", Role.OPERATOR),
    Face("/wall", "/wall", Role.OPERATOR),
    Face("/desk", "/desk", Role.TOWNSHIP),
    Face("/patrol", "/patrol", Role.WORKER),
    Face("/patrol/<path:deeper>", "/patrol/report", Role.WORKER),
    Face("/patrol/<path:deeper>", "/patrol/queue", Role.WORKER),
    Face("/planner", "/planner", Role.PLANNER),
    Face("/planner/differences", "/planner/differences", Role.PLANNER),
    Face("/planner/grids/<code>", "/planner/grids/990106001001001", Role.PLANNER),
    Face("/account", "/account", Role.OPERATOR, tells=False),
    Face("/account/proof", "/account/proof", Role.OPERATOR, tells=False),
    Face("/account/second-factor", "/account/second-factor", Role.OPERATOR, tells=False),
    Face("/admin", "/admin", Role.ADMIN),
    Face("/admin/people", "/admin/people", Role.ADMIN),
    Face("/admin/devices", "/admin/devices", Role.ADMIN),
    Face("/admin/catalogue", "/admin/catalogue", Role.ADMIN),
    Face("/admin/catalogue", "/admin/catalogue?table=calendar-days&try=1", Role.TOWNSHIP),
    Face("/admin/outbox", "/admin/outbox", Role.ADMIN),
    Face("/admin/files", "/admin/files", Role.PLANNER),
    Face("/hotline", "/hotline", Role.OPERATOR),
    Face("/hazards", "/hazards", Role.OPERATOR),
    Face("/residents", "/residents", Role.OPERATOR),
    Face("/r/follow", "/r/follow", tells=False),
    Face("/r/<token>", "/r/replaced-long-ago", tells=False),
    Face("/r/follow/<key>", "/r/follow/nobodys", tells=False),
    Face("/api/docs", "/api/docs", tells=False),
    Face("-", "/nowhere", tells=False),
)
# What answers to a browser's GET and is no page: figures, pictures, a script, and what is not for eyes.
NO_PAGES = {
    "/favicon.ico", "/health/imports", "/health/live", "/health/outbox", "/health/ready", "/metrics",
    "/patrol/manifest.webmanifest", "/patrol/worker.js", "/account/second-factor.svg", "/r/photos/<uuid:name>",
}  # fmt: skip
NOT_FOR_EYES = ("/api/v1/", "/static/", "/tiles/")


def pages_of(app: Flask) -> set[str]:
    rules = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    return {rule for rule in rules if not rule.startswith(NOT_FOR_EYES)} - NO_PAGES


def test_every_page_is_looked_at():
    assert pages_of(create_app(load_settings())) == {face.rule for face in FACES if face.rule != "-"}


@pytest.fixture(scope="module")
def lit(desk: Desk) -> Desk:
    """The town with something to show: an incident, and the people who look at it."""
    desk.tell(desk.seat(), 0.5, 2.5, category="0301")
    return desk


@pytest.fixture(scope="module")
def large_text(chromium: Browser) -> Iterator[Browser]:
    browser = chromium.browser_type.launch(executable_path="/usr/bin/chromium", args=[*FLAGS, LARGE_TEXT])
    yield browser
    browser.close()


class Eyes:
    """People of each role at a desk and with a phone, their text twice as large; who looks again knows the scripts."""

    def __init__(self, browser: Browser, desk: Desk) -> None:
        self._browser = browser
        self._desk = desk
        self._contexts: dict[tuple[Role | None, str], BrowserContext] = {}

    def context(self, role: Role | None, look: str) -> BrowserContext:
        """The browser of a role, signed in."""
        if (role, look) not in self._contexts:
            screen, _, _ = LOOKS[look]
            context = self._browser.new_context(viewport=screen, has_touch=screen is PHONE)  # type: ignore[arg-type]
            if role is not None:
                path = self._desk.town.path_of("A").rpartition(".")[0] if role is Role.WORKER else None
                cookie = {"name": SESSION_COOKIE, "value": self._desk.seat(role, path).token, "domain": "127.0.0.1"}
                context.add_cookies([cookie | {"path": "/", "secure": True}])  # type: ignore[list-item]
            self._contexts[role, look] = context
        return self._contexts[role, look]

    @contextmanager
    def looking_at(self, face: Face, look: str) -> Iterator[Page]:
        """The page, complete, as long as somebody looks at it."""
        _, theme, language = LOOKS[look]
        page = self.context(face.role, look).new_page()
        try:
            page.goto(f"{self._desk.address}{face.path}{'&' if '?' in face.path else '?'}lang={language}&theme={theme}")
            if face.tells:
                page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
            yield page
        finally:
            page.close()

    def close(self) -> None:
        """Let everybody go."""
        for context in self._contexts.values():
            context.close()


@pytest.fixture(scope="module")
def eyes(large_text: Browser, lit: Desk) -> Iterator[Eyes]:
    eyes = Eyes(large_text, lit)
    yield eyes
    eyes.close()


def serious(page: Page) -> list[str]:
    """What the checker finds that keeps somebody out, a line each."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['html'][:120]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.path)
def test_nobody_is_kept_out_and_text_of_twice_the_size_is_not_cut(eyes, face):
    for look in LOOKS:
        with eyes.looking_at(face, look) as page:
            assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
            body_px = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
            assert body_px >= 26, "text does not follow what the browser is set to"
            assert page.evaluate(LAYOUT) == [], look
            # Large letters may have less contrast: the checker sees them in the usual size.
            page.evaluate("document.documentElement.style.fontSize = '16px'")
            assert serious(page) == [], look


def draw_documents(desk: Desk, folder: Path) -> list[Path]:
    """The two documents that people are sent; what the checker says of them stands in test_documents.py."""
    now = datetime.now(UTC)
    with Session(desk.engine) as db:
        sight = sight_of(system_actor(Doer(None, "system")))
        zone = current_district(db).zone
        brief = read_brief(db, sight, week_of(now.astimezone(zone).date(), zone), None, now)
        texts = {"brief": draw_brief(brief, "en"), "map": draw_map(read_situation(db, sight, Wish(), now), "en")}
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return sorted(folder.glob("*.html"))


def test_documents_are_read_in_text_of_twice_the_size_too(large_text, lit, tmp_path):
    for path in draw_documents(lit, tmp_path):
        for look, (screen, _, _) in LOOKS.items():
            context = large_text.new_context(offline=True, viewport=screen)
            page = context.new_page()
            page.goto(path.as_uri())
            page.wait_for_timeout(500)
            assert page.evaluate(LAYOUT) == [], f"{path.name}, {look}"
            context.close()
