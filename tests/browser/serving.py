"""The tile server of the tests in a process of its own, for whoever measures."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from tests.browser.tileserver import serve
from tests.browser.town import make_town


def _serve_until_told(pipe: Connection) -> None:
    with serve(make_town()) as address:
        pipe.send(address)
        pipe.recv()


@contextmanager
def served_town() -> Iterator[str]:
    """Serve the made-up district; yields the address."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve_until_told, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        here.send(None)
        process.join()
