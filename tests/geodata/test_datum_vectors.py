"""The Python side of the shared file of shifted positions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from geodata.datum import gcj02_to_bd09, to_wgs84, wgs84_to_gcj02

POINTS = json.loads((Path(__file__).parents[1] / "vectors" / "datum.json").read_text())["points"]
NEAR_DEG = 1e-11

CONVERSIONS = {
    "gcj02": wgs84_to_gcj02,
    "bd09": lambda lon, lat: gcj02_to_bd09(*wgs84_to_gcj02(lon, lat)),
    "read_as_gcj02": lambda lon, lat: to_wgs84(lon, lat, "gcj02"),
    "read_as_bd09": lambda lon, lat: to_wgs84(lon, lat, "bd09"),
}


@pytest.mark.parametrize("name", CONVERSIONS)
def test_positions_are_shifted_as_the_file_says(name):
    lon, lat = np.array([point["wgs84"] for point in POINTS]).T
    answers = np.column_stack(CONVERSIONS[name](lon, lat))
    assert np.abs(answers - [point[name] for point in POINTS]).max() < NEAR_DEG


def test_the_file_holds_the_published_point():
    published = {"wgs84": [116.404, 39.915], "gcj02": [116.41024449916938, 39.91640428150164]}
    assert any(np.allclose([p[k] for k in published], list(published.values()), rtol=0, atol=1e-12) for p in POINTS)
