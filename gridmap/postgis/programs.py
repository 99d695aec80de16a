"""pg_dump and pg_restore: the two programs that take a database out and bring it in."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import make_url

from gridmap.language import N_
from gridmap.postgis.binaries import DEBIAN_PROGRAMS
from gridmap.postgis.bootstrap import last_words
from gridmap.postgis.errors import ClusterError

SCHEMAS: Final = ("public", "jobs")
# Theirs who made the database: the schema that is always there, and the extension's own table.
_NOT_OURS: Final = (" SCHEMA - public ", " COMMENT - SCHEMA public ", " spatial_ref_sys ")


@dataclass(frozen=True)
class Programs:
    """The programs that speak with the server of one address."""

    url: str
    directory: Path

    @classmethod
    def for_server(cls, url: str, connection: psycopg.Connection[Any]) -> Programs:
        """
        Choose those of the server's own version, or else the next newer ones.

        Newer programs say things that an older server does not know; older ones refuse a newer server.

        Parameters
        ----------
        url
            SQLAlchemy address of the database.
        connection
            Any connection to it.

        Raises
        ------
        ClusterError
            If this machine has none; the sentence names the package.
        """
        server = connection.info.server_version // 10000
        usable = {major: directory for major, directory in _installed() if major >= server}
        if not usable:
            raise ClusterError(
                N_(
                    "The database is PostgreSQL %(major)s, and this machine has no pg_dump of that version."
                    " On Debian and Ubuntu: apt install postgresql-client-%(major)s"
                ),
                major=server,
            )
        return cls(url, usable[min(usable)])

    @contextmanager
    def dumping(self, snapshot: str) -> Iterator[IO[bytes]]:
        """
        Dump the schemas of gridmap as of a snapshot, compressed.

        Parameters
        ----------
        snapshot
            As ``pg_export_snapshot`` named it.

        Yields
        ------
        dump
            To be read to its end.

        Raises
        ------
        ClusterError
            When the block ends, if the program failed.
        """
        words = ["--format=custom", f"--snapshot={snapshot}", "--lock-wait-timeout=60s"]
        with self._running("pg_dump", *words, *(f"--schema={name}" for name in SCHEMAS)) as process:
            assert process.stdout is not None
            yield process.stdout

    def restore(self, write: Callable[[IO[bytes]], None]) -> None:
        """
        Restore a dump in one transaction: all of it, or nothing.

        Parameters
        ----------
        write
            Writes the dump into the pipe that it is given; called twice, first for the list of contents.

        Raises
        ------
        ClusterError
            If the program failed; the database is as it was.
        """
        with tempfile.NamedTemporaryFile("w", prefix="gridmap-contents-") as contents:
            contents.writelines(line for line in self._contents(write) if not any(word in line for word in _NOT_OURS))
            contents.flush()
            words = ["--single-transaction", "--exit-on-error", "--no-owner", f"--use-list={contents.name}"]
            with self._running("pg_restore", *words, stdin=subprocess.PIPE) as process:
                _write(write, process.stdin)

    def _contents(self, write: Callable[[IO[bytes]], None]) -> list[str]:
        with self._running("pg_restore", "--list", stdin=subprocess.PIPE, connects=False) as process:
            assert process.stdout is not None
            # The list is at the head of a dump, and so short that it waits in the pipe until the rest is written.
            _write(write, process.stdin)
            return process.stdout.read().decode().splitlines(keepends=True)

    @contextmanager
    def _running(
        self, program: str, *words: str, connects: bool = True, stdin: int = subprocess.DEVNULL
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Run a program for as long as the block does, and wait for its end."""
        address, environment = address_of(self.url)
        command = [str(self.directory / program), *words, *([f"--dbname={address}", "--no-password"] * connects)]
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(  # noqa: S603 - programs of PostgreSQL
                command, stdin=stdin, stdout=subprocess.PIPE, stderr=said, env={**os.environ, **environment}
            )
            with process:
                try:
                    yield process
                except BaseException:
                    process.kill()
                    raise
            if process.returncode != 0:
                said.seek(0)
                raise ClusterError(
                    N_("%(program)s could not finish: %(reason)s"),
                    program=program,
                    reason=last_words(said.read().decode(errors="replace")),
                )


def address_of(url: str) -> tuple[str, Mapping[str, str]]:
    """
    Give the address of a database as PostgreSQL's own programs take it.

    Returns
    -------
    address, environment
        The password stands in the environment: every user of a machine can read the words of a command.
    """
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    parts = {name: str(value) for name, value in conninfo_to_dict(plain).items() if value is not None}
    password = parts.pop("password", None)
    environment = {"LC_ALL": "C.UTF-8"} | ({"PGPASSWORD": password} if password else {})
    return make_conninfo(**parts), environment


def _write(write: Callable[[IO[bytes]], None], pipe: IO[bytes] | None) -> None:
    """Fill the input of a program that may end before it has read all; its exit code tells why."""
    assert pipe is not None
    try:
        with pipe:
            write(pipe)
    except BrokenPipeError:
        return


def _installed() -> Iterator[tuple[int, Path]]:
    """Find the versions that lie side by side, as Debian keeps them, and the one on the path."""
    on_path = shutil.which("pg_dump")
    if on_path is not None:
        command = [on_path, "--version"]
        said = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - no outside words
        # As in: pg_dump (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)
        major = said.stdout.partition(") ")[2].partition(".")[0].strip()
        if major.isdigit():
            yield int(major), Path(on_path).parent
    for program in DEBIAN_PROGRAMS.glob("[0-9]*/bin/pg_dump"):
        if program.parent.parent.name.isdigit():
            yield int(program.parent.parent.name), program.parent
