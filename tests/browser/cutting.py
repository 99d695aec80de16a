"""A line that breaks: it carries bytes between a browser and a server, and cuts them off wherever it is told to."""

from __future__ import annotations

import random
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

_AT_ONCE = struct.pack("ii", 1, 0)
_PIECE = 1 << 16


class CuttingLine:
    """
    Carries connections to a server, counts their bytes, and cuts the connection in which a certain one passes.

    Parameters
    ----------
    target
        Address of the server.
    seed
        The same seed cuts at the same bytes.
    """

    def __init__(self, target: str, seed: int) -> None:
        there = urlsplit(target)
        self._target = (there.hostname or "", there.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._until_cut: int | None = None
        self._cuts_left = 0
        self._most_bytes = 1
        self.cuts = 0
        self.dead = False
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    @property
    def address(self) -> str:
        """Where browsers reach the server through this line."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut_at_random(self, times: int, most_bytes: int) -> None:
        """Cut so many times, each after another 1 to `most_bytes` bytes have passed, in whichever direction."""
        with self._lock:
            self._cuts_left, self._most_bytes = times, most_bytes
            self._until_cut = self._random.randint(1, most_bytes)

    def die(self) -> None:
        """Cut everything, and take nothing more, until `revive`."""
        self.dead = True
        with self._lock:
            sockets = list(self._open)
        for end in sockets:
            _break(end)

    def revive(self) -> None:
        """Carry again."""
        self.dead = False

    def close(self) -> None:
        """End the line for good."""
        self.die()
        self._listener.close()
        self._acceptor.join(5)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.dead:
                _break(near)
                continue
            try:
                far = socket.create_connection(self._target, timeout=20)
            except OSError:
                _break(near)
                continue
            far.settimeout(None)
            with self._lock:
                self._open |= {near, far}
            for here, there in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(here, there), daemon=True).start()

    def _carry(self, here: socket.socket, there: socket.socket) -> None:
        try:
            while piece := here.recv(_PIECE):
                passing = self._passing(len(piece))
                there.sendall(piece[:passing])
                if passing < len(piece):
                    break
            else:
                there.shutdown(socket.SHUT_WR)
                return
            _break(here)
            _break(there)
        except OSError:
            _break(here)
            _break(there)
        finally:
            with self._lock:
                self._open -= {here}

    def _passing(self, length: int) -> int:
        """How many bytes of the next so many still pass before the line breaks."""
        with self._lock:
            if self._until_cut is None or length < self._until_cut:
                if self._until_cut is not None:
                    self._until_cut -= length
                return length
            passing = self._until_cut - 1
            self.cuts += 1
            self._cuts_left -= 1
            self._until_cut = self._random.randint(1, self._most_bytes) if self._cuts_left > 0 else None
            return passing


def _break(end: socket.socket) -> None:
    """Drop a connection as a lost network does: no good-bye."""
    try:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        end.shutdown(socket.SHUT_RDWR)
        end.close()
    except OSError:
        return


@contextmanager
def breakable(target: str, seed: int = 1) -> Iterator[CuttingLine]:
    """Open a line to a server until the block ends."""
    line = CuttingLine(target, seed)
    try:
        yield line
    finally:
        line.close()
