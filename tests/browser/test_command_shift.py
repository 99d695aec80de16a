"""A shift at the desk in a real browser: what waits for its hand, whom it is given to, many at once, the hand-over."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import text

from tests.browser.desks import PHONE, Desk, Seat, sitting_at

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def office(desk: Desk) -> str:
    """A department whose duty litter is."""
    with desk.engine.begin() as db:
        district = desk.town.district_id
        owner = db.scalar(
            text(
                "INSERT INTO department (code, area_id, name, names) VALUES ('urban', :area, '城管局',"
                """ '{"en": "Urban office"}') RETURNING id"""
            ),
            {"area": district},
        )
        db.execute(
            text(
                "INSERT INTO department (code, area_id, name, names) VALUES ('water', :area, '水务局',"
                """ '{"en": "Water office"}')"""
            ),
            {"area": district},
        )
        db.execute(
            text(
                "INSERT INTO duty (id, category, area_id, list, owner_id, valid)"
                " VALUES (412, '0201', :area, 'basic', :owner, daterange('2020-01-01', NULL))"
            ),
            {"area": district, "owner": owner},
        )
    return "Urban office"


@pytest.fixture
def at_desk(chromium: Browser, desk: Desk, operator: Seat) -> Callable[..., object]:
    return partial(sitting_at, chromium, desk, operator)


def step(desk: Desk, seat: Seat, incident: dict, name: str, **said: object) -> None:
    desk.post(seat, f"/api/v1/incidents/{incident['id']}/steps", {"id": str(uuid.uuid4()), "step": name, **said})


def state_of(page: Page) -> object:
    return page.locator(".card:not(.bulk) .state").first


def test_a_matter_goes_to_whom_it_belongs_and_back_to_the_desk_without_the_mouse(at_desk, desk, operator, office):
    told = desk.tell(operator, 0.5, 2.5, source="hotline")
    with at_desk(f"/?lang=en&incident={told['id']}") as page:
        card = page.locator(".card")
        row = page.locator(f"#row-{told['id']}")
        expect(row.locator(".state-waiting")).to_have_text("To file")
        page.keyboard.press("f")
        expect(card.locator(".steps .primary")).to_contain_text(f"Dispatch to {office}")
        expect(card.locator(".steps .why")).to_contain_text("basic")
        expect(card.locator(".due strong")).not_to_be_empty()
        expect(card.locator(".clocks")).to_contain_text("Dispatch")

        # To another: the list is narrowed by typing, and the choice goes with Ctrl+Enter.
        page.keyboard.press("Shift+D")
        page.keyboard.type("wat")
        expect(card.get_by_role("button", name="Dispatch Ctrl")).to_be_enabled()
        page.keyboard.press("Control+Enter")
        expect(state_of(page)).to_have_text("Dispatched")
        expect(card).to_contain_text("Water office")
        expect(row.locator(".state-waiting")).to_have_count(0)
        # What others have in hand has no likeliest step of the desk's; the key of none says so.
        expect(card.locator(".steps .primary")).to_have_count(0)
        page.keyboard.press("c")
        expect(card.locator(".step-failure")).to_contain_text("does not lead on")

        page.keyboard.press("p")
        form = card.get_by_role("form", name="Add a party")
        form.get_by_label("Search: Department").fill("urban")
        form.locator("label", has_text="Part").locator("select").select_option(label="Assisting unit")
        page.keyboard.press("Control+Enter")
        expect(card.locator(".parties")).to_contain_text(f"{office}Assisting unit")


def test_a_suspended_matter_stands_still_and_says_so(at_desk, desk, operator):
    told = desk.tell(operator, 1.5, 2.5, source="inspection")
    step(desk, operator, told, "dispatch", **{"with": {"level": "chief"}})
    with desk.engine.begin() as db:
        db.execute(text("UPDATE incident SET state = 'handling' WHERE id = :id"), {"id": told["id"]})
    with at_desk(f"/?lang=en&incident={told['id']}") as page:
        page.keyboard.press("s")
        form = page.get_by_role("form", name="Suspend")
        form.get_by_label("Reason").select_option(index=1)
        expect(form.get_by_role("button", name="Suspend")).to_be_disabled()
        form.get_by_label("Until").fill("2027-01-04T09:00")
        page.keyboard.press("Control+Enter")
        expect(state_of(page)).to_have_text("Suspended")
        expect(page.locator(f"#row-{told['id']} .clock")).to_contain_text("paused")
        expect(page.locator(".queue-rows")).to_contain_text("Suspended 1")


def test_what_may_be_the_same_is_offered_before_filing_and_merged(at_desk, desk, operator):
    first, second = (desk.tell(operator, 0.52, 1.52, source="hotline") for _ in range(2))
    with at_desk(f"/?lang=en&incident={second['id']}") as page:
        offer = page.get_by_role("region", name="May be the same")
        expect(offer).to_contain_text(first["number"])
        offer.get_by_role("button", name="Merge into it").first.click()
        expect(page.get_by_role("form", name="Merge").get_by_label("Into which incident")).to_have_value(
            first["number"]
        )
        page.keyboard.press("Control+Enter")
        expect(state_of(page)).to_have_text("Merged")
        page.get_by_role("region", name="Related").get_by_role("button", name=first["number"]).click()
        expect(page.locator(".card code").first).to_have_text(first["number"])
        expect(page.get_by_role("region", name="Related")).to_contain_text(second["number"])


def test_who_was_faster_is_told_by_what_they_did(at_desk, desk, operator):
    told = desk.tell(operator, 1.5, 0.5, source="hotline")
    other = desk.seat()
    with at_desk(f"/?lang=en&incident={told['id']}", forgive="409") as page:
        expect(page.locator(".steps .primary")).to_contain_text("File")

        def take_it_first(route: Route) -> None:
            step(desk, other, told, "ask_verification")
            route.continue_()

        page.route("**/steps", take_it_first, times=1)
        page.keyboard.press("f")
        expect(page.locator(".step-failure")).to_contain_text("had it verified")


def test_many_are_marked_and_given_away_at_once_and_each_answers(at_desk, desk, operator, office):
    told = [desk.tell(operator, 0.4 + n / 10, 0.3, source="inspection") for n in range(3)]
    with at_desk("/?lang=en&show=filed", forgive="409") as page:
        rows = page.locator(".queue-rows [role=option]")
        expect(page.locator(f"#row-{told[2]['id']}")).to_be_visible()
        page.keyboard.press("j")
        page.keyboard.press("x")
        expect(rows.first).to_have_class(re.compile(r"\bmarked\b"))
        page.keyboard.press("x")
        expect(page.locator(".bulk")).to_have_count(0)
        for one in told:
            page.locator(f"#row-{one['id']} .row-mark").click()
        bulk = page.locator(".bulk")
        expect(bulk.locator("h2")).to_have_text("3 marked")
        expect(bulk.get_by_role("button", name="Dispatch")).to_be_visible()
        # One of them moves on under the hand: it is refused, the others go.
        page.route(
            "**/incidents/steps", lambda route: (step(desk, operator, told[0], "note", note="!"), route.continue_())
        )
        page.keyboard.press("d")
        page.keyboard.type("urban")
        expect(bulk.get_by_role("button", name="Dispatch Ctrl")).to_be_enabled()
        page.keyboard.press("Control+Enter")
        answers = bulk.get_by_role("status", name="What became of it")
        expect(answers).to_contain_text("2 taken, 1 refused.")
        expect(answers).to_contain_text(told[0]["number"])
        expect(bulk.locator("h2")).to_have_text("1 marked")
        page.keyboard.press("Escape")
        expect(bulk).to_have_count(0)


def test_one_shift_hands_the_desk_to_the_next(chromium, desk, operator, at_desk):
    told = desk.tell(operator, 1.4, 1.4, source="hotline")
    with at_desk("/?lang=en") as page:
        page.keyboard.press("Shift+T")
        sheet = page.get_by_role("complementary", name="The desk")
        expect(sheet).to_contain_text("Nobody by the roster.")
        form = sheet.get_by_role("form", name="Write a turn")
        form.get_by_label("Person").select_option(index=1)
        form.get_by_label("From").fill("2027-03-01T08:00")
        expect(form.get_by_label("Until")).to_have_value("2027-03-01T16:00")
        form.get_by_role("button", name="Write the turn").click()
        expect(sheet.locator(".step-failure").last).to_be_empty()
        leave = sheet.get_by_role("form", name="Hand the desk over")
        expect(sheet.locator(".matters")).to_contain_text("waits for the desk")
        leave.get_by_label("What the next shift must know").fill("电梯困人已派维保")
        leave.get_by_role("button", name="Hand over").click()
        expect(sheet).to_contain_text("The next shift takes it.")
        page.keyboard.press("Escape")
        expect(sheet).to_have_count(0)
    with sitting_at(chromium, desk, desk.seat(), "/?lang=zh-CN", screen=PHONE) as page:
        page.get_by_role("button", name="有一份交班待接").click()
        sheet = page.get_by_role("complementary", name="指挥席")
        expect(sheet).to_contain_text("电梯困人已派维保")
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        sheet.get_by_role("button", name="接班").click()
        expect(sheet).to_contain_text("上次交班")
        sheet.locator("summary").click()
        sheet.get_by_role("button", name=told["number"]).last.click()
        expect(page.locator(".card code").first).to_have_text(told["number"])
