"""Grids that somebody drew fit into ground that stands, and what does not fit is told."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.coverage import clean, find_defects
from geodata.coverage.fitting import fit
from tests.geodata.coverage.drawing import BOTTOM, LEFT, drawn, square
from tests.geodata.coverage.test_clean import noisy

TOWN = """
    AAABBB
    AAABBB
    CCCCDD
    CCCCDD
    EEEEDD
"""
GROUND = shapely.coverage_union_all(drawn(TOWN).array)


def planes(shapes):
    return np.array(shapes.array, dtype=object)


def wkb(shapes):
    return list(shapely.to_wkb(np.array(shapes, dtype=object)))


def everything(fitted):
    return [*(shape for shape in fitted.shapes if shape is not None), *fitted.holes]


def require_exact(fitted, outline):
    """Every place of the outline has one owner or lies in one hole, to the last corner."""
    flat = shapely.get_parts(everything(fitted))
    assert shapely.is_valid(flat).all()
    assert shapely.coverage_is_valid(flat)
    assert shapely.equals(shapely.coverage_union_all(flat), outline)


def test_what_fits_stays_as_it_is():
    town = planes(drawn(TOWN).normalize())
    fitted = fit(town, GROUND)
    assert wkb(fitted.shapes) == wkb(town)
    assert (fitted.holes, fitted.spill, fitted.slivers) == ([], [], 0)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000))
def test_noise_of_30_cm_fills_the_outline_exactly_and_no_grid_reaches_around_another(seed):
    cleaned = clean(noisy(drawn(TOWN), seed, 0.3), snap_m=0.5)
    fitted = fit(planes(cleaned.shapes), GROUND, snap_m=0.5)
    require_exact(fitted, GROUND)
    assert (fitted.holes, fitted.spill) == ([], [])
    for shape, was in zip(fitted.shapes, drawn(TOWN), strict=True):
        assert isinstance(shape, shapely.Polygon)
        assert shapely.hausdorff_distance(shape, was) < 2.5
    assert wkb(fitted.shapes) == wkb(fit(planes(cleaned.shapes), GROUND, snap_m=0.5).shapes)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-10, 60), st.integers(-10, 50), st.integers(3, 40), st.integers(3, 40)), max_size=8),
    st.sampled_from([0.2, 0.5, 1.0]),
)
def test_whatever_is_drawn_shapes_and_holes_are_the_outline(boxes, snap_m):
    left = shapely.box(LEFT - 50, BOTTOM - 50, LEFT + 150, BOTTOM + 150)
    parts = []
    for x, y, width, height in boxes:
        drawn_box = shapely.box(LEFT + x, BOTTOM + y, LEFT + x + width, BOTTOM + y + height)
        parts.append(drawn_box & left)
        left = left - drawn_box
    parts = np.array([part for part in parts if part.area > 0 and part.geom_type.endswith("Polygon")], dtype=object)
    fitted = fit(parts, GROUND, snap_m=snap_m)
    require_exact(fitted, GROUND)
    ground = shapely.union_all(parts)
    for hole in fitted.holes:
        assert hole.intersection(ground).area <= fitted.sliver_m2 + 1e-6
    assert all(piece.disjoint(GROUND) or piece.touches(GROUND) for _, piece in fitted.spill)


def test_a_grid_that_is_not_drawn_is_a_hole_and_nobody_gets_it():
    fitted = fit(planes(drawn(TOWN).drop("D")), GROUND)
    require_exact(fitted, GROUND)
    assert wkb(fitted.holes) == wkb([drawn(TOWN)["D"].normalize()])


def test_a_ring_of_noise_all_around_goes_to_each_grid_beside_it():
    shrunk = np.array([shape & GROUND.buffer(-0.4) for shape in drawn(TOWN)], dtype=object)
    fitted = fit(shrunk, GROUND)
    require_exact(fitted, GROUND)
    assert shapely.equals(fitted.shapes, planes(drawn(TOWN))).all()
    assert fitted.slivers > 4


def test_a_wide_notch_behind_a_ring_of_noise_is_a_hole_still():
    notch = square(3, 3.5, 4.0)
    shrunk = np.array([(shape & GROUND.buffer(-0.4)) - notch for shape in drawn(TOWN)], dtype=object)
    fitted = fit(shrunk, GROUND)
    require_exact(fitted, GROUND)
    (hole,) = fitted.holes
    assert hole.area == pytest.approx(16.0)


def test_what_reaches_over_the_outline_is_cut_and_told_unless_it_is_noise():
    town = drawn(TOWN)
    beyond = square(6, 0)
    town["D"] = (
        shapely.union_all([town["D"], beyond, town["D"].buffer(0.4, join_style="mitre")])
        - town["E"]
        - town["B"]
        - town["C"]
    )
    fitted = fit(planes(town), GROUND)
    require_exact(fitted, GROUND)
    ((number, piece),) = fitted.spill
    assert number == 3
    assert piece.intersection(beyond).area > 95


def test_a_grid_that_the_outline_tears_comes_out_in_pieces():
    comb = shapely.union_all([square(0, 0), square(2, 0)])
    fitted = fit(np.array([shapely.box(LEFT, BOTTOM, LEFT + 30, BOTTOM + 10)], dtype=object), comb)
    assert [piece.area for piece in shapely.get_parts(fitted.shapes[0])] == [100, 100]


def test_the_fitted_town_has_no_defects_on_borders_that_run_askew():
    turn = lambda shape: shapely.affinity.rotate(shape, 17, origin=(LEFT, BOTTOM))  # noqa: E731
    town = drawn(TOWN)
    town[:] = [turn(shape) for shape in town]
    ground = clean(town).shapes
    dirty = clean(noisy(town, 5, 0.3)).shapes
    fitted = fit(planes(dirty), shapely.coverage_union_all(planes(ground)))
    assert fitted.holes == []
    town[:] = fitted.shapes
    assert find_defects(town) == []
    outline = shapely.coverage_union_all(fitted.shapes)
    assert outline.symmetric_difference(shapely.coverage_union_all(planes(ground))).area < 0.01 * outline.length
