"""The database and the index give the same answers as the shared vector file."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from geodata.locate import GridIndex, Status
from gridmap.grids.queries import grid_of_point

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "locate.json").read_text())
POINTS = VECTORS["points"]


@pytest.fixture(scope="module")
def index():
    shapes = np.array([shapely.Polygon(g["ring"], g["holes"]) for g in VECTORS["grids"]], dtype=object)
    return GridIndex.build(shapes, np.array([g["id"] for g in VECTORS["grids"]], dtype=np.int64))


@pytest.fixture
def coverage(db):
    """The grids of the file as the coverage in force, under their own ids."""
    founded = datetime(2025, 1, 1, tzinfo=UTC)
    db.execute(
        text(
            "INSERT INTO area (id, kind, path, valid) VALUES (1, 'district', '1', tstzrange(:at, NULL)),"
            " (2, 'community', '1.2', tstzrange(:at, NULL))"
        ),
        {"at": founded},
    )
    db.execute(text("INSERT INTO district VALUES (1, 4547, 'Asia/Shanghai', 'gb15')"))
    for grid in VECTORS["grids"]:
        db.execute(text("INSERT INTO grid (id, district_id) VALUES (:id, 1)"), {"id": grid["id"]})
        db.execute(text("INSERT INTO grid_code VALUES (:code, :id, 'gb15')"), {"id": grid["id"], "code": grid["code"]})
        db.execute(
            text(
                "INSERT INTO grid_version (grid_id, community_id, edition_n, code, name, kind, path, valid, cause,"
                " plane, shape) VALUES (:id, 2, 1, :code, :code, 'urban', CAST('1.2.g' || :id AS ltree),"
                " tstzrange(:at, NULL),"
                " 'import', ST_SetSRID(ST_GeomFromGeoJSON(:shape), 4547), ST_GeomFromGeoJSON(:shape))"
            ),
            {
                "id": grid["id"],
                "code": grid["code"],
                "at": founded,
                "shape": json.dumps({"type": "Polygon", "coordinates": [grid["ring"], *grid["holes"]]}),
            },
        )


def test_the_database_agrees_with_the_file(db, coverage):
    wrong = [p for p in POINTS if grid_of_point(db, p["lon"], p["lat"], None) != p["grid"]]
    assert wrong == []


def test_the_index_agrees_with_the_file(index):
    located = index.locate([p["lon"] for p in POINTS], [p["lat"] for p in POINTS])
    ids = [None if row < 0 else VECTORS["grids"][row]["id"] for row in located.row]
    assert ids == [p["grid"] for p in POINTS]
    assert [Status(s).name.lower() for s in located.status] == [p["status"] for p in POINTS]
