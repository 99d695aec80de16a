"""Rural grids without drawn villages: what stands together is one village, and the land between is shared out."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.coverage import find_defects
from geodata.partition import villages
from geodata.partition.villages import clustered
from tests.geodata.partition.small_towns import SRID, at


def houses_at(*hamlets, each=6, step=30.0):
    """Houses of 2 households in a row for each hamlet that begins at x, y."""
    boxes = [at(shapely.box(x + step * n, y, x + step * n + 10, y + 10)) for x, y in hamlets for n in range(each)]
    return gpd.GeoSeries(boxes, crs=SRID), np.full(len(boxes), 2)


def land(**boxes):
    return gpd.GeoSeries({name: at(shapely.box(*box)) for name, box in boxes.items()}, crs=SRID)


def road(*xy, rank=2):
    return gpd.GeoDataFrame({"rank": [rank]}, geometry=[at(shapely.LineString(xy))], crs=SRID)


def said(proposal):
    return " ".join(str(note) for note in proposal.notes)


#   one community of 2 by 1 km:   ─hamlet─            ─hamlet─
#                                          (no road)
#                                                ─hamlet─
THREE = ((100, 800), (1600, 850), (1300, 150))


def test_each_village_is_one_grid_of_one_piece_and_no_house_is_cut():
    outline = land(V=(0, 0, 2000, 1000))
    houses, households = houses_at(*THREE)
    proposal = villages(outline, houses, households)
    assert sorted(proposal.grids["weight"]) == [12, 12, 12]
    assert not find_defects(proposal.grids.geometry, outline=outline.iloc[0])
    assert (shapely.get_type_id(proposal.grids.geometry.to_numpy()) == 3).all()
    assert (proposal.score.houses_cut, list(proposal.flagged["code"])) == (0, [])
    again = villages(outline, houses, households)
    assert [shape.wkb for shape in again.grids.geometry] == [shape.wkb for shape in proposal.grids.geometry]


def test_a_road_between_two_villages_is_their_border():
    houses, households = houses_at((100, 500), (1600, 500))
    proposal = villages(land(V=(0, 0, 2000, 1000)), houses, households, barriers=road((700, -10), (700, 1010)))
    assert sorted(round(area) for area in proposal.grids.area) == [700_000, 1_300_000]


def test_a_village_of_two_communities_is_two_grids_and_a_lone_house_goes_with_the_nearest():
    outline = land(V=(0, 0, 1000, 1000), W=(1000, 0, 2000, 1000))
    hamlets, households = houses_at((820, 500), (1010, 500), (100, 100))
    lone = gpd.GeoSeries([at(shapely.box(1900, 900, 1910, 910))], crs=SRID)
    proposal = villages(outline, gpd.GeoSeries([*hamlets, *lone], crs=SRID), [*households, 3])
    assert dict(proposal.grids.groupby("community")["weight"].sum()) == {"V": 24, "W": 15}
    assert sorted(proposal.grids["weight"]) == [12, 12, 15]
    assert "of W that stand alone" not in said(proposal), "W has one village, and that is what is said"
    assert "All dwellings of W" in said(proposal)


@pytest.mark.parametrize(
    ("hamlets", "sentence"),
    [
        ({"each": 0}, "no dwellings"),
        ({"each": 6, "step": 300.0}, "too far apart"),
        ({"each": 20, "step": 40.0}, "one village, one grid"),
    ],
)
def test_where_no_village_can_be_told_the_reason_is_said_and_the_area_stays_one_grid(hamlets, sentence):
    houses, households = houses_at((10, 500), **hamlets)
    proposal = villages(land(V=(0, 0, 2000, 1000)), houses, households)
    assert (len(proposal.grids), sentence in said(proposal)) == (1, True)


def test_a_chain_of_houses_is_one_cluster_and_its_ends_need_no_neighbours_of_their_own():
    xy = np.array([[0, 0], [70, 0], [140, 0], [210, 0], [1000, 0]], float)
    assert clustered(xy, 80, 3).tolist() == [0, 0, 0, 0, -1]
    assert clustered(xy, 69, 3).tolist() == [-1] * 5
    assert clustered(xy[:0], 80, 3).tolist() == []
