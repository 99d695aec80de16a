"""`gridmap partition` and `gridmap zones` on plain files."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.crs import shapes_to_lonlat
from tests.geodata.partition.small_towns import SRID, Town, at, draw_town

#   two communities of eight blocks: 9 houses a block, 12 households each
ROWS = ("AABB", "AABB", "AABB", "AABB")


def write(path, shapes, **columns):
    frame = gpd.GeoDataFrame(columns, geometry=shapes_to_lonlat(list(shapes), SRID), crs=4326)
    frame.to_file(path)
    return path


@pytest.fixture
def town() -> Town:
    return draw_town(ROWS, np.full((16, 9), 12))


@pytest.fixture
def files(town, tmp_path):
    """The words of the command, but for the output."""

    def files(households=town.households):
        return [
            "partition",
            *("--boundary", write(tmp_path / "areas.geojson", town.communities, code=list(town.communities.index))),
            *("--units", write(tmp_path / "houses.gpkg", town.houses, hh=households)),
            *("--weight", "hh"),
            *("--barriers", write(tmp_path / "streets.fgb", town.streets.geometry, rank=list(town.streets["rank"]))),
        ]

    return files


def test_grids_are_written_with_code_weight_and_compactness(gridmap, files, tmp_path):
    code, out, said = gridmap(*files(), "-o", tmp_path / "grids.geojson")
    assert code == 0, said
    grids = gpd.read_file(tmp_path / "grids.geojson")
    assert {"code", "weight", "compactness", "community"} <= set(grids.columns)
    assert list(grids["code"]) == [f"{name}{n:03d}" for name in "AB" for n in (1, 2)]
    assert grids["weight"].between(300, 500).all()
    assert grids["compactness"].between(0.3, 1).all()
    assert "border on barriers" in out
    assert "100.0%" in out
    assert gridmap("check", tmp_path / "grids.geojson", "--district", tmp_path / "areas.geojson")[0] == 0


def test_with_rural_each_village_is_a_grid_whatever_its_size(gridmap, files, tmp_path, town):
    """In each community the households of a row of blocks: two rows are left empty between the villages."""
    rows = np.repeat([[1], [0], [0], [1]], 4, axis=1).ravel()
    households = (np.full((16, 9), 60) * rows[:, None]).ravel()
    code, out, said = gridmap(*files(households), "--rural", "--json", "-o", tmp_path / "grids.geojson")
    assert code == 0, said
    told = json.loads(out)
    assert [grid["weight"] for grid in told["grids"]] == [1080] * 4
    assert gridmap(*files(households), "--rural", "--reach", 500, "-o", tmp_path / "one.geojson")[0] == 0
    assert len(gpd.read_file(tmp_path / "one.geojson")) == 2


def test_the_same_seed_writes_the_same_bytes(gridmap, files, tmp_path):
    for name in ("one", "two"):
        gridmap(*files(), "--seed", 7, "-o", tmp_path / f"{name}.geojson")
    one, two = ((tmp_path / f"{name}.geojson").read_bytes() for name in ("one", "two"))
    assert one == two


def test_todays_grids_stand_beside_with_the_households_that_move(gridmap, files, tmp_path, town):
    today = write(tmp_path / "today.geojson", [town.communities["A"], town.communities["B"]])
    code, out, _ = gridmap(*files(), "--keep", today, "--json", "-o", tmp_path / "grids.gpkg")
    told = json.loads(out)
    assert code == 0
    assert (told["proposed"]["grids"], told["proposed"]["in_range"]) == (4, 4)
    assert (told["today"]["grids"], told["today"]["in_range"]) == (2, 0)
    assert told["today"]["most"] == 864
    assert 0 < told["moved"] < 1728


def test_a_community_of_560_households_is_explained_and_the_exit_code_is_1(gridmap, files, tmp_path, town):
    in_a = shapely.covers(town.communities["A"], town.houses.to_numpy())
    households = np.where(in_a, 7, 12)
    households[np.flatnonzero(in_a)[:2]] += 28
    code, out, _ = gridmap(*files(households), "-o", tmp_path / "grids.geojson")
    assert code == 1
    assert "A has 560 households in one piece: divided by 1 they are 60 too many, divided by 2 40 too few" in out
    assert "Out of the range: A00" in out


def test_people_read_chinese(gridmap, files, tmp_path, monkeypatch):
    monkeypatch.setenv("GRIDMAP_LANGUAGE", "zh-CN")
    _, out, said = gridmap(*files(np.full(144, 1)), "-o", tmp_path / "grids.geojson")
    assert "户" in out
    assert "households" not in out
    assert "Laying" not in said


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--weight", "people"], "has no column people"),
        (["--min", "500", "--max", "300"], "is no range of households"),
        (["--boundary", "nowhere.geojson"], "does not exist"),
    ],
)
def test_bad_usage_is_a_sentence_and_the_exit_code_is_2(gridmap, files, tmp_path, more, sentence):
    code, _, said = gridmap(*files(), *more, "-o", tmp_path / "grids.geojson")
    assert code == 2
    assert sentence in said
    assert not (tmp_path / "grids.geojson").exists()


def test_a_boundary_without_codes_gives_plain_numbers(gridmap, files, tmp_path, town):
    whole = write(tmp_path / "whole.geojson", [shapely.union_all(town.communities.to_numpy())])
    assert gridmap(*files(), "--boundary", whole, "-o", tmp_path / "grids.geojson")[0] == 0
    assert gpd.read_file(tmp_path / "grids.geojson")["code"].iloc[0] == "001"


@pytest.fixture
def townships(tmp_path):
    squares = [at(shapely.box(x * 900, y * 900, x * 900 + 900, y * 900 + 900)) for y in (1, 0) for x in range(5)]
    skills = ["fire", "flood;fire", "clinic", "", "school"] * 2
    people = list(range(100, 1100, 100))
    return write(tmp_path / "townships.geojson", squares, code=list("abcdefghij"), people=people, skills=skills)


def test_ten_townships_become_four_zones(gridmap, townships, tmp_path):
    code, out, _ = gridmap("zones", townships, "--weight", "people", "--count", 4, "-o", tmp_path / "zones.geojson")
    assert code == 0
    assert "Every way that could be the most even was looked at." in out
    zones = gpd.read_file(tmp_path / "zones.geojson")
    assert set(zones["zone"]) == {1, 2, 3, 4}
    assert len(zones.dissolve("zone").explode()) == 4


def test_with_skills_each_way_of_the_front_has_its_column(gridmap, townships, tmp_path):
    words = ["zones", townships, "--weight", "people", "--count", 3, "--skills", "skills", "--json"]
    code, out, _ = gridmap(*words, "-o", tmp_path / "zones.geojson")
    front = json.loads(out)["front"]
    assert code == 0
    assert len(front) > 1
    assert [way["complementarity"] for way in front] == sorted(way["complementarity"] for way in front)
    assert f"zone_{len(front)}" in gpd.read_file(tmp_path / "zones.geojson").columns


def test_more_zones_than_areas_is_a_sentence(gridmap, townships, tmp_path):
    code, _, said = gridmap("zones", townships, "--weight", "people", "--count", 11, "-o", tmp_path / "zones.geojson")
    assert code == 2
    assert "10 areas cannot make 11 zones." in said
