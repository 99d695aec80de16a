"""The hazard ledger at a desk, and safe zones on the command map and on a phone, in a real browser."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.people.rules import Role
from tests.browser.desks import PHONE, sitting_at
from tests.pictures import photo
from tests.worlds import point

pytestmark = pytest.mark.browser

expect.set_options(timeout=20_000)


def test_a_hazard_goes_from_the_ledger_to_a_letter_and_is_looked_at_again(chromium, desk):
    operator = desk.seat(Role.OPERATOR)
    with Session(desk.engine) as db, db.begin():
        db.execute(text("UPDATE look_back_rule SET days = 2 WHERE days = 7"))
    with sitting_at(chromium, desk, operator, "/hazards?lang=en") as page:
        page.get_by_role("button", name="Write down a hazard").click()
        page.get_by_role("textbox", name="What is wrong").fill("灶具无熄火保护")
        page.get_by_label("Who has to put it right").fill("老陈饭店")
        write = page.get_by_role("button", name="Write down", exact=True)
        expect(write).to_be_disabled()  # nobody knows where yet
        page.locator(".hazards .map").click(position={"x": 250, "y": 400})
        write.click()
        card = page.get_by_role("complementary", name="Hazard")
        expect(card).to_contain_text("H-")
        expect(page.locator("tbody tr")).to_contain_text("灶具无熄火保护")

        card.get_by_role("button", name="Issue a rectification notice").click()
        card.get_by_label("What is demanded").fill("换装带熄火保护的灶具。")
        card.get_by_role("button", name="Issue", exact=True).click()
        expect(card).to_contain_text("RN-")
        with page.expect_download() as letter:
            card.get_by_role("button", name="Letter (PDF)").click()
        assert letter.value.path().read_bytes().startswith(b"%PDF")
        card.get_by_role("button", name="Write down the answer").click()
        card.get_by_label("What the party answers").fill("已换装")
        card.get_by_label("Photos").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()})
        card.get_by_role("button", name="Write down", exact=True).click()
        expect(card.locator(".notice-row img")).to_have_count(1)

        card.get_by_role("button", name="Close the hazard").click()
        card.get_by_label("What was seen at the place").fill("复查合格")
        card.get_by_role("button", name="Close the hazard").click()
        expect(card.locator(".look-backs li")).to_have_count(3)
        page.get_by_role("button", name="Look-backs due").click()
        expect(page.locator("tbody tr")).to_have_count(1)
        card.get_by_role("button", name="It came again").click()
        card.get_by_label("What is wrong again").fill("又拆了熄火保护")
        card.get_by_role("button", name="It came again").click()
        expect(card).to_contain_text("Came again after H-")


def test_a_safe_zone_is_drawn_around_an_incident_and_told_to_the_phone_inside(chromium, desk):
    operator = desk.seat(Role.OPERATOR)
    incident = desk.tell(operator, 0.5, 2.5)
    with sitting_at(chromium, desk, operator, f"/?lang=en&incident={incident['id']}") as page:
        page.get_by_role("button", name="Safe zone around it").click()
        panel = page.get_by_role("region", name="Safe zones")
        panel.get_by_label("What is dangerous").fill("燃气泄漏")
        panel.get_by_role("button", name="Draw it").click()
        expect(panel.locator("li")).to_contain_text("燃气泄漏 until")
        expect(panel.locator("li")).to_contain_text(incident["number"])
        worker = desk.seat(Role.WORKER, desk.town.path_of("A").rpartition(".")[0])
        with sitting_at(chromium, desk, worker, "/patrol?lang=en", screen=PHONE) as phone:
            lon, lat = point(0.5, 2.5)
            phone.context.grant_permissions(["geolocation"])
            phone.context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": 5})
            phone.reload()
            expect(phone.get_by_role("alert")).to_contain_text("You are in the safe zone")
            panel.get_by_role("button", name="Lift").click()
            expect(panel).to_contain_text("No safe zone holds now.")

        # By its corners: clicks on the map are corners as long as it is being drawn.
        panel.get_by_role("button", name="Draw a safe zone").click()
        panel.get_by_label("What is dangerous").fill("路面塌陷")
        lon, lat = point(1.5, 2.5)
        for n, (x, y) in enumerate(((400, 300), (520, 300), (460, 420)), 1):
            page.locator(".map-panel .map").click(position={"x": x, "y": y})
            expect(panel.get_by_role("status")).to_contain_text(f"{n} so far")
        assert page.url.count("incident=") == 1
        panel.get_by_role("button", name="Leave it").click()
        # One that somebody else draws appears by itself.
        until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        drawn = {"id": str(uuid.uuid4()), "name": "高空坠物", "until": until, "centre": [lon, lat], "radius_m": 40}
        desk.post(operator, "/api/v1/safe-zones", drawn)
        expect(panel.locator("li")).to_contain_text("高空坠物 until")


def test_an_incident_becomes_a_hazard_that_others_see_at_once_and_that_changes_hands(chromium, desk):
    operator = desk.seat(Role.OPERATOR)
    with Session(desk.engine) as db, db.begin():
        for code in ("fire", "urban"):
            db.execute(
                text("INSERT INTO department (code, area_id, name, names) VALUES (:code, :area, :code, '{}')"),
                {"code": code, "area": desk.town.district_id},
            )
    incident = desk.tell(operator, 0.5, 2.5, category="0301", text="消防通道被占")
    with (
        sitting_at(chromium, desk, operator, "/hazards?lang=en") as other,
        sitting_at(chromium, desk, operator, f"/?lang=en&incident={incident['id']}") as page,
    ):
        page.get_by_role("link", name="Enter as a hazard").click()
        expect(page.get_by_role("textbox", name="What is wrong")).to_have_value("消防通道被占")
        expect(page.get_by_label("Severity")).to_have_value("2")
        expect(page.get_by_label("Class")).to_have_value("0301")
        page.get_by_label("Department").select_option("urban")
        page.get_by_role("button", name="Write down", exact=True).click()
        card = page.get_by_role("complementary", name="Hazard")
        expect(card.get_by_role("link", name=f"Found with incident {incident['number']}")).to_be_visible()
        row = other.locator("tbody tr", has_text="消防通道被占")
        expect(row).to_be_visible()  # heard, not asked for
        row.click()
        theirs = other.get_by_role("complementary", name="Hazard")
        theirs.get_by_role("button", name="Close the hazard").click()
        theirs.get_by_label("What was seen at the place").fill("还没有完")
        card.get_by_role("button", name="Hand to another department").click()
        card.get_by_label("Department").select_option("fire")
        card.get_by_label("Why").fill("属消防职责")
        card.get_by_role("button", name="Hand over").click()
        expect(card.get_by_role("listitem").filter(has_text="urban → fire")).to_contain_text("属消防职责")
        # What others do is there, and what is being written stays.
        expect(theirs.get_by_role("listitem").filter(has_text="urban → fire")).to_be_visible()
        expect(theirs.get_by_label("What was seen at the place")).to_have_value("还没有完")
        number = card.locator(".code").first.inner_text()
        card.get_by_role("link", name=f"Found with incident {incident['number']}").click()
        expect(page.get_by_role("link", name=number)).to_be_visible()
