"""The command page in a real browser, on the real application, under its real content policy."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import Page, Route, expect

from gridmap.people.rules import Role
from tests.browser.desks import PHONE, sitting_at
from tests.worlds import CODE

pytestmark = pytest.mark.browser

ROW = ".queue-rows .row"
# Two cores and no graphics card: patience costs nothing where the answer comes.
expect.set_options(timeout=20_000)


@pytest.fixture
def at_desk(chromium, desk, operator):
    def sit(path="/?lang=en", **wishes):
        return sitting_at(chromium, desk, operator, path, **wishes)

    return sit


def row_of(page: Page, incident: dict) -> object:
    return page.locator(f"#row-{incident['id']}")


def test_what_is_reported_appears_by_itself_and_the_map_stays_where_it_was(at_desk, desk, operator):
    with at_desk() as page:
        expect(page.locator(".link-line")).to_have_class(re.compile("link-live"))
        page.wait_for_url(re.compile("at="))
        before = page.url
        told = desk.tell(operator, 0.5, 2.5)
        expect(row_of(page, told)).to_contain_text("Litter")
        expect(row_of(page, told)).to_contain_text("Grid A")
        expect(page.locator(".toast").first).to_contain_text("Litter")
        assert page.evaluate("document.activeElement === document.body")
        assert page.url == before


def test_an_incident_is_filed_and_ended_without_the_mouse(at_desk, desk, operator):
    told = desk.tell(operator, 1.5, 2.5)
    with at_desk(f"/?lang=en&incident={told['id']}") as page:
        card = page.locator(".card")
        expect(card.locator(".state").first).to_have_text("To file")
        page.keyboard.press("f")
        expect(card.locator(".state").first).to_have_text("Filed")
        expect(card).to_contain_text("filed it")
        card.get_by_role("button", name="More …").press("Enter")
        card.get_by_role("button", name="Reject").press("Enter")
        expect(card.get_by_role("button", name="Reject Ctrl")).to_be_disabled()
        card.get_by_label("Reason").select_option(label="False alarm")
        card.get_by_label("Note").fill("Swept away.")
        page.keyboard.press("Control+Enter")
        expect(card.locator(".state").first).to_have_text("Rejected")
        expect(card).to_contain_text("Swept away.")
        expect(card).to_contain_text("chain intact")
        expect(row_of(page, told)).to_have_count(0)


def test_a_deadline_is_explained_in_the_language_of_the_page(at_desk, desk, operator):
    told = desk.tell(operator, 1.5, 2.2, source="inspection")  # what staff see is filed at once, with a deadline
    for language, words in (("en", "hours"), ("zh-CN", "小时")):
        with at_desk(f"/?lang={language}&incident={told['id']}") as page:
            expect(page.locator(".card .why").first).to_contain_text(words)


def test_the_keys_walk_the_queue_and_open_what_they_stand_on(at_desk, desk, operator):
    desk.tell(operator, 0.5, 1.5)
    desk.tell(operator, 0.5, 1.4, category="0101")
    with at_desk() as page:
        page.keyboard.press("j")
        page.keyboard.press("j")
        second = page.locator(f"{ROW}[aria-posinset='2']")
        expect(second).to_have_class(re.compile("at-cursor"))
        page.keyboard.press("Enter")
        expect(second).to_have_attribute("aria-selected", "true")
        expect(page.locator(".card h2")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(".card")).to_have_count(0)


def test_a_step_that_somebody_else_took_first_is_told_in_a_sentence(at_desk, desk, operator):
    told = desk.tell(operator, 0.5, 0.5)
    with at_desk(f"/?lang=en&incident={told['id']}", forgive="409") as page:
        expect(page.locator(".card")).to_contain_text("To file")

        def take_it_first(route: Route) -> None:
            desk.post(operator, f"/api/v1/incidents/{told['id']}/steps", {"id": str(uuid.uuid4()), "step": "file"})
            route.continue_()

        page.route("**/steps", take_it_first)
        page.locator(".steps .primary").click()
        expect(page.locator(".step-failure")).not_to_be_empty()
        expect(page.locator(".card .state").first).to_have_text("Filed")


def test_a_step_that_got_lost_is_sent_again_under_the_same_id(at_desk, desk, operator):
    told = desk.tell(operator, 0.4, 0.5)
    sent: list[str] = []

    def lose_the_first(route: Route) -> None:
        sent.append(route.request.post_data_json["id"])
        if len(sent) == 1:
            route.abort("connectionreset")
        else:
            route.continue_()

    with at_desk(f"/?lang=en&incident={told['id']}", forgive="ERR_CONNECTION_RESET") as page:
        page.route("**/steps", lose_the_first)
        page.locator(".steps .primary").click()
        expect(page.locator(".card .state").first).to_have_text("Filed")
        assert len(sent) == 2
        assert sent[0] == sent[1]


def test_an_unsure_place_shows_the_grids_it_may_be(at_desk, desk, operator):
    told = desk.tell(operator, 1.02, 1.02)
    shares = {"D": 0.54, "C": 0.24, "F": 0.22}
    unsure = [
        {
            "id": desk.town.grid_ids[letter],
            "code": CODE[letter],
            "name": letter,
            "name_en": letter,
            "probability": share,
        }
        for letter, share in shares.items()
    ]

    def in_doubt(route: Route) -> None:
        known = route.fetch().json()
        route.fulfill(json=known | {"candidates": unsure, "place": known["place"] | {"certainty": "review"}})

    with at_desk("/sign-in", ready=False) as page:
        page.route(f"**/incidents/{told['id']}", in_doubt)
        page.goto(f"{desk.address}/?lang=en&incident={told['id']}")
        expect(page.locator(".candidates li")).to_have_count(3)
        assert page.locator(".candidates em").all_text_contents() == ["54%", "24%", "22%"]
        expect(page.locator(".card-under")).to_contain_text("Grid D ?")
        page.locator(".candidates button").nth(1).click()
        expect(page.locator(".card h2")).to_have_text("Grid C")


def test_the_address_brings_back_filter_selection_and_view(at_desk):
    with at_desk(f"/?lang=en&show=filed&grid={CODE['B']}&by=overdue&at=114.20500,35.71500,16.00") as page:
        expect(page.locator(".card h2")).to_have_text("Grid B")
        expect(page.locator(".chip", has_text="To dispatch")).to_have_attribute("aria-pressed", "true")
        expect(page.locator(".colouring button").nth(2)).to_have_attribute("aria-pressed", "true")
        page.get_by_role("button", name="Close the card").click()
        page.wait_for_url(lambda url: "grid=" not in url)
        assert "at=114.205" in page.url
        page.go_back()
        expect(page.locator(".card h2")).to_have_text("Grid B")

        # Back leads to the place and the layers too, and the map stands there.
        page.get_by_role("button", name="Nearer").click()
        page.wait_for_url(lambda url: "at=114.20500,35.71500,17.00" in url)
        page.get_by_role("button", name="Close the card").click()
        page.wait_for_url(lambda url: "grid=" not in url)
        page.get_by_role("button", name="Farther").click()
        page.get_by_role("button", name="Devices").click()
        page.wait_for_url(lambda url: ",16.00" in url and "on=incidents,devices" in url)
        page.go_back()
        expect(page.locator(".card h2")).to_have_text("Grid B")
        expect(page.get_by_role("button", name="Devices")).to_have_attribute("aria-pressed", "false")
        page.wait_for_timeout(700)
        assert ",17.00" in page.url
        page.get_by_role("button", name="Nearer").click()
        page.wait_for_url(lambda url: "at=114.20500,35.71500,18.00" in url)


def test_who_may_see_figures_alone_gets_a_card_without_sources(chromium, desk, operator):
    told = desk.tell(operator, 0.5, 2.4)
    with sitting_at(chromium, desk, desk.seat(Role.PLANNER), f"/?lang=en&incident={told['id']}") as page:
        expect(page.locator(".card h2")).to_have_text("Litter")
        expect(page.locator(".card")).not_to_contain_text("Told by")
        expect(page.locator(".steps")).to_have_count(0)


def test_what_people_write_is_shown_and_never_run(at_desk, desk, operator):
    text = "<img src=x onerror=\"document.title='taken'\"><b>bold</b>"
    told = desk.tell(operator, 1.2, 0.5, text=text)
    with at_desk(f"/?lang=en&incident={told['id']}") as page:
        expect(page.locator(".source-text").first).to_have_text(text)
        assert "taken" not in page.title()


def test_without_a_stream_the_page_asks_by_itself(at_desk, desk, operator):
    with at_desk("/sign-in", ready=False, forgive="503") as page:

        def refuse_streams(route: Route) -> None:
            if "event-stream" in route.request.headers.get("accept", ""):
                route.fulfill(status=503, headers={"Retry-After": "30"}, json={"detail": "No stream is free."})
            else:
                route.continue_()

        page.route("**/api/v1/events*", refuse_streams)
        page.goto(f"{desk.address}/?lang=en")
        expect(page.locator(".link-line")).to_have_class(re.compile("link-polling"))
        told = desk.tell(operator, 0.5, 2.2)
        expect(row_of(page, told)).to_be_visible()


def test_every_module_is_named_ahead_and_nothing_else(at_desk):
    with at_desk() as page:
        named = page.evaluate("[...document.querySelectorAll('link[rel=modulepreload]')].map((link) => link.href)")
        loaded = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
        assert sorted(named) == sorted({url for url in loaded if url.endswith(".js")})


def test_the_sound_is_off_until_somebody_wants_it(at_desk):
    with at_desk() as page:
        sound = page.get_by_role("button", name="Sound")
        expect(sound).to_have_attribute("aria-pressed", "false")
        page.keyboard.press("u")
        expect(sound).to_have_attribute("aria-pressed", "true")
        page.reload()
        expect(sound).to_have_attribute("aria-pressed", "true")


def test_single_keys_can_be_switched_off(at_desk):
    with at_desk() as page:
        page.keyboard.press("?")
        page.get_by_role("checkbox").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("2")
        expect(page.locator(".colouring button").first).to_have_attribute("aria-pressed", "true")


def test_search_finds_a_grid_and_opens_it(at_desk):
    with at_desk() as page:
        page.keyboard.press("/")
        page.keyboard.type(CODE["E"])
        expect(page.locator(".answers [role=option]").first).to_contain_text("Grid E")
        page.keyboard.press("Enter")
        expect(page.locator(".card h2")).to_have_text("Grid E")
        # What was found for other letters is never what Enter takes, however soon it comes.
        page.keyboard.press("/")
        page.keyboard.type(CODE["E"])
        expect(page.locator(".answers [role=option]").first).to_contain_text("Grid E")
        page.locator("#search").fill(CODE["A"])
        page.keyboard.press("Enter")
        expect(page.locator(".card h2")).to_have_text("Grid A")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_phone_shows_one_panel_at_a_time_and_cuts_nothing(at_desk, desk, operator, language):
    told = desk.tell(operator, 1.5, 1.5)
    with at_desk(f"/?lang={language}&incident={told['id']}", screen=PHONE) as page:
        expect(page.locator(".card h2")).to_be_visible()
        expect(page.locator(".queue")).to_be_hidden()
        for panel, tab in ((".queue", 2), (".numbers-sheet", 4), (".card", 3)):
            page.locator(f".phone-tabs button:nth-child({tab})").click()
            expect(page.locator(panel)).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_five_thousand_rows_are_only_as_many_elements_as_fit(at_desk, desk):
    with at_desk("/sign-in", ready=False) as page:
        page.route("**/api/v1/incidents?*", lambda route: route.fulfill(json=many_incidents(5000)))
        page.goto(f"{desk.address}/?lang=en")
        expect(page.locator(".chip").first).to_contain_text("5,0")
        assert page.locator(ROW).count() < 60
        page.locator(".queue-rows").evaluate("element => { element.scrollTop = element.scrollHeight }")
        last = page.locator(ROW).last
        expect(last).to_contain_text("No class yet")
        expect(last).to_have_attribute("aria-posinset", last.get_attribute("aria-setsize"))
        assert page.locator(ROW).count() < 60


def many_incidents(n: int) -> dict:
    """A page in the shape of the interface with all of n incidents."""
    template = {
        "category": None,
        "state": "filed",
        "source": "patrol",
        "occurred_at": "2026-03-03T00:00:00Z",
        "closed_at": None,
        "seq": 2,
        "overdue": False,
        "place": None,
        "grid": None,
        "township": None,
    }
    items = [
        template
        | {
            "id": f"{at:08x}-0000-4000-8000-000000000000",
            "number": f"2026-{at}",
            "severity": at % 4 + 1,
            "due_at": f"2096-03-{at % 28 + 1:02}T00:00:00Z",
        }
        for at in range(n)
    ]
    return {"items": sorted(items, key=lambda item: (item["due_at"], item["id"])), "next": None, "total": n}
