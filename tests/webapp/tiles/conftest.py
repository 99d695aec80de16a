"""The drawn district and those who look at its tiles."""

from __future__ import annotations

import pytest

from gridmap.people.rules import Role
from gridmap.settings import load_settings
from tests.desks import in_grid, over_all, over_south
from webapp import create_app


@pytest.fixture
def app():
    return create_app(load_settings())


@pytest.fixture
def operator(app, db, town):
    return over_all(app, db, town)


@pytest.fixture
def planner(app, db, town):
    return over_all(app, db, town, Role.PLANNER)


@pytest.fixture
def south(app, db, town):
    return over_south(app, db, town)


@pytest.fixture
def worker(app, db, town):
    return in_grid(app, db, town, "A")
