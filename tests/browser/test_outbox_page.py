"""The bell on every face, and the outbox at an administrator's desk, in a real browser."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.outbox.actions import send
from gridmap.outbox.delivery import Post, deliver_next
from gridmap.outbox.outbound import Way
from gridmap.outbox.rules import ToPerson
from gridmap.people.rules import Role
from tests.browser.desks import PHONE, sitting_at
from tests.outbox.far_ends import answering, far_end

pytestmark = pytest.mark.browser

expect.set_options(timeout=20_000)


def tell(desk, role: Role, subject: str, body: str = "", about: str | None = None) -> None:
    """Tell whoever sits there last in a role."""
    with Session(desk.engine) as db, db.begin():
        newest = text("SELECT max(id) FROM person WHERE login LIKE :role || '-%'")
        send(db, "screen", ToPerson(db.scalar(newest, {"role": role.value})), subject, body, about=about)


def test_the_bell_rings_at_a_desk_by_itself_and_leads_to_the_incident(chromium, desk):
    operator = desk.seat(Role.OPERATOR)
    incident = desk.tell(operator, 0.5, 2.5)
    with sitting_at(chromium, desk, operator, "/?lang=en") as page:
        bell = page.locator(".bell-button")
        expect(bell).to_have_accessible_name("Notices")
        # Told while the page is open: the live event rings, sooner than the page looks by itself.
        tell(desk, Role.OPERATOR, "派到你这里", "垃圾成堆", f"incident:{incident['id']}")
        expect(bell).to_have_accessible_name("Notices, 1 new")
        tell(desk, Role.OPERATOR, "快要超时")
        expect(bell).to_have_accessible_name("Notices, 2 new")
        # All of it by keyboard; Escape closes the list and nothing else.
        bell.focus()
        page.keyboard.press("Enter")
        box = page.get_by_role("dialog", name="Notices")
        expect(box.locator("li.is-new")).to_have_count(2)
        page.keyboard.press("Escape")
        expect(box).to_have_count(0)
        expect(bell).to_be_focused()
        page.keyboard.press("Enter")
        box.get_by_role("link", name="派到你这里").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#card")).to_contain_text(incident["number"])
        expect(bell).to_have_accessible_name("Notices, 1 new")
        bell.click()
        box.get_by_role("button", name="Mark all as read").click()
        expect(bell).to_have_accessible_name("Notices")
        expect(box.locator("li.is-new")).to_have_count(0)


@pytest.mark.parametrize(
    ("role", "path"), [(Role.WORKER, "/patrol"), (Role.PLANNER, "/planner"), (Role.PLANNER, "/admin/files")]
)
def test_every_face_has_the_bell_and_cuts_nothing_on_a_phone(chromium, desk, role, path):
    seat = desk.seat(role)
    tell(desk, role, "派到你这里", "垃圾成堆，清河 07 网格，明天十二点以前")
    ready = path != "/admin/files"
    with sitting_at(chromium, desk, seat, f"{path}?lang=zh-CN", screen=PHONE, ready=ready) as page:
        bell = page.get_by_role("button", name="通知，1 条未读")
        bell.click()
        box = page.get_by_role("dialog", name="通知")
        expect(box).to_contain_text("清河 07 网格")
        frame = box.bounding_box()
        assert frame is not None
        assert frame["x"] >= 0
        assert frame["x"] + frame["width"] <= PHONE["width"]
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        box.get_by_role("button", name="全部标为已读").click()
        expect(page.locator(".bell-count")).to_have_count(0)


def test_a_far_end_is_set_up_tried_and_what_failed_is_sent_again(chromium, desk):
    admin, secret = desk.seat(Role.ADMIN), "a secret of some length"
    with far_end() as end, sitting_at(chromium, desk, admin, "/admin/outbox?lang=en", forgive="422") as page:
        page.get_by_role("button", name="Add a far end").click()
        panel = page.locator(".detail-panel")
        panel.get_by_label("What it is called").fill("消防平台")
        panel.get_by_label("Address").fill("https://10.0.0.7:22/hook")
        panel.get_by_label("Secret that signs").fill(secret)
        panel.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("443, 8443")
        panel.get_by_label("Address").fill("https://fire.example/hook")
        panel.get_by_label("Events").fill("dispatched, overdue")
        panel.get_by_role("button", name="Add", exact=True).click()
        expect(page.locator(".rows-scroll tbody")).to_contain_text("dispatched, overdue")
        assert secret not in page.content()
        # Only a test may send to this machine.
        with desk.engine.begin() as db:
            db.execute(text("UPDATE outbox_endpoint SET url = :url"), {"url": end.address})
        end.reply = answering(500)
        panel.get_by_role("button", name="Send a trial").click()
        expect(panel.get_by_role("status")).to_contain_text("on its way")
        post = Post(Way(loopback=True))
        assert deliver_next(post)
        with desk.engine.begin() as db:
            db.execute(text("UPDATE outbox SET dead_at = :at WHERE channel = 'webhook'"), {"at": datetime.now(UTC)})
            db.execute(text("UPDATE outbox_lane SET rest_until = NULL"))
        page.get_by_role("button", name="Messages").click()
        page.get_by_role("button", name="given up").click()
        page.locator(".rows-scroll tbody button").click()
        expect(panel).to_contain_text("answered 500")
        panel.get_by_role("button", name="Try again").click()
        expect(page.locator(".list-panel")).to_contain_text("Nothing was given up")
        end.reply = answering(200)
        assert deliver_next(post)
        page.get_by_role("button", name="sent", exact=True).click()
        expect(page.locator(".rows-scroll tbody")).to_contain_text("消防平台")
        assert len(end.got) == 2
        page.get_by_role("button", name="Far ends").click()
        page.locator(".rows-scroll tbody button").click()
        panel.get_by_role("button", name="Take it away").click()
        page.get_by_role("alertdialog").get_by_role("button", name="Take it away").click()
        expect(page.locator(".list-panel")).to_contain_text("Nothing is told outside")
