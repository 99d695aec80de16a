"""Out of the database into a file: what a reader may see, as of a day, with the columns that an import takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.errors import GeodataError
from geodata.files import write
from gridmap.errors import Invalid, NotFound
from gridmap.exchange.sources import SOURCES, Source
from gridmap.grids.queries import current_district
from gridmap.language import N_
from gridmap.moment import asked_as_of
from gridmap.people.rules import Access, Scope

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.errors import Note

_AT_ONCE: Final = 20_000


def export(
    db: Session, scope: Scope, kind: str, path: Path | str, as_of: datetime | None = None, *, crs: str = "EPSG:4326"
) -> list[Note]:
    """
    Write what a reader may see of a kind into a file.

    Parameters
    ----------
    scope
        Of the reader, as `gridmap.people.rules.scope_of` gives it for `action_of` the kind. Where it shows a row
        masked, words about people are blank; where it shows figures alone, reports are left out and incidents have no
        place.
    kind
        One of `SOURCES`.
    path
        Where to; its suffix is the format.
    as_of
        The instant as of which it is told; None is now.
    crs
        The system of the coordinates in the file.

    Returns
    -------
    notes
        What a reader should know of the file, such as names that were cut.

    Raises
    ------
    NotFound
        If there is no such kind.
    Invalid
        If the kind cannot be told as of a day, or the file cannot be written so.
    """
    source = _source(kind)
    if as_of is not None and not source.timed:
        raise Invalid(N_("%(kind)s are kept as they are now; leave out the day."), kind=kind)
    try:
        return write(_frames(db, source, scope, as_of), path, crs=crs)
    except GeodataError as error:
        raise Invalid(error.msgid, **error.params) from error


def as_of_instant(db: Session, day: str | None) -> datetime | None:
    """
    Read as of when: a bare day means its last instant in the district's zone, so today's means now.

    Raises
    ------
    Invalid
        If it is no day and no instant, or has not come yet.
    """
    return asked_as_of(day, current_district(db).time_zone) if day else None


def action_of(kind: str) -> str:
    """The right that a person needs to export a kind, as the policy names it."""
    return _source(kind).action


def _source(kind: str) -> Source:
    if kind not in SOURCES:
        raise NotFound(N_("%(name)s cannot be exported. These can: %(known)s."), name=kind, known=", ".join(SOURCES))
    return SOURCES[kind]


def _frames(db: Session, source: Source, scope: Scope, as_of: datetime | None) -> Iterator[gpd.GeoDataFrame]:
    """Rows as frames, some thousands at a time, so that memory does not grow with the table."""
    levels = {
        "seen": Access.FIGURES if source.masked_rows else Access.MASKED,
        "places": Access.MASKED,
        "full": Access.FULL,
    }
    values: dict[str, Any] = {"at": as_of, "person": scope.person_id, "departments": list(scope.department_ids)}
    for name, least in levels.items():
        values[name] = [path for path, access in scope.paths if access >= least]
        values[f"own_{name}"] = scope.mine is not None and scope.mine >= least
    zone = current_district(db).zone
    # The cursor stays with the server: a table of any length passes through.
    result = db.execute(text(source.query), values, execution_options={"yield_per": _AT_ONCE})
    names = list(result.keys())
    empty = True
    for rows in result.partitions():
        empty = False
        yield _frame(names, rows, source, zone)
    if empty:
        yield _frame(names, [], source, zone)


def _frame(names: list[str], rows: Any, source: Source, zone: ZoneInfo) -> gpd.GeoDataFrame:
    import geopandas as gpd
    import pandas as pd

    cells: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) or [()] * len(names)
    columns = dict(zip(names, cells, strict=True))
    shapes = shapely.from_wkb([None if wkb is None else bytes(wkb) for wkb in columns.pop("wkb")])
    full = columns.pop("seen_in_full", None)
    if full is not None:
        for name in source.personal:
            columns[name] = tuple(cell if may else None for cell, may in zip(columns[name], full, strict=True))
    table = {name: _column(name, values, zone) for name, values in columns.items()}
    return gpd.GeoDataFrame(pd.DataFrame(table), geometry=gpd.GeoSeries(shapes, crs=4326), crs=4326)


def _column(name: str, cells: tuple[Any, ...], zone: ZoneInfo) -> Any:
    """Instants with the district's offset, as text that every format keeps; whole numbers whole though some lack."""
    import pandas as pd

    if name.endswith("_at"):
        return pd.Series([None if at is None else at.astimezone(zone).isoformat() for at in cells], dtype=object)
    if any(isinstance(cell, int) for cell in cells):
        return pd.Series(cells, dtype="Int64")
    if any(isinstance(cell, float) for cell in cells):
        return pd.Series(cells, dtype=float)
    return pd.Series(list(cells), dtype=object)
