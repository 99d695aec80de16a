"""The tests' PostGIS: one cluster for a run, one database for a worker, one transaction for a test."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gridmap import database
from gridmap.postgis import DatabaseUrls, PrivateCluster
from gridmap.postgis.bootstrap import connect, make_database
from gridmap.postgis.places import locked

# What a power cut would destroy may be destroyed here: the data lives for minutes.
FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
    "max_wal_size": "4GB",
    "autovacuum": "off",
}
TEMPLATE = "gridmap_template"
_PREFIX = "gridmap-tests"


def new_run_dir() -> Path:
    """Name the directory of this run, and remove those whose run was killed."""
    place = Path(tempfile.gettempdir())
    for old in place.glob(f"{_PREFIX}-*"):
        if not Path("/proc", old.name.split("-")[2]).exists():
            shutil.rmtree(old, ignore_errors=True)
    # Workers are told the name; the cluster makes the directory, so that its server can enter it.
    return place / f"{_PREFIX}-{os.getpid()}-{secrets.token_hex(4)}"


def end_run(run_dir: Path) -> None:
    """Leave nothing of a run, even if a worker died."""
    if run_dir.is_dir():
        PrivateCluster(run_dir).end_when_unused()
        shutil.rmtree(run_dir)


def make_template(cluster: PrivateCluster) -> None:
    """Run the migrations once for all workers; whoever comes second finds the template made."""
    with (
        locked(cluster.places.data_dir / "template.lock", lambda: None),
        connect(str(cluster.socket_dir), "postgres") as superuser,
    ):
        if superuser.execute("SELECT FROM pg_database WHERE datname = %s", [TEMPLATE]).rowcount:
            return
        superuser.execute("DROP DATABASE IF EXISTS gridmap_growing")
        make_database(str(cluster.socket_dir), "gridmap_growing")
        database.upgrade(cluster.url("owner", "gridmap_growing"))
        superuser.execute(f"ALTER DATABASE gridmap_growing RENAME TO {TEMPLATE}")


@contextmanager
def copy_of_template(cluster: PrivateCluster) -> Iterator[DatabaseUrls]:
    """A database of its own with the schema and no rows; dropped at the end with whoever is connected."""
    make_template(cluster)
    # Workers share the cluster, so a name that two of them could choose would be one database for both.
    name = f"gridmap_{secrets.token_hex(4)}"
    make_database(str(cluster.socket_dir), name, template=TEMPLATE)
    try:
        yield DatabaseUrls(cluster.url("app", name), cluster.url("owner", name))
    finally:
        with connect(str(cluster.socket_dir), "postgres") as superuser:
            superuser.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def rolled_back(engine: Engine) -> Iterator[Session]:
    """A session whose commits are savepoints inside a transaction that never commits."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
            yield session
        outer.rollback()


@contextmanager
def joined_by_transactions(session: Session) -> Iterator[None]:
    """
    Have `gridmap.database.transaction` work on the connection of `session`.

    What a view commits in a test is then seen by the test, and gone after it.
    """
    makes = database._sessions
    before = dict(makes.kw)
    makes.configure(bind=session.connection(), join_transaction_mode="create_savepoint")
    try:
        yield
    finally:
        makes.kw.clear()
        makes.kw.update(before)
