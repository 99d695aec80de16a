"""From positions as told to places: datum, plausibility, the grid of their own day and how sure it is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

import numpy as np
from sqlalchemy.orm import Session

from geodata.datum import CONVERSION_SIGMA_M, Datum, Floats, to_wgs84
from geodata.doubt import Convention, sigma_of
from gridmap.grids.doubt import CONVENTION_OF, NO_ACCURACY, NOWHERE, PIN_SIGMA_M, Standing, stand, stand_one
from gridmap.grids.index import GridRow, HeldCoverages, coverages
from gridmap.grids.queries import DistrictNow
from gridmap.grids.rules import implausible
from gridmap.language import N_

_AS_WGS84: Final = frozenset({"wgs84", "cgcs2000"})
_NINE: Final = 1e9  # decimals that degrees are kept with


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
    convention
        What the radius means; None goes by the method.
    """

    x: float | None
    y: float | None
    datum: Datum = "wgs84"
    error_m: float | None = None
    method: str = "gps"
    convention: Convention | None = None


@dataclass(frozen=True)
class Placed:
    """
    A place: what was told, where that is, which grid held it on its own day, and who answers there now.

    Attributes
    ----------
    lon, lat
        Degrees, WGS 84; None when unplaced.
    sigma_m
        Standard error per axis, metres; None when unplaced.
    then
        How it stood to the grids in force on its own day.
    now
        How it stands to the grids in force now.
    reason
        Why it is unplaced: a translatable sentence.
    """

    told: Told
    lon: float | None
    lat: float | None
    sigma_m: float | None
    then: Standing
    now: Standing
    reason: str | None

    @property
    def status(self) -> str:
        """``inside, edge, outside`` or ``unplaced``, on its own day."""
        return self.then.status

    @property
    def grid(self) -> GridRow | None:
        """The grid in the version of its own day."""
        return self.then.grid

    @property
    def duty_grid(self) -> GridRow | None:
        """The grid in force now at the same place."""
        return self.now.grid

    @property
    def path(self) -> str | None:
        """Who answers there now: the grid, or the area where no grid can be named; None outside and unplaced."""
        return self.now.area

    @property
    def doubt_reason(self) -> str | None:
        """Why its grid is in doubt: a translatable sentence."""
        if self.then.why is None and self.lon is not None and assumed(self.told):
            return NO_ACCURACY
        return self.then.why

    def columns(self) -> dict[str, object]:
        """The place columns as JSON values, geometry as EWKT."""
        variance = None if self.sigma_m is None else self.sigma_m**2
        then = self.then
        return {
            "place": None if self.lon is None else f"SRID=4326;POINT({self.lon!r} {self.lat!r})",
            "given_x": self.told.x,
            "given_y": self.told.y,
            "given_datum": None if self.told.x is None else self.told.datum,
            "cov_ee": variance,
            "cov_en": None if variance is None else 0.0,
            "cov_nn": variance,
            "place_method": None if self.lon is None else self.told.method,
            "placed": then.status,
            "certainty": then.certainty,
            "grid_version_id": None if then.grid is None else then.grid.version_id,
            "probability": then.probability,
            "runners": [{"grid_version_id": grid.version_id, "probability": share} for grid, share in then.runners]
            or None,
            "p_outside": then.p_outside,
            "unplaced_reason": self.reason,
            "doubt_reason": self.doubt_reason,
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
    if len(told) == 1 and told[0][0].datum in _AS_WGS84:
        return [_place_one(held, *told[0])]
    x = np.array([math.nan if t.x is None else t.x for t, _ in told])
    y = np.array([math.nan if t.y is None else t.y for t, _ in told])
    for datum in {t.datum for t, _ in told} - _AS_WGS84:
        same = np.array([t.datum == datum for t, _ in told])
        x[same], y[same] = to_wgs84(x[same], y[same], datum)
    x, y = np.round(x, 9), np.round(y, 9)
    reasons = [
        _reason(t, lon, lat, held.district) for (t, _), lon, lat in zip(told, x.tolist(), y.tolist(), strict=True)
    ]
    lost = np.array([reason is not None for reason in reasons], bool)
    x[lost], y[lost] = np.nan, np.nan
    sigma = np.array([sigma_m(t) for t, _ in told])
    then, now = _standings(held, x, y, sigma, [at for _, at in told])
    return [
        Placed(t, None, None, None, NOWHERE, NOWHERE, reasons[i])
        if lost[i]
        else Placed(t, float(x[i]), float(y[i]), float(sigma[i]), then[i], now[i], None)
        for i, (t, _) in enumerate(told)
    ]


def _place_one(held: HeldCoverages, told: Told, at: datetime) -> Placed:
    """Place one position: what `place_all` does to many, without the price of arrays of one."""
    x, y = told.x, told.y
    if x is None or y is None or not (math.isfinite(x) and math.isfinite(y)):
        return Placed(told, None, None, None, NOWHERE, NOWHERE, _reason(told, math.nan, math.nan, held.district))
    lon, lat = round(x * _NINE) / _NINE, round(y * _NINE) / _NINE
    reason = _reason(told, lon, lat, held.district)
    if reason is not None:
        return Placed(told, None, None, None, NOWHERE, NOWHERE, reason)
    sigma = sigma_m(told)
    coverage, today = held.at(at), held.at(None)
    then = stand_one(coverage, lon, lat, sigma)
    now = then if coverage.edition == today.edition else stand_one(today, lon, lat, sigma)
    return Placed(told, lon, lat, sigma, then, now, None)


def sigma_m(told: Told) -> float:
    """Standard error per axis in metres of a position as told; assumed where no error was told."""
    if told.method == "pin" and assumed(told):
        sigma = PIN_SIGMA_M
    else:
        sigma, _ = _stated(_radius(told), told.convention or CONVENTION_OF.get(told.method, Convention.UNKNOWN))
    return math.hypot(sigma, CONVERSION_SIGMA_M) if told.datum in ("gcj02", "bd09") else sigma


def assumed(told: Told) -> bool:
    """Whether a position was told without an error."""
    _, assumed_it = _stated(_radius(told), Convention.UNKNOWN)
    return assumed_it


@lru_cache(maxsize=1024)  # phones state few radii, over and over
def _stated(radius_m: float, convention: Convention) -> tuple[float, bool]:
    sigma, assumed_it = sigma_of(radius_m, convention)
    return float(sigma), bool(assumed_it)


def _radius(told: Told) -> float:
    return math.nan if told.error_m is None else told.error_m


def _reason(told: Told, lon: float, lat: float, district: DistrictNow) -> str | None:
    if told.x is None or told.y is None:
        return N_("It came without a position.")
    return implausible(lon, lat, district.bounds)


def _standings(
    held: HeldCoverages, x: Floats, y: Floats, sigma: Floats, instants: Sequence[datetime]
) -> tuple[list[Standing], list[Standing]]:
    """How each point stands in the edition of its own instant and in that of now, one question an edition."""
    by_edition: dict[int, list[int]] = defaultdict(list)
    coverage_of = {}
    for i, at in enumerate(instants):
        coverage = held.at(at)
        coverage_of[coverage.edition] = coverage
        by_edition[coverage.edition].append(i)
    today = held.at(None)
    then, now = [NOWHERE] * len(instants), [NOWHERE] * len(instants)
    for edition, indices in by_edition.items():
        points = x[indices], y[indices], sigma[indices]
        found = stand(coverage_of[edition], *points)
        today_found = found if edition == today.edition else stand(today, *points)
        for i, past, present in zip(indices, found, today_found, strict=True):
            then[i], now[i] = past, present
    return then, now
