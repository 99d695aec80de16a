"""What a class asks on the spot is asked where it is answered: on the card at a desk, and on the phone."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import expect
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.people.rules import Role
from tests.browser.desks import PHONE, sitting_at

pytestmark = pytest.mark.browser

expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def asked(desk):
    """The class 0301 asks two questions, one of them a number that need not be answered."""
    with Session(desk.engine) as db, db.begin():
        db.execute(
            text(
                "INSERT INTO checklist (code, category, name, names, valid)"
                " VALUES ('lane', '0301', '通道', '{}', daterange('2020-01-01', NULL));"
                " INSERT INTO checklist_item (checklist, code, n, name, names, answer, needed, valid)"
                " SELECT 'lane', c, n, name, jsonb_build_object('en', name), answer, needed,"
                " daterange('2020-01-01', NULL) FROM (VALUES"
                " ('free', 1, 'Is the lane free', 'yes-no', true), ('cars', 2, 'How many cars', 'number', false))"
                " AS asked (c, n, name, answer, needed)"
            )
        )
    return desk


def handling(desk, seat):
    incident = desk.tell(seat, 0.5, 2.5, category="0301", source="patrol")
    desk.post(seat, f"/api/v1/incidents/{incident['id']}/steps", {"id": str(uuid.uuid4()), "step": "accept"})
    return incident


def test_the_card_asks_the_questions_and_its_log_keeps_the_answers(chromium, asked):
    chief = asked.seat(Role.CHIEF, asked.town.path_of("A").rpartition(".")[0])
    incident = handling(asked, chief)
    with sitting_at(chromium, asked, chief, f"/?lang=en&incident={incident['id']}") as page:
        page.get_by_role("button", name="Report as handled").first.click()
        form = page.get_by_role("form", name="Report as handled")
        form.get_by_label("How it was settled").fill("已清理")
        done = form.get_by_role("button", name="Report as handled")
        expect(done).to_be_disabled()
        form.get_by_role("radiogroup", name="Is the lane free").get_by_label("Yes").check()
        form.get_by_label("How many cars").fill("2")
        done.click()
        expect(page.locator(".log .answers").first).to_contain_text("Is the lane free")
        expect(page.locator(".log .answers").first).to_contain_text("2")


def test_the_phone_asks_them_too(chromium, asked):
    worker = asked.seat(Role.WORKER, asked.town.path_of("A").rpartition(".")[0])
    incident = handling(asked, worker)
    with sitting_at(chromium, asked, worker, f"/patrol/incident/{incident['id']}?lang=en", screen=PHONE) as phone:
        phone.get_by_role("button", name="Report as handled").click()
        form = phone.get_by_role("form", name="Report as handled")
        form.get_by_label("How it was settled").fill("已清理")
        done = form.get_by_role("button", name="Report as handled")
        expect(done).to_be_disabled()
        form.get_by_role("radiogroup", name="Is the lane free").get_by_label("No").check()
        done.click()
        expect(phone.get_by_text("Kept on the phone")).to_be_visible()
        with Session(asked.engine) as db:
            for _ in range(100):
                kept = db.scalar(
                    text(
                        "SELECT data #> '{with,checklist}' FROM incident_log WHERE incident_id = :i AND step = 'handle'"
                    ),
                    {"i": incident["id"]},
                )
                if kept is not None:
                    break
                phone.wait_for_timeout(100)
                db.rollback()
    assert kept == {"free": False}
