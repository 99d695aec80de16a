"""Under which user of the operating system the server runs: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridmap.language import N_
from gridmap.postgis.errors import ClusterError

# Nothing of the caller's environment reaches the server: a locale such as zh_CN.GBK would become
# the database's own, and PG* variables would change what the programs connect to.
CLEAN_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
}


@dataclass(frozen=True)
class Account:
    """A user of the operating system."""

    name: str
    uid: int
    gid: int

    @classmethod
    def for_cluster(cls, home: Path) -> Account:
        """
        Choose who runs the cluster in `home`: its owner; for a new one ourselves or, for root, `postgres`.

        Raises
        ------
        ClusterError
            If root has nobody to hand the server to, or `home` is another person's.
        """
        me = os.geteuid()
        try:
            owner = home.stat().st_uid
        except FileNotFoundError:
            return cls._postgres() if me == 0 else cls._of(me)
        except PermissionError as error:
            raise _not_ours(home) from error
        if me not in (0, owner):
            raise _not_ours(home)
        return cls._postgres() if owner == 0 else cls._of(owner)

    @classmethod
    def _of(cls, uid: int) -> Account:
        try:
            entry = pwd.getpwuid(uid)
        except KeyError as error:
            raise ClusterError(
                N_("The user number %(uid)s has no name on this machine, and PostgreSQL needs one. Add the user."),
                uid=uid,
            ) from error
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    @classmethod
    def _postgres(cls) -> Account:
        try:
            entry = pwd.getpwnam("postgres")
        except KeyError as error:
            raise ClusterError(
                N_(
                    "PostgreSQL does not run as root, and this machine has no user postgres to run it."
                    " Add one with: useradd --system postgres"
                )
            ) from error
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    @property
    def ourselves(self) -> bool:
        """Whether this process already is that user."""
        return self.uid == os.geteuid()

    def identity(self) -> dict[str, Any]:
        """Give what makes `subprocess` start a program as this user, in all of the user's groups."""
        if self.ourselves:
            return {}
        groups = os.getgrouplist(self.name, self.gid)
        return {"user": self.uid, "group": self.gid, "extra_groups": groups}

    def start(self, command: Sequence[str], **streams: Any) -> subprocess.Popen[str]:
        """
        Start a program as this user, in a clean environment and a session of its own.

        Its own session keeps the Ctrl-C of our terminal away from it.

        Raises
        ------
        ClusterError
            If this process may not become that user.
        """
        try:
            return subprocess.Popen(  # noqa: S603 - programs of PostgreSQL and the base system
                command,
                env=CLEAN_ENVIRONMENT,
                cwd="/",
                umask=0o077,
                start_new_session=True,
                text=True,
                **self.identity(),
                **streams,
            )
        except PermissionError as error:
            raise ClusterError(
                N_("This process may not start programs as the user %(name)s: %(reason)s."),
                name=self.name,
                reason=error.strerror,
            ) from error

    def run(self, *command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program as this user to its end; the caller looks at the exit code."""
        pipe = subprocess.PIPE
        with self.start(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
            out, err = process.communicate(stdin)
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def write(self, path: Path, content: str) -> None:
        """
        Put `content` into a file that only this user reads, whole or not at all.

        The user writes it, not we: root would follow a link that the user left in the way.
        """
        script = 'cat >"$1.new" && mv -f "$1.new" "$1"'
        done = self.run("/bin/sh", "-c", script, "sh", str(path), stdin=content)
        if done.returncode != 0:
            raise ClusterError(N_("%(path)s cannot be written: %(reason)s"), path=str(path), reason=done.stderr.strip())

    def processes_in(self, directory: Path) -> set[int]:
        """
        Find the processes of this user that work in `directory`; a zombie works nowhere.

        A server and all its children work in its data directory. The user looks, not we: in a
        container root may lack the right to see where another user's process works.
        """
        seen = self.run("find", "/proc", "-maxdepth", "2", "-name", "cwd", "-printf", r"%h\0%l\0").stdout
        words = seen.split("\0")
        places = zip(words[::2], words[1::2], strict=False)
        return {
            int(proc.rpartition("/")[2]) for proc, place in places if place == str(directory) and proc[6:].isdigit()
        }


def _not_ours(home: Path) -> ClusterError:
    return ClusterError(
        N_(
            "The database in %(home)s belongs to another user."
            " Work as that user, or set GRIDMAP_DATA_DIR to a directory of your own."
        ),
        home=str(home),
    )
