"""Incidents on tiles: single ones and clusters add up, on every day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from gridmap.incidents.tally import fold_tally
from tests.desks import LATER, add_incident
from tests.webapp.tiles.fetching import census, features, fetch, scatter, tile_at
from tests.worlds import point


@pytest.mark.parametrize("z", [7, 10, 12, 13, 14, 15, 16])
def test_clusters_and_single_ones_add_up_to_all(db, town, operator, z):
    scatter(db, town, 120)
    expected = dict(db.execute(text("SELECT 's' || severity, count(*) FROM incident GROUP BY 1")).all())
    late = db.scalar(text("SELECT count(*) FROM incident WHERE due_at < now()"))
    found = census(operator, z)
    assert {name: found[name] for name in expected} == expected
    assert (found["n"], found["overdue"]) == (120, late)
    assert found["features"] < 60 or z >= 15


def test_clusters_follow_every_change(db, town, operator):
    scatter(db, town, 40)
    assert census(operator, 10)["n"] == 40
    fold_tally(db, LATER)
    keys = db.scalars(text("SELECT id FROM incident ORDER BY id")).all()
    db.execute(text("UPDATE incident SET closed_at = :at WHERE id = ANY(:ids)"), {"at": LATER, "ids": keys[:7]})
    db.execute(text("UPDATE incident SET severity = 1 WHERE id = ANY(:ids)"), {"ids": keys[7:9]})
    db.execute(text("UPDATE incident SET closed_at = NULL WHERE id = :id"), {"id": keys[0]})
    db.execute(text("UPDATE incident SET state = 'filed'"))
    db.execute(text("INSERT INTO live_event (kind, object_id, version, path) VALUES ('incident', 'x', 1, '1')"))
    found = census(operator, 10)
    severe = db.scalar(text("SELECT count(*) FROM incident WHERE closed_at IS NULL AND severity = 1"))
    assert (found["n"], found["s1"]) == (34, severe)


def test_folding_the_tally_changes_no_sum(db, town, operator):
    scatter(db, town, 60)
    sums = "SELECT path::text, cell_x, cell_y, sum(s1), sum(s2), sum(s3), sum(s4), sum(x_cm), sum(y_cm)"
    before = set(db.execute(text(f"{sums} FROM incident_tally GROUP BY 1, 2, 3")))
    assert fold_tally(db, LATER) > 0
    assert set(db.execute(text(f"{sums} FROM incident_tally GROUP BY 1, 2, 3"))) == before
    rows, keys = db.execute(text("SELECT count(*), count(DISTINCT (path, cell_x, cell_y)) FROM incident_tally")).one()
    assert rows == keys
    assert fold_tally(db, LATER) == 0


def test_a_cluster_stands_among_its_members(db, town, operator):
    for column in (0.40, 0.50, 0.60):
        add_incident(db, town, "A", point(column, 2.5))
    tile = tile_at(11, *point(0.5, 2.5))
    (cluster,) = features(operator, "incidents", tile)
    assert cluster["properties"]["n"] == 3
    x, y = cluster["geometry"]["coordinates"]
    west, south, _, _ = tile.bounds
    shown = (west + x * tile.unit_m, south + y * tile.unit_m)
    middle = db.execute(text("SELECT avg(ST_X(tile)), avg(ST_Y(tile)) FROM incident")).one()
    assert shown == pytest.approx(tuple(middle), abs=tile.unit_m)


def test_incidents_as_of_a_day_are_those_open_then(db, town, operator):
    add_incident(db, town, "A", point(0.5, 2.5), occurred=LATER, closed=LATER + timedelta(days=5))
    add_incident(db, town, "B", point(1.5, 2.5), occurred=LATER + timedelta(days=3))
    tile = tile_at(14)
    counts = {day: census(operator, 14, f"?as_of=2026-01-{day:02d}")["n"] for day in (1, 4, 9)}
    assert counts == {1: 1, 4: 2, 9: 1}
    assert census(operator, 10, "?as_of=2026-01-04")["n"] == 2
    assert fetch(operator, "incidents", tile, "?as_of=yesterday").status_code == 422
