"""The database for a command, as whoever runs the machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gridmap.cli.terminal import say

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from gridmap.people.rules import Actor


@contextmanager
def opened() -> Iterator[tuple[Session, Actor]]:
    """
    Open the database of this installation for one unit of work, committed when the block ends.

    Yields
    ------
    db, actor
        The session, and the machine itself as the one who acts: it may do all, and the audit names it.
    """
    from sqlalchemy.orm import Session

    from gridmap.database import make_engine, require_schema
    from gridmap.postgis import holding_database
    from gridmap.settings import load_settings

    with holding_database(load_settings(), say) as urls:
        engine = make_engine(urls.app, statement_timeout_s=60, idle_timeout_s=60, pool_size=1)
        try:
            require_schema(engine)
            with Session(engine) as db, db.begin():
                yield db, machine()
        finally:
            engine.dispose()


@contextmanager
def connected(pool_size: int = 1) -> Iterator[Engine]:
    """
    The database of this installation, for work of any length: no limit on how long one statement takes.

    Parameters
    ----------
    pool_size
        Connections at once; jobs have one to look in beside those that they work in.
    """
    from gridmap.database import make_engine, require_schema
    from gridmap.postgis import holding_database
    from gridmap.settings import load_settings

    with holding_database(load_settings(), say) as urls:
        engine = make_engine(
            urls.app, statement_timeout_s=None, idle_timeout_s=None, lock_timeout_s=60, pool_size=pool_size
        )
        try:
            require_schema(engine)
            yield engine
        finally:
            engine.dispose()


def machine() -> Actor:
    """Whoever has the rights of the operating system to run this command."""
    from gridmap.people.rules import system_actor
    from gridmap.system.audit import Doer

    return system_actor(Doer(None, "system"))
