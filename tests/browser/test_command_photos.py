"""Photos of an incident in its card: what is there is shown, what is on its way is said."""

from __future__ import annotations

import hashlib

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.desks import sitting_at
from tests.pictures import photo
from webapp.shared.policy import CSRF_HEADER, SESSION_COOKIE

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)


def send(desk, seat, data):
    sha256 = hashlib.sha256(data).hexdigest()
    headers = {CSRF_HEADER: seat.csrf, "Origin": desk.address}
    cookies = {SESSION_COOKIE: seat.token}
    answer = requests.put(f"{desk.address}/api/v1/media/{sha256}", data, cookies=cookies, headers=headers, timeout=20)
    assert answer.status_code == 201
    return sha256


def test_a_photo_opens_large_in_the_card_and_a_missing_one_is_on_its_way(chromium, desk, operator):
    here = send(desk, operator, photo(size=(800, 600)))
    media = [{"sha256": here, "role": "before"}, {"sha256": "0" * 64, "role": "after"}]
    told = desk.tell(operator, 0.5, 2.5, source="patrol", media=media)
    with sitting_at(chromium, desk, operator, f"/?lang=en&incident={told['id']}") as page:
        strip = page.locator(".photos li")
        expect(strip).to_have_count(2)
        assert sorted(strip.locator("b").all_text_contents()) == ["After", "Before"]
        expect(page.locator(".photo.missing")).to_contain_text("on its way")
        page.locator("button.photo").click()
        large = page.locator(".photo-large img")
        expect(large).to_be_visible()
        expect(page.locator(".photo-large img")).to_have_js_property("naturalWidth", 800)
        assert page.evaluate("document.querySelector('.photo img').naturalWidth") == 320
        page.get_by_role("button", name="Close the photo").click()
        expect(large).to_have_count(0)
