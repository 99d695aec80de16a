"""A small made-up district, loaded once for a run, in databases of their own for those who look and who play."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from geodata.sample.district import District, make_district
from gridmap.database import make_engine
from gridmap.demo import load
from gridmap.demo.load import STEPS, load_demo
from gridmap.people import passwords
from gridmap.postgis import DatabaseUrls, PrivateCluster
from tests.database import copy_of_template
from tests.prepared import made_once

GRIDS = 60
UNTIL = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
DISTRICT = "gridmap_district"
YEAR = tuple(step for step in STEPS if not step.beside)


@pytest.fixture(scope="module", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Dozens of accounts with a password each: argon2 is slow on purpose, and quick here."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", lambda: quick)
        yield


@pytest.fixture(scope="session")
def district() -> District:
    """The district as its maker gives it."""
    return make_district(1, grids=GRIDS, until=UNTIL)


@pytest.fixture(scope="session")
def copies(cluster: PrivateCluster) -> Iterator[tuple[DatabaseUrls, ...]]:
    """Three databases with the same district: to be looked at, to be played in, and to be brought up to date."""
    made_once(cluster, DISTRICT, _load_year)
    with ExitStack() as stack:
        yield tuple(stack.enter_context(copy_of_template(cluster, DISTRICT)) for _ in range(3))


def _load_year(urls: DatabaseUrls) -> None:
    engine = owner_of(urls)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load, "STEPS", YEAR)
        load_demo(engine, seed=1, grids=GRIDS, now=UNTIL, advance=lambda sentence: None)
    engine.dispose()


@pytest.fixture(scope="session")
def loaded_urls(copies: tuple[DatabaseUrls, ...]) -> DatabaseUrls:
    """The addresses of a database that holds the district, as it was loaded."""
    return copies[0]


@pytest.fixture(scope="session")
def played_urls(copies: tuple[DatabaseUrls, ...]) -> DatabaseUrls:
    """The addresses of another that holds it, for whoever changes it."""
    return copies[1]


@pytest.fixture(scope="session")
def older_urls(copies: tuple[DatabaseUrls, ...]) -> DatabaseUrls:
    """The addresses of a third, as an older release left it: with nothing beside the year."""
    return copies[2]


@pytest.fixture(scope="session")
def loaded_engine(loaded_urls: DatabaseUrls) -> Iterator[Engine]:
    engine = owner_of(loaded_urls)
    yield engine
    engine.dispose()


@pytest.fixture
def loaded(loaded_engine: Engine) -> Iterator[Session]:
    """A look into the loaded district; nothing is kept."""
    with Session(loaded_engine) as session:
        yield session
        session.rollback()


def owner_of(urls: DatabaseUrls) -> Engine:
    return make_engine(urls.owner, statement_timeout_s=None, idle_timeout_s=None, pool_size=3)
