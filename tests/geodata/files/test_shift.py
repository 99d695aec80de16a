"""A layer that is shifted as web maps shift is told apart from one that stands where it should."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.datum import gcj02_to_bd09, wgs84_to_gcj02
from geodata.files import recognise_shift


def moved(shapes: gpd.GeoSeries, datum: str, noise_m: float = 0.0) -> gpd.GeoSeries:
    def turn(xy):
        # The same vertex is drawn beside its place in the same way each time, so that rings still close.
        lon, lat = xy.T + noise_m / 100_000 * np.sin(xy.T[::-1] * 1e5)
        if datum != "wgs84":
            lon, lat = wgs84_to_gcj02(lon, lat)
        return np.column_stack(gcj02_to_bd09(lon, lat) if datum == "bd09" else (lon, lat))

    return gpd.GeoSeries(shapely.transform(shapes.to_numpy(), turn), index=shapes.index, crs=4326)


@pytest.fixture
def grids() -> gpd.GeoSeries:
    """Forty grids of some 400 m, none as wide as the other."""
    xs = 114.18 + np.cumsum([0, 41, 37, 52, 44, 39, 47, 50, 36]) / 10_000
    ys = 35.70 + np.cumsum([0, 33, 41, 36, 45, 38]) / 10_000
    boxes = [shapely.box(x, y, xx, yy) for x, xx in pairwise(xs) for y, yy in pairwise(ys)]
    return gpd.GeoSeries(boxes, crs=4326)


@pytest.mark.parametrize("noise_m", [0, 3])
@pytest.mark.parametrize(("datum", "found"), [("wgs84", None), ("gcj02", "gcj02"), ("bd09", "bd09")])
def test_the_same_grids_are_recognised_in_any_datum(grids, datum, found, noise_m):
    assert recognise_shift(moved(grids, datum, noise_m), grids) == found


@pytest.mark.parametrize(("datum", "found"), [("wgs84", None), ("gcj02", "gcj02"), ("bd09", "bd09")])
def test_an_outline_of_the_district_is_enough(grids, datum, found):
    outline = gpd.GeoSeries([grids.union_all()], crs=4326)
    assert recognise_shift(moved(outline, datum), outline) == found
    assert recognise_shift(moved(grids, datum), outline) in (found, None)


@pytest.mark.parametrize(("datum", "found"), [("wgs84", None), ("gcj02", "gcj02"), ("bd09", "bd09")])
def test_points_all_over_a_district_tell_by_its_border(grids, datum, found):
    rng = np.random.default_rng(3)
    west, south, east, north = grids.total_bounds
    points = gpd.GeoSeries(
        gpd.points_from_xy(rng.uniform(west, east, 2_000), rng.uniform(south, north, 2_000)), crs=4326
    )
    assert recognise_shift(moved(points, datum), grids) == found


def test_nothing_is_said_of_what_does_not_fit_at_all(grids):
    away = gpd.GeoSeries(shapely.transform(grids.to_numpy(), lambda xy: xy + np.array([0.05, 0.03])), crs=4326)
    assert recognise_shift(away, grids) is None


def test_nothing_is_said_of_few_points_in_the_middle(grids):
    points = gpd.GeoSeries(gpd.points_from_xy([114.195] * 30, [35.71] * 30), crs=4326)
    assert recognise_shift(moved(points, "gcj02"), grids) is None


def test_nothing_is_said_of_nothing(grids):
    assert recognise_shift(grids.iloc[:0], grids) is None
    assert recognise_shift(grids, grids.iloc[:0]) is None
    assert recognise_shift(gpd.GeoSeries([None], crs=4326), grids) is None
