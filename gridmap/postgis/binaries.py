"""Which PostgreSQL programs of this machine serve us: new enough, and with our extensions beside them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gridmap.language import N_
from gridmap.postgis.errors import ClusterError

OLDEST_MAJOR = 15
EXTENSIONS = ("postgis", "ltree", "btree_gist", "pgcrypto")

# Where Debian, Ubuntu and the PostgreSQL project's own packages put each major version.
DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")
DEBIAN_SHARE = Path("/usr/share/postgresql")


@dataclass(frozen=True)
class Binaries:
    """The programs of one PostgreSQL version, and the extensions it can create."""

    major: int
    programs: Path
    extensions: frozenset[str]

    @property
    def postgres(self) -> str:
        """The server."""
        return str(self.programs / "postgres")

    @property
    def initdb(self) -> str:
        """The program that makes a data directory."""
        return str(self.programs / "initdb")

    @property
    def complete(self) -> bool:
        """Whether every extension that we need is there."""
        return self.extensions.issuperset(EXTENSIONS)


def find_binaries(
    major: int | None = None, *, programs: Path = DEBIAN_PROGRAMS, share: Path = DEBIAN_SHARE
) -> Binaries:
    """
    Choose the newest PostgreSQL with PostGIS.

    Parameters
    ----------
    major
        The version that an existing data directory needs; None takes the newest.
    programs, share
        Directories with one subdirectory per major version.

    Raises
    ------
    ClusterError
        If there is none; the sentence names the packages to install.
    """
    found = [*_by_major(programs, share), *_on_path()]
    usable = [one for one in found if one.complete and major in (None, one.major)]
    if usable:
        return max(usable, key=lambda one: one.major)
    if major is not None:
        raise _other_major(major, found)
    raise _nothing_usable(found)


def _by_major(programs: Path, share: Path) -> Iterator[Binaries]:
    """Find the versions that lie side by side, as Debian keeps them."""
    for directory in programs.glob("[0-9]*/bin"):
        version = directory.parent.name
        if version.isdigit() and int(version) >= OLDEST_MAJOR and (directory / "postgres").exists():
            yield Binaries(int(version), directory, _extensions(share / version))


def _on_path() -> Iterator[Binaries]:
    """Find the version whose ``pg_config`` comes first on the path, wherever it was installed."""
    pg_config = shutil.which("pg_config")
    if pg_config is None:
        return
    command = [pg_config, "--version", "--bindir", "--sharedir"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no outside words
    if answer.returncode != 0:
        return
    version, programs, share = answer.stdout.splitlines()
    major = re.search(r"\d+", version)
    if major and int(major[0]) >= OLDEST_MAJOR and (Path(programs) / "postgres").exists():
        yield Binaries(int(major[0]), Path(programs), _extensions(Path(share)))


def _extensions(share: Path) -> frozenset[str]:
    """List the extensions whose control file is there."""
    return frozenset(name for name in EXTENSIONS if (share / "extension" / f"{name}.control").exists())


def _other_major(major: int, found: list[Binaries]) -> ClusterError:
    """Say why a data directory of `major` cannot be served by what is installed."""
    here = ", ".join(str(one.major) for one in sorted(found, key=lambda one: one.major)) or "-"
    return ClusterError(
        N_(
            "The database was made by PostgreSQL %(major)s, and this machine has version %(here)s."
            " Install postgresql-%(major)s-postgis-3 and start again,"
            " or move the data over with pg_dump and pg_restore."
        ),
        major=major,
        here=here,
    )


def _nothing_usable(found: list[Binaries]) -> ClusterError:
    """Name the packages that are missing, for the version that is already here if there is one."""
    if not found:
        return ClusterError(
            N_(
                "PostgreSQL %(oldest)s or newer with PostGIS is not installed."
                " On Debian and Ubuntu: apt install postgresql postgresql-postgis"
            ),
            oldest=OLDEST_MAJOR,
        )
    newest = max(found, key=lambda one: one.major)
    return ClusterError(
        N_(
            "PostgreSQL %(major)s is installed without %(missing)s."
            " On Debian and Ubuntu: apt install postgresql-%(major)s postgresql-%(major)s-postgis-3"
        ),
        major=newest.major,
        missing=", ".join(name for name in EXTENSIONS if name not in newest.extensions),
    )
