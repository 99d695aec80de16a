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
    "max_wal_size": "512MB",
    "autovacuum": "off",
}
TEMPLATE = "gridmap_template"
_PREFIX = "gridmap-tests"
_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 3 << 30


def new_run_dir() -> Path:
    """Make the directory of this run, in memory if there is room, and remove those whose run was killed."""
    # A database is copied for every test that commits: twenty megabytes, ten times as fast without a disk.
    in_memory = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ROOM_BYTES
    place = _MEMORY if in_memory else Path(tempfile.gettempdir())
    for old in place.glob(f"{_PREFIX}-*"):
        if not Path("/proc", old.name.split("-")[2]).exists():
            shutil.rmtree(old, ignore_errors=True)
    run_dir = place / f"{_PREFIX}-{os.getpid()}-{secrets.token_hex(4)}"
    # Whatever the umask is: the server's account must be able to enter.
    for made, mode in ((run_dir, 0o755), (run_dir / "tmp", 0o1777)):
        made.mkdir()
        made.chmod(mode)
    return run_dir


def use_run_dir(run_dir: Path) -> None:
    """Have everything temporary of this process and its children lie in the directory of the run."""
    tempfile.tempdir = os.environ["TMPDIR"] = str(run_dir / "tmp")


def cluster_of(run_dir: Path) -> Path:
    """Where the cluster of a run keeps its data."""
    return run_dir / "cluster"


def end_run(run_dir: Path) -> None:
    """Leave nothing of a run, even if a worker died."""
    if cluster_of(run_dir).is_dir():
        PrivateCluster(cluster_of(run_dir)).end_when_unused()
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
def copy_of_template(cluster: PrivateCluster, template: str = TEMPLATE) -> Iterator[DatabaseUrls]:
    """
    A database of its own, dropped at the end with whoever is connected.

    Parameters
    ----------
    template
        What it is a copy of: the schema and no rows, or a database that a test file filled and nobody is connected to.
    """
    make_template(cluster)
    # Workers share the cluster, so a name that two of them could choose would be one database for both.
    name = f"gridmap_{secrets.token_hex(4)}"
    make_database(str(cluster.socket_dir), name, template=template)
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
