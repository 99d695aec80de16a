"""Read the coverage: now, or as of any instant."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, select, text
from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.errors import NotFound
from gridmap.grids.rules import Box
from gridmap.grids.tables import AreaVersion, GridVersion
from gridmap.language import N_

# Shared by all who store places, exclusive to the one who publishes: nobody locates in a coverage that is ending.
MAP_CREDIT: Final = "map.credit"
"""Key of the setting that `map_credit` reads."""
PUBLISH_LOCK = 7671


def in_force(model: type[GridVersion | AreaVersion], at: datetime | None) -> ColumnElement[bool]:
    """
    The rows of a versioned table that held at an instant, as we believe today.

    Parameters
    ----------
    model
        A table with ``valid`` and ``recorded``.
    at
        The instant; None is now, which nothing is ever dated beyond, and has indexes of its own.
    """
    if at is None:
        return and_(func.upper_inf(model.recorded), func.upper_inf(model.valid))
    return and_(func.upper_inf(model.recorded), model.valid.op("@>")(at))


@dataclass(frozen=True)
class DistrictNow:
    """
    The district as this moment has it.

    Attributes
    ----------
    revision
        Names its state in every cache that readers see; rises with every publish or correction.
    stamp
        Names the transaction that made this state: unlike `revision` it is never the same after a restore.
    editions
        Number of every edition with the instant it took effect, the oldest first.
    """

    id: int
    path: str
    code: str
    name: str
    names: dict[str, Any]
    srid: int
    time_zone: str
    edition_n: int
    revision: int
    stamp: str
    bounds: Box
    editions: tuple[tuple[int, datetime], ...]

    @property
    def zone(self) -> ZoneInfo:
        """The zone whose days are the district's days."""
        return ZoneInfo(self.time_zone)

    def day_end(self, moment: datetime) -> datetime:
        """The last instant of the local day that holds `moment`."""
        return self.day_start(moment) + timedelta(days=1) - timedelta(microseconds=1)

    def day_start(self, moment: datetime) -> datetime:
        """The first instant of the local day that holds `moment`."""
        return moment.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)


def current_district(db: Session, *, hold: bool = False) -> DistrictNow:
    """
    The district of this installation.

    Parameters
    ----------
    hold
        Whether its coverage is to stay as it is found until the transaction ends: no edition is published before.

    Raises
    ------
    NotFound
        If no district was imported yet.
    """
    rows = straight(db, "SELECT * FROM district_now(%(hold)s)", {"hold": PUBLISH_LOCK if hold else None})
    if not rows:
        raise NotFound(N_("No district is loaded yet. `gridmap up --demo` loads a made-up one."))
    row = rows[0]
    return DistrictNow(
        row.area_id,
        row.path,
        row.code,
        row.name,
        row.names,
        row.srid,
        row.time_zone,
        row.edition_n,
        row.revision,
        row.stamp,
        Box(row.west, row.south, row.east, row.north),
        tuple(zip(row.numbers, row.instants, strict=True)),
    )


def map_credit(db: Session) -> str | None:
    """Whose data the base map is, as their licence wants it said beside the map; None if nobody's."""
    credit: str | None = db.scalar(text("SELECT value #>> '{}' FROM setting WHERE key = :key"), {"key": MAP_CREDIT})
    return credit


def coverage_rows(db: Session, district_id: int, at: datetime | None) -> Sequence[Any]:
    """
    The whole coverage at an instant, by grid id.

    Returns
    -------
    rows
        ``version_id, grid_id, code, name, names, kind, path, shape`` with the shape as WKB, EPSG:4326.
    """
    return db.execute(
        select(
            GridVersion.id.label("version_id"),
            GridVersion.grid_id,
            GridVersion.code,
            GridVersion.name,
            GridVersion.names,
            GridVersion.kind,
            GridVersion.path,
            func.ST_AsBinary(GridVersion.shape, type_=None).label("shape"),
        )
        .where(in_force(GridVersion, at))
        .where(
            GridVersion.grid_id.in_(
                text("SELECT id FROM grid WHERE district_id = :district").bindparams(district=district_id)
            )
        )
        .order_by(GridVersion.grid_id)
    ).all()


def grids_of_versions(db: Session, version_ids: Collection[int]) -> dict[int, Any]:
    """``version_id, id, code, name, names, kind`` of grid versions of any day, by version id."""
    if not version_ids:
        return {}
    rows = db.execute(
        select(
            GridVersion.id.label("version_id"),
            GridVersion.grid_id.label("id"),
            GridVersion.code,
            GridVersion.name,
            GridVersion.names,
            GridVersion.kind,
        ).where(GridVersion.id.in_(version_ids))
    )
    return {row.version_id: row for row in rows}


def grid_of_point(db: Session, lon: float, lat: float, at: datetime | None) -> int | None:
    """
    Which grid holds one point, asked of the database: the lowest grid id among those that touch it.

    Parameters
    ----------
    lon, lat
        Degrees, WGS 84.
    """
    point = func.ST_SetSRID(func.ST_MakePoint(lon, lat), 4326)
    return db.scalar(
        select(func.min(GridVersion.grid_id)).where(
            in_force(GridVersion, at), func.ST_Intersects(GridVersion.shape, point)
        )
    )
