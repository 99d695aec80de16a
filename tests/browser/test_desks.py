"""The desks of townships, departments, chiefs and supervisors, in a real browser."""

from __future__ import annotations

import secrets
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import requests
from playwright.sync_api import expect
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.people.rules import Role
from gridmap.people.sessions import Visit, open_session
from tests.browser.desks import PHONE, Seat, sitting_at
from tests.worlds import add_person, point
from webapp.shared.policy import SESSION_COOKIE

pytestmark = pytest.mark.browser

expect.set_options(timeout=20_000)


def clerk_of(desk, code: str, name: str, english: str) -> Seat:
    """The handler of a new department whose policy specialist and leader nobody named."""
    with Session(desk.engine) as db, db.begin():
        person = add_person(db, f"clerk-{secrets.token_hex(4)}", "陈立民")
        department = db.scalar(
            text(
                "INSERT INTO department (code, area_id, name, names, handler_id)"
                " VALUES (:code, :area, :name, jsonb_build_object('en', CAST(:english AS text)), :person) RETURNING id"
            ),
            {"code": code, "area": desk.town.district_id, "name": name, "english": english, "person": person},
        )
        db.execute(
            text(
                "INSERT INTO assignment (person_id, role, department_id, path, valid)"
                " VALUES (:person, 'department', :department, CAST(:path AS ltree), tstzrange('2020-01-01', NULL))"
            ),
            {"person": person, "department": department, "path": str(desk.town.district_id)},
        )
        opened = open_session(db, person, Visit("127.0.0.1", "test", "desk"), datetime.now(UTC))
        return Seat(opened.token, opened.csrf)


@pytest.fixture(scope="module")
def clerk(desk) -> Seat:
    return clerk_of(desk, "fire", "消防救援站", "Fire station")


@pytest.fixture(scope="module")
def township(desk) -> Seat:
    return desk.seat(Role.TOWNSHIP, desk.town.area_path("A", "D"))


def step(desk, seat: Seat, incident: dict, name: str, **said) -> None:
    desk.post(seat, f"/api/v1/incidents/{incident['id']}/steps", {"id": str(uuid.uuid4()), "step": name, **said})


@contextmanager
def standing_at(browser, desk, seat, path, place, **how):
    """The same as `sitting_at`, on a device that knows where it is."""
    with sitting_at(browser, desk, seat, path, ready=False, **how) as page:
        page.context.grant_permissions(["geolocation"])
        page.context.set_geolocation({"longitude": place[0], "latitude": place[1], "accuracy": 8})
        page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
        yield page


def listed(page, name: str):
    """The button of a list, with how many stand in it."""
    return page.get_by_role("navigation", name="Lists").get_by_role("button", name=name)


def test_a_township_works_through_its_lists_by_keyboard(chromium, desk, township):
    incident = desk.tell(township, 0.5, 2.5)
    with sitting_at(chromium, desk, township, "/desk?lang=en") as page:
        expect(page.get_by_role("heading", level=1)).to_contain_text("Township desk")
        expect(page.get_by_role("option")).to_have_count(1)
        # The first list is what waits to be filed; J and Enter open it, and the address says so.
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.locator("#card")).to_contain_text(incident["number"])
        assert f"incident={incident['id']}" in page.url
        page.keyboard.press("Escape")
        expect(page.locator("#card")).to_have_count(0)
        # Another desk files it: it goes over to the list of what is to be given out by itself.
        step(desk, desk.seat(), incident, "file")
        expect(listed(page, "To file")).to_contain_text("0")
        expect(listed(page, "To dispatch")).to_contain_text("1")
        page.keyboard.press("2")
        expect(page.get_by_role("heading", level=2)).to_have_text("To dispatch")
        page.get_by_role("option").click()
        page.locator("#card").get_by_role("button", name="Dispatch").first.click()
        page.keyboard.press("Escape")
        listed(page, "Grids and people").click()
        expect(page.get_by_role("region", name="Grids and people").get_by_role("button")).to_have_count(4)
        page.keyboard.press("Escape")
        page.keyboard.press("w")
        expect(page.get_by_role("form", name="Blow the whistle")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("form", name="Blow the whistle")).to_have_count(0)


def test_a_desk_opens_on_the_first_list_in_which_something_waits(chromium, desk):
    seat = desk.seat(Role.TOWNSHIP, desk.town.area_path("E", "F").rsplit(".", 1)[0])
    step(desk, desk.seat(), desk.tell(seat, 0.5, 0.5), "file")
    with sitting_at(chromium, desk, seat, "/desk?lang=en") as page:
        expect(listed(page, "To file")).to_contain_text("0")
        expect(page.get_by_role("heading", level=2)).to_have_text("To dispatch")
        expect(page.get_by_role("option")).to_have_count(1)
    with sitting_at(chromium, desk, seat, "/desk?lang=en&list=file") as page:
        expect(page.get_by_role("heading", level=2)).to_have_text("To file")


def test_a_department_accepts_and_is_told_what_its_record_lacks(chromium, desk, clerk, township):
    incident = desk.tell(desk.seat(), 1.5, 2.5, category="0301")
    operator = desk.seat()
    step(desk, operator, incident, "file")
    with sitting_at(chromium, desk, clerk, "/desk?lang=en", screen=PHONE) as page:
        expect(listed(page, "To accept")).to_contain_text("0")
        step(desk, operator, incident, "dispatch", **{"with": {"department": "fire"}})
        # It comes by itself: nobody reads the page anew.
        expect(listed(page, "To accept")).to_contain_text("1")
        page.get_by_role("option").click()
        page.locator("#card").get_by_role("button", name="Accept").click()
        # On a phone the card lies over the lists.
        expect(page.locator("#card").get_by_role("button", name="Accept")).to_have_count(0)
        page.get_by_role("button", name="Close the card").click()
        expect(listed(page, "With us")).to_contain_text("1")
        listed(page, "Our record").click()
        record = page.get_by_role("region", name="Fire station")
        expect(record).to_contain_text("陈立民")
        expect(record.get_by_role("status")).to_contain_text("Policy specialist, Leader in charge not named")
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_a_whistle_is_blown_answered_on_the_spot_and_rated(chromium, desk, clerk):
    chief = desk.seat(Role.CHIEF, desk.town.area_path("A", "D"))
    incident = desk.tell(chief, 0.4, 2.6, category="0101", source="patrol")
    with sitting_at(chromium, desk, chief, f"/desk?lang=en&list=whistles&incident={incident['id']}") as page:
        page.keyboard.press("w")
        form = page.get_by_role("form", name="Blow the whistle")
        form.get_by_label("Fire station").check()
        form.get_by_label("Note").fill("Gas smells in the stairwell")
        form.get_by_role("button", name="Blow the whistle").click()
        call = page.locator(".calls li", has_text="Fire station")
        expect(call).to_contain_text("Called")
        expect(call.get_by_role("button")).to_have_count(0)
        lon, lat = point(0.4, 2.6)
        with standing_at(
            chromium, desk, clerk, "/desk?lang=en&list=whistles", (lon, lat + 0.0001), screen=PHONE
        ) as phone:
            theirs = phone.locator(".calls li", has_text="Fire station")
            theirs.get_by_role("button", name="Acknowledge").click()
            phone.get_by_role("form", name="Acknowledge").get_by_role("button", name="Acknowledge").click()
            expect(call).to_contain_text("Acknowledged")
            theirs.get_by_role("button", name="We are there").click()
            there = phone.get_by_role("form", name="We are there")
            expect(there).to_contain_text("± 8 m")
            there.get_by_role("button", name="We are there").click()
            expect(theirs).to_contain_text("Arrived 11 m from the place")
            theirs.get_by_role("button", name="Tell the outcome").click()
            outcome = phone.get_by_role("form", name="Tell the outcome")
            expect(outcome.get_by_role("button", name="Tell the outcome")).to_be_disabled()
            outcome.get_by_label("What came of it").select_option(label="Settled on the spot")
            outcome.get_by_label("Note").fill("Valve closed")
            outcome.get_by_role("button", name="Tell the outcome").click()
        # The grid hears of it by itself, and rates.
        expect(call).to_contain_text("Settled on the spot: Valve closed")
        call.get_by_role("button", name="Rate").click()
        rating = page.get_by_role("form", name="Rate")
        rating.get_by_role("radio", name="5").check()
        rating.get_by_role("button", name="Rate").click()
        expect(page.get_by_role("region", name="Whistles")).to_contain_text("Nobody is called.")


def test_what_two_departments_refused_is_decided_and_is_a_precedent_from_then_on(chromium, desk, clerk):
    gardens = clerk_of(desk, "parks", "园林所", "Parks")
    chief = desk.seat(Role.CHIEF, desk.town.area_path("A", "D"))
    first, second = (desk.tell(chief, 0.3, row, category="0301", source="patrol") for row in (2.2, 1.8))
    call = {"id": str(uuid.uuid4()), "incident": first["id"], "departments": ["fire", "parks"]}
    path = f"/api/v1/whistles/{desk.post(chief, '/api/v1/whistles', call)['id']}"
    desk.post(gardens, f"{path}/acknowledge", {"id": str(uuid.uuid4())})
    for seat in (clerk, gardens):
        desk.post(seat, f"{path}/refuse", {"id": str(uuid.uuid4()), "reason": "not-ours", "note": "Ask the other one"})
    with sitting_at(chromium, desk, desk.seat(), "/desk?lang=en") as page:
        listed(page, "Contested").click()
        matter = page.get_by_role("region", name="Contested").get_by_role("listitem").filter(has_text=first["number"])
        expect(matter).to_contain_text("Fire station refused")
        expect(matter).to_contain_text("Parks refused")
        matter.get_by_role("button", name="Decide", exact=True).click()
        form = page.get_by_role("form", name="Decide")
        form.get_by_label("Whose it is").select_option(label="Parks")
        expect(form.get_by_role("button", name="Decide")).to_be_disabled()
        form.get_by_label("Ground").fill("The hedge blocks the lane")
        form.get_by_role("button", name="Decide").click()
        expect(page.get_by_role("region", name="Contested")).to_contain_text("Nothing is contested.")
        listed(page, "Answers to whistles").click()
        # Called once, answered in time; who refused with a reason need not be there, and was not silent.
        answers = page.get_by_role("row").filter(has_text="Parks").get_by_role("cell")
        expect(answers).to_have_text(["1", "1 of 1100%", "–", "0"])
    with sitting_at(chromium, desk, chief, f"/desk?lang=en&list=whistles&incident={second['id']}") as page:
        page.keyboard.press("w")
        expect(page.get_by_role("form", name="Blow the whistle")).to_contain_text(
            "Precedent: Parks. The hedge blocks the lane"
        )


def test_what_is_asked_waits_at_the_desk_until_it_is_answered(chromium, desk, clerk):
    operator = desk.seat()
    incident = desk.tell(operator, 1.4, 0.4, category="0301", source="patrol")
    step(desk, operator, incident, "dispatch", **{"with": {"department": "fire"}})
    step(desk, clerk, incident, "accept")
    with sitting_at(chromium, desk, operator, "/?lang=en&show=hand") as page:
        row = page.locator(f"#row-{incident['id']}")
        expect(row).to_have_count(0)
        more = {"with": {"amount": 2, "unit": "wd"}, "reason": "weather", "note": "The crane comes on Tuesday"}
        step(desk, clerk, incident, "ask_extend", **more)
        expect(row.locator(".state-waiting")).to_have_text("asks for more time")
        with sitting_at(chromium, desk, operator, "/desk?lang=en&list=above") as other:
            expect(other.get_by_role("option").filter(has_text="asks for more time")).to_have_count(1)
            row.click()
            card = page.get_by_role("complementary")
            expect(card).to_contain_text("2 work-days")
            expect(card).to_contain_text("The crane comes on Tuesday")
            # It is granted as it was asked, unless the desk writes something else.
            card.get_by_role("button", name="Give more time").click()
            form = card.get_by_role("form", name="Give more time")
            expect(form.get_by_label("How much")).to_have_value("2")
            form.get_by_role("button", name="Give more time").click()
            expect(card).to_contain_text("gave more time")
            expect(row).to_have_count(0)
            expect(other.get_by_role("option")).to_have_count(0)


def test_a_supervisor_issues_a_numbered_notice_that_the_township_answers(chromium, desk, township):
    incident = desk.tell(township, 0.6, 2.4, category="0201", source="patrol")
    supervisor = desk.seat(Role.SUPERVISOR)
    with sitting_at(chromium, desk, supervisor, f"/desk?lang=en&incident={incident['id']}") as page:
        page.get_by_role("button", name="Issue a notice").click()
        form = page.get_by_role("form", name="Issue a notice")
        form.get_by_label("Tier").select_option("2")
        form.get_by_label("What is asked").fill("Say by when it is done")
        form.get_by_role("button", name="Issue a notice").click()
        notice = page.get_by_role("region", name="Escalated supervision")
        expect(notice).to_contain_text("Say by when it is done")
        expect(notice.get_by_role("button", name="Close the notice")).to_have_count(0)
        paper = requests.get(
            desk.address + notice.get_by_role("link", name="Notice as PDF").get_attribute("href"),
            cookies={SESSION_COOKIE: supervisor.token},
            timeout=60,
        )
        assert paper.content.startswith(b"%PDF")
        with sitting_at(chromium, desk, township, "/desk?lang=en&list=ladder") as other:
            other.get_by_role("button", name="Answer the notice").click()
            answer = other.get_by_role("form", name="Answer the notice")
            answer.get_by_label("Note").fill("By tonight")
            answer.get_by_role("button", name="Answer the notice").click()
            expect(other.get_by_role("region", name="Supervision notices")).to_contain_text("By tonight")
        notice.get_by_role("button", name="Close the notice").click()
        closing = page.get_by_role("form", name="Close the notice")
        closing.get_by_label("Note").fill("It was done")
        closing.get_by_role("button", name="Close the notice").click()
        expect(page.get_by_role("region", name="Supervision notices")).to_contain_text("No notice is open.")
        listed(page, "Overdue by unit").click()
        expect(page.get_by_role("columnheader", name="Overdue")).to_be_visible()


def test_each_role_finds_the_desk_of_its_own(chromium, desk):
    """Somebody with two roles changes over; a role without a desk reads what is open."""
    with Session(desk.engine) as db, db.begin():
        seat = desk.seat(Role.SUPERVISOR)
        person = db.scalar(text("SELECT max(id) FROM person WHERE login LIKE 'supervisor-%'"))
        db.execute(
            text(
                "INSERT INTO assignment (person_id, role, area_id, path, valid) VALUES"
                " (:person, 'chief', :area, CAST(:path AS ltree), tstzrange('2020-01-01', NULL))"
            ),
            {"person": person, "area": desk.town.district_id, "path": str(desk.town.district_id)},
        )
    with sitting_at(chromium, desk, seat, "/desk?lang=zh-CN") as page:
        choice = page.get_by_role("group", name="工位")
        expect(choice.get_by_role("button", pressed=True)).to_have_text("网格长")
        choice.get_by_role("button", name="督查员").click()
        expect(page.get_by_role("heading", level=2)).to_have_text("督办单")
        assert "desk=supervisor" in page.url
