"""A town whose events are committed for real, and desks that listen to them."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap import database
from gridmap.database import bind, make_engine
from gridmap.people.rules import Role
from gridmap.settings import load_settings
from gridmap.system import listen
from tests.desks import in_grid, over_all, over_south
from tests.worlds import build_town
from webapp import create_app, stream
from webapp.stream import EXTENSION


@pytest.fixture
def engine(fresh_database, cluster):
    before = database._sessions.kw.get("bind")
    engine = make_engine(fresh_database.app, pool_size=8)
    bind(engine)
    yield engine
    bind(before)
    engine.dispose()


@pytest.fixture
def live(engine):
    """A session whose work is committed by the test."""
    with Session(engine, expire_on_commit=False) as db:
        yield db


@pytest.fixture
def town(live):
    town = build_town(live)
    # The publishing of the town is no news.
    live.execute(text("DELETE FROM live_event"))
    live.commit()
    return town


@pytest.fixture
def app(engine, monkeypatch):
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.3)
    # Nobody waits a second at the end of each test for the thread that listens.
    monkeypatch.setattr(listen, "_LONGEST_WAIT_S", 0.05)
    app = create_app(load_settings(streams=8))
    yield app
    app.extensions[EXTENSION].stop()


@pytest.fixture
def hub(app):
    return app.extensions[EXTENSION]


@pytest.fixture
def desk(app, live, town):
    """Opens a browser for a role and commits it."""

    def make(kind="all", role=Role.OPERATOR):
        browser = {
            "all": lambda: over_all(app, live, town, role),
            "south": lambda: over_south(app, live, town),
            "A": lambda: in_grid(app, live, town, "A"),
        }[kind]()
        live.commit()
        return browser

    return make


@pytest.fixture
def owner_of(cluster, engine):
    from gridmap.postgis.bootstrap import connect

    def ask(statement):
        with connect(str(cluster.socket_dir), engine.url.database) as superuser:
            return superuser.execute(f"{statement} AND datname = current_database()".encode()).fetchall()

    return ask
