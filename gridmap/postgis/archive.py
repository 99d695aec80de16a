"""
The file of a backup: an ordinary zip whose last bytes are the hash of all before them.

Any unzip opens it, so that what is in it can be had without gridmap. The hash stands in the comment of the zip, the
one part of it that comes last: a byte that was flipped anywhere, or an end that was cut off, is found before a
restore has touched anything.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from gridmap.durable import flush
from gridmap.errors import Conflict, Invalid
from gridmap.language import N_

_MARK: Final = b"gridmap backup sha256 "
_DIGITS: Final = 64
_PIECE: Final = 1 << 20


class Archive:
    """A backup that is being written."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._packed = packed

    def put(self, name: str, content: IO[bytes]) -> str:
        """
        Write one part, as it is: photos and dumps are compressed already.

        Returns
        -------
        sha256
            Of what was written, in hex.
        """
        digest = hashlib.sha256()
        # The dump comes through a pipe: nobody knows beforehand whether it passes 4 GB.
        with self._packed.open(zipfile.ZipInfo(name), "w", force_zip64=True) as part:
            while piece := content.read(_PIECE):
                digest.update(piece)
                part.write(piece)
        return digest.hexdigest()


@contextmanager
def writing(path: Path) -> Iterator[Archive]:
    """
    Make a backup, whole or not at all: under another name, sealed, flushed, and renamed at the end.

    Raises
    ------
    Conflict
        If there is a file already: a backup is never written over, not even by a better one.
    """
    if path.exists():
        raise Conflict(N_("%(file)s is there already, and a backup is never written over. Choose another name."),
                       file=str(path))  # fmt: skip
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.unfinished")
    try:
        handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w+b") as file:
            with zipfile.ZipFile(file, "w", allowZip64=True) as packed:
                yield Archive(packed)
                packed.comment = _MARK + b"0" * _DIGITS
            _seal(file)
            os.fsync(file.fileno())
        # Like a rename, but refused if somebody made the file meanwhile.
        os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    flush(path.parent)


@contextmanager
def reading(path: Path) -> Iterator[zipfile.ZipFile]:
    """
    Open a backup once its seal was found whole.

    Raises
    ------
    Invalid
        If it is no backup, was cut off, or was altered.
    """
    with path.open("rb") as file:
        _require_seal(file, path)
        with zipfile.ZipFile(file) as packed:
            yield packed


def unpack(packed: zipfile.ZipFile, name: str, target: Path, *, owner: os.stat_result) -> str:
    """
    Put one part of a backup into a file, flushed and moved to its place at the end.

    Parameters
    ----------
    owner
        Whose the file becomes if root writes it.

    Returns
    -------
    sha256
        Of the file, in hex.
    """
    digest = hashlib.sha256()
    draft = target.with_name(f".{target.name}.restoring")
    with packed.open(name) as part, draft.open("wb") as file:
        os.fchmod(file.fileno(), 0o600)
        if os.geteuid() == 0:
            os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
        while piece := part.read(_PIECE):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)
    return digest.hexdigest()


def copy_part(packed: zipfile.ZipFile, name: str, to: IO[bytes]) -> None:
    """Write one part of a backup into an open file or pipe."""
    with packed.open(name) as part:
        shutil.copyfileobj(part, to, _PIECE)


def _seal(file: IO[bytes]) -> None:
    file.seek(0, os.SEEK_END)
    end = file.tell() - _DIGITS
    digest = _hash_of(file, end)
    file.seek(end)
    file.write(digest)
    file.flush()


def _require_seal(file: IO[bytes], path: Path) -> None:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if file.read(4) != b"PK\x03\x04":
        raise Invalid(N_("%(file)s is not a backup made by `gridmap db backup`."), file=str(path))
    file.seek(max(0, size - len(_MARK) - _DIGITS))
    mark, sealed = file.read(len(_MARK)), file.read()
    if mark != _MARK:
        raise Invalid(
            N_("%(file)s has no end: it was cut off, or is not a backup. Nothing was changed. Use another copy."),
            file=str(path),
        )
    if _hash_of(file, size - _DIGITS) != sealed:
        raise Invalid(
            N_("%(file)s is damaged: it is not what was written. Nothing was changed. Use another copy."),
            file=str(path),
        )


def _hash_of(file: IO[bytes], length: int) -> bytes:
    digest = hashlib.sha256()
    file.seek(0)
    while length > 0 and (piece := file.read(min(_PIECE, length))):
        digest.update(piece)
        length -= len(piece)
    return digest.hexdigest().encode()
