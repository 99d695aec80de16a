"""Documents carry all they need, reach nobody, and show every name as the text it is."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from gridmap.errors import Invalid
from gridmap.grids.publishing import publish_coverage
from gridmap.insight.brief import draw_brief
from gridmap.insight.figures import read_brief
from gridmap.insight.maps import draw_map
from gridmap.insight.palette import DAY
from gridmap.insight.payload import embedded
from gridmap.insight.queries import sight_of
from gridmap.insight.rules import Week
from gridmap.insight.situation import LAYERS, Wish, read_situation
from gridmap.insight.workbook import write_workbook
from gridmap.people.rules import Role
from tests.insight.conftest import NOW
from tests.worlds import CODE, FOUNDED, grid_drafts, person

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "gridmap" / "insight" / "assets"
RECORD = json.loads((ASSETS / "vendor.json").read_text())
HOSTILE = "</script><script>document.title='owned'</script>{{ 7*7 }}\"'&\n‮gnp"
WEEK = Week(2026, 46, ZoneInfo("Asia/Shanghai"))
# Anything that a browser would fetch by itself, or follow.
OUTSIDE = re.compile(
    r"""(?:src|href|action|data)\s*=\s*["']?\s*(?:https?:)?//|url\(\s*["']?\s*(?:https?:)?//|@import""", re.IGNORECASE
)


def data_of(page: str) -> dict:
    """What the script of a map is given."""
    written = re.search(r"<script>const gridmapData=(.*?)</script>", page, re.S)
    assert written
    return json.loads(written[1])


@pytest.fixture
def hostile_town(db, town):
    """The second edition, in which grid A bears a name that means harm, and so do its class and area."""
    drafts = [replace(draft, name=HOSTILE, names={}) if draft.code == CODE["A"] else draft for draft in grid_drafts()]
    publish_coverage(db, town.district_id, drafts, base_edition=1, effective_at=FOUNDED + timedelta(days=1))
    db.execute(text("UPDATE area_version SET name = :name, names = '{}' WHERE code = '990106001'"), {"name": HOSTILE})
    db.execute(text("UPDATE category SET name = :name, names = '{}' WHERE code = '0101'"), {"name": HOSTILE})
    return town


def drawn(db, actor, locale="en", **wish):
    return draw_map(read_situation(db, sight_of(actor), Wish(**wish), NOW), locale)


def test_a_map_names_no_address_outside_itself(db, town, machine, happened):
    happened("A", NOW)
    page = drawn(db, machine)
    assert not OUTSIDE.search(page)
    assert "default-src 'none'" in page
    assert set(re.findall(r"https?://[\w.-]+", re.sub(r"/\*.*?\*/", "", page, flags=re.S))) == {"http://www.w3.org"}


def test_no_name_ends_the_script_or_is_read_as_a_template(db, hostile_town, machine, happened):
    happened("A", NOW)
    page = drawn(db, machine, locale="zh-CN", area_code="990106001")
    assert '<h1 dir="auto">淇水区 · &lt;/script&gt;' in page
    assert "{{ 7*7 }}" in page
    assert "<script>document.title" not in page
    # One closing tag for each that opens: the data brought none of its own.
    assert page.count("</script>") == len(re.findall(r"<script\b", page))
    data = data_of(page)
    assert next(grid["name"] for grid in data["grids"] if grid["code"] == CODE["A"]) == HOSTILE
    assert data["tables"]["categories"] == [HOSTILE]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_data_within_a_script_says_what_it_said(said):
    written = embedded({"name": said})
    assert not set(written) & set("<>&\u2028\u2029")
    assert json.loads(written) == {"name": said}


def test_the_map_counts_what_stands_in_it(db, town, machine, happened):
    happened("A", NOW - timedelta(hours=2), due=NOW - timedelta(hours=1), severity=1)
    happened("A", NOW - timedelta(hours=2), due=NOW + timedelta(hours=1))
    happened("B", NOW - timedelta(hours=2), closed=NOW - timedelta(hours=1))
    data = data_of(drawn(db, machine))
    loads = {grid["code"]: (grid["open"], grid["overdue"]) for grid in data["grids"]}
    assert loads.pop(CODE["A"]) == (2, 1)
    assert set(loads.values()) == {(0, 0)}
    assert sorted(row[2:4] for row in data["incidents"]) == [[1, 1], [3, 0]]
    assert {area["name"] for area in data["areas"]} == {"North", "South", "Qinghe", "Yulan", "Xiangyang"}


def test_a_day_of_the_past_is_drawn_as_it_was(db, hostile_town, machine, happened):
    day = datetime(2026, 11, 3, 12, tzinfo=UTC)
    happened("B", day - timedelta(days=1), closed=day + timedelta(days=1))
    then = data_of(drawn(db, machine, at=day))
    assert [grid["open"] for grid in then["grids"] if grid["code"] == CODE["B"]] == [1]
    assert data_of(drawn(db, machine))["incidents"] == []
    founded = data_of(drawn(db, machine, locale="zh-CN", at=FOUNDED + timedelta(hours=1)))
    assert next(grid["name"] for grid in founded["grids"] if grid["code"] == CODE["A"]) == "网格 A"


def test_only_the_layers_that_were_asked_for_are_in_it(db, town, machine, happened):
    happened("A", NOW)
    page = drawn(db, machine, layers=("open", "areas"))
    data = data_of(page)
    assert (data["incidents"], data["ground"]) == ([], {})
    assert "Open per grid" in page
    assert "Grids by kind" not in page
    with pytest.raises(Invalid, match="no layer weather"):
        drawn(db, machine, layers=("weather",))
    assert set(LAYERS) >= {"kind", "open", "overdue"}


@pytest.mark.parametrize(("role", "single"), [(Role.WORKER, 0), (Role.PLANNER, 0), (Role.CHIEF, 1), (Role.OPERATOR, 1)])
def test_single_incidents_stand_only_in_the_map_of_who_may_export_tables(db, town, happened, role, single):
    happened("A", NOW - timedelta(hours=1))
    reader = person(db, role, town.paths["A"], grid_id=town.grid_ids["A"])
    data = data_of(drawn(db, reader))
    assert len(data["incidents"]) == single
    assert [(grid["code"], grid["open"]) for grid in data["grids"]] == [(CODE["A"], 1)]


def test_a_brief_holds_its_map_in_a_frame_that_is_shut(db, hostile_town, machine, happened):
    happened("A", WEEK.start, due=WEEK.end)
    page = draw_brief(read_brief(db, sight_of(machine), WEEK, None, NOW), "zh-CN")
    assert not OUTSIDE.search(page)
    assert 'sandbox="allow-scripts" srcdoc="' in page
    assert "<script" not in page  # the frame's own are escaped within its attribute
    assert "&lt;/script&gt;&lt;script&gt;document.title" in page
    assert "当周结案且不晚于时限的" in page


def test_an_empty_week_says_so_in_a_sentence(db, town, machine):
    page = draw_brief(read_brief(db, sight_of(machine), WEEK, None, NOW), "en")
    assert "Nothing happened and nothing was closed in this week." in page


def test_a_workbook_has_real_numbers_and_dates_and_nothing_that_computes(db, town, machine, happened, tmp_path):
    db.execute(text("UPDATE category SET name = '=1+1', names = '{}' WHERE code = '0101'"))
    happened("A", WEEK.start, due=WEEK.end, closed=WEEK.start)
    happened("B", WEEK.start, due=WEEK.end)
    brief = read_brief(db, sight_of(machine), WEEK, None, NOW)
    write_workbook(brief, tmp_path / "b.xlsx", "en")
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    assert [cell.value for cell in book["By class"][4][:2]] == ["'=1+1", 2]
    assert book["By day"]["A4"].value == datetime(2026, 11, 9)  # noqa: DTZ001 - a sheet knows no zones
    assert [cell.value for cell in book["By township"][4][5:8]] == [100, 1, 1]
    assert book["Tightest deadlines"]["F4"].is_date
    assert all(sheet.freeze_panes == "B4" for sheet in book)


def test_the_colours_are_those_of_the_light_theme():
    tokens = (ROOT / "webapp" / "shared" / "static" / "tokens.css").read_text()
    light = tokens[tokens.index('[data-theme="day"]') :]
    assert {name: re.search(rf"--{name}: ([^;]+);", light)[1] for name in DAY} == DAY


@pytest.mark.parametrize("name", RECORD["files"])
def test_a_library_in_the_documents_is_what_was_recorded(name):
    content = (ASSETS / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == RECORD["files"][name]["sha256"]


def test_every_library_in_the_documents_is_recorded_and_has_its_licence():
    carried = {path.name for path in ASSETS.iterdir() if path.suffix in {".js", ".css"}}
    assert carried == set(RECORD["files"])
    lock = json.loads((ASSETS / "package-lock.json").read_text())
    for name, package in RECORD["packages"].items():
        assert f"{name} {package['version']} ({package['license']})" in (ASSETS / "LICENSES").read_text()
        assert lock["packages"][f"node_modules/{name}"]["version"] == package["version"]
