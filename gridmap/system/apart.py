"""Many things done one after another, of which one that fails holds up no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
import structlog
from sqlalchemy.exc import DBAPIError

from gridmap.errors import GridmapError

_log: Final = structlog.get_logger()


@contextmanager
def held_apart(what: str, **about: Any) -> Iterator[None]:
    """
    Let one of many fail by itself: the log says what went wrong and of which, and the next has its turn.

    Parameters
    ----------
    what
        What was being done, a word of the log.
    about
        Of which it was done.
    """
    try:
        yield
    except (GridmapError, DBAPIError, psycopg.Error) as error:
        _log.error("one of many failed", what=what, error=f"{type(error).__name__}: {error}", **about)
