"""
Files on their way in: kept privately under the data directory until they are imported, dropped or a day old.

Nothing of an upload is in the database: what is not imported was never there. An upload is a directory that only this
account of the machine enters, named by a random id; it counts as there once its record is written, after the file.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from gridmap.errors import NotFound, TooLarge, Unavailable
from gridmap.language import N_

KEPT_FOR: Final = timedelta(days=1)
MOST_KEPT: Final = 5
"""Uploads of one person that are kept at a time; a further one takes the place of the oldest."""

_RECORD: Final = "upload.json"
_FILE: Final = "content"
_LONGEST_NAME: Final = 120
_MIB: Final = 1 << 20


@dataclass(frozen=True)
class Upload:
    """
    A file that somebody brought.

    Attributes
    ----------
    id
        A random name.
    person_id
        Whose it is; nobody else gets at it.
    kind
        What it is said to hold, a name of `gridmap.exchange.kinds.KINDS`.
    name
        As the person's machine called it; it is shown and never used as a path.
    bytes
        How large it is.
    path
        Where it lies.
    """

    id: UUID
    person_id: int
    kind: str
    name: str
    bytes: int
    path: Path

    def drop(self) -> None:
        """Delete it; twice does no harm."""
        shutil.rmtree(self.path.parent, ignore_errors=True)


def keep(data_dir: Path, person_id: int, kind: str, name: str, pieces: Iterable[bytes], *, most_bytes: int) -> Upload:
    """
    Store a file as it comes in.

    Parameters
    ----------
    pieces
        Its bytes, piece by piece.
    most_bytes
        The largest file that is taken.

    Raises
    ------
    TooLarge
        If there are more bytes; nothing stays.
    Unavailable
        If the disk is full; nothing stays.
    """
    _make_room(data_dir, person_id)
    upload_id = uuid.uuid4()
    folder = _folder(data_dir) / str(upload_id)
    folder.mkdir(mode=0o700)
    try:
        size = _write(folder / _FILE, pieces, most_bytes)
        upload = Upload(upload_id, person_id, kind, name[-_LONGEST_NAME:], size, folder / _FILE)
        _record(upload)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Unavailable(
                N_("The disk is full; the file was not kept. Tell who runs the machine."), retry_s=60
            ) from error
        raise
    except BaseException:
        # Also when the sender went away in the middle: half a file is no upload.
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return upload


def find(data_dir: Path, upload_id: UUID, person_id: int) -> Upload:
    """
    Find an upload of a person.

    Raises
    ------
    NotFound
        If there is none, it is another's, or it was swept away.
    """
    upload = _read(_folder(data_dir) / str(upload_id))
    if upload is None or upload.person_id != person_id:
        raise NotFound(N_("This file is not here any more: uploads are kept for a day. Choose it again."))
    return upload


def sweep(data_dir: Path, at: datetime) -> int:
    """Delete what nobody imported within a day, whole or half; gives how many."""
    stale = [folder for folder in _folders(data_dir) if _begun(folder) < (at - KEPT_FOR).timestamp()]
    for folder in stale:
        shutil.rmtree(folder, ignore_errors=True)
    return len(stale)


def _folder(data_dir: Path) -> Path:
    return data_dir / "imports"


def _folders(data_dir: Path) -> list[Path]:
    root = _folder(data_dir)
    return [folder for folder in root.iterdir() if folder.is_dir()] if root.is_dir() else []


def _begun(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:  # another worker sweeps, too
        return 0.0


def _make_room(data_dir: Path, person_id: int) -> None:
    _folder(data_dir).mkdir(mode=0o700, parents=True, exist_ok=True)
    own = [upload for folder in _folders(data_dir) if (upload := _read(folder)) and upload.person_id == person_id]
    own.sort(key=lambda upload: _begun(upload.path.parent))
    for oldest in own[: max(0, len(own) - MOST_KEPT + 1)]:
        oldest.drop()


def _write(path: Path, pieces: Iterable[bytes], most_bytes: int) -> int:
    size = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for piece in pieces:
            size += len(piece)
            if size > most_bytes:
                raise TooLarge(N_("The file is larger than the %(most)s MB taken here."), most=most_bytes // _MIB)
            file.write(piece)
    return size


def _record(upload: Upload) -> None:
    said = {name: value for name, value in asdict(upload).items() if name != "path"} | {"id": str(upload.id)}
    draft = upload.path.with_name("draft")
    draft.write_text(json.dumps(said, ensure_ascii=False))
    draft.rename(upload.path.with_name(_RECORD))


def _read(folder: Path) -> Upload | None:
    try:
        said = json.loads((folder / _RECORD).read_text())
    except (FileNotFoundError, NotADirectoryError):
        return None
    return Upload(**(said | {"id": UUID(said["id"]), "path": folder / _FILE}))
