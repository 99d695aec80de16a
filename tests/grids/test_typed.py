"""Coordinates in the manners in which people type them."""

from __future__ import annotations

import pytest

from geodata.crs import to_plane
from geodata.datum import gcj02_to_bd09, wgs84_to_gcj02
from gridmap.grids.rules import Box
from gridmap.grids.typed import read_coordinates

DISTRICT = Box(114.0, 35.5, 114.4, 35.9)
LON, LAT = 114.2034, 35.7187
DMS = (114 + 12 / 60 + 12 / 3600, 35 + 43 / 60 + 7 / 3600)
SRID = 4547
EAST, NORTH = (round(float(value), 3) for value in to_plane(LON, LAT, SRID))


def readings(typed):
    return read_coordinates(typed, DISTRICT, SRID)


@pytest.mark.parametrize(
    ("typed", "place", "system"),
    [
        ("114.2034,35.7187", (LON, LAT), "wgs84"),
        ("114.2034, 35.7187", (LON, LAT), "wgs84"),
        ("114.2034 35.7187", (LON, LAT), "wgs84"),
        ("114.2034，35.7187", (LON, LAT), "wgs84"),
        ("114.2034;35.7187", (LON, LAT), "wgs84"),
        ("35.7187 114.2034", (LON, LAT), "wgs84"),
        ("35.7187N 114.2034E", (LON, LAT), "wgs84"),
        ("N35.7187, E114.2034", (LON, LAT), "wgs84"),
        ("lat: 35.7187, lon: 114.2034", (LON, LAT), "wgs84"),
        ("114.2034°E 35.7187°N", (LON, LAT), "wgs84"),
        ("114°12'12\"E 35°43'07\"N", DMS, "wgs84"),
        ("35°43′7″N,114°12′12″E", DMS, "wgs84"),
        ("114°12.2' 35°43.1166667'", (114 + 12.2 / 60, 35 + 43.1166667 / 60), "wgs84"),
        ("东经114°12′12″北纬35°43′07″", DMS, "wgs84"),
        ("北纬35度43分7秒 东经114度12分12秒", DMS, "wgs84"),
        ("东经114.2034 北纬35.7187", (LON, LAT), "wgs84"),
        ("经度114.2034,纬度35.7187", (LON, LAT), "wgs84"),
        ("WGS84 114.2034,35.7187", (LON, LAT), "wgs84"),
        ("cgcs2000: 114.2034 35.7187", (LON, LAT), "cgcs2000"),
        (f"{EAST} {NORTH}", (LON, LAT), "plane"),
        (f"{NORTH},{EAST}", (LON, LAT), "plane"),
        (f"4547 {EAST}, {NORTH}", (LON, LAT), "plane"),
        (f"EPSG:4547 {EAST} {NORTH} 米", (LON, LAT), "plane"),
    ],
)
def test_a_place_is_read_in_whatever_manner_it_was_typed(typed, place, system):
    first = readings(typed)[0]
    assert (first.lon, first.lat) == pytest.approx(place, abs=1e-7)
    assert first.system == system
    assert first.reason is None


@pytest.mark.parametrize(
    ("words", "system"),
    [("gcj02", "gcj02"), ("高德", "gcj02"), ("腾讯地图:", "gcj02"), ("BD-09", "bd09"), ("百度", "bd09")],
)
def test_a_named_datum_is_the_one_it_is_read_in(words, system):
    shifted = wgs84_to_gcj02(LON, LAT)
    if system == "bd09":
        shifted = gcj02_to_bd09(*shifted)
    first, *others = readings(f"{words} {float(shifted[0]):.9f},{float(shifted[1]):.9f}")
    assert (first.lon, first.lat) == pytest.approx((LON, LAT), abs=1e-7)
    assert first.system == system
    assert {other.system for other in others} == {"wgs84", "gcj02", "bd09"} - {system}


def test_the_other_readings_say_how_far_they_are_apart():
    first, *others = readings("114.2034,35.7187")
    assert first.apart_m == 0
    apart = {other.system: other.apart_m for other in others}
    # Both shifts are some hundreds of metres here, and the second goes on top of the first.
    assert 300 < apart["gcj02"] < 900
    assert apart["bd09"] > apart["gcj02"]


def test_only_an_order_that_was_guessed_is_called_swapped():
    assert readings("35.7187 114.2034")[0].swapped
    assert not readings("114.2034 35.7187")[0].swapped
    assert not readings("35.7187N 114.2034E")[0].swapped


def test_a_place_far_away_says_so():
    assert readings("2.35, 48.85")[0].reason is not None
    # No latitude is beyond the pole, so that the order is plain even far from the district.
    assert (readings("30.5, 120.2")[0].lon, readings("30.5, 120.2")[0].lat) == (120.2, 30.5)


@pytest.mark.parametrize(
    "typed",
    ["", "清河 07", "990106001001001", "2026-0518-0342", "114.2034", "114.203435.7187", "114°61'0\" 35°0'0\"",
     "35N 36N", "114E 35W", "1 2 3", "4547", "nan nan", "114.2034,35.7187,12", "999,999", "114E 120N"],
)  # fmt: skip
def test_what_is_no_pair_of_coordinates_is_left_to_the_names(typed):
    assert readings(typed) == []
