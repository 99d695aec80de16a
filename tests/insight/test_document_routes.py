"""Documents through the web: within the reader's scope, counted, in the record, and shut in."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
from sqlalchemy import text

from gridmap.people.rules import Role
from gridmap.settings import load_settings
from tests.desks import in_grid, over_all, over_south, signed_in
from tests.insight.packing import PHONES, furnish
from tests.insight.test_documents import data_of
from tests.pdf import Paper
from tests.worlds import CODE
from webapp import create_app

MAP = "/api/v1/maps/document"


@pytest.fixture
def app(tmp_path):
    """One for each test: it holds the count of exports."""
    return create_app(load_settings(api_per_minute=100_000, data_dir=tmp_path))


@pytest.fixture
def two_incidents(happened):
    happened("A", datetime.now(UTC) - timedelta(hours=1))
    happened("E", datetime.now(UTC) - timedelta(hours=1))


def test_a_map_holds_no_more_than_its_reader_may_see(app, db, town, two_incidents):
    seen = {}
    for name, browser in (
        ("all", over_all(app, db, town)),
        ("south", over_south(app, db, town)),
        ("worker", in_grid(app, db, town, "A")),
        ("planner", over_all(app, db, town, Role.PLANNER)),
    ):
        answer = browser.get(MAP)
        assert answer.status_code == 200, answer.text
        data = data_of(answer.text)
        seen[name] = (len(data["grids"]), sum(grid["open"] for grid in data["grids"]), len(data["incidents"]))
    assert seen == {"all": (6, 2, 2), "south": (2, 1, 1), "worker": (1, 1, 0), "planner": (6, 2, 0)}


def test_who_sees_no_figures_gets_no_document(app, db, town):
    for role in (Role.AUDITOR, Role.ADMIN):
        assert over_all(app, db, town, role).get(MAP).status_code == 403
        assert over_all(app, db, town, role).get("/api/v1/briefs/last").status_code == 403
    assert app.test_client().get(MAP).status_code == 401


def test_a_document_is_kept_by_the_browser_and_nothing_in_it_runs_under_our_name(app, db, town, two_incidents):
    answer = over_all(app, db, town).get(f"{MAP}?by=open&layers=open,incidents")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="map-')
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert data_of(answer.text)["areas"] == []


def test_every_document_leaves_a_row_in_the_record(app, db, town, two_incidents):
    browser = over_all(app, db, town)
    assert browser.get(f"{MAP}?area=990106002").status_code == 200
    assert browser.get("/api/v1/briefs/last").status_code == 200
    rows = db.execute(text("SELECT object, changed FROM audit WHERE action = 'file.export' ORDER BY at")).all()
    assert [row.object for row in rows] == ["document:map", "document:brief"]
    assert (rows[0].changed["area"], rows[0].changed["incidents"]) == ("990106002", 1)


def test_the_eleventh_document_within_an_hour_is_refused(app, db, town):
    browser = over_all(app, db, town)
    path = "/api/v1/briefs/last?format=xlsx"
    answers = [browser.get(path) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    book = openpyxl.load_workbook(io.BytesIO(answers[0].data))
    assert len(book.sheetnames) == 7


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{MAP}?colour=red", 400),
        (f"{MAP}?by=weather", 422),
        (f"{MAP}?layers=weather", 422),
        (f"{MAP}?as_of=yesterday", 422),
        (f"{MAP}?area=77", 404),
        ("/api/v1/packs/77", 404),
        (f"/api/v1/packs/{CODE['A']}?as_of=2019-01-01", 404),
        (f"/api/v1/packs/{CODE['A']}?paper=A3", 400),
        ("/api/v1/briefs/2199-W01", 422),
        ("/api/v1/briefs/soon", 422),
        ("/api/v1/briefs/last?format=doc", 422),
    ],
)
def test_what_cannot_be_drawn_is_told_in_a_sentence(app, db, town, path, status):
    answer = over_all(app, db, town).get(path)
    assert answer.status_code == status
    assert json.loads(answer.text)["detail"].strip()


def test_the_map_of_a_day_is_of_that_day(app, db, town, happened):
    happened("A", datetime(2026, 3, 3, tzinfo=UTC), closed=datetime(2026, 3, 5, tzinfo=UTC))
    then = data_of(over_all(app, db, town).get(f"{MAP}?as_of=2026-03-04").text)
    assert [grid["code"] for grid in then["grids"] if grid["open"]] == [CODE["A"]]


def test_a_pack_through_the_web_tells_its_people_who_saw_their_number(app, db, town):
    furnish(db, town)
    chief = signed_in(app, db, Role.CHIEF, town.paths["A"], grid_id=town.grid_ids["A"])
    answer = chief.get(f"/api/v1/packs/{CODE['A']}", headers={"Accept-Language": "en"})
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="pack-{CODE["A"]}.pdf"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    said = re.sub(r"\s", "", Paper(answer.data).text)
    assert PHONES["worker"] in said
    assert PHONES["department"] not in said
    rows = db.execute(text("SELECT action, object, subject_id, changed FROM audit ORDER BY at, chain, seq")).all()
    (made,) = [row for row in rows if row.action == "file.export"]
    assert (made.object, made.changed["grid"], made.changed["numbers"]) == ("document:pack", CODE["A"], 2)
    assert sum(row.action == "person.read" and row.object == f"grid:{CODE['A']}" for row in rows) == 2


def test_a_pack_of_a_grid_elsewhere_is_not_there(app, db, town):
    assert over_south(app, db, town).get(f"/api/v1/packs/{CODE['A']}").status_code == 404
    assert over_all(app, db, town, Role.ADMIN).get(f"/api/v1/packs/{CODE['A']}").status_code == 403


def test_a_brief_comes_on_paper_too(app, db, town):
    answer = over_all(app, db, town).get("/api/v1/briefs/last?format=pdf")
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    assert Paper(answer.data).page_count >= 1
