"""Files in and out in a real browser: what is chosen is sent, looked at on the map, and written on one button."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from gridmap.database import make_engine
from gridmap.people.rules import Role
from tests.browser.desks import PHONE, Desk, running_desk, sitting_at
from tests.database import copy_of_template
from tests.worlds import point

pytestmark = pytest.mark.browser

expect.set_options(timeout=20_000)

GOOD, BAD = "400", "many"
WORDS = {
    "en": {
        "kind": "Sites", "wrong": "Must change", "deed": "Import 3: Sites", "done": "The file is imported",
        "repair": "Repair the file",
    },
    "zh-CN": {
        "kind": "场所", "wrong": "须改", "deed": "导入 3 条：场所", "done": "已导入", "repair": "修好文件"
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def desk(cluster, tmp_path_factory) -> Iterator[Desk]:
    with copy_of_template(cluster) as urls, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        engine = make_engine(urls.app, idle_timeout_s=None)
        with running_desk(engine) as desk:
            yield desk
        engine.dispose()


@pytest.fixture
def at_page(chromium, desk):
    def sit(role=Role.PLANNER, language="en", **wishes):
        path = f"/admin/files?lang={language}&kind=sites"
        return sitting_at(chromium, desk, desk.seat(role), path, **wishes)

    return sit


def table(households: str, prefix: str = "S") -> dict[str, object]:
    """A table of three sites, the second with so many households."""
    rows = ["code,kind,name,households,lon,lat"]
    for n, (many, place) in enumerate(((GOOD, (0.5, 2.5)), (households, (1.5, 1.5)), (GOOD, (0.5, 0.5)))):
        lon, lat = point(*place)
        rows.append(f"{prefix}-{n},school,清河小学 {n},{many},{lon},{lat}")
    return {"name": "sites.csv", "mimeType": "text/csv", "buffer": "\n".join(rows).encode()}


def give(page: Page, file: dict[str, object]) -> None:
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]


def sites(desk: Desk, prefix: str) -> int:
    with desk.engine.connect() as look:
        return look.scalar(text("SELECT count(*) FROM site WHERE code LIKE :like"), {"like": f"{prefix}-%"})


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_file_is_looked_at_repaired_and_written(at_page, desk, language):
    words, prefix = WORDS[language], language[:2]
    with at_page(language=language) as page:
        page.emulate_media(reduced_motion="reduce")
        expect(page.get_by_role("radio", name=words["kind"])).to_have_attribute("aria-checked", "true")
        give(page, table(BAD, prefix))
        expect(page.locator(".defects h3")).to_have_text(words["wrong"])
        expect(page.locator(".rows-panel tbody tr")).to_have_count(3)
        expect(page.locator(".deed")).to_be_disabled()
        expect(page.locator(".result-panel footer")).to_contain_text(words["repair"])
        give(page, table(GOOD, prefix))
        expect(page.locator(".sound")).to_be_visible()
        assert sites(desk, prefix) == 0
        page.get_by_role("button", name=words["deed"]).click()
        expect(page.locator(".outcome h2")).to_have_text(words["done"])
        assert sites(desk, prefix) == 3
        expect(page.locator(".outcome a.button")).to_have_attribute("href", "/?at=114.20446,35.72231,14.00")


def test_a_defect_and_its_place_on_the_map_lead_to_each_other(at_page):
    with at_page() as page:
        page.emulate_media(reduced_motion="reduce")
        give(page, table(BAD))
        defect, row = page.locator(".defect"), page.locator(".rows-panel tbody tr").nth(1)
        expect(defect).to_have_count(1)
        box = page.locator(".map").bounding_box()
        centre = {"x": box["width"] / 2, "y": box["height"] / 2}
        defect.click()
        expect(defect).to_have_attribute("aria-current", "true")
        expect(row).to_have_attribute("aria-selected", "true")
        # The map has gone there: the place is in its middle, and nothing of the file is beside it.
        page.locator(".map").click(position={"x": centre["x"] + 150, "y": centre["y"] + 60})
        expect(defect).to_have_attribute("aria-current", "false")
        page.locator(".map").click(position=centre)
        expect(defect).to_have_attribute("aria-current", "true")
        expect(row).to_have_attribute("aria-selected", "true")


def test_what_cannot_be_read_is_told_at_its_place_and_the_file_stays(at_page):
    with at_page(forgive="422") as page:
        give(page, {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 Dear colleague"})
        expect(page.get_by_role("alert")).to_contain_text("PDF")
        expect(page.locator(".file-row b")).to_have_text("letter.pdf")
        give(page, table(GOOD, "T"))
        expect(page.get_by_role("alert")).to_have_count(0)
        expect(page.locator(".deed")).to_be_enabled()


def test_columns_under_other_names_are_said_by_choosing_them(at_page):
    content = table(GOOD, "U")
    content["buffer"] = content["buffer"].replace(b"code,kind,name,households,lon,lat", b"no,what,called,hh,east,north")
    with at_page() as page:
        give(page, content)
        expect(page.locator(".mapping[open] .is-needed")).to_have_count(3)
        for field, column in (("Code *", "no"), ("Kind *", "what"), ("name *", "called"), ("longitude", "east"),
                              ("latitude", "north")):  # fmt: skip
            page.get_by_label(field).select_option(column)
        expect(page.locator(".form-foot")).to_contain_text("The options have changed")
        page.get_by_role("button", name="Check again").click()
        expect(page.locator(".sound")).to_be_visible()
        expect(page.get_by_role("button", name="Import 3: Sites")).to_be_enabled()


def test_a_file_goes_out_in_the_chosen_form(at_page):
    with at_page() as page:
        page.get_by_role("button", name="Export").click()
        page.get_by_role("button", name="Grids").click()
        page.get_by_label("Format").select_option("csv")
        with page.expect_download() as download:
            page.get_by_role("button", name="Download").click()
        assert download.value.suggested_filename.startswith("grids-")
        assert download.value.suggested_filename.endswith(".csv")
        page.get_by_role("button", name="Import", exact=True).click()
        with page.expect_download() as template:
            page.get_by_role("button", name="Excel template").click()
        assert template.value.suggested_filename == "sites-template.xlsx"


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_phone_cuts_nothing(at_page, language):
    with at_page(language=language, screen=PHONE) as page:
        give(page, table(BAD, "P"))
        expect(page.locator(".defect")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_an_administrator_brings_devices_and_sees_no_ground(at_page):
    with at_page(role=Role.ADMIN) as page:
        expect(page.get_by_role("radio")).to_have_text("Devices")
        expect(page.locator(".no-map")).to_contain_text("no map of the ground")


def test_the_command_page_leads_here_and_back(chromium, desk):
    with sitting_at(chromium, desk, desk.seat(Role.PLANNER), "/?lang=en") as page:
        page.locator(".faces").get_by_role("link", name="Files").click()
        page.wait_for_selector("html[data-ready]", state="attached")
        expect(page.locator("h1")).to_have_text("Files in and out")
        page.locator(".faces").get_by_role("link", name="Command").click()
        expect(page.locator(".queue")).to_be_visible()


def test_every_module_is_named_ahead_and_nothing_else(at_page):
    with at_page() as page:
        named = page.evaluate("[...document.querySelectorAll('link[rel=modulepreload]')].map((link) => link.href)")
        loaded = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
        assert sorted(named) == sorted({url for url in loaded if url.endswith(".js")})
