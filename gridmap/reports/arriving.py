"""
Photos on their way in, piece by piece: what has arrived of each lies in a file of its sender, and nowhere else.

The name of the file holds all that is to be known of it: whose it is, the hash that its sender declared, and how
many bytes it will have. Two people may send the same photo at the same time. Nothing is promised before all of it is
here and its hash is right, so a file that has to make room costs its sender some bytes and no photo.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from geodata.photos import MOST_BYTES
from gridmap.durable import flush
from gridmap.errors import Conflict, Invalid
from gridmap.language import N_
from gridmap.reports.mediafiles import MediaFiles, writing

KEPT_FOR: Final = timedelta(days=14)
"""How long half a photo waits for the rest."""
MOST_AT_A_TIME: Final = 50
"""Photos of one person that may be on their way at a time; a further one takes the place of the one longest still."""


class NotWhereItEnded(Conflict):
    """A piece does not begin where the last one ended; its sender goes on from `received`."""

    def __init__(self, received: int) -> None:
        super().__init__(
            N_("%(received)s bytes of this photo have arrived. Go on from there."),
            received=received,
        )
        self.members = {"received": received}


@dataclass(frozen=True)
class Arrival:
    """
    A photo of which some has arrived.

    Attributes
    ----------
    sha256
        What its sender says its hash will be.
    total
        What its sender says it will have, bytes.
    """

    path: Path
    sha256: bytes
    total: int

    @property
    def received(self) -> int:
        """How many bytes are here."""
        try:
            return min(self.path.stat().st_size, self.total)
        except FileNotFoundError:
            return 0

    @property
    def is_whole(self) -> bool:
        """Whether all of it is here."""
        return self.received == self.total

    def take(self, start: int, pieces: Iterable[bytes]) -> int:
        """
        Write what comes in at its place; what came before is written over with the same.

        Parameters
        ----------
        start
            Where it begins, bytes from the first.
        pieces
            No more bytes than `total` leaves from there.

        Returns
        -------
        received
            How many bytes are here now, flushed.

        Raises
        ------
        NotWhereItEnded
            If there would be a hole.
        NoRoom, Unavailable
            If they cannot be written.
        """
        with writing():
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            try:
                if start > self.received:
                    os.fsync(handle)
                    raise NotWhereItEnded(self.received)
                for piece in pieces:
                    start += _written(handle, piece, start)
                os.fsync(handle)
            finally:
                os.close(handle)
            flush(self.path.parent)
        return self.received

    def drop(self) -> None:
        """Forget what has arrived; twice does no harm."""
        self.path.unlink(missing_ok=True)


def expect(files: MediaFiles, person_id: int, sha256: bytes, total: int) -> Arrival:
    """
    Find what has arrived of a photo, or make room for it.

    Raises
    ------
    Invalid
        If it is empty or too large, or was begun with another size: then what had arrived is dropped.
    """
    if total <= 0:
        raise Invalid(N_("The photo is empty. Take it again."))
    if total > MOST_BYTES:
        raise Invalid(N_("The photo has more than %(most)s MB. Make it smaller."), most=MOST_BYTES // 1_000_000)
    folder = _folder(files, person_id)
    with writing():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    begun = find(files, person_id, sha256)
    if begun is not None and begun.total != total:
        begun.drop()
        raise Invalid(
            N_("This photo was begun with %(begun)s bytes, not %(total)s. Send it anew."),
            begun=begun.total,
            total=total,
        )
    if begun is None:
        _make_room(folder)
    return begun or Arrival(folder / f"{sha256.hex()}.{total}", sha256, total)


def find(files: MediaFiles, person_id: int, sha256: bytes) -> Arrival | None:
    """Find what has arrived of a photo from this person."""
    for path in _folder(files, person_id).glob(f"{sha256.hex()}.*"):
        return Arrival(path, sha256, int(path.suffix[1:]))
    return None


def sweep_arriving(files: MediaFiles, at: datetime) -> int:
    """Drop what nobody has gone on with for `KEPT_FOR`; gives how many."""
    since = (at - KEPT_FOR).timestamp()
    stale = [path for path in files.root.glob("arriving/*/*") if _touched(path) < since]
    for path in stale:
        path.unlink(missing_ok=True)
    return len(stale)


def _folder(files: MediaFiles, person_id: int) -> Path:
    return files.root / "arriving" / str(person_id)


def _make_room(folder: Path) -> None:
    waiting = sorted(folder.iterdir(), key=_touched)
    for path in waiting[: max(0, len(waiting) - MOST_AT_A_TIME + 1)]:
        path.unlink(missing_ok=True)


def _touched(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # it was finished, or swept, meanwhile
        return 0.0


def _written(handle: int, piece: bytes, at: int) -> int:
    view = memoryview(piece)
    while view:
        n = os.pwrite(handle, view, at)
        view, at = view[n:], at + n
    return len(piece)
