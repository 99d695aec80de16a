"""The rules of the patrol page, asked for bare values: no server, no position, no clock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route

import webapp
from tests.pictures import FULL_TAGS, photo
from webapp.shared.assets import TYPES, read_assets

pytestmark = pytest.mark.browser

ROOT = "http://patrol.test/static/build"
FILES = read_assets(Path(webapp.__file__).parent).files
HERE = {"lon": 114.2, "lat": 35.72, "errorM": 9, "at": 0}


def serve(route: Route) -> None:
    name = route.request.url.removeprefix(ROOT).lstrip("/")
    if name in FILES:
        route.fulfill(body=FILES[name].content, content_type=TYPES[FILES[name].suffix])
    else:
        route.fulfill(body="<!doctype html>", content_type="text/html")


@pytest.fixture(scope="module")
def ask(chromium) -> Callable[..., Any]:
    """Evaluate an expression in which `rules` is a module of the page, and `given` what is handed over."""
    page = chromium.new_page()
    page.route("http://patrol.test/**", serve)
    page.goto(ROOT)

    def asked(module: str, expression: str, given: Any = None) -> Any:
        script = f"async (given) => {{ const rules = await import('{ROOT}/patrol/{module}.js'); return {expression} }}"
        return page.evaluate(script, given)

    return asked


def fix(error_m: float, at: float) -> dict[str, float]:
    return HERE | {"errorM": error_m, "at": at}


def minor(code: str, severity: int, parent: str | None = "01") -> dict[str, Any]:
    return {"code": code, "name": code, "name_en": f"En {code}", "severity": severity, "parent": parent}


KNOWN = [minor("01", 3, None), minor("0101", 3), minor("0102", 1), minor("0103", 2)]


def test_the_most_accurate_position_of_the_last_seconds_counts(ask):
    fixes = [fix(5, 0), fix(30, 15_000), fix(12, 18_000), fix(20, 19_000)]
    assert ask("fixes", "rules.bestFix(given, 20000).errorM", fixes) == 12


def test_an_old_position_is_better_than_none(ask):
    assert ask("fixes", "rules.bestFix(given, 90000).errorM", [fix(5, 0), fix(30, 1000)]) == 30
    assert ask("fixes", "rules.bestFix([], 90000)") is None


@pytest.mark.parametrize(("metres_per_pixel", "error_m"), [(4, 48), (0.5, 6), (0.1, 5)])
def test_a_hand_is_as_sure_as_the_map_is_near(ask, metres_per_pixel, error_m):
    place = ask("place", "rules.pinPlace(given.here, given.view)", _view(metres_per_pixel))
    assert (place["errorM"], place["method"]) == (error_m, "pin")


def _view(metres_per_pixel: float) -> dict[str, Any]:
    return {"here": HERE, "view": {"metresPerPixel": metres_per_pixel}}


@pytest.mark.parametrize(("lon", "offered"), [(114.2001, False), (114.21, True)])
def test_the_place_of_a_photo_is_offered_when_it_says_something_else(ask, lon, offered):
    photos = [{"spot": {"lon": lon, "lat": 35.72, "errorM": 5}}]
    asked = "rules.offeredSpot(given.photos, null, given.here) !== null"
    assert ask("place", asked, {"photos": photos, "here": HERE}) is offered
    assert ask("place", "rules.offeredSpot(given, null, null) !== null", photos)
    assert ask("place", "rules.offeredSpot(given, {}, null)", photos) is None


def test_classes_used_lately_stand_first_and_then_the_gravest(ask):
    known = {"categories": KNOWN, "recent": ["0101"]}
    assert ask("category-list", "rules.shortList(given, null).map(({ code }) => code)", known) == [
        "0101",
        "0102",
        "0103",
    ]


def test_a_class_is_found_by_its_name_in_either_language(ask):
    found = "rules.foundCategories(given, 'en 0102').map(({ major, minors }) => [major.code, minors.length])"
    assert ask("category-list", found, KNOWN) == [["01", 1]]


def test_what_is_fixed_on_the_spot_needs_both_photos_and_a_word(ask):
    draft = "{ ...rules.emptyDraft(), category: '0101', fixed: true, note: '  ' }"
    assert ask("report-body", f"rules.missing({draft})") == ["before", "after", "note"]


def test_a_pin_keeps_the_reporter_apart_and_a_plain_report_does_not(ask):
    now = "{ fix: given, at: 'then' }"
    empty = "...rules.emptyDraft(), ids: { report: 'r', step: 's' }"
    plain = ask("report-body", f"rules.bodiesOf({{ {empty} }}, {now}).report", HERE)
    assert plain["place"]["method"] == "gps"
    assert "reporter_place" not in plain
    pin = f"{{ {empty}, chosen: {{ lon: 1, lat: 2, errorM: 6, method: 'pin' }} }}"
    moved = ask("report-body", f"rules.bodiesOf({pin}, {now}).report", HERE)
    assert (moved["place"]["lon"], moved["place"]["accuracy_m"], moved["place"]["method"]) == (1, 6, "pin")
    assert (moved["reporter_place"]["lon"], moved["reporter_place"]["accuracy_m"]) == (114.2, 9)


def test_what_presses_most_is_done_first_and_what_has_no_deadline_last(ask):
    dues = [None, "2026-03-03T05:00:00Z", "2026-03-03T04:00:00Z"]
    incidents = [{"id": i, "due_at": due, "state": "filed", "severity": 3} for i, due in enumerate(dues)]
    tasks = "rules.openTasks({ today: { incidents: given } }, []).map(({ incident }) => incident.id)"
    assert ask("tasks", tasks, incidents) == [2, 1, 0]


def test_today_is_the_day_of_the_district(ask):
    received = [{"state": "received", "receivedAt": f"2026-03-02T{at}:00Z"} for at in ("15:59", "16:01")]
    days = "rules.byState(given, Date.parse('2026-03-03T04:00:00Z'), 'Asia/Shanghai')"
    assert [len(ask("queue-list", f"{days}.{group}", received)) for group in ("received", "earlier")] == [1, 1]


def test_a_photo_says_where_it_was_taken(ask):
    told = ask("exif", "rules.photoSpot(Uint8Array.from(given).buffer)", list(photo(size=(32, 32), tags=FULL_TAGS)))
    assert (told["lon"], told["errorM"]) == (pytest.approx(114.2), 8)
    assert told["lat"] == pytest.approx(35 + 43 / 60 + 12 / 3600)


@pytest.mark.parametrize("cut", [0, 3, 30, 60, 200, 300])
def test_a_photo_that_is_cut_or_silent_says_nothing(ask, cut):
    broken = photo(size=(32, 32), tags=FULL_TAGS)[:cut]
    assert ask("exif", "rules.photoSpot(Uint8Array.from(given).buffer)", list(broken)) is None
    assert ask("exif", "rules.photoSpot(Uint8Array.from(given).buffer)", list(photo(size=(32, 32)))) is None


@pytest.mark.parametrize(
    ("path", "name"),
    [("/patrol", "home"), ("/patrol/report", "report"), ("/patrol/queue", "queue"), ("/patrol/elsewhere", "home")],
)
def test_every_screen_has_an_address(ask, path, name):
    assert ask("address", "rules.screenOf(given).name", path) == name
    assert ask("address", "rules.screenOf('/patrol/incident/7')") == {"name": "incident", "id": "7"}
