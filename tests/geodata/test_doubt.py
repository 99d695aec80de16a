"""A point with an error: how likely each grid is, and when a person must look."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import ndtr

from geodata.crs import to_lonlat, to_plane
from geodata.doubt import (
    ASSUMED_SIGMA_M,
    SIGMA_FLOOR_M,
    Certainty,
    Convention,
    certainty,
    isotropic,
    lies_plainly,
    locate_with_doubt,
    mass,
    masses,
    nearest_sigmas,
    settle,
    sigma_of,
    stated_wins,
    sunflower,
    weigh,
    weigh_fast,
)
from geodata.doubt import gaussian as gaussian_module
from geodata.doubt.weighing import metres_per_degree
from geodata.locate import GridIndex, Located, Status

UNIT = np.eye(2)
SRID = 4547
WEST_M, SOUTH_M = 518000.0, 3954000.0


# --- the Gaussian over a polygon


def test_a_square_of_one_sigma_to_each_side_holds_0_466065():
    held = mass(shapely.box(-1, -1, 1, 1), [0, 0], UNIT)
    assert held == pytest.approx(0.466065, abs=5e-7)
    assert held == pytest.approx((2 * ndtr(1) - 1) ** 2, abs=1e-14)


def by_quadrature(polygon, mean, covariance):
    """Integrate the density upright line by upright line: nothing in common with triangles and Owen's T."""
    (vee, ven), (_, vnn) = covariance
    across = math.sqrt(vnn - ven**2 / vee)

    def column(x):
        centre = mean[1] + ven / vee * (x - mean[0])
        line = shapely.LineString([(x, -1e6), (x, 1e6)])
        crossed = shapely.get_parts(shapely.intersection(polygon, line))
        pieces = [shapely.bounds(part)[[1, 3]] for part in crossed[~shapely.is_empty(crossed)]]
        inside = sum(ndtr((top - centre) / across) - ndtr((low - centre) / across) for low, top in pieces)
        return inside * math.exp(-((x - mean[0]) ** 2) / (2 * vee)) / math.sqrt(2 * math.pi * vee)

    kinks = np.unique(shapely.get_coordinates(polygon)[:, 0])
    return sum(quad(column, low, high, epsabs=1e-10)[0] for low, high in itertools.pairwise(kinks))


STAR = shapely.Polygon([(0, 5), (1, 1), (5, 0), (1, -1), (0, -5), (-1, -1), (-5, 0), (-1, 1)])
RING = shapely.box(-6, -4, 5, 4).difference(shapely.box(-2, -1, 1, 3))
PARTS = shapely.MultiPolygon([shapely.box(-3, -3, -1, 0), shapely.box(0, 0, 2, 4)])


@pytest.mark.parametrize("polygon", [STAR, RING, PARTS, STAR.reverse()], ids=["star", "hole", "parts", "clockwise"])
@pytest.mark.parametrize(
    ("mean", "covariance"),
    [
        ((0.3, -0.2), [[1.0, 0.0], [0.0, 1.0]]),
        ((2.5, 1.5), [[4.0, 1.2], [1.2, 0.9]]),
        ((-7.0, 2.0), [[9.0, -5.0], [-5.0, 6.0]]),
    ],
)
def test_the_closed_form_is_what_numerical_integration_finds(polygon, mean, covariance):
    assert mass(polygon, mean, covariance) == pytest.approx(by_quadrature(polygon, mean, covariance), abs=1e-8)


@pytest.mark.parametrize("place", [(0, 0), (1, 0), (1, 1), (0.25, 1)], ids=["inside", "edge", "corner", "on the edge"])
def test_a_point_on_the_border_is_no_special_case(place):
    x, y = place
    expected = (ndtr(1 - x) - ndtr(-1 - x)) * (ndtr(1 - y) - ndtr(-1 - y))
    assert mass(shapely.box(-1, -1, 1, 1), place, UNIT) == pytest.approx(expected, abs=1e-14)


coordinate = st.floats(-30, 30).map(lambda value: round(value, 3))


@settings(deadline=None)
@given(
    cuts=st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=6),
    mean=st.tuples(coordinate, coordinate),
    sigma=st.tuples(st.floats(0.5, 20), st.floats(0.5, 20), st.floats(-0.9, 0.9)),
)
def test_a_coverage_and_what_is_outside_of_it_sum_to_one(cuts, mean, sigma):
    # The town is cut by lines into grids; the world around it is one more polygon, with the town as its hole.
    town = shapely.box(-20, -20, 20, 20)
    lines = [shapely.LineString([(-50, y), (50, -x)]) for x, y in cuts]
    grids = shapely.get_parts(shapely.polygonize([shapely.union_all([town.exterior, *lines]).intersection(town)]))
    world = shapely.box(-1000, -1000, 1000, 1000).difference(shapely.union_all(grids))
    east, north, lean = sigma
    covariance = np.array([[east**2, lean * east * north], [lean * east * north, north**2]])
    everything = np.array([*grids, world], dtype=object)
    pairs = len(everything)
    found = masses(
        everything, np.arange(pairs), np.tile(np.array(mean, float), (pairs, 1)), np.tile(covariance, (pairs, 1, 1))
    )
    assert found.sum() == pytest.approx(1, abs=1e-9)


@settings(deadline=None)
@given(
    turn=st.floats(0, 6.3),
    move=st.tuples(coordinate, coordinate),
    stretch=st.floats(0.2, 50),
)
def test_turning_moving_and_stretching_the_world_changes_no_probability(turn, move, stretch):
    rotate = stretch * np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    covariance = np.array([[2.0, 0.7], [0.7, 1.0]])
    moved = shapely.transform(RING, lambda xy: xy @ rotate.T + move)
    mean = np.array([1.5, 2.0])
    assert mass(moved, rotate @ mean + move, rotate @ covariance @ rotate.T) == pytest.approx(
        mass(RING, mean, covariance), abs=1e-9
    )


def test_taking_pairs_in_small_portions_changes_nothing(monkeypatch):
    shapes = np.array([STAR, RING, PARTS, None, shapely.Polygon()], dtype=object)
    rng = np.random.default_rng(3)
    which = rng.integers(0, len(shapes), 200)
    mean, covariance = rng.normal(size=(200, 2)), isotropic(rng.uniform(0.5, 4, 200))
    whole = masses(shapes, which, mean, covariance)
    monkeypatch.setattr(gaussian_module, "_VERTICES_AT_ONCE", 20)
    assert np.array_equal(masses(shapes, which, mean, covariance), whole)
    assert (whole[which >= 3] == 0).all()


@pytest.mark.parametrize("covariance", [[[1, 2], [2, 1]], [[0, 0], [0, 0]], [[-1, 0], [0, 1]]])
def test_an_error_must_spread_in_every_direction(covariance):
    with pytest.raises(ValueError, match="positive in every direction"):
        mass(STAR, [0, 0], covariance)


def test_the_sunflower_stands_for_the_whole_gaussian():
    seeds = sunflower(256)
    assert np.abs(seeds.mean(axis=0)).max() < 0.02
    assert np.cov(seeds.T) == pytest.approx(UNIT, abs=0.03)
    inside = [(np.hypot(*seeds.T) <= radius).mean() for radius in (0.5, 1, 2)]
    assert inside == pytest.approx([1 - math.exp(-(r**2) / 2) for r in (0.5, 1, 2)], abs=0.004)


# --- conventions


@pytest.mark.parametrize(
    ("convention", "radius_per_sigma"),
    [("android68", 1.5096), ("ios", 1.4142), ("browser95", 2.4477), ("ce90", 2.1460), ("cep50", 1.1774),
     ("unknown", 1.4142)],
)  # fmt: skip
def test_each_system_states_another_share_of_its_error(convention, radius_per_sigma):
    sigma, assumed = sigma_of([100.0], Convention(convention))
    assert sigma == pytest.approx([100 / radius_per_sigma], rel=5e-5)
    assert not assumed.any()


@pytest.mark.parametrize(
    ("convention", "share"), [("android68", 0.68), ("browser95", 0.95), ("ce90", 0.9), ("cep50", 0.5)]
)
def test_the_stated_radius_holds_the_stated_share(convention, share):
    sigma, _ = sigma_of([40.0], Convention(convention))
    circle = shapely.Point(0, 0).buffer(40.0, quad_segs=512)
    assert mass(circle, [0, 0], isotropic(sigma)[0]) == pytest.approx(share, abs=1e-4)


def test_no_device_knows_better_than_the_floor():
    assert sigma_of([0.5, 4.0])[0].tolist() == [SIGMA_FLOOR_M, SIGMA_FLOOR_M]


@pytest.mark.parametrize("nothing", [0.0, -1.0, math.nan, math.inf])
@pytest.mark.parametrize("convention", list(Convention))
def test_what_states_no_accuracy_is_assumed_and_says_so(nothing, convention):
    sigma, assumed = sigma_of([nothing, 10.0], convention)
    assert (sigma[0], assumed.tolist()) == (ASSUMED_SIGMA_M, [True, False])


# --- the policy


@pytest.mark.parametrize(
    ("first", "second", "outside", "sigma_m", "verdict"),
    [
        (0.90, 0.10, 0.0, 10, Certainty.SURE),
        (0.8999, 0.05, 0.05, 10, Certainty.LIKELY),
        (0.60, 0.40, 0.0, 10, Certainty.LIKELY),
        (0.5999, 0.10, 0.30, 10, Certainty.REVIEW),
        (0.62, 0.48, 0.0, 10, Certainty.REVIEW),  # grids that overlap: the lead is too small
        (0.40, 0.0, 0.60, 10, Certainty.REVIEW),
        (0.95, 0.05, 0.0, 100, Certainty.SURE),
        (0.95, 0.05, 0.0, 100.1, Certainty.REVIEW),
        (0.0, 0.0, 1.0, 3, Certainty.REVIEW),
        (math.nan, 0.0, math.nan, 3, Certainty.REVIEW),
    ],
)
def test_the_policy_is_the_written_one(first, second, outside, sigma_m, verdict):
    assert certainty([first], [second], [outside], [sigma_m])[0] is verdict


def test_a_point_outside_that_is_likelier_in_a_grid_counts_as_inside():
    located = Located(np.array([-1, -1, 4, -1], np.int32), np.array([2, 2, 1, 3], np.uint8))
    settled = settle(
        located, np.array([7, 7, 5, -1]), np.array([0.6, 0.3, 0.5, 0.0]), np.array([0.4, 0.7, 0.0, np.nan])
    )
    assert settled.row.tolist() == [7, -1, 5, -1]
    assert settled.status.tolist() == [Status.INSIDE, Status.OUTSIDE, Status.EDGE, Status.UNPLACED]


@pytest.mark.parametrize(("distance_m", "wins"), [(0.0, True), (29.9, True), (30.1, False), (500.0, False)])
def test_a_stated_building_wins_within_three_sigma(distance_m, wins):
    building = shapely.box(0, 0, 20, 20)
    assert stated_wins(building, [20 + distance_m, 10], isotropic([10.0])[0]) is wins


def test_three_sigma_are_longer_where_the_error_is():
    building, covariance = shapely.box(0, 0, 20, 20), [[100.0, 0.0], [0.0, 10000.0]]
    assert not stated_wins(building, [60, 10], covariance)
    assert stated_wins(building, [10, 200], covariance)
    assert nearest_sigmas(building, [10, 220], covariance) == pytest.approx(2)


# --- grids around points


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
