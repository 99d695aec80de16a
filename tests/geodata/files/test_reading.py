"""What districts send is read as it is meant: letters, codes, coordinates, rows."""

from __future__ import annotations

import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from geodata.crs import shapes_to_plane
from geodata.datum import gcj02_to_bd09, wgs84_to_gcj02
from geodata.errors import GeodataError, Undeclared
from geodata.files import LOCAL, SUFFIXES, Given, batches, count_rows, describe, read, write

FORMAT = {".geojson": "GeoJSON", ".kml": "KML", ".csv": "CSV", ".xlsx": "XLSX", ".parquet": "Parquet",
          ".gpkg": "GeoPackage", ".fgb": "FlatGeobuf", ".shp.zip": "Shapefile"}  # fmt: skip


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_written_is_read_back_whatever_the_file_is_called(tmp_path, blocks, suffix):
    write(blocks, tmp_path / f"blocks{suffix}")
    renamed = (tmp_path / f"blocks{suffix}").rename(tmp_path / "upload.bin")
    frame = read(renamed)
    assert frame.attrs["layer"].format == FORMAT[suffix]
    assert list(frame.index) == [1, 2, 3]
    assert list(frame["code"]) == list(blocks["code"])
    assert list(frame["名称"]) == list(blocks["名称"])
    assert [int(n) for n in frame["households"]] == list(blocks["households"])
    assert frame.crs.to_epsg() == 4326
    assert max(shapely.hausdorff_distance(frame.geometry.to_numpy(), blocks.geometry.to_numpy())) < 1e-12


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb", ".parquet", ".shp.zip"])
def test_plane_coordinates_come_back_as_degrees(tmp_path, blocks, suffix):
    write(blocks, tmp_path / f"a{suffix}", crs="EPSG:4547")
    frame = read(tmp_path / f"a{suffix}")
    assert frame.attrs["layer"].crs == "EPSG:4547"
    assert max(shapely.hausdorff_distance(frame.geometry.to_numpy(), blocks.geometry.to_numpy())) < 1e-9


ESRI = CRS.from_epsg(4547).to_wkt("WKT1_ESRI")


def remade(path: Path, target: Path, **parts: bytes | None) -> Path:
    """The shapefile of a zip with other parts; None leaves one out."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = parts.get(name.rpartition(".")[2], old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target


def in_letters(dbf: bytes, encoding: str, language: int) -> bytes:
    """A .dbf of one column with its text in another code page, at the same width."""
    for text in ("东关", "西关", "南关", "名称"):
        old, new = text.encode(), text.encode(encoding)
        dbf = dbf.replace(old, new + (b"\0" if text == "名称" else b" ") * (len(old) - len(new)))
    return dbf[:29] + bytes([language]) + dbf[30:]


@pytest.mark.parametrize(
    ("language", "cpg", "told"),
    [
        (0, b"GBK", "GB18030"),
        (0, b"936\r\n", "GB18030"),
        (0x4D, None, "GB18030"),
        (0x57, None, "GB18030"),
        (0, None, "GB18030"),
    ],
)
def test_chinese_shapefiles_are_read_in_their_own_letters(tmp_path, blocks, language, cpg, told):
    write(blocks, tmp_path / "a.shp.zip")
    with zipfile.ZipFile(tmp_path / "a.shp.zip") as package:
        dbf = in_letters(package.read("a.dbf"), "gb18030", language)
    frame = read(remade(tmp_path / "a.shp.zip", tmp_path / "b.shp.zip", dbf=dbf, cpg=cpg))
    assert list(frame["名称"]) == ["东关", "西关", "南关"]
    assert frame.attrs["layer"].encoding == told


def test_a_shapefile_that_says_nothing_of_its_letters_may_be_utf_8(tmp_path, blocks):
    write(blocks, tmp_path / "a.shp.zip")
    with zipfile.ZipFile(tmp_path / "a.shp.zip") as package:
        dbf = package.read("a.dbf")
    frame = read(remade(tmp_path / "a.shp.zip", tmp_path / "b.shp.zip", dbf=dbf[:29] + b"\0" + dbf[30:], cpg=None))
    assert list(frame["名称"]) == ["东关", "西关", "南关"]


def test_the_esri_spelling_of_a_chinese_zone_is_known(tmp_path, blocks):
    write(blocks, tmp_path / "a.shp.zip", crs="EPSG:4547")
    frame = read(remade(tmp_path / "a.shp.zip", tmp_path / "b.shp.zip", prj=ESRI.encode()))
    assert frame.attrs["layer"].crs == "EPSG:4547"
    assert frame.total_bounds == pytest.approx(blocks.total_bounds, abs=1e-9)


def test_a_shapefile_without_a_system_is_read_as_declared(tmp_path, blocks):
    write(blocks, tmp_path / "a.shp.zip", crs="EPSG:4547")
    bare = remade(tmp_path / "a.shp.zip", tmp_path / "b.shp.zip", prj=None)
    with pytest.raises(Undeclared):
        read(bare)
    assert read(bare, given=Given(crs="EPSG:4547")).total_bounds == pytest.approx(blocks.total_bounds, abs=1e-9)


def test_a_plain_shapefile_is_read_with_what_stands_beside_it(tmp_path, blocks):
    write(blocks, tmp_path / "a.shp.zip")
    with zipfile.ZipFile(tmp_path / "a.shp.zip") as package:
        package.extractall(tmp_path)
    assert list(read(tmp_path / "a.shp", limits=LOCAL)["code"]) == ["001", "002", "003"]


def test_a_system_without_a_known_way_is_refused_rather_than_guessed(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n500000,3950000\n")
    with pytest.raises(GeodataError, match="no way of known accuracy"):
        read(tmp_path / "a.csv", given=Given(crs="EPSG:2383"))


def test_shifted_datums_are_unshifted_where_they_are_declared(tmp_path):
    lon, lat = np.array([114.2, 114.25]), np.array([35.7, 35.75])
    for datum, shifted in (("gcj02", wgs84_to_gcj02(lon, lat)), ("bd09", gcj02_to_bd09(*wgs84_to_gcj02(lon, lat)))):
        pd.DataFrame({"lng": shifted[0], "lat": shifted[1]}).to_csv(tmp_path / "a.csv", index=False)
        frame = read(tmp_path / "a.csv", given=Given(datum=datum))
        assert frame.attrs["layer"].datum == datum
        assert frame.geometry.x.to_numpy() == pytest.approx(lon, abs=1e-9)
        assert frame.geometry.y.to_numpy() == pytest.approx(lat, abs=1e-9)
        assert read(tmp_path / "a.csv").geometry.x.to_numpy() == pytest.approx(shifted[0], abs=1e-12)


CODES = """\
id,code,zero,long,whole,part,mixed,phone
7,990106001001001,0012,1234567890123456,12,1.50,1,13800138000
8,9,5,6,,2,a,1
"""


def test_codes_keep_their_digits_and_figures_become_numbers(tmp_path):
    (tmp_path / "a.csv").write_text(CODES)
    frame = read(tmp_path / "a.csv")
    assert list(frame["code"]) == ["990106001001001", "9"]
    assert list(frame["zero"]) == ["0012", "5"]
    assert list(frame["long"]) == ["1234567890123456", "6"]
    assert frame["whole"][1] == 12
    assert frame["whole"].isna()[2]
    assert list(frame["part"]) == [1.5, 2.0]
    assert list(frame["mixed"]) == ["1", "a"]
    assert list(frame["phone"]) == ["13800138000", "1"]
    assert frame["id"].dtype == np.int64


def test_a_stream_of_a_csv_keeps_its_cells_as_they_are(tmp_path):
    (tmp_path / "a.csv").write_text(CODES)
    (frame,) = batches(tmp_path / "a.csv")
    assert list(frame["part"]) == ["1.50", "2"]
    assert list(frame["whole"]) == ["12", ""]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_tables_in_usual_letters_and_delimiters_are_read(tmp_path, encoding, delimiter):
    text = '名称,经度,纬度\n"东关,一里",114.2,35.7\n西关,114.3,35.8\n'.replace(",", delimiter)
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    frame = read(tmp_path / "a.txt")
    assert list(frame.columns) == ["名称", "经度", "纬度", "geometry"]
    assert frame["名称"][1] == f"东关{delimiter}一里"
    assert list(frame.geometry.x) == [114.2, 114.3]


@pytest.mark.parametrize(
    ("x", "y"), [("lng", "lat"), ("Longitude", "LATITUDE"), ("经度", "纬度"), ("X", "Y"), ("东坐标", "北坐标")]
)
def test_columns_of_places_are_found_by_their_usual_names(tmp_path, x, y):
    (tmp_path / "a.csv").write_text(f"{y},{x}\n35.7,114.2\n")
    assert read(tmp_path / "a.csv").geometry[1].coords[0] == (114.2, 35.7)


def test_columns_of_places_can_be_named(tmp_path):
    (tmp_path / "a.csv").write_text("a,b,lon,lat\n114.2,35.7,0,0\n")
    assert read(tmp_path / "a.csv", x="a", y="b").geometry[1].coords[0] == (114.2, 35.7)
    with pytest.raises(GeodataError, match=r"no column c\. The columns are: a, b, lon, lat"):
        read(tmp_path / "a.csv", x="c", y="b")


def test_a_table_without_places_is_a_frame_without_places(tmp_path):
    (tmp_path / "a.csv").write_text("code,name\n1,a\n")
    frame = read(tmp_path / "a.csv")
    assert isinstance(frame, gpd.GeoDataFrame)
    assert frame.geometry.isna().all()


def test_well_known_text_is_a_shape(tmp_path):
    (tmp_path / "a.csv").write_text('name,wkt\na,"POLYGON ((0 0, 1 0, 1 1, 0 0))"\nb,\nc,hello\n')
    frame = read(tmp_path / "a.csv")
    assert frame.geometry[1].area == 0.5
    assert frame.geometry.isna().tolist() == [False, True, True]


# A sheet knows no zones.
MORNING = datetime.fromisoformat("2026-11-21T08:00:00")


def test_a_workbook_gives_what_its_cells_show(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "网格"
    sheet.append(["code", "n", "share", "day", "mixed", " 名称 ", "名称"])
    sheet.append(["0012", 3, 0.5, MORNING, 7, "东关", "a"])
    sheet.append([])
    sheet.append(["0013", None, 2, MORNING + timedelta(days=1), "x", None, "b"])
    book.create_sheet("second").append(["a"])
    book.save(tmp_path / "a.xlsx")
    assert [layer.name for layer in describe(tmp_path / "a.xlsx")] == ["网格", "second"]
    frame = read(tmp_path / "a.xlsx")
    assert list(frame.index) == [1, 2, 3]
    assert list(frame.columns) == ["code", "n", "share", "day", "mixed", "名称", "名称_2", "geometry"]
    assert frame["code"][1] == "0012"
    assert frame["mixed"].tolist() == ["7", None, "x"]
    assert frame["n"].tolist() == [3, pd.NA, pd.NA]
    assert frame["day"][1] == MORNING
    assert len(read(tmp_path / "a.xlsx", layer="second")) == 0
    with pytest.raises(GeodataError, match=r"no layer third\. It has: 网格, second"):
        read(tmp_path / "a.xlsx", layer="third")


def test_layers_of_a_package_are_named_and_chosen(tmp_path, blocks):
    write(blocks, tmp_path / "a.gpkg")
    blocks.iloc[:1].to_file(tmp_path / "a.gpkg", layer="second", driver="GPKG", mode="a")
    assert [(layer.name, layer.count) for layer in describe(tmp_path / "a.gpkg")] == [("a", 3), ("second", 1)]
    assert len(read(tmp_path / "a.gpkg", layer="second")) == 1


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_batches_follow_each_other_without_gap(tmp_path, suffix):
    n = 2_500
    points = gpd.GeoDataFrame(
        {"n": range(n)}, geometry=gpd.points_from_xy(np.linspace(114, 115, n), [35.5] * n), crs=4326
    )
    write(points, tmp_path / f"a{suffix}")
    frames = list(batches(tmp_path / f"a{suffix}", size=1_000))
    assert [len(frame) for frame in frames] == [1_000, 1_000, 500]
    assert [int(k) for frame in frames for k in frame["n"]] == list(range(n))
    assert [k for frame in frames for k in frame.index] == list(range(1, n + 1))
    write(iter(frames), tmp_path / f"b{suffix}")
    assert len(read(tmp_path / f"b{suffix}")) == n


def test_a_stream_hands_on_places_that_cannot_be(tmp_path):
    (tmp_path / "a.csv").write_text("lon,lat\n35.7,114.2\n500000,3950000\n,\n")
    (frame,) = batches(tmp_path / "a.csv")
    assert [None if shape is None else shape.x for shape in frame.geometry] == [35.7, 500000, None]


def test_rows_are_counted_before_they_are_read(tmp_path, blocks):
    for suffix in (".csv", ".gpkg", ".parquet", ".fgb", ".shp.zip"):
        write(blocks, tmp_path / f"a{suffix}")
        assert count_rows(tmp_path / f"a{suffix}") == 3, suffix
    write(blocks, tmp_path / "a.geojson")
    assert count_rows(tmp_path / "a.geojson") is None


def test_shapes_are_the_same_in_metres(tmp_path, blocks):
    write(blocks, tmp_path / "a.parquet", crs="EPSG:4547")
    stored = gpd.read_parquet(tmp_path / "a.parquet")
    assert stored.crs.to_epsg() == 4547
    assert max(shapely.hausdorff_distance(stored.geometry.to_numpy(), shapes_to_plane(blocks.geometry, 4547))) < 1e-8


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_row_without_a_place_keeps_its_values_in_every_format(tmp_path, suffix):
    places = gpd.GeoSeries([shapely.Point(114.2, 35.7), None, shapely.Point(114.3, 35.8)], crs=4326)
    write(gpd.GeoDataFrame({"name": ["甲", "乙", "丙"]}, geometry=places), tmp_path / f"a{suffix}")
    found = read(tmp_path / f"a{suffix}")
    assert found["name"].tolist() == ["甲", "乙", "丙"]
    assert found.geometry.isna().tolist() == [False, True, False]
