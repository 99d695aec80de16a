"""What goes out comes in again and changes nothing."""

from __future__ import annotations

import openpyxl
import pytest
import shapely
from sqlalchemy import make_url, text

from geodata.files import read
from gridmap.cli import main
from gridmap.database import make_engine
from gridmap.exchange.exporting import export
from gridmap.exchange.kinds import KINDS
from gridmap.exchange.sources import SOURCES
from gridmap.people.rights import Access
from gridmap.people.rules import Scope
from tests.database import copy_of_template
from tests.exchange.files import area_rows, grid_rows, write_rows
from tests.exchange.test_devices_and_reports import cameras, reports
from tests.exchange.test_sites_and_streets import site_rows, spot
from tests.worlds import CODE, point


@pytest.fixture(scope="module")
def filled(cluster, tmp_path_factory):
    """The name of a database with the drawn district and a thing of every kind, all of it imported."""
    with copy_of_template(cluster) as urls, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_DATABASE_URL", urls.app)
        fill(urls, tmp_path_factory.mktemp("filled"))
        yield make_url(urls.owner).database


def fill(urls, place):
    """Import a file of every kind."""
    bring_in("areas", write_rows(place / "areas.csv", area_rows()), "--working-crs", "EPSG:4547")
    bring_in("sites", write_rows(place / "sites.geojson", site_rows()))
    grids = grid_rows()
    grids[0] |= {"kind": "dedicated", "owner": "s-1"}
    bring_in("grids", write_rows(place / "grids.geojson", grids), "--effective", "2026-01-01")
    bring_in("buildings", write_rows(place / "b.geojson", [
        {"code": "b-1", "name": "=1号楼", "households": 3, "geometry": spot(0.4, 0.4).buffer(9, quad_segs=1)}
    ]))  # fmt: skip
    bring_in("streets", write_rows(place / "w.geojson", [
        {"kind": "street", "rank": 1, "layer": 1, "name": "新路", "name_en": "New Rd",
         "geometry": shapely.LineString([spot(0, 1), spot(1, 1)])}
    ]))  # fmt: skip
    bring_in("devices", cameras(place / "d.csv"), "--effective", "2026-01-01")
    engine = make_engine(urls.owner)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO category (code, name) VALUES ('0101', '井盖缺失')"))
    engine.dispose()
    lon, lat = point(0.5, 0.5)
    manhole = ("", "hotline", "0101", "井盖丢失", "2026-11-20 08:30", 5, lon, lat)
    bring_in("reports", reports(place / "r.csv", manhole, ("", "web", "", "-1 层漏水", "2026-11-20", "", "", "")))


def bring_in(*words):
    """Import a file by the command."""
    with pytest.raises(SystemExit) as end:
        main(["import", *map(str, words)])
    assert not end.value.code


@pytest.fixture
def fresh_database(cluster, filled):
    """A copy of what was imported, for each test its own."""
    with copy_of_template(cluster, filled) as urls:
        yield urls


ANSWERED = {"orders"}
"""What goes out as answers to whoever sent it, and not as it came in."""


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".csv", ".xlsx"])
def test_every_kind_goes_out_and_comes_in_the_same(gridmap, imported, tmp_path, suffix):
    for kind in KINDS.keys() - ANSWERED:
        path = tmp_path / f"{kind}{suffix}"
        code, out, said = gridmap("export", kind, "-o", path)
        assert (code, out.strip()) == (0, str(path)), said
        answer = imported(kind, path)
        counts = answer["counts"]
        assert (answer["exit"], counts["new"], counts["changed"], counts["ended"]) == (0, 0, 0, 0), (kind, answer)
        assert counts["same"] > 0


def test_a_past_day_goes_out_as_it_was(gridmap, imported, tmp_path):
    grids = grid_rows()
    grids[1]["name"] = "新名"
    imported("grids", write_rows(tmp_path / "later.geojson", grids), "--effective", "2026-06-01")
    names = {}
    for day in ("2026-05-31", "2026-06-01"):
        gridmap("export", "grids", "-o", tmp_path / f"{day}.csv", "--as-of", day)
        frame = read(tmp_path / f"{day}.csv")
        names[day] = dict(zip(frame["code"], frame["name"], strict=True))[CODE["B"]]
    assert names == {"2026-05-31": "网格 B", "2026-06-01": "新名"}
    assert gridmap("export", "streets", "-o", tmp_path / "s.csv", "--as-of", "2026-05-31")[0] == 2


def test_readers_get_what_they_may_see(look, tmp_path):
    path = look.scalar(text("SELECT path::text FROM grid_version WHERE code = :code"), {"code": CODE["E"]})
    elsewhere = look.scalar(text("SELECT path::text FROM grid_version WHERE code = :code"), {"code": CODE["A"]})
    out = tmp_path / "seen.csv"

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


def test_no_text_of_an_export_becomes_a_formula(gridmap, tmp_path):
    gridmap("export", "buildings", "-o", tmp_path / "b.xlsx")
    cells = [cell.value for row in openpyxl.load_workbook(tmp_path / "b.xlsx").active for cell in row]
    assert "'=1号楼" in cells


def test_everything_that_can_come_in_can_go_out():
    assert KINDS.keys() - ANSWERED < SOURCES.keys()
