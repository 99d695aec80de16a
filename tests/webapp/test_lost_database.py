"""The database goes away in the middle of a request: nothing half is stored, and the retry is stored once."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from gridmap.database import bind, make_engine
from gridmap.people.rules import Role
from gridmap.settings import load_settings
from tests.clients import Browser
from tests.worlds import add_person, build_town, point
from webapp import create_app
from webapp.api import reports


@pytest.fixture
def committed(fresh_database):
    """An application on a database of its own, where things are really committed."""
    engine = make_engine(fresh_database.app, pool_size=3)
    bind(engine)
    yield engine, fresh_database
    bind(None)
    engine.dispose()


@pytest.fixture
def worker(committed):
    engine, _ = committed
    app = create_app(load_settings())
    with Session(engine) as db, db.begin():
        town = build_town(db)
        person_id = add_person(db, "han")
        db.execute(
            text(
                "INSERT INTO assignment (person_id, role, grid_id, path, valid)"
                " VALUES (:person, :role, :grid, :path, tstzrange('2020-01-01', NULL))"
            ),
            {"person": person_id, "role": Role.WORKER, "grid": town.grid_ids["A"], "path": town.path_of("A")},
        )
        return Browser(app, db, person_id)


def cut_all(url):
    """End every connection of the service, as a restart of the database would."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE usename = 'gridmap_app' AND datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()


def test_a_cut_in_the_middle_is_answered_and_the_retry_is_stored_once(committed, worker, monkeypatch):
    engine, urls = committed
    lon, lat = point(0.5, 2.5)
    sent = {"id": str(uuid.uuid4()), "source": "patrol", "text": "井盖缺失", "place": {"lon": lon, "lat": lat}}
    whole = reports.open_for_reports

    def cut_before_opening(*args):
        cut_all(urls.app)
        return whole(*args)

    monkeypatch.setattr(reports, "open_for_reports", cut_before_opening)
    lost = worker.post("/api/v1/reports", sent)
    assert (lost.status_code, lost.mimetype) == (503, "application/problem+json")
    assert int(lost.headers["Retry-After"]) >= 1

    monkeypatch.undo()
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM report")) == 0
    assert worker.post("/api/v1/reports", sent).status_code == 201
    assert worker.post("/api/v1/reports", sent).status_code == 200
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM report")) == 1
        assert connection.scalar(text("SELECT count(*) FROM incident")) == 1
