"""From positions as told to places: datum, plausibility, the grid of their own day."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from sqlalchemy.orm import Session

from geodata.datum import CONVERSION_SIGMA_M, Datum, Floats, to_wgs84
from geodata.locate import Status
from gridmap.grids.index import GridRow, HeldCoverages, coverages
from gridmap.grids.queries import DistrictNow
from gridmap.grids.rules import implausible
from gridmap.language import N_

SIGMA_PER_RADIUS: Final = 1 / math.sqrt(2)
"""Of a radius whose meaning is not stated: taken as the 2-D root mean square."""
SIGMA_FLOOR_M: Final = 3.0
"""No phone or camera knows better than this, whatever it says."""


@dataclass(frozen=True)
class Told:
    """
    A position as somebody or something told it.

    Attributes
    ----------
    x, y
        Degrees in `datum`, longitude first; None when there was no position.
    error_m
        The radius told with it, metres, or None.
    method
        How it was found: ``gps, pin, exif, site, pose, homography, laser, device, fused``.
    """

    x: float | None
    y: float | None
    datum: Datum = "wgs84"
    error_m: float | None = None
    method: str = "gps"


@dataclass(frozen=True)
class Placed:
    """
    A place: what was told, where that is, which grid held it on its own day, and who answers there now.

    Attributes
    ----------
    lon, lat
        Degrees, WGS 84; None when unplaced.
    sigma_m
        Standard error per axis, metres, or None when nothing was said.
    status
        ``inside, edge, outside`` or ``unplaced``.
    grid
        The grid in the version of its own day.
    now
        The grid in force now at the same point.
    reason
        Why it is unplaced: a translatable sentence.
    """

    told: Told
    lon: float | None
    lat: float | None
    sigma_m: float | None
    status: str
    grid: GridRow | None
    now: GridRow | None
    reason: str | None

    def columns(self) -> dict[str, object]:
        """The place columns as JSON values, geometry as EWKT."""
        variance = None if self.sigma_m is None else self.sigma_m**2
        return {
            "place": None if self.lon is None else f"SRID=4326;POINT({self.lon!r} {self.lat!r})",
            "given_x": self.told.x,
            "given_y": self.told.y,
            "given_datum": None if self.told.x is None else self.told.datum,
            "cov_ee": variance,
            "cov_en": None if variance is None else 0.0,
            "cov_nn": variance,
            "place_method": None if self.lon is None else self.told.method,
            "placed": self.status,
            "grid_version_id": None if self.grid is None else self.grid.version_id,
            "unplaced_reason": self.reason,
        }


def place_all(db: Session, told: Sequence[tuple[Told, datetime]]) -> list[Placed]:
    """
    Place many positions, each in the coverage of its own time; nothing is refused here.

    Parameters
    ----------
    db
        The transaction that will store the places: no edition is published before it ends.
    told
        Positions with the instants they speak of.
    """
    held = coverages.hold(db)
    x = np.array([math.nan if t.x is None else t.x for t, _ in told])
    y = np.array([math.nan if t.y is None else t.y for t, _ in told])
    for datum in {t.datum for t, _ in told} - {"wgs84", "cgcs2000"}:
        same = np.array([t.datum == datum for t, _ in told])
        x[same], y[same] = to_wgs84(x[same], y[same], datum)
    x, y = np.round(x, 9), np.round(y, 9)
    reasons = [
        _reason(t, lon, lat, held.district) for (t, _), lon, lat in zip(told, x.tolist(), y.tolist(), strict=True)
    ]
    then = _grids(held, x, y, [at for _, at in told])
    now = held.at(None)
    today = now.locate(x, y)
    placed = []
    for i, (t, _) in enumerate(told):
        status, grid = then[i]
        if reasons[i] is not None:
            placed.append(Placed(t, None, None, None, "unplaced", None, None, reasons[i]))
            continue
        duty = None if today.row[i] < 0 else now.rows[int(today.row[i])]
        placed.append(Placed(t, float(x[i]), float(y[i]), sigma_m(t), status, grid, duty, None))
    return placed


def sigma_m(told: Told) -> float | None:
    """Standard error per axis in metres of a position as told; None when no error was told."""
    if told.error_m is None:
        return None
    sigma = max(SIGMA_FLOOR_M, told.error_m * SIGMA_PER_RADIUS)
    return math.hypot(sigma, CONVERSION_SIGMA_M) if told.datum in ("gcj02", "bd09") else sigma


def _reason(told: Told, lon: float, lat: float, district: DistrictNow) -> str | None:
    if told.x is None or told.y is None:
        return N_("It came without a position.")
    return implausible(lon, lat, district.bounds)


def _grids(held: HeldCoverages, x: Floats, y: Floats, instants: Sequence[datetime]) -> list[tuple[str, GridRow | None]]:
    """Status and grid of each point in the edition of its own instant, one index call an edition."""
    by_edition: dict[int, list[int]] = defaultdict(list)
    coverage_of = {}
    for i, at in enumerate(instants):
        coverage = held.at(at)
        coverage_of[coverage.edition] = coverage
        by_edition[coverage.edition].append(i)
    found: list[tuple[str, GridRow | None]] = [("unplaced", None)] * len(instants)
    for edition, indices in by_edition.items():
        coverage = coverage_of[edition]
        located = coverage.locate(x[indices], y[indices])
        for i, row, status in zip(indices, located.row.tolist(), located.status.tolist(), strict=True):
            found[i] = (Status(status).name.lower(), None if row < 0 else coverage.rows[row])
    return found
