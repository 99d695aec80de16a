"""What the planner's map thinks: blocks, streets, shared corners and addresses, without any map."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import shapely

from tests.browser.thinking import run

pytestmark = pytest.mark.browser

SQUARE = {"id": "a", "flat": [[0, 0, 100, 0, 100, 100, 0, 100, 0, 0]], "box": [0, 0, 100, 100]}


def street(name: str | None, *xy: int) -> dict[str, Any]:
    lonlats = [list(xy[at : at + 2]) for at in range(0, len(xy), 2)]
    box = [min(xy[::2]), min(xy[1::2]), max(xy[::2]), max(xy[1::2])]
    return {"name": name, "flat": list(xy), "lonlats": lonlats, "box": box}


@pytest.mark.parametrize(
    ("streets", "at", "area"),
    [
        ([], (20, 50), 10_000),  # no street: the grid is its own block
        ([street("s", 40, 0, 40, 100)], (20, 50), 4_000),
        ([street("s", 40, 1, 40, 99)], (20, 50), 4_000),  # drawn a little short of the border
        ([street("s", 40, -30, 40, 130)], (60, 50), 6_000),  # drawn beyond it
        ([street("s", 40, 0, 40, 60)], (20, 50), 10_000),  # a blind alley divides nothing
        ([street("s", 40, 0, 40, 100), street("t", 40, 50, 100, 50)], (60, 80), 3_000),
    ],
)
def test_a_block_is_what_streets_and_the_border_shut_in(thinking, streets, at, area):
    ring = run(thinking, "block.js", "m.blockAt(given[0], given[1], given[2])", [SQUARE, streets, at])
    block = shapely.Polygon(ring)
    assert block.is_valid  # nothing sticks in or out of it
    assert block.area == pytest.approx(area, abs=1)


def test_a_street_lends_its_line_from_border_to_border_in_all_its_pieces(thinking):
    pieces = [street("s", 40, -20, 40, 30), street("s", 40, 70, 40, 30), street("t", 0, 50, 100, 50)]
    line = run(
        thinking, "street-line.js", "m.streetThrough(given[1][0], given[1], given[0], [40, 20])", [SQUARE, pieces]
    )
    drawn = shapely.LineString(line)
    assert drawn.covers(shapely.LineString([(40, 0), (40, 100)]))
    # The second piece ends inside: it is drawn on straight, and just over the border.
    assert drawn.length == pytest.approx(101, abs=0.1)


def test_corners_that_grids_share_are_one_and_an_edge_drawn_in_parallel_keeps_its_ends(thinking):
    def grid(name: str, west: int) -> dict[str, Any]:
        ring = [[west, 0], [west + 1, 0], [west + 1, 1], [west, 1], [west, 0]]
        return {"id": name, "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}

    body = """(async () => {
        const { shapeOf } = await from('shapes.js')
        const { redrawn } = await from('preview.js')
        const { changeOf, editOf } = await from('grabbing.js')
        const shapes = given.map(shapeOf)
        const [stretch, ...others] = m.stretchesOf(shapes)
        const grab = { kind: 'edge', stretch, at: 0, start: stretch.corners[0].xy }
        const to = [stretch.corners[0].xy[0] + 1000, stretch.corners[0].xy[1]]
        const changed = redrawn(shapes, changeOf(grab, to))
        return { others: others.length, between: stretch.between, ids: changed.map(({ id }) => id),
          corners: changed.map(({ after }) => after[0].length / 2), edit: editOf(grab, { xy: to, lonlat: [1.01, 0] }) }
      })()"""
    said = run(thinking, "borders.js", body, [grid("a", 0), grid("b", 1)])
    assert said["others"] == 0
    assert said["between"] == ["a", "b"]
    assert said["ids"] == ["a", "b"]
    assert said["corners"] == [7, 7]
    assert said["edit"]["op"] == "reshape"
    line = said["edit"]["args"]["line"]
    assert sorted([line[0], line[-1]]) == [[1, 0], [1, 1]]


def test_the_address_says_plan_tool_place_and_comparison_and_reads_itself_back(thinking):
    plan = str(uuid.uuid4())
    view = {"centre": [114.2, 35.72], "zoom": 15}
    state = {"plan": {"id": plan}, "tool": "split", "compare": "swipe", "view": view}
    query = run(thinking, "address.js", "m.writeAddress(given)", state)
    assert query == f"?plan={plan}&tool=split&compare=swipe&at=114.20000,35.72000,15.00"
    assert run(thinking, "address.js", "m.readAddress(given)", query) == state | {"plan": plan}
    assert run(thinking, "address.js", "m.readAddress('?plan=1&tool=saw&at=500,1,2')") == {}
