"""Rows and files of photos are kept in step, and what does not fit together is named."""

from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from gridmap.reports.arriving import MOST_AT_A_TIME, expect, find
from gridmap.reports.mediafiles import MediaFiles
from gridmap.reports.sweeping import sweep_media
from tests.worlds import add_person

DAY = timedelta(days=1)


@pytest.fixture
def files(tmp_path):
    return MediaFiles.below(tmp_path)


@pytest.fixture
def worker(db):
    return add_person(db, "han")


def sha(n):
    return bytes([n]) * 32


def store(db, files, worker, n, *, age, at):
    """A stored photo, its upload and copies as old as its row."""
    files.root.mkdir(mode=0o700, exist_ok=True)
    source = files.root / "source"
    source.write_bytes(b"x")
    name = files.save_copies({"shown": b"s", "thumb": b"t", "coarse": b"c"})
    path = files.sealed(sha(n))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    for made in (path, *(files.copy(name, copy) for copy in ("shown", "thumb", "coarse"))):
        os.utime(made, ((at - age).timestamp(),) * 2)
    db.execute(
        text(
            "INSERT INTO media (sha256, bytes, kind, state, shown_name, shown_sha256, width, height, orientation,"
            " uploaded_by, received_at) VALUES (:sha, 1, 'jpeg', 'stored', :name, :sha, 1, 1, 1, :worker, :at)"
        ),
        {"sha": sha(n), "name": name, "worker": worker, "at": at - age},
    )
    return path


def claim(db, n):
    report = uuid.uuid4()
    db.execute(
        text(
            "INSERT INTO report (id, source, text, placed, unplaced_reason, path, occurred_at, received_at)"
            " VALUES (:id, 'patrol', '', 'unplaced', 'x', '1', now(), now())"
        ),
        {"id": report},
    )
    db.execute(
        text("INSERT INTO report_media (report_id, sha256, role) VALUES (:id, :sha, 'evidence')"),
        {"id": report, "sha": sha(n)},
    )


def test_what_nobody_claims_goes_after_14_days_first_its_row_then_its_files(db, files, worker):
    now = datetime.now(UTC)
    claimed = store(db, files, worker, 1, age=400 * DAY, at=now)
    claim(db, 1)
    waiting = store(db, files, worker, 2, age=13 * DAY, at=now)
    unclaimed = store(db, files, worker, 3, age=15 * DAY, at=now)
    found = sweep_media(db, files, now)
    assert (found.unclaimed, found.strays, found.lost) == (1, 0, ())
    assert unclaimed.exists(), "a rollback would leave a row without its file"
    found = sweep_media(db, files, now)
    assert (found.unclaimed, found.strays, found.lost) == (0, 4, ())
    assert [path.exists() for path in (claimed, waiting, unclaimed)] == [True, True, False]


def test_a_legal_hold_stops_it(db, files, worker):
    now = datetime.now(UTC)
    path = store(db, files, worker, 1, age=40 * DAY, at=now)
    db.execute(text("UPDATE media SET legal_hold = true"))
    assert (sweep_media(db, files, now).unclaimed, path.exists()) == (0, True)


def test_a_row_without_its_files_is_named(db, files, worker):
    now = datetime.now(UTC)
    for n in (1, 2):
        store(db, files, worker, n, age=DAY, at=now)
        claim(db, n)
    files.sealed(sha(2)).unlink()
    assert sweep_media(db, files, now).lost == (sha(2).hex(),)
    row = db.execute(text("SELECT action, result, changed FROM audit ORDER BY at DESC LIMIT 1")).one()
    assert (row.action, row.result, row.changed["lost"]) == ("photo.sweep", "failed", [sha(2).hex()])


def test_a_file_about_to_get_its_row_stays(db, files, worker):
    now = datetime.now(UTC)
    young = store(db, files, worker, 1, age=timedelta(hours=23), at=now)
    db.execute(text("DELETE FROM media"))
    assert (sweep_media(db, files, now).strays, young.exists()) == (0, True)


def test_half_a_photo_waits_14_days_for_the_rest(db, files, worker):
    now = datetime.now(UTC)
    for n, age in ((1, 13 * DAY), (2, 15 * DAY)):
        arrival = expect(files, worker, sha(n), 100)
        arrival.take(0, [b"half"])
        os.utime(arrival.path, ((now - age).timestamp(),) * 2)
    assert sweep_media(db, files, now).arriving == 1
    assert find(files, worker, sha(2)) is None
    assert find(files, worker, sha(1)).received == 4


def test_one_person_cannot_fill_the_disk_with_halves(files):
    for n in range(MOST_AT_A_TIME + 3):
        arrival = expect(files, 7, sha(n), 100)
        arrival.take(0, [b"half"])
        os.utime(arrival.path, (n, n))
    assert len(list(arrival.path.parent.iterdir())) == MOST_AT_A_TIME
    assert find(files, 7, sha(0)) is None
    assert find(files, 7, sha(MOST_AT_A_TIME + 2)).received == 4
