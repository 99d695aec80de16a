"""The coverage of an edition in memory, and the grid of many points at once."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from geodata.locate import GridIndex, Located
from gridmap.grids.queries import DistrictNow, coverage_rows, current_district

_KEPT = 4
_HELD = "gridmap.grids.coverage"
_BEFORE = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True)
class GridRow:
    """What a located point is told of its grid."""

    version_id: int
    id: int
    code: str
    name: str
    names: dict[str, Any]
    kind: str
    path: str


@dataclass(frozen=True)
class Coverage:
    """One edition's grids with their index; never changed, replaced whole."""

    edition: int
    rows: tuple[GridRow, ...]
    index: GridIndex

    def locate(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Located:
        """Find the row of the grid that holds each point (n longitudes and latitudes, degrees, WGS 84)."""
        return self.index.locate(lon, lat)

    def grid_of(self, lon: float, lat: float) -> GridRow | None:
        """The grid that holds one point, or None outside."""
        row, _ = self.index.locate_one(lon, lat)
        return None if row < 0 else self.rows[row]


class HeldCoverages:
    """The coverages that one transaction may locate in; none is published before it ends."""

    def __init__(self, db: Session, cache: CoverageCache) -> None:
        self._db = db
        self._cache = cache
        self.district = current_district(db, hold=True)
        self._editions = self.district.editions
        self._instants = [effective_at for _, effective_at in self._editions]

    def at(self, moment: datetime | None) -> Coverage:
        """
        The coverage in force at an instant; an empty one before the first edition.

        Parameters
        ----------
        moment
            The instant; None is now.
        """
        nth = len(self._instants) if moment is None else bisect_right(self._instants, moment)
        number, effective_at = self._editions[nth - 1] if nth else (0, _BEFORE)
        return self._cache.get(self._db, self.district, number, effective_at)


class CoverageCache:
    """
    The coverages this process has in memory, by database, edition and the state of the district.

    Whoever stores a place asks inside the transaction that stores it, holding the coverage: a publish waits for it,
    and what it finds is what the database holds. A notice of a new edition only warms the cache.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Engine, int, str], Coverage] = OrderedDict()
        self._building = threading.Lock()

    def hold(self, db: Session) -> HeldCoverages:
        """
        Keep the coverage as it is until the transaction ends, and give it out.

        Raises
        ------
        NotFound
            If no district was imported yet.
        """
        held = HeldCoverages(db, self)
        db.info[_HELD] = (db.get_nested_transaction() or db.get_transaction(), held)
        return held

    def held_by(self, db: Session) -> HeldCoverages:
        """Give what this transaction holds already, without a question; hold it otherwise."""
        transaction, held = db.info.get(_HELD, (None, None))
        if held is not None and transaction is (db.get_nested_transaction() or db.get_transaction()):
            return held  # type: ignore[no-any-return]
        return self.hold(db)

    def get(self, db: Session, district: DistrictNow, number: int, effective_at: datetime) -> Coverage:
        """One edition's coverage, built if this process does not have it yet."""
        # The database is part of the key: tests and restores speak to several from one process.
        key = (db.get_bind().engine, number, district.stamp)
        if (found := self._kept.get(key)) is not None:
            return found
        with self._building:
            if (found := self._kept.get(key)) is None:
                found = self._kept[key] = _build(db, district.id, number, effective_at)
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return found


def _build(db: Session, district_id: int, edition: int, at: datetime) -> Coverage:
    found = coverage_rows(db, district_id, at)
    rows = tuple(GridRow(r.version_id, r.grid_id, r.code, r.name, r.names, r.kind, r.path) for r in found)
    polygons = shapely.from_wkb(np.array([bytes(r.shape) for r in found], dtype=object))
    ranks = np.array([row.id for row in rows], dtype=np.int64)
    return Coverage(edition, rows, GridIndex.build(np.asarray(polygons, dtype=object), ranks))


coverages = CoverageCache()
