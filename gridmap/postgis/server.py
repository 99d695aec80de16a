"""The server process of the private cluster: is it there, start it, end it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from psycopg.pq import PGconn, Ping

from gridmap.language import N_
from gridmap.postgis.account import Account
from gridmap.postgis.binaries import Binaries
from gridmap.postgis.bootstrap import last_words
from gridmap.postgis.conf import SUPERUSER, fixed_settings
from gridmap.postgis.errors import ClusterError
from gridmap.postgis.places import PORT, Places, open_ours

_RECOVERY_S = 600.0  # replaying the log of a crash may take minutes, and must not be cut short
_SILENCE_S = 5.0  # a server that runs and has no socket after this has lost it
_STOP_S = 60.0
_LOOK_EVERY_S = 0.02


class Server:
    """
    The PostgreSQL server of one cluster.

    Only a connection tells that it serves, and only a process that works in the data directory that
    it runs: a number in a file may be a zombie's, or another program's by now.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._child: subprocess.Popen[str] | None = None

    @property
    def account(self) -> Account:
        """The user who runs the server."""
        return Account.for_cluster(self._places.home)

    @property
    def socket_dir(self) -> Path:
        """Where the server's socket stands."""
        return self._places.socket_dir(self.account)

    def ping(self) -> Ping:
        """Try to connect: it answers, it refuses for the moment, or nobody is there."""
        address = f"host='{self.socket_dir}' port={PORT} user={SUPERUSER} dbname=postgres connect_timeout=5"
        return Ping(PGconn.ping(os.fsencode(address)))

    def pid(self) -> int | None:
        """Find the process number of the running server; None if the file that names one is stale."""
        try:
            first = (self._places.data / "postmaster.pid").read_text().partition("\n")[0]
        except FileNotFoundError:
            return None
        if not first.isdigit() or int(first) not in self.account.processes_in(self._places.data):
            return None
        return int(first)

    def comes_to_answer(self) -> bool:
        """
        Wait out a server that is starting or stopping.

        Returns
        -------
        answers
            True if a server takes connections; False if none is left running.
        """
        began = time.monotonic()
        while (found := self.ping()) is not Ping.OK:
            if self.pid() is None:
                return False
            patience_s = _RECOVERY_S if found is Ping.REJECT else _SILENCE_S
            if time.monotonic() - began > patience_s:
                self.end()
                return False
            time.sleep(_LOOK_EVERY_S)
        return True

    def clear_remains(self) -> None:
        """Remove what a killed server left: children that live on, and files that name its process."""
        account = self.account
        deadline = time.monotonic() + _STOP_S
        while orphans := account.processes_in(self._places.data):
            if time.monotonic() > deadline:
                raise self._does_not_end()
            _signal(orphans, signal.SIGQUIT)
            time.sleep(_LOOK_EVERY_S)
        # PostgreSQL believes these files if a process of that number exists, be it a zombie.
        stale = (self._places.data / "postmaster.pid", self.socket_dir / f".s.PGSQL.{PORT}.lock")
        account.run("rm", "-f", "--", *map(str, stale))

    def launch(self, binaries: Binaries) -> None:
        """
        Start the server and wait until it takes connections.

        Raises
        ------
        ClusterError
            If it ends instead; the sentence carries its last words.
        """
        command = [binaries.postgres, "-D", str(self._places.data), *fixed_settings(self.socket_dir)]
        with open_ours(self._places.start_log) as log:
            os.ftruncate(log, 0)
            self._child = self.account.start(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + _RECOVERY_S
        while self.ping() is not Ping.OK:
            if self._child.poll() is not None or time.monotonic() > deadline:
                raise ClusterError(
                    N_("The database server in %(path)s did not start: %(reason)s"),
                    path=str(self._places.home),
                    reason=last_words(self._places.start_log.read_text(errors="replace")),
                )
            time.sleep(_LOOK_EVERY_S)

    def end(self) -> None:
        """End the server if it runs: connections are cut, and what was committed is on the disk."""
        pid = self.pid()
        if pid is None:
            return
        for how, patience_s in ((signal.SIGINT, _STOP_S), (signal.SIGQUIT, _STOP_S / 6)):
            _signal({pid}, how)
            deadline = time.monotonic() + patience_s
            while time.monotonic() < deadline:
                if self._child is not None:
                    self._child.poll()  # takes notice of its end, else it would stay a zombie
                if not _is_alive(pid):
                    return
                time.sleep(_LOOK_EVERY_S)
        raise self._does_not_end()

    def _does_not_end(self) -> ClusterError:
        return ClusterError(
            N_("The database server in %(path)s does not end. Look at its log in %(log)s."),
            path=str(self._places.data),
            log=str(self._places.data / "log"),
        )


def _signal(pids: Iterable[int], how: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)


def _is_alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie has ended and only waits for its parent to notice."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in ("Z", "X")
