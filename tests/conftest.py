"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from gridmap.database import make_engine
from gridmap.postgis import DatabaseUrls, PrivateCluster
from tests.bytecode import keep_bytecode
from tests.database import (
    FAST,
    cluster_of,
    copy_of_template,
    end_run,
    joined_by_transactions,
    new_run_dir,
    rolled_back,
    use_run_dir,
)
from tests.prepared import BUILDERS, World, worlds
from tests.worlds import Town

if TYPE_CHECKING:
    from tests.planning.turning import Street

RUN_DIR = pytest.StashKey[Path]()

# How long an example takes says how busy the machine is, and nothing of the code.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Where a test names no number of examples of its own: `scripts/test --hypothesis-profile=long`.
settings.register_profile("long", settings.get_profile("suite"), max_examples=2_000)
settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    """Agree on one directory for the run: the workers of pytest-xdist are told it by their controller."""
    told = getattr(config, "workerinput", {}).get("run_dir")
    config.stash[RUN_DIR] = Path(told) if told else new_run_dir()
    use_run_dir(config.stash[RUN_DIR])
    if cache := getattr(config, "cache", None):
        keep_bytecode(cache.mkdir("bytecode"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell a worker of pytest-xdist the directory of the run."""
    node.workerinput["run_dir"] = str(node.config.stash[RUN_DIR])  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the run's cluster, once, after the last worker."""
    if not hasattr(config, "workerinput"):
        end_run(config.stash[RUN_DIR])


@pytest.fixture(scope="session")
def cluster(pytestconfig: pytest.Config) -> Iterator[PrivateCluster]:
    """The cluster of this run, shared by its workers."""
    with PrivateCluster(cluster_of(pytestconfig.stash[RUN_DIR]), settings=FAST) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def database_urls(cluster: PrivateCluster) -> Iterator[DatabaseUrls]:
    """The addresses of this worker's database, schema and no rows."""
    with copy_of_template(cluster) as urls:
        yield urls


@pytest.fixture(scope="session")
def database_url(database_urls: DatabaseUrls) -> str:
    """The address of this worker's database for the role that serves."""
    return database_urls.app


@pytest.fixture(scope="session")
def app_engine(database_url: str) -> Iterator[Engine]:
    """Connections of the role that serves; no limit on idling, since a debugger may stand still."""
    engine = make_engine(database_url, idle_timeout_s=None)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def owner_engine(database_urls: DatabaseUrls) -> Iterator[Engine]:
    """Connections of the role that owns the schema."""
    engine = make_engine(database_urls.owner, statement_timeout_s=None, idle_timeout_s=None)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def prepared(cluster: PrivateCluster) -> Iterator[Callable[[str], World]]:
    """The built worlds of this worker, by name."""
    with worlds(cluster) as world:
        yield world


@pytest.fixture
def db_engine(request: pytest.FixtureRequest) -> Engine:
    """Connections to what `db` works in: the world whose fixture the test asks for, or a database without rows."""
    name = next((name for name in BUILDERS if name in request.fixturenames), None)
    return request.getfixturevalue("app_engine") if name is None else request.getfixturevalue("prepared")(name).engine


@pytest.fixture
def db(db_engine: Engine) -> Iterator[Session]:
    """The service's session; whatever the test or `transaction()` commits is rolled back after the test."""
    with rolled_back(db_engine) as session, joined_by_transactions(session):
        # What the process remembers of a coverage is another test's: this one may change grids behind its back.
        session.execute(text("UPDATE district SET revision = revision"))
        yield session


@pytest.fixture
def town(prepared: Callable[[str], World]) -> Town:
    """The drawn district, in the session of the test; files that really commit, or draw more, have one of their own."""
    return prepared("town").built  # type: ignore[no-any-return]


@pytest.fixture
def street(prepared: Callable[[str], World]) -> Street:
    """The drawn district with houses, planners and chiefs, in the session of the test."""
    return prepared("street").built  # type: ignore[no-any-return]


@pytest.fixture
def owner_db(owner_engine: Engine) -> Iterator[Session]:
    """The owner's session, rolled back after the test; it does not see what `db` has not committed."""
    with rolled_back(owner_engine) as session:
        yield session


@pytest.fixture
def fresh_database(cluster: PrivateCluster) -> Iterator[DatabaseUrls]:
    """A database for one test that must really commit, such as one that listens to notices."""
    with copy_of_template(cluster) as urls:
        yield urls
