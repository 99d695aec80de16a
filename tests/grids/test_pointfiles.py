"""Columns of answers beside the columns of a table: every row is kept, and what is wrong with it is said."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.crs import shapes_to_lonlat
from geodata.datum import gcj02_to_bd09, wgs84_to_gcj02
from gridmap.errors import Invalid
from gridmap.grids.pointfiles import GridSet, PointLocator
from tests.worlds import CODE, SQUARES, SRID, point, square


@pytest.fixture
def grids() -> GridSet:
    #   A B
    #   C D     squares of 500 m, in the order of their codes from the top
    #   E F
    planes = np.array([square(column, row) for _, column, row in SQUARES.values()], dtype=object)
    frame = gpd.GeoDataFrame({"code": list(CODE.values())}, geometry=shapes_to_lonlat(planes, SRID), crs=4326)
    return GridSet.of_frame(frame, frame["code"])


def table(*places: tuple[float, float] | None, **columns: list[object]) -> gpd.GeoDataFrame:
    shapes = [None if place is None else shapely.Point(*place) for place in places]
    index = pd.RangeIndex(1, len(places) + 1)
    return gpd.GeoDataFrame(columns, index=index, geometry=gpd.GeoSeries(shapes, index=index, crs=4326))


def test_every_row_gets_its_grid_and_its_status(grids):
    locator = PointLocator(grids)
    found = locator.answer(table(point(0.5, 2.5), point(1.5, 0.5), point(2.5, 0.5)))
    assert found["grid"].fillna("none").tolist() == [CODE["A"], CODE["F"], "none"]
    assert found["status"].tolist() == ["inside", "inside", "outside"]
    assert found["reason"].isna().all()
    assert locator.counts == {"inside": 2, "outside": 1}


def test_on_a_shared_edge_the_lowest_code_wins_whatever_the_order_of_the_rows(grids):
    corner = point(1, 2)
    assert PointLocator(grids).answer(table(corner))["grid"].tolist() == [CODE["A"]]
    assert PointLocator(grids).answer(table(corner))["status"].tolist() == ["edge"]
    codes = pd.Series(list(CODE.values())[::-1])
    frame = gpd.GeoDataFrame({"code": codes}, geometry=list(grids.shapes)[::-1], crs=4326)
    backwards = GridSet.of_frame(frame, codes)
    assert PointLocator(backwards).answer(table(corner))["grid"].tolist() == [CODE["A"]]


def test_what_cannot_be_meant_is_unplaced_with_the_reason(grids):
    lon, lat = point(0.5, 0.5)
    found = PointLocator(grids).answer(
        table(None, (lat, lon), (0.0, 0.0), (518000.0, 3954000.0), (float("nan"), lat), (lon + 2, lat))
    )
    assert found["status"].tolist() == ["unplaced"] * 5 + ["outside"]
    assert found["grid"].isna().all()
    says = ["no coordinates", "swapped", "0, 0", "projected", "no coordinates", "50 km outside"]
    assert all(word in reason for word, reason in zip(says, found["reason"], strict=True))


def test_a_shape_that_is_no_point_is_unplaced(grids):
    line = gpd.GeoDataFrame(geometry=[shapely.LineString([point(0, 0), point(1, 1)])], crs=4326)
    found = PointLocator(grids).answer(line)
    assert found["status"].tolist() == ["unplaced"]
    assert "not a point" in found["reason"].iloc[0]


def test_reasons_are_in_the_language_of_the_reader(grids):
    assert "经纬度" in PointLocator(grids, locale="zh-CN").answer(table(point(0.5, 0.5)[::-1]))["reason"].iloc[0]


def test_an_accuracy_adds_what_the_answer_is_worth(grids):
    found = PointLocator(grids, "acc").answer(
        table(point(0.5, 2.5), point(1.02, 1.5), point(0.5, 1.5), acc=["5", "20", "rubbish"])
    )
    assert found["grid"].tolist() == [CODE["A"], CODE["D"], CODE["C"]]
    assert found["certainty"].tolist() == ["sure", "likely", "sure"]
    assert found["second_grid"].tolist()[1] == CODE["C"]
    first, second = found["probability"].iloc[1], found["second_probability"].iloc[1]
    assert 0.6 < first < 0.9
    assert first + second == pytest.approx(1, abs=1e-6)


def test_without_an_accuracy_no_probability_is_claimed(grids):
    assert "probability" not in PointLocator(grids).answer(table(point(0.5, 0.5))).columns


def test_a_table_that_has_such_columns_keeps_them(grids):
    found = PointLocator(grids).answer(table(point(0.5, 2.5), grid=["mine"], status=["new"]))
    assert found["grid_given"].tolist() == ["mine"]
    assert found["status_given"].tolist() == ["new"]
    assert found["grid"].tolist() == [CODE["A"]]


def shifted() -> gpd.GeoDataFrame:
    """Thirty points along the rim of the town as a map of another datum has them."""
    rim = [point(0.02, y) for y in np.linspace(0.05, 2.95, 15)] + [point(x, 0.02) for x in np.linspace(0.05, 1.95, 15)]
    lon, lat = np.array(rim).T
    return table(*zip(*gcj02_to_bd09(*wgs84_to_gcj02(lon, lat)), strict=True))


def test_points_of_a_shifted_datum_are_named_and_not_located_somewhere_else(grids):
    found = PointLocator(grids).answer(shifted())
    assert set(found["status"]) == {"unplaced"}
    assert found["reason"].str.contains("--datum bd09").all()
    assert found["grid"].isna().all()


def test_whoever_declares_the_datum_is_believed(grids):
    assert set(PointLocator(grids, datum="wgs84").answer(shifted())["status"]) <= {"inside", "outside", "edge"}


def test_grids_are_polygons():
    lines = gpd.GeoDataFrame({"code": ["1"]}, geometry=[shapely.LineString([(0, 0), (1, 1)])], crs=4326)
    with pytest.raises(Invalid, match="Grids are polygons; this file holds LineString"):
        GridSet.of_frame(lines, lines["code"])
    with pytest.raises(Invalid, match="holds no polygons"):
        GridSet.of_frame(lines.set_geometry([None]), lines["code"])
