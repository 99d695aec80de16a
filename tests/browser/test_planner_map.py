"""The planner's map in a real browser: borders are moved by mouse, finger and keys, and the server decides."""

from __future__ import annotations

import math
import re
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import shapely
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.crs import shapes_to_lonlat, to_plane
from gridmap.people.rules import Role
from gridmap.planning.workbench import work_next
from tests.browser.desks import PHONE, Desk, Seat, sitting_at
from tests.planning.turning import add_staff
from tests.worlds import BOTTOM, CODE, LEFT, SIDE, SRID, point
from webapp.shared.policy import SESSION_COOKIE

pytestmark = pytest.mark.browser

# Two cores and no graphics card: patience costs nothing where the answer comes.
expect.set_options(timeout=20_000)

#   +-----s---+---------+   3
#   |    As   |    B    |   s  the ground of a school, from the north border of A to its middle
#   | h h s h | h h:h h |   h  a house of 100 households
#   |         |    :    |   :  Lime Street, from the north border of B to its south border
#   +---------+---------+   2
#   |    C    |    D    |
#   +---------+---------+   1
HOUSES = {"A": (0.2, 0.4, 0.9), "B": (1.1, 1.3, 1.7, 1.9)}
SCHOOL = (0.65, 2.7)
GROUND = (0.55, 2.4, 0.75, 3.0)
STREET = ((1.5, 3.0), (1.5, 2.0))
ZOOM = 16.0


@pytest.fixture(scope="module")
def ground(desk: Desk) -> Desk:
    """The drawn town with houses, a school and a street."""
    with Session(desk.engine) as db, db.begin():
        for letter, columns in HOUSES.items():
            for column in columns:
                _add_site(db, desk, letter, "building", (column - 0.02, 2.484, column + 0.02, 2.516), households=100)
        _add_site(db, desk, "A", "school", GROUND, households=0)
        line = shapely.LineString([point(*end) for end in STREET])
        db.execute(
            text("INSERT INTO way (kind, rank, name, line) VALUES ('street', 3, 'Lime Street', :line)"),
            {"line": shapely.to_wkt(line)},
        )
    return desk


def _add_site(db: Session, desk: Desk, letter: str, kind: str, box: tuple[float, ...], *, households: int) -> None:
    west, south, east, north = (start + SIDE * part for start, part in zip((LEFT, BOTTOM) * 2, box, strict=True))
    (footprint,) = shapes_to_lonlat([shapely.box(west, south, east, north)], SRID)
    db.execute(
        text(
            "INSERT INTO site (id, kind, name, shape, grid_id, path, households, valid) VALUES (:id, :kind, :name,"
            " ST_GeomFromText(:shape, 4326), :grid, :path, :households, tstzrange('2025-01-01', NULL))"
        ),
        {
            "id": uuid.uuid4(),
            "kind": kind,
            "name": f"{kind} {letter}",
            "shape": shapely.to_wkt(footprint, rounding_precision=9),
            "grid": desk.town.grid_ids[letter],
            "path": desk.town.paths[letter],
            "households": households,
        },
    )


@dataclass
class Draft:
    """A new plan, who draws it, and what the server says of it."""

    desk: Desk
    seat: Seat
    plan: str

    def address(self, at: tuple[float, float] = (1.0, 2.5), **wishes: str) -> str:
        lon, lat = point(*at)
        more = "".join(f"&{name}={value}" for name, value in wishes.items())
        return f"/planner?lang=en&plan={self.plan}&at={lon:.5f},{lat:.5f},{ZOOM}{more}"

    def get(self, path: str) -> Any:
        answer = requests.get(
            f"{self.desk.address}/api/v1/plans/{self.plan}{path}", cookies={SESSION_COOKIE: self.seat.token}, timeout=20
        )
        answer.raise_for_status()
        return answer.json()

    def bytes(self) -> dict[str, Any]:
        """Every grid of the draft, as it would be written."""
        return {grid["id"]: [grid["geometry"], grid["properties"]] for grid in self.get("/grids")["features"]}

    def changed(self) -> dict[str, int]:
        """Households of what differs from the coverage in force."""
        found = self.get("/grids?changed=1")["features"]
        return {grid["id"]: grid["properties"]["households"] for grid in found}


@pytest.fixture
def draft(ground: Desk) -> Draft:
    seat = ground.seat(Role.PLANNER)
    plan = str(uuid.uuid4())
    ground.post(seat, "/api/v1/plans", {"id": plan, "title": "North of the river"})
    return Draft(ground, seat, plan)


@dataclass
class Hand:
    """A hand on the map, which is told where in the drawing."""

    page: Page

    def pixel(self, column: float, row: float) -> tuple[float, float]:
        """Where a place of the drawing is on the screen, by what the address says of the view."""
        box = self.page.locator(".map").bounding_box()
        found = re.search(r"at=([\d.]+),([\d.]+),([\d.]+)", self.page.url)
        assert box
        assert found
        lon, lat, zoom = map(float, found.groups())
        (x0, y0), (x, y) = _world(lon, lat, zoom), _world(*point(column, row), zoom)
        return box["x"] + box["width"] / 2 + x - x0, box["y"] + box["height"] / 2 + y - y0

    def click(self, column: float, row: float) -> None:
        self.page.mouse.click(*self.pixel(column, row))

    def drag(self, start: tuple[float, float], end: tuple[float, float], *, drop: bool = True) -> None:
        self.page.mouse.move(*self.pixel(*start))
        self.page.mouse.down()
        self.page.mouse.move(*self.pixel(*end), steps=5)
        if drop:
            self.page.mouse.up()


def _world(lon: float, lat: float, zoom: float) -> tuple[float, float]:
    """Pixels from the corner of the web's map."""
    size = 256 * 2**zoom
    y = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
    return size * (lon + 180) / 360, size * (0.5 - y / (2 * math.pi))


def edits(page: Page) -> Locator:
    return page.locator(".numbers.plan-numbers > div").first.locator("strong")


def test_a_border_is_dragged_and_both_grids_follow_and_undo_gives_the_bytes_back(chromium, draft):
    before = draft.bytes()
    with sitting_at(chromium, draft.desk, draft.seat, draft.address()) as page:
        hand = Hand(page)
        hand.click(1, 2.4)
        expect(page.locator(".in-hand")).to_contain_text("Draw a corner")
        hand.drag((1, 2.5), (1.2, 2.5), drop=False)
        # While the hand still moves, the page says itself what would come of it.
        expect(page.locator(".hand-tag")).to_contain_text(re.compile(r"(99|100)(\.\d)? m"))
        expect(page.locator(".hand-tag")).to_contain_text("100 households")
        page.keyboard.press("Escape")
        page.mouse.up()
        expect(page.locator(".hand-tag")).to_be_hidden()
        hand.drag((1, 2.5), (1.2, 2.5))
        expect(edits(page)).to_have_text("1")
        assert len(draft.get("")["edits"]) == 1  # what was given up was never sent
        assert draft.changed() == {CODE["A"]: 500, CODE["B"]: 300}
        page.keyboard.press("Control+z")
        expect(edits(page)).to_have_text("0")
        assert draft.bytes() == before
        page.keyboard.press("Control+Shift+Z")
        expect(edits(page)).to_have_text("1")
        assert draft.changed() == {CODE["A"]: 500, CODE["B"]: 300}


def test_what_the_server_refuses_is_said_with_its_place_and_changes_nothing(chromium, draft):
    before = draft.bytes()
    forgive = "422"
    with sitting_at(chromium, draft.desk, draft.seat, draft.address(tool="split"), forgive=forgive) as page:
        hand = Hand(page)
        hand.click(0, 2.5)
        hand.click(0.5, 2.7)
        page.keyboard.press("Enter")
        expect(page.locator(".refused")).to_contain_text("ends inside")
        expect(page.locator(".refused").get_by_role("button", name="Show")).to_be_visible()
        assert draft.bytes() == before
        page.keyboard.press("Escape")
        expect(page.locator(".refused")).to_have_count(0)

        # The outline of the district: everybody may try, nobody can.
        page.keyboard.press("m")
        hand.click(0.5, 2.5)
        hand.drag((0, 3), (0.2, 3.1))
        assert draft.bytes() == before


def test_a_grid_is_renamed_and_what_others_say_arrives_while_a_line_is_in_hand(chromium, draft):
    other = draft.desk.seat(Role.PLANNER)
    with sitting_at(chromium, draft.desk, draft.seat, draft.address()) as page:
        hand = Hand(page)
        page.keyboard.press("n")
        hand.click(0.5, 2.5)
        form = page.get_by_role("form", name="Name of the grid")
        expect(form.get_by_label("Name", exact=True)).to_be_focused()
        form.get_by_label("Name", exact=True).fill("锦绣")
        form.get_by_label("English name").fill("Brocade")
        page.keyboard.press("Enter")
        expect(edits(page)).to_have_text("1")
        expect(page.locator(".edit-row")).to_contain_text("Grid A → Brocade")
        expect(page.locator(".impact")).to_contain_text("until now Grid A")
        assert [grid["properties"]["name"] for grid in draft.get("/grids?changed=1")["features"]] == ["锦绣"]

        page.keyboard.press("s")
        hand.click(0, 2.5)
        hand.click(0.5, 2.6)
        draft.desk.post(other, f"/api/v1/plans/{draft.plan}/notes", {"id": str(uuid.uuid4()), "body": "Mind it"})
        expect(page.locator(".plan-tabs button", has_text="Comments")).to_contain_text("1")
        hand.click(1, 2.5)
        page.keyboard.press("Enter")
        expect(edits(page)).to_have_text("2")


def test_each_tool_does_what_it_says(chromium, draft):
    with sitting_at(chromium, draft.desk, draft.seat, draft.address()) as page:
        hand = Hand(page)

        page.keyboard.press("s")
        page.get_by_role("button", name="Along a street").click()
        hand.click(1.5, 2.6)
        expect(edits(page)).to_have_text("1")
        split = draft.changed()
        (east,) = set(split) - {CODE["B"]}
        assert split == {CODE["B"]: 200, east: 200}

        page.keyboard.press("u")
        page.keyboard.press("Escape")
        hand.click(1.2, 2.7)
        hand.click(1.8, 2.7)
        page.get_by_role("button", name="Merge 2 grids").click()
        expect(edits(page)).to_have_text("2")
        assert draft.changed() == {}

        page.keyboard.press("h")
        hand.click(1.4, 2.8)
        expect(page.locator(".in-hand")).to_contain_text("receives it")
        hand.click(0.5, 2.8)
        expect(edits(page)).to_have_text("3")
        assert draft.changed() == {CODE["A"]: 600, CODE["B"]: 200}

        page.keyboard.press("c")
        hand.click(*SCHOOL)
        page.get_by_role("button", name="school A").click()
        expect(edits(page)).to_have_text("4")
        carved = [
            grid for grid in draft.get("/grids?changed=1")["features"] if grid["properties"]["kind"] == "dedicated"
        ]
        assert len(carved) == 1

        page.keyboard.press("r")
        hand.click(1.5, 2.9)
        page.keyboard.press("g")  # so near the street everything would be drawn to it
        hand.click(1.53, 2.5)
        page.keyboard.press("g")
        hand.click(1.5, 2.1)
        page.keyboard.press("Enter")
        expect(edits(page)).to_have_text("5")
        bent = draft.bytes()[CODE["B"]][0]

        page.keyboard.press("t")
        page.get_by_role("button", name="20 m").click()
        hand.click(1.515, 2.75)
        expect(edits(page)).to_have_text("6")
        assert len(draft.bytes()[CODE["B"]][0]["coordinates"][0]) < len(bent["coordinates"][0])


def test_without_a_pointer_a_corner_is_chosen_moved_by_metres_and_left_out(chromium, draft):
    with sitting_at(chromium, draft.desk, draft.seat, draft.address((1.0, 2.5), tool="reshape")) as page:
        page.locator(".map").focus()
        hand = Hand(page)
        # A reshaped border first, so that it has a corner of its own.
        for corner in ((1, 3), (1.05, 2.5), (1, 2)):
            hand.click(*corner)
        page.keyboard.press("Enter")
        expect(edits(page)).to_have_text("1")
        bent = draft.bytes()
        page.keyboard.press("m")
        hand.click(1.02, 2.8)
        for _ in range(2):
            page.keyboard.press("]")
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        expect(edits(page)).to_have_text("2")
        (edit, *_) = draft.get("")["edits"]
        assert edit["op"] == "move_vertex"
        assert moved_m(edit["args"]) == pytest.approx(11, abs=0.05)
        page.keyboard.press("Delete")
        expect(edits(page)).to_have_text("3")
        assert draft.changed() == {}
        assert draft.bytes() != bent


def moved_m(args: dict[str, list[float]]) -> float:
    """How far a corner went, metres on the ground."""
    (x0, x1), (y0, y1) = to_plane(*zip(args["at"], args["to"], strict=True), SRID)
    return math.hypot(x1 - x0, y1 - y0)


def test_a_finger_that_holds_a_border_moves_it_and_before_and_after_are_swiped(chromium, draft):
    with sitting_at(chromium, draft.desk, draft.seat, draft.address(), screen=PHONE) as page:
        hand = Hand(page)
        touch = page.context.new_cdp_session(page)
        x, y = hand.pixel(1, 2.4)

        def finger(kind: str, *at: float) -> None:
            points = [{"x": at[0], "y": at[1]}] if at else []
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        finger("touchStart", x, y)
        expect(page.locator(".hand-tag")).to_be_visible()
        for step in range(1, 6):
            finger("touchMove", x - 8 * step, y)
        expect(page.locator(".hand-tag")).to_contain_text("households")
        finger("touchEnd")
        page.locator(".phone-tabs button").nth(1).click()
        expect(page.locator(".panel-left")).to_contain_text("Redraw a border")
        assert set(draft.changed()) == {CODE["A"], CODE["B"]}
        page.locator(".phone-tabs button").first.click()
        page.get_by_role("button", name="Compare").click()
        page.get_by_role("slider").press("ArrowLeft")
        expect(page.get_by_role("slider")).to_have_attribute("aria-valuenow", "48")
        page.wait_for_url(re.compile("compare=swipe"))


def test_a_plan_goes_the_whole_way_in_the_browser_and_back(chromium, ground):
    """Redrawn, split and balanced by one, approved by another and in force at once, and taken back to the byte."""
    with Session(ground.engine) as db, db.begin():
        for letter in CODE:
            add_staff(db, ground.town, letter, "chief")
    author, approver = ground.seat(Role.PLANNER), ground.seat(Role.PLANNER)
    first = in_force(ground)
    lon, lat = point(1, 2.5)
    with sitting_at(chromium, ground, author, f"/planner?lang=en&at={lon:.5f},{lat:.5f},{ZOOM}") as page:
        page.get_by_label("What it is about").fill("One house goes over")
        page.get_by_role("button", name="Begin a plan").click()
        page.wait_for_url(re.compile("plan="))
        expect(page.locator(".map")).to_have_attribute("aria-busy", "false")
        hand = Hand(page)
        hand.click(1, 2.4)
        expect(page.locator(".in-hand")).to_contain_text("Draw a corner")
        hand.drag((1, 2.5), (1.2, 2.5))
        expect(edits(page)).to_have_text("1")
        page.keyboard.press("s")
        hand.click(1, 1.5)
        hand.click(2, 1.5)
        page.keyboard.press("Enter")
        expect(edits(page)).to_have_text("2")
        page.get_by_role("button", name="Proposals").click()
        page.get_by_role("button", name="Balance a community").click()
        page.get_by_label("Community").select_option(label="Qinghe")
        page.get_by_label("At least").fill("200")
        page.get_by_label("At most").fill("300")
        page.get_by_role("button", name="Work it out").click()
        expect(page.locator(".proposal")).to_contain_text("waits for its turn")
        work_next()
        page.get_by_role("button", name="Take it as an edit").click()
        expect(edits(page)).to_have_text("3")
        expect(page.locator(".panel-right")).to_contain_text("Too few households")
        looks = [one for one in plan_of(page, ground, author).get("/check")["items"] if one["level"] == "look"]
        for left in reversed(range(len(looks))):
            page.get_by_role("button", name="Give a reason").first.click()
            page.keyboard.type("Towers are built here.")
            page.keyboard.press("Control+Enter")
            expect(page.get_by_role("button", name="Give a reason")).to_have_count(left)
        step(page, "Submit for approval", "To approve")
        plan = plan_of(page, ground, author).plan
    with sitting_at(chromium, ground, approver, f"/planner?lang=en&plan={plan}") as page:
        step(page, "Approve", "Published")
    assert len(in_force(ground)) == len(first) + 2

    with sitting_at(chromium, ground, author, f"/planner?lang=en&plan={plan}") as page:
        page.get_by_role("button", name="Revert").click()
        page.locator(".step-bar textarea").fill("The towers are not built.")
        page.get_by_role("button", name="Revert", exact=True).click()
        expect(page.locator(".plan-head .state")).to_have_text("To approve")
        page.wait_for_url(re.compile(f"plan=(?!{plan})"))
        back = plan_of(page, ground, author).plan
    with sitting_at(chromium, ground, approver, f"/planner?lang=en&plan={back}") as page:
        step(page, "Approve", "Published")
    assert in_force(ground) == first


def plan_of(page: Page, desk: Desk, seat: Seat) -> Draft:
    """The plan that the address names."""
    found = re.search(r"plan=([0-9a-f-]+)", page.url)
    assert found
    return Draft(desk, seat, found[1])


def step(page: Page, verb: str, state: str) -> None:
    """Take the likeliest step of a plan, and wait until it stands there."""
    page.get_by_role("button", name=verb).click()
    page.get_by_role("button", name=verb, exact=True).click()
    expect(page.locator(".plan-head .state")).to_have_text(state)


def in_force(desk: Desk) -> dict[str, bytes]:
    """The polygons that are in force, byte by byte."""
    with desk.engine.connect() as look:
        rows = look.execute(text("SELECT code, ST_AsBinary(plane) FROM grid_version WHERE upper_inf(valid)"))
        return {code: bytes(plane) for code, plane in rows}
