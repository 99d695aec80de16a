"""Points with errors among grids, one by one and whole tables of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from scipy.special import ndtr

from geodata.crs import to_lonlat, to_plane
from geodata.doubt import (
    Certainty,
    Convention,
    isotropic,
    lies_plainly,
    locate_with_doubt,
    mass,
    masses,
    weigh,
    weigh_fast,
)
from geodata.doubt.weighing import metres_per_degree
from geodata.locate import GridIndex, Status

UNIT = np.eye(2)
SRID = 4547
WEST_M, SOUTH_M = 518000.0, 3954000.0


def town(columns: int = 4, rows: int = 3, side_m: float = 200.0) -> tuple[GridIndex, np.ndarray]:
    """Square grids with the middle one hollow: a hole in it is a dedicated grid, the last row."""
    plane = [
        shapely.box(WEST_M + c * side_m, SOUTH_M + r * side_m, WEST_M + (c + 1) * side_m, SOUTH_M + (r + 1) * side_m)
        for r in range(rows)
        for c in range(columns)
    ]
    carved = shapely.box(*shapely.buffer(plane[5].centroid, 40).bounds)
    plane[5] = plane[5].difference(carved)
    plane.append(carved)
    shapes = np.array(plane, dtype=object)
    degrees = shapely.transform(shapes, lambda xy: np.column_stack(to_lonlat(*xy.T, SRID)))
    return GridIndex.build(degrees, np.arange(len(shapes))), shapes


def lonlat(x, y):
    lon, lat = to_lonlat(np.atleast_1d(np.asarray(x, float)), np.atleast_1d(np.asarray(y, float)), SRID)
    return lon, lat


def some_points(count, seed=1, margin_m=60.0):
    rng = np.random.default_rng(seed)
    return rng.uniform([WEST_M - margin_m, SOUTH_M - margin_m], [WEST_M + 800 + margin_m, SOUTH_M + 600 + margin_m],
                       (count, 2))  # fmt: skip


def test_probabilities_are_those_of_the_working_system():
    index, plane = town()
    xy = some_points(60)
    sigma = np.linspace(3, 90, len(xy))
    weighed = weigh(index, *to_lonlat(*xy.T, SRID), isotropic(sigma))
    for i, (place, error) in enumerate(zip(xy, sigma, strict=True)):
        there = masses(
            plane, np.arange(len(plane)), np.tile(place, (len(plane), 1)), isotropic(np.full(len(plane), error))
        )
        found = dict(weighed.pairs(i))
        # 4.5 sigma leave out 1.4e-5; the ground is longer than the map by up to 4e-5 of a sigma here.
        assert [found.get(row, 0.0) for row in range(len(plane))] == pytest.approx(there.tolist(), abs=6e-5)
        assert sum(found.values()) + weighed.outside[i] == pytest.approx(1, abs=1e-9)


def test_an_error_along_the_street_leans_as_it_was_told():
    index, plane = town()
    covariance = np.array([[[900.0, 500.0], [500.0, 400.0]]])
    xy = np.array([[WEST_M + 205.0, SOUTH_M + 190.0]])
    weighed = weigh(index, *to_lonlat(*xy.T, SRID), covariance)
    expected = [mass(polygon, xy[0], covariance[0]) for polygon in plane]
    found = dict(weighed.pairs(0))
    # The metres of the map lean by 0.1 degrees from true north here.
    assert [found.get(row, 0.0) for row in range(len(plane))] == pytest.approx(expected, abs=2e-3)


def test_the_likeliest_comes_first_and_then_what_is_left():
    index, _ = town()
    weighed = weigh(index, *lonlat([WEST_M + 605], [SOUTH_M + 100]), isotropic([5.0]))
    (first, p), (second, q) = weighed.pairs(0)
    assert (first, second) == (3, 2)
    assert (p, q) == pytest.approx((ndtr(1), ndtr(-1)), abs=1e-4)


@pytest.mark.parametrize("ranks", [[0, 1], [1, 0]])
def test_a_tie_goes_to_the_lower_rank_as_on_a_shared_edge(ranks):
    halves = np.array([shapely.box(114.0, 35.0, 114.01, 35.02), shapely.box(114.01, 35.0, 114.02, 35.02)], dtype=object)
    lat = np.linspace(35.005, 35.015, 41)
    weighed = weigh(
        GridIndex.build(halves, np.array(ranks)), np.full(41, 114.01), lat, isotropic(np.linspace(3, 40, 41))
    )
    assert set(weighed.nth(0)[0].tolist()) == {ranks.index(0)}


def test_far_from_every_border_there_is_no_doubt():
    index, _ = town()
    weighed = weigh(index, *lonlat([WEST_M + 100], [SOUTH_M + 100]), isotropic([20.0]))
    assert weighed.pairs(0) == [(0, 1.0)]
    assert weighed.outside[0] == 0


def test_a_dedicated_grid_wins_by_probability_alone():
    index, _ = town()
    centre = lonlat([WEST_M + 300], [SOUTH_M + 300])
    assert weigh(index, *centre, isotropic([10.0])).nth(0)[0][0] == 12
    assert weigh(index, *centre, isotropic([80.0])).nth(0)[0][0] == 5


def test_people_are_told_of_grids_from_five_percent_on():
    index, _ = town()
    weighed = weigh(index, *lonlat([WEST_M + 385], [SOUTH_M + 385]), isotropic([10.0]))
    told = weighed.told(0)
    assert len(told) == 3
    assert all(probability >= 0.05 for _, probability in told)
    assert len(weighed.pairs(0)) == 4
    assert weigh(index, *lonlat([WEST_M - 80], [SOUTH_M]), isotropic([60.0])).told(0)[0][1] < 0.1


def test_a_point_without_a_place_has_no_grid_and_no_probability():
    index, _ = town()
    weighed = weigh(index, [math.nan, 114.2], [35.7, math.inf], isotropic([5.0, 5.0]))
    assert np.isnan(weighed.outside).all()
    assert weighed.nth(0)[0].tolist() == [-1, -1]


@pytest.mark.parametrize("sigma_m", [3.0, 8.0, 25.0, 99.0, 101.0, math.nan])
def test_what_lies_plainly_is_what_weighing_finds_without_doubt(sigma_m):
    index, _ = town()
    lon, lat = lonlat(*some_points(400).T)
    lon[0] = math.nan
    plainly = [lies_plainly(index, x, y, sigma_m) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]
    if not sigma_m <= 100:
        assert plainly == [None] * 400
        return
    weighed = weigh(index, lon, lat, isotropic(np.full(400, sigma_m)))
    row, probability = weighed.nth(0)
    sure = probability == 1
    assert [found is not None for found in plainly] == sure.tolist()
    assert [found for found in plainly if found is not None] == row[sure].tolist()
    assert not weighed.outside[sure].any()


@pytest.mark.parametrize("sigma_m", [3.0, 25.0, 90.0, 400.0, 1e6])
def test_the_fast_form_is_within_25_in_a_thousand(sigma_m):
    index, _ = town()
    lon, lat = to_lonlat(*some_points(80, seed=5).T, SRID)
    error = isotropic(np.full(len(lon), sigma_m))
    exact, fast = weigh(index, lon, lat, error), weigh_fast(index, lon, lat, error)
    for i in range(len(lon)):
        close, near = dict(exact.pairs(i)), dict(fast.pairs(i))
        assert all(abs(close.get(row, 0) - near.get(row, 0)) <= 0.025 for row in {*close, *near})
        assert fast.outside[i] == pytest.approx(exact.outside[i], abs=0.025)


def test_grids_far_narrower_than_the_error_cost_no_more_than_others(monkeypatch):
    index, _ = town()
    asked = []
    monkeypatch.setattr(
        "geodata.doubt.weighing.masses", lambda _, which, *__: asked.extend(which) or np.zeros(len(which))
    )
    weighed = weigh(index, *lonlat([WEST_M + 400], [SOUTH_M + 300]), isotropic([5000.0]))
    assert weighed.outside[0] > 0.9
    assert asked == []


def simulated(count, seed, sigma_low, sigma_high):
    """Truths spread over the town, and where a device with the stated error saw them."""
    rng = np.random.default_rng(seed)
    truth = some_points(count, seed, margin_m=200.0)
    sigma = rng.uniform(sigma_low, sigma_high, count)
    return truth, truth + rng.normal(size=truth.shape) * sigma[:, None], sigma


def test_what_is_said_to_be_likely_is_as_often_true():
    index, _ = town()
    truth, seen, sigma = simulated(30_000, 11, 5, 60)
    weighed = weigh(index, *to_lonlat(*seen.T, SRID), isotropic(sigma))
    true_row = index.locate(*to_lonlat(*truth.T, SRID)).row
    row, p = weighed.nth(0)
    bins = np.minimum((p * 10).astype(int), 9)
    for nth in range(2, 10):
        some = (bins == nth) & (row >= 0)
        assert some.sum() > 200
        assert (row == true_row)[some].mean() == pytest.approx(p[some].mean(), abs=0.05)


def test_sure_is_right_in_99_of_100():
    index, _ = town(columns=8, rows=6, side_m=450.0)
    rng = np.random.default_rng(12)
    truth = rng.uniform([WEST_M, SOUTH_M], [WEST_M + 3600, SOUTH_M + 2700], (20_000, 2))
    sigma = rng.uniform(3, 20, len(truth))
    seen = truth + rng.normal(size=truth.shape) * sigma[:, None]
    found = locate_with_doubt(index, *to_lonlat(*seen.T, SRID), sigma * math.sqrt(2))
    sure = found.certainty == Certainty.SURE
    assert sure.mean() > 0.7
    assert (found.row == index.locate(*to_lonlat(*truth.T, SRID)).row)[sure].mean() >= 0.99


# --- whole tables


def test_a_table_is_located_column_by_column():
    index, _ = town()
    lon, lat = lonlat([WEST_M + 100, WEST_M + 202, WEST_M - 900, WEST_M + 4], [SOUTH_M + 100] * 4)
    lon[3] = math.nan
    found = locate_with_doubt(index, lon, lat, [10, 10, 10, 10], Convention.BROWSER95)
    assert found.row.tolist() == [0, 1, -1, -1]
    assert found.status.tolist() == [Status.INSIDE, Status.INSIDE, Status.OUTSIDE, Status.UNPLACED]
    assert found.certainty.tolist() == [Certainty.SURE, Certainty.LIKELY, Certainty.REVIEW, None]
    assert found.second_row.tolist() == [-1, 0, -1, -1]
    assert found.probability[:3].tolist() == pytest.approx([1, ndtr(2 / (10 / 2.4477)), 1], abs=1e-3)
    assert found.second_probability[1] == pytest.approx(1 - found.probability[1], abs=1e-4)
    assert np.isnan(found.probability[3])
    assert not found.assumed.any()


def test_a_table_longer_than_a_portion_gets_the_same_answers(monkeypatch):
    index, _ = town()
    lon, lat = to_lonlat(*some_points(500, seed=8).T, SRID)
    accuracy = np.linspace(0, 200, 500)
    whole = locate_with_doubt(index, lon, lat, accuracy)
    monkeypatch.setattr("geodata.doubt.bulk._POINTS_AT_ONCE", 64)
    again = locate_with_doubt(index, lon, lat, accuracy)
    for name in ("row", "status", "certainty", "probability", "second_row", "second_probability", "outside", "assumed"):
        assert np.array_equal(getattr(whole, name), getattr(again, name), equal_nan=name != "certainty"), name
    assert whole.assumed.tolist() == [True] + [False] * 499


def test_an_empty_table_is_located_too():
    index, _ = town()
    assert len(locate_with_doubt(index, [], [], 5.0).row) == 0


def test_a_degree_is_as_long_as_the_ellipsoid_says():
    # Published lengths of a degree at 0, 45 and 75 degrees, WGS 84.
    expected = [(111319.491, 110574.276), (78846.806, 111131.778), (28902.035, 111618.4)]
    for found, (east, north) in zip(metres_per_degree([0.0, 45.0, 75.0]), expected, strict=True):
        assert found.tolist() == pytest.approx([east, north], abs=60)


def test_the_working_system_measures_the_same_metres():
    x, y = to_plane([114.2, 114.2], [35.72, 35.7201], SRID)
    assert metres_per_degree([35.72])[0, 1] * 1e-4 == pytest.approx(math.hypot(x[1] - x[0], y[1] - y[0]), rel=1e-4)
