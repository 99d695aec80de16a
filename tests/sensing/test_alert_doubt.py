"""What devices say is placed with its doubt: by their own error, or by what kind of device they are."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import text

from gridmap.grids.doubt import NO_ACCURACY
from gridmap.grids.locating import Told
from gridmap.sensing.actions import AlertDraft, receive_alerts
from tests.worlds import CODE, NOON, SIDE, add_device, device_actor, point


def send(db, actor, *told):
    drafts = []
    for one in told:
        key = uuid.uuid4()
        drafts.append(AlertDraft(key, actor.login, "seen", NOON, 0.9, one, content={"id": str(key)}))
    receive_alerts(db, actor, drafts, NOON)
    rows = db.execute(
        text(
            "SELECT a.*, v.code FROM alert a LEFT JOIN grid_version v ON v.id = a.grid_version_id"
            " WHERE a.id = ANY(:ids)"
        ),
        {"ids": [draft.id for draft in drafts]},
    )
    by_id = {row.id: row for row in rows}
    return [by_id[draft.id] for draft in drafts]


def device(db, town, kind, spot):
    return device_actor(add_device(db, town, f"{kind}-1", "A", point(*spot), kind), f"{kind}-1", town.path_of("A"))


def test_a_smoke_sensor_speaks_of_where_it_hangs(db, town):
    (row,) = send(db, device(db, town, "smoke", (1 - 12 / SIDE, 2.5)), None)
    assert (row.code, row.certainty, row.doubt_reason) == (CODE["A"], "sure", None)


def test_a_camera_without_a_place_is_not_taken_for_the_place_itself(db, town):
    (row,) = send(db, device(db, town, "camera", (1 - 12 / SIDE, 2.5)), None)
    assert (row.code, row.certainty, row.doubt_reason) == (CODE["A"], "review", "More than one grid is possible.")
    (far,) = send(db, device(db, town, "drone", (0.5, 2.5)), None)
    assert (far.certainty, far.doubt_reason) == ("sure", NO_ACCURACY)


def test_an_alert_with_its_own_error_is_weighed_with_it(db, town):
    camera = device(db, town, "camera", (0.5, 2.5))
    spot = point(1 - 12 / SIDE, 2.5)
    close, wide = send(db, camera, Told(*spot, error_m=6, method="device"), Told(*spot, error_m=60, method="device"))
    assert (close.certainty, wide.certainty) == ("sure", "likely" if wide.probability >= 0.6 else "review")
    assert close.probability > 0.99
    assert wide.probability == pytest.approx(0.611, abs=2e-3)


def test_a_thousand_alerts_are_weighed_in_one_go(db, town):
    camera = device(db, town, "camera", (0.5, 2.5))
    spots = [(0.05 + 1.9 * (n % 40) / 40, 0.05 + 2.9 * (n // 40) / 25) for n in range(1000)]
    rows = send(db, camera, *(Told(*point(*spot), error_m=6 + n % 50, method="device") for n, spot in enumerate(spots)))
    assert all(row.certainty is not None and row.code is not None for row in rows)
    assert {row.certainty for row in rows} == {"sure", "likely", "review"}
