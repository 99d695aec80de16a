"""Tiles fetched and decoded, and enough incidents to fold into clusters."""

from __future__ import annotations

import gzip
import math
from collections import Counter

import mapbox_vector_tile
import numpy as np

from gridmap.system.tiles import Tile
from tests.desks import LATER, add_incident
from tests.worlds import point

CENTRE = point(1, 1.5)


def tile_at(z, lon=CENTRE[0], lat=CENTRE[1]):
    n = 1 << z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return Tile(z, int((lon + 180) / 360 * n), int(y * n))


def address(layer, tile, query=""):
    return f"/tiles/{layer}/{tile.z}/{tile.x}/{tile.y}.mvt{query}"


def fetch(browser, layer, tile, query="", **headers):
    return browser.get(address(layer, tile, query), headers={"Accept-Encoding": "gzip", **headers})


def read(answer):
    assert answer.status_code == 200, answer.get_data(as_text=True)
    body = gzip.decompress(answer.data) if answer.headers.get("Content-Encoding") == "gzip" else answer.data
    return mapbox_vector_tile.decode(body)


def features(browser, layer, tile, query="", name=None):
    return read(fetch(browser, layer, tile, query)).get(name or layer, {"features": []})["features"]


def facts(browser, layer, tile, query="", name=None):
    return [feature["properties"] for feature in features(browser, layer, tile, query, name)]


def scatter(db, town, count, seed=5):
    rng = np.random.default_rng(seed)
    letters = {(0, 2): "A", (1, 2): "B", (0, 1): "C", (1, 1): "D", (0, 0): "E", (1, 0): "F"}
    for column, row in rng.uniform(0, [2, 3], (count, 2)):
        severity = int(rng.integers(1, 5))
        due = LATER if rng.random() < 0.3 else None
        add_incident(db, town, letters[int(column), int(row)], point(column, row), severity=severity, due=due)


def census(browser, z, query=""):
    """Everything that all tiles of a zoom around the town show, added up."""
    total = Counter()
    corners = [tile_at(z, *point(-0.1, 3.1)), tile_at(z, *point(2.1, -0.1))]
    for x in range(corners[0].x, corners[1].x + 1):
        for y in range(corners[0].y, corners[1].y + 1):
            for fact in facts(browser, "incidents", Tile(z, x, y), query):
                total["features"] += 1
                if "n" in fact:
                    total.update({name: fact.get(name, 0) for name in ("n", "s1", "s2", "s3", "s4", "overdue")})
                else:
                    total.update({"n": 1, f"s{fact['severity']}": 1, "overdue": fact["overdue"]})
    return total
