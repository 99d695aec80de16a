"""Zones on the planner's page: worked out, looked at on the map, taken; and proposals of a plan on the large map."""

from __future__ import annotations

import re
import uuid

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.people.rules import Role
from gridmap.planning.workbench import work_next
from tests.browser.desks import PHONE, Desk, sitting_at
from tests.planning.turning import add_staff
from tests.worlds import CODE, point

pytestmark = pytest.mark.browser

# Two cores and no graphics card: patience costs nothing where the answer comes.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def staffed(desk: Desk) -> Desk:
    """The town with a chief for every grid, a worker in A and B, and more households in the west."""
    with Session(desk.engine) as db, db.begin():
        for letter in "ABCDEF":
            add_staff(db, desk.town, letter, "chief")
        for letter in "AB":
            add_staff(db, desk.town, letter, "worker")
        db.execute(
            text("UPDATE grid_version SET households = 410 WHERE code IN (:a, :c)"), {"a": CODE["A"], "c": CODE["C"]}
        )
    return desk


def colours(page: Page, *places: tuple[float, float]) -> list[tuple[int, ...]]:
    """What the map shows at places of the drawing."""
    return [tuple(colour) for colour in page.evaluate(
        """(places) => {
            const [lon, lat, zoom] = new URLSearchParams(location.search).get('at').split(',').map(Number)
            const world = (x, y) => {
                const rad = (y * Math.PI) / 180
                const size = 256 * 2 ** zoom
                const north = Math.log(Math.tan(Math.PI / 4 + rad / 2))
                return [size * (x + 180) / 360, size * (0.5 - north / (2 * Math.PI))]
            }
            const canvas = [...document.querySelectorAll('.map canvas')]
            const box = document.querySelector('.map').getBoundingClientRect()
            const [x0, y0] = world(lon, lat)
            return places.map(([x, y]) => {
                const [px, py] = world(x, y)
                const at = [box.width / 2 + px - x0, box.height / 2 + py - y0]
                for (const one of canvas.reverse()) {
                    const scale = one.width / box.width
                    const found = one.getContext('2d').getImageData(at[0] * scale, at[1] * scale, 1, 1).data
                    if (found[3]) return [...found].slice(0, 3)
                }
                return [0, 0, 0]
            })
        }""",
        [point(*place) for place in places],
    )]  # fmt: skip


def nobody_is_kept_out(page: Page) -> None:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


def test_zones_are_worked_out_looked_at_taken_and_there_the_next_time(chromium, staffed):
    planner = staffed.seat(Role.PLANNER)
    with sitting_at(chromium, staffed, planner, "/planner?lang=en") as page:
        page.get_by_role("button", name="Zones").click()
        expect(page.locator(".zones-now")).to_contain_text("There are no zones yet.")
        the_wish_is_made_by_keys_alone(page)
        assert work_next()
        choices = page.locator(".zone-choices button")
        expect(choices).to_have_count(2)
        expect(choices.first).to_have_attribute("aria-pressed", "true")
        expect(page.locator(".score-card")).to_contain_text("Complementary skills")
        expect(page.locator(".zones")).to_contain_text("there is nothing to compare with")
        page.wait_for_url(re.compile("side=zones&at="))
        nobody_is_kept_out(page)
        even = zones_drawn(page)
        assert even in ({"AB", "CD"}, {"AD", "BC"}), "the even way"
        choices.last.click()
        expect(choices.last).to_have_attribute("aria-pressed", "true")
        page.wait_for_function("() => document.querySelectorAll('.zone-take input').length === 2")
        page.wait_for_timeout(300)
        assert zones_drawn(page) == {"AC", "BD"}, "the complementary way"
        names = page.locator(".zone-take input")
        names.first.fill("East bank")
        names.last.fill("East bank")
        expect(page.get_by_role("button", name="Take these zones")).to_be_disabled()
        names.first.fill("West bank")
        page.get_by_role("button", name="Take these zones").click()
        expect(page.locator(".zones-group li")).to_have_count(2)
        expect(page.locator(".zones-group")).to_contain_text("West bank")
        assert zones_drawn(page) == {"AC", "BD"}
        page.get_by_role("button", name="Clear it").click()
        expect(page.locator(".proposal")).to_have_count(0)

    with sitting_at(chromium, staffed, planner, "/planner?lang=en&side=zones", screen=PHONE) as page:
        page.get_by_role("button", name="Plans").last.tap()
        expect(page.locator(".zones-group li")).to_have_count(2)
        expect(page.locator(".proposal")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        page.get_by_role("button", name="On the map").tap()
        expect(page.get_by_role("button", name="Hide")).to_be_visible()
        expect(page.locator(".zone-wish")).to_contain_text("There are only 2 to group")
        expect(page.get_by_role("button", name="Work it out")).to_be_disabled()
        page.get_by_label("How many zones").fill("2")
        page.get_by_role("button", name="Work it out").tap()
        page.get_by_role("button", name="Stop it").tap()
        expect(page.locator(".proposal")).to_contain_text("stopped")


def the_wish_is_made_by_keys_alone(page: Page) -> None:
    page.get_by_role("button", name="Grids").press("Enter")
    expect(page.get_by_label("Township")).to_have_value("990106001")
    page.get_by_label("How many zones").press("Control+a")
    page.keyboard.type("2")
    page.get_by_label("Households").press("Control+a")
    page.keyboard.type("0")
    expect(page.get_by_role("button", name="Work it out")).to_be_disabled()
    page.get_by_label("Households").press("Control+a")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(page.locator(".proposal")).to_contain_text("waits for its turn")


def zones_drawn(page: Page) -> set[str]:
    """Letters of the grids that have the same colour on the map; off their middles, where names stand."""
    spots = {"A": (0.15, 2.2), "B": (1.85, 2.2), "C": (0.15, 1.2), "D": (1.85, 1.2)}
    found = dict(zip(spots, colours(page, *spots.values()), strict=True))
    return {"".join(letter for letter in found if found[letter] == colour) for colour in set(found.values())}


def test_a_proposal_of_a_plan_lies_on_the_large_map_and_what_is_dropped_stays_away(chromium, staffed):
    planner, plan, proposal = staffed.seat(Role.PLANNER), str(uuid.uuid4()), str(uuid.uuid4())
    staffed.post(planner, "/api/v1/plans", {"id": plan, "title": "Two of them"})
    wish = {"id": proposal, "kind": "split", "grid": CODE["A"], "min": 100, "max": 300}
    staffed.post(planner, f"/api/v1/plans/{plan}/proposals", wish)
    assert work_next()
    with sitting_at(chromium, staffed, planner, f"/planner?lang=en&plan={plan}") as page:
        page.get_by_role("button", name="Proposals").click()
        page.get_by_role("button", name="On the map").click()
        expect(page.get_by_role("button", name="On the map")).to_have_attribute("aria-pressed", "true")
        page.wait_for_url(re.compile("at="))
        page.get_by_role("button", name="Drop it").click()
        expect(page.locator(".proposals")).to_contain_text("Nothing is proposed yet.")
        assert page.request.get(f"{staffed.address}/api/v1/plans/{plan}/proposals").json()["items"] == []
