"""
Photos as files below one directory of their own, which no web server serves and only this account may enter.

The upload lies sealed under its hash and is never shown; people are shown copies under random names. Whatever is
written is flushed, file and directory, before anybody is told that it is there.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from uuid import UUID, uuid4

from gridmap.durable import flush
from gridmap.errors import Unavailable
from gridmap.language import N_

Copy = Literal["shown", "thumb", "coarse"]
COPIES: Final[tuple[Copy, ...]] = ("shown", "thumb", "coarse")
_PIECE: Final = 1 << 20
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class NoRoom(Unavailable):
    """The volume of the photos is full: refused before anything was promised; all else goes on."""


@contextmanager
def writing() -> Iterator[None]:
    """
    Say in a sentence that the volume of the photos cannot be written.

    Raises
    ------
    NoRoom
        If it is full.
    Unavailable
        If it fails otherwise.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise NoRoom(
                N_(
                    "There is no room for more photos; this one was not kept. Reports go on. Tell who runs the machine."
                ),
                retry_s=60,
            ) from error
        raise Unavailable(
            N_("The photo could not be written; it was not kept. Reports go on. Tell who runs the machine."), retry_s=30
        ) from error


@dataclass(frozen=True)
class MediaFiles:
    """The directory of the photos of an installation."""

    root: Path

    @classmethod
    def below(cls, data_dir: Path) -> MediaFiles:
        """Where an installation with this data directory keeps them."""
        return cls(data_dir / "media")

    def sealed(self, sha256: bytes) -> Path:
        """Where an upload lies."""
        name = sha256.hex()
        return self.root / "sealed" / name[:2] / name[2:4] / name

    def copy(self, name: UUID, copy: Copy) -> Path:
        """Where a copy for people lies."""
        return self.root / "shown" / name.hex[:2] / f"{name.hex}.{copy}.jpg"

    def read_copy(self, name: UUID, copy: Copy) -> bytes | None:
        """Give a copy; None if its file is gone."""
        try:
            return self.copy(name, copy).read_bytes()
        except FileNotFoundError:
            return None

    def save_copies(self, copies: dict[Copy, bytes]) -> UUID:
        """Write copies under a new random name, and give it."""
        name = uuid4()
        for copy, data in copies.items():
            path = self.copy(name, copy)
            with _draft(path) as draft, draft.open("wb") as file:
                file.write(data)
        return name

    def drop_copies(self, name: UUID) -> None:
        """Remove copies that turned out not to be needed."""
        for copy in COPIES:
            self.copy(name, copy).unlink(missing_ok=True)

    @contextmanager
    def sealing(self, source: Path, sha256: bytes) -> Iterator[Path | None]:
        """
        Copy an upload to be sealed, and seal it when the block ends well.

        Its hash is taken of the very bytes that are written: a sender who still writes into `source` changes nothing.

        Yields
        ------
        draft
            The copy, or None if its hash is another; then nothing is sealed.
        """
        with _draft(self.sealed(sha256)) as draft:
            if _copied(source, draft) == sha256:
                yield draft
            else:
                draft.unlink()
                yield None

    @contextmanager
    def settling(self, *, alone: bool = False) -> Iterator[None]:
        """Hold the files still: many uploads settle at a time, and the sweep works `alone`."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.root / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            yield

    def sealed_names(self) -> dict[bytes, Path]:
        """Every sealed upload by its hash."""
        paths = (self.root / "sealed").glob("??/??/*")
        return {bytes.fromhex(path.name): path for path in paths if len(path.name) == 64}

    def copy_names(self) -> dict[UUID, set[Path]]:
        """Every copy for people by its random name."""
        found: dict[UUID, set[Path]] = {}
        for path in (self.root / "shown").glob("??/*.jpg"):
            found.setdefault(UUID(path.name.partition(".")[0]), set()).add(path)
        return found

    def drafts(self) -> list[Path]:
        """What was begun and not finished, such as by a process that was killed."""
        return [*self.root.glob("sealed/??/??/.*"), *self.root.glob("shown/??/.*")]


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """A file beside its place, flushed and moved there when the block ends well; gone otherwise."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{uuid4().hex}")
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield draft
        with suppress(FileNotFoundError):  # the block thought better of it
            _flush_file(draft)
            draft.rename(path)
            # The shards above may be as new as the file.
            for folder in path.parents[:3]:
                flush(folder)
    finally:
        draft.unlink(missing_ok=True)


def _flush_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _copied(source: Path, target: Path) -> bytes:
    digest = hashlib.sha256()
    with source.open("rb") as reader, target.open("wb") as writer:
        while piece := reader.read(_PIECE):
            digest.update(piece)
            writer.write(piece)
    return digest.digest()
