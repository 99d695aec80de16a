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

from geodata.doubt import (
    ASSUMED_SIGMA_M,
    SIGMA_FLOOR_M,
    Certainty,
    Convention,
    certainty,
    isotropic,
    mass,
    masses,
    nearest_sigmas,
    settle,
    sigma_of,
    stated_wins,
    sunflower,
)
from geodata.doubt import gaussian as gaussian_module
from geodata.locate import Located, Status

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
