"""Areas into zones: exact where there are few, never torn."""

from __future__ import annotations

import itertools

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import GeodataError
from geodata.partition import Cancelled, Watch, zones
from geodata.partition.network import joined
from tests.geodata.partition.small_towns import SRID


def plots(columns, rows):
    squares = [
        shapely.box(x * 900, -y * 900, x * 900 + 900, 900 - y * 900) for y in range(rows) for x in range(columns)
    ]
    return gpd.GeoSeries(squares, crs=SRID)


def is_whole(areas, zone, number):
    shape = shapely.union_all(areas[zone == number].to_numpy())
    return shape.geom_type == "Polygon"


def best_by_hand(weight, columns, count):
    """The least imbalance of all contiguous groupings, by trying every one."""
    n = len(weight)
    pairs = [(a, a + 1) for a in range(n) if (a + 1) % columns] + [(a, a + columns) for a in range(n - columns)]
    best = np.inf
    for rest in itertools.product(range(count), repeat=n - 1):
        label = np.array([0, *rest])
        if len(set(label)) == count and np.bincount(label, weight).max() < best:
            same = np.array([(a, b) for a, b in pairs if label[a] == label[b]], dtype=np.int64).reshape(-1, 2)
            if joined(n, same[:, 0], same[:, 1]).max() + 1 == count:
                best = np.bincount(label, weight).max()
    return best / (weight.sum() / count) - 1


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=8, max_size=8), st.integers(2, 3))
def test_no_grouping_is_more_even_than_the_answer(weight, count):
    weight = np.array(weight, float)
    found = zones(plots(4, 2), weight, count)
    assert found.exact
    assert found.front[0].imbalance == pytest.approx(best_by_hand(weight, 4, count), abs=1e-6)


@pytest.mark.parametrize(("columns", "rows", "count"), [(5, 2, 4), (5, 4, 4), (6, 4, 5)])
def test_zones_are_whole_and_all_areas_are_in_one(columns, rows, count):
    weight = np.random.default_rng(1).integers(50, 400, columns * rows)
    areas = plots(columns, rows)
    found = zones(areas, weight, count)
    assert found.exact is (columns * rows <= 20)
    for way in found.front:
        assert sorted(set(way.zone)) == list(range(1, count + 1))
        assert all(is_whole(areas, way.zone, number) for number in range(1, count + 1))
        assert way.weight.sum() == weight.sum()
        assert way.imbalance == pytest.approx(way.weight.max() / way.weight.mean() - 1)


def test_of_two_ways_one_is_more_even_and_the_other_more_complementary():
    # fire and flood stand side by side in the columns; rows are more even, columns have both skills
    skills = np.array([[1, 0], [0, 1], [1, 0], [0, 1]])
    weight = np.array([11.0, 10, 10, 9])
    front = zones(plots(2, 2), weight, 2, skills=skills).front
    imbalance = [way.imbalance for way in front]
    alike = [way.complementarity for way in front]
    assert imbalance == sorted(imbalance)
    assert alike == sorted(alike)
    assert alike[-1] == 1
    assert len(front) == len(set(imbalance)) == len(set(alike))


def test_zones_are_numbered_from_the_north_west():
    assert list(zones(plots(2, 2), [1, 1, 1, 1], 4).front[0].zone) == [1, 2, 3, 4]


def test_the_same_seed_gives_the_same_zones():
    weight = np.random.default_rng(1).integers(50, 400, 24)
    first, second = (zones(plots(6, 4), weight, 4, seed=5).front for _ in range(2))
    assert [list(way.zone) for way in first] == [list(way.zone) for way in second]


def test_parts_that_do_not_touch_need_a_zone_each():
    apart = gpd.GeoSeries([shapely.box(x, 0, x + 1_000, 1_000) for x in (0, 5_000, 10_000)], crs=SRID)
    with pytest.raises(GeodataError, match="at least 3 zones are needed"):
        zones(apart, [1, 1, 1], 2)


def test_more_zones_than_areas_are_refused():
    with pytest.raises(GeodataError, match="4 areas cannot make 5 zones"):
        zones(plots(2, 2), [1, 1, 1, 1], 5)


def test_areas_without_weight_are_refused():
    with pytest.raises(GeodataError, match="weigh nothing"):
        zones(plots(2, 2), [0, 0, 0, 0], 2)
    with pytest.raises(GeodataError, match="Row 2 of the areas has no weight"):
        zones(plots(2, 2), [0, np.nan, 0, 0], 2)


def test_a_watcher_may_stop_it():
    with pytest.raises(Cancelled):
        zones(plots(2, 2), [1, 1, 1, 1], 2, watch=Watch(cancelled=lambda: True))
