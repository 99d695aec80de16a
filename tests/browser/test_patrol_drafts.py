"""A report that is being written on a phone: whatever happens to the page, it is there again, and is sent once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from gridmap.postgis import PrivateCluster
from tests.browser.patrolling import SECRET, PatrolDesk, Worker, eventually, patrol_desk
from tests.browser.phones import Phone, phone_of
from tests.pictures import photo

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)

HOLE = {"name": "a", "mimeType": "image/jpeg", "buffer": photo(seed=2)}
BEGUN = ".report .begun"
OTHERS = "On this phone a report of another account is begun."
SEND = ".report .foot button"
WORDS = ".words textarea"
PRESSED = ".chips-row .chip[aria-pressed=true]"
ON_DISK = """async (since) => new Promise((resolve) => {
  indexedDB.open('gridmap-patrol').onsuccess = ({ target: { result: db } }) => {
    db.transaction('kept').objectStore('kept').getAll().onsuccess = ({ target: { result: rows } }) => {
      db.close()
      resolve(rows.some(({ name, at }) => name.startsWith('draft/') && at > since))
    }
  }
})"""
PIECES = """() => new Promise((resolve) => {
  indexedDB.open('gridmap-patrol').onsuccess = ({ target: { result: db } }) => {
    db.transaction('pieces').objectStore('pieces').count().onsuccess = ({ target }) => resolve(target.result)
  }
})"""


@pytest.fixture(scope="module")
def desk(cluster: PrivateCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PatrolDesk]:
    with patrol_desk(cluster, tmp_path_factory.mktemp("data"), screens=True) as desk:
        yield desk


@pytest.fixture
def phone(desk: PatrolDesk, chromium: Browser, tmp_path: Path) -> Iterator[Phone]:
    with phone_of(chromium.browser_type, tmp_path, desk.address) as phone:
        yield phone


def open_report(phone: Phone, worker: Worker | None) -> Page:
    """Open the report page of a phone, which is started if it must be, as somebody or as nobody."""
    page = phone.page or phone.start()
    phone.sign_out()
    if worker:
        phone.sign_in(worker.seat)
    page.goto(f"{phone.address}/patrol/report?lang=en")
    page.wait_for_selector("html[data-ready]", state="attached")
    return page


def choose(page: Page, what: str) -> None:
    page.locator(".chips-row .chip", has_text=what).click()
    page.wait_for_timeout(350)


def write_report(page: Page) -> None:
    """Say what, where and how it looks; the last word is on the disk then."""
    page.locator(".chips-row .chip", has_text="Litter").click()
    page.locator(".report input[type=file]").set_input_files([HOLE])
    page.get_by_role("button", name="Set a pin").click()
    page.get_by_role("button", name="Add words").click()
    page.wait_for_timeout(500)
    before = page.evaluate("() => Date.now()")
    page.locator(WORDS).fill(SECRET)
    eventually(page, f"() => ({ON_DISK})({before})")


def reports_of(desk: PatrolDesk, worker: Worker) -> list[tuple[str, datetime, int]]:
    """What the server has of somebody: the words, the time, the number of photos."""
    rows = desk.rows(
        "SELECT r.text, r.occurred_at, (SELECT count(*) FROM report_media m JOIN media p USING (sha256)"
        " WHERE m.report_id = r.id AND p.state = 'stored') AS photos FROM report r WHERE r.reporter_id = :person",
        person=worker.account["id"],
    )
    return [(row.text, row.occurred_at, row.photos) for row in rows]


def assert_written(page: Page) -> None:
    expect(page.locator(BEGUN)).to_contain_text("A report you had begun")
    expect(page.locator(PRESSED)).to_contain_text("Litter")
    expect(page.locator(".report .photos img")).to_have_count(1)
    expect(page.locator(WORDS)).to_have_value(SECRET)
    expect(page.locator(".pill.position")).to_contain_text("By hand")


def test_a_report_that_was_begun_outlives_kills_is_its_own_accounts_alone_and_is_sent_once(
    desk: PatrolDesk, phone: Phone
) -> None:
    worker, other = desk.worker(), desk.worker()
    page = open_report(phone, worker)
    write_report(page)
    written_by = datetime.now(UTC)
    # By then the browser has written down what it would restore of its tabs.
    page.wait_for_timeout(4000)
    phone.kill()
    clear = (SECRET.encode(), SECRET.encode("utf-16-le"))
    files = [path.read_bytes() for path in phone.profile.rglob("*") if path.is_file()]
    assert not any(secret in content for content in files for secret in clear), "it lies there for everyone to read"

    # The phone knows whose it was; the server says that nobody is signed in.
    page = open_report(phone, None)
    expect(page.locator(".begun-told")).to_contain_text(OTHERS)
    expect(page.locator(f"{BEGUN}, {PRESSED}, .report .photos img")).to_have_count(0)
    page = open_report(phone, other)
    expect(page.locator(".begun-told")).to_contain_text(OTHERS)
    expect(page.locator(f"{BEGUN}, {PRESSED}, .report .photos img")).to_have_count(0)

    page = open_report(phone, worker)
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.locator(".begun-waits")).to_be_visible()
    page.get_by_role("button", name="Report", exact=True).click()
    assert_written(page)
    with phone.dying_in(0.04):
        page.locator(SEND).click()
        page.wait_for_timeout(1000)
    page = open_report(phone, worker)
    if page.evaluate(ON_DISK, 0):
        assert_written(page)
        page.locator(SEND).click()
    else:
        page.get_by_role("button", name="Back", exact=True).click()
    expect(page.locator(".badge")).to_have_text("Sent")
    expect(page.locator(".begun-waits")).to_have_count(0)
    ((words, seen_at, photos),) = reports_of(desk, worker)
    assert (words, photos) == (SECRET, 1)
    assert seen_at < written_by, "it tells the time of the sending"
    page.get_by_role("button", name="Report", exact=True).click()
    expect(page.locator(f"{BEGUN}, {PRESSED}")).to_have_count(0)
    eventually(page, f"async () => (await ({PIECES})()) === 0 && !(await ({ON_DISK})(0))")


def test_each_tab_writes_its_own_report_and_one_tap_throws_one_away(desk: PatrolDesk, phone: Phone) -> None:
    worker = desk.worker()
    page = open_report(phone, worker)
    choose(page, "Litter")
    second = phone.context.new_page()
    second.goto(f"{phone.address}/patrol/report?lang=en")
    second.wait_for_selector("html[data-ready]", state="attached")
    expect(second.locator(".chips-row .chip").first).to_be_visible()
    second.wait_for_timeout(600)
    expect(second.locator(f"{BEGUN}, {PRESSED}")).to_have_count(0)
    names = second.locator(".chips-row .chip").all_inner_texts()
    (other, *_) = [name.split("\n")[-1] for name in names if "Litter" not in name]
    choose(second, other)
    second.close()

    page.reload()
    expect(page.locator(PRESSED)).to_contain_text(other)
    page.get_by_role("button", name="Discard").click()
    expect(page.locator(f"{BEGUN}, {PRESSED}")).to_have_count(0)
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.locator(".begun-waits")).to_be_visible()
    page.get_by_role("button", name="Report", exact=True).click()
    expect(page.locator(PRESSED)).to_contain_text("Litter")
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.get_by_role("button", name="Report", exact=True)).to_be_visible()
    expect(page.locator(".begun-waits")).to_have_count(0)
    assert not page.evaluate(ON_DISK, 0)
