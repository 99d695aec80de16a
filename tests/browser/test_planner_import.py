"""A file as a draft, as a planner brings it: sent, fitted in by the worker, looked at grid by grid, taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gridmap.database import bind, make_engine
from gridmap.people.rules import Role
from gridmap.planning.workbench import work_next
from gridmap.settings import load_settings
from tests.browser.desks import PHONE, Desk, serving, sitting_at
from tests.database import copy_of_template
from tests.exchange.files import write_rows
from tests.planning.test_imported_draft import MOVED, box, with_shapes
from tests.worlds import build_town
from webapp import create_app

pytestmark = pytest.mark.browser

expect.set_options(timeout=20_000)


@pytest.fixture
def files(tmp_path) -> Path:
    return tmp_path


@pytest.fixture
def room(cluster, files) -> Iterator[Desk]:
    """The town, its service and the worker's bench, with one place for files."""
    with copy_of_template(cluster) as urls:
        engine: Engine = make_engine(urls.app, idle_timeout_s=None)
        with Session(engine) as db, db.begin():
            town = build_town(db)
        bind(engine)
        with serving(create_app(load_settings(api_per_minute=100_000, data_dir=files))) as address:
            yield Desk(address, engine, town)
        engine.dispose()


def bring(page: Page, path: Path) -> None:
    page.locator(".plan-form input[type=file]").set_input_files(path)
    expect(page.get_by_label("Column of the code")).to_have_value("code")
    page.get_by_role("button", name="Fit it in").click()
    expect(page.locator(".proposal").first).to_contain_text("waits for its turn")


def nobody_is_kept_out(page: Page) -> None:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


def test_a_file_with_a_hole_is_told_and_once_it_is_drawn_well_it_becomes_an_edit(
    chromium: Browser, room: Desk, files: Path
) -> None:
    planner = room.seat(Role.PLANNER)
    dirty = write_rows(files / "dirty.geojson", with_shapes(A=box(0, 1000, 480, 1500)))
    clean = write_rows(files / "clean.geojson", with_shapes(**MOVED))
    with sitting_at(chromium, room, planner, "/planner?lang=en", ready=False) as page:
        page.get_by_label("What it is about").fill("From the survey")
        page.get_by_role("button", name="Begin a plan").click()
        page.get_by_role("button", name="Proposals").click()
        page.get_by_role("button", name="Import a file").click()
        bring(page, dirty)
        work_next(None, files)
        proposal = page.locator(".proposal").first
        expect(proposal).to_contain_text("leaves 1 holes (10000.0 m²)")
        expect(proposal.get_by_role("button", name="Take it as an edit")).to_have_count(0)
        hole = proposal.locator(".file-places", has_text="Holes").get_by_role("button")
        expect(hole).to_contain_text("10,000 m²")
        hole.click()
        page.wait_for_url(re.compile("at="))
        nobody_is_kept_out(page)

        bring(page, clean)
        work_next(None, files)
        expect(proposal).to_contain_text("4 unchanged · 2 changed · 0 new · 0 end")
        expect(proposal.get_by_role("row", name="Grid A")).to_contain_text("75,000")
        proposal.get_by_role("button", name="Take it as an edit").click()
        expect(proposal).to_contain_text("taken as an edit")
        plan = page.url
    with sitting_at(
        chromium, room, planner, plan.replace(room.address, "") + "&lang=zh-CN", screen=PHONE, ready=False
    ) as page:
        page.locator(".phone-tabs button").nth(1).click()
        page.get_by_role("button", name="提议", exact=True).click()
        expect(page.locator(".proposal").first).to_contain_text("已采用")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"]
