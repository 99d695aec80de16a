"""Documents from a disk, in a real browser that has no network."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.grids.queries import current_district
from gridmap.insight.brief import draw_brief
from gridmap.insight.figures import read_brief
from gridmap.insight.maps import draw_map
from gridmap.insight.queries import sight_of
from gridmap.insight.rules import week_of
from gridmap.insight.situation import Wish, read_situation
from gridmap.people.rules import system_actor
from gridmap.system.audit import Doer
from tests.browser.desks import PHONE, sitting_at

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=document.title='owned'>{{7*7}}\nsecond ‮line"
expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def hostile(desk, operator):
    """A town in which a class and an area are called what means harm."""
    told = [desk.tell(operator, 0.5 + shift, 2.5, source="inspection", category="0101") for shift in (0, 0.0003)]
    with Session(desk.engine) as db, db.begin():
        db.execute(text("UPDATE category SET name = :name, names = '{}' WHERE code = '0101'"), {"name": HOSTILE})
    yield told
    with Session(desk.engine) as db, db.begin():
        db.execute(
            text("UPDATE category SET name = '井盖缺失', names = '{\"en\": \"Manhole open\"}' WHERE code = '0101'")
        )


def opened(chromium: Browser, path: Path, **wishes: object) -> tuple[Page, list[str]]:
    """A file in a browser without a network; everything it asked for, and every fault it had."""
    context = chromium.new_context(offline=True, **wishes)
    page = context.new_page()
    noticed: list[str] = []
    page.on("request", lambda request: noticed.append(request.url))
    page.on("pageerror", lambda error: noticed.append(f"uncaught: {error}"))
    page.on("console", lambda message: noticed.append(message.text) if message.type in ("error", "warning") else None)
    page.goto(path.as_uri())
    return page, noticed


def painted(page: Page, pane: str) -> int:
    """How many pixels of a pane of the map are not empty."""
    return page.evaluate(
        """(pane) => {
          const canvas = document.querySelector(`.leaflet-${pane}-pane canvas`)
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
          return data.filter((value, at) => at % 4 === 3 && value > 0).length
        }""",
        pane,
    )


def test_a_map_opens_with_the_cable_pulled_and_shows_names_as_text(chromium, desk, hostile, tmp_path):
    now = datetime.now(UTC)
    with Session(desk.engine) as db:
        actor = system_actor(Doer(None, "system"))
        situation = read_situation(db, sight_of(actor), Wish(colouring="open"), now)
        (tmp_path / "map.html").write_text(draw_map(situation, "en"))
    page, noticed = opened(chromium, tmp_path / "map.html", viewport={"width": 1280, "height": 800})
    page.wait_for_selector("html[data-ready]", state="attached")
    expect(page.locator(".situation-head")).to_contain_text("Qishui")
    assert painted(page, "grids") > 20_000
    cluster = page.locator(".cluster")
    expect(cluster).to_have_count(1)
    cluster.click()
    mark = page.locator(".mark:not(.cluster)").first
    mark.click()
    told = page.locator(".leaflet-popup .tag")
    expect(told.locator("b")).to_have_text(HOSTILE)
    assert page.locator(".leaflet-container img").count() == 0
    page.keyboard.press("Escape")
    page.locator(".leaflet-control-layers").hover()
    page.get_by_label("Grids by kind").check()
    expect(page.locator(".situation-legend [data-layer=kind]")).to_be_visible()
    expect(page.locator(".situation-legend [data-layer=open]")).to_be_hidden()
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [f["id"] for f in found if f["impact"] in ("serious", "critical")] == []
    assert page.title() == "Qishui"
    assert noticed == [(tmp_path / "map.html").as_uri()]
    page.context.close()


def test_a_brief_opens_with_its_map_inside_and_nothing_hinders_a_reader(chromium, desk, hostile, tmp_path):
    now = datetime.now(UTC)
    with Session(desk.engine) as db:
        actor = system_actor(Doer(None, "system"))
        zone = current_district(db).zone
        brief = read_brief(db, sight_of(actor), week_of(now.astimezone(zone).date(), zone), None, now)
        (tmp_path / "brief.html").write_text(draw_brief(brief, "zh-CN"))
    page, noticed = opened(chromium, tmp_path / "brief.html", viewport=PHONE)
    inside = page.frame_locator("iframe")
    inside.locator("html[data-ready]").wait_for(state="attached")
    expect(page.locator(".card").first).to_contain_text("新发生")
    expect(page.locator("tbody th bdi", has_text="onerror").first).to_have_text(HOSTILE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [f["id"] for f in found] == []
    assert [said for said in noticed if said != (tmp_path / "brief.html").as_uri() and said != "about:srcdoc"] == []
    page.context.close()


def test_the_command_screen_gives_what_it_shows_as_a_file(chromium, desk, operator, hostile, tmp_path):
    with sitting_at(chromium, desk, operator, "/?lang=en&by=overdue") as page:
        with page.expect_download() as waiting:
            page.get_by_role("button", name="This map as a file").click()
        waiting.value.save_as(tmp_path / "kept.html")
        assert waiting.value.suggested_filename.startswith("map-")
        expect(page.get_by_role("button", name="This map as a file")).to_be_enabled()
    kept, noticed = opened(chromium, tmp_path / "kept.html")
    kept.wait_for_selector("html[data-ready]", state="attached")
    expect(kept.locator(".situation-legend [data-layer=overdue]")).to_be_visible()
    assert noticed == [(tmp_path / "kept.html").as_uri()]
    kept.context.close()
