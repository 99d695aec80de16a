"""
Figures on the grids of another edition, so that years compare although boundaries moved.

What has a place is counted anew, point by point, in the coverage asked for. What has none, such as households, is
carried along the lineage by its shares, and is called an estimate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import psycopg
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.errors import NotFound
from gridmap.grids.index import coverages
from gridmap.language import N_

SEVERITIES: Final = 4

# Well-known binary of a MultiPoint: byte order, kind and how many, then each point with byte order and kind before it.
_HEADER: Final = 9
_POINT: Final = np.dtype([("head", "V5"), ("lon", "<f8"), ("lat", "<f8")])
_POINTS: Final = (
    "SELECT severity, ST_AsBinary(ST_Collect(place), 'NDR') FROM incident WHERE place IS NOT NULL"
    " AND occurred_at >= %(since)s AND occurred_at < %(until)s GROUP BY severity ORDER BY severity"
)


@dataclass(frozen=True)
class Restated:
    """
    What a grid of an edition counts.

    Attributes
    ----------
    by_severity
        Incidents of severity 1, 2, 3 and 4.
    households
        As they were counted in that edition.
    households_today
        Those of today, carried back to its ground.
    estimated
        Whether they were divided by shares, because the ground has been cut since.
    """

    id: int
    code: str
    name: str
    names: Mapping[str, Any]
    path: str
    by_severity: tuple[int, ...]
    households: int
    households_today: float | None
    estimated: bool


@dataclass(frozen=True)
class Link:
    """One row of the lineage: what share of the households of a version lives in another since."""

    source: int
    target: int
    share: float
    households: int


def restate(db: Session, edition: int, since: datetime, until: datetime) -> list[Restated]:
    """
    Count the incidents of a period on the grids of an edition.

    Parameters
    ----------
    since, until
        When they occurred; `until` is not in it.

    Returns
    -------
    restated
        Every grid of the edition by id; what lies in none of them is in none of the counts.

    Raises
    ------
    NotFound
        If there is no such edition.
    """
    held = coverages.hold(db)
    at = dict(held.district.editions).get(edition)
    if at is None:
        raise NotFound(N_("There is no edition %(n)s; GET /api/v1/editions lists them."), n=edition)
    coverage = held.at(at)
    lon, lat, severity = incident_points(db, since, until)
    row = coverage.locate(lon, lat).row
    n = len(coverage.rows)
    held_by = (row[row >= 0] * SEVERITIES + severity[row >= 0] - 1).astype(np.int64)
    counts = np.bincount(held_by, minlength=n * SEVERITIES).reshape(n, SEVERITIES)
    then = _households(db, [grid.version_id for grid in coverage.rows])
    today = _today(db, held.district.id, edition)
    return [
        Restated(
            grid.id,
            grid.code,
            grid.name,
            grid.names,
            grid.path,
            tuple(counts[number].tolist()),
            then[grid.version_id],
            *today.get(grid.version_id, (None, False)),
        )
        for number, grid in enumerate(coverage.rows)
    ]


def incident_points(
    db: Session, since: datetime, until: datetime
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """
    Longitude, latitude and severity of the incidents of a period that have a place, n of each.

    They come as one geometry a severity: a row each would cost more than finding its grid.
    """
    driver: psycopg.Connection[Any] = db.connection().connection.driver_connection  # type: ignore[assignment]
    with driver.cursor(binary=True) as cursor:
        sent = cursor.execute(_POINTS, {"since": since, "until": until}).fetchall()
    points = [np.frombuffer(wkb, dtype=_POINT, offset=_HEADER) for _, wkb in sent]
    severity = np.repeat([row[0] for row in sent], [len(part) for part in points]).astype(np.int64)
    every = np.concatenate(points) if points else np.empty(0, dtype=_POINT)
    return every["lon"].astype(np.float64), every["lat"].astype(np.float64), severity


def _households(db: Session, versions: Sequence[int]) -> dict[int, int]:
    rows = straight(
        db, "SELECT id, households FROM grid_version WHERE id = ANY(%(versions)s)", {"versions": list(versions)}
    )
    return {row.id: row.households for row in rows}


def _today(db: Session, district_id: int, edition: int) -> dict[int, tuple[float, bool]]:
    """Today's households by version of an edition, and whether they had to be divided."""
    rows = db.execute(
        text(
            "SELECT v.id, v.households FROM grid_version v JOIN grid g ON g.id = v.grid_id"
            " WHERE g.district_id = :district AND upper_inf(v.valid) AND upper_inf(v.recorded)"
        ),
        {"district": district_id},
    )
    figures = {version: float(households) for version, households in rows}
    links = db.execute(
        text(
            "SELECT t.edition_n, l.from_version_id, l.to_version_id, l.household_share, f.households FROM lineage l"
            " JOIN grid_version t ON t.id = l.to_version_id JOIN grid_version f ON f.id = l.from_version_id"
            " JOIN grid g ON g.id = t.grid_id WHERE g.district_id = :district AND t.edition_n > :n"
            " AND upper_inf(t.recorded) ORDER BY t.edition_n DESC"
        ),
        {"district": district_id, "n": edition},
    ).all()
    by_edition: dict[int, list[Link]] = defaultdict(list)
    for number, source, target, share, households in links:
        by_edition[number].append(Link(source, target, share, households))
    return carried_back(figures, by_edition.values())


def carried_back(figures: Mapping[int, float], editions: Iterable[Sequence[Link]]) -> dict[int, tuple[float, bool]]:
    """
    Carry figures of today's versions back along the lineage.

    Parameters
    ----------
    figures
        By version id.
    editions
        The links of each edition, the newest first.

    Returns
    -------
    carried
        By the version that the lineage leads back to: the figure, and whether it was divided or put together on the
        way. Nothing is lost: the figures add up to what they did.
    """
    carried = {version: (figure, False) for version, figure in figures.items()}
    for links in editions:
        into: dict[int, list[Link]] = defaultdict(list)
        for link in links:
            into[link.target].append(link)
        for target, origins in into.items():
            if target not in carried:
                continue
            figure, guessed = carried.pop(target)
            whole = sum(link.share * link.households for link in origins)
            for link in origins:
                part = link.share * link.households / whole if whole else 1 / len(origins)
                before, was = carried.get(link.source, (0.0, False))
                divided = len(origins) > 1 or guessed or was
                carried[link.source] = (before + figure * part, divided)
    return carried
