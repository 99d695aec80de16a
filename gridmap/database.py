"""The door to PostgreSQL: the base of all tables, engines with limits, one transaction at a time."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import BigInteger, Connection, DateTime, Engine, MetaData, create_engine, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import UserDefinedType

from gridmap.errors import Unavailable
from gridmap.language import N_

_LOCK_TRIES = 10


class Base(DeclarativeBase):
    """The base of every mapped class; instants carry a zone, numbers made by the server are 64 bit."""

    metadata = MetaData()
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        int: BigInteger,
        dict[str, Any]: JSONB,
    }


class Ltree(UserDefinedType[str]):
    """A path in the area tree, such as ``1.14.203.g5512``."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Name the column type for PostgreSQL."""
        return "LTREE"


def make_engine(
    url: str,
    *,
    statement_timeout_s: float | None = 5,
    lock_timeout_s: float = 2,
    idle_timeout_s: float | None = 10,
    pool_size: int = 8,
) -> Engine:
    """
    Open a pool of connections with the limits of this kind of process.

    Limits belong to the connection, never to the role: a limit on the role would kill migrations.

    Parameters
    ----------
    url
        SQLAlchemy address with the driver ``postgresql+psycopg``.
    statement_timeout_s, lock_timeout_s, idle_timeout_s
        Seconds; None is no limit. The defaults are those of the web; workers take 60 s.
    pool_size
        Most connections this process keeps.
    """
    limits = {
        "statement_timeout": statement_timeout_s,
        "lock_timeout": lock_timeout_s,
        "idle_in_transaction_session_timeout": idle_timeout_s,
    }
    options = " ".join(f"-c {name}={int((value or 0) * 1000)}" for name, value in limits.items())
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=3,
        connect_args={
            "connect_timeout": 5,
            "options": f"{options} -c timezone=UTC",
            "application_name": "gridmap",
        },
    )
    event.listen(engine, "checkout", _refuse_ended)
    return engine


def _refuse_ended(connection: psycopg.Connection[Any], *_: object) -> None:
    """
    Have the pool replace connections whose server went away, without asking the server each time.

    A backend that ends says so, and nothing else is ever said on a connection that lies in the pool: whatever
    there is to read on it is its end. A ping would find the same for one more round trip a request.

    Raises
    ------
    DisconnectionError
        Which the pool hears, and connects anew.
    """
    if connection.closed or select.select([connection], [], [], 0)[0]:
        raise DisconnectionError


_sessions: sessionmaker[Session] = sessionmaker(expire_on_commit=False)


def bind(engine: Engine | None) -> None:
    """Say once, when a process starts, which database `transaction` speaks to."""
    _sessions.configure(bind=engine)


@contextmanager
def transaction() -> Iterator[Session]:
    """
    One unit of work: committed when the block ends, rolled back when it raises.

    Raises
    ------
    Unavailable
        If this process was not bound to a database.
    """
    if _sessions.kw.get("bind") is None:
        raise Unavailable(N_("The database is not connected. Start it with `gridmap db start`."))
    with _sessions() as session, session.begin():
        yield session


def straight(db: Session | Connection, statement: str, values: Mapping[str, Any]) -> list[Any]:
    """
    Execute one statement of this transaction straight on the driver, prepared: half the CPU of the way through
    SQLAlchemy, which counts where every report and alert passes.

    Pending objects of the session are not flushed before it.

    Parameters
    ----------
    statement
        SQL with values as ``%(name)s``.

    Returns
    -------
    rows
        Named tuples; none for a statement that gives no rows.

    Raises
    ------
    DBAPIError
        As SQLAlchemy would raise it.
    """
    connection = db if isinstance(db, Connection) else db.connection()
    driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    try:
        with driver.cursor(row_factory=namedtuple_row) as cursor:
            cursor.execute(statement, values, prepare=True)
            # What `description` would tell, without making a description of every column.
            told = cursor.pgresult
            return cursor.fetchall() if told is not None and told.nfields else []
    except psycopg.Error as error:
        raise DBAPIError.instance(statement, dict(values), error, psycopg.Error) from error


@contextmanager
def reading() -> Iterator[Connection]:
    """
    A connection for one quick look of a single statement: one round trip, where `transaction` takes three.

    Raises
    ------
    Unavailable
        If this process was not bound to a database.
    """
    bound = _sessions.kw.get("bind")
    if bound is None:
        raise Unavailable(N_("The database is not connected. Start it with `gridmap db start`."))
    if isinstance(bound, Connection):
        yield bound
        return
    with bound.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")


def migrations_dir() -> Path:
    """Where the migrations lie: inside the installed package, or beside it in a checkout."""
    package = Path(str(files("gridmap")))
    packed = package / "migrations"
    return packed if packed.is_dir() else package.parent / "migrations"


def upgrade(owner_url: str, revision: str = "head") -> None:
    """
    Bring the schema to `revision`, as the owner role, waiting out locks that others hold.

    Raises
    ------
    Unavailable
        If a lock could not be had after several tries; the schema is as before.
    """
    from alembic import command
    from alembic.config import Config
    from sqlalchemy.exc import OperationalError

    config = Config()
    config.set_main_option("script_location", str(migrations_dir()))
    config.attributes["owner_url"] = owner_url
    for attempt in range(1, _LOCK_TRIES + 1):
        try:
            command.upgrade(config, revision)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != "55P03":  # lock_not_available
                raise
            time.sleep(0.2 * attempt)
        else:
            return
    raise Unavailable(N_("The schema could not be changed: other work holds its tables. Try again in a minute."))


@cache
def head_revision() -> str:
    """The newest revision this code knows; its migrations do not change while it runs."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrations_dir()))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def is_known_revision(revision: str) -> bool:
    """Whether this code has the migration of that name, and so can bring its tables to the newest."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrations_dir()))
    return revision in {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}


def current_revision(engine: Engine) -> str | None:
    """The revision the database stands at; None if it was never migrated."""
    with engine.connect() as connection:
        if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
            return None
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision


def require_schema(engine: Engine) -> None:
    """
    Refuse to work on a database whose tables are not those that this code knows.

    Raises
    ------
    Unavailable
        If it was never migrated, or stands at another revision; the sentence names the command.
    """
    if current_revision(engine) != head_revision():
        raise Unavailable(
            N_("The tables of the database are not those of this version of gridmap. Run `gridmap db upgrade` first.")
        )
