"""`gridmap db`, as a person types it."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from gridmap.postgis import PrivateCluster

OWN = "postgresql://grid@db.example/grid"


@pytest.fixture
def data_dir(monkeypatch) -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="gridmap-place-"))
    place.chmod(0o755)
    monkeypatch.setenv("GRIDMAP_DATA_DIR", str(place / "data"))
    monkeypatch.delenv("GRIDMAP_DATABASE_URL", raising=False)
    yield place / "data"
    PrivateCluster(place / "data").stop()
    shutil.rmtree(place)


def test_the_private_cluster_is_started_looked_at_and_stopped(gridmap, data_dir):
    assert gridmap("db", "status") == (1, f"stopped  {data_dir}", "")

    code, url, said = gridmap("db", "start")
    assert (code, said) == (0, "Making the database; this happens once.")
    assert gridmap("db", "url") == (0, url, "")
    address = make_url(url)
    with psycopg.connect(
        host=str(address.query["host"]), port=5432, user=address.username, dbname=address.database
    ) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("gridmap_app",)

    code, printed, _ = gridmap("db", "status", "--json")
    status = json.loads(printed)
    assert (code, status["running"], status["kept"], status["in_use"]) == (0, True, True, False)

    assert gridmap("db", "stop") == (0, "", "The database is stopped.")
    assert gridmap("db", "status")[0] == 1


def test_a_database_of_your_own_is_named_and_never_started_or_stopped(gridmap, data_dir, monkeypatch):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", OWN)
    assert gridmap("db", "url") == (0, "postgresql+psycopg://grid@db.example/grid", "")
    monkeypatch.setenv("GRIDMAP_DATABASE_OWNER_URL", "postgresql+psycopg://boss@db.example/grid")
    assert gridmap("db", "url", "--role", "owner")[1] == "postgresql+psycopg://boss@db.example/grid"
    for command in ("start", "stop", "status"):
        code, printed, said = gridmap("db", command)
        assert (code, printed) == (2, "")
        assert "a database of your own" in said
    assert not data_dir.exists()


def test_upgrade_brings_the_schema_of_the_private_cluster_to_the_newest_migration(gridmap, data_dir):
    code, printed, said = gridmap("db", "upgrade")
    assert (code, printed) == (0, "")
    assert "Bringing the schema up to date." in said
    assert gridmap("db", "status")[0] == 1  # it was started for this, and stopped again
    code, _, said = gridmap("db", "upgrade", "--revision", "head")
    assert (code, said) == (0, "Bringing the schema up to date.")
