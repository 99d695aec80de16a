"""What tiles depend on beside their reader: the edition of the boundaries, and what happened since."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock
from typing import Final
from zoneinfo import ZoneInfo

from flask import Flask, current_app
from sqlalchemy import text

from gridmap.database import reading, transaction
from gridmap.grids.queries import current_district
from gridmap.grids.tiles import grids_from
from webapp.tiles.cache import TileCache

EXTENSION: Final = "gridmap.tiles"
_TRUSTED_S: Final = 1.0

_EDITION = text("SELECT revision FROM district ORDER BY area_id LIMIT 1")
# Ids of events do not come in the order of commits, so the highest alone would miss a slower neighbour's: with the
# number of the latest ones it changes whenever any is committed.
_NEWS = text(
    "WITH top AS (SELECT max(id) AS id FROM live_event)"
    " SELECT top.id, (SELECT count(*) FROM live_event e WHERE e.id > top.id - 1000) FROM top"
)


@dataclass(frozen=True)
class Edition:
    """The boundaries as this moment has them."""

    revision: int
    time_zone: str
    grids_from: int

    @property
    def zone(self) -> ZoneInfo:
        """The zone whose days are the district's days."""
        return ZoneInfo(self.time_zone)


class TileState:
    """The tiles of one application and the edition it believes in."""

    def __init__(self) -> None:
        self.cache = TileCache()
        self._lock = Lock()
        self._edition: Edition | None = None
        self._read_at = 0.0

    def edition(self, wanted: str | None) -> Edition:
        """
        Give the current edition, asking the database at most once a second while readers ask for the one we know.

        Parameters
        ----------
        wanted
            The revision that the address names. A reader who names another has heard of a newer one, so we ask again.

        Raises
        ------
        NotFound
            If no district was imported yet.
        """
        known = self._edition
        if known is not None and wanted == str(known.revision) and time.monotonic() - self._read_at < _TRUSTED_S:
            return known
        with self._lock:
            with reading() as look:
                found = look.execute(_EDITION).one_or_none()
            if found is None or known is None or known.revision != found.revision:
                known = self._learn()
            self._edition, self._read_at = known, time.monotonic()
        return known

    @staticmethod
    def _learn() -> Edition:
        with transaction() as db:
            district = current_district(db)
            return Edition(district.revision, district.time_zone, grids_from(db))


def tile_state() -> TileState:
    """The state of the application that serves this request."""
    state: TileState = current_app.extensions[EXTENSION]
    return state


def prepare(app: Flask) -> None:
    """Give an application its own state."""
    app.extensions[EXTENSION] = TileState()


def news() -> str:
    """A short text that differs whenever something was announced since it was read last."""
    with reading() as look:
        top, count = look.execute(_NEWS).one()
    return f"{top}.{count}"
