"""The private cluster: a PostgreSQL server of our own, made on first use, on a private socket."""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from urllib.parse import quote

from psycopg.pq import Ping

from gridmap.language import N_
from gridmap.postgis.binaries import find_binaries
from gridmap.postgis.bootstrap import DATABASE, make_data_directory, make_database, make_roles
from gridmap.postgis.conf import APP_ROLE, OWNER_ROLE, SUPERUSER, write_configuration
from gridmap.postgis.errors import ClusterError
from gridmap.postgis.places import PORT, Places, locked, open_ours, try_lock
from gridmap.postgis.server import Server

Role = Literal["app", "owner", "superuser"]
_ROLES: Mapping[Role, str] = {"app": APP_ROLE, "owner": OWNER_ROLE, "superuser": SUPERUSER}
_WATCH_EVERY_S = 0.2


@dataclass(frozen=True)
class ClusterStatus:
    """What can be told about a cluster without starting it."""

    running: bool
    kept: bool
    in_use: bool
    pid: int | None
    major: int | None
    data_dir: str
    socket_dir: str | None


class PrivateCluster:
    """
    A PostGIS server of our own below one directory.

    As a context manager it runs for as long as any process is inside such a block; when the last one
    leaves, or is killed, the server stops, unless `start` was called to keep it.

    Parameters
    ----------
    data_dir
        Directory of the installation; the cluster lies in ``postgres`` below it.
    settings
        Server settings that differ from ours, such as ``{"fsync": "off"}`` for tests.
    say
        Told, in a sentence to translate, what takes longer than a moment.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        settings: Mapping[str, str] | None = None,
        say: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self.places = Places(data_dir.expanduser().resolve())
        self._server = Server(self.places)
        self._settings = dict(settings or {})
        self._say = say
        self._hold = contextlib.ExitStack()
        self._held_by: int | None = None

    def start(self) -> None:
        """
        Start the server, make what is missing, and keep it running until `stop`.

        Raises
        ------
        ClusterError
            If it cannot be made or started.
        """
        with self, open_ours(self.places.kept):
            pass

    def stop(self) -> None:
        """
        Stop the server; fine if it does not run.

        Raises
        ------
        ClusterError
            If a process is using it, or it does not end.
        """
        if not self.places.home.is_dir():
            return
        with self._alone():
            if self._in_use():
                raise ClusterError(
                    N_("The database in %(path)s is in use. First stop the gridmap that uses it (Ctrl-C)."),
                    path=str(self.places.data_dir),
                )
            self.places.kept.unlink(missing_ok=True)
            self._server.end()

    def status(self) -> ClusterStatus:
        """Tell what runs; starts nothing."""
        places = self.places
        made = places.home.is_dir() and self._major() is not None
        return ClusterStatus(
            running=made and self._server.ping() is Ping.OK,
            kept=places.kept.exists(),
            in_use=made and self._in_use(),
            pid=self._server.pid() if made else None,
            major=self._major() if made else None,
            data_dir=str(places.data_dir),
            socket_dir=str(self.socket_dir) if made else None,
        )

    def url(self, role: Role, database: str = DATABASE) -> str:
        """Give the SQLAlchemy address of a database, for one of the roles."""
        socket = quote(str(self.socket_dir), safe="")
        return f"postgresql+psycopg://{_ROLES[role]}@/{database}?host={socket}&port={PORT}"

    @property
    def socket_dir(self) -> Path:
        """Where the server's socket stands, or will stand."""
        if not self.places.home.is_dir():
            self.places.prepare(self._server.account)
        return self._server.socket_dir

    def __enter__(self) -> Self:
        with self._alone(), contextlib.ExitStack() as stack:
            stack.enter_context(self._watched())
            stack.callback(self._end_if_unused)
            holders = stack.enter_context(open_ours(self.places.holders))
            fcntl.flock(holders, fcntl.LOCK_SH)
            # Said aloud: a forked child would otherwise hold on to it after us.
            stack.callback(fcntl.flock, holders, fcntl.LOCK_UN)
            self._run()
            self._hold = stack.pop_all()
            self._held_by = os.getpid()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A forked child, such as a worker of the web server, leaves the block too, and holds nothing.
        if self._held_by == os.getpid():
            with self._alone():
                self._hold.close()

    def revive(self) -> bool:
        """
        Start the server again if it ended while this process is inside the block.

        Returns
        -------
        revived
            True if it had ended; a process that supervises asks every second.
        """
        if self._server.ping() is Ping.OK:
            return False
        with self._alone():
            self._run()
        return True

    def end_when_unused(self) -> None:
        """Wait until no process is inside a block any more, and stop the server then."""
        while True:
            with self._alone():
                if not self._in_use():
                    self._end_if_unused()
                    return
            time.sleep(_WATCH_EVERY_S)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Be the only process that makes, starts or stops this cluster."""
        self.places.prepare(self._server.account)
        waiting = N_("Another gridmap is starting or stopping the database; waiting for it.")
        with locked(self.places.lock, lambda: self._say(waiting)):
            yield

    def _run(self) -> None:
        """Leave the server running and complete, whatever was found."""
        binaries = find_binaries(self._major())
        account = self._server.account
        if self._major() is None:
            self._say(N_("Making the database; this happens once."))
            make_data_directory(self.places, account, binaries)
        if not self._server.comes_to_answer():
            self._server.clear_remains()
            write_configuration(account, self.places.data, self._settings)
            self._server.launch(binaries)
        make_roles(str(self.socket_dir))
        make_database(str(self.socket_dir), DATABASE)

    def _end_if_unused(self) -> None:
        if not self._in_use() and not self.places.kept.exists():
            self._server.end()

    def _in_use(self) -> bool:
        """Tell whether any process is inside a block."""
        with open_ours(self.places.holders) as handle:
            return not try_lock(handle, fcntl.LOCK_EX)

    def _major(self) -> int | None:
        """
        Read which version made the data directory; None before there is one.

        Raises
        ------
        ClusterError
            If there are files and they are not a whole database.
        """
        data = self.places.data
        if not data.is_dir() or not any(data.iterdir()):
            return None
        with contextlib.suppress(FileNotFoundError, ValueError):
            if (data / "global" / "pg_control").stat().st_size:
                return int((data / "PG_VERSION").read_text())
        raise ClusterError(
            N_("%(path)s holds files and is not a whole database. Restore it from a backup, or move it away."),
            path=str(data),
        )

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        """Have a small process stop the server if this one is killed and cannot do it."""
        watcher = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "gridmap.postgis.watch", str(self.places.data_dir)],
            cwd="/",
            stdin=subprocess.PIPE,  # its end is our end
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        with watcher:
            try:
                yield
            finally:
                watcher.kill()
