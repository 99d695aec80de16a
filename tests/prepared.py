"""Worlds that are built once for a run: what a test begins with lies in its database already, and is rolled back to."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pkgutil import resolve_name
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gridmap.database import make_engine
from gridmap.postgis import DatabaseUrls, PrivateCluster
from gridmap.postgis.bootstrap import connect, make_database
from gridmap.postgis.places import locked
from tests.database import TEMPLATE, copy_of_template, make_template

# By the name of the fixture that gives them, the fuller ones first; imported when somebody asks.
BUILDERS = {"street": "tests.planning.turning:build_street", "town": "tests.worlds:build_town"}


@dataclass(frozen=True)
class World:
    """A worker's own copy of a built world, and what its builder gave."""

    engine: Engine
    built: Any


@contextmanager
def worlds(cluster: PrivateCluster) -> Iterator[Callable[[str], World]]:
    """The worlds of a worker, each copied when its first test asks for it, and gone at the end."""
    with ExitStack() as stack:

        @cache
        def world(name: str) -> World:
            built = _build_once(cluster, name)
            urls = stack.enter_context(copy_of_template(cluster, _template_of(name)))
            engine = make_engine(urls.app, idle_timeout_s=None)
            stack.callback(engine.dispose)
            return World(engine, built)

        yield world


def _template_of(name: str) -> str:
    return f"gridmap_{name}"


def _build_once(cluster: PrivateCluster, name: str) -> Any:
    def build(urls: DatabaseUrls) -> Any:
        engine = make_engine(urls.app, idle_timeout_s=None)
        with Session(engine, expire_on_commit=False) as db:
            built = resolve_name(BUILDERS[name])(db)
            db.commit()
        engine.dispose()
        return built

    return made_once(cluster, _template_of(name), build)


def made_once(cluster: PrivateCluster, template: str, build: Callable[[DatabaseUrls], Any]) -> Any:
    """
    Fill a database for all workers of the run, to be copied; whoever comes second reads what the first was given.

    Parameters
    ----------
    template
        The name of the database, for `copy_of_template`.
    build
        Fills a database that holds the schema and no rows, and leaves it; what it returns is pickled.
    """
    make_template(cluster)
    given = cluster.places.data_dir / f"{template}.given"
    with (
        locked(cluster.places.data_dir / f"{template}.lock", lambda: None),
        connect(str(cluster.socket_dir), "postgres") as superuser,
    ):
        if not given.exists():
            growing = f"{template}_growing"
            superuser.execute(f"DROP DATABASE IF EXISTS {growing}".encode())
            make_database(str(cluster.socket_dir), growing, template=TEMPLATE)
            built = build(DatabaseUrls(cluster.url("app", growing), cluster.url("owner", growing)))
            superuser.execute(f"ALTER DATABASE {growing} RENAME TO {template}".encode())
            given.write_bytes(pickle.dumps(built))
        return pickle.loads(given.read_bytes())
