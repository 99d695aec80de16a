"""What goes out comes in again and changes nothing; what a template gives, an import takes."""

from __future__ import annotations

import openpyxl
import pytest
import shapely
from sqlalchemy import text

from geodata.files import read
from gridmap.exchange.exporting import export
from gridmap.exchange.kinds import KINDS
from gridmap.exchange.sources import SOURCES
from gridmap.exchange.templates import write_template
from gridmap.people.rights import Access
from gridmap.people.rules import Scope
from tests.exchange.files import area_rows, grid_rows, write_rows
from tests.exchange.test_devices_and_reports import cameras, reports
from tests.exchange.test_sites_and_streets import site_rows, spot
from tests.worlds import CODE, point


@pytest.fixture
def full_town(gridmap, imported, look, tmp_path):
    """The drawn district with a thing of every kind, all of it imported."""
    imported("areas", write_rows(tmp_path / "areas.csv", area_rows()), "--working-crs", "EPSG:4547")
    sites = write_rows(tmp_path / "sites.geojson", site_rows())
    imported("sites", sites)
    grids = grid_rows()
    grids[0] |= {"kind": "dedicated", "owner": "s-1"}
    imported("grids", write_rows(tmp_path / "grids.geojson", grids), "--effective", "2026-01-01")
    imported("buildings", write_rows(tmp_path / "b.geojson", [
        {"code": "b-1", "name": "=1号楼", "households": 3, "geometry": spot(0.4, 0.4).buffer(9, quad_segs=1)}
    ]))  # fmt: skip
    imported("streets", write_rows(tmp_path / "w.geojson", [
        {"kind": "street", "rank": 1, "layer": 1, "name": "新路", "name_en": "New Rd",
         "geometry": shapely.LineString([spot(0, 1), spot(1, 1)])}
    ]))  # fmt: skip
    imported("devices", cameras(tmp_path / "d.csv"), "--effective", "2026-01-01")
    look.execute(text("INSERT INTO category (code, name) VALUES ('0101', '井盖缺失')"))
    look.commit()
    lon, lat = point(0.5, 0.5)
    manhole = ("", "hotline", "0101", "井盖丢失", "2026-11-20 08:30", 5, lon, lat)
    imported("reports", reports(tmp_path / "r.csv", manhole, ("", "web", "", "-1 层漏水", "2026-11-20", "", "", "")))
    return tmp_path


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".csv", ".xlsx"])
def test_every_kind_goes_out_and_comes_in_the_same(full_town, gridmap, imported, look, suffix):
    for kind in KINDS:
        path = full_town / f"{kind}{suffix}"
        code, out, said = gridmap("export", kind, "-o", path)
        assert (code, out.strip()) == (0, str(path)), said
        answer = imported(kind, path)
        counts = answer["counts"]
        assert (answer["exit"], counts["new"], counts["changed"], counts["ended"]) == (0, 0, 0, 0), (kind, answer)
        assert counts["same"] > 0


def test_a_past_day_goes_out_as_it_was(full_town, gridmap, imported):
    grids = grid_rows()
    grids[1]["name"] = "新名"
    imported("grids", write_rows(full_town / "later.geojson", grids), "--effective", "2026-06-01")
    names = {}
    for day in ("2026-05-31", "2026-06-01"):
        gridmap("export", "grids", "-o", full_town / f"{day}.csv", "--as-of", day)
        frame = read(full_town / f"{day}.csv")
        names[day] = dict(zip(frame["code"], frame["name"], strict=True))[CODE["B"]]
    assert names == {"2026-05-31": "网格 B", "2026-06-01": "新名"}
    assert gridmap("export", "streets", "-o", full_town / "s.csv", "--as-of", "2026-05-31")[0] == 2


def test_readers_get_what_they_may_see(full_town, look):
    path = look.scalar(text("SELECT path::text FROM grid_version WHERE code = :code"), {"code": CODE["E"]})
    elsewhere = look.scalar(text("SELECT path::text FROM grid_version WHERE code = :code"), {"code": CODE["A"]})
    out = full_town / "seen.csv"

    def seen(kind, *paths):
        export(look, Scope(paths=paths), kind, out)
        return read(out)

    full = seen("reports", (path, Access.FULL))
    assert full["text"].tolist() == ["井盖丢失"]
    masked = seen("reports", (path, Access.MASKED))
    assert masked["text"].isna().all() or set(masked["text"]) <= {"", None}
    assert len(seen("reports", (path, Access.FIGURES))) == 0
    assert len(seen("reports", (elsewhere, Access.FULL))) == 0
    figures = seen("incidents", (path, Access.FIGURES))
    assert len(figures) == 1
    assert figures.geometry.isna().all()
    assert seen("incidents", (path, Access.MASKED)).geometry.notna().all()
    assert len(seen("grids", (path, Access.FULL))) == 1


def test_no_text_of_an_export_becomes_a_formula(full_town, gridmap):
    gridmap("export", "buildings", "-o", full_town / "b.xlsx")
    cells = [cell.value for row in openpyxl.load_workbook(full_town / "b.xlsx").active for cell in row]
    assert "'=1号楼" in cells


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_what_a_template_gives_an_import_takes(gridmap, imported, look, tmp_path, locale):
    imported("areas", write_rows(tmp_path / "areas.csv", area_rows()), "--working-crs", "EPSG:4547")
    for kind in KINDS:
        if kind == "grids":
            continue
        path = tmp_path / f"{kind}.xlsx"
        assert gridmap("template", kind, "-o", path, "--lang", locale)[0] == 0
        answer = imported(kind, path, "--dry-run")
        assert [(row["change"], row.get("code")) for row in answer["preview"]], (kind, answer)
        grave = [defect["sentence"] for defect in answer["defects"]["listed"] if defect["grave"]]
        assert grave == [], kind
        assert answer["counts"]["new"] + answer["counts"]["same"] + answer["counts"]["changed"] == 1


def test_choices_of_a_template_are_drop_downs_in_the_reader_s_language(tmp_path):
    write_template("grids", tmp_path / "网格.xlsx", "zh-CN")
    book = openpyxl.load_workbook(tmp_path / "网格.xlsx")
    header = [cell.value for cell in book.worksheets[0][1]]
    assert header[0] == "编码*"
    (kinds,) = [rule for rule in book.worksheets[0].data_validations.dataValidation if rule.type == "list"]
    assert kinds.formula1 == "choices!$D$1:$D$3"
    assert [book["choices"][f"D{row}"].value for row in (1, 2, 3)] == ["城市", "农村", "专属"]
    assert {row[1].value for row in book.worksheets[1].iter_rows(min_row=2)} >= {f.name for f in KINDS["grids"].fields}


def test_everything_that_can_come_in_can_go_out():
    assert set(KINDS) < set(SOURCES)
