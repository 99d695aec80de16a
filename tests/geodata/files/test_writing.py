"""Files that others can open, that harm nobody, and that are whole or not there."""

from __future__ import annotations

import csv
import json
import zipfile
from datetime import UTC, datetime

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from geodata.errors import Unwritable
from geodata.files import SUFFIXES, write

FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "\r=1"]


@pytest.fixture
def tricky() -> gpd.GeoDataFrame:
    texts = [*FORMULAS, "-12.5", "+8613800138000", "a=b", ""]
    return gpd.GeoDataFrame(
        {"=name": texts, "n": range(len(texts))}, geometry=gpd.points_from_xy([114.2] * 10, [35.7] * 10)
    )


def test_no_text_of_a_csv_becomes_a_formula(tmp_path, tricky):
    write(tricky, tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["'=name", "n", "lon", "lat"]
    assert [row[0] for row in rows] == [*(f"'{text}" for text in FORMULAS), "-12.5", "+8613800138000", "a=b", ""]
    assert rows[0][1:] == ["0", "114.2", "35.7"]


def test_no_text_of_a_workbook_becomes_a_formula(tmp_path, tricky):
    write(tricky, tmp_path / "a.xlsx")
    header, *rows = openpyxl.load_workbook(tmp_path / "a.xlsx").active.iter_rows()
    assert [cell.value for cell in header] == ["'=name", "n", "lon", "lat"]
    assert [row[0].value for row in rows][:2] == ["'=1+1", "'+cmd|' /C calc'!A0"]
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "inlineStr"}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_is_whole_or_not_there(tmp_path, blocks, suffix):
    path = tmp_path / f"a{suffix}"
    write(blocks, path)
    before = path.read_bytes()

    def frames():
        yield blocks
        raise RuntimeError("the reader broke off")

    with pytest.raises((RuntimeError, Unwritable)):
        write(frames(), path)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


def test_geojson_turns_its_rings_and_rounds_to_nine_decimals(tmp_path, blocks):
    write(blocks, tmp_path / "a.geojson")
    first = json.loads((tmp_path / "a.geojson").read_text())["features"][0]
    assert first["properties"] == {"code": "001", "名称": "东关", "households": 310, "share": 0.5}
    ring = shapely.LinearRing(first["geometry"]["coordinates"][0])
    assert ring.is_ccw
    assert all(len(repr(x).partition(".")[2]) <= 9 for at in ring.coords for x in at)


def test_names_cut_by_a_shapefile_are_told(tmp_path, blocks):
    frame = blocks.rename(columns={"code": "community_code", "households": "community_count", "名称": "网格员姓名"})
    notes = write(frame, tmp_path / "a.shp.zip")
    assert "community_code → community_, 网格员姓名 → 网格员, community_count → community1" in str(notes[0])
    with zipfile.ZipFile(tmp_path / "a.shp.zip") as package:
        assert sorted(package.namelist()) == ["a.cpg", "a.dbf", "a.prj", "a.shp", "a.shx"]
        assert package.read("a.cpg") == b"UTF-8"


def test_long_text_cut_by_a_shapefile_is_told(tmp_path, blocks):
    notes = write(blocks.assign(note="长" * 100), tmp_path / "a.shp.zip")
    assert [str(note) for note in notes] == ["A shapefile keeps 254 bytes of a text; note was cut."]


@pytest.mark.parametrize("name", ["a.txt", "a", "a.shp", "a.gml"])
def test_an_unknown_suffix_names_those_that_are_known(tmp_path, blocks, name):
    with pytest.raises(Unwritable, match=r"\.geojson \.kml \.csv \.xlsx"):
        write(blocks, tmp_path / name)


def test_what_cannot_be_written_is_said(tmp_path, blocks):
    with pytest.raises(Unwritable, match="in WGS 84 always"):
        write(blocks, tmp_path / "a.geojson", crs="EPSG:4547")
    with pytest.raises(Unwritable, match="no directory"):
        write(blocks, tmp_path / "none" / "a.csv")
    with pytest.raises(Unwritable, match="nothing to write"):
        write(iter([]), tmp_path / "a.csv")


def test_a_table_keeps_its_own_columns_of_places(tmp_path, blocks):
    points = blocks.set_geometry(blocks.centroid).assign(lng=1.0, lat=2.0)
    write(points, tmp_path / "a.csv")
    assert list(pd.read_csv(tmp_path / "a.csv").columns) == ["code", "名称", "households", "share", "lng", "lat"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_moments_and_gaps_are_written_in_every_format(tmp_path, blocks, suffix):
    at = [datetime(2026, 11, 21, 8, tzinfo=UTC), None, datetime(2026, 11, 22, tzinfo=UTC)]
    frame = blocks.assign(at=pd.to_datetime(pd.Series(at), utc=True), flag=[True, None, False], text=["a", None, "b"])
    write(frame, tmp_path / f"a{suffix}")
    assert (tmp_path / f"a{suffix}").stat().st_size > 0


def test_a_table_without_shapes_is_written_too(tmp_path):
    write(pd.DataFrame({"code": ["001"]}), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == b"code\r\n001\r\n"
