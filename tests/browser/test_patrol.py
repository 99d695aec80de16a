"""The patrol page in a real browser with a position, on the real application, as a worker with a phone has it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL.TiffImagePlugin import IFDRational
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.database import bind, make_engine
from gridmap.people.sessions import Visit, open_session
from gridmap.settings import load_settings
from tests.browser.desks import PHONE, Desk, Seat, Strict, serving
from tests.database import copy_of_template
from tests.pictures import FULL_TAGS, photo
from tests.worlds import CODE, add_person, build_town, point
from webapp import create_app
from webapp.shared.policy import SESSION_COOKIE

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)

HOLE, SWEPT = ({"name": name, "mimeType": "image/jpeg", "buffer": photo(seed=i)} for i, name in enumerate("ab", 2))
CHIP = ".chips-row .chip"
SEND = ".report .foot button"
BADGE = ".badge"
KEPT_TILES = "async () => (await caches.keys()).some((name) => name.startsWith('gridmap-tiles-'))"
KEPT = """() => new Promise((resolve) => {
  indexedDB.open('gridmap-patrol').onsuccess = ({ target: { result: db } }) => {
    db.transaction('kept').objectStore('kept').count().onsuccess = ({ target }) => resolve(target.result)
  }
})"""


@pytest.fixture(scope="module")
def desk(cluster, tmp_path_factory) -> Iterator[Desk]:
    """The application over the drawn town, with a place for photos."""
    with copy_of_template(cluster) as urls:
        engine = make_engine(urls.app, idle_timeout_s=None)
        with Session(engine) as db, db.begin():
            town = build_town(db)
        bind(engine)
        settings = load_settings(api_per_minute=100_000, data_dir=tmp_path_factory.mktemp("data"))
        with serving(create_app(settings)) as address:
            yield Desk(address, engine, town)
        engine.dispose()


@pytest.fixture(scope="module")
def operator(desk) -> Seat:
    return desk.seat()


def worker_of(desk: Desk, letter: str) -> Seat:
    """A worker of one grid, signed in on a phone."""
    town = desk.town
    with Session(desk.engine) as db, db.begin():
        person = add_person(db, f"worker-{secrets.token_hex(4)}", "韩雪")
        db.execute(
            text(
                "INSERT INTO assignment (person_id, role, grid_id, path, valid)"
                " VALUES (:person, 'worker', :grid, :path, tstzrange('2020-01-01', NULL))"
            ),
            {"person": person, "grid": town.grid_ids[letter], "path": town.path_of(letter)},
        )
        visit = Visit(address="127.0.0.1", browser="test", kind="phone")
        opened = open_session(db, person, visit, datetime.now(UTC))
        return Seat(opened.token, opened.csrf)


@pytest.fixture
def phone(chromium, desk):
    """Hold a phone of a worker of grid A, standing somewhere, or with no position at all."""

    @contextmanager
    def hold(
        at: tuple[float, float] | None, *, path: str = "/patrol?lang=en", forgive: str | None = None
    ) -> Iterator[tuple[Page, BrowserContext]]:
        wishes: dict[str, Any] = {}
        if at:
            lon, lat = point(*at)
            wishes["geolocation"] = {"longitude": lon, "latitude": lat, "accuracy": 9}
            wishes["permissions"] = ["geolocation"]
        context = chromium.new_context(viewport=PHONE, has_touch=True, **wishes)
        seat = worker_of(desk, "A")
        cookie = {"name": SESSION_COOKIE, "value": seat.token, "domain": "127.0.0.1", "path": "/", "secure": True}
        context.add_cookies([cookie])
        try:
            strict = Strict(context.new_page(), desk.address, forgive)
            strict.page.goto(desk.address + path)
            strict.page.wait_for_selector("html[data-ready]", state="attached", timeout=20_000)
            yield strict.page, context
            assert strict.faults == []
        finally:
            context.close()

    return hold


def rows(desk: Desk, query: str, **values: Any) -> list[Any]:
    with Session(desk.engine) as db:
        return list(db.execute(text(query), values).all())


def reported(desk: Desk) -> Any:
    """The report that came last, with its incident, its grid and its places."""
    found = rows(
        desk,
        "SELECT r.id, r.category, r.text, r.place_method, r.reporter_error_m, r.occurred_at, r.received_at,"
        " ST_X(r.place) AS lon, ST_Y(r.place) AS lat, ST_X(r.reporter_place) AS from_lon,"
        " ST_Y(r.reporter_place) AS from_lat, v.code, i.id AS incident, i.state,"
        " (SELECT count(*) FROM incident_source o WHERE o.report_id = r.id) AS incidents,"
        " (SELECT count(*) FROM report_media m JOIN media p USING (sha256)"
        "  WHERE m.report_id = r.id AND p.state = 'stored') AS photos"
        " FROM report r JOIN incident_source s ON s.report_id = r.id JOIN incident i ON i.id = s.incident_id"
        " LEFT JOIN grid_version v ON v.id = r.grid_version_id ORDER BY r.received_at DESC LIMIT 1",
    )
    return found[0]


def take(page: Page, picture: dict[str, Any], *, within: str = "Photos") -> None:
    page.get_by_role("region", name=within).locator("input[type=file]").set_input_files([picture])


def assert_accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.response["violations"] == [], found.generate_report()


def test_a_report_is_three_taps_and_becomes_one_incident_in_the_right_grid(phone, desk):
    with phone((0.5, 2.5)) as (page, _):
        expect(page.get_by_role("heading", level=1)).to_have_text("Grid A")
        assert_accessible(page)
        page.get_by_role("button", name="Report", exact=True).click()
        expect(page.locator(".grid-line")).to_contain_text("Grid A")
        expect(page.locator(".grid-line .mark")).to_have_text("mine")
        expect(page.locator(".place .pill.position")).to_contain_text("within 9 m")
        page.locator(CHIP, has_text="Litter").click()
        take(page, HOLE)
        expect(page.locator(".photos img")).to_have_count(1)
        assert_accessible(page)
        page.locator(SEND).click()
        expect(page.locator(".toast")).to_contain_text("Kept on the phone")
        expect(page.locator(BADGE)).to_have_text("Sent")
        # What was just reported stands in the own grid, so it is among what is to be done.
        expect(page.locator(".home .task")).to_contain_text("Litter")
    told = reported(desk)
    assert (told.category, told.code, told.incidents, told.photos) == ("0201", CODE["A"], 1, 1)
    assert (told.place_method, told.from_lon) == ("gps", None)
    assert (told.lon, told.lat) == pytest.approx(point(0.5, 2.5), abs=1e-9)
    assert told.occurred_at < told.received_at


def test_where_the_reporter_stands_and_where_the_thing_is_are_two_places(phone, desk):
    with phone((0.96, 2.5)) as (page, _):
        page.get_by_role("button", name="Report", exact=True).click()
        page.get_by_role("button", name="It is elsewhere").click()
        box = page.locator(".place-map .map").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y - 12)
        page.mouse.down()
        page.mouse.move(x + 60, y - 12, steps=6)
        page.mouse.up()
        expect(page.locator(".grid-line")).to_contain_text("Grid B")
        expect(page.locator(".grid-line .mark")).to_have_text("not mine")
        expect(page.locator(".place .pill.position")).to_contain_text(re.compile(r"By hand, ± \d+ m; \d+ m from here"))
        page.locator(CHIP, has_text="Manhole").click()
        page.get_by_role("button", name="Add words").click()
        page.get_by_label("Words").fill("盖子不见了")
        page.locator(SEND).click()
        expect(page.locator(BADGE)).to_have_text("Sent")
    told = reported(desk)
    assert (told.code, told.place_method, told.text) == (CODE["B"], "pin", "盖子不见了")
    assert (told.from_lon, told.from_lat) == pytest.approx(point(0.96, 2.5), abs=1e-9)
    assert told.reporter_error_m == 9
    assert told.lon - told.from_lon > 1e-4


def test_without_a_position_the_photo_says_where_or_a_hand_does(phone, desk):
    with phone(None) as (page, _):
        expect(page.locator(".home-map .pill")).to_contain_text("No position")
        page.get_by_role("button", name="Report", exact=True).click()
        expect(page.locator(".grid-line")).to_contain_text("No place yet")
        page.locator(CHIP, has_text="Litter").click()
        east_north = dict(FULL_TAGS[0x8825]) | {2: _dms(point(0.5, 2.4)[1]), 4: _dms(point(0.5, 2.4)[0])}
        page_photo = photo(tags={0x8825: east_north}, seed=9)
        take(page, {"name": "c.jpg", "mimeType": "image/jpeg", "buffer": page_photo})
        page.get_by_role("button", name="Use the position of the photo").click()
        expect(page.locator(".grid-line")).to_contain_text("Grid A")
        expect(page.locator(".place .pill.position")).to_contain_text("From the photo, ± 8 m")
        page.get_by_role("button", name="Take the pin away").click()
        page.locator(".place-map .map").click(position={"x": 200, "y": 150})
        expect(page.locator(".place .pill.position")).to_contain_text("By hand")
        page.get_by_role("button", name="Take the pin away").click()
        page.get_by_role("button", name="Use the position of the photo").click()
        page.locator(SEND).click()
        expect(page.locator(BADGE)).to_have_text("Sent")
    told = reported(desk)
    assert (told.place_method, told.from_lon, told.code) == ("exif", None, CODE["A"])
    assert (told.lon, told.lat) == pytest.approx(point(0.5, 2.4), abs=1e-6)


def _dms(degrees: float) -> tuple[IFDRational, ...]:
    """Degrees as EXIF writes them: degrees, minutes and seconds as fractions."""
    whole = int(degrees)
    minutes = int((degrees - whole) * 60)
    seconds = round(((degrees - whole) * 60 - minutes) * 60 * 1e5)
    return IFDRational(whole), IFDRational(minutes), IFDRational(seconds, 100_000)


def test_what_is_reported_without_network_waits_in_sight_and_goes_by_itself(phone, desk):
    with phone((0.5, 2.5), path="/patrol?lang=zh-CN", forgive="net::ERR_") as (page, context):
        context.set_offline(True)
        page.get_by_role("button", name="上报", exact=True).click()
        page.locator(CHIP, has_text="消防通道占用").click()
        take(page, SWEPT, within="照片")
        page.locator(SEND).click()
        expect(page.locator(".toast")).to_contain_text("有网络后自动发送")
        expect(page.locator(BADGE)).to_have_text("待发 1")
        before = len(rows(desk, "SELECT id FROM report WHERE category = '0301'"))
        page.locator(BADGE).click()
        expect(page.locator(".sentence")).to_contain_text("现在没有网络")
        expect(page.locator(".queue-row")).to_contain_text("等网络")
        expect(page.locator(".queue-row .row-second")).to_contain_text("照片 1 张")
        assert_accessible(page)
        context.set_offline(False)
        expect(page.locator(".queue-row .standing")).to_contain_text("已立案")
        expect(page.locator(".queue-row .row-second")).to_contain_text(re.compile(r"\d{4}-\d{4}-\d+"))
        expect(page.locator(".sentence")).to_have_count(0)
    assert before == 0
    assert [r.n for r in rows(desk, "SELECT count(*) AS n FROM report WHERE category = '0301'")] == [1]
    assert reported(desk).photos == 1


def test_a_session_that_ends_in_the_middle_of_a_report_costs_nothing_and_a_sign_out_leaves_nothing_to_see(phone, desk):
    with phone((0.5, 2.5), forgive="401") as (page, context):
        page.get_by_role("button", name="Report", exact=True).click()
        page.locator(SEND).click(force=True)
        expect(page.locator(".report .foot .failure")).to_have_text("Choose a class first.")
        page.locator(CHIP, has_text="Litter").click()
        expect(page.locator(".report .foot .failure")).to_have_text("")
        take(page, HOLE)
        cookies = context.cookies()
        context.clear_cookies()
        look_again(page)
        expect(page.locator(".grid-line .mark")).to_have_text("mine")
        page.locator(SEND).click()
        expect(page.locator(".toast")).to_have_text("Kept on the phone. It is sent once you sign in.")
        # Who holds the phone now sees how much waits, and not what, nor whose.
        expect(page.locator(".notice")).to_contain_text("Sign in, so that the 1 reports on this phone can be sent.")
        expect(page.locator(BADGE)).to_have_text("to send 1")
        page.locator(BADGE).click()
        expect(page.locator(".queue-screen")).to_contain_text("1 of another account")
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator(".queue-row")).to_have_count(0)

        context.add_cookies(cookies)
        look_again(page)
        expect(page.locator(".queue-row .standing")).to_contain_text("Filed")
        page.get_by_role("button", name="Back", exact=True).click()
        page.wait_for_function(KEPT_TILES)
        assert page.evaluate(KEPT) > 0
        page.locator(".who").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page).to_have_url(re.compile("/sign-in"))
        page.wait_for_selector("html[data-ready]", state="attached")
        page.wait_for_function(f"async () => !await ({KEPT})() && !await ({KEPT_TILES})()")


def look_again(page: Page) -> None:
    """Let the page ask who is signed in."""
    with page.expect_response("**/api/v1/me"):
        page.evaluate("dispatchEvent(new Event('online'))")


def test_what_is_handed_to_a_worker_is_accepted_and_fixed_with_a_photo_before_and_after(phone, desk, operator):
    incident = desk.tell(operator, 0.4, 2.6, source="inspection", category="0101", text="井盖松动")
    with phone((0.5, 2.5)) as (page, _):
        row = page.locator(".home .task", has_text="Manhole").first
        expect(row).to_contain_text("to accept")
        expect(row).to_contain_text(re.compile(r"\d+ m"))
        row.click()
        expect(page.locator(".incident")).to_contain_text(incident["number"])
        expect(page.locator(".due")).to_contain_text("hours")
        assert_accessible(page)
        page.get_by_role("button", name="Accept").click()
        expect(page.locator(BADGE)).to_have_text("Sent")
        expect(page.locator(".home .task", has_text="in hand")).to_have_count(1)
        page.locator(".home .task", has_text="in hand").click()
        page.get_by_role("button", name="Fix").click()
        form = page.locator(".step-form")
        done = form.get_by_role("button", name="Fix")
        expect(done).to_be_disabled()
        take(page, HOLE, within="Before")
        take(page, SWEPT, within="After")
        expect(done).to_be_disabled()
        form.get_by_label("How it was fixed").fill("换了新井盖")
        done.click()
        expect(page.locator(BADGE)).to_have_text("Sent")
        expect(page.locator(".home .task", has_text="in hand")).to_have_count(0)
    state = rows(desk, "SELECT state, holder_person_id FROM incident WHERE id = :id", id=incident["id"])[0]
    assert state.state == "closed"
    assert state.holder_person_id is not None
    roles = rows(desk, "SELECT role FROM incident_log_media WHERE incident_id = :id", id=incident["id"])
    assert sorted(row.role for row in roles) == ["after", "before"]


def test_what_is_fixed_on_the_spot_is_reported_and_closed_in_one_go(phone, desk):
    with phone((0.5, 2.5), forgive="net::ERR_") as (page, context):
        context.set_offline(True)
        page.get_by_role("button", name="Report", exact=True).click()
        page.locator(CHIP, has_text="Litter").click()
        page.get_by_label("Fixed on the spot").check()
        # It looks as if it could not be pressed, and says why when it is.
        page.locator(SEND).click(force=True)
        expect(page.locator(".report .foot .failure")).to_have_text("Take a photo of how it was.")
        take(page, HOLE, within="Before")
        take(page, SWEPT, within="After")
        page.get_by_label("How it was fixed").fill("扫干净了")
        page.locator(SEND).click()
        expect(page.locator(BADGE)).to_have_text("to send 2")
        context.set_offline(False)
        expect(page.locator(BADGE)).to_have_text("Sent")
    told = reported(desk)
    assert told.state == "closed"
    steps = rows(desk, "SELECT step FROM incident_log WHERE incident_id = :id ORDER BY seq", id=told.incident)
    assert [row.step for row in steps][-1] == "fix"


def test_letters_twice_as_large_cut_nothing_off(phone, desk, operator):
    desk.tell(operator, 0.45, 2.6, source="inspection", category="0301")
    with phone((0.5, 2.5), path="/patrol?lang=en") as (page, _):
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        for way in ("home", "report", "queue"):
            if way != "home":
                page.locator(".home .foot button" if way == "report" else BADGE).click()
                expect(page.locator(f".{way if way == 'report' else 'queue-screen'}")).to_be_visible()
            # Only the row of classes scrolls to the side, and says so by what it cuts.
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            too_small = page.evaluate(
                "[...document.querySelectorAll('button, .shot label')].filter((one) => one.offsetHeight < 44)"
                ".map((one) => one.textContent)"
            )
            assert too_small == []
            if way != "home":
                page.get_by_role("button", name="Back", exact=True).click()


def test_over_plain_http_the_page_says_what_is_missing_and_what_will_do_instead(chromium, desk):
    context = chromium.new_context(viewport=PHONE)
    try:
        # What a browser says of itself on a page that came so.
        context.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
        page = context.new_page()
        page.goto(f"{desk.address}/patrol/report?lang=en")
        expect(page.locator(".notice")).to_have_count(1)
        expect(page.locator(".notice")).to_contain_text("Ask your administrator for the https address.")
        expect(page.locator(".no-position")).to_contain_text("Set a pin, or take a photo")
        page.locator(".report .foot button").click(force=True)
        expect(page.locator(".report .foot .failure")).to_have_text("Choose a class first.")
    finally:
        context.close()


def test_a_phone_nobody_is_signed_in_on_tells_nothing_but_how_to_begin(chromium, desk):
    context = chromium.new_context(viewport=PHONE)
    try:
        strict = Strict(context.new_page(), desk.address, "401")
        strict.page.goto(f"{desk.address}/patrol?lang=en")
        expect(strict.page.locator(".notice")).to_contain_text("Sign in to see your grid.")
        assert strict.page.locator(".map").count() == 0
        strict.page.locator(".notice button").click()
        expect(strict.page).to_have_url(re.compile(r"/sign-in\?next=%2Fpatrol"))
        assert strict.faults == []
    finally:
        context.close()
