"""The panels of the planner's page: a plan on its way between two people."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from gridmap.people.rules import Role
from gridmap.planning.workbench import work_next
from tests.browser.desks import Desk, Seat, sitting_at
from tests.planning.turning import add_staff
from tests.worlds import point

pytestmark = pytest.mark.browser

# Two cores and no graphics card: patience costs nothing where the answer comes.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def staffed(desk: Desk) -> Desk:
    """The town with a chief for every grid, and something open in the west of B."""
    with Session(desk.engine) as db, db.begin():
        for letter in "ABCDEF":
            add_staff(db, desk.town, letter, "chief")
    desk.tell(desk.seat(), 1.2, 2.5)
    return desk


# B keeps 264 of its 400 households: too few, and A has too many. Each asks for a reason, none stops the plan.
STRETCH = [point(*corner) for corner in ((1, 2.95), (1.4, 2.9), (1.4, 2.1), (1, 2.05))]


def wall_in(hours: int) -> str:
    """What a clock of the district shows in some hours."""
    return (datetime.now(UTC) + timedelta(hours=8 + hours)).strftime("%Y-%m-%dT%H:00")


def test_two_people_take_a_plan_from_a_draft_to_approval(chromium, staffed):
    author, approver = staffed.seat(Role.PLANNER), staffed.seat(Role.PLANNER)
    with sitting_at(chromium, staffed, author, "/planner?lang=en", ready=False) as page:
        page.get_by_label("What it is about").fill("Two halves made uneven")
        page.get_by_role("button", name="Begin a plan").click()
        expect(page.locator(".plan-head")).to_contain_text("Two halves made uneven")
        expect(page.get_by_role("button", name="Submit for approval")).to_be_disabled()
        expect(page.locator(".step-why")).to_contain_text("nothing to submit")
        page.wait_for_url(re.compile("plan="))
        plan = re.search(r"plan=([0-9a-f-]+)", page.url)[1]  # type: ignore[index]
        edit = {"id": str(uuid.uuid4()), "after": 0, "op": "reshape", "args": {"line": STRETCH}}
        staffed.post(author, f"/api/v1/plans/{plan}/edits", edit)
        page.get_by_role("button", name="Plans").click()
        page.locator(".plan-row").click()
        nobody_is_kept_out(page)
        reasons_are_typed_where_they_are_asked_for(page)
        the_rows_behind_a_number_open(page)
        page.get_by_role("button", name="Submit for approval").click()
        page.get_by_role("button", name="Submit for approval", exact=True).click()
        expect(page.locator(".plan-head .state")).to_have_text("To approve")
        expect(page.get_by_role("button", name="Approve")).to_be_disabled()
        expect(page.locator(".step-why")).to_contain_text("another planner approves it")

    with sitting_at(chromium, staffed, approver, "/planner?lang=en", ready=False) as page:
        page.locator(".plan-group", has_text="Waiting for you").get_by_role("button").click()
        page.get_by_role("button", name="Comments").click()
        page.get_by_label("Comment", exact=True).fill("Mind the school.")
        page.get_by_role("button", name="Add the comment").click()
        expect(page.locator(".plan-said").first).to_have_text("Mind the school.")
        page.get_by_role("button", name="Approve").click()
        page.get_by_label("at an hour").check()
        hour = page.get_by_label("Hour, local time")
        hour.fill(wall_in(-2))
        expect(page.get_by_role("button", name="Approve", exact=True)).to_be_disabled()
        expect(page.locator(".deed-hour")).to_contain_text("This hour is past")
        nobody_is_kept_out(page)
        hour.fill(wall_in(30))
        page.get_by_role("button", name="Approve", exact=True).click()
        expect(page.locator(".plan-head .state")).to_have_text("Approved")
        expect(page.locator(".step-why")).to_contain_text(wall_in(30)[-5:])
        page.get_by_role("button", name="Plans").click()
        expect(page.locator(".plan-row")).to_contain_text("approved by 周晓岚")


def nobody_is_kept_out(page: Page) -> None:
    """What opens only with a plan is looked at here; the list of plans is, with all other pages, elsewhere."""
    expect(page.locator(".impact-table")).to_be_visible()
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


def reasons_are_typed_where_they_are_asked_for(page: Page) -> None:
    """Until each finding that is worth a look has its reason, the plan is not submitted."""
    submit = page.get_by_role("button", name="Submit for approval")
    expect(page.locator(".step-why")).to_contain_text("2 to look at still need a reason")
    for left in (1, 0):
        expect(submit).to_be_disabled()
        page.get_by_role("button", name="Give a reason").first.click()
        page.keyboard.type("The new houses are handed over in spring.")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("button", name="Give a reason")).to_have_count(left)
    expect(submit).to_be_enabled()


def the_rows_behind_a_number_open(page: Page) -> None:
    """What moves is a number first, then its rows, each with where from and where to."""
    number = page.locator(".moves").get_by_role("button", name="1 open")
    number.click()
    drawer = page.locator(".plan-drawer")
    expect(drawer.locator(".moved-row")).to_have_count(1)
    expect(drawer.locator(".moved-row")).to_contain_text("Grid B → Grid A")
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(number).to_be_focused()
    table = page.locator(".impact-table")
    expect(table).to_contain_text("Grid A")
    expect(table.get_by_role("row", name="Households").first).to_contain_text("+136")


def begun(desk: Desk, seat: Seat, title: str, line: list[tuple[float, float]]) -> str:
    """A draft with one stretch of border drawn anew."""
    plan = desk.post(seat, "/api/v1/plans", {"id": str(uuid.uuid4()), "title": title})["id"]
    edit = {"id": str(uuid.uuid4()), "after": 0, "op": "reshape", "args": {"line": line}}
    desk.post(seat, f"/api/v1/plans/{plan}/edits", edit)
    return str(plan)


def borders_are_worked_out_and_taken(page: Page) -> None:
    """What is proposed changes nothing before it is taken."""
    page.get_by_role("button", name="Proposals").click()
    page.get_by_role("button", name="Balance a community").click()
    page.get_by_label("Community").select_option(label="Qinghe")
    page.get_by_role("button", name="Work it out").click()
    proposal = page.locator(".proposal")
    expect(proposal).to_contain_text("waits for its turn")
    work_next()
    expect(proposal).to_contain_text("fewer than a grid needs")
    expect(proposal.get_by_role("row", name="Grids")).to_have_text("Grids21")
    page.get_by_role("button", name="Edits").click()
    expect(page.locator(".edit-main", has_text="proposal")).to_have_count(0)
    page.get_by_role("button", name="Proposals").click()
    page.get_by_role("button", name="Take it as an edit").click()
    expect(proposal).to_contain_text("taken as an edit")
    page.get_by_role("button", name="Edits").click()
    expect(page.locator(".edit-main", has_text="proposal")).to_have_count(1)


def test_who_was_overtaken_sees_both_borders_and_what_was_published_can_be_taken_back(chromium, staffed):
    author, other = staffed.seat(Role.PLANNER), staffed.seat(Role.PLANNER)
    early = begun(staffed, author, "Early", [point(1, 2.3), point(1.1, 2.4), point(1, 2.5)])
    late = begun(staffed, other, "Late", [point(1, 2.3), point(0.9, 2.4), point(1, 2.5)])
    staffed.post(author, f"/api/v1/plans/{early}/submit", {"id": str(uuid.uuid4())})
    staffed.post(other, f"/api/v1/plans/{early}/approve", {"id": str(uuid.uuid4()), "publish_at": None})

    with sitting_at(chromium, staffed, other, f"/planner?lang=en&plan={late}", ready=False) as page:
        band = page.locator(".rebase-band")
        band.get_by_role("button", name="See what it touches").click()
        expect(band.locator(".contested")).to_have_count(2)
        expect(band.locator(".contested").first.locator("svg")).to_have_count(2)
        band.get_by_role("button", name="Bring onto the newest edition").click()
        expect(page.locator(".edit-list")).to_contain_text("Left out by the rebase")
        expect(page.locator(".edit-aside")).not_to_be_empty()
        expect(band).to_have_count(0)
        borders_are_worked_out_and_taken(page)
        page.get_by_role("button", name="Plans").click()
        page.locator(".plan-row", has_text="Early").click()
        page.get_by_role("button", name="Revert").click()
        expect(page.get_by_role("button", name="Revert", exact=True)).to_be_disabled()
        page.get_by_label("Why it is taken back").fill("The houses are not built.")
        page.get_by_role("button", name="Revert", exact=True).click()
        expect(page.locator(".plan-head .state")).to_have_text("To approve")
        expect(page.locator(".step-why")).to_contain_text("another planner approves it")
