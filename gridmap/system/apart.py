"""Many things done one after another, of which one that fails holds up no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

import psycopg
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gridmap.database import transaction
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


def each_apart(what: str, incidents: Iterable[UUID], do: Callable[[Session, UUID], int], most: int) -> int:
    """
    Do something of incidents one after another, each in a transaction of its own.

    Parameters
    ----------
    what
        What is done, a word of the log for those at which it fails.
    do
        Gives how much was done, 0 or 1: what another was faster with is nothing.
    most
        After as many the next run goes on with the others.

    Returns
    -------
    done
        How much was done now, `most` at most.
    """
    done = 0
    for incident_id in incidents:
        with held_apart(what, incident=str(incident_id)), transaction() as own:
            done += do(own, incident_id)
        if done >= most:
            break
    return done
