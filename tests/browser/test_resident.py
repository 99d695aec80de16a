"""A resident at a door with a phone: offline, back again, sent once, followed to its end and rated."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.incidents.actions import act
from gridmap.incidents.drafts import StepDraft
from gridmap.people.rules import Role, system_actor
from gridmap.residents.codes import make_codes
from gridmap.system.audit import Doer
from tests.browser.desks import DESK, PHONE, Desk
from tests.pictures import photo
from tests.residents.doors import add_building
from webapp.shared.policy import SESSION_COOKIE

pytestmark = pytest.mark.browser

HOUSE = system_actor(Doer(None, "system"))


def serious(page: Page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in ("serious", "critical")]


def is_as_wide_as_the_phone(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.fixture(scope="module")
def door(desk: Desk) -> str:
    """The address behind the code of a building."""
    with Session(desk.engine) as db, db.begin():
        add_building(db, desk.town)
        _, printed = make_codes(db, HOUSE, "990106001001", "building", datetime.now(UTC))
    return f"{desk.address}/r/{printed[0].token}"


@pytest.fixture
def phone(chromium):
    context = chromium.new_context(viewport=PHONE, has_touch=True, locale="zh-CN", is_mobile=True)
    yield context
    context.close()


def reports(desk: Desk) -> int:
    with Session(desk.engine) as db:
        return int(db.scalar(text("SELECT count(*) FROM resident_report")) or 0)


def test_a_resident_reports_at_a_door_and_has_the_last_word(desk, door, phone, chromium, tmp_path):
    picture = Path(tmp_path / "hole.jpg")
    picture.write_bytes(photo())
    page = phone.new_page()
    outside: list[str] = []
    page.on(
        "request", lambda sent: outside.append(sent.url) if not sent.url.startswith((desk.address, "blob:")) else None
    )
    page.goto(door)
    page.wait_for_selector("html[data-ready]", state="attached")
    assert serious(page) == []
    assert is_as_wide_as_the_phone(page)

    # What is missing is said, and what was typed stays.
    page.get_by_placeholder("写几个字说说问题").fill("单元门口井盖没了")
    page.wait_for_timeout(3200)
    page.get_by_role("button", name="提交").click()
    expect(page.locator("#said")).to_have_text("选一下是什么事。")

    # Offline says so; the phone keeps the draft through a reload.
    page.get_by_label("井盖路面").check()
    page.set_input_files("input[name=photo]", picture)
    expect(page.locator(".photos img")).to_have_count(1)
    phone.set_offline(True)
    page.get_by_role("button", name="提交").click()
    expect(page.locator("#said")).to_contain_text("已存在这部手机上")
    phone.set_offline(False)
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    expect(page.locator("textarea")).to_have_value("单元门口井盖没了")
    expect(page.locator(".photos img")).to_have_count(1)
    expect(page.get_by_label("井盖路面")).to_be_checked()

    # Tapped twice it is one report.
    page.get_by_role("button", name="提交").dblclick()
    page.wait_for_url("**/r/follow/**")
    number = page.locator("h1").inner_text()
    assert reports(desk) == 1
    assert serious(page) == []
    assert is_as_wide_as_the_phone(page)
    follow = page.url
    page.goto(door)
    page.wait_for_selector("html[data-ready]", state="attached")
    expect(page.locator("textarea")).to_have_value("")

    # The desk approves the photo alone, and others at the door see no more than that.
    seat = desk.seat(Role.OPERATOR)
    desk_context = chromium.new_context(viewport=DESK, locale="zh-CN")
    desk_context.add_cookies(
        [{"name": SESSION_COOKIE, "value": seat.token, "domain": "127.0.0.1", "path": "/", "secure": True}]
    )
    table = desk_context.new_page()
    table.goto(f"{desk.address}/residents?lang=zh-CN")
    expect(table.get_by_text("1 条待审")).to_be_visible()
    table.get_by_label("公开文字").uncheck()
    table.get_by_role("button", name="公开", exact=True).click()
    expect(table.get_by_text("0 条待审")).to_be_visible()
    table.get_by_role("button", name="楼门码").click()
    expect(table.get_by_role("button", name="清河小区3号楼")).to_be_visible()
    assert serious(table) == []
    desk_context.close()
    page.reload()
    near = page.locator(".near")
    expect(near.locator("img")).to_be_visible()
    assert "单元门口" not in near.inner_text()

    # Its end is rated, in English, and asked to be taken up again.
    with Session(desk.engine) as db, db.begin():
        incident = db.scalar(text("SELECT id FROM incident WHERE number = :number"), {"number": number})
        reason = db.scalar(text("SELECT code FROM reason WHERE list = 'reject' ORDER BY code LIMIT 1"))
        act(db, HOUSE, incident, StepDraft(uuid.uuid4(), "reject", reason=reason), datetime.now(UTC))
    page.goto(f"{follow}?lang=en")
    page.get_by_label("It is not well", exact=True).check()
    page.get_by_label("In your words").fill("The hole is still there")
    page.get_by_label("take it up again").check()
    page.get_by_role("button", name="Send the rating").click()
    expect(page.get_by_text("You asked for it to be taken up again.")).to_be_visible()
    assert outside == []


def test_without_a_script_it_is_sent_all_the_same(desk, door, chromium):
    before = reports(desk)
    context = chromium.new_context(viewport=PHONE, java_script_enabled=False, locale="en")
    page = context.new_page()
    page.goto(door)
    page.get_by_label("Noise").check()
    page.get_by_placeholder("What is wrong").fill("Drilling at night")
    page.wait_for_timeout(3200)
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_text("Your number", exact=True)).to_be_visible()
    assert reports(desk) == before + 1
    context.close()
