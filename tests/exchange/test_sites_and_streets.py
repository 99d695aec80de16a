"""Sites, buildings and streets come in by files, each in its grid, each known again."""

from __future__ import annotations

import pytest
import shapely
from sqlalchemy import text

from tests.exchange.files import write_rows
from tests.worlds import BOTTOM, CODE, LEFT, SIDE, build_town, point


@pytest.fixture
def town(look):
    built = build_town(look)
    look.commit()
    return built


def spot(column: float, row: float) -> shapely.Point:
    return shapely.Point(LEFT + column * SIDE, BOTTOM + row * SIDE)


def site_rows():
    return [
        {"code": "s-1", "kind": "school", "name": "清河小学", "name_en": "Qinghe School", "households": 0, "storeys": 4,
         "geometry": spot(0.5, 2.5).buffer(20)},
        {"code": "s-2", "kind": "茶馆", "name": "老茶馆", "name_en": None, "households": 0, "storeys": None,
         "geometry": spot(1.5, 0.5)},
        {"code": "s-3", "kind": "park", "name": "河外公园", "name_en": None, "households": 0, "storeys": None,
         "geometry": spot(2.5, 0.5)},
    ]  # fmt: skip


def test_sites_find_their_grids(town, imported, look, tmp_path):
    answer = imported("sites", write_rows(tmp_path / "sites.geojson", site_rows()))
    assert (answer["exit"], answer["counts"]["new"]) == (0, 3), answer
    assert [row["grid"] for row in answer["preview"]] == [CODE["A"], CODE["F"], None]
    rows = look.execute(text("SELECT code, kind, names, storeys, grid_id, path::text FROM site ORDER BY code")).all()
    assert [row.grid_id for row in rows] == [town.grid_ids["A"], town.grid_ids["F"], None]
    assert [row.path for row in rows] == [town.path_of("A"), town.path_of("F"), str(town.district_id)]
    assert (rows[0].names, rows[0].storeys, rows[1].kind) == ({"en": "Qinghe School"}, 4, "茶馆")


def test_a_known_code_is_changed_and_the_rest_left_alone(town, imported, look, tmp_path):
    rows = site_rows()
    imported("sites", write_rows(tmp_path / "sites.geojson", rows))
    rows[0]["name"] = "清河中学"
    rows[1]["geometry"] = spot(0.5, 0.5)
    answer = imported("sites", write_rows(tmp_path / "sites.geojson", rows))
    assert answer["counts"] == {"new": 0, "changed": 2, "same": 1, "ended": 0}
    stored = look.execute(text("SELECT name, grid_id FROM site ORDER BY code")).all()
    assert [tuple(row) for row in stored[:2]] == [("清河中学", town.grid_ids["A"]), ("老茶馆", town.grid_ids["E"])]


def test_a_spreadsheet_with_chinese_columns_is_understood(town, imported, look, tmp_path):
    lon, lat = point(0.5, 2.5)
    table = tmp_path / "场所.csv"
    table.write_bytes(f"场所编码,场所类型,名称,经度,纬度\n007,学校,清河小学,{lon},{lat}\n".encode("gb18030"))
    assert imported("sites", table)["counts"]["new"] == 1
    assert look.execute(text("SELECT code, kind, grid_id FROM site")).one() == ("007", "school", town.grid_ids["A"])


def test_columns_of_any_name_are_named_by_the_planner(town, imported, look, tmp_path):
    lon, lat = point(0.5, 2.5)
    table = tmp_path / "sites.csv"
    table.write_text(f"key,sort,called,across,up\n1,school,Q,{lon},{lat}\n")
    mapping = ("--map", "code=key", "--map", "kind=sort", "--map", "name=called")
    answer = imported("sites", table, *mapping, "--x", "across", "--y", "up")
    assert (answer["exit"], answer["counts"]["new"]) == (0, 1), answer


def test_a_building_without_a_code_is_known_by_its_outline(town, imported, look, tmp_path):
    house = {"name": "1号楼", "households": 24, "storeys": 6, "geometry": spot(0.5, 2.5).buffer(9, quad_segs=1)}
    path = write_rows(tmp_path / "buildings.gpkg", [house])
    assert imported("buildings", path)["counts"]["new"] == 1
    assert imported("buildings", path)["counts"] == {"new": 0, "changed": 0, "same": 1, "ended": 0}
    assert look.execute(text("SELECT kind, code, households FROM site")).one() == ("building", None, 24)


def test_streets_take_the_place_of_those_of_their_kinds(town, imported, look, tmp_path):
    look.execute(text("INSERT INTO way (kind, rank, name, line) VALUES"
                      " ('street', 1, '旧路', 'SRID=4326;LINESTRING(114.2 35.7, 114.21 35.7)'),"
                      " ('rail', 0, '铁路', 'SRID=4326;LINESTRING(114.2 35.7, 114.21 35.7)')"))  # fmt: skip
    look.commit()
    lines = shapely.MultiLineString([[spot(0, 1), spot(1, 1)], [spot(1, 1), spot(2, 1)]])
    path = write_rows(tmp_path / "streets.geojson", [{"kind": "street", "name": "新路", "geometry": lines}])
    answer = imported("streets", path)
    assert answer["counts"] == {"new": 2, "changed": 0, "same": 0, "ended": 1}
    assert answer["notes"] == ["The 1 lines of the kinds street that are there now are replaced."]
    assert look.execute(text("SELECT name, count(*) FROM way GROUP BY name ORDER BY count(*)")).all() == [
        ("铁路", 1), ("新路", 2)
    ]  # fmt: skip
    look.rollback()
    assert imported("streets", path)["counts"] == {"new": 0, "changed": 0, "same": 2, "ended": 0}
