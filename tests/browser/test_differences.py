"""The pages that look back: two days compared as map, table and text, and one grid through its versions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import shapely
from playwright.sync_api import Browser, expect
from sqlalchemy.orm import Session

from gridmap.grids.drafts import Descent, GridDraft
from gridmap.grids.publishing import publish_coverage
from gridmap.people.rules import Role
from tests.browser.desks import PHONE, Desk, sitting_at
from tests.worlds import CODE, SIDE, grid_drafts

pytestmark = pytest.mark.browser

expect.set_options(timeout=20_000)

SPLIT_AT, RENAMED_AT = datetime(2025, 6, 1, tzinfo=UTC), datetime(2025, 9, 1, tzinfo=UTC)
NEW = "990106001001003"
TABLE = ".difference-table tbody tr"


@pytest.fixture(scope="module")
def divided(desk: Desk) -> Desk:
    """A is divided in June 2025, its eastern part is new; in September, F has another name."""
    grids = {draft.code: draft for draft in grid_drafts()}
    west, south, east, north = grids[CODE["A"]].plane.bounds
    middle = west + 0.4 * SIDE
    grids[CODE["A"]] = replace(grids[CODE["A"]], plane=shapely.box(west, south, middle, north), households=160)
    grids[NEW] = GridDraft(
        NEW, "东关 03", "urban", NEW[:12], 240, shapely.box(middle, south, east, north), {"en": "Dongguan 03"}
    )
    corner = shapely.Point(middle, south)
    c = grids[CODE["C"]]
    grids[CODE["C"]] = replace(c, plane=shapely.normalize(shapely.snap(c.plane, corner, 0.001)))
    with Session(desk.engine) as db, db.begin():
        ground = desk.town.district_id
        came = [Descent(CODE["A"], NEW, "split", 0.6, 0.6)]
        publish_coverage(db, ground, list(grids.values()), base_edition=1, effective_at=SPLIT_AT, lineage=came)
        grids[CODE["F"]] = replace(grids[CODE["F"]], name="车站", names={"en": "Station"})
        publish_coverage(db, ground, list(grids.values()), base_edition=2, effective_at=RENAMED_AT)
    return desk


def test_two_days_are_compared_on_map_in_rows_and_in_words(chromium: Browser, divided: Desk):
    seat = divided.seat(Role.PLANNER)
    path = "/planner/differences?from=2025-02-01&to=2025-12-01"
    with sitting_at(chromium, divided, seat, f"{path}&lang=en", forgive="422") as page:
        # C has only one corner more: nobody is told of it.
        expect(page.locator(f"{TABLE} .grid-name")).to_have_text(["Grid A", "Dongguan 03", "Station"])
        expect(page.locator('[data-total="grids"]')).to_have_text("6 → 7")
        expect(page.locator('[data-total="households"]')).to_have_text("240")
        row = page.locator(TABLE, has_text="Dongguan 03")
        scale = page.locator(".scale").inner_text()
        row.locator("button").focus()
        page.keyboard.press("Enter")
        expect(row).to_have_attribute("aria-selected", "true")
        expect(row).to_contain_text("got 15.0 ha from Grid A · 240 households")
        expect(page.locator(".scale")).not_to_have_text(scale)  # the map went nearer
        assert "grid=" in page.url

        said = page.locator(".sentences p")
        expect(said.first).to_contain_text("1 February 2025 to 1 December 2025: grids before: 6, after: 7")
        expect(page.locator(".sentences")).to_contain_text(
            "Dongguan 03 was split off from Grid A: 15.0 ha, households: 240."
        )
        page.locator(".tongues").get_by_text("中文").click()
        expect(page.locator(".sentences")).to_contain_text("东关 03由网格 A拆出")
        page.get_by_role("button", name="Copy text").click()
        assert "东关 03由网格 A拆出" in page.evaluate("getSelection().toString()")

        # What one edition changed is offered; the address follows, so that a link shows what I see.
        page.get_by_role("button", name="Edition 3").click()
        expect(page.locator(f"{TABLE} .grid-name")).to_have_text(["Station"])
        expect(page.locator(TABLE)).to_contain_text("Name")
        page.reload()
        expect(page.locator(f"{TABLE} .grid-name")).to_have_text(["Station"])

        # Days between which nothing was published.
        page.get_by_label("Later day").fill("2025-05-01")
        page.get_by_label("Earlier day").fill("2025-03-01")
        expect(page.locator(".difference-none")).to_be_visible()
        page.get_by_label("Earlier day").fill("2025-08-01")
        expect(page.get_by_role("alert")).to_contain_text("from stands before to")


def test_a_grid_is_followed_through_its_versions(chromium: Browser, divided: Desk):
    seat = divided.seat(Role.TOWNSHIP, divided.town.area_path("A", "C"))
    with sitting_at(chromium, divided, seat, f"/planner/grids/{CODE['A']}?lang=en", screen=PHONE) as page:
        versions = page.locator(".version-list > li")
        expect(versions.locator("h2")).to_have_text(["Boundary moved · Grid A", "Imported · Grid A"])
        expect(versions.locator("svg .was")).to_have_count(1)
        expect(versions.nth(1)).to_contain_text("later to Dongguan 03 · 60% of its area")
        page.get_by_role("link", name="All that edition 2 changed").click()
        expect(page.locator(f"{TABLE} .grid-name")).to_have_text(["Grid A", "Dongguan 03"])
        page.locator(".grid-name", has_text="Dongguan 03").click()
        page.get_by_role("link", name="All versions of this grid").click()
        expect(versions).to_have_count(1)
        expect(versions).to_contain_text("from Grid A · 60% of its area")


def test_a_grid_that_never_was_is_said_to_be_none(chromium: Browser, divided: Desk):
    seat = divided.seat(Role.PLANNER)
    with sitting_at(chromium, divided, seat, "/planner/grids/000?lang=en", forgive="404") as page:
        expect(page.locator(".start-failure")).to_contain_text("There is no grid 000")
