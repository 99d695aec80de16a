"""Devices and reports come in by files: poses in time, reports stored once, placed or not."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import text

from tests.worlds import CODE, build_town, point

HEAD = "code,kind,name,gateway,height_m,heading_deg,lon,lat\n"


@pytest.fixture
def town(look):
    built = build_town(look)
    look.commit()
    return built


def table(path, head, *rows):
    path.write_text(head + "".join(",".join(map(str, row)) + "\n" for row in rows))
    return path


def cameras(path, heading=90, column=0.5):
    lon, lat = point(column, 2.5)
    return table(path, HEAD, ("cam-1", "camera", "一号机", "gw-1", 4, heading, lon, lat),
                 ("gw-1", "gateway", "", "", "", "", lon, lat))  # fmt: skip


def test_devices_are_registered_with_their_gateways_and_grids(town, imported, look, tmp_path):
    answer = imported("devices", cameras(tmp_path / "devices.csv"))
    assert (answer["exit"], answer["counts"]["new"]) == (0, 2), answer
    rows = look.execute(text("SELECT d.code, d.name, g.code, d.grid_id, p.heading_deg FROM device d LEFT JOIN device g"
                             " ON g.id = d.gateway_id JOIN device_pose p ON p.device_id = d.id"
                             " ORDER BY 1")).all()  # fmt: skip
    grid = town.grid_ids["A"]
    assert [tuple(row) for row in rows] == [("cam-1", "一号机", "gw-1", grid, 90), ("gw-1", "gw-1", None, grid, None)]


def test_a_device_that_turned_has_another_pose_from_then_on(town, imported, look, tmp_path):
    imported("devices", cameras(tmp_path / "devices.csv"), "--effective", "2026-01-01")
    same = imported("devices", tmp_path / "devices.csv")
    assert same["counts"] == {"new": 0, "changed": 0, "same": 2, "ended": 0}
    turned = imported("devices", cameras(tmp_path / "devices.csv", 180, 1.5), "--effective", "2026-03-01")
    assert turned["counts"] == {"new": 0, "changed": 2, "same": 0, "ended": 0}
    rows = look.execute(text("SELECT p.heading_deg, upper_inf(p.valid), (lower(p.valid) AT TIME ZONE 'Asia/Shanghai')"
                             "::date::text FROM device_pose p JOIN device d ON d.id = device_id WHERE code = 'cam-1'"
                             " ORDER BY p.valid")).all()  # fmt: skip
    assert [tuple(row) for row in rows] == [(90, False, "2026-01-01"), (180, True, "2026-03-01")]
    assert look.scalar(text("SELECT grid_id FROM device WHERE code = 'cam-1'")) == town.grid_ids["B"]


def test_a_camera_without_its_gateway_is_refused(town, imported, look, tmp_path):
    lon, lat = point(0.5, 2.5)
    answer = imported("devices", table(tmp_path / "d.csv", HEAD, ("cam-1", "camera", "", "gw-9", "", "", lon, lat)))
    assert answer["exit"] == 1
    assert answer["defects"]["listed"][0] | {"lon": 0, "lat": 0} == {
        "row": 1, "column": "gateway", "lon": 0, "lat": 0, "grave": True,
        "sentence": "There is no gateway gw-9, neither in the file nor in the register.",
    }  # fmt: skip
    assert look.scalar(text("SELECT count(*) FROM device")) == 0


def reports(path, *rows):
    return table(path, "id,source,category,text,occurred_at,accuracy_m,lon,lat\n", *rows)


def test_reports_become_incidents_in_their_grids(town, imported, look, tmp_path):
    lon, lat = point(0.5, 2.5)
    known = uuid.uuid4()
    path = reports(tmp_path / "r.csv", (known, "hotline", "0101", "井盖丢失", "2026-11-20 08:30", 5, lon, lat),
                   ("", "resident", "", "路灯不亮", "", "", "", ""))  # fmt: skip
    answer = imported("reports", path)
    assert (answer["exit"], answer["counts"]["new"]) == (0, 2), answer
    assert [defect["sentence"] for defect in answer["defects"]["listed"]] == [
        "It will have no place: It came without a position."
    ]
    rows = look.execute(text("SELECT r.id, r.placed, r.occurred_at::text, i.category, v.code FROM report r"
                             " JOIN incident_source s ON s.report_id = r.id JOIN incident i ON i.id = s.incident_id"
                             " LEFT JOIN grid_version v ON v.id = i.grid_version_id"
                             " ORDER BY r.placed")).all()  # fmt: skip
    assert tuple(rows[0]) == (known, "inside", "2026-11-20 00:30:00+00", "0101", CODE["A"])
    assert rows[1].placed == "unplaced"
    again = imported("reports", path)
    assert again["counts"] == {"new": 0, "changed": 0, "same": 2, "ended": 0}
    assert look.scalar(text("SELECT count(*) FROM report")) == 2


def test_a_report_is_never_refused_for_its_place(town, imported, look, tmp_path):
    lon, lat = point(0.5, 2.5)
    path = reports(tmp_path / "r.csv", ("", "web", "", "a", "", "", lat, lon),
                   ("", "web", "", "b", "", "", 518000, 3954000), ("", "web", "", "c", "", "", 0, 0))  # fmt: skip
    answer = imported("reports", path)
    assert (answer["exit"], answer["defects"]["count"], answer["defects"]["grave"]) == (0, 3, 0)
    rows = look.execute(text("SELECT placed, unplaced_reason FROM report ORDER BY text")).all()
    assert {row.placed for row in rows} == {"unplaced"}
    assert "swapped" in rows[0].unplaced_reason
    assert "projected metres" in rows[1].unplaced_reason
    assert "0, 0" in rows[2].unplaced_reason


def test_a_declared_datum_is_kept_with_the_report(town, imported, look, tmp_path):
    from geodata.datum import wgs84_to_gcj02

    lon, lat = point(0.5, 2.5)
    x, y = (float(degrees) for degrees in wgs84_to_gcj02(lon, lat))
    imported("reports", reports(tmp_path / "r.csv", ("", "web", "", "a", "", 5, x, y)), "--datum", "gcj02")
    row = look.execute(text("SELECT given_x, given_datum, ST_X(place) AS lon FROM report")).one()
    assert (row.given_x, row.given_datum) == (x, "gcj02")
    assert row.lon == pytest.approx(lon, abs=1e-8)


def test_an_archive_keeps_its_times_however_old_they_are(town, imported, look, tmp_path):
    lon, lat = point(0.5, 2.5)
    path = reports(tmp_path / "r.csv", ("", "hotline", "", "去年的事", "2025-06-01 08:30", 5, lon, lat))
    assert imported("reports", path)["exit"] == 0
    row = look.execute(text("SELECT occurred_at::text AS at, clock_suspect, placed FROM report")).one()
    assert tuple(row) == ("2025-06-01 00:30:00+00", False, "inside")


def test_the_same_id_with_other_words_is_refused(town, imported, look, tmp_path):
    lon, lat = point(0.5, 2.5)
    known = uuid.uuid4()
    imported("reports", reports(tmp_path / "r.csv", (known, "web", "", "first", "", "", lon, lat)))
    answer = imported("reports", reports(tmp_path / "r.csv", (known, "web", "", "second", "", "", lon, lat)))
    assert answer["exit"] == 1
    assert look.scalars(text("SELECT text FROM report")).all() == ["first"]
