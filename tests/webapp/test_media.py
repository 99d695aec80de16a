"""Photos through their door: in pieces, once, opened in a child, seen by those they are for."""

from __future__ import annotations

import errno
import hashlib
import os
import uuid

import pytest
from sqlalchemy import text

from gridmap.errors import Unavailable
from gridmap.people.rules import Role
from gridmap.reports.media import settle
from gridmap.reports.mediafiles import MediaFiles
from gridmap.settings import load_settings
from gridmap.system.receipts import content_digest
from tests.desks import in_grid, over_all, over_south
from tests.pictures import FULL_TAGS, SECRET, opened, photo
from tests.worlds import point
from webapp import create_app

PHOTO = photo(tags=FULL_TAGS)
SHA = hashlib.sha256(PHOTO).hexdigest()
CHUNK = 40_000


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def app(data_dir):
    return create_app(load_settings(data_dir=data_dir, api_per_minute=100_000))


@pytest.fixture
def files(data_dir):
    """The directory of the photos, empty: rows are rolled back after each test, and files are not."""
    files = MediaFiles.below(data_dir)
    for path in sorted(files.root.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    return files


@pytest.fixture
def town(town, files):
    return town


@pytest.fixture
def worker(app, db, town):
    return in_grid(app, db, town, "A")


def sha_of(data):
    return hashlib.sha256(data).hexdigest()


def send(who, data, *, name=None):
    return who.put(f"/api/v1/media/{name or sha_of(data)}", data)


def send_piece(who, data, start, end, *, total=None, name=None):
    """Bytes from `start` up to, and without, `end`."""
    span = f"bytes {start}-{end - 1}/{total or len(data)}"
    return who.put(f"/api/v1/media/{name or sha_of(data)}", data[start:end], headers={"Content-Range": span})


def report(at=(0.5, 2.5), **said):
    lon, lat = point(*at)
    return {"id": str(uuid.uuid4()), "source": "patrol", "category": "0201", "place": {"lon": lon, "lat": lat}, **said}


def in_english(db, browser):
    db.execute(text("UPDATE person SET locale = 'en' WHERE id = :id"), {"id": browser.person_id})
    return browser


def everything_on_disk(files):
    return [path for path in files.root.rglob("*") if path.is_file() and path.name != "lock"]


def test_a_photo_is_stored_with_what_its_camera_knew(worker, files):
    answer = send(worker, PHOTO)
    assert answer.status_code == 201
    assert answer.json == {
        "sha256": SHA,
        "state": "stored",
        "received": len(PHOTO),
        "bytes": len(PHOTO),
        "width": 480,
        "height": 640,
        "taken_at": "2026-03-03T03:58:30.000Z",
        "place": {"lon": 114.2, "lat": 35.72, "error_m": 8.0},
        "direction_deg": 270.5,
        "device_model": "Model[31m X <script>",
    }
    assert send(worker, PHOTO).status_code == 200
    assert worker.get(f"/api/v1/media/{SHA}").json == answer.json
    assert files.sealed(bytes.fromhex(SHA)).read_bytes() == PHOTO
    assert {path.stat().st_mode & 0o777 for path in everything_on_disk(files)} == {0o600}
    assert len(everything_on_disk(files)) == 4, "the upload and three copies; nothing is left of its arriving"


def test_what_is_shown_is_never_the_upload(worker):
    send(worker, PHOTO)
    for query, longest in (("", 640), ("?size=thumb", 320)):
        shown = worker.get(f"/api/v1/media/{SHA}/shown{query}")
        assert max(opened(shown.data).size) == longest
        assert SECRET.encode() in PHOTO
        assert SECRET.encode() not in shown.data
        assert b"Exif" not in shown.data
        headers = shown.headers
        assert (headers["Content-Type"], headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert headers["Cache-Control"] == "private, max-age=86400, immutable"
        assert headers["Content-Disposition"].startswith("inline")
    assert worker.get(f"/api/v1/media/{SHA}/shown?size=original").status_code == 422


@pytest.mark.parametrize("cut", [0, 65_537, len(PHOTO) - 1])
def test_an_upload_cut_at_any_byte_goes_on(worker, cut):
    whole = {"CONTENT_LENGTH": str(len(PHOTO))}
    assert worker.put(f"/api/v1/media/{SHA}", PHOTO[:cut], environ_overrides=whole).status_code == 400
    arrived = worker.get(f"/api/v1/media/{SHA}")
    assert (arrived.json["state"], arrived.json["received"]) == ("arriving", cut)
    done = send_piece(worker, PHOTO, cut, len(PHOTO))
    assert (done.status_code, done.json["state"]) == (201, "stored")


def test_pieces_come_in_order_and_may_come_twice(worker):
    first = send_piece(worker, PHOTO, 0, CHUNK)
    assert (first.status_code, first.json["state"], first.json["received"]) == (202, "arriving", CHUNK)
    assert send_piece(worker, PHOTO, 0, CHUNK).json == first.json
    hole = send_piece(worker, PHOTO, 2 * CHUNK, 3 * CHUNK)
    assert (hole.status_code, hole.json["received"]) == (409, CHUNK)
    for start in range(CHUNK, len(PHOTO), CHUNK):
        last = send_piece(worker, PHOTO, start, min(start + CHUNK, len(PHOTO)))
    assert (last.status_code, last.json["state"]) == (201, "stored")
    assert send_piece(worker, PHOTO, 0, CHUNK).status_code == 200


@pytest.mark.parametrize(
    ("span", "status"),
    [
        ("bytes 0-9", 400),
        ("bytes -5-4/10", 400),
        ("bytes 0-9/*", 400),
        ("lines 0-9/10", 400),
        ("bytes 0-999999999999999999999/10", 400),
        ("bytes 9-0/10", 422),
        ("bytes 0-9/5", 422),
        ("bytes 0-4/20", 422),
        ("bytes 0-9/15000001", 422),
    ],
)
def test_a_range_that_cannot_be_is_refused(worker, files, span, status):
    answer = worker.put(f"/api/v1/media/{SHA}", bytes(10), headers={"Content-Range": span})
    assert (answer.status_code, answer.json["detail"] != "") == (status, True)
    assert everything_on_disk(files) == []


def test_odd_files_get_a_sentence_and_nothing_stays(app, db, town, worker, files):
    in_english(db, worker)
    refused = {
        "empty": send(worker, b""),
        "too many bytes": send(worker, bytes(15_000_001)),
        "SVG": send(worker, b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"),
        "damaged": send(worker, PHOTO[:30_000]),
        "not the photo that was declared": send(worker, PHOTO, name="0" * 64),
    }
    assert {name: answer.status_code for name, answer in refused.items()} == dict.fromkeys(refused, 422)
    sentences = {name: answer.json["detail"] for name, answer in refused.items()}
    assert "15 MB" in sentences.pop("too many bytes")
    assert all(name in sentence for name, sentence in sentences.items()), sentences
    send_piece(worker, PHOTO, 0, CHUNK)
    other_total = send_piece(worker, PHOTO, CHUNK, CHUNK + 10, total=len(PHOTO) + 1)
    assert (other_total.status_code, "Send it anew" in other_total.json["detail"]) == (422, True)
    assert everything_on_disk(files) == []
    assert worker.get(f"/api/v1/media/{SHA}").status_code == 404
    assert db.scalar(text("SELECT count(*) FROM media")) == 0
    assert worker.put("/api/v1/media/XYZ", PHOTO).status_code == 422


def test_a_full_disk_is_told_before_anything_is_promised(worker, files, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    send_piece(worker, PHOTO, 0, CHUNK)
    monkeypatch.setattr("gridmap.reports.arriving.os.pwrite", full)
    answer = send_piece(worker, PHOTO, CHUNK, 2 * CHUNK)
    assert (answer.status_code, answer.headers["Retry-After"]) == (507, "60")
    # Text goes on meanwhile.
    assert worker.post("/api/v1/reports", report(media=[{"sha256": SHA}])).json["missing"] == [SHA]
    monkeypatch.undo()
    monkeypatch.setattr("gridmap.reports.mediafiles.os.fsync", lambda _: (_ for _ in ()).throw(OSError(errno.EIO, "x")))
    assert send_piece(worker, PHOTO, CHUNK, 2 * CHUNK).status_code == 503
    monkeypatch.undo()
    for start in range(CHUNK, len(PHOTO), CHUNK):
        answer = send_piece(worker, PHOTO, start, min(start + CHUNK, len(PHOTO)))
    assert answer.json["state"] == "stored"


def test_whatever_is_counted_as_received_was_flushed_before(worker, monkeypatch):
    flushed = []
    real = os.fsync
    monkeypatch.setattr(
        "gridmap.reports.arriving.os.fsync", lambda fd: (flushed.append(os.fstat(fd).st_size), real(fd))
    )
    send_piece(worker, PHOTO, 0, CHUNK)
    assert CHUNK in flushed


def test_the_same_photo_of_two_people_is_stored_once(app, db, town, worker, files):
    neighbour = in_grid(app, db, town, "B")
    send_piece(worker, PHOTO, 0, CHUNK)
    send_piece(neighbour, PHOTO, 0, CHUNK)
    assert worker.get(f"/api/v1/media/{SHA}").json["received"] == CHUNK
    for who in (worker, neighbour):
        for start in range(CHUNK, len(PHOTO), CHUNK):
            answer = send_piece(who, PHOTO, start, min(start + CHUNK, len(PHOTO)))
        assert answer.json["state"] == "stored"
        assert who.get(f"/api/v1/media/{SHA}/shown").status_code == 200
    assert db.scalar(text("SELECT count(*) FROM media")) == 1
    assert db.scalar(text("SELECT count(*) FROM media_sender")) == 2
    assert len(everything_on_disk(files)) == 4


def test_two_who_finish_at_the_same_moment_leave_one_set_of_files(app, db, town, worker, files, monkeypatch):
    neighbour = in_grid(app, db, town, "B")

    def overtaken(*args):
        monkeypatch.undo()
        assert send(neighbour, PHOTO).status_code == 201
        return settle(*args)

    monkeypatch.setattr("webapp.api.media.settle", overtaken)
    assert send(worker, PHOTO).status_code == 201
    assert len(everything_on_disk(files)) == 4
    for who in (worker, neighbour):
        assert who.get(f"/api/v1/media/{SHA}/shown").status_code == 200


def test_what_was_sealed_and_not_recorded_is_finished_by_sending_again(worker, files, monkeypatch):
    def lost(*_):
        raise Unavailable("planted")

    monkeypatch.setattr("webapp.api.media.keep_photo", lost)
    assert send(worker, PHOTO).status_code == 503
    monkeypatch.undo()
    assert worker.get(f"/api/v1/media/{SHA}").json["state"] == "arriving"
    last = send_piece(worker, PHOTO, len(PHOTO) - 10, len(PHOTO))
    assert (last.status_code, last.json["state"]) == (201, "stored")


def test_to_know_the_hash_of_a_photo_is_not_to_see_it(app, db, town, worker):
    send(worker, PHOTO)
    stranger = in_grid(app, db, town, "F")
    told = stranger.post("/api/v1/reports", report((1.5, 0.5), media=[{"sha256": SHA}])).json
    assert told["missing"] == [SHA]
    assert send_piece(stranger, PHOTO, 0, CHUNK).json["state"] == "arriving"
    for path in (f"/api/v1/media/{SHA}/shown", f"/api/v1/media/{SHA}/shown?size=thumb"):
        assert stranger.get(path).status_code == 404
    shown = stranger.get(f"/api/v1/incidents/{told['incident']['id']}").json["photos"]
    assert [photo["state"] for photo in shown] == ["missing"]


@pytest.mark.parametrize("first", ["photo", "report"])
def test_photo_and_report_find_each_other_whichever_comes_first(app, db, town, worker, first):
    sent = report(media=[{"sha256": SHA, "role": "before"}])
    if first == "photo":
        send(worker, PHOTO)
    answer = worker.post("/api/v1/reports", sent)
    assert answer.json["missing"] == ([] if first == "photo" else [SHA])
    if first == "report":
        send(worker, PHOTO)
    again = worker.post("/api/v1/reports", sent)
    assert (again.status_code, again.json["missing"], again.json["incident"]["number"]) == (
        200,
        [],
        answer.json["incident"]["number"],
    )
    seen = worker.get(f"/api/v1/incidents/{answer.json['incident']['id']}").json["photos"]
    assert [(p["sha256"], p["role"], p["by"], p["state"]) for p in seen] == [(SHA, "before", "report", "stored")]
    assert (seen[0]["taken_at"], seen[0]["direction_deg"]) == ("2026-03-03T03:58:30.000Z", 270.5)
    other = sent | {"media": [{"sha256": "1" * 64, "role": "before"}]}
    assert worker.post("/api/v1/reports", other).status_code == 409


def test_a_photo_is_seen_by_those_who_answer_for_its_place(app, db, town, worker):
    send(worker, PHOTO)
    worker.post("/api/v1/reports", report((0.5, 2.5), media=[{"sha256": SHA}]))
    path = f"/api/v1/media/{SHA}/shown"
    seen = {
        "desk": over_all(app, db, town).get(path),
        "same grid": in_grid(app, db, town, "A").get(path),
        "other township": in_grid(app, db, town, "F").get(path),
        "desk of the other township": over_south(app, db, town).get(path),
        "planner": over_all(app, db, town, Role.PLANNER).get(path),
        "supervisor": over_all(app, db, town, Role.SUPERVISOR).get(path),
    }
    assert {who: answer.status_code for who, answer in seen.items()} == {
        "desk": 200,
        "same grid": 200,
        "other township": 404,
        "desk of the other township": 404,
        "planner": 403,
        "supervisor": 200,
    }
    # Faces and plates are hidden from who oversees: so few pixels hold neither.
    assert max(opened(seen["desk"].data).size) == 640
    assert max(opened(seen["supervisor"].data).size) == 64


def test_a_damaged_copy_is_never_shown_as_true(worker, files, db):
    send(worker, PHOTO)
    name = db.scalar(text("SELECT shown_name FROM media"))
    files.copy(name, "shown").write_bytes(photo(seed=2))
    files.copy(name, "thumb").unlink()
    assert worker.get(f"/api/v1/media/{SHA}/shown").status_code == 503
    assert worker.get(f"/api/v1/media/{SHA}/shown?size=thumb").status_code == 503


def test_a_report_names_a_photo_once_and_at_most_ten(worker):
    twice = report(media=[{"sha256": SHA, "role": "before"}, {"sha256": SHA, "role": "after"}])
    assert worker.post("/api/v1/reports", twice).status_code == 422
    many = report(media=[{"sha256": f"{n:064x}"} for n in range(11)])
    assert worker.post("/api/v1/reports", many).status_code == 422
    odd = report(media=[{"sha256": SHA.upper()}])
    assert worker.post("/api/v1/reports", odd).status_code == 422


def test_a_report_kept_before_there_were_photos_is_still_known(worker, db):
    """A receipt commits to what was sent word for word: a report without photos reads as it always did."""
    sent = report(text="井盖", occurred_at=None, reporter_place=None)
    worker.post("/api/v1/reports", sent)
    place = sent["place"] | {"accuracy_m": None, "datum": "wgs84", "method": "gps"}
    digest = db.scalar(text("SELECT digest FROM receipt WHERE id = CAST(:id AS uuid)"), {"id": sent["id"]})
    assert bytes(digest) == content_digest(sent | {"place": place})
