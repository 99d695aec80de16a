"""How sure a place is, as the server weighed it and a dispatcher sees it, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.desks import sitting_at
from tests.worlds import CODE, SIDE, point

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)


@pytest.fixture
def card(chromium, desk, operator):
    """The card of an incident reported at a place of the drawing with an accuracy."""

    def open_card(column, row, accuracy_m):
        lon, lat = point(column, row)
        told = desk.tell(operator, column, row, place={"lon": lon, "lat": lat, "accuracy_m": accuracy_m})
        return sitting_at(chromium, desk, operator, f"/?lang=en&incident={told['id']}")

    return open_card


def test_a_likely_grid_stands_above_its_rival_with_both_shares(card):
    with card(1 - 5 / SIDE, 2.5, 24.477) as page:
        expect(page.locator(".candidates li")).to_have_count(2)
        assert page.locator(".candidates em").all_text_contents() == ["69%", "31%"]
        assert page.locator(".candidates span").all_text_contents() == ["Grid A", "Grid B"]
        expect(page.locator(".card")).to_contain_text("error ± 25 m (95%)")


def test_a_sure_grid_stands_alone_with_its_share(card):
    with card(1 - 9 / SIDE, 2.5, 12) as page:
        expect(page.locator(".grid-link")).to_contain_text("certain · 97%")
        expect(page.locator(".candidates")).to_have_count(0)


def test_too_wide_for_a_grid_the_card_names_the_township_and_says_why(card):
    with card(0.5, 2.5, 500) as page:
        expect(page.locator(".card-under")).to_contain_text("North ?")
        expect(page.locator(".card")).to_contain_text("known to more than 100 m only")
        expect(page.locator(".candidates .beyond")).to_contain_text("outside the district")


def test_a_candidate_leads_to_its_grid(card):
    with card(1 - 5 / SIDE, 2.5, 24.477) as page:
        page.locator(".candidates button").nth(1).click()
        expect(page.locator(".card h2")).to_have_text("Grid B")
        expect(page.locator(".card")).to_contain_text(CODE["B"][-3:])
