"""What happens once: the data directory, the two roles, the database with its extensions."""

from __future__ import annotations

import os
import secrets

import psycopg
from psycopg import sql

from gridmap.language import N_
from gridmap.postgis.account import Account
from gridmap.postgis.binaries import EXTENSIONS, Binaries
from gridmap.postgis.conf import APP_ROLE, INCLUDES, OWNER_ROLE, SUPERUSER
from gridmap.postgis.errors import ClusterError
from gridmap.postgis.places import PORT, Places

DATABASE = "gridmap"


def make_data_directory(places: Places, account: Account, binaries: Binaries) -> None:
    """
    Make a data directory, whole or not at all.

    It is made under another name and renamed at the end, so that a run that was cut off leaves
    nothing that looks like a database.

    Raises
    ------
    ClusterError
        If ``initdb`` fails; the sentence carries its last words.
    """
    left = places.home.glob("data.unfinished.*")
    account.run("rm", "-rf", "--", *map(str, left))
    # A name of its own: the initdb of a killed run may still be writing into the last one.
    unfinished = places.home / f"data.unfinished.{secrets.token_hex(4)}"
    done = account.run(
        binaries.initdb,
        f"--pgdata={unfinished}",
        f"--username={SUPERUSER}",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--text-search-config=simple",
        "--auth-local=peer",
        "--auth-host=reject",
        "--data-checksums",
        "--no-instructions",
    )
    if done.returncode != 0:
        raise ClusterError(
            N_("The database could not be made in %(path)s: %(reason)s"),
            path=str(places.home),
            reason=last_words(done.stderr),
        )
    account.run("/bin/sh", "-c", 'cat >>"$1"', "sh", str(unfinished / "postgresql.conf"), stdin=INCLUDES)
    unfinished.rename(places.data)
    # Without this a power cut could undo the rename after the first data was acked.
    home = os.open(places.home, os.O_RDONLY)
    os.fsync(home)
    os.close(home)


def last_words(said: str) -> str:
    """Pick the last line a program said that is not empty."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "-"


def connect(socket_dir: str, database: str) -> psycopg.Connection[tuple[object, ...]]:
    """Connect as the superuser who made the cluster; used for what only that role may do."""
    return psycopg.connect(
        host=socket_dir, port=PORT, user=SUPERUSER, dbname=database, connect_timeout=10, autocommit=True
    )


def make_roles(socket_dir: str) -> None:
    """Make what is missing of the two roles; the second time changes nothing."""
    with connect(socket_dir, "postgres") as connection:
        known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role in (OWNER_ROLE, APP_ROLE):
            if role not in known:
                statement = "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE"
                connection.execute(sql.SQL(statement).format(sql.Identifier(role)))


def make_database(socket_dir: str, name: str, *, template: str = "template0") -> None:
    """
    Make a database that `gridmap_owner` owns and `gridmap_app` may use, unless it is there.

    Parameters
    ----------
    socket_dir
        Directory of the cluster's socket.
    name
        Name of the database.
    template
        What it is a copy of; the rights on the database itself are not copied and are given anew.
    """
    database, owner, app = sql.Identifier(name), sql.Identifier(OWNER_ROLE), sql.Identifier(APP_ROLE)
    with connect(socket_dir, "postgres") as connection:
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount:
            # By files: page by page through the log, which is the default, takes ten times as long.
            statement = "CREATE DATABASE {} OWNER {} TEMPLATE {} ENCODING 'UTF8' STRATEGY FILE_COPY"
            connection.execute(sql.SQL(statement).format(database, owner, sql.Identifier(template)))
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
        connection.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(database, app))
    with connect(socket_dir, name) as connection:
        here = {extension for (extension,) in connection.execute("SELECT extname FROM pg_extension")}
        for extension in EXTENSIONS:
            if extension not in here:
                connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
