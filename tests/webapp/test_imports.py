"""Files through the web: kept for their owner alone, checked without a trace, written when a person says so."""

from __future__ import annotations

import io
import json
import os
import zipfile
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import geopandas as gpd
import openpyxl
import pytest
from sqlalchemy import text

from geodata.files import IMPORT
from gridmap.exchange import uploads
from gridmap.grids.actions import import_areas
from gridmap.people.rules import Role
from gridmap.settings import load_settings
from tests.clients import Browser
from tests.exchange.files import grid_rows, write_rows
from tests.worlds import AREAS, FOUNDED, SRID, add_person, build_town, point
from webapp import create_app

CLEAN = {"new": 6, "changed": 0, "same": 0, "ended": 0}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def app(data_dir):
    return create_app(load_settings(api_per_minute=100_000, data_dir=data_dir))


@pytest.fixture
def district_id(db):
    """The areas without any grid yet."""
    return import_areas(db, AREAS, srid=SRID, time_zone="Asia/Shanghai", code_scheme="gb15", valid_from=FOUNDED)


@pytest.fixture
def seat(app, db):
    def sit(role, area_id, path=None):
        person_id = add_person(db, f"{role.value}-{uuid4().hex[:6]}")
        db.execute(
            text(
                "INSERT INTO assignment (person_id, role, area_id, path, valid)"
                " VALUES (:person, :role, :area, :path, tstzrange('2020-01-01', NULL))"
            ),
            {"person": person_id, "role": role.value, "area": area_id, "path": path or str(area_id)},
        )
        db.execute(text("UPDATE person SET locale = 'en' WHERE id = :id"), {"id": person_id})
        return Browser(app, db, person_id)

    return sit


@pytest.fixture
def planner(seat, district_id):
    return seat(Role.PLANNER, district_id)


def send(browser, content, kind="grids", name="grids.geojson"):
    return browser.post(f"/api/v1/imports?kind={kind}&name={name}", data=content,
                        content_type="application/octet-stream")  # fmt: skip


def grids_file(tmp_path, change=lambda rows: rows):
    return write_rows(tmp_path / "grids.geojson", change(grid_rows())).read_bytes()


def sites_file():
    lon, lat = point(0.5, 2.5)
    return f"code,kind,name,lon,lat\nS-1,school,清河小学,{lon},{lat}\n".encode()


def count(db, table):
    return db.scalar(text(f"SELECT count(*) FROM {table}"))


def delete(browser, path):
    return browser.client.delete(path, base_url="https://127.0.0.1", headers=browser_marks(browser))


def browser_marks(browser):
    return {"X-CSRF-Token": browser.session.csrf, "Origin": "https://127.0.0.1"}


def test_a_check_says_what_would_come_and_writes_nothing(planner, db, tmp_path):
    upload = send(planner, grids_file(tmp_path))
    assert upload.status_code == 201
    assert upload.json["layers"][0]["matched"]["code"] == "code"
    answer = planner.post(f"/api/v1/imports/{upload.json['id']}/check", {}).json
    assert (answer["counts"], answer["can_be_written"], answer["edition"]) == (CLEAN, True, 0)
    assert answer["hindrance"] is None
    assert {feature["id"] for feature in answer["shapes"]["features"]} == {1, 2, 3, 4, 5, 6}
    assert count(db, "grid_version") == 0
    assert count(db, "edition") == 0


def test_what_was_checked_is_written_and_the_file_is_gone(planner, db, data_dir, tmp_path):
    upload = send(planner, grids_file(tmp_path)).json["id"]
    planner.post(f"/api/v1/imports/{upload}/check", {})
    answer = planner.post(f"/api/v1/imports/{upload}/carry-out", {"counts": CLEAN, "note": "first survey"})
    assert answer.json == {"kind": "grids", "counts": CLEAN, "edition": 1}
    assert count(db, "grid_version") == 6
    assert db.scalar(text("SELECT note FROM edition")) == "first survey"
    told = db.scalars(text("SELECT action FROM audit WHERE action IN ('file.upload', 'grid.import') ORDER BY 1")).all()
    assert told == ["file.upload", "grid.import"]
    assert not (data_dir / "imports" / upload).exists()
    assert planner.post(f"/api/v1/imports/{upload}/check", {}).status_code == 404


def test_an_overlap_stops_the_import_and_has_its_place(planner, db, tmp_path):
    def overlap(rows):
        rows[0]["geometry"] = rows[0]["geometry"].buffer(30, join_style="mitre")
        return rows

    upload = send(planner, grids_file(tmp_path, overlap)).json["id"]
    answer = planner.post(f"/api/v1/imports/{upload}/check", {}).json
    assert not answer["can_be_written"]
    grave = [defect for defect in answer["defects"]["listed"] if defect["grave"]]
    assert grave
    assert all(114 < defect["lon"] < 115 for defect in grave)
    refused = planner.post(f"/api/v1/imports/{upload}/carry-out", {"counts": answer["counts"]})
    assert refused.status_code == 422
    assert count(db, "grid_version") == 0


def test_boundaries_in_force_are_checked_here_and_changed_by_a_plan(seat, db, tmp_path):
    town = build_town(db)
    planner = seat(Role.PLANNER, town.district_id)

    def renamed(rows):
        rows[0]["name"] = "新名"
        return rows

    upload = send(planner, grids_file(tmp_path, renamed)).json["id"]
    answer = planner.post(f"/api/v1/imports/{upload}/check", {}).json
    assert answer["can_be_written"]
    assert "second person" in answer["hindrance"]
    refused = planner.post(f"/api/v1/imports/{upload}/carry-out", {"counts": answer["counts"]})
    assert refused.status_code == 403
    assert db.scalar(text("SELECT count(*) FROM grid_version WHERE name = '新名'")) == 0


def test_what_changed_since_the_check_is_not_written_over(planner, db, tmp_path):
    upload = send(planner, sites_file(), kind="sites", name="sites.csv").json["id"]
    refused = planner.post(f"/api/v1/imports/{upload}/carry-out", {"counts": CLEAN})
    assert refused.status_code == 409
    assert "Check it again" in refused.json["detail"]
    assert count(db, "site") == 0


def test_nobody_gets_at_the_file_of_another(planner, seat, district_id, tmp_path):
    upload = send(planner, grids_file(tmp_path)).json["id"]
    other = seat(Role.PLANNER, district_id)
    assert other.post(f"/api/v1/imports/{upload}/check", {}).status_code == 404
    assert other.post(f"/api/v1/imports/{upload}/carry-out", {"counts": CLEAN}).status_code == 404
    assert delete(other, f"/api/v1/imports/{upload}").status_code == 404
    assert planner.post(f"/api/v1/imports/{upload}/check", {}).status_code == 200
    assert delete(planner, f"/api/v1/imports/{upload}").status_code == 204
    assert planner.post(f"/api/v1/imports/{upload}/check", {}).status_code == 404


def test_a_file_larger_than_is_taken_is_refused_before_it_is_read(planner, data_dir):
    before = set((data_dir / "imports").glob("*"))
    refused = send(planner, io.BytesIO(b" " * (IMPORT.bytes + 1)))
    assert refused.status_code == 413
    assert "50 MB" in refused.json["detail"]
    assert set((data_dir / "imports").glob("*")) == before


def test_more_than_a_mebibyte_is_taken_here_and_nowhere_else(planner, tmp_path):
    padded = json.loads(grids_file(tmp_path)) | {"remark": "x" * (2 << 20)}
    assert send(planner, json.dumps(padded)).status_code == 201
    upload = send(planner, grids_file(tmp_path)).json["id"]
    assert planner.post(f"/api/v1/imports/{upload}/check", {"note": "x" * (2 << 20)}).status_code == 413


def test_a_file_of_another_kind_is_told_in_a_sentence_and_not_kept(planner, data_dir):
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("letter.txt", "Dear colleague")
    before = set((data_dir / "imports").glob("*"))
    for content in (b"%PDF-1.7 grids", package.getvalue(), b""):
        refused = send(planner, content)
        assert refused.status_code == 422
        assert refused.json["detail"].endswith(".")
    assert set((data_dir / "imports").glob("*")) == before


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        (Role.PLANNER, ["areas", "grids", "sites", "streets", "buildings"]),
        (Role.ADMIN, ["devices"]),
        (Role.OPERATOR, ["reports", "orders"]),
        (Role.SUPERVISOR, []),
        (Role.AUDITOR, []),
    ],
)
def test_everybody_is_offered_and_allowed_what_the_policy_says(seat, db, role, kinds):
    town = build_town(db)
    person = seat(role, town.district_id)
    assert [kind["name"] for kind in person.get("/api/v1/imports").json["items"]] == kinds
    for kind in ("areas", "grids", "sites", "streets", "buildings", "devices", "reports", "orders"):
        assert send(person, b"%PDF", kind=kind).status_code == (422 if kind in kinds else 403), kind
        assert (person.get(f"/api/v1/templates/{kind}").status_code == 200) == (kind in kinds)


def test_a_planner_of_one_township_imports_nothing(seat, db):
    town = build_town(db)
    path = town.area_path("E", "F").rsplit(".", 1)[0]
    person = seat(Role.PLANNER, int(path.rsplit(".", 1)[-1]), path)
    assert person.get("/api/v1/imports").json["items"] == []
    assert send(person, b"%PDF", kind="sites").status_code == 403


def test_an_upload_needs_the_mark_of_our_own_page(planner, tmp_path):
    refused = planner.client.post("/api/v1/imports?kind=grids", data=grids_file(tmp_path),
                                  base_url="https://127.0.0.1", headers={"Origin": "https://127.0.0.1"})  # fmt: skip
    assert refused.status_code == 403


def test_places_in_a_shifted_datum_are_named_and_put_right_once_declared(seat, db, tmp_path):
    from geodata.datum import wgs84_to_gcj02

    town = build_town(db)
    planner = seat(Role.PLANNER, town.district_id)
    frame = gpd.read_file(io.BytesIO(grids_file(tmp_path)))
    shifted = frame.set_geometry(frame.geometry.transform(lambda xy: _columns(wgs84_to_gcj02(*xy.T))))
    upload = send(planner, shifted.to_json().encode()).json["id"]
    assert not planner.post(f"/api/v1/imports/{upload}/check", {}).json["can_be_written"]
    answer = planner.post(f"/api/v1/imports/{upload}/check", {"datum": "gcj02"}).json
    assert answer["can_be_written"]
    assert answer["bounds"] == pytest.approx(list(frame.total_bounds), abs=2e-6)


def _columns(pair):
    import numpy as np

    return np.column_stack(pair)


def test_uploads_are_private_and_few(data_dir):
    kept = [uploads.keep(data_dir, 77, "grids", f"{n}.csv", [b"a,b\n"], most_bytes=100) for n in range(7)]
    assert (kept[-1].path.stat().st_mode & 0o777, kept[-1].path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    left = [upload for upload in kept if upload.path.exists()]
    assert left == kept[-uploads.MOST_KEPT :]


def test_what_nobody_imported_is_swept_after_a_day(tmp_path):
    now = datetime.now(UTC)
    old = uploads.keep(tmp_path, 1, "grids", "old.csv", [b"x"], most_bytes=100)
    new = uploads.keep(tmp_path, 1, "grids", "new.csv", [b"x"], most_bytes=100)
    half = tmp_path / "imports" / str(UUID(int=1))
    half.mkdir()
    yesterday = (now - timedelta(hours=25)).timestamp()
    for folder in (old.path.parent, half):
        os.utime(folder, (yesterday, yesterday))
    assert uploads.sweep(tmp_path, now) == 2
    assert [folder.name for folder in (tmp_path / "imports").iterdir()] == [str(new.id)]


def test_an_upload_that_breaks_off_leaves_nothing(tmp_path):
    def broken():
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        uploads.keep(tmp_path, 1, "grids", "x", broken(), most_bytes=100)
    assert list((tmp_path / "imports").iterdir()) == []


def test_a_filled_template_imports_as_it_is(planner, db):
    book = openpyxl.load_workbook(io.BytesIO(planner.get("/api/v1/templates/sites").data))
    out = io.BytesIO()
    book.save(out)
    upload = send(planner, out.getvalue(), kind="sites", name="sites.xlsx")
    assert upload.status_code == 201
    answer = planner.post(f"/api/v1/imports/{upload.json['id']}/check", {}).json
    assert answer["columns"]


def test_a_file_goes_out_and_comes_back_the_same(seat, db):
    town = build_town(db)
    planner = seat(Role.PLANNER, town.district_id)
    answer = planner.get("/api/v1/exports/grids?format=geojson")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="grids-')
    upload = send(planner, answer.data).json["id"]
    checked = planner.post(f"/api/v1/imports/{upload}/check", {}).json
    assert checked["counts"] == {"new": 0, "changed": 0, "same": 6, "ended": 0}
    assert db.scalar(text("SELECT count(*) FROM audit WHERE action = 'file.export'")) == 1


def test_an_export_obeys_the_policy_the_day_and_the_pace(seat, db, app):
    town = build_town(db)
    planner, operator = seat(Role.PLANNER, town.district_id), seat(Role.OPERATOR, town.district_id)
    assert operator.get("/api/v1/exports/grids?format=geojson").status_code == 403
    assert operator.get("/api/v1/exports/devices?format=csv").status_code == 200
    before = planner.get("/api/v1/exports/grids?format=geojson&as_of=2024-06-01")
    assert json.loads(before.data)["features"] == []
    assert planner.get("/api/v1/exports/grids?format=docx").status_code == 422
    answers = [planner.get("/api/v1/exports/streets?format=csv").status_code for _ in range(10)]
    assert answers == [200] * 9 + [429]


def test_a_planner_of_a_township_brings_grids_for_a_draft_and_imports_none_alone(db, seat, tmp_path):
    town = build_town(db)
    township = town.area_path("E", "F").rsplit(".", 1)[0]
    planner = seat(Role.PLANNER, int(township.rsplit(".", 1)[-1]), township)
    upload = send(planner, grids_file(tmp_path, lambda rows: rows[4:]))
    assert upload.status_code == 201
    plan = str(uuid4())
    assert planner.post("/api/v1/plans", {"id": plan, "title": "南镇"}).status_code == 201
    asked = planner.post(f"/api/v1/plans/{plan}/import", {"id": str(uuid4()), "upload": upload.json["id"]})
    assert (asked.status_code, asked.json["kind"]) == (202, "import")
    assert planner.post(f"/api/v1/imports/{upload.json['id']}/check", {}).status_code == 403
    assert send(planner, sites_file(), kind="sites", name="sites.csv").status_code == 403
    assert send(seat(Role.TOWNSHIP, town.district_id), grids_file(tmp_path)).status_code == 403
