"""A turn at opening a photo: it may take 1 GiB and a core for some seconds, and more at once everyone would feel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Final

from gridmap.errors import Unavailable
from gridmap.language import N_

_OPENERS: Final = BoundedSemaphore(2)
_WAIT_S: Final = 20


@contextmanager
def opening() -> Iterator[None]:
    """
    Hold one of the few turns.

    Raises
    ------
    Unavailable
        If none comes free in time.
    """
    if not _OPENERS.acquire(timeout=_WAIT_S):
        raise Unavailable(N_("Other photos are being opened just now. Try again in a moment."), retry_s=5)
    try:
        yield
    finally:
        _OPENERS.release()
