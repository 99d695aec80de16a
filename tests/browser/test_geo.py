"""What phones reckon without a server gives the answers that the server gives."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from playwright.sync_api import Browser, Page

from geodata.locate import GridIndex, Status

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "webapp/shared/static/geo"
NEAR_DEG = 1e-9


def vectors(name: str) -> dict[str, Any]:
    return json.loads((ROOT / "tests/vectors" / name).read_text())


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def page(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("geo")
    (folder / "index.html").write_text("<!doctype html><title>geo</title>")
    for module in MODULES.glob("*.js"):
        (folder / module.name).write_bytes(module.read_bytes())
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = chromium.new_page()
    page.goto(f"http://127.0.0.1:{server.server_address[1]}/")
    yield page
    page.close()
    server.shutdown()
    server.server_close()


def run(page: Page, module: str, body: str, given: Any) -> Any:
    """An expression with the module as `m` and the given value as `given`."""
    return page.evaluate(f"async (given) => {{ const m = await import('/{module}.js'); return {body} }}", given)


LOCATE = """(() => {
  const locate = m.makeLocator(given.grids)
  return given.points.map(([lon, lat]) => { const { grid, status } = locate(lon, lat); return [grid, status] })
})()"""


def as_geojson(grids: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"id": grid["id"], "geometry": {"type": "Polygon", "coordinates": [grid["ring"], *grid["holes"]]}}
        for grid in grids
    ]


def test_the_browser_agrees_with_the_file_of_points(page):
    file = vectors("locate.json")
    points = [[point["lon"], point["lat"]] for point in file["points"]]
    answers = run(page, "locate", LOCATE, {"grids": as_geojson(file["grids"]), "points": points})
    assert answers == [[point["grid"], point["status"]] for point in file["points"]]


def test_the_browser_agrees_with_the_index_one_double_beside_every_border(page):
    file = vectors("locate.json")
    shapes = np.array([shapely.Polygon(grid["ring"], grid["holes"]) for grid in file["grids"]], dtype=object)
    ids = [grid["id"] for grid in file["grids"]]
    ends = np.concatenate([shapely.get_coordinates(shape) for shape in shapes])
    share = np.random.default_rng(4).uniform(0, 1, (len(ends) - 1, 1))
    on = ends[:-1] * share + ends[1:] * (1 - share)
    beside = [np.nextafter(on[:, 0], far) for far in (-np.inf, np.inf)]
    lon, lat = np.concatenate([on[:, 0], *beside, ends[:, 0]]), np.concatenate([*[on[:, 1]] * 3, ends[:, 1]])
    located = GridIndex.build(shapes, np.array(ids)).locate(lon, lat)
    expected = [
        [None if row < 0 else ids[row], Status(status).name.lower()]
        for row, status in zip(located.row, located.status, strict=True)
    ]
    points = np.column_stack([lon, lat]).tolist()
    assert run(page, "locate", LOCATE, {"grids": as_geojson(file["grids"]), "points": points}) == expected


def test_a_double_beside_a_long_slanting_border_is_not_on_it(page):
    # The differences to the far corners are no doubles, so a plain determinant sees many of these on the line.
    ring = [[-24, -24], [24, -24], [24, 24], [-24, -24]]
    grids = [{"id": 1, "geometry": {"type": "Polygon", "coordinates": [ring]}}]
    steps = [(i, j) for i in range(16) for j in range(16)]
    points = [[0.5 + i * 2**-52, 0.5 + j * 2**-52] for i, j in steps]
    answers = run(page, "locate", LOCATE, {"grids": grids, "points": points})
    expected = [[1, "inside"] if i > j else [1, "edge"] if i == j else [None, "outside"] for i, j in steps]
    assert answers == expected


def test_a_grid_in_two_pieces_holds_what_either_holds(page):
    pieces = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)])
    grids = [{"id": 4, "geometry": json.loads(shapely.to_geojson(pieces))}]
    points = [[0.5, 0.5], [1.5, 0.5], [2.5, 0.5], [3, 1]]
    answers = run(page, "locate", LOCATE, {"grids": grids, "points": points})
    assert answers == [[4, "inside"], [None, "outside"], [4, "inside"], [4, "edge"]]


DATUM = """given.map(({ wgs84 }) => {
  const gcj02 = m.wgs84ToGcj02(...wgs84)
  return {
    gcj02, bd09: m.gcj02ToBd09(...gcj02),
    read_as_gcj02: m.toWgs84(...wgs84, 'gcj02'), read_as_bd09: m.toWgs84(...wgs84, 'bd09'),
  }
})"""


@pytest.mark.parametrize("name", ["gcj02", "bd09", "read_as_gcj02", "read_as_bd09"])
def test_the_browser_shifts_as_the_file_says(page, name):
    points = vectors("datum.json")["points"]
    answers = run(page, "datum", DATUM, points)
    off = np.abs(np.array([answer[name] for answer in answers]) - [point[name] for point in points])
    assert off.max() < NEAR_DEG


def test_unshifted_datums_stay_and_unknown_ones_are_named(page):
    assert run(page, "datum", "m.toWgs84(...given, 'cgcs2000')", [114.2, 35.72]) == [114.2, 35.72]
    said = run(page, "datum", "(() => { try { m.toWgs84(1, 2, given) } catch (e) { return e.message } })()", "wgs72")
    assert "wgs72" in said
