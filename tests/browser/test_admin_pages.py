"""Administration in a real browser: a person comes in by a code and their own password; a key is shown once."""

from __future__ import annotations

import pyotp
import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from gridmap.people.passwords import hash_password
from gridmap.people.rules import Role
from tests.browser.desks import PHONE, sitting_at
from tests.worlds import CODE, point
from webapp.shared.policy import SESSION_COOKIE

pytestmark = pytest.mark.browser

expect.set_options(timeout=20_000)

PASSWORD = "three boats under a bridge"
ANDROID = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36"
# Whether each goes through; an event that no person made sends nothing.
SUBMIT_TWICE = """() => {
  const form = document.querySelector('form[method=post]')
  return [1, 2].map(() => form.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true })))
}"""


@pytest.fixture(scope="module")
def admin(desk):
    return desk.seat(Role.ADMIN)


def add_worker(page, login, name):
    """Add a person, give the role of a worker in a grid, and make a code; gives the code."""
    page.get_by_role("button", name="Add a person").click()
    panel = page.locator(".detail-panel")
    panel.get_by_label("Login").fill(login)
    panel.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".card-head h2")).to_have_text(name)
    page.get_by_role("button", name="Give a role").click()
    page.get_by_label("Over which area, grid or department").fill(CODE["A"])
    page.locator(".over-found button").first.click()
    page.get_by_role("button", name="Give the role").click()
    expect(page.locator(".role-row b")).to_have_text("Grid worker")
    page.locator(".role-row").get_by_role("button", name="End").click()
    expect(page.get_by_role("alertdialog")).to_contain_text("Nobody else has this role there")
    page.get_by_role("button", name="Leave it").click()
    page.get_by_role("button", name="Make a code").click()
    return page.locator(".once output").inner_text()


def test_a_person_is_added_given_a_grid_and_enters_with_a_password_of_their_own(chromium, desk, admin):
    with sitting_at(chromium, desk, admin, "/admin?lang=en") as page:
        code = add_worker(page, "zhao", "赵海")
        expect(page.locator(".once")).to_contain_text("/account/code")
        # Once kept it is gone, and only that a code is out stays.
        page.get_by_role("button", name="I have kept it").click()
        expect(page.locator(".facts").first).to_contain_text("a code is out")
        assert code not in page.content()
        page.reload()
        expect(page.locator(".card-head h2")).to_have_text("赵海")
        assert code not in page.content()
    phone = chromium.new_context(viewport=PHONE, has_touch=True, user_agent=ANDROID)
    try:
        page = phone.new_page()
        page.goto(f"{desk.address}/sign-in?lang=en")
        page.get_by_role("link", name="I was given a code").click()
        page.wait_for_url("**/account/code")
        # Of a double click one is sent: the other would find the code used, and say so in place of what happened.
        assert page.evaluate(SUBMIT_TWICE) == [True, False]
        page.reload()
        page.get_by_label("Account").fill("zhao")
        page.get_by_label("One-time code").fill(code)
        page.get_by_label("New password").fill("password1234")
        page.get_by_role("button", name="Keep this password").click()
        expect(page.get_by_role("alert")).to_contain_text("would be guessed")
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_role("button", name="Keep this password").click()
        expect(page.get_by_role("status")).to_contain_text("Sign in with it")
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        page.get_by_label("Account").fill("zhao")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        page.goto(f"{desk.address}/account")
        expect(page.locator("table").first).to_contain_text("Grid worker")
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        with desk.engine.connect() as look:
            kind = look.scalar(
                text("SELECT s.kind FROM session s JOIN person p ON p.id = s.person_id WHERE p.login = 'zhao'")
            )
        assert kind == "phone"
    finally:
        phone.close()


def test_a_session_that_ends_takes_nothing_that_was_typed(chromium, desk):
    secret, hashed = pyotp.random_base32(), hash_password(PASSWORD)
    worker, admin = desk.seat(Role.WORKER), desk.seat(Role.ADMIN)
    with desk.engine.begin() as db:
        newest = "SELECT max(id) FROM person WHERE login LIKE 'admin-%'"
        db.execute(text(f"UPDATE person SET totp = :secret WHERE id = ({newest})"), {"secret": secret})
        db.execute(text("UPDATE person SET password_hash = :hashed"), {"hashed": hashed})
    with sitting_at(chromium, desk, admin, "/admin/people?lang=en", forgive="401") as page:
        page.get_by_role("button", name="Add a person").click()
        panel = page.locator(".detail-panel")
        panel.get_by_label("Login").fill("qian")
        panel.get_by_label("Name", exact=True).fill("钱静")
        page.context.clear_cookies(name=SESSION_COOKIE)
        page.get_by_role("button", name="Add", exact=True).click()
        again = page.get_by_role("dialog", name="Your session has ended")
        again.get_by_label("Password").fill("not the password")
        again.get_by_role("button", name="Sign in").click()
        expect(again.get_by_role("alert")).to_be_visible()
        again.get_by_label("Password").fill(PASSWORD)
        again.get_by_role("button", name="Sign in").click()
        again.get_by_label("Code of your authenticator").fill(pyotp.TOTP(secret).now())
        again.get_by_role("button", name="Sign in").click()
        # What was asked for is done without being typed or pressed again.
        expect(page.locator(".card-head h2")).to_have_text("钱静")
        expect(again).to_have_count(0)
    with sitting_at(chromium, desk, worker, "/account?lang=en", ready=False, forgive="401") as page:
        page.get_by_label("Password now").fill(PASSWORD)
        page.get_by_label("New password").fill("four boats under a bridge")
        page.context.clear_cookies(name=SESSION_COOKIE)
        page.get_by_role("button", name="Change password").click()
        again = page.get_by_role("dialog", name="Your session has ended")
        again.get_by_role("button", name="Not now").click()
        expect(page.get_by_label("New password")).to_have_value("four boats under a bridge")
        page.get_by_role("button", name="Change password").click()
        again.get_by_label("Password").fill(PASSWORD)
        again.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("status")).to_contain_text("The new password is kept")


def test_a_devices_key_is_shown_once_after_the_password_was_shown_again(chromium, desk, admin):
    with desk.engine.begin() as db:
        db.execute(text("UPDATE session SET created_at = now() - interval '11 minutes'"))
        db.execute(text("UPDATE person SET password_hash = NULL WHERE login LIKE 'admin-%'"))
    lon, lat = point(0.5, 2.5)
    with sitting_at(chromium, desk, admin, "/admin/devices?lang=en", forgive="401") as page:
        page.get_by_role("button", name="Add a device").click()
        page.get_by_label("Code", exact=True).fill("cam-71")
        page.get_by_label("Longitude").fill(str(lon))
        page.get_by_label("Latitude").fill(str(lat))
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.locator(".facts")).to_contain_text("Grid A")
        page.get_by_role("button", name="Make a key").click()
        expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
        page.get_by_label("Password").fill("not the password")
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("alert")).to_contain_text("not right")
        with desk.engine.begin() as db:
            db.execute(text("UPDATE session SET proven_at = now()"))
        page.get_by_role("button", name="Leave it").click()
        page.get_by_role("button", name="Make a key").click()
        key = page.locator(".once output").inner_text()
        assert key.startswith("gmk_")
        page.get_by_role("button", name="I have kept it").click()
        expect(page.locator(".role-row")).to_have_count(1)
        page.reload()
        expect(page.locator(".role-row")).to_have_count(1)
        assert key not in page.content()
        page.get_by_role("button", name="Revoke", exact=True).click()
        expect(page.get_by_role("alertdialog")).to_contain_text("refused from now on")
        page.get_by_role("button", name="Revoke the key").click()
        expect(page.locator(".card-part").filter(has_text="No key")).to_be_visible()


def test_a_phone_shows_the_list_then_one_and_cuts_nothing(chromium, desk, admin):
    with sitting_at(chromium, desk, admin, "/admin/people?lang=zh-CN", screen=PHONE) as page:
        expect(page.locator(".rows-scroll tbody tr").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        page.locator(".rows-scroll tbody button").first.click()
        expect(page.locator(".card-head h2")).to_be_visible()
        page.get_by_role("button", name="关闭卡片").click()
        expect(page.locator(".list-panel")).to_be_visible()


@pytest.mark.parametrize("path", ["/admin/people", "/admin/devices"])
def test_every_module_is_named_ahead_and_nothing_else(chromium, desk, admin, path):
    with sitting_at(chromium, desk, admin, path) as page:
        named = page.evaluate("[...document.querySelectorAll('link[rel=modulepreload]')].map((link) => link.href)")
        loaded = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
        assert sorted(named) == sorted({url for url in loaded if url.endswith(".js")})


def test_a_day_begins_and_ends_by_the_clock_of_the_district(chromium, desk, admin):
    with sitting_at(chromium, desk, admin, "/admin/people") as page:
        ask = """async ([name, day, zone]) => {
            const entry = [...document.querySelectorAll('link[rel=modulepreload]')].map((link) => link.href)
            return (await import(entry.find((url) => url.endsWith('/admin/days.js'))))[name](day, zone)
        }"""
        for name, day, zone, instant in (
            ("beginningOf", "2026-05-18", "Asia/Shanghai", "2026-05-17T16:00:00.000Z"),
            ("endOf", "2026-12-31", "Asia/Shanghai", "2026-12-31T16:00:00.000Z"),
            ("endOf", "2028-02-28", "UTC", "2028-02-29T00:00:00.000Z"),
            # Half an hour's offset, and a night in which clocks are set forward before and after it began.
            ("beginningOf", "2026-05-18", "Asia/Kolkata", "2026-05-17T18:30:00.000Z"),
            ("endOf", "2026-03-29", "Europe/Berlin", "2026-03-29T22:00:00.000Z"),
            ("beginningOf", "2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00.000Z"),
        ):
            assert page.evaluate(ask, [name, day, zone]) == instant
