"""Sites from a CSV into the database, each in its grid: beside a bare script that copies, and the ORM's ``add_all``."""

from __future__ import annotations

import json
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import psycopg
import shapely
from coverages import irregular_coverage
from geoalchemy2.shape import from_shape
from serving import database, load_coverage
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from geodata.files import LOCAL
from gridmap.cli.database import machine
from gridmap.exchange.importing import carry_out, prepare, read_file
from gridmap.grids.index import Coverage, coverages
from gridmap.grids.tables import Site
from gridmap.intake.wishes import Options
from gridmap.postgis import DatabaseUrls

GRIDS = 767
POINTS = 100_000
ROUNDS = 3
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def import_points(points: int = POINTS) -> Iterator[str]:
    """Import points from a CSV, located and committed: rows a second, beside COPY by a bare script and ORM add_all."""
    with database() as (db, urls), tempfile.TemporaryDirectory() as place:
        load_coverage(db, GRIDS)
        _loosen(db)
        db.commit()
        path = _points(Path(place) / "points.csv", points)
        # The index of the grids is warm in all three, as it is in a process that serves.
        coverage = coverages.hold(db).at(None)
        district = str(db.scalar(text("SELECT path::text FROM area WHERE kind = 'district'")))
        db.commit()
        ways: dict[str, Callable[[], None]] = {
            "gridmap": lambda: _gridmap(db, path),
            "COPY": lambda: _bare(urls, path, coverage, district),
            "add_all": lambda: _orm(db, path, coverage, district),
        }
        best = {name: float("inf") for name in ways}
        held = {}
        # Taken in turns, so that whatever else the machine does falls on all of them.
        for nth in range(ROUNDS):
            for name, way in ways.items():
                if name == "add_all" and nth:
                    continue  # a minute a round, and far from the others
                _empty(db)
                begun = time.perf_counter()
                way()
                best[name] = min(best[name], time.perf_counter() - begun)
                held[name] = db.scalar(text("SELECT sum(hashtext(code || coalesce(grid_id, 0))) FROM site"))
                db.commit()
        assert len(set(held.values())) == 1, "all three put every point into the same grid"
        rates = {name: points / seconds for name, seconds in best.items()}
        yield (
            f"{points:,} points into {GRIDS} grids: gridmap {rates['gridmap']:,.0f} rows/s (file judged in a child,"
            f" rows checked); COPY {rates['COPY']:,.0f}, {rates['gridmap'] / rates['COPY']:.2f} x; ORM add_all"
            f" {rates['add_all']:,.0f}, {rates['gridmap'] / rates['add_all']:.1f} x"
        )


def _points(path: Path, count: int) -> Path:
    rng = np.random.default_rng(7)
    west, south, east, north = shapely.total_bounds(irregular_coverage(GRIDS))
    lon, lat = rng.uniform([west, south], [east, north], (count, 2)).round(6).T
    names = [f"清河社区 {n} 号楼" for n in range(count)]
    table = {
        "code": [f"b-{n:06d}" for n in range(count)],
        "kind": "building",
        "name": names,
        "households": rng.integers(0, 60, count),
        "storeys": rng.integers(1, 30, count),
        "lon": lon,
        "lat": lat,
    }
    pd.DataFrame(table).to_csv(path, index=False)
    return path


def _loosen(db: Session) -> None:
    """Let nothing refer to sites, so that the table can be emptied between rounds without emptying the grids."""
    for table, name in db.execute(
        text("SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE confrelid = 'site'::regclass")
    ).all():
        db.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))


def _empty(db: Session) -> None:
    db.execute(text("TRUNCATE site"))
    db.commit()


def _gridmap(db: Session, path: Path) -> None:
    options = Options(limits=LOCAL)
    frame = read_file("sites", path, options)
    prepared = prepare(db, "sites", path, options, NOW, frame=frame)
    carry_out(db, machine(), prepared, NOW)
    db.commit()


def _bare(urls: DatabaseUrls, path: Path, coverage: Coverage, district: str) -> None:
    table = pd.read_csv(path)
    row = coverage.locate(table["lon"], table["lat"]).row
    shapes = shapely.to_wkb(shapely.set_srid(shapely.points(table["lon"], table["lat"]), 4326), hex=True,
                            include_srid=True)  # fmt: skip
    valid = f"[{NOW.isoformat()},)"
    with psycopg.connect(urls.app.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        columns = "id, kind, code, name, shape, grid_id, path, households, storeys, valid"
        with cursor.copy(f"COPY site ({columns}) FROM STDIN") as copy:
            for site, shape, at in zip(table.itertuples(index=False), shapes, row.tolist(), strict=True):
                grid = None if at < 0 else coverage.rows[at]
                copy.write_row((uuid.uuid4(), site.kind, site.code, site.name, shape, grid and grid.id,
                                grid.path if grid else district, site.households, site.storeys, valid))  # fmt: skip


def _orm(db: Session, path: Path, coverage: Coverage, district: str) -> None:
    table = pd.read_csv(path)
    row = coverage.locate(table["lon"], table["lat"]).row
    points = shapely.points(table["lon"], table["lat"])
    sites = []
    for site, shape, at in zip(table.itertuples(index=False), points, row.tolist(), strict=True):
        grid = None if at < 0 else coverage.rows[at]
        sites.append(
            Site(id=uuid.uuid4(), kind=site.kind, code=site.code, name=site.name, names=json.loads("{}"),
                 shape=from_shape(shape, 4326), grid_id=grid.id if grid else None,
                 path=grid.path if grid else district, households=site.households, storeys=site.storeys,
                 attrs={}, valid=Range(NOW, None))
        )  # fmt: skip
    db.add_all(sites)
    db.commit()
    db.expunge_all()
