"""GCJ-02 and BD-09 against published figures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.datum import gcj02_to_bd09, to_wgs84, wgs84_to_gcj02

# A micrometre is about 1e-11 degrees.
MICROMETRES_2_DEG = 2e-11
CHINA = {"lon": st.floats(73.5, 134.5), "lat": st.floats(18.5, 53.5)}


def test_published_point_of_gcj02():
    lon, lat = wgs84_to_gcj02(116.404, 39.915)
    assert (float(lon), float(lat)) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-12)


def test_published_point_of_bd09():
    lon, lat = gcj02_to_bd09(116.404, 39.915)
    assert (float(lon), float(lat)) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-12)


@given(**CHINA)
def test_gcj02_comes_back(lon, lat):
    back = to_wgs84(*wgs84_to_gcj02(lon, lat), "gcj02")
    assert np.hypot(back[0] - lon, back[1] - lat) < MICROMETRES_2_DEG


@given(**CHINA)
def test_bd09_comes_back(lon, lat):
    back = to_wgs84(*gcj02_to_bd09(*wgs84_to_gcj02(lon, lat)), "bd09")
    assert np.hypot(back[0] - lon, back[1] - lat) < 2e-10


def test_nothing_moves_outside_of_china():
    assert [float(v) for v in wgs84_to_gcj02(2.35, 48.85)] == [2.35, 48.85]


def test_arrays_keep_their_shape():
    lon, lat = to_wgs84(np.full((2, 3), 114.2), np.full((2, 3), 35.7), "gcj02")
    assert lon.shape == lat.shape == (2, 3)


@pytest.mark.parametrize("datum", ["wgs84", "cgcs2000"])
def test_unshifted_datums_stay(datum):
    assert [float(v) for v in to_wgs84(114.2, 35.7, datum)] == [114.2, 35.7]


def test_an_unknown_datum_is_named():
    with pytest.raises(ValueError, match="wgs72"):
        to_wgs84(114.2, 35.7, "wgs72")


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_ten_thousand_points_of_the_country_come_back(datum):
    rng = np.random.default_rng(20)
    lon, lat = rng.uniform(75, 135, 10_000), rng.uniform(18, 53, 10_000)
    x, y = wgs84_to_gcj02(lon, lat)
    if datum == "bd09":
        x, y = gcj02_to_bd09(x, y)
    back_lon, back_lat = to_wgs84(x, y, datum)
    off_m = 111_320 * np.hypot((back_lon - lon) * np.cos(np.radians(lat)), back_lat - lat)
    assert off_m.max() < 1e-4  # half a metre is asked for
