"""Photos that come in one form with a report, and those that everyone may see."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from flask import Response
from werkzeug.datastructures import FileStorage

from geodata.photos import MOST_BYTES
from gridmap.database import transaction
from gridmap.errors import Invalid, NotFound, Unavailable
from gridmap.language import N_
from gridmap.reports.arriving import Arrival
from gridmap.reports.media import Settled, photo_row, settle
from gridmap.reports.mediafiles import MediaFiles
from gridmap.residents.nearby import is_public_photo
from gridmap.residents.sending import Enclosed
from webapp.resident.door import resident
from webapp.shared import settings
from webapp.shared.opening import opening
from webapp.shared.policy import declares

_PIECE: Final = 1 << 16
_FOLDER: Final = "residents"


@dataclass(frozen=True)
class Sent:
    """A photo of a form; `photo` is None if it could not be kept, which its sender is told."""

    sha256: bytes
    photo: Enclosed | None


def take_in(files: MediaFiles, uploads: Sequence[FileStorage]) -> list[Sent]:
    """
    Open and seal the photos of a form, each once; no transaction is open meanwhile.

    What cannot be opened, or finds no room, does not hold up the report: its words arrive, and its sender reads that
    the photo did not.
    """
    return [_take_one(files, upload, digest) for digest, upload in _distinct(uploads).items()]


def keep(sent: Sequence[Sent]) -> list[Enclosed]:
    """Those that are kept."""
    return [each.photo for each in sent if each.photo is not None]


def _distinct(uploads: Sequence[FileStorage]) -> dict[bytes, FileStorage]:
    found: dict[bytes, FileStorage] = {}
    for upload in uploads:
        found.setdefault(hashlib.file_digest(upload.stream, "sha256").digest(), upload)  # type: ignore[arg-type]
    return found


def _take_one(files: MediaFiles, upload: FileStorage, digest: bytes) -> Sent:
    with transaction() as db:
        known = photo_row(db, digest, None)
    if known is not None:
        return Sent(digest, Enclosed(digest, None) if known.state == "stored" else None)
    total = upload.stream.seek(0, 2)
    upload.stream.seek(0)
    if not 0 < total <= MOST_BYTES:
        return Sent(digest, None)
    try:
        return Sent(digest, Enclosed(digest, _settled(files, upload, digest, total)))
    except (Invalid, Unavailable):
        return Sent(digest, None)


def _settled(files: MediaFiles, upload: FileStorage, digest: bytes, total: int) -> Settled:
    # A name of its own: what others send at the same time takes nothing from it, and the sweep finds what a crash left.
    folder = files.root / "arriving" / _FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    arrival = Arrival(folder / f"{uuid4().hex}.{total}", digest, total)
    try:
        arrival.take(0, _pieces(upload))
        with opening():
            return settle(files, arrival)
    finally:
        arrival.drop()


def _pieces(upload: FileStorage) -> Iterator[bytes]:
    return iter(lambda: upload.stream.read(_PIECE), b"")


@resident.get("/r/photos/<uuid:name>")
@declares("public")
def show_public_photo(name: UUID) -> Response:
    """Give a photo that a desk has approved, so coarse that neither face nor plate can be made out."""
    with transaction() as db:
        shown = is_public_photo(db, name)
    data: Any = MediaFiles.below(settings().data_dir).read_copy(name, "coarse") if shown else None
    if data is None:
        raise NotFound(N_("There is no such photo, or it is not yours to see."))
    response = Response(data, content_type="image/jpeg")
    response.headers["Content-Disposition"] = 'inline; filename="photo.jpg"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    # A photo may be hidden again: no copy of it stays anywhere for long.
    response.headers["Cache-Control"] = "private, max-age=300"
    return response
