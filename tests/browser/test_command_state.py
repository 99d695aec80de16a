"""What the command page thinks, without the page: its pure modules, run by the browser that will run them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from gridmap.language import catalogue
from gridmap.settings import load_settings
from tests.browser.desks import serving
from webapp import create_app
from webapp.shared.assets import Assets

pytestmark = pytest.mark.browser

FACES = Path(__file__).resolve().parents[2] / "webapp"
NOON = 1_772_510_400_000  # 2026-03-03 12:00 in Shanghai
CONTEXT = {"now": NOON, "zone": "Asia/Shanghai"}


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    app = create_app(load_settings())
    with serving(app) as address:
        page = chromium.new_page()
        page.goto(f"{address}/sign-in?lang=en")
        build: Assets = app.extensions["gridmap.assets"]
        page.evaluate(f"() => {{ window.from = (name) => import('/static/{build.build}/command/' + name) }}")
        yield page
        page.close()


def run(page: Page, module: str, body: str, given: Any = None) -> Any:
    """Run an expression with the module as `m` and the given value as `given`."""
    return page.evaluate(f"async (given) => {{ const m = await from('{module}'); return {body} }}", given)


def incident(name: str, **fields: Any) -> dict[str, Any]:
    usual = {
        "id": name,
        "state": "filed",
        "seq": 2,
        "severity": 3,
        "due_at": "2026-03-03T08:00:00Z",
        "occurred_at": "2026-03-03T02:00:00Z",
        "grid": {"id": 7},
        "place": {"placed": "inside", "certainty": "sure"},
    }
    return usual | fields


def names(rows: list[dict[str, Any]]) -> str:
    return "".join(row["id"] for row in rows)


@pytest.mark.parametrize("order", ["abc", "cba", "bca"])
def test_the_list_stays_in_order_of_deadline_whatever_order_news_come_in(page, order):
    news = [
        incident("c", due_at=None),
        incident("b", due_at="2026-03-03T09:00:00Z"),
        incident("a", due_at="2026-03-03T07:30:00+00:00"),
    ]
    news.sort(key=lambda one: order.index(one["id"]))
    rows = run(page, "open-incidents.js", "given.reduce((rows, one) => m.takeIn(rows, [one]), [])", news)
    assert names(rows) == "abc"


def test_an_older_state_never_replaces_a_newer_one(page):
    known, late = incident("a", seq=3), incident("a", seq=2, state="reported")
    rows = run(page, "open-incidents.js", "m.takeIn([given[0]], [given[1]])", [known, late])
    assert [(row["seq"], row["state"]) for row in rows] == [(3, "filed")]


def test_what_is_closed_leaves_the_list(page):
    rows = run(page, "open-incidents.js", "m.takeIn(given[0], [given[1]])",
               [[incident("a"), incident("b")], incident("a", seq=3, state="closed")])  # fmt: skip
    assert names(rows) == "b"


def test_the_load_of_grids_moves_with_an_incident(page):
    before, after = incident("a", grid={"id": 7}), incident("a", grid={"id": 8}, seq=3)
    load = run(page, "open-incidents.js", f"m.shiftLoad({{7: [2, 1]}}, given[0], given[1], {NOON})", [before, after])
    assert load == {"7": [1, 1], "8": [1, 0]}


@pytest.mark.parametrize(
    ("due_at", "group"),
    [
        ("2026-03-03T03:59:00Z", "overdue"),
        ("2026-03-03T05:00:00Z", "hour"),
        ("2026-03-03T15:59:00Z", "today"),
        ("2026-03-03T16:00:00Z", "later"),
        (None, "undated"),
    ],
)
def test_rows_are_grouped_by_what_is_left_in_the_district_s_own_day(page, due_at, group):
    groups = run(
        page, "queue-rows.js", "m.groupByDeadline(given[0], given[1])", [[incident("a", due_at=due_at)], CONTEXT]
    )
    assert [(one["name"], names(one["rows"])) for one in groups] == [(group, "a")]


def test_a_filter_knows_doubt(page):
    rows = [
        incident("a"),
        incident("b", place={"placed": "inside", "certainty": "review"}),
        incident("c", place={"placed": "unplaced", "certainty": None}, grid=None),
        incident("d", place=None, grid={"id": 1}),  # figures alone: a grid, but no place to doubt
    ]
    found = run(page, "queue-rows.js", "m.filterRows(given[0], 'doubt', given[1])", [rows, CONTEXT])
    assert names(found) == "bc"


def test_what_is_asked_is_my_turn_only_where_i_may_answer(page):
    rows = [incident("A", state="handling", asks=["ask_help"]), incident("B", state="handling", asks=[])]
    desk, clerk = (
        run(page, "queue-rows.js", "m.filterRows(given[0], 'hand', { waits: given[1] })", [rows, waits])
        for waits in (["filed", "ask_help"], ["dispatched"])
    )
    assert (names(desk), names(clerk)) == ("A", "")


def test_a_window_holds_what_it_touches_and_no_more(page):
    groups = [{"name": "today", "rows": [incident(str(n)) for n in range(1000)]}]
    seen = run(page, "queue-rows.js",
               "m.within(m.layOut(given, { rowHeight: 60, headHeight: 38 }).entries, 6038, 6158).map((one) => one.key)",
               groups)  # fmt: skip
    assert seen == ["99", "100", "101"]


def test_news_make_a_toast_once_and_gone_incidents_take_theirs_along(page):
    body = """(() => {
      const toasts = (state) => state.toasts.map((one) => one.id).join('')
      const first = { type: 'page', items: [given.a], total: 1, last: true }
      let state = m.reduce({ ...m.initialState(), now: given.now }, first)
      const said = []
      for (const action of [
        { type: 'changed', items: [given.b], announce: true },
        { type: 'changed', items: [given.b], announce: true },
        { type: 'changed', items: [{ ...given.a, seq: 3 }], announce: true },
        { type: 'changed', gone: ['b'] },
      ]) said.push(toasts((state = m.reduce(state, action))))
      return [said, state.total]
    })()"""
    said = run(page, "state.js", body, {"a": incident("a"), "b": incident("b"), "now": NOON})
    assert said == [["b", "b", "b", ""], 1]


def test_an_answer_for_what_is_no_longer_selected_is_dropped(page):
    body = """(() => {
      let state = m.reduce(m.initialState(), { type: 'select', selection: { kind: 'grid', id: 'new' } })
      return m.reduce(state, { type: 'detail', kind: 'grid', id: 'old', item: {} }) === state
    })()"""
    assert run(page, "state.js", body) is True


def test_a_change_counts_once_by_version(page):
    heard = run(page, "../shared/live.js", "given.map(m.onceOnly())", [
        {"kind": "incident", "id": "a", "version": 1}, {"kind": "incident", "id": "a", "version": 1},
        {"kind": "incident", "id": "a", "version": 3}, {"kind": "incident", "id": "a", "version": 2},
        {"kind": "device", "id": "a", "version": 1},
    ])  # fmt: skip
    assert heard == [True, False, True, False, True]


@pytest.mark.parametrize(
    ("minutes", "kind", "text"),
    [
        (-84, "over", "1:24 over"),
        (18, "soon", "18 min left"),
        (125, "left", "2:05 left"),
        (0.5, "soon", "under a minute left"),
        (3 * 1440 + 90, "left", "Fri 13:30"),
    ],
)
def test_a_clock_says_how_long_is_left(page, minutes, kind, text):
    body = f"""(() => {{
      const one = {{ ...given, due_at: new Date({NOON} + {minutes} * 60000).toISOString() }}
      return [m.standing(one, {NOON}).kind, m.standingText(one, {NOON}, 'Asia/Shanghai')]
    }})()"""
    assert run(page, "../shared/time.js", body, incident("a")) == [kind, text]


@pytest.mark.parametrize(
    ("clock", "kind", "share"),
    [
        ({"running": True}, "left", 0.5),
        ({"running": False}, "left", 0.75),
        ({"running": True, "used_s": 9000}, "soon", 0.125),
        ({"running": True, "used_s": 14400}, "over", 0),
        ({"running": False, "paused": True}, "paused", 0.75),
    ],
)
def test_a_clock_moves_only_while_it_runs(page, clock, kind, share):
    """Of four hours one was used when they were counted, an hour ago."""
    known = {"used_s": 3600, "total_s": 14400, "paused": False, "counted_at": "2026-03-03T03:00:00Z"} | clock
    told = run(page, "../shared/time.js", "m.clockStanding(given[0], given[1])", [known, NOON])
    assert (told["kind"], told["share"]) == (kind, share)


@pytest.mark.parametrize("query", ["?at=1,2", "?at=999,0,12", "?show=nothing", "?by=rain", "?grid="])
def test_an_address_that_makes_no_sense_changes_nothing(page, query):
    assert run(page, "address.js", "m.readAddress(given)", query) == {}


def test_an_address_says_what_is_seen_and_back(page):
    state = {
        "show": "mine",
        "selection": {"kind": "grid", "id": "990106001001001"},
        "colouring": "open",
        "view": {"centre": [114.2, 35.72], "zoom": 15},
    }
    query = run(page, "address.js", "m.writeAddress(given)", state)
    assert query == "?show=mine&grid=990106001001001&by=open&at=114.20000,35.72000,15.00"
    assert run(page, "address.js", "m.readAddress(given)", query) == state


def test_the_scale_is_a_round_length_that_fits(page):
    scale = run(page, "../shared/map/scale.js", "m.scaleOf({ centre: [114.2, 35.72], zoom: 15 })")
    assert scale["metres"] == 200
    assert scale["px"] <= 120


def test_every_sentence_of_the_pages_has_its_chinese(page):
    known = catalogue("zh-CN")
    sentences = {
        found[2]
        for module in FACES.glob("*/static/**/*.js")
        for found in re.finditer(r"""\bt\(\s*(['"])(.*?)(?<!\\)\1""", module.read_text("utf-8"))
    }
    assert len(sentences) > 200
    assert sorted(sentences - set(known)) == []
