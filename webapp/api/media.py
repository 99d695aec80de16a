"""The door for photos: they come in pieces, and only fresh copies of them go out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any, Final

from flask import Response, request

from geodata.photos import MOST_BYTES
from gridmap.database import transaction
from gridmap.errors import GridmapError, Invalid, Malformed, NotAllowed, NotFound, Unavailable
from gridmap.hazards.photos import hazard_photo_access
from gridmap.incidents.photos import photo_access
from gridmap.language import N_
from gridmap.people.rules import Access, Actor
from gridmap.reports.arriving import Arrival, expect, find
from gridmap.reports.media import keep_photo, keep_sender, photo_row, require_same, settle
from gridmap.reports.mediafiles import Copy, MediaFiles
from webapp.api import api
from webapp.api.shapes import instant
from webapp.shared import settings
from webapp.shared.logs import log
from webapp.shared.opening import opening
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.taking import Parameter, takes

MOST_CHUNK_BYTES: Final = 1 << 20
_PIECE: Final = 1 << 16
_MOST_READ_OUT: Final = 2 * MOST_BYTES
_RANGE: Final = re.compile(r"bytes (\d{1,12})-(\d{1,12})/(\d{1,12})")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_NO_SUCH: Final = N_("There is no such photo, or it is not yours to see.")


@api.put("/media/<string:sha256>")
@api.doc(tags=["reports"])
@declares("photo.send")
@takes(file=True)
def upload_photo(sha256: str) -> tuple[dict[str, Any], int]:
    """
    Take a photo, whole or piece by piece (`Content-Range: bytes 0-524287/2093412`), under its SHA-256 in hex.

    A piece that does not begin where the last one ended is answered with 409 and `received`: go on from there.
    """
    try:
        return _take(_person(), _digest(sha256))
    except GridmapError:
        _read_out()
        raise


def _take(actor: Actor, digest: bytes) -> tuple[dict[str, Any], int]:
    start, length, total = _span()
    with transaction() as db:
        row = photo_row(db, digest, actor.id)
    if row is not None and row.sent:
        _read_out()
        return _stored(row), 200
    files = MediaFiles.below(settings().data_dir)
    arrival = expect(files, actor.id or 0, digest, total)
    arrival.take(start, _pieces(length))
    if not arrival.is_whole:
        return _arriving(arrival), 202
    _settle(files, actor, arrival, known=row is not None)
    with transaction() as db:
        return _stored(photo_row(db, digest, actor.id)), 201


@api.get("/media/<string:sha256>")
@api.doc(tags=["reports"])
@declares("photo.see")
@takes()
def show_upload(sha256: str) -> dict[str, Any]:
    """Say how much of a photo of the reader's own has arrived, or what is known of one that they may see."""
    actor, digest = _person(), _digest(sha256)
    with transaction() as db:
        row = photo_row(db, digest, actor.id)
        if row is not None and row.state == "stored" and _access(db, actor, row) is not None:
            return _stored(row)
    arrival = find(MediaFiles.below(settings().data_dir), actor.id or 0, digest)
    if arrival is None:
        raise NotFound(_NO_SUCH)
    return _arriving(arrival)


@api.get("/media/<string:sha256>/shown")
@api.doc(tags=["reports"])
@declares("photo.see")
@takes(Parameter("size", "thumb: small; the whole picture unless given.", {"enum": ["thumb"]}))
def show_photo(sha256: str) -> Response:
    """
    Give a copy of a photo as JPEG, without any metadata.

    Who may see it only with faces and plates hidden gets so coarse a copy that neither can be made out.
    """
    actor, digest = _person(), _digest(sha256)
    if request.args.get("size") not in (None, "thumb"):
        raise Invalid(N_("size is thumb, or left out."), where="size")
    with transaction() as db:
        row = photo_row(db, digest, actor.id)
        access = None if row is None or row.state != "stored" else _access(db, actor, row)
    if row is None or access is None:
        raise NotFound(_NO_SUCH)
    size: Copy = "thumb" if request.args.get("size") else "shown"
    return _picture(row, size if access is Access.FULL else "coarse")


def _person() -> Actor:
    """Photos belong to people: no key sends them, and no wall shows them."""
    actor = current_actor()
    if actor.kind != "person":
        raise NotAllowed(N_("Your roles do not include this. An administrator can grant them."))
    return actor


def _digest(sha256: str) -> bytes:
    if not _SHA256.fullmatch(sha256):
        raise Invalid(N_("A photo is named by its SHA-256: 64 digits, 0 to 9 and a to f."), where="sha256")
    return bytes.fromhex(sha256)


def _span() -> tuple[int, int, int]:
    """
    Where the body of this request belongs: first byte, length, and the bytes of the whole photo.

    Raises
    ------
    Malformed, Invalid
        If the headers cannot be read, or contradict each other.
    """
    if request.headers.get("Transfer-Encoding"):
        raise Malformed(N_("Say with Content-Length how many bytes come."))
    length = request.content_length or 0
    told = request.headers.get("Content-Range")
    if told is None:
        if length > MOST_BYTES:
            raise Invalid(N_("The photo has more than %(most)s MB. Make it smaller."), most=MOST_BYTES // 1_000_000)
        return 0, length, length
    found = _RANGE.fullmatch(told)
    if found is None:
        raise Malformed(N_("Content-Range is written like this: bytes 0-524287/2093412."))
    first, last, total = (int(part) for part in found.groups())
    if not (first <= last < total and length == last - first + 1):
        raise Invalid(N_("Content-Range does not fit: the first byte, the last, the total and the body disagree."))
    if length > MOST_CHUNK_BYTES:
        raise Invalid(N_("A piece has at most %(most)s bytes."), most=MOST_CHUNK_BYTES)
    return first, length, total


def _pieces(length: int) -> Iterator[bytes]:
    # Everything else takes one mebibyte; this one route takes photos.
    # One more than comes: a server that ends the body itself is else said to have sent too much at its end.
    request.max_content_length = length + 1
    return iter(lambda: request.stream.read(_PIECE), b"")


def _read_out() -> None:
    """Let the rest of the body come in: a sender whose line is closed on its way never reads the answer."""
    if (request.content_length or 0) <= _MOST_READ_OUT:
        request.max_content_length = _MOST_READ_OUT
        for _ in iter(lambda: request.stream.read(_PIECE), b""):
            pass


def _settle(files: MediaFiles, actor: Actor, arrival: Arrival, *, known: bool) -> None:
    """Open, seal and record a photo that is whole; no transaction is open while it is opened."""
    with files.settling():
        if known:
            require_same(arrival)
            with transaction() as db:
                keep_sender(db, actor, arrival.sha256, now())
        else:
            with opening():
                photo = settle(files, arrival)
            with transaction() as db:
                kept = keep_photo(db, actor, photo, now())
            if not kept:
                files.drop_copies(photo.name)
    arrival.drop()


def _access(db: Any, actor: Actor, row: Any) -> Access | None:
    if row.sent:
        return Access.FULL
    found = (look(db, actor, bytes(row.sha256)) for look in (photo_access, hazard_photo_access))
    return max((access for access in found if access is not None), default=None)


def _arriving(arrival: Arrival) -> dict[str, Any]:
    nothing_yet = dict.fromkeys(("width", "height", "taken_at", "place", "direction_deg", "device_model"))
    return {
        "sha256": arrival.sha256.hex(),
        "state": "arriving",
        "received": arrival.received,
        "bytes": arrival.total,
        **nothing_yet,
    }


def _stored(row: Any) -> dict[str, Any]:
    return {
        "sha256": bytes(row.sha256).hex(),
        "state": row.state,
        "received": row.bytes,
        "bytes": row.bytes,
        "width": row.width,
        "height": row.height,
        "taken_at": instant(row.taken_at),
        "place": None if row.lon is None else {"lon": row.lon, "lat": row.lat, "error_m": row.taken_error_m},
        "direction_deg": row.direction_deg,
        "device_model": row.device_model,
    }


def _picture(row: Any, size: Copy) -> Response:
    data = MediaFiles.below(settings().data_dir).read_copy(row.shown_name, size)
    damaged = data is None or (size == "shown" and hashlib.sha256(data).digest() != bytes(row.shown_sha256))
    if data is None or damaged:
        log.error("photo", sha256=bytes(row.sha256).hex(), size=size, file="missing" if data is None else "damaged")
        raise Unavailable(
            N_("The file of this photo is damaged or gone. Tell who runs the machine: the backup has it."), retry_s=600
        )
    response = Response(data, content_type="image/jpeg")
    response.headers["Content-Disposition"] = 'inline; filename="photo.jpg"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    # The picture under this address never changes; who may see it can, so it is kept for a day and by one person.
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response
