"""The made-up district written as files and imported by the commands is the one that the demo loads."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.sample.files import write_district
from gridmap.cli import main
from tests.demo.conftest import owner_of

GRIDS = """
    SELECT g.code, g.name, g.names, g.kind, g.households, g.cause, g.edition_n, g.valid::text, c.code AS community,
        s.code AS owner, ST_AsBinary(g.plane) AS plane, ST_AsBinary(g.shape) AS shape
    FROM grid_version g LEFT JOIN site s ON s.id = g.owner_site_id
    JOIN area_version c ON c.area_id = g.community_id AND upper_inf(c.valid)
    WHERE upper_inf(g.recorded) ORDER BY g.code, g.valid
"""
AREAS = """
    SELECT v.code, a.kind, v.name, v.names, nlevel(a.path) AS depth, v.valid::text, ST_AsBinary(v.shape) AS shape
    FROM area_version v JOIN area a ON a.id = v.area_id WHERE upper_inf(v.recorded) ORDER BY v.code, v.valid
"""
SITES = """
    SELECT s.code, s.kind, s.name, s.names, s.households, s.storeys, v.code AS grid, ST_AsBinary(s.shape) AS shape
    FROM site s LEFT JOIN grid_version v ON v.grid_id = s.grid_id AND upper_inf(v.valid) ORDER BY s.code
"""


@pytest.fixture
def imported(monkeypatch, capsys, fresh_database) -> Callable[..., dict[str, Any]]:
    monkeypatch.setenv("GRIDMAP_LANGUAGE", "en")
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", fresh_database.app)

    def run(*words: object) -> dict[str, Any]:
        with pytest.raises(SystemExit) as end:
            main([*(str(word) for word in ("import", *words, "--json"))])
        said = capsys.readouterr()
        assert end.value.code == 0, said.err + said.out[-3000:]
        return json.loads(said.out)

    return run


def rows_of(db: Session, query: str) -> list[dict[str, Any]]:
    """Rows with their shapes as rings begun at one vertex and run one way."""
    rows = []
    for row in db.execute(text(query)).mappings():
        shapes = {name: shapely.normalize(shapely.from_wkb(bytes(row[name]))).wkb
                  for name in ("plane", "shape") if row.get(name)}  # fmt: skip
        rows.append({**row, **shapes})
    return rows


def test_the_made_up_district_comes_in_by_files_as_the_demo_loads_it(
    loaded, district, imported, fresh_database, tmp_path
):
    write_district(district, tmp_path)
    imported("areas", tmp_path / "areas.geojson")
    imported("sites", tmp_path / "sites.geojson")
    instants = [*(edition.effective_at for edition in district.editions), district.effective_at]
    files = [*sorted((tmp_path / "editions").glob("*/grids.geojson")), tmp_path / "grids.geojson"]
    for path, effective_at in zip(files, instants, strict=True):
        imported("grids", path, "--effective", effective_at.isoformat())
    engine = owner_of(fresh_database)
    with Session(engine) as db:
        for query in (GRIDS, AREAS, SITES):
            rows = rows_of(loaded, query)
            assert rows
            assert rows_of(db, query) == rows
    engine.dispose()
    assert imported("grids", tmp_path / "grids.geojson")["counts"]["same"] == len(district.grids)
