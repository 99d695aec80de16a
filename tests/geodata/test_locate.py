"""Which grid holds a point: the index answers as exact arithmetic and as GEOS do, whatever the raster looks like."""

from __future__ import annotations

import itertools
import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geodata.locate import GridIndex, Located, Status, drawing
from geodata.locate.raster import ANCHOR

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "locate.json").read_text())
IDS = [grid["id"] for grid in VECTORS["grids"]]

Pair = tuple[float, float]


def polygons_of(shapes: list[Any]) -> NDArray[np.object_]:
    array = np.empty(len(shapes), object)
    array[:] = shapes
    return array


def index_of(*shapes: Any, ranks: list[int] | None = None, cells_across: int = 24) -> GridIndex:
    order = range(len(shapes)) if ranks is None else ranks
    return GridIndex.build(polygons_of(list(shapes)), np.array(order, np.int64), cells_across=cells_across)


def answers(located: Located) -> list[tuple[int, Status]]:
    return [(int(row), Status(status)) for row, status in zip(located.row, located.status, strict=True)]


def by_geos(
    polygons: NDArray[np.object_], ranks: NDArray[np.int64], points: NDArray[np.float64]
) -> list[tuple[int, Status]]:
    """Every point against every polygon: the rule of the database, written down plainly."""
    touching = shapely.intersects_xy(polygons[:, None], *points.T)
    border = shapely.intersects(shapely.boundary(polygons)[:, None], shapely.points(points))
    result = []
    for holds, on_border in zip(touching.T, (touching & border).T, strict=True):
        row = min(np.flatnonzero(holds), key=lambda row: (ranks[row], row), default=-1)
        status = Status.OUTSIDE if row < 0 else Status.EDGE if on_border.any() else Status.INSIDE
        result.append((int(row), status))
    return result


def agrees_with_geos(index: GridIndex, polygons: Any, ranks: Any, points: NDArray[np.float64]) -> bool:
    expected = by_geos(polygons, ranks, points)
    one_by_one = [index.locate_one(lon, lat) for lon, lat in points.tolist()]
    return answers(index.locate(*points.T)) == expected == one_by_one


def telling_points(polygons: NDArray[np.object_], rng: np.random.Generator, index: GridIndex) -> NDArray[np.float64]:
    """Vertices, middles of edges, where edges cross the raster's own lines, the next doubles, and places anywhere."""
    rings = shapely.get_rings(polygons)
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    start, end = vertices[:-1][ring[1:] == ring[:-1]], vertices[1:][ring[1:] == ring[:-1]]
    middles = (start + end) / 2
    on_edges = rng.permutation(np.unique(np.concatenate([vertices, middles]), axis=0))[:60]
    beside = np.nextafter(on_edges, rng.choice([-np.inf, np.inf], on_edges.shape))
    west, south, east, north = shapely.total_bounds(polygons)
    frame = index._raster.frame
    slanting = rng.permutation(np.flatnonzero((start != end).all(axis=1)))[:60]
    start, end = start[slanting], end[slanting]
    border = np.array([west, south]) + np.round((middles[slanting] - [west, south]) * frame.scale) / frame.scale
    share = (border - start) / (end - start)
    crossing = np.where(
        rng.random((len(share), 1)) < 0.5, *(start + share[:, [axis]] * (end - start) for axis in (0, 1))
    )
    crossing = np.concatenate([crossing, np.nextafter(crossing, rng.choice([-np.inf, np.inf], crossing.shape))])
    lines = np.array([west, south]) + rng.integers(-1, [frame.width, frame.height], (20, 2)) / frame.scale
    size = max(east - west, north - south)
    anywhere = rng.uniform([west - size / 9, south - size / 9], [east + size / 9, north + size / 9], (60, 2))
    hull = np.column_stack([rng.choice([west, east], 8), rng.uniform(south, north, 8)])
    points = np.concatenate([on_edges, beside, crossing, lines, anywhere, hull])
    # Beside 0.0 stand doubles so small that their products vanish, and GEOS contradicts itself about them.
    points[np.abs(points) < 1e-300] = 0.0
    return points


def wiggly_coverage(side: int, bends: int) -> NDArray[np.object_]:
    """`side` x `side` grids near 114.2, 35.72 of 9 decimals, neighbours sharing one bent line."""
    rng = np.random.default_rng(7)
    nodes = np.stack(np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0), indexing="ij"), -1)
    nodes += rng.uniform(-0.2, 0.2, nodes.shape)

    def bent(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
        step = np.linspace(0, 1, bends + 1)[:, None]
        shift = rng.uniform(-0.08, 0.08, (bends + 1, 1)) * np.sin(np.pi * step)
        line = start + step * (end - start) + shift * (end - start)[::-1] * [-1, 1]
        return np.round(np.array([114.2, 35.72]) + 0.005 * line, 9)

    size = range(side + 1)
    east = {(i, j): bent(nodes[i, j], nodes[i + 1, j]) for i in range(side) for j in size}
    up = {(i, j): bent(nodes[i, j], nodes[i, j + 1]) for i in size for j in range(side)}
    rings = [
        np.concatenate([east[i, j], up[i + 1, j][1:], east[i, j + 1][-2::-1], up[i, j][-2::-1]])
        for i in range(side)
        for j in range(side)
    ]
    return polygons_of([shapely.Polygon(ring) for ring in rings])


# The shared vector file


def on_segment(point: Pair, start: Pair, end: Pair) -> bool:
    (x, y), (ax, ay), (bx, by) = (map(Fraction, pair) for pair in (point, start, end))
    level = (bx - ax) * (y - ay) == (x - ax) * (by - ay)
    return level and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by)


def crossings_to_the_east(point: Pair, ring: list[Pair]) -> int:
    x, y = map(Fraction, point)
    count = 0
    for (ax, ay), (bx, by) in itertools.pairwise(ring):
        if (ay > y) != (by > y):
            count += x < Fraction(ax) + (y - Fraction(ay)) * (Fraction(bx) - Fraction(ax)) / (
                Fraction(by) - Fraction(ay)
            )
    return count


def by_rational_numbers(point: Pair) -> tuple[int | None, str]:
    holders, edge = [], False
    for grid in VECTORS["grids"]:
        rings = [grid["ring"], *grid["holes"]]
        on_border = any(on_segment(point, *ends) for ring in rings for ends in itertools.pairwise(ring))
        if on_border or sum(crossings_to_the_east(point, ring) for ring in rings) % 2:
            holders.append(grid["id"])
        edge |= on_border
    if not holders:
        return None, "outside"
    return min(holders), "edge" if edge else "inside"


@pytest.fixture(scope="module")
def vector_index() -> GridIndex:
    return index_of(*(shapely.Polygon(g["ring"], g["holes"]) for g in VECTORS["grids"]), ranks=IDS)


@pytest.mark.parametrize("point", VECTORS["points"], ids=lambda point: point["why"])
def test_the_shared_vectors_are_proven_by_rational_numbers_and_found_by_the_index(point, vector_index):
    expected = point["grid"], point["status"]
    place = point["lon"], point["lat"]
    row, status = vector_index.locate_one(*place)
    assert by_rational_numbers(place) == expected
    assert (IDS[row] if row >= 0 else None, status.name.lower()) == expected
    assert answers(vector_index.locate(*np.reshape(place, (2, 1)))) == [(row, status)]


def test_the_shared_vectors_have_no_gap_and_ids_out_of_row_order():
    shapes = [shapely.Polygon(grid["ring"], grid["holes"]) for grid in VECTORS["grids"]]
    assert shapely.coverage_is_valid(shapes)
    assert shapely.get_num_interior_rings(shapely.union_all(shapes)) == 0
    assert sorted(IDS) != IDS
    numbers = [n for grid in VECTORS["grids"] for ring in (grid["ring"], *grid["holes"]) for xy in ring for n in xy]
    assert numbers == [round(n, 9) for n in numbers]


# Against GEOS, on whatever hypothesis draws

LATTICE = st.integers(0, 8)
PLACES = st.tuples(LATTICE, LATTICE)
SEEDS = st.integers(0, 2**32 - 1)


@st.composite
def coverages(draw: st.DrawFn) -> NDArray[np.object_]:
    """Faces between random lines over a square, somewhere on Earth, sometimes as small as a room."""
    ends = draw(st.lists(st.tuples(PLACES, PLACES).filter(lambda pair: pair[0] != pair[1]), max_size=7))
    corner = np.array(draw(st.sampled_from([(114.2, 35.72), (0.0, 0.0), (-180.0, -90.0), (179.9, 12.0)])))
    unit = draw(st.sampled_from([1e-5, 1 / 512, 0.37]))
    lines = shapely.linestrings(np.reshape([*ends, ((0, 0), (0, 8)), ((0, 8), (8, 8)), ((8, 8), (8, 0))], (-1, 2, 2)))
    noded = shapely.node(shapely.union_all([*np.atleast_1d(lines), shapely.LineString([(8, 0), (0, 0)])]))
    faces = shapely.get_parts(shapely.polygonize([noded]))
    return shapely.transform(faces, lambda xy: np.round(corner + unit * xy, 9))


@settings(deadline=None, max_examples=60)
@given(coverages(), SEEDS, st.sampled_from([1, 3, 8, 24]))
def test_in_a_coverage_every_point_finds_the_grid_that_geos_finds(polygons, seed, cells_across):
    rng = np.random.default_rng(seed)
    ranks = rng.permutation(len(polygons))
    index = GridIndex.build(polygons, ranks, cells_across=cells_across)
    assert agrees_with_geos(index, polygons, ranks, telling_points(polygons, rng, index))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(PLACES, min_size=3, max_size=6, unique=True), min_size=1, max_size=6), SEEDS, st.booleans())
def test_among_polygons_that_overlap_or_cross_themselves_the_lowest_rank_wins(rings, seed, shared_ranks):
    rng = np.random.default_rng(seed)
    polygons = polygons_of([shapely.Polygon(ring) for ring in rings])
    ranks = rng.integers(0, 2, len(rings)) if shared_ranks else rng.permutation(len(rings))
    index = GridIndex.build(polygons, ranks, cells_across=12)
    assert agrees_with_geos(index, polygons, ranks, telling_points(polygons, rng, index))


@pytest.mark.parametrize("cells_across", [1, 4, 16, 24, 37])
def test_how_fine_the_raster_is_changes_no_answer(cells_across):
    polygons = wiggly_coverage(12, 19)
    ranks = np.random.default_rng(3).permutation(len(polygons))
    index = GridIndex.build(polygons, ranks, cells_across=cells_across)
    lon, lat = np.random.default_rng(4).uniform([114.199, 35.719], [114.261, 35.781], (40_000, 2)).T
    expected = np.full(len(lon), -1)
    point, row = shapely.STRtree(polygons).query(shapely.points(lon, lat), predicate="intersects")
    expected[point] = row
    located = index.locate(lon, lat)
    assert len(np.unique(point)) == len(point)
    np.testing.assert_array_equal(located.row, expected)
    np.testing.assert_array_equal(located.status, np.where(expected < 0, Status.OUTSIDE, Status.INSIDE))


def test_a_raster_drawn_in_many_bands_is_the_same_raster(monkeypatch):
    polygons = wiggly_coverage(5, 9)
    ranks = np.arange(len(polygons))
    rng = np.random.default_rng(5)
    monkeypatch.setattr(drawing, "BAND_CELLS", 1)
    index = GridIndex.build(polygons, ranks)
    assert agrees_with_geos(index, polygons, ranks, telling_points(polygons, rng, index))


def holed(reverse: bool) -> shapely.Polygon:
    """A square of 24 x 24 cells of the raster with two holes, its rings one way round or the other."""
    rings = [shapely.box(0, 0, 24, 24), shapely.box(3, 3, 9, 9), shapely.box(12.3, 5.1, 20.7, 18.2)]
    shell, *holes = (ring.exterior.reverse() if reverse else ring.exterior for ring in rings)
    return shapely.Polygon(shell, holes)


# Two corners at the height of the raster's anchors, one of them where an edge comes up and the next one goes on.
ANCHORED = shapely.Polygon([(0, 5 + ANCHOR[1] - 1), (12, 0), (24, 5 + ANCHOR[1] - 1), (18, 24)])


@pytest.mark.parametrize(
    "polygons",
    [wiggly_coverage(5, 19), polygons_of([holed(False)]), polygons_of([holed(True)]), polygons_of([ANCHORED])],
    ids=["coverage", "holes", "holes the other way round", "corners at the height of anchors"],
)
def test_points_that_are_not_very_close_to_an_edge_are_answered_without_geos(polygons, monkeypatch):
    index = GridIndex.build(polygons, np.arange(len(polygons)))
    west, south, east, north = shapely.total_bounds(polygons)
    lon, lat = np.random.default_rng(6).uniform([west, south], [east, north], (5_000, 2)).T
    expected = [row for row, _ in by_geos(polygons, np.arange(len(polygons)), np.column_stack([lon, lat]))]
    asked = []
    monkeypatch.setattr(index, "_ask_geos", lambda lon, lat: (asked.extend(lon), (-1, Status.EDGE))[1])
    located = index.locate(lon, lat)
    assert len(asked) <= 5
    sure = located.status != Status.EDGE
    assert located.row[sure].tolist() == np.array(expected)[sure].tolist()


@pytest.mark.parametrize("direction", [(0, 1), (1, 1), (3, 2), (7, 3), (1, 5), (2, -1)])
@pytest.mark.parametrize("ulps", range(-2, 3))
def test_an_edge_through_the_anchors_of_many_cells_misleads_nobody(direction, ulps):
    # Two polygons over 48 x 24 degrees make cells of one degree, anchored at whole degrees plus ANCHOR.
    anchor = np.array([20.0, 12.0]) + ANCHOR + ulps * np.spacing(16.0)
    line = np.array([anchor - 1.7 * np.array(direction), anchor + 1.6 * np.array(direction)])
    low, high = sorted(line.tolist(), key=lambda place: place[1])
    border = [(low[0], 0.0), low, high, (high[0], 24.0)]
    left, right = (shapely.Polygon([(side, 0.0), *border, (side, 24.0)]) for side in (0.0, 48.0))
    polygons, ranks = polygons_of([left, right]), np.array([1, 0])
    index = GridIndex.build(polygons, ranks)
    rng = np.random.default_rng(10)
    points = line[0] + rng.random((300, 1)) * (line[1] - line[0]) + rng.normal(0, 0.4, (300, 2))
    assert shapely.is_valid(polygons).all()
    assert agrees_with_geos(index, polygons, ranks, np.concatenate([points, telling_points(polygons, rng, index)]))


def test_the_index_keeps_less_than_8_kb_a_grid():
    polygons = wiggly_coverage(12, 19)
    assert GridIndex.build(polygons, np.arange(144)).nbytes < 8_000 * 144


# Odd input

SQUARE = shapely.box(114.0, 35.0, 115.0, 36.0)


def test_without_polygons_every_point_is_outside():
    index = index_of()
    located = index.locate([114.2, 0.0, -1e308], [35.72, 0.0, 1e308])
    assert len(index) == 0
    assert answers(located) == [(-1, Status.OUTSIDE)] * 3
    assert index.locate_one(114.2, 35.72) == (-1, Status.OUTSIDE)


def test_without_points_the_answer_is_empty():
    located = index_of(SQUARE).locate([], [])
    assert located.row.shape == located.status.shape == (0,)


@pytest.mark.parametrize("lon", [math.nan, math.inf, -math.inf, 114.5])
@pytest.mark.parametrize("lat", [math.nan, math.inf, -math.inf])
def test_a_point_that_is_not_finite_is_unplaced(lon, lat):
    index = index_of(SQUARE)
    for place in ((lon, lat), (lat, lon)):
        assert index.locate_one(*place) == (-1, Status.UNPLACED)
        assert answers(index.locate(*np.reshape(place, (2, 1)))) == [(-1, Status.UNPLACED)]


@pytest.mark.parametrize("lon", [-1e308, 1e308, -180.0, 1e19])
def test_a_point_far_away_is_outside_even_in_line_with_a_grid(lon):
    index = index_of(SQUARE)
    assert answers(index.locate([lon], [35.5])) == [(-1, Status.OUTSIDE)] == [index.locate_one(lon, 35.5)]
    assert answers(index.locate([lon], [35.0])) == [(-1, Status.OUTSIDE)] == [index.locate_one(lon, 35.0)]


def test_a_polygon_with_several_holes_holds_their_borders_but_not_what_is_inside():
    holes = [shapely.box(x, 35.4, x + 0.1, 35.6).exterior for x in (114.1, 114.4, 114.7)]
    index = index_of(shapely.Polygon(SQUARE.exterior, holes))
    located = index.locate([114.15, 114.45, 114.75, 114.3, 114.4, 114.45], [35.5, 35.5, 35.5, 35.5, 35.5, 35.6])
    assert located.row.tolist() == [-1, -1, -1, 0, 0, 0]
    assert located.status.tolist() == [Status.OUTSIDE] * 3 + [Status.INSIDE, Status.EDGE, Status.EDGE]


def test_the_direction_in_which_rings_run_does_not_matter():
    hole = shapely.box(114.4, 35.4, 114.6, 35.6).exterior
    for ring, inner in [(SQUARE.exterior, hole.reverse()), (SQUARE.exterior.reverse(), hole)]:
        index = index_of(shapely.Polygon(ring, [inner]))
        assert index.locate([114.5, 114.2], [35.5, 35.5]).row.tolist() == [-1, 0]


def test_parts_of_a_multipolygon_are_one_row_and_nothing_is_in_none():
    island = shapely.box(116.0, 35.0, 117.0, 36.0)
    index = index_of(None, shapely.MultiPolygon([SQUARE, island]), shapely.Polygon())
    located = index.locate([114.5, 115.5, 116.5, 117.0], [35.5] * 4)
    assert answers(located) == [(1, Status.INSIDE), (-1, Status.OUTSIDE), (1, Status.INSIDE), (1, Status.EDGE)]


def test_the_lower_row_wins_where_ranks_are_equal():
    assert index_of(SQUARE, SQUARE, ranks=[5, 5]).locate_one(114.5, 35.5) == (0, Status.INSIDE)
    assert index_of(SQUARE, SQUARE, ranks=[5, 4]).locate_one(114.5, 35.5) == (1, Status.INSIDE)


def test_where_grids_overlap_in_several_places_each_place_has_its_own_winner():
    wide = shapely.box(0, 0, 30, 30)
    index = index_of(wide, shapely.box(2, 2, 12, 12), shapely.box(16, 16, 28, 28), ranks=[2, 1, 3])
    assert index.locate([7, 22, 14], [7, 22, 14]).row.tolist() == [1, 0, 0]


def test_an_invalid_polygon_holds_what_geos_says_even_where_others_overlap():
    bow = shapely.Polygon([(114, 35), (115, 36), (115, 35), (114, 36)])
    polygons, ranks = polygons_of([SQUARE, SQUARE, bow]), np.array([3, 2, 1])
    lon, lat = np.meshgrid(np.linspace(113.9, 115.1, 61), np.linspace(34.9, 36.1, 61))
    points = np.column_stack([lon.ravel(), lat.ravel()])
    located = GridIndex.build(polygons, ranks).locate(*points.T)
    assert answers(located) == by_geos(polygons, ranks, points)
    assert set(located.row) == {-1, 1, 2}


def test_a_point_inside_one_grid_and_on_the_border_of_another_is_on_an_edge():
    small = shapely.box(114.25, 35.25, 114.75, 35.75)
    index = index_of(SQUARE, small)
    assert answers(index.locate([114.25, 114.5, 114.1], [35.5, 35.5, 35.5])) == [
        (0, Status.EDGE),
        (0, Status.INSIDE),
        (0, Status.INSIDE),
    ]


@pytest.mark.parametrize("unit", [2.0**-44, 1e-9, 1.0, 60.0])
def test_grids_may_be_as_small_as_a_few_doubles_or_as_large_as_the_world(unit):
    corner = np.array([114.0, 35.0]) if unit < 2 else np.array([-180.0, -90.0])
    boxes = [shapely.box(*(corner + unit * np.array([i, j])), *(corner + unit * np.array([i + 1, j + 1])))
             for i in range(3) for j in range(3)]  # fmt: skip
    polygons, rng = polygons_of(boxes), np.random.default_rng(8)
    ranks = rng.permutation(9)
    index = GridIndex.build(polygons, ranks)
    assert agrees_with_geos(index, polygons, ranks, telling_points(polygons, rng, index))


def test_a_thread_of_a_grid_among_large_ones_is_found():
    left, right = shapely.box(114.0, 35.0, 114.5, 36.0), shapely.box(114.500000001, 35.0, 115.0, 36.0)
    thread = shapely.box(114.5, 35.0, 114.500000001, 36.0)
    index = index_of(left, thread, right)
    assert index.locate([114.4999999999, 114.5000000005, 114.5000000011], [35.5] * 3).row.tolist() == [0, 1, 2]


def test_an_index_over_a_thread_alone_stays_small():
    index = index_of(shapely.box(100.0, 35.0, 120.0, 35.0 + 1e-12))
    assert index.locate_one(110.0, 35.0 + 5e-13) == (0, Status.INSIDE)
    assert index.nbytes < 100_000


def test_what_cannot_be_indexed_is_refused_with_its_row():
    with pytest.raises(TypeError, match="Row 1 is not a polygon but Point"):
        index_of(SQUARE, shapely.Point(114, 35))
    with pytest.raises(ValueError, match="row 1 has a coordinate"), np.errstate(invalid="ignore"):
        index_of(SQUARE, shapely.Polygon([(0, 0), (1, 0), (math.nan, 1)]))
    with pytest.raises(ValueError, match="as many ranks"):
        index_of(SQUARE, ranks=[1, 2])
    with pytest.raises(ValueError, match="of the same length"):
        index_of(SQUARE).locate([114.0, 114.1], [35.0])


# Boxes around points


@settings(deadline=None, max_examples=30)
@given(coverages(), SEEDS)
def test_candidates_are_all_polygons_that_meet_the_box_by_rank(polygons, seed):
    rng = np.random.default_rng(seed)
    ranks = rng.permutation(len(polygons))
    index = GridIndex.build(polygons, ranks)
    lon, lat = rng.permutation(telling_points(polygons, rng, index))[:40].T
    west, south, east, north = shapely.total_bounds(polygons)
    wide, high = rng.choice([0.0, (east - west) / 8], len(lon)), rng.choice([0.0, (north - south) / 3], len(lon))
    point, row = index.candidates(lon, lat, wide, high)
    for i in range(len(lon)):
        corners = [(lon[i] + sx * wide[i], lat[i] + sy * high[i]) for sx, sy in [(-1, -1), (1, -1), (1, 1), (-1, 1)]]
        box = shapely.MultiPoint(corners).convex_hull
        expected = np.flatnonzero(shapely.intersects(polygons, box))
        assert row[point == i].tolist() == sorted(expected, key=lambda r: ranks[r])


def test_a_box_of_no_size_asks_for_the_point():
    index = index_of(SQUARE, shapely.box(115.0, 35.0, 116.0, 36.0), ranks=[2, 1])
    point, row = index.candidates([114.5, math.nan, 115.0], [35.5, 35.5, 35.5], 0.0, 0.0)
    assert (point.tolist(), row.tolist()) == ([0, 2, 2], [0, 1, 0])


def test_a_box_of_no_size_on_a_slanting_border_meets_both_neighbours():
    corner = shapely.Polygon([(0, 0), (1e-5, 0), (0, 1e-5)])
    rest = shapely.Polygon([(1e-5, 0), (8e-5, 0), (8e-5, 8e-5), (0, 8e-5), (0, 1e-5)])
    point, row = index_of(corner, rest).candidates([5e-6], [5e-6], 0.0, 0.0)
    assert (point.tolist(), row.tolist()) == ([0, 0], [0, 1])


@pytest.mark.parametrize("radius", [-1.0, math.nan, math.inf])
def test_a_box_needs_a_finite_radius(radius):
    with pytest.raises(ValueError, match="finite number of degrees"):
        index_of(SQUARE).candidates([114.5], [35.5], radius, 1.0)
