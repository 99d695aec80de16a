"""The catalogue of rules at a desk, in a real browser: looked at, changed from a day on, brought as a file, tried."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.people.rules import Role
from tests.browser.desks import Desk, sitting_at
from tests.catalogue.departments import NORTH, add_departments, duty, put_in

pytestmark = pytest.mark.browser

expect.set_options(timeout=20_000)


def today() -> date:
    return datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date()


@pytest.fixture(scope="module")
def ruled(desk: Desk) -> Desk:
    """The town with two departments, a rule of duties since today, and an incident that it speaks of."""
    with Session(desk.engine) as db, db.begin():
        add_departments(db, desk.town, "urban", "fire")
        put_in(db, "duties", [duty("0301", NORTH, "urban")], effective=date(2026, 1, 1), past=True)
    desk.tell(desk.seat(), 0.5, 2.5, category="0301")
    return desk


def choose_table(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Tables of rules").get_by_role("button", name=name).click()


def test_a_rule_changes_from_a_day_on_after_it_was_seen_what_that_does(chromium, ruled):
    later = today() + timedelta(days=9)
    with sitting_at(chromium, ruled, ruled.seat(Role.ADMIN), "/admin/catalogue?table=duties&lang=en") as page:
        panel = page.locator(".detail-panel")
        page.locator(".rows-scroll tbody").get_by_role("button", name="0301").click()
        panel.get_by_role("button", name="Change", exact=True).click()
        expect(panel.get_by_label("Class")).to_be_disabled()
        panel.get_by_label("Owner").fill("fire")
        panel.get_by_label("Takes effect on").fill(later.isoformat())
        panel.get_by_role("button", name="See what would change").click()
        # What was there stands beside what will be, and so does what it means for the open work.
        expect(panel.locator(".changes s")).to_have_text("urban局")
        expect(panel.locator(".weight")).to_contain_text("1 of 1 open incidents would be routed otherwise")
        with ruled.engine.connect() as db:
            assert db.scalar(text("SELECT count(*) FROM duty")) == 1
        panel.get_by_role("alertdialog").get_by_role("button", name="Write the rule").click()
        expect(page.locator(".list-head")).to_contain_text("1 in force · 1 coming")
        # Both are there, each with its days; as of that day the new one alone.
        page.locator(".rows-scroll tbody button").first.click()
        expect(panel.locator(".history li")).to_have_count(2)
        page.get_by_label("As of").fill(later.isoformat())
        expect(page.locator(".rows-scroll tbody tr")).to_have_count(1)
        expect(page.locator(".rows-scroll tbody")).to_contain_text("fire局")
        # What has not begun is taken back by ending it at once.
        page.locator(".rows-scroll tbody button").click()
        panel.get_by_role("button", name="End it").click()
        panel.get_by_role("button", name="End the rule").click()
        expect(page.locator(".list-head")).to_contain_text("1 in force · 0 coming")
    with ruled.engine.connect() as db:
        assert db.execute(text("SELECT lower(valid) FROM duty")).all() == [(date(2026, 1, 1),)]


def test_a_file_is_checked_row_by_row_and_written_when_it_was_seen(chromium, ruled):
    wrong = b"condition,stage,amount,unit\nseverity=9,handle,6,h\nseverity=4,handle,100,h\n"
    with sitting_at(chromium, ruled, ruled.seat(Role.ADMIN), "/admin/catalogue?lang=en") as page:
        panel = page.locator(".detail-panel")
        choose_table(page, "Time limits")
        expect(page.locator(".rows-scroll tbody")).to_contain_text("Handling: 120 hours")
        page.get_by_role("button", name="Bring a file").click()
        for content, seen in ((wrong, "row 1"), (wrong.replace(b"severity=9", b"severity=2"), "2 changed")):
            panel.locator("input[type=file]").set_input_files(
                {"name": "limits.csv", "mimeType": "text/csv", "buffer": content}
            )
            panel.get_by_role("button", name="See what would change").click()
            expect(panel.locator(".consequences")).to_contain_text(seen)
        expect(panel.locator(".weight")).to_contain_text("another time limit")
        panel.get_by_role("button", name="Import the file").click()
        expect(panel.get_by_role("status")).to_contain_text("0 added, 2 changed, 0 ended")
        expect(page.locator(".rows-scroll tbody")).to_contain_text("Handling: 100 hours")
        with page.expect_download() as taken:
            page.get_by_role("button", name="CSV").click()
        assert taken.value.suggested_filename.startswith("clocks-")


def test_a_year_is_entered_day_by_day_with_the_keyboard(chromium, ruled):
    with sitting_at(
        chromium, ruled, ruled.seat(Role.ADMIN), "/admin/catalogue?table=calendar-days&year=2027&lang=en"
    ) as page:
        panel = page.locator(".detail-panel")
        expect(page.locator(".list-panel")).to_contain_text("The days of 2027 are not entered")
        page.locator('[data-day="2027-01-01"]').focus()
        for _ in range(3):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
        expect(page.locator('[data-day="2027-01-23"]')).to_be_focused()
        page.keyboard.press("Enter")
        panel.get_by_label("Name", exact=False).first.fill("调休上班")
        expect(panel.get_by_label("Kind")).to_have_value("work")
        panel.get_by_role("button", name="See what would change").click()
        panel.get_by_role("button", name="Write the rule").click()
        expect(page.locator('[data-day="2027-01-23"]')).to_have_accessible_name(
            "23 Jan 2027: 调休上班, worked in its place"
        )
        page.get_by_role("button", name="All its days are entered").click()
        panel.get_by_label("Source").fill("国务院办公厅通知")
        panel.get_by_role("button", name="See what would change").click()
        panel.get_by_role("button", name="Write the rule").click()
        expect(page.locator(".list-panel")).to_contain_text("All days of 2027 are known: 国务院办公厅通知")


def test_whoever_only_reads_tries_the_rules_out_and_can_write_nothing(chromium, ruled):
    with sitting_at(chromium, ruled, ruled.seat(Role.TOWNSHIP), "/admin/catalogue?lang=en") as page:
        panel = page.locator(".detail-panel")
        page.locator(".class-tree").get_by_role("button", name="0301").click()
        expect(panel.locator(".facts")).to_contain_text("2 serious")
        for verb in ("Add a rule", "Bring a file", "Change", "End it"):
            expect(page.get_by_role("button", name=verb, exact=True)).to_have_count(0)
        page.get_by_role("button", name="Try the rules out").click()
        panel.get_by_label("Class of matter").fill("0301")
        panel.get_by_label("Area or grid").fill(NORTH)
        panel.get_by_role("button", name="Ask who").click()
        expect(panel.locator(".answer")).to_contain_text("urban局")
        panel.get_by_label("Source").select_option("hotline")
        panel.get_by_label("Each stage begins").fill("2026-02-13T16:00")
        panel.get_by_role("button", name="Ask until when").click()
        closing = panel.locator(".deadlines li").last
        expect(closing).to_contain_text("27 Feb 2026")
        closing.locator("summary").click()
        expect(closing).to_contain_text("Spring Festival")


def test_terms_of_whistles_stand_among_the_rules_and_are_changed_like_them(chromium, ruled):
    with sitting_at(chromium, ruled, ruled.seat(Role.ADMIN), "/admin/catalogue?lang=en") as page:
        panel, rows = page.locator(".detail-panel"), page.locator(".rows-scroll tbody")
        choose_table(page, "Rules of supervision")
        expect(rows).to_contain_text("Follow-up: as soon as a matter is past its deadline.")
        choose_table(page, "Terms of whistles and notices")
        rows.get_by_role("button", name="Severity 3: who is called acknowledges within 2 hours.").click()
        panel.get_by_role("button", name="Change", exact=True).click()
        panel.get_by_label("Amount").fill("45")
        panel.get_by_label("Takes effect on").fill((today() + timedelta(days=1)).isoformat())
        panel.get_by_role("button", name="See what would change").click()
        expect(panel.locator(".changes s")).to_have_text("2")
        expect(panel.locator(".weight")).to_have_text("Nothing of what lies open would be treated otherwise.")
        panel.get_by_role("alertdialog").get_by_role("button", name="Write the rule").click()
        expect(page.locator(".list-head")).to_contain_text("11 in force · 1 coming")
        expect(rows).to_contain_text("Severity 3: who is called acknowledges within 45 hours.")
