"""`gridmap locate`, as a person types it: plain files in, plain files out."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy.orm import Session

from geodata.crs import shapes_to_lonlat, to_lonlat
from gridmap.cli import locate as command
from gridmap.database import make_engine
from tests.worlds import BOTTOM, CODE, LEFT, SIDE, SQUARES, SRID, build_town, point, square


@pytest.fixture
def grids(tmp_path) -> Path:
    planes = np.array([square(column, row) for _, column, row in SQUARES.values()], dtype=object)
    frame = gpd.GeoDataFrame({"code": list(CODE.values())}, geometry=shapes_to_lonlat(planes, SRID), crs=4326)
    frame.to_file(tmp_path / "grids.gpkg")
    return tmp_path / "grids.gpkg"


@pytest.fixture
def points(tmp_path) -> Path:
    """A thousand points over the town and around it, some of them no points at all."""
    rng = np.random.default_rng(7)
    x, y = LEFT + rng.uniform(-0.5, 2.5, 1000) * SIDE, BOTTOM + rng.uniform(-0.5, 3.5, 1000) * SIDE
    lon, lat = to_lonlat(x, y, SRID)
    frame = pd.DataFrame({"编号": np.arange(1000), "经度": lon, "纬度": lat, "备注": "=1+1"})
    frame.loc[[3, 500], "经度"] = np.nan
    frame.to_csv(tmp_path / "points.csv", index=False)
    return tmp_path / "points.csv"


def joined(points: Path, grids: Path) -> pd.Series:
    """What geopandas says to the same question."""
    table = pd.read_csv(points)
    shapes = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["经度"], table["纬度"]), crs=4326)
    return gpd.sjoin(shapes, gpd.read_file(grids), how="left", predicate="within")["code"].fillna("")


def test_a_file_comes_back_with_the_grid_of_every_row(gridmap, grids, points, tmp_path, monkeypatch):
    monkeypatch.setattr(command, "_AT_ONCE", 300)  # in four portions
    code, out, said = gridmap("locate", points, "-o", tmp_path / "out.csv", "--grids", grids)
    assert (code, said) == (0, "")
    found = pd.read_csv(tmp_path / "out.csv", dtype=str, keep_default_na=False)
    assert found["grid"].tolist() == joined(points, grids).tolist()
    assert found["编号"].tolist() == [str(n) for n in range(1000)]
    counts = found["status"].value_counts()
    assert counts["unplaced"] == 2
    assert out.startswith(f"1,000 rows: {counts['inside']} inside a grid, 0 on an edge, {counts['outside']} outside")
    assert "2 × The row has no coordinates" in out


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".fgb", ".parquet", ".xlsx", ".kml", ".shp.zip"])
def test_every_format_that_is_known_can_be_written_and_located_again(gridmap, grids, points, tmp_path, suffix):
    first, again = tmp_path / f"first{suffix}", tmp_path / "again.csv"
    assert gridmap("locate", points, "-o", first, "--grids", grids)[0] == 0
    assert gridmap("locate", first, "-o", again, "--grids", grids)[0] == 0
    found = pd.read_csv(again, dtype=str, keep_default_na=False)
    assert found["grid"].tolist() == joined(points, grids).tolist()


def test_programs_get_figures(gridmap, grids, points, tmp_path):
    _, out, _ = gridmap("locate", points, "-o", tmp_path / "o.csv", "--grids", grids, "--json")
    told = json.loads(out)
    assert told["rows"] == 1000
    assert told["inside"] + told["edge"] + told["outside"] + told["unplaced"] == 1000


def test_an_accuracy_adds_certainty_and_probability(gridmap, grids, points, tmp_path):
    table = pd.read_csv(points).assign(acc=25)
    table.to_csv(points, index=False)
    gridmap("locate", points, "-o", tmp_path / "o.csv", "--grids", grids, "--accuracy", "acc", "--accuracy-is", "ios")
    found = pd.read_csv(tmp_path / "o.csv")
    assert set(found["certainty"].dropna()) == {"sure", "likely", "review"}
    assert found["probability"].dropna().between(0, 1).all()
    assert {"second_grid", "second_probability"} <= set(found.columns)


def test_projected_columns_are_located_once_they_are_declared(gridmap, grids, tmp_path):
    table = pd.DataFrame({"东": [LEFT + 250, LEFT + 750], "北": [BOTTOM + 250, BOTTOM + 1250]})
    table.to_csv(tmp_path / "p.csv", index=False)
    words = ("locate", tmp_path / "p.csv", "-o", tmp_path / "o.csv", "--grids", grids, "--x", "东", "--y", "北")
    assert "projected metres" in gridmap(*words)[1]
    gridmap(*words, "--crs", "EPSG:4547")
    assert pd.read_csv(tmp_path / "o.csv", dtype=str)["grid"].tolist() == [CODE["E"], CODE["B"]]


def test_the_grids_of_the_database_are_asked_as_of_a_day(gridmap, fresh_database, monkeypatch, tmp_path):
    engine = make_engine(fresh_database.owner)
    with Session(engine) as db, db.begin():
        build_town(db)
    engine.dispose()
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", fresh_database.app)
    lon, lat = point(0.5, 2.5)
    pd.DataFrame({"lon": [lon], "lat": [lat]}).to_csv(tmp_path / "p.csv", index=False)
    assert gridmap("locate", tmp_path / "p.csv", "-o", tmp_path / "o.csv")[0] == 0
    assert pd.read_csv(tmp_path / "o.csv", dtype=str)["grid"].tolist() == [CODE["A"]]
    code, _, said = gridmap("locate", tmp_path / "p.csv", "-o", tmp_path / "before.csv", "--as-of", "2024-12-01")
    assert code == 2
    assert said.startswith("No boundaries were in force then.")
    assert not (tmp_path / "before.csv").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("-o", "o.csv", "--grids", "G", "--as-of", "2025-01-01"), "Leave one of the two out."),
        (("-o", "o.csv", "--grids", "G", "--x", "经度"), "Name both columns"),
        (("-o", "o.csv", "--grids", "G", "--x", "a", "--y", "b"), "a"),
        (("-o", "o.csv", "--grids", "G", "--accuracy", "acc"), "no column acc. It has: 编号, 经度, 纬度, 备注"),
        (("-o", "o.csv", "--grids", "G", "--code", "nr"), "no column nr. It has: code."),
        (("-o", "o.doc", "--grids", "G"), "ends in no suffix that is known"),
        (("-o", "o.csv", "--grids", "P"), "Grids are polygons; this file holds Point"),
        (("-o", "o.csv", "--grids", "G", "--crs", "EPSG:0"), "is no coordinate system"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_leaves_no_file(
    gridmap, grids, points, tmp_path, monkeypatch, words, sentence
):
    monkeypatch.chdir(tmp_path)
    named = {"G": str(grids), "P": str(points)}
    code, out, said = gridmap("locate", points, *(named.get(word, word) for word in words))
    assert (code, out) == (2, "")
    assert sentence in said
    assert said.count("\n") == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["grids.gpkg", "points.csv"]


def test_a_row_that_is_no_point_stays_and_is_told(gridmap, grids, tmp_path):
    shapes = [shapely.Point(point(0.5, 0.5)), shapely.LineString([point(0, 0), point(1, 1)])]
    gpd.GeoDataFrame({"n": [1, 2]}, geometry=shapes, crs=4326).to_file(tmp_path / "mixed.geojson")
    gridmap("locate", tmp_path / "mixed.geojson", "-o", tmp_path / "o.csv", "--grids", grids)
    found = pd.read_csv(tmp_path / "o.csv", dtype=str)
    assert found["status"].tolist() == ["inside", "unplaced"]
