"""Every kind of defect, drawn; and random ones, planted where nothing was wrong."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.coverage import Defect, Kind, find_defects
from geodata.crs import NotInMetres, snap_to_lattice
from tests.geodata.coverage.drawing import BOTTOM, LEFT, SIDE, SRID, changed, drawn, place, square

TOWN = """
    AAABBB
    AAABBB
    CCCCDD
    CCCCDD
    EEEEDD
"""


def found(shapes, **how) -> list[tuple[str, str, float]]:
    """Kind, letters and size of the defects."""
    return [(str(d.kind), "".join(map(str, d.rows)), round(d.size, 2)) for d in find_defects(shapes, **how)]


def the_one(shapes, **how) -> Defect:
    (defect,) = find_defects(shapes, **how)
    return defect


def moved(polygon: shapely.Polygon, corner: tuple[float, float], to: tuple[float, float]) -> shapely.Polygon:
    """A polygon with one corner elsewhere, both counted in sides of the drawing."""
    old, new = place(*corner), place(*to)
    return shapely.transform(
        polygon, lambda xy: np.array([new if np.allclose(vertex, old, rtol=0, atol=1e-6) else vertex for vertex in xy])
    )


def test_a_coverage_without_defects_has_none():
    assert found(drawn(TOWN), outline=drawn(TOWN).union_all()) == []
    assert found(drawn(TOWN)) == []


def test_four_grids_that_meet_in_the_middle_are_no_hole():
    #   The middle of the whole lies on the border of all four.
    assert found(drawn("AABB\nAABB\nCCDD\nCCDD")) == []


def test_two_grids_whose_common_border_is_the_middle_line_are_no_hole():
    assert found(drawn("AABB\nAABB")) == []


def test_no_grids_have_no_defects():
    assert find_defects(gpd.GeoSeries([], crs=SRID)) == []


def test_degrees_are_refused():
    with pytest.raises(NotInMetres):
        find_defects(gpd.GeoSeries([shapely.box(114, 35, 115, 36)], crs=4326))


def test_a_place_that_nobody_holds_is_a_gap_between_its_neighbours():
    shapes = drawn("""
        AABB
        AA.B
        CCCC
        CCCC
    """)
    defect = the_one(shapes)
    assert (defect.kind, defect.rows, defect.size) == (Kind.GAP, ("A", "B", "C"), 100.0)
    assert defect.geometry.equals(square(2, 2))
    assert defect.geometry.contains(shapely.Point(defect.place))


def test_a_hole_as_big_as_a_grid_is_a_missing_grid():
    shapes = drawn("""
        AAABBB
        AAABBB
        CC..DD
        CC..DD
        EEEFFF
        EEEFFF
    """)
    assert found(shapes) == [("missing", "ABCDEF", 400.0)]


def test_a_long_strip_is_no_missing_grid_however_large():
    #   A and B part by 4 m over 200 m: an area of 800 m2, as much as the smallest grid has.
    shapes = drawn("""
        CCCCCCCCCCCCCCCCCCCCCCCC
        CCAAAAAAAAAAAAAAAAAAAADD
        CCAAAAAAAAAAAAAAAAAAAADD
        CCBBBBBBBBBBBBBBBBBBBBDD
        CCBBBBBBBBBBBBBBBBBBBBDD
        DDDDDDDDDDDDDDDDDDDDDDDD
    """)
    strip = shapely.box(*place(2, 2.6), *place(22, 3))
    defects = found(changed(shapes, "B", shapes["B"].difference(strip)))
    assert defects[0] == ("gap", "ABCD", 800.0)
    assert {kind for kind, *_ in defects[1:]} == {"mismatch"}


def test_two_that_hold_the_same_place_overlap_there():
    shapes = drawn(
        """
        AAABBB
        AAABBB
        AAABBB
        """,
        """
        ......
        ...A..
        ......
        """,
    )
    defect = the_one(shapes)
    assert (defect.kind, defect.rows, defect.size) == (Kind.OVERLAP, ("A", "B"), 100.0)
    assert defect.geometry.equals(square(3, 1))


def test_an_overlap_over_two_neighbours_is_told_for_each_of_them():
    shapes = drawn(
        """
        AABBBB
        AABBBB
        AACCCC
        AACCCC
        """,
        """
        ......
        ..A...
        ..A...
        ......
        """,
    )
    assert sorted(found(shapes)) == [("overlap", "AB", 100.0), ("overlap", "AC", 100.0)]


def test_a_grid_inside_of_another_overlaps_with_it():
    shapes = drawn(
        """
        AAAA
        AAAA
        AAAA
        """,
        """
        ....
        .BB.
        ....
        """,
    )
    assert found(shapes) == [("overlap", "AB", 200.0)]


def test_the_same_grid_twice_is_an_overlap():
    shapes = drawn("AABB\nAABB")
    twice = pd.concat([shapes, shapes[["A"]].rename({"A": "C"})])
    assert found(gpd.GeoSeries(twice, crs=SRID)) == [("overlap", "AC", 400.0)]


def test_a_whole_coverage_twice_is_an_overlap_of_each_grid():
    shapes = drawn("AABB\nAABB")
    twice = gpd.GeoSeries([*shapes, *shapes], index=list("ABCD"), crs=SRID)
    assert sorted(found(twice)) == [("overlap", "AC", 400.0), ("overlap", "BD", 400.0)]


def test_a_missing_grid_at_the_border_shows_against_the_outline_alone():
    outline = drawn(TOWN).union_all()
    rest = drawn(TOWN).drop("E")
    assert found(rest) == []
    assert found(rest, outline=outline) == [("missing", "CD", 400.0)]


def test_a_dent_and_a_bulge_are_told_against_the_outline():
    outline = drawn("AAABBB\nAAABBB\nAAABBB").union_all()
    shapes = drawn("""
        AA.BBB.
        AAABBBB
        AAABBB.
    """)
    assert found(shapes, outline=outline) == [("dent", "AB", 100.0), ("dent", "B", 100.0)]


def test_a_hole_that_the_outline_has_too_is_no_gap():
    shapes = drawn("""
        AAAA
        A..B
        BBBB
    """)
    assert found(shapes, outline=shapes.union_all()) == []


def test_a_gap_open_to_the_outside_is_found_without_an_outline():
    #   A and B part by half a metre, from top to bottom.
    shapes = drawn("AAABBB\nAAABBB\nAAABBB")
    apart = changed(shapes, "B", shapely.box(LEFT + 30.5, BOTTOM, LEFT + 60, BOTTOM + 30))
    (defect,) = find_defects(apart)
    assert (defect.kind, defect.rows) == (Kind.GAP, ("A", "B"))
    assert defect.size == pytest.approx(15, abs=0.1)


def test_a_corner_of_the_outer_border_where_two_grids_meet_is_no_gap():
    #   A square bay of 10 m between A and B: both banks are as long as the mouth.
    assert found(drawn("AA.BB\nAAABB\nAAABB")) == []


def test_a_hole_behind_a_narrow_passage_is_found():
    shapes = drawn("""
        AAAABBBB
        AAA..BBB
        AAA..BBB
        AAAABBBB
    """)
    #   B keeps 20 cm off A where they met in the north.
    slit = shapely.box(LEFT + 40, BOTTOM + 29, LEFT + 40.2, BOTTOM + 40)
    apart = changed(shapes, "B", shapes["B"].difference(slit))
    assert [(kind, rows) for kind, rows, _ in found(apart)] == [("gap", "AB"), ("gap", "AB")]
    assert sum(size for *_, size in found(apart)) == pytest.approx(400 + 2, abs=0.1)


def test_a_border_with_unequal_vertices_is_a_mismatch():
    shapes = drawn("AAB\nAAB\nAAC\nAAC")
    #   A goes straight past the place where B and C meet.
    straight = changed(shapes, "A", shapely.box(LEFT, BOTTOM, LEFT + 20, BOTTOM + 40))
    defect = the_one(straight)
    assert (defect.kind, defect.rows, defect.size, defect.unit) == (Kind.MISMATCH, ("A", "B", "C"), 40.0, "m")
    assert defect.geometry.equals(shapely.LineString([place(2, 0), place(2, 4)]))


def test_a_vertex_a_centimetre_beside_the_common_line_is_a_mismatch_and_no_gap():
    shapes = drawn("AB\nAB")
    beside = changed(shapes, "B", moved(shapes["B"], (1, 1), (1.001, 1)))
    assert [(kind, rows) for kind, rows, _ in found(beside)] == [("mismatch", "AB")]


def test_a_vertex_a_decimetre_beside_the_common_line_is_a_gap():
    shapes = drawn("AABB\nAABB")
    beside = changed(shapes, "B", moved(shapes["B"], (2, 1), (2.01, 1)))
    assert found(beside) == [("gap", "AB", 1.0)]


def test_vertices_are_compared_on_the_lattice():
    shapes = drawn(TOWN)
    near = gpd.GeoSeries(shapely.transform(shapes.array, lambda xy: xy + 0.003), index=shapes.index, crs=SRID)
    assert found(changed(shapes, "C", near["C"])) == []


def test_a_ring_that_crosses_itself_is_named_with_its_place_and_its_neighbours_are_not():
    shapes = drawn("AABB\nAABB")
    crossed = shapely.Polygon(
        [place(0, 0), place(1, 0), place(2, 0), place(0, 2), place(1, 2), place(2, 2), place(2, 1)]
    )
    defects = find_defects(changed(shapes, "A", crossed))
    assert defects[0].kind is Kind.INVALID
    assert defects[0].rows == ("A",)
    assert "Self-intersection" in defects[0].reason
    assert shapely.Point(defects[0].place).within(crossed.envelope)
    assert "overlap" not in [str(d.kind) for d in defects]


def test_rows_without_a_polygon_are_invalid():
    shapes = gpd.GeoSeries(
        [square(0, 0), None, shapely.Polygon(), shapely.Point(*place(3, 3))], index=[1, 2, 3, 4], crs=SRID
    )
    assert [(d.kind, d.rows, d.reason) for d in find_defects(shapes)] == [
        (Kind.INVALID, (2,), "No polygon"),
        (Kind.INVALID, (3,), "No polygon"),
        (Kind.INVALID, (4,), "Point"),
    ]


def test_a_ring_with_a_corner_nowhere_is_invalid_and_stops_nothing():
    nowhere = shapely.Polygon([place(2, 0), place(4, 0), (np.nan, BOTTOM + 20), place(2, 2)])
    defects = find_defects(changed(drawn("AABB\nAABB"), "B", nowhere))
    assert [(d.kind, d.rows) for d in defects] == [(Kind.INVALID, ("B",))]


def test_a_thread_of_a_grid_is_a_sliver():
    shapes = drawn("AABB\nAABB")
    thread = gpd.GeoSeries(
        [shapes["A"], shapely.box(LEFT + 40, BOTTOM, LEFT + 40.5, BOTTOM + 20)], index=["A", "T"], crs=SRID
    )
    assert found(thread) == [("sliver", "T", 10.0)]


def test_a_detached_crumb_of_a_grid_is_a_sliver():
    shapes = drawn("AA")
    crumb = shapely.MultiPolygon([shapes["A"], square(5, 5, 0.9)])
    assert found(changed(shapes, "A", crumb)) == [("sliver", "A", 0.81)]


def test_299_and_501_households_are_flagged_and_300_and_500_are_not():
    shapes = drawn("ABCDE")
    households = pd.Series({"A": 299, "B": 300, "C": 500, "D": 501, "E": None})
    assert found(shapes, households=households) == [("size", "A", 299.0), ("size", "D", 501.0)]
    assert found(shapes, households=households.drop("D")) == [("size", "A", 299.0)]
    assert found(shapes, households=households, limits=(299, 501)) == []


def _random_coverage(seed: int) -> gpd.GeoSeries:
    """Bent squares of 100 m on the lattice that share their vertices, every edge with two more on it."""
    rng = np.random.default_rng(seed)
    size, per_side = 4, 3
    steps = size * per_side + 1
    east, north = np.meshgrid(np.arange(steps), np.arange(steps), indexing="ij")
    nodes = np.stack([LEFT + 100 / per_side * east, BOTTOM + 100 / per_side * north], axis=2)
    nodes = snap_to_lattice(nodes + rng.uniform(-8, 8, nodes.shape))
    shapes = []
    for column in range(0, steps - 1, per_side):
        for row in range(0, steps - 1, per_side):
            along = range(per_side)
            ring = [nodes[column + i, row] for i in along] + [nodes[column + per_side, row + i] for i in along]
            ring += [nodes[column + per_side - i, row + per_side] for i in along]
            ring += [nodes[column, row + per_side - i] for i in along]
            shapes.append(shapely.Polygon(ring))
    return gpd.GeoSeries(shapes, crs=SRID)


seeds = st.integers(0, 10_000)
rows = st.integers(0, 15)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_nothing_is_invented_in_a_random_coverage(seed):
    shapes = _random_coverage(seed)
    assert find_defects(shapes, outline=shapes.union_all()) == []


@settings(max_examples=40, deadline=None)
@given(seeds, rows)
def test_a_grid_taken_out_of_a_random_coverage_is_found_whole(seed, row):
    shapes = _random_coverage(seed)
    rest = shapes.drop(row)
    defect = the_one(rest, outline=shapes.union_all())
    assert defect.kind in (Kind.MISSING, Kind.GAP, Kind.DENT)
    assert defect.geometry.normalize().equals_exact(shapes[row].normalize(), 0.0)
    assert defect.size == pytest.approx(shapes[row].area)
    touching = rest.index[rest.intersection(shapes[row]).length > 0]
    assert defect.rows == tuple(touching)


@settings(max_examples=40, deadline=None)
@given(seeds, rows, st.floats(-3, 3), st.floats(-3, 3))
def test_all_that_a_shifted_grid_tears_open_and_covers_is_found_and_no_more(seed, row, east, north):
    shapes = _random_coverage(seed)
    outline = shapes.union_all()
    torn = shapes.copy()
    torn[row] = shapely.transform(shapes[row], lambda xy: snap_to_lattice(xy + np.array([east, north])))
    defects = find_defects(torn, outline=outline)
    # What is thinner than a centimetre is the same line, and told as a mismatch.
    slack = 0.01 * torn[row].length
    others = torn.drop(row)
    for other, shape in others.items():
        told = sum(d.size for d in defects if d.kind is Kind.OVERLAP and d.rows == tuple(sorted((row, other))))
        assert told == pytest.approx(shape.intersection(torn[row]).area, abs=slack)
    empty = sum(
        d.size
        for d in defects
        if d.kind in (Kind.GAP, Kind.MISSING, Kind.DENT) and d.geometry.within(outline.buffer(0.01))
    )
    assert empty == pytest.approx(outline.difference(torn.union_all()).area, abs=slack)
    for defect in defects:
        assert row in defect.rows or defect.kind in (Kind.GAP, Kind.DENT)


@settings(max_examples=40, deadline=None)
@given(seeds, rows, st.integers(0, 11), st.floats(0.1, 6), st.floats(0, 6.28))
def test_one_vertex_moved_in_one_grid_is_found_at_its_place(seed, row, vertex, far, direction):
    shapes = _random_coverage(seed)
    ring = shapely.get_coordinates(shapes[row])[:-1]
    place_before = ring[vertex].copy()
    ring[vertex] = snap_to_lattice(ring[vertex] + far * np.array([np.cos(direction), np.sin(direction)]))
    torn = changed(shapes, row, shapely.Polygon(ring))
    defects = find_defects(torn, outline=shapes.union_all())
    change = shapes[row].symmetric_difference(torn[row]).area
    # Thinner than a centimetre along two edges is a mismatch.
    assert sum(d.size for d in defects if d.unit == "m2" and d.kind is not Kind.INVALID) >= change - 1.5
    assert defects, "a vertex apart is at least a mismatch"
    for defect in defects:
        assert defect.geometry.distance(shapely.Point(place_before)) < 60


@settings(max_examples=25, deadline=None)
@given(seeds, rows, st.floats(0.2, 0.8))
def test_one_vertex_more_on_an_edge_is_a_mismatch_of_both(seed, row, share):
    shapes = _random_coverage(seed)
    ring = shapely.get_coordinates(shapes[row])
    more = snap_to_lattice(ring[0] + share * (ring[1] - ring[0]))
    torn = changed(shapes, row, shapely.Polygon([ring[0], more, *ring[1:]]))
    kinds = {d.kind for d in find_defects(torn)}
    inner = row % 4 > 0
    assert kinds == ({Kind.MISMATCH} if inner else set())


def _heap(seed: int) -> list[shapely.Polygon]:
    """Polygons thrown on each other without any order."""
    rng = np.random.default_rng(seed)
    heap = []
    for _ in range(rng.integers(2, 10)):
        count = rng.integers(3, 9)
        angle, far = np.sort(rng.uniform(0, 2 * np.pi, count)), rng.uniform(10, 100, count)
        ring = rng.uniform(0, 250, 2) + np.column_stack([far * np.cos(angle), far * np.sin(angle)])
        heap.append(shapely.Polygon(snap_to_lattice(ring + np.array([LEFT, BOTTOM]))))
    return [polygon for polygon in heap if polygon.is_valid]


def _area(defects: list[Defect], *kinds: Kind) -> shapely.Geometry:
    return shapely.union_all([defect.geometry for defect in defects if defect.kind in kinds])


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_a_heap_of_polygons_is_sorted_as_overlay_sorts_it(seed):
    heap = _heap(seed)
    outline = shapely.box(LEFT, BOTTOM, LEFT + 200, BOTTOM + 200)
    alone = find_defects(gpd.GeoSeries(heap, crs=SRID))
    bounded = find_defects(gpd.GeoSeries(heap, crs=SRID), outline=outline)
    one, other = np.triu_indices(len(heap), 1)
    polygons, union = np.array(heap, dtype=object), shapely.union_all(heap)
    twice = shapely.union_all(shapely.intersection(polygons[one], polygons[other]))
    assert _area(alone, Kind.OVERLAP).area == pytest.approx(twice.area, abs=1)
    assert _area(bounded, Kind.OVERLAP).area == pytest.approx(twice.intersection(outline).area, abs=1)
    empty = _area(bounded, Kind.GAP, Kind.MISSING, Kind.DENT).intersection(outline)
    assert empty.area == pytest.approx(outline.difference(union).area, abs=1)
    assert _area(bounded, Kind.DENT).difference(outline).area == pytest.approx(union.difference(outline).area, abs=1)


def test_the_number_of_squares_is_what_the_drawing_says():
    assert drawn(TOWN)["A"].area == 6 * SIDE**2


def test_a_sound_coverage_a_hair_off_the_lattice_has_no_defect():
    # The middle of the whole lies on a common border, and rounding alone brings the two sides of it together.
    off_m = 1e-7
    squares = [
        shapely.box(500 * i + (off_m if i else 0), 500 * j, 500 * (i + 1) - off_m, 500 * (j + 1))
        for i in range(4)
        for j in range(3)
    ]
    assert find_defects(gpd.GeoSeries(squares, crs=32635)) == []
