"""Grids of today brought into the range: few move, and the ground stays the same."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.coverage import find_defects
from geodata.coverage.edit import Part, Plot, Redraw, Sheet, work_out
from geodata.errors import GeodataError
from geodata.partition import balance
from tests.geodata.partition.small_towns import SRID, at, draw_town

# A community of eight grids of four blocks each; the streets between blocks, three houses a block.
#   1 1 2 2 3 3 4 4
#   1 1 2 2 3 3 4 4
#   5 5 6 6 7 7 8 8
#   5 5 6 6 7 7 8 8
ROWS = ("A" * 8,) * 4
GRIDS = gpd.GeoSeries(
    {
        f"g{1 + x + 4 * (1 - y)}": at(shapely.box(200 * x, 200 * y, 200 * x + 200, 200 * y + 200))
        for y in (1, 0)
        for x in range(4)
    },
    crs=SRID,
)


def town_with(**weights):
    """The town with 400 households in each grid, but for those said."""
    households = np.zeros((32, 4))
    for block in range(32):
        x, y = block % 8 // 2, 1 - block // 16
        households[block] = weights.get(f"g{1 + x + 4 * (1 - y)}", 400) / 16
    return draw_town(ROWS, households)


def balanced(town, grids=GRIDS, **more):
    return balance(grids, town.houses, town.households, barriers=town.streets, **more)


def test_grids_in_the_range_stay_as_they_are():
    proposal = balanced(town_with())
    assert proposal.moved == 0
    assert list(proposal.grids["code"]) == list(GRIDS.index)
    assert all(shapely.equals(proposal.grids.set_index("code").geometry, GRIDS))


# Blocks have a quarter of their grid, houses a sixteenth: 700 are best parted in two, 80 best joined with a neighbour.
@pytest.mark.parametrize(("weight", "most"), [(560, 70), (640, 320), (240, 100), (160, 200), (700, 350), (80, 80)])
def test_one_grid_out_of_the_range_moves_few_households(weight, most):
    proposal = balanced(town_with(g6=weight))
    assert not len(proposal.flagged)
    assert proposal.moved <= most <= 0.2 * proposal.grids["weight"].sum()
    assert not find_defects(proposal.grids.geometry, outline=shapely.union_all(GRIDS.to_numpy()))
    assert shapely.union_all(proposal.grids.geometry.to_numpy()).equals(shapely.union_all(GRIDS.to_numpy()))


def test_where_neighbours_are_full_households_go_on_to_the_next():
    proposal = balanced(town_with(g5=540, g1=500, g6=500))
    assert not len(proposal.flagged)
    assert proposal.moved <= 0.2 * proposal.grids["weight"].sum()


def test_where_all_are_full_a_new_grid_is_made():
    proposal = balanced(town_with(**{f"g{n}": 620 if n == 6 else 500 for n in range(1, 9)}))
    assert not len(proposal.flagged)
    assert list(proposal.grids["code"]) == [*GRIDS.index, "new-1"]


def test_households_that_fit_no_number_of_grids_are_explained():
    proposal = balanced(town_with(g1=240), GRIDS[["g1"]])
    assert "g1 has 240 households in one piece: 60 fewer than a grid needs" in str(proposal.notes[0])
    assert list(proposal.flagged["code"]) == ["g1"]
    assert proposal.moved == 0


def test_a_grid_that_its_neighbours_cannot_help_is_named():
    apart = GRIDS[["g1", "g3"]]
    proposal = balanced(town_with(g1=240), apart)
    assert "Grid g1 stays at 240 households" in str(proposal.notes[0])


def test_the_same_seed_gives_the_same_bytes():
    town = town_with(g6=560)
    first, second = (balanced(town, seed=3).grids.geometry.to_wkb() for _ in range(2))
    assert first.equals(second)


def test_the_engine_takes_a_proposal_as_an_edit():
    town = town_with(g6=700, g2=480)
    grids = balanced(town).grids
    sheet = Sheet([Plot(code, shape, "A", "urban", 400) for code, shape in GRIDS.items()])
    parts = tuple(Part(row.code, row.geometry, "urban", int(row.weight)) for row in grids.itertuples())
    applied = work_out(sheet, Redraw(tuple(GRIDS.index), parts))
    assert set(applied.after) <= set(grids["code"]) | set(GRIDS.index)


def test_a_grid_in_two_pieces_is_refused():
    torn = GRIDS.copy()
    torn["g1"] = shapely.union(GRIDS["g1"], at(shapely.box(3_000, 0, 3_010, 10)))
    with pytest.raises(GeodataError, match="Grid g1 is not one valid polygon"):
        balanced(town_with(), torn)
