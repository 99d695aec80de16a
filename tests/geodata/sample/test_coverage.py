"""The grids fill the district, today and at every earlier edition."""

from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
import shapely

from geodata.crs import shapes_to_lonlat, snap_to_lattice
from geodata.sample import make_district
from geodata.sample.areas import keep_together, row_order
from geodata.sample.seeds import DeadEnd, Dice, Step
from geodata.sample.size import size_of
from geodata.sample.weave import borders, components, weave


def coverages(district):
    return [district.grids, *(edition.grids for edition in district.editions)]


def assert_perfect(grids, outline):
    shapes = grids.geometry.to_numpy()
    assert (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON).all()
    assert shapely.is_valid(shapes).all()
    assert not shapely.get_num_interior_rings(shapes).any()
    assert shapely.coverage_is_valid(shapes)
    union = shapely.union_all(shapes)
    assert union.geom_type == "Polygon"
    assert not union.interiors
    assert union.equals(outline)
    assert shapely.area(shapes).sum() == pytest.approx(outline.area, rel=1e-12)
    xy = shapely.get_coordinates(shapes)
    assert (snap_to_lattice(xy) == xy).all()


def test_every_edition_is_a_perfect_coverage(district):
    outline = district.areas.geometry.iloc[0].geoms[0]
    for grids in coverages(district):
        assert_perfect(grids, outline)


def test_the_coverage_stays_perfect_in_degrees(district):
    for grids in coverages(district):
        assert shapely.coverage_is_valid(shapes_to_lonlat(grids.geometry.to_numpy(), district.srid))


def test_no_edge_is_longer_than_500_m(district):
    for grids in coverages(district):
        rings = shapely.get_exterior_ring(grids.geometry.to_numpy())
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        step = np.hypot(*np.diff(xy, axis=0).T)[np.diff(ring) == 0]
        assert step.max() <= 500


def test_grids_that_did_not_change_have_the_same_bytes_in_every_edition(district):
    for edition, later in zip(
        district.editions, [*(e.grids for e in district.editions[1:]), district.grids], strict=True
    ):
        changed = {*edition.lineage["from_code"], *edition.lineage["to_code"]}
        before = dict(zip(edition.grids["code"], edition.grids.geometry.to_wkb(), strict=True))
        after = dict(zip(later["code"], later.geometry.to_wkb(), strict=True))
        same = (before.keys() & after.keys()) - changed
        assert len(same) > 40
        assert all(before[code] == after[code] for code in same)
        assert before.keys() ^ after.keys() <= changed


def test_lineage_accounts_for_all_ground(district):
    for edition in district.editions:
        shares = edition.lineage.groupby("from_code")[["area_share", "household_share"]].sum()
        assert shares.to_numpy() == pytest.approx(1.0, abs=1e-4)
        assert {"split", "merge", "boundary", "rename"} <= set(edition.lineage["op"])


def test_the_larger_part_keeps_the_code(district):
    for edition, later in zip(
        district.editions, [*(e.grids for e in district.editions[1:]), district.grids], strict=True
    ):
        held = dict(zip(later["code"], later["households"], strict=True))
        before = dict(zip(edition.grids["code"], edition.grids["households"], strict=True))
        for source, rows in edition.lineage[edition.lineage["op"] == "split"].groupby("from_code"):
            assert held[source] == max(held[code] for code in rows["to_code"])
        for target, rows in edition.lineage[edition.lineage["op"] == "merge"].groupby("to_code"):
            assert before[target] == max(before[code] for code in rows["from_code"])


def test_a_code_that_ended_is_never_used_again(district):
    seen = [set(grids["code"]) for grids in [*(e.grids for e in district.editions), district.grids]]
    ended: set[str] = set()
    for before, after in pairwise(seen):
        ended |= before - after
        assert not ended & after
    assert ended


def test_areas_are_in_one_piece_and_are_the_union_of_their_grids(district):
    areas = district.areas.set_index("code")
    for length, kind in ((9, "township"), (12, "community")):
        rows = areas[areas["kind"] == kind]
        grouped = district.grids.groupby(district.grids["community_code"].str[:length])
        assert set(grouped.groups) == set(rows.index)
        for code, grids in grouped:
            outline = rows.geometry[code]
            assert len(outline.geoms) == 1, f"{code} is in pieces"
            assert shapely.union_all(grids.geometry.to_numpy()).equals(outline)


def test_grids_are_numbered_from_the_north_west(district):
    grids = district.grids
    for _, group in grids.groupby("community_code"):
        assert sorted(group["code"].str[12:].astype(int)) == list(range(1, len(group) + 1))
    middle = np.array([[0, 100], [100, 110], [50, 0], [200, 0], [0, 5]])
    assert row_order(middle, np.full(5, 80.0)).tolist() == [1, 2, 4, 5, 3]


def test_kinds_keep_their_proportion():
    for grids in (60, 61, 100, 333, 500, 767):
        size = size_of(grids)
        assert size.urban + size.rural + size.dedicated == grids
        assert size.urban / grids == pytest.approx(323 / 767, abs=0.01)
    assert (size_of(767).urban, size_of(767).rural, size_of(767).dedicated) == (323, 414, 30)


@pytest.mark.parametrize("grids", [59, 768, 0, -1])
def test_a_size_that_cannot_be_made_is_refused_in_words(grids):
    with pytest.raises(ValueError, match="60 to 767"):
        make_district(1, grids=grids, until=datetime(2026, 1, 1, tzinfo=UTC))


def test_an_end_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        make_district(1, grids=60, until=datetime(2026, 1, 1))  # noqa: DTZ001 - the mistake under test


def test_lines_become_faces_that_share_every_vertex():
    # A cross, one of whose ends stops a hair short of the frame: noding on the lattice closes it.
    frame = shapely.LinearRing([(0, 0), (100, 0), (100, 100), (0, 100)])
    lines = [frame, shapely.LineString([(50.003, 0.004), (50, 100)]), shapely.LineString([(0, 50), (99.998, 50)])]
    faces = weave(lines)
    assert len(faces) == 4
    assert shapely.coverage_is_valid(faces)
    pairs, length = borders(faces)
    assert len(pairs) == 4
    assert length.sum() == pytest.approx(200, abs=0.05)
    assert components(4, pairs).max() == 0


def test_strays_go_to_the_neighbour_with_the_longest_border():
    # A A B A   The last A is cut off from its label; its only neighbour is B.
    pairs, length = np.array([[0, 1], [1, 2], [2, 3]]), np.array([10.0, 10.0, 10.0])
    label = np.array([7, 7, 8, 7])
    assert keep_together(label, np.zeros(4, int), pairs, length).tolist() == [7, 7, 8, 8]
    with pytest.raises(DeadEnd):
        keep_together(label, np.array([0, 0, 0, 1]), pairs, length)


def test_a_dead_end_is_followed_by_another_draw(monkeypatch, district):
    tried = []

    def unlucky_at_first(size, dice, until):
        tried.append((dice.seed, dice.attempt))
        if len(tried) < 3:
            raise DeadEnd("no room")
        return district

    monkeypatch.setattr("geodata.sample.district._make", unlucky_at_first)
    assert make_district(9, grids=60, until=district.until) is district
    assert tried == [(9, 0), (9, 1), (9, 2)]
    draws = {Dice(9, attempt).of(Step.TOWN).integers(2**60) for attempt in range(3)}
    assert len(draws) == 3
