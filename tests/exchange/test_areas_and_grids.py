"""Areas and grids come in by files: whole, checked, in editions."""

from __future__ import annotations

import pytest
import shapely
from sqlalchemy import text

from tests.exchange.files import area_rows, grid_rows, write_rows
from tests.worlds import CODE, square


@pytest.fixture
def founded(imported, tmp_path):
    """The areas of the drawn district, imported."""
    answer = imported("areas", write_rows(tmp_path / "areas.csv", area_rows()), "--working-crs", "EPSG:4547",
                      "--effective", "2025-01-01")  # fmt: skip
    assert answer["exit"] == 0, answer
    return answer


def test_a_district_comes_in_by_two_files(founded, imported, look, tmp_path):
    assert founded["counts"] == {"new": 6, "changed": 0, "same": 0, "ended": 0}
    answer = imported("grids", write_rows(tmp_path / "grids.geojson", grid_rows()), "--note", "first survey")
    assert (answer["exit"], answer["written"], answer["counts"]["new"]) == (0, True, 6), answer
    rows = look.execute(text("SELECT code, name, names, households, ST_AsBinary(plane) AS plane, nlevel(path) AS depth"
                             " FROM grid_version ORDER BY grid_id")).all()  # fmt: skip
    assert [row.code for row in rows] == sorted(CODE.values())
    assert {row.depth for row in rows} == {4}
    assert rows[0].names == {"en": "Grid A"}
    assert shapely.equals_exact(shapely.normalize(shapely.from_wkb(bytes(rows[0].plane))),
                                shapely.normalize(square(0, 2)), 0)  # fmt: skip
    assert look.scalar(text("SELECT note FROM edition")) == "first survey"
    assert look.scalar(text("SELECT count(*) FROM grid_afar")) == 18
    assert look.scalar(text("SELECT count(*) FROM audit WHERE action IN ('area.import', 'grid.import')")) == 2


def test_the_same_file_twice_changes_nothing(founded, imported, look, tmp_path):
    grids = write_rows(tmp_path / "grids.geojson", grid_rows())
    imported("grids", grids)
    again = imported("grids", grids)
    assert again["counts"] == {"new": 0, "changed": 0, "same": 6, "ended": 0}
    assert look.scalar(text("SELECT edition_n FROM district")) == 1
    areas = imported("areas", tmp_path / "areas.csv")
    assert areas["counts"] == {"new": 0, "changed": 0, "same": 6, "ended": 0}


def test_a_dry_run_writes_nothing(founded, imported, look, tmp_path):
    answer = imported("grids", write_rows(tmp_path / "grids.geojson", grid_rows()), "--dry-run")
    assert (answer["exit"], answer["written"], answer["counts"]["new"]) == (0, False, 6)
    assert answer["preview"][0] | {"row": 1} == {
        "row": 1, "change": "new", "code": CODE["A"], "name": "网格 A", "name_en": "Grid A", "kind": "urban",
        "community_code": CODE["A"][:12], "households": 400, "owner": None,
        "effective_at": answer["preview"][0]["effective_at"],
    }  # fmt: skip
    assert look.scalar(text("SELECT count(*) FROM grid_version")) == 0
    assert look.scalar(text("SELECT count(*) FROM audit WHERE action = 'grid.import'")) == 0
