"""What must be installed, and what a machine that lacks it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from gridmap.postgis import ClusterError
from gridmap.postgis.binaries import EXTENSIONS, find_binaries


def lay_out(place: Path, major: int, *extensions: str) -> None:
    """Pretend that a PostgreSQL is installed."""
    programs = place / "lib" / str(major) / "bin"
    control = place / "share" / str(major) / "extension"
    programs.mkdir(parents=True)
    control.mkdir(parents=True)
    (programs / "postgres").touch()
    for name in extensions:
        (control / f"{name}.control").touch()


@pytest.fixture
def install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    return {"programs": tmp_path / "lib", "share": tmp_path / "share"}


def test_a_machine_without_postgresql_is_told_what_to_install(install):
    with pytest.raises(ClusterError, match="apt install postgresql postgresql-postgis"):
        find_binaries(**install)


def test_a_postgresql_without_postgis_is_told_which_package_belongs_to_it(tmp_path, install):
    lay_out(tmp_path, 16, "ltree", "btree_gist", "pgcrypto")
    with pytest.raises(ClusterError, match=r"16 is installed without postgis\..* postgresql-16-postgis-3"):
        find_binaries(**install)


def test_the_newest_complete_version_makes_and_the_same_version_goes_on(tmp_path, install):
    lay_out(tmp_path, 9, *EXTENSIONS)
    lay_out(tmp_path, 15, *EXTENSIONS)
    lay_out(tmp_path, 17, *EXTENSIONS)
    lay_out(tmp_path, 18, "ltree")
    assert find_binaries(**install).major == 17
    assert find_binaries(15, **install).major == 15
