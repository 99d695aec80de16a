"""The command page at an instant of the past: everything obeys, nothing disturbs, and one key leads back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect
from sqlalchemy.orm import Session

from gridmap.grids.drafts import GridDraft
from gridmap.grids.publishing import publish_coverage
from tests.browser.desks import sitting_at
from tests.webapp.test_looking_back import add
from tests.worlds import CODE, grid_drafts, point, square

pytestmark = pytest.mark.browser

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
CHANGE = NOW - timedelta(days=20)
PAST = (NOW - timedelta(days=30)).replace(second=0, microsecond=0)
ROW = ".queue-rows .row"
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def story(desk):
    """A is closed long ago, B since today. Twenty days ago D took over from C."""
    with Session(desk.engine) as db, db.begin():
        days = timedelta(days=1)
        incidents = {
            "A": add(db, desk.town, "A", point(0.5, 2.5), occurred=PAST - HOUR, filed=PAST - HOUR, closed=PAST + days),
            "B": add(db, desk.town, "B", point(1.5, 2.5), occurred=NOW - 5 * HOUR, filed=NOW - 5 * HOUR),
        }
        drafts = [draft for draft in grid_drafts() if draft.code not in (CODE["C"], CODE["D"])]
        wide = square(0, 1).union(square(1, 1))
        drafts.append(GridDraft(CODE["D"], "网格 D", "urban", CODE["D"][:12], 800, wide, {"en": "Grid D"}))
        publish_coverage(db, desk.town.district_id, drafts, base_edition=1, effective_at=CHANGE)
    return incidents


def address(moment: datetime) -> str:
    return f"as_of={moment.isoformat(timespec='minutes').replace('+00:00', 'Z')}"


def wait_for(page: Page, arrived: list[Any]) -> None:
    """Let the page go on until something has arrived; what catches its requests runs meanwhile."""
    while not arrived:
        page.wait_for_timeout(50)


def slider(page: Page) -> object:
    return page.get_by_role("slider", name="Moment shown")


def test_sliding_back_turns_every_panel_and_one_key_leads_to_now(chromium, desk, operator, story):
    with sitting_at(chromium, desk, operator, "/?lang=en") as page:
        expect(page.locator(f"#row-{story['B']}")).to_be_visible()
        expect(slider(page)).to_have_attribute("aria-valuetext", "now")
        expect(page.locator(".day-bars rect")).not_to_have_count(0)
        # Six hours and more back, before B happened: the queue is empty, and so are the numbers and the map.
        slider(page).focus()
        for _ in range(6):
            page.keyboard.press("PageDown")
        expect(page.locator(".topbar .look-back")).to_contain_text("Looking back")
        expect(page.locator(f"#row-{story['B']}")).to_have_count(0)
        expect(page.locator(".topbar .numbers a strong").first).to_have_text("0")
        expect(page.locator(".queue")).to_contain_text("Nothing is open.")
        # News do not disturb who looks back.
        fresh = desk.tell(operator, 0.5, 0.5)
        page.wait_for_timeout(1500)
        expect(page.locator(f"#row-{fresh['id']}")).to_have_count(0)
        expect(page.locator(".toast")).to_have_count(0)
        # What is heard while the rows of now are on their way is not lost under them.
        late: list[tuple[Route, APIResponse]] = []
        listing = re.compile(r"/api/v1/incidents\?(?!.*mine)")
        page.route(listing, lambda route: late.append((route, route.fetch())))
        page.keyboard.press("t")
        expect(page.locator(".topbar .look-back")).to_have_count(0)
        wait_for(page, late)
        between = desk.tell(operator, 0.5, 0.6)
        expect(page.locator(f"#row-{between['id']}")).to_be_visible()
        route, answer = late[0]
        route.fulfill(response=answer)
        page.unroute(listing)
        expect(page.locator(f"#row-{fresh['id']}")).to_be_visible()
        expect(page.locator(f"#row-{story['B']}")).to_be_visible()
        expect(page.locator(f"#row-{between['id']}")).to_be_visible()
        # Back leads into the past again, and the button out of it.
        page.go_back()
        expect(page.locator(".topbar .look-back")).to_be_visible()
        page.get_by_role("button", name="Back to now").first.click()
        expect(page.locator(f"#row-{fresh['id']}")).to_be_visible()


def test_a_link_into_the_past_shows_the_incident_the_grid_and_the_edition_of_then(chromium, desk, operator, story):
    with sitting_at(
        chromium, desk, operator, f"/?lang=en&incident={story['A']}&{address(PAST)}", forgive="404"
    ) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        card = page.locator(".card")
        expect(card.locator(".state").first).to_have_text("Filed")
        expect(card.locator(".since")).to_contain_text("One step was taken since then.")
        expect(card.locator(".steps")).to_have_count(0)
        expect(card).not_to_contain_text("closed it")
        page.keyboard.press("c")
        expect(card.locator("form")).to_have_count(0)
        expect(page.locator(ROW)).to_have_count(1)
        # Grid C was there then, with its own history; who asks for it today is told so in a sentence.
        page.goto(f"{desk.address}/?lang=en&grid={CODE['C']}&{address(PAST)}")
        expect(card.locator("h2")).to_have_text("Grid C")
        expect(card.locator(".versions .shown")).to_have_count(1)
        page.locator(".day-name").click()
        expect(page.locator(".editions button[aria-current]")).to_contain_text("Edition 1")
        page.get_by_role("button", name=re.compile("^Edition 2")).click()
        expect(card).to_contain_text("There is no grid")
        # Not the minute in which it took effect: the first one in which it held all along.
        held = address(CHANGE.replace(second=0) + timedelta(minutes=1))
        page.wait_for_url(lambda url: held in url)
        tiles = [url for url in asked if "/tiles/grids/" in url and "as_of=" in url]
        assert tiles, "the grids on the map are those of the day"


def test_a_place_in_another_datum_is_found_from_the_keyboard_and_shared_by_its_address(chromium, desk, operator):
    lon, lat = point(0.5, 2.5)
    with sitting_at(chromium, desk, operator, "/?lang=en") as page:
        page.keyboard.press("/")
        page.keyboard.type(f"{lat:.6f}, {lon:.6f}")
        options = page.get_by_role("option")
        expect(options.first).to_contain_text("Read in WGS 84 (GPS) · latitude and longitude were swapped")
        expect(options.nth(1)).to_contain_text(re.compile(r"In GCJ-02 \(Amap, Tencent\), \d+ m away"))
        page.keyboard.press("Enter")
        card = page.locator(".card")
        expect(card.locator(".grid-link")).to_contain_text("Grid A")
        page.wait_for_url(re.compile(rf"place={lon:.6f},{lat:.6f}"))
        shared = page.url
    with sitting_at(chromium, desk, operator, f"{shared.removeprefix(desk.address)}&lang=en") as page:
        expect(page.locator(".card .grid-link")).to_contain_text("Grid A")


def test_a_link_leads_through_sign_in_back_to_itself_and_says_when_it_is_out_of_reach(chromium, desk, story):
    signed_out = chromium.new_page()
    signed_out.goto(f"{desk.address}/?grid={CODE['E']}&{address(PAST)}")
    assert "/sign-in" in signed_out.url
    field = signed_out.locator("input[name=next]").input_value()
    signed_out.close()
    assert field == f"/?grid={CODE['E']}&{address(PAST)}"
    north = desk.town.area_path("A", "C")
    with sitting_at(chromium, desk, desk.seat(path=north), f"/?lang=en&grid={CODE['E']}", forgive="404") as page:
        expect(page.locator(".card [role=alert]")).to_contain_text("not yours to see")
