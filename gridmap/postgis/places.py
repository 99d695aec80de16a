"""Where the private cluster keeps its files, and where its socket stands."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gridmap.language import N_
from gridmap.postgis.account import Account
from gridmap.postgis.errors import ClusterError

PORT = 5432  # part of the socket's file name; nothing listens on the network
_SOCKET_NAME = f".s.PGSQL.{PORT}"
# Linux takes 107 bytes; some libraries count a terminator or a suffix of their own.
_LONGEST_SOCKET_PATH = 100


@dataclass(frozen=True)
class Places:
    """
    The files of one cluster below `data_dir`.

    `home` belongs to the account that runs the server, everything else to the owner of `data_dir`:
    what root opens lies where no other user can put a link in its way.
    """

    data_dir: Path

    @property
    def home(self) -> Path:
        """What belongs to the server's account: the data, and the socket if the path is short enough."""
        return self.data_dir / "postgres"

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.home / "data"

    @property
    def lock(self) -> Path:
        """Held while a cluster is made, started or stopped."""
        return self.data_dir / "postgres.lock"

    @property
    def holders(self) -> Path:
        """Locked in common by every process that needs the server to run."""
        return self.data_dir / "postgres.holders"

    @property
    def kept(self) -> Path:
        """Present while the server is to run on when nobody needs it: `gridmap db start` leaves it."""
        return self.data_dir / "postgres.kept"

    @property
    def socket_note(self) -> Path:
        """Remembers the socket directory of a path that is too long to hold one."""
        return self.data_dir / "postgres.socket"

    @property
    def start_log(self) -> Path:
        """What the server said before its own log was open."""
        return self.data_dir / "postgres.start.log"

    def prepare(self, account: Account) -> None:
        """
        Make the directories, with the rights that each side needs.

        Raises
        ------
        ClusterError
            If they cannot be made, or the server's account cannot enter them.
        """
        try:
            _make_with_parents(self.data_dir, 0o700 if account.ourselves else 0o755)
            if not self.home.exists():
                self.home.mkdir(mode=0o700)
                os.chown(self.home, account.uid, account.gid)
        except OSError as error:
            raise ClusterError(
                N_("%(path)s cannot be made: %(reason)s. Set GRIDMAP_DATA_DIR to a directory that you may write."),
                path=str(error.filename or self.data_dir),
                reason=error.strerror,
            ) from error
        for directory in [*reversed(self.home.parents), self.home]:
            if account.run("test", "-x", str(directory)).returncode != 0:
                raise ClusterError(
                    N_(
                        "The database server runs as the user %(name)s, who cannot enter %(path)s."
                        " Set GRIDMAP_DATA_DIR to another directory, such as /var/lib/gridmap."
                    ),
                    name=account.name,
                    path=str(directory),
                )

    def socket_dir(self, account: Account) -> Path:
        """
        Give the directory of the socket, for the server's account alone (root enters it as well).

        It stands beside the data. Where that path is too long for a socket, or holds a sign that an
        address cannot carry, it is a short one that this cluster remembers.
        """
        usual = self.home / "socket"
        if _can_hold_a_socket(usual):
            if not _is_private(usual, account):
                account.run("install", "-d", "-m", "700", str(usual))
            return usual
        with contextlib.suppress(FileNotFoundError):
            remembered = Path(os.fsdecode(self.socket_note.read_bytes()))
            if _can_hold_a_socket(remembered) and _is_private(remembered, account):
                return remembered
        made = _short_directory(account)
        with open_ours(self.socket_note) as handle:
            os.ftruncate(handle, 0)
            os.write(handle, os.fsencode(made))
        return made


def _make_with_parents(directory: Path, mode: int) -> None:
    """Make a directory and what is missing above it; the mode holds whatever the umask is."""
    if directory.is_dir():
        return
    _make_with_parents(directory.parent, mode)
    directory.mkdir(exist_ok=True)
    directory.chmod(mode)


def _can_hold_a_socket(directory: Path) -> bool:
    # A comma separates directories for the server and hosts for the client, a colon hosts and ports.
    text = str(directory)
    return len(os.fsencode(directory / _SOCKET_NAME)) <= _LONGEST_SOCKET_PATH and not set(text) & set(",:\"'\n")


def _is_private(directory: Path, account: Account) -> bool:
    """Whether this is a real directory that only `account` may enter."""
    try:
        found = directory.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700 and found.st_uid == account.uid


def _short_directory(account: Account) -> Path:
    """Make a private directory with a short path: the session's own place, or the system's for everyone."""
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or "/nonexistent")
    fits = account.ourselves and _is_private(runtime, account) and _can_hold_a_socket(runtime / "gridmap-12345678")
    made = Path(tempfile.mkdtemp(prefix="gridmap-", dir=runtime if fits else "/tmp"))  # noqa: S108 - made 0700
    os.chown(made, account.uid, account.gid)
    return made


@contextlib.contextmanager
def open_ours(path: Path) -> Iterator[int]:
    """
    Open a file of the data directory for writing, made on the first use, owned as the directory is.

    Raises
    ------
    ClusterError
        If it cannot be opened.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ClusterError(
            N_("%(path)s cannot be opened: %(reason)s."), path=str(path), reason=error.strerror
        ) from error
    try:
        if os.geteuid() == 0:  # root at work for another user leaves that user able to go on alone
            owner = path.parent.stat()
            os.fchown(handle, owner.st_uid, owner.st_gid)
        yield handle
    finally:
        os.close(handle)


@contextlib.contextmanager
def locked(path: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of a file, calling `on_wait` if we must wait. The kernel frees it when we die."""
    with open_ours(path) as handle:
        if not try_lock(handle, fcntl.LOCK_EX):
            on_wait()
            fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)


def try_lock(handle: int, kind: int) -> bool:
    """Take a lock if nobody stands against it; False, at once, if somebody does."""
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
