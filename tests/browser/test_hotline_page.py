"""A shift at the hotline in a real browser: a call written down, the caller contacted, and called back."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import expect
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.browser.desks import PHONE, sitting_at
from tests.worlds import point

pytestmark = pytest.mark.browser

expect.set_options(timeout=20_000)


def close_all(desk) -> None:
    """Whatever was done by others meanwhile: the matter is checked and can be closed."""
    with Session(desk.engine) as db, db.begin():
        db.execute(text("UPDATE incident SET state = 'checked' WHERE source = 'hotline' AND closed_at IS NULL"))


def test_a_caller_is_written_down_contacted_and_called_back(chromium, desk):
    operator, other = desk.seat(), desk.seat()
    nearby = desk.tell(other, 0.5, 2.5, source="patrol")
    lon, lat = point(0.52, 2.5)
    with sitting_at(chromium, desk, operator, "/hotline?lang=en") as page:
        expect(page.get_by_text("Every caller was contacted.")).to_be_visible()
        page.keyboard.press("n")
        form = page.locator(".card-form")
        page.keyboard.type("楼下垃圾无人清运")  # the cursor stands in the first field
        form.get_by_label("Class").select_option("0201")
        form.get_by_label("Place").fill(f"{lon}, {lat}")
        # Before it is sent, what somebody else told of is offered.
        expect(form.get_by_role("region", name="Open nearby")).to_contain_text(nearby["number"])
        form.get_by_label("Name", exact=True).fill("王小明")
        form.get_by_label("Phone number").fill("13812345678")
        expect(form.locator(".map[data-ready]")).to_be_visible(timeout=60_000)
        assert form.locator(".map").bounding_box()["width"] <= form.bounding_box()["width"]
        form.locator(".map").click(position={"x": 120, "y": 120})
        expect(form.get_by_label("Place")).not_to_have_value(f"{lon}, {lat}")
        form.get_by_label("Place").fill(f"{lon}, {lat}")
        form.get_by_role("button", name="Take the order").click()

        card = page.locator(".detail-panel")
        expect(card).to_contain_text("王* · 138****5678")
        expect(page.locator(".rows-scroll tbody tr")).to_have_count(1)
        expect(page.locator(".col-clock").last).to_contain_text("min left")
        card.get_by_role("button", name="Show name and number").click()
        card.get_by_label("What for").fill("联系来电人")
        card.get_by_role("button", name="Show", exact=True).click()
        expect(card).to_contain_text("13812345678")
        card.get_by_label("What was said").fill("已联系,约明日清运")
        card.get_by_role("button", name="Note the contact").click()
        expect(page.get_by_text("Every caller was contacted.")).to_be_visible()

        page.get_by_role("group", name="Which orders").get_by_role("button", name="Open").click()
        expect(page.locator(".rows-scroll tbody tr").first).to_be_visible()
        page.keyboard.press("j")
        expect(card).to_contain_text("made")
        incident = card.locator(".card-head a").get_attribute("href").split("incident=")[1]
        # A department has no hotline page; the card of the incident asks, and shows, the same.
        card.locator(".card-head a").click()
        told = page.locator("#card .sources li")
        expect(told).to_contain_text("王* · 138****5678")
        told.get_by_role("button", name="Show name and number").click()
        told.get_by_label("What for").fill("核实位置")
        told.get_by_role("button", name="Show", exact=True).click()
        expect(told).to_contain_text("13812345678")
        page.go_back()
        expect(page.locator(".rows-scroll")).to_be_visible()
        close_all(desk)
        for step in ("feedback", "close"):
            wish = {"id": str(uuid.uuid4()), "step": step, "note": "已清运"}
            desk.post(other, f"/api/v1/incidents/{incident}/steps", wish)

        page.keyboard.press("2")
        expect(page.locator(".figures-line")).to_contain_text("0/1")
        expect(page.locator(".rows-scroll tbody tr")).to_have_count(1)
        page.keyboard.press("j")
        card.get_by_label("What the caller said").fill("还是脏")
        card.get_by_role("button", name="Not satisfied").click()
        expect(page.get_by_text("Nobody waits for a call.")).to_be_visible()
        page.get_by_role("button", name="Made").click()
        expect(page.locator(".col-clock").last).to_have_text("Not satisfied")
        expect(page.locator(".figures-line")).to_contain_text("1/1")

    with sitting_at(chromium, desk, other, "/hotline?lang=zh-CN&list=all", screen=PHONE) as page:
        expect(page.get_by_role("heading", name="热线")).to_be_visible()
        page.locator(".rows-scroll tbody tr").first.click()
        expect(page.locator(".detail-panel")).to_contain_text("不满意")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        page.get_by_role("button", name="关闭卡片").click()
        expect(page.locator(".list-panel")).to_be_visible()
