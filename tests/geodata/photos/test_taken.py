"""Metadata are text of strangers: odd ones are as good as none, and never stop a photo."""

from __future__ import annotations

import math
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from geodata.photos.taken import Taken, judge_tags, read_tags
from tests.pictures import EXIF, GPS

WALL_CLOCK = datetime(2026, 3, 3, 11, 58, 30)  # noqa: DTZ001 - cameras know no zone
SOUND = {"lat": 35.72, "lat_ref": "N", "lon": 114.2, "lon_ref": "E"}


def tags_of(top=None, shot=None, gps=None):
    exif = Image.Exif()
    exif.update(top or {})
    exif.get_ifd(EXIF).update(shot or {})
    exif.get_ifd(GPS).update(gps or {})
    return judge_tags(read_tags(exif))


def test_the_south_west_is_negative():
    taken = judge_tags({"lat": 1.5, "lat_ref": "S", "lon": 2.25, "lon_ref": "w"})
    assert (taken.lon, taken.lat) == (-2.25, -1.5)


@pytest.mark.parametrize(
    "odd",
    [
        {"lat": 91.0},
        {"lat": -35.0},
        {"lon": 1e308},
        {"lon": None},
        {"lat_ref": "X"},
        {"lon_ref": None},
        {"lat": 0.0, "lon": 0.0},
        {"lat": True},
        {"lat": "35"},
    ],
)
def test_a_place_that_cannot_be_is_no_place(odd):
    taken = judge_tags(SOUND | odd)
    assert (taken.lon, taken.lat) == (None, None)


@pytest.mark.parametrize("rational", [IFDRational(0, 0), IFDRational(1, 0), IFDRational(2**32 - 1, 1), math.nan])
def test_rationals_over_zero_and_huge_ones_are_nothing(rational):
    gps = {1: "N", 2: (rational, IFDRational(0), IFDRational(0)), 3: "E", 4: (IFDRational(114), rational, rational)}
    taken = tags_of(gps=gps | {17: rational, 31: rational})
    assert taken == Taken()


@pytest.mark.parametrize(
    ("told", "offset", "at"),
    [
        ("2026:03:03 11:58:30", None, WALL_CLOCK),
        ("2026:03:03 11:58:30", "rubbish", WALL_CLOCK),
        ("2026:03:03 11:58:30", "+99:99", None),
        ("0000:00:00 00:00:00", None, None),
        ("2026:13:03 11:58:30", None, None),
        ("1970:01:01 00:00:00", None, None),
        ("yesterday", None, None),
    ],
)
def test_a_time_that_cannot_be_is_no_time(told, offset, at):
    assert tags_of(shot={0x9003: told, 0x9011: offset or ""}).at == at


def test_a_full_turn_is_north():
    assert judge_tags({"direction_deg": 360}).direction_deg == 0


def test_a_name_steers_neither_terminal_nor_direction_of_writing():
    assert judge_tags({"model": "A\x1b]0;x\u202e\u2066\x00\ud800\r\n B"}).device_model == "A]0;x B"


def test_a_long_name_of_a_device_is_cut():
    assert len(judge_tags({"model": "长" * 5000}).device_model) == 60


VALUES = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=30) | st.lists(st.integers())
NAMES = st.sampled_from(
    ["at", "offset", "lat", "lat_ref", "lon", "lon_ref", "error_m", "direction_deg", "model", "orientation"]
)


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(NAMES, VALUES))
def test_whatever_a_child_says_is_judged(said):
    taken = judge_tags(said)
    assert taken.orientation in range(1, 9)
    assert taken.lon is None or (-180 <= taken.lon <= 180 and -90 <= taken.lat <= 90)
    assert taken.direction_deg is None or 0 <= taken.direction_deg < 360
    assert taken.error_m is None or taken.error_m >= 0
