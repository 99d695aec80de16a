"""Whether every way to ask "which grid" gives the same answer, on the district that is running now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from threading import Event

import numpy as np
import shapely
from sqlalchemy import create_engine, text

from gridmap.demo.door import Door, Session
from gridmap.postgis import database_urls
from gridmap.settings import load_settings

POINTS = 100_000
BATCH = 10_000
SEED = 20260118


def agreement() -> Iterator[str]:
    """
    Locate 100,000 points by HTTP, by PostGIS and by shapely, and count the differences.

    Needs `gridmap up --demo` running. Half of the points lie anywhere in the district's box, a quarter on corners of
    grids, a quarter at most a centimetre from an edge.
    """
    settings = load_settings()
    engine = create_engine(database_urls(settings).app)
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT grid_id, ST_AsBinary(shape) AS shape FROM grid_version"
                " WHERE upper_inf(valid) AND upper_inf(recorded) ORDER BY grid_id"
            )
        ).all()
        ids = np.array([row.grid_id for row in rows])
        shapes = shapely.from_wkb([bytes(row.shape) for row in rows])
        points = _points(shapes)
        by_database = _ask_database(connection, points)
    by_shapely = _ask_shapely(ids, shapes, points)
    by_http = _ask_http(f"http://{settings.host}:{settings.port}", settings.data_dir, points)
    yield (
        f"{len(points):,} points in {len(ids)} grids, {int((by_database >= 0).sum()):,} of them in a grid: "
        f"HTTP and PostGIS differ in {int((by_http != by_database).sum())}, "
        f"PostGIS and shapely in {int((by_database != by_shapely).sum())}"
    )


def _points(shapes: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(SEED)
    west, south, east, north = shapely.total_bounds(shapes)
    anywhere = rng.uniform((west, south), (east, north), (POINTS // 2, 2))
    corners = shapely.get_coordinates(shapes)
    on_corners = corners[rng.integers(0, len(corners), POINTS // 4)]
    first = rng.integers(0, len(corners) - 1, POINTS // 4)
    share = rng.uniform(0, 1, (POINTS // 4, 1))
    near = corners[first] * share + corners[first + 1] * (1 - share) + rng.uniform(-1e-7, 1e-7, (POINTS // 4, 2))
    return np.round(np.concatenate([anywhere, on_corners, near]), 9)


def _ask_database(connection, points: np.ndarray) -> np.ndarray:
    # The grids drive, so that each polygon is prepared once for all its points.
    found = connection.execute(
        text(
            "SELECT p.n, min(v.grid_id) FROM grid_version v JOIN"
            " (SELECT n, ST_SetSRID(ST_MakePoint(x, y), 4326) AS point FROM"
            "  unnest(CAST(:x AS float8[]), CAST(:y AS float8[])) WITH ORDINALITY AS t (x, y, n)) AS p"
            " ON v.shape && p.point AND ST_Intersects(v.shape, p.point)"
            " WHERE upper_inf(v.valid) AND upper_inf(v.recorded) GROUP BY p.n"
        ),
        {"x": points[:, 0].tolist(), "y": points[:, 1].tolist()},
    ).all()
    answers = np.full(len(points), -1)
    for n, grid_id in found:
        answers[n - 1] = grid_id
    return answers


def _ask_shapely(ids: np.ndarray, shapes: np.ndarray, points: np.ndarray) -> np.ndarray:
    touched, row = shapely.STRtree(shapes).query(shapely.points(points), predicate="intersects")
    answers = np.full(len(points), np.iinfo(np.int64).max)
    np.minimum.at(answers, touched, ids[row])
    answers[answers == np.iinfo(np.int64).max] = -1
    return answers


def _ask_http(url: str, data_dir, points: np.ndarray) -> np.ndarray:
    account = next(a for a in json.loads((data_dir / "demo-accounts.json").read_text()) if a["role"] == "operator")
    session = Session(Door(url, Event()), account["login"], account["password"])
    answers: list[int] = []
    for start in range(0, len(points), BATCH):
        body = {"points": points[start : start + BATCH].tolist()}
        answer = session.post("/api/v1/locate", body)
        answers += [-1 if item["grid"] is None else item["grid"]["id"] for item in answer.content["items"]]
    return np.array(answers)
