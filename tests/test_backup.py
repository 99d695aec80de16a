"""A backup taken from one machine answers the same questions on another; one that is not whole touches nothing."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import math
import re
import shutil
import tempfile
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.cli import main
from gridmap.database import bind, make_engine
from gridmap.jobs import Job, make_worker_app
from gridmap.postgis import DatabaseUrls, PrivateCluster
from gridmap.postgis.programs import address_of
from gridmap.postgis.restore import REPLACE
from gridmap.reports.mediafiles import MediaFiles
from gridmap.settings import load_settings
from gridmap.system.verify import anchor_file, write_anchor
from tests.aside import run_aside
from tests.clients import HOST
from tests.database import FAST, copy_of_template
from tests.desks import in_grid, over_all
from tests.pictures import photo
from tests.worlds import build_town, point
from webapp import create_app
from webapp.shared.policy import SESSION_COOKIE

PHOTO = photo()
SHA = hashlib.sha256(PHOTO).hexdigest()
QUESTIONS = ("incidents", "locate", "tile", "incident tile", "photo", "log")


@dataclass
class Place:
    """An installation: its directory, its database, and who looks into it."""

    data_dir: Path
    urls: DatabaseUrls
    token: str
    incident: str

    def environment(self) -> dict[str, str]:
        return {
            "GRIDMAP_DATA_DIR": str(self.data_dir),
            "GRIDMAP_DATABASE_URL": self.urls.app,
            "GRIDMAP_DATABASE_OWNER_URL": self.urls.owner,
        }

    def ask(self) -> dict[str, bytes]:
        """Put the same questions to any installation."""
        with bound(self.urls):
            client = create_app(load_settings(data_dir=self.data_dir)).test_client()
            client.set_cookie(SESSION_COOKIE, self.token, domain=HOST, secure=True)
            lon, lat = point(0.5, 2.5)
            answers = {
                "incidents": f"/api/v1/incidents/{self.incident}",
                "locate": f"/api/v1/locate?lon={lon}&lat={lat}&as_of=2026-03-03",
                "tile": f"/api/v1/tiles/grids/14/{tile_of(lon, lat)}.mvt",
                "incident tile": f"/api/v1/tiles/incidents/14/{tile_of(lon, lat)}.mvt",
                "photo": f"/api/v1/media/{SHA}/shown",
                "log": f"/api/v1/incidents/{self.incident}/log",
            }
            told = {name: ok(client.get(path, base_url=f"https://{HOST}")) for name, path in answers.items()}
            # What is left of a clock is less at each look.
            moving = rb'"(left_s|used_s|counted_at)": ?("[^"]*"|-?\d+)'
            return told | {"incidents": re.sub(moving, b"", told["incidents"])}


def ok(answer: Any) -> bytes:
    assert answer.status_code == 200, answer.text
    if answer.is_json:
        answer.json.pop("at", None)  # when it was asked
        return json.dumps(answer.json, sort_keys=True).encode()
    assert len(answer.data) > 100
    return bytes(answer.data)


def tile_of(lon: float, lat: float, z: int = 14) -> str:
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return f"{int((lon + 180) / 360 * 2**z)}/{int(y * 2**z)}"


@contextlib.contextmanager
def bound(urls: DatabaseUrls) -> Iterator[None]:
    engine = make_engine(urls.app, idle_timeout_s=None)
    bind(engine)
    try:
        yield
    finally:
        bind(None)
        engine.dispose()


def gridmap(environment: dict[str, str], *words: object) -> tuple[int, str, str]:
    """Run a command; its exit code, what it printed as result, and what it said."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("GRIDMAP_DATABASE_URL", "GRIDMAP_DATABASE_OWNER_URL"):
            patch.delenv(name, raising=False)
        for name, value in {"GRIDMAP_LANGUAGE": "en", **environment}.items():
            patch.setenv(name, value)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as end:
            main([str(word) for word in words])
    return int(end.value.code or 0), out.getvalue().strip(), err.getvalue().strip()


def value_in(urls: DatabaseUrls, question: str) -> Any:
    address, _ = address_of(urls.owner)
    with psycopg.connect(address) as connection:
        return (connection.execute(question.encode()).fetchone() or (None,))[0]


def count_a_run(db: Session, at: datetime) -> None:
    db.execute(text("INSERT INTO setting (key, value, changed_at) VALUES ('ran', '{}', :at)"), {"at": at})


COUNTED = Job("counted", "0 0 1 * *", count_a_run)


@pytest.fixture(scope="module")
def ground() -> Iterator[Path]:
    """A directory that the server's own user can enter."""
    place = Path(tempfile.mkdtemp(prefix="gridmap-place-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def old(cluster, ground) -> Iterator[Place]:
    """A machine at work: a district, an incident with its photo, an audit, a job that waits."""
    data_dir = ground / "old"
    with copy_of_template(cluster) as urls, bound(urls):
        app = create_app(load_settings(data_dir=data_dir))
        engine = make_engine(urls.owner, statement_timeout_s=None, idle_timeout_s=None)
        with Session(engine) as db:
            town = build_town(db)
            worker, operator = in_grid(app, db, town, "A"), over_all(app, db, town)
            db.commit()
            assert worker.put(f"/api/v1/media/{SHA}", PHOTO).status_code == 201
            lon, lat = point(0.5, 2.5)
            said = {"id": str(uuid.uuid4()), "source": "patrol", "category": "0201", "text": "垃圾成堆"}
            said |= {"place": {"lon": lon, "lat": lat}, "media": [{"sha256": SHA, "role": "evidence"}]}
            stored = worker.post("/api/v1/reports", said)
            assert stored.status_code == 201, stored.text
            db.execute(
                text("INSERT INTO contact (report_id, phone, erase_at) SELECT id, '13800000000', now() FROM report")
            )
            db.commit()
            write_anchor(db, anchor_file(data_dir), datetime.now(UTC))
        engine.dispose()
        worker_app = make_worker_app(urls.app, [COUNTED])
        run_aside(defer(worker_app))
        yield Place(data_dir, urls, operator.session.token, incident_of(urls))


async def defer(worker_app: Any) -> None:
    async with worker_app.open_async():
        await worker_app.tasks["counted"].defer_async(timestamp=0)


def incident_of(urls: DatabaseUrls) -> str:
    return str(value_in(urls, "SELECT id FROM incident"))


@pytest.fixture(scope="module")
def backup(old, ground) -> Path:
    """The backup of the machine at work."""
    file = ground / "gridmap.backup"
    code, printed, said = gridmap(old.environment(), "db", "backup", file, "--json")
    assert code == 0, said
    assert json.loads(printed)["photos"] == 4
    return file


@pytest.fixture(scope="module")
def new(old, backup, ground) -> Iterator[Place]:
    """Another machine, empty before, with the backup restored."""
    data_dir = ground / "new"
    with PrivateCluster(data_dir, settings=FAST) as cluster:
        anchor_file(data_dir).write_text("of another life")
        code, printed, said = gridmap({"GRIDMAP_DATA_DIR": str(data_dir)}, "db", "restore", backup, "--json")
        assert code == 0, printed + said
        assert json.loads(printed)["damaged"] == []
        yield Place(data_dir, DatabaseUrls(cluster.url("app"), cluster.url("owner")), old.token, old.incident)


# ---------------------------------------------------------------- the drill


def test_an_empty_machine_answers_the_same_questions(old, new):
    before, after = old.ask(), new.ask()
    assert [name for name in QUESTIONS if before[name] != after[name]] == []


def test_the_record_is_whole_on_the_new_machine_and_says_that_it_was_restored(new):
    code, printed, _ = gridmap({"GRIDMAP_DATA_DIR": str(new.data_dir)}, "log", "verify", "--json")
    assert (code, json.loads(printed)["anchored"]) == (0, True), printed
    assert value_in(new.urls, "SELECT count(*) FROM audit WHERE action = 'database.restore'") == 1


def test_an_anchor_that_was_there_is_kept_as_proof(new):
    (kept,) = new.data_dir.glob("audit.anchor.before-*")
    assert kept.read_text() == "of another life"


def test_columns_that_the_database_makes_are_complete_and_hidden_rows_came_too(new):
    assert value_in(new.urls, "SELECT count(*) FROM grid_version WHERE tile IS NULL") == 0
    assert value_in(new.urls, "SELECT count(*) FROM incident WHERE tile IS NOT NULL") == 1
    assert value_in(new.urls, "SELECT phone FROM contact") == "13800000000"  # row-level security hides it from many
    assert value_in(new.urls, "SELECT obj_description('jobs'::regnamespace)").startswith("procrastinate ")


def test_the_role_that_serves_still_owns_nothing_and_may_not_bend_the_audit(new):
    may = "has_table_privilege('gridmap_app', 'audit', 'UPDATE')"
    assert value_in(new.urls, f"SELECT {may}") is False
    assert value_in(new.urls, "SELECT has_table_privilege('gridmap_app', 'incident', 'INSERT')") is True
    assert value_in(new.urls, "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
                    " AND tablename <> 'spatial_ref_sys'") == "gridmap_owner"  # fmt: skip


def test_a_job_that_waited_is_done_on_the_new_machine(new):
    async def work() -> None:
        async with make_worker_app(new.urls.app, [COUNTED]).open_async() as app:
            await app.run_worker_async(wait=False, install_signal_handlers=False)

    assert value_in(new.urls, "SELECT count(*) FROM setting WHERE key = 'ran'") == 0
    with bound(new.urls):
        run_aside(work())
    assert value_in(new.urls, "SELECT count(*) FROM setting WHERE key = 'ran'") == 1


def test_photos_stand_where_they_stood_for_their_owner_alone(old, new):
    before, after = MediaFiles.below(old.data_dir), MediaFiles.below(new.data_dir)
    assert {path.relative_to(after.root) for path in after.root.rglob("*") if path.is_file()} == {
        path.relative_to(before.root) for path in before.root.rglob("*") if path.is_file() and path.name != "lock"
    }
    assert {path.stat().st_mode & 0o077 for path in after.root.rglob("*")} == {0}


# ---------------------------------------------------------------- what is refused


@pytest.fixture
def nowhere(ground) -> Iterator[dict[str, str]]:
    """An installation that does not exist yet; a refused restore leaves it so."""
    data_dir = ground / f"nowhere-{uuid.uuid4().hex[:6]}"
    yield {"GRIDMAP_DATA_DIR": str(data_dir)}
    assert not data_dir.exists()


@pytest.mark.parametrize("place", [0.0, 0.03, 0.5, 0.97, 0.99999])
def test_one_flipped_byte_is_found_wherever_it_is(backup, nowhere, tmp_path, place):
    content = bytearray(backup.read_bytes())
    content[int(place * len(content))] ^= 0x10
    flipped = tmp_path / "flipped.backup"
    flipped.write_bytes(content)
    code, printed, said = gridmap(nowhere, "db", "restore", flipped)
    assert (code, printed) == (2, "")
    assert f"{flipped} is" in said.splitlines()[-1]


@pytest.mark.parametrize("left", [0, 3, 100, 0.5, -1])
def test_a_backup_that_was_cut_is_named(backup, nowhere, tmp_path, left):
    content = backup.read_bytes()
    cut = tmp_path / "cut.backup"
    cut.write_bytes(content[: int(left * len(content)) if isinstance(left, float) else left])
    code, _, said = gridmap(nowhere, "db", "restore", cut)
    assert code == 2
    assert str(cut) in said.splitlines()[-1]


def test_any_unzip_opens_a_backup(backup):
    with zipfile.ZipFile(backup) as packed:
        assert packed.testzip() is None
        assert {"database.dump", "audit.anchor", "manifest.json"} <= set(packed.namelist())
        assert packed.read(f"media/sealed/{SHA[:2]}/{SHA[2:4]}/{SHA}") == PHOTO


def test_a_backup_is_never_written_over(old, backup):
    before = backup.read_bytes()
    code, _, said = gridmap(old.environment(), "db", "backup", backup)
    assert code == 2
    assert "is there already" in said
    assert backup.read_bytes() == before
    assert [path.name for path in backup.parent.iterdir() if "unfinished" in path.name] == []


def test_a_database_that_holds_something_is_replaced_only_by_who_says_so(new, backup, ground):
    own = {"GRIDMAP_DATA_DIR": str(new.data_dir)}
    held = value_in(new.urls, "SELECT count(*) FROM audit")
    for words in ((), ("--replace", "yes")):
        code, _, said = gridmap(own, "db", "restore", backup, *words)
        assert code == 2
        assert f'--replace "{REPLACE}"' in said
    assert value_in(new.urls, "SELECT count(*) FROM audit") == held

    address, _ = address_of(new.urls.app)
    with psycopg.connect(address):
        code, _, said = gridmap(own, "db", "restore", backup, "--replace", REPLACE)
    assert code == 2
    assert "in use by others" in said

    # By its address, as a database of one's own, and with a directory that is not there yet.
    theirs = Place(ground / "theirs", new.urls, new.token, new.incident)
    code, printed, said = gridmap(theirs.environment(), "db", "restore", backup, "--replace", REPLACE, "--json")
    assert code == 0, printed + said
    assert set(theirs.ask()) == set(QUESTIONS)


def test_a_backup_of_a_newer_gridmap_is_refused_and_changes_nothing(backup, nowhere, tmp_path, monkeypatch):
    monkeypatch.setattr("gridmap.database.is_known_revision", lambda revision: False)
    code, _, said = gridmap(nowhere, "db", "restore", backup)
    assert code == 2
    assert "newer than this one" in said


def test_a_photo_that_rotted_on_the_disk_is_named_by_the_next_backup(old, ground):
    sealed = MediaFiles.below(old.data_dir).sealed(bytes.fromhex(SHA))
    sealed.write_bytes(PHOTO[:-1] + b"x")
    try:
        code, printed, _ = gridmap(old.environment(), "db", "backup", ground / "rotten.backup", "--json")
    finally:
        sealed.write_bytes(PHOTO)
    assert code == 1
    assert json.loads(printed)["damaged"] == [f"sealed/{SHA[:2]}/{SHA[2:4]}/{SHA}"]
