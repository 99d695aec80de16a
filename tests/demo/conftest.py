"""A small made-up district in a database of its own, loaded once for all tests that only look at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, make_url
from sqlalchemy.orm import Session

from geodata.sample.district import District, make_district
from gridmap.database import make_engine
from gridmap.demo.load import load_demo
from gridmap.people import passwords
from gridmap.postgis import DatabaseUrls, PrivateCluster
from tests.database import copy_of_template

GRIDS = 60
UNTIL = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


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
def loaded_and_played(cluster: PrivateCluster) -> Iterator[tuple[DatabaseUrls, DatabaseUrls]]:
    """Two databases with the same district: one to be looked at, and one to be played in."""
    with copy_of_template(cluster) as urls:
        engine = owner_of(urls)
        load_demo(engine, seed=1, grids=GRIDS, now=UNTIL, advance=lambda sentence: None)
        engine.dispose()
        with copy_of_template(cluster, str(make_url(urls.owner).database)) as played:
            yield urls, played


@pytest.fixture(scope="session")
def loaded_urls(loaded_and_played: tuple[DatabaseUrls, DatabaseUrls]) -> DatabaseUrls:
    """The addresses of a database that holds the district, as it was loaded."""
    return loaded_and_played[0]


@pytest.fixture(scope="session")
def played_urls(loaded_and_played: tuple[DatabaseUrls, DatabaseUrls]) -> DatabaseUrls:
    """The addresses of another that holds it, for whoever changes it."""
    return loaded_and_played[1]


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
