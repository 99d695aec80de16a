"""Grids from houses and streets: what holds for every town, and what is said where it cannot."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.coverage import find_defects
from geodata.crs import NotInMetres
from geodata.errors import GeodataError
from geodata.partition import Cancelled, Range, Watch, partition, split
from tests.geodata.partition.small_towns import SRID, at, draw_town

#   A A A A B B B B     a river between the two would not matter:
#   A A A A B B B B     they are two communities
#   A A A A B B B B
TWO = ("AAAABBBB", "AAAABBBB", "AAAABBBB")


def grid_of(proposal, houses):
    """For each house the grid that holds its middle; every house must be in exactly one."""
    house, grid = shapely.STRtree(proposal.grids.geometry.to_numpy()).query(
        shapely.centroid(houses.to_numpy()), "within"
    )
    assert np.array_equal(house, np.arange(len(houses)))
    return grid


@st.composite
def towns(draw):
    width, height = draw(st.integers(2, 5)), draw(st.integers(2, 4))
    seam = draw(st.integers(1, width))
    rows = ["".join("A" if x < seam else "B" for x in range(width)) for _ in range(height)]
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    households = rng.integers(0, draw(st.sampled_from([12, 40, 130])), (width * height, 9))
    return draw_town(rows, households, streets=draw(st.booleans()))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(towns(), st.integers(0, 3))
def test_grids_fill_the_outline_cut_no_house_and_cross_no_community(town, seed):
    proposal = partition(*town.given, barriers=town.streets, seed=seed)
    grids = proposal.grids.geometry
    assert not find_defects(grids, outline=shapely.union_all(town.communities.to_numpy()))
    assert (shapely.get_type_id(grids.to_numpy()) == 3).all()
    holder = grid_of(proposal, town.houses)
    assert list(proposal.grids["weight"]) == list(np.bincount(holder, town.households, len(grids)))
    for row in proposal.grids.itertuples():
        outside = shapely.difference(row.geometry, town.communities[row.community], grid_size=0.01)
        assert outside.area < 0.5
    assert shapely.covers(grids.to_numpy()[holder], town.houses.to_numpy()).all()
    assert proposal.score.houses_cut == 0


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(towns(), st.integers(0, 3))
def test_the_same_seed_gives_the_same_bytes(town, seed):
    first, second = (partition(*town.given, barriers=town.streets, seed=seed).grids for _ in range(2))
    assert first.geometry.to_wkb().equals(second.geometry.to_wkb())
    assert first.drop(columns="geometry").equals(second.drop(columns="geometry"))


@pytest.mark.parametrize("streets", [True, False])
def test_all_grids_are_in_the_range_where_that_can_be(draw, streets):
    town = draw(*TWO, streets=streets)
    proposal = partition(*town.given, barriers=town.streets)
    assert not len(proposal.flagged)
    assert not proposal.notes
    assert proposal.grids["weight"].between(300, 500).all()
    assert proposal.score.in_range.all()


def test_borders_keep_to_streets_where_blocks_fit(draw):
    town = draw(*TWO)
    proposal = partition(*town.given, barriers=town.streets)
    assert proposal.score.on_barriers == 1
    assert proposal.score.as_json()["border"]["street"] == 1


def test_a_block_over_the_range_is_parted_between_its_houses(draw):
    town = draw("AA", each=80)
    proposal = partition(*town.given, barriers=town.streets)
    assert proposal.grids["weight"].between(300, 500).all()
    assert not len(proposal.flagged)


def test_560_households_in_one_community_are_flagged_and_explained(draw):
    town = draw("AAA", "AAA", each=0)
    households = np.zeros((6, 9))
    households[:, :5] = 18
    households[0, :2] += 10
    assert households.sum() == 560
    proposal = partition(town.communities, town.houses, households.ravel(), barriers=town.streets)
    assert "divided by 1 they are 60 too many, divided by 2 40 too few" in str(proposal.notes[0])
    assert set(proposal.flagged["state"]) <= {"over", "short"}
    assert len(proposal.flagged) > 0


def test_299_households_are_one_grid_that_is_one_short(draw):
    town = draw("AA")
    households = np.zeros((2, 9))
    households[:, :8] = 18
    households[0, 8] = 11
    assert households.sum() == 299
    proposal = partition(town.communities, town.houses, households.ravel(), barriers=town.streets)
    assert list(proposal.grids["state"]) == ["short"]
    assert "1 fewer than a grid needs" in str(proposal.notes[0])


def test_a_tower_over_the_range_is_a_grid_by_itself_and_the_others_are_in_range(draw):
    town = draw("AAAA", "AAAA")
    households = town.households.copy().astype(float)
    households[9 * 3 : 9 * 4] = 0
    households[9 * 3 + 4] = 620
    proposal = partition(town.communities, town.houses, households, barriers=town.streets)
    assert list(proposal.flagged["weight"]) == [620]
    assert "alone has 620 households" in str(proposal.notes[-1])


def test_a_street_through_a_house_goes_around_it(draw):
    town = draw(*TWO)
    across = at(shapely.box(390, 140, 395, 160)), at(shapely.box(190, 140, 210, 160))
    houses = gpd.GeoSeries([*town.houses, across[1]], crs=SRID)
    proposal = partition(town.communities, houses, [*town.households, 5], barriers=town.streets)
    assert proposal.score.houses_cut == 0
    assert shapely.covers(proposal.grids.geometry.to_numpy(), across[1]).sum() == 1


def test_footprints_on_each_other_stay_together(draw):
    town = draw(*TWO, streets=False)
    pairs = gpd.GeoSeries(shapely.transform(town.houses.to_numpy(), lambda xy: xy + 3.0), crs=SRID)
    houses = gpd.GeoSeries([*town.houses, *pairs], crs=SRID)
    proposal = partition(town.communities, houses, [*town.households, *np.zeros(len(pairs))], barriers=town.streets)
    holder = grid_of(proposal, houses)
    assert (holder[: len(pairs)] == holder[len(pairs) :]).all()
    assert proposal.score.houses_cut == 0


def test_a_dedicated_place_is_a_grid_of_its_own(draw):
    town = draw(*TWO)
    school = at(shapely.box(100, 100, 200, 200))
    proposal = partition(*town.given, barriers=town.streets, dedicated=gpd.GeoSeries([school], crs=SRID))
    (own,) = proposal.grids[proposal.grids["kind"] == "dedicated"].geometry
    assert own.equals(school)
    assert not find_defects(proposal.grids.geometry)


def test_a_tunnel_parts_nothing(draw):
    town = draw(*TWO)
    below = town.streets.assign(layer=-1)
    proposal = partition(*town.given, barriers=below)
    assert proposal.score.on_barriers == 0


def test_points_serve_as_units(draw):
    town = draw(*TWO)
    proposal = partition(town.communities, town.houses.centroid, town.households, barriers=town.streets)
    assert not len(proposal.flagged)


def test_codes_run_in_rows_from_the_north_and_from_the_west_within(draw):
    town = draw("AAAA", "AAAA", "AAAA", "AAAA", each=45)
    proposal = partition(*town.given, barriers=town.streets)
    middle = proposal.grids.geometry.centroid
    assert list(proposal.grids["code"]) == [f"A{n:03d}" for n in range(1, len(proposal.grids) + 1)]
    assert middle.y.iloc[0] > middle.y.iloc[-1]
    assert middle.x.iloc[0] < middle.x.iloc[1]


def test_what_lies_outside_is_counted_and_left_out(draw):
    town = draw(*TWO)
    houses = gpd.GeoSeries([*town.houses, at(shapely.box(5_000, 0, 5_010, 10))], crs=SRID)
    proposal = partition(town.communities, houses, [*town.households, 7], barriers=town.streets)
    assert "outside of the boundary: 1 units with 7 households" in str(proposal.notes[0])


def test_todays_grids_stand_beside(draw):
    town = draw(*TWO)
    first = partition(*town.given, barriers=town.streets).grids.geometry
    again = partition(*town.given, barriers=town.streets, today=first)
    assert again.moved == 0
    assert again.today.as_json() == again.score.as_json()


def test_a_watcher_is_told_and_may_stop_it(draw):
    town, told = draw(*TWO), []
    partition(*town.given, barriers=town.streets, watch=Watch(progress=lambda share, step: told.append((share, step))))
    assert told[0][0] == 0
    assert told[-1][0] > 0.9
    assert all(0 <= share <= 1 for share, _ in told)
    with pytest.raises(Cancelled, match="Nothing was proposed"):
        partition(*town.given, barriers=town.streets, watch=Watch(cancelled=lambda: True))


def test_a_grid_is_split_along_a_street(draw):
    town = draw("AAAA", "AAAA", each=10)
    proposal = split(town.communities["A"], town.houses, town.households, barriers=town.streets, name="A007")
    assert list(proposal.grids["code"]) == ["A007", "new-1"]
    assert list(proposal.grids["weight"]) == [360, 360]
    assert proposal.score.on_barriers == 1
    assert shapely.union_all(proposal.grids.geometry.to_numpy()).equals(town.communities["A"])


def test_a_split_that_cannot_be_in_the_range_says_the_figures_and_is_even(draw):
    town = draw("AAAA", "AAAA", each=7)
    proposal = split(town.communities["A"], town.houses, town.households, barriers=town.streets, name="A007")
    assert "A007 has 504 households: 2 grids of 300 to 500 need 600 to 1000" in str(proposal.notes[0])
    assert list(proposal.grids["weight"]) == [252, 252]


def test_degrees_are_refused(draw):
    town = draw(*TWO)
    with pytest.raises(NotInMetres):
        partition(town.communities.to_crs(4326), town.houses, town.households)


def test_communities_that_overlap_are_named(draw):
    town = draw(*TWO)
    wide = town.communities.copy()
    wide["A"] = wide["A"].buffer(5, join_style="mitre")
    with pytest.raises(GeodataError, match="A and B overlap by"):
        partition(wide, town.houses, town.households)


def test_a_row_without_a_number_of_households_is_named(draw):
    town = draw(*TWO)
    with pytest.raises(GeodataError, match="Row 3 of the units: many is no number"):
        partition(town.communities, town.houses, ["1", "2", "many", *["1"] * (len(town.houses) - 3)])


def test_another_range_is_kept_to(draw):
    town = draw(*TWO)
    proposal = partition(*town.given, barriers=town.streets, limits=Range(100, 230))
    assert proposal.grids["weight"].between(100, 230).all()


@pytest.mark.parametrize("seed", [13, 23, 24])
def test_streets_that_cross_a_hair_beside_a_corner_of_the_outline_cut_nothing_off(seed):
    rng = np.random.default_rng(seed)
    turn = np.sort(rng.uniform(0, 2 * np.pi, 9))
    corners = np.column_stack([np.cos(turn), np.sin(turn)]) * rng.uniform(300, 500, (9, 1))
    centre = np.array([518000.0, 3953000.0])
    corners = np.round(np.round(corners, 2) + centre, 2)
    streets = []
    for corner in np.repeat(corners, 2, axis=0):
        way = rng.normal(size=2)
        way *= 900 / np.hypot(*way)
        beside = corner + rng.uniform(-0.008, 0.008, 2)
        streets.append(shapely.LineString([beside - way, beside + way]))
    outline = shapely.Polygon(corners)
    spots = shapely.points(np.random.default_rng(1).uniform(-500, 500, (600, 2)) + centre)
    spots = spots[shapely.contains(outline, spots)]
    proposal = partition(
        gpd.GeoSeries([outline], index=["X"], crs=SRID),
        gpd.GeoSeries(spots, crs=SRID),
        np.full(len(spots), 10.0),
        barriers=gpd.GeoDataFrame({"rank": [2] * len(streets)}, geometry=streets, crs=SRID),
        limits=Range(300, 600),
    )
    astray = shapely.symmetric_difference(shapely.union_all(list(proposal.grids.geometry)), outline)
    assert astray.area < 0.01 * outline.length
