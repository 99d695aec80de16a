"""A dirty coverage becomes a valid one, and every change is told."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.coverage import Kind, clean, find_defects
from geodata.coverage.clean import NotCleanable, _divided
from geodata.crs import NotInMetres, snap_to_lattice
from tests.geodata.coverage.drawing import BOTTOM, LEFT, SRID, changed, drawn, place

TOWN = """
    AAABBB
    AAABBB
    CCCCDD
    CCCCDD
    EEEEDD
"""


def noisy(shapes: gpd.GeoSeries, seed: int, most_m: float) -> gpd.GeoSeries:
    """Each grid drawn by another hand: every vertex up to `most_m` off, in each grid differently."""
    rng = np.random.default_rng(seed)

    def shaken(polygon: shapely.Polygon) -> shapely.Polygon:
        ring = shapely.get_coordinates(polygon.exterior)[:-1]
        angle, far = rng.uniform(0, 2 * np.pi, len(ring)), rng.uniform(0, most_m, len(ring))
        return shapely.Polygon(ring + np.column_stack([far * np.cos(angle), far * np.sin(angle)]))

    return gpd.GeoSeries([shaken(shape) for shape in shapes], index=shapes.index, crs=shapes.crs)


def same_bytes(one: gpd.GeoSeries, other: gpd.GeoSeries) -> bool:
    return list(shapely.to_wkb(one.array)) == list(shapely.to_wkb(other.array))


def test_a_clean_coverage_stays_as_it_is():
    shapes = gpd.GeoSeries(drawn(TOWN).normalize())
    cleaned = clean(shapes)
    assert same_bytes(cleaned.shapes, shapes)
    assert cleaned.changes["moved_m"].max() == 0
    assert cleaned.filled == cleaned.unassigned == cleaned.gone == []


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_noise_of_30_cm_is_cleaned_and_every_grid_stays_where_it_was(seed):
    cleaned = clean(noisy(drawn(TOWN), seed, 0.3), snap_m=0.5)
    assert find_defects(cleaned.shapes) == []
    assert list(cleaned.shapes.index) == list("ABCDE")
    for letter, shape in drawn(TOWN).items():
        assert cleaned.shapes[letter].intersection(shape).area > 0.9 * shape.area
    assert (cleaned.changes["pieces"] == 1).all()
    far = cleaned.changes["moved_m"] > 5 * 0.5
    assert (cleaned.changes["fingers"][far] > 0).all(), "what moved far is told"
    # Two drawings of one corner become one corner.
    assert (
        shapely.get_num_coordinates(cleaned.shapes.array).sum() < 1.3 * shapely.get_num_coordinates(drawn(TOWN)).sum()
    )
    on_lattice = shapely.get_coordinates(cleaned.shapes.array)
    assert np.array_equal(on_lattice, snap_to_lattice(on_lattice))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_cleaning_again_changes_no_byte(seed):
    once = clean(noisy(drawn(TOWN), seed, 0.3)).shapes
    assert same_bytes(clean(once).shapes, once)


def test_the_same_input_gives_the_same_bytes():
    dirty = noisy(drawn(TOWN), 7, 0.3)
    assert same_bytes(clean(dirty).shapes, clean(dirty).shapes)


def test_what_was_gained_and_lost_is_told_of_each_grid():
    shapes = drawn("AABB\nAABB")
    overlapping = changed(shapes, "A", shapely.box(LEFT, BOTTOM, LEFT + 20.4, BOTTOM + 20))
    cleaned = clean(overlapping)
    assert find_defects(cleaned.shapes) == []
    changes = cleaned.changes
    assert changes["before_m2"].sum() - changes["after_m2"].sum() == pytest.approx(8)
    for letter in "AB":
        row = changes.loc[letter]
        assert row.after_m2 - row.before_m2 == pytest.approx(row.gained_m2 - row.lost_m2, abs=1e-6)
    assert 0.3 < changes["moved_m"].max() < 0.6


def test_a_narrow_gap_goes_to_a_neighbour_and_is_told():
    shapes = drawn("AABB\nAABB\nCCCC")
    gap = changed(
        shapes, "B", shapely.box(LEFT + 20.8, BOTTOM + 10, LEFT + 40, BOTTOM + 30).difference(shapely.Point())
    )
    cleaned = clean(gap, snap_m=0.5)
    assert find_defects(cleaned.shapes) == []
    assert cleaned.unassigned == []
    assert len(cleaned.filled) == 1
    assert shapely.area(cleaned.filled[0]) == pytest.approx(16, abs=0.5)


def test_a_gap_goes_to_the_neighbour_with_the_longest_common_border():
    #   B and C stand 80 cm off A, and the strip is open above and below.
    shapes = drawn("BBAA\nCCAA")
    apart = changed(shapes, "B", shapely.box(LEFT, BOTTOM + 10, LEFT + 19.2, BOTTOM + 20))
    apart = changed(apart, "C", shapely.box(LEFT, BOTTOM, LEFT + 19.2, BOTTOM + 10))
    changes = clean(apart).changes
    assert changes.loc["A", "gained_m2"] == pytest.approx(16, abs=0.2)
    assert changes.loc[["B", "C"], "gained_m2"].max() < 0.2


def test_a_wide_hole_is_listed_and_left():
    shapes = drawn("""
        AAAABB
        AA..BB
        AA..BB
        CCCCCC
    """)
    cleaned = clean(noisy(shapes, 3, 0.2))
    (hole,) = cleaned.unassigned
    assert hole.area == pytest.approx(400, rel=0.05)
    assert [d.kind for d in find_defects(cleaned.shapes)] in ([Kind.GAP], [Kind.MISSING])


def test_unequal_vertices_are_made_equal_without_moving_a_border():
    shapes = drawn("AAB\nAAB\nAAC\nAAC")
    straight = changed(shapes, "A", shapely.box(LEFT, BOTTOM, LEFT + 20, BOTTOM + 40))
    cleaned = clean(straight)
    assert find_defects(cleaned.shapes) == []
    assert cleaned.changes["moved_m"].max() == 0
    assert cleaned.changes[["gained_m2", "lost_m2"]].max().max() < 1e-9
    assert place(2, 2) in [tuple(xy) for xy in shapely.get_coordinates(cleaned.shapes["A"])]


def test_edges_over_500_m_get_the_same_vertices_on_both_sides():
    west = shapely.box(LEFT, BOTTOM, LEFT + 100, BOTTOM + 1300.01)
    east = shapely.box(LEFT + 100, BOTTOM, LEFT + 230, BOTTOM + 1300.01)
    cleaned = clean(gpd.GeoSeries([west, east], crs=SRID))
    assert find_defects(cleaned.shapes) == []
    for shape in cleaned.shapes:
        ring = shapely.get_coordinates(shape)
        assert np.hypot(*np.diff(ring, axis=0).T).max() <= 500
    assert same_bytes(clean(cleaned.shapes).shapes, cleaned.shapes)


def test_a_long_edge_is_divided_at_the_same_places_from_either_end():
    ring = np.array([[0.0, 0.0], [0.0, 1700.03], [400.0, 900.01], [0.0, 0.0]])
    there, back = _divided(ring), _divided(ring[::-1])
    assert len(there) == len(ring) + 3 + 1 + 1
    assert np.array_equal(there, back[::-1])


def test_an_overlap_goes_to_the_grid_with_the_longer_common_border():
    shapes = drawn("AAAABBBB\nAAAABBBB\nAAAABBBB")
    #   B's tongue lies in A: A holds it on three sides.
    tongue = shapes["B"].union(shapely.box(LEFT + 30, BOTTOM + 10, LEFT + 40, BOTTOM + 20))
    cleaned = clean(changed(shapes, "B", tongue))
    assert cleaned.shapes["A"].area == pytest.approx(1200)
    assert cleaned.shapes["B"].area == pytest.approx(1200)


def test_an_invalid_ring_is_refused_with_its_row_and_repaired_when_asked():
    shapes = drawn("AABB\nAABB")
    crossed = shapely.Polygon([place(0, 0), place(2, 0), place(0, 2), place(2, 2), place(2, 1)])
    dirty = changed(shapes, "A", crossed)
    with pytest.raises(NotCleanable, match="Row A is no valid polygon"):
        clean(dirty)
    cleaned = clean(dirty, repair=True)
    assert list(cleaned.changes["repaired"]) == [True, False]
    assert shapely.is_valid(cleaned.shapes.array).all()


def test_a_row_without_a_polygon_is_refused():
    with pytest.raises(NotCleanable, match="Row 8 has no polygon"):
        clean(gpd.GeoSeries([shapely.box(0, 0, 9, 9), None], index=[7, 8], crs=SRID))


def test_a_grid_that_is_swallowed_is_told_and_not_dropped():
    shapes = drawn("AAAA\nAAAA")
    inside = gpd.GeoSeries(
        [shapes["A"], shapely.box(LEFT + 5, BOTTOM + 5, LEFT + 8, BOTTOM + 8)], index=["A", "B"], crs=SRID
    )
    cleaned = clean(inside)
    assert list(cleaned.shapes.index) == ["A", "B"]
    assert cleaned.gone == ["B"]
    assert cleaned.shapes["B"] is None
    assert cleaned.changes.loc["B", "lost_m2"] == pytest.approx(9)


def test_degrees_are_refused():
    with pytest.raises(NotInMetres):
        clean(gpd.GeoSeries([shapely.box(114, 35, 115, 36)], crs=4326))
