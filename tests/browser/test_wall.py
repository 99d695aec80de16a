"""The wall in a real browser: it goes through its views, a life at risk holds it, and old figures say so."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.people.sessions import Visit, open_session
from tests.browser.desks import Seat, sitting_at

pytestmark = pytest.mark.browser
expect.set_options(timeout=30_000)

WALL = {"width": 1920, "height": 1080}


@pytest.fixture(scope="module")
def wall(desk, operator) -> Seat:
    """The operator, signed in for a screen on a wall."""
    with Session(desk.engine) as db, db.begin():
        person = db.scalar(text("SELECT max(person_id) FROM session"))
        opened = open_session(db, person, Visit("127.0.0.1", "test", "wall"), datetime.now(UTC))
    return Seat(opened.token, opened.csrf)


def test_the_wall_cycles_and_a_life_at_risk_holds_it_until_somebody_has_seen_it(chromium, desk, operator, wall):
    desk.tell(operator, 0.5, 2.5, category="0101", source="inspection")
    path = "/wall?lang=en&cycle=load,township&every=5"
    with sitting_at(chromium, desk, wall, path, screen=WALL) as page:
        title = page.locator(".wall-cycle > span")
        expect(page.locator(".wall-hero strong")).to_have_text("1")
        expect(page.locator(".wall-tightest li")).to_have_count(1)
        expect(title).to_have_text(re.compile("Busiest: North"))
        expect(title).to_have_text("Open in the district")
        with Session(desk.engine) as db, db.begin():
            db.execute(text("UPDATE category SET severity = 1 WHERE code = '0301'"))
        desk.tell(operator, 1.5, 0.5, category="0301", source="inspection")
        holding = page.get_by_role("alert")
        expect(holding).to_contain_text("Fire lane blocked")
        expect(title).to_have_text("Life at risk")
        page.wait_for_timeout(6000)  # longer than a view lasts
        expect(title).to_have_text("Life at risk")
        page.keyboard.press("Enter")
        expect(holding).to_have_count(0)
        expect(title).not_to_have_text("Life at risk")
        # Nothing personal stands on it, and the name of who signed in neither.
        assert "周晓岚" not in page.locator("body").inner_text()


def test_a_broken_line_says_since_when_the_figures_are_old(chromium, desk, wall):
    with sitting_at(chromium, desk, wall, "/wall?lang=en", screen=WALL, forgive="Failed to load") as page:
        expect(page.locator(".wall-old")).to_have_count(0)
        page.route(re.compile(r"/api/v1/events(\?|$)"), lambda route: route.abort())
        page.reload()
        expect(page.locator(".wall-old")).to_contain_text(re.compile(r"Figures are of \d\d:\d\d"))
