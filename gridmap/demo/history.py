"""
The past year of the made-up district, laid out: one row an incident, each located in the coverage of its own time.

What the doors do one by one is done here for all at once, with the same columns, ids and rules; `chronicle` then writes
reports, alerts, incidents and their logs from these rows.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.crs import Floats, round_lonlat, to_lonlat
from geodata.locate import Status
from gridmap.demo import TIME_ZONE
from gridmap.demo.chronicle import write_incidents, write_logs, write_sources
from gridmap.demo.courses import plan_steps, work_out_clocks, write_clocks
from gridmap.demo.coverage import coverages_of
from gridmap.grids.index import Coverage, coverages
from gridmap.grids.locating import Told, sigma_m
from gridmap.incidents.commitments import commit_unnamed
from gridmap.incidents.rules import TERM
from gridmap.intake.copying import copy_rows, known
from gridmap.system.audit import Doer

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.sample.district import District

_TIMED_FOR: Final = timedelta(days=35)
"""What was closed so long before the end of the made-up year still has its clocks: indicators of a month count them."""

_COLUMNS: Final = (
    *("told_id", "incident_id", "category", "severity", "source", "text", "occurred_at", "filed_at", "due_at"),
    *("closed_at", "given_x", "given_y", "variance", "placed", "grid_version_id", "duty_grid_id", "path"),
    *("device", "reporter"),
)


@dataclass(frozen=True)
class Held:
    """Where n points were: status, version, grid and path, None where no grid held them."""

    status: list[str]
    version: list[int | None]
    grid: list[int | None]
    path: list[str | None]

    @classmethod
    def nowhere(cls, n: int) -> Held:
        """Begin with n points that nothing holds."""
        return cls(["outside"] * n, [None] * n, [None] * n, [None] * n)


def load_history(db: Session, district: District) -> None:
    """Put in a year of incidents with their sources and chained logs, whose ends the audit names."""
    _stage(db, district)
    write_sources(db, district.until)
    plan_steps(db, district.until)
    clocks = work_out_clocks(db, district.until - _TIMED_FOR)
    write_logs(db)
    write_incidents(db)
    write_clocks(db, clocks)
    commit_unnamed(db, Doer(None, "system"), "made-up history")


def _stage(db: Session, district: District) -> None:
    """Lay out the rows, joined to the devices, people and words that the database knows."""
    db.execute(
        text(
            """
            CREATE TEMPORARY TABLE past (
                told_id uuid, incident_id uuid, number text,
                category text, severity smallint, source text, text text,
                occurred_at timestamptz, filed_at timestamptz, due_at timestamptz, closed_at timestamptz,
                place text, given_x float8, given_y float8, variance float8, turn float8,
                place_method text, placed text, grid_version_id bigint, duty_grid_id bigint, path text,
                device text, device_id bigint, class text, score float8, told jsonb NOT NULL DEFAULT '{}',
                reporter text, reporter_id bigint, role text NOT NULL DEFAULT 'public'
            ) ON COMMIT DROP
            """
        )
    )
    copy_rows(db, "past", _COLUMNS, _rows(db, district))
    db.execute(
        text(
            """
            UPDATE past SET
                number = to_char(occurred_at AT TIME ZONE :zone, 'YYYY-MMDD-')
                    || lpad(n::text, greatest(4, length(n::text)), '0'),
                place = 'SRID=4326;POINT(' || given_x || ' ' || given_y || ')',
                turn = CASE WHEN variance IS NOT NULL THEN 0 END,
                place_method = CASE WHEN device IS NOT NULL THEN 'device' WHEN variance IS NULL THEN 'pin'
                    ELSE 'gps' END
            FROM (SELECT told_id AS id, row_number() OVER (ORDER BY occurred_at, told_id) AS n FROM past) AS numbered
            WHERE told_id = id
            """
        ),
        {"zone": TIME_ZONE},
    )
    db.execute(text("SELECT setval('incident_number', greatest(1, (SELECT count(*) FROM past)))"))
    _name_tellers(db)
    db.execute(text("ANALYZE past"))


def _name_tellers(db: Session) -> None:
    """Find the device or the person who told, and what the device's word for it was."""
    db.execute(
        text(
            """
            UPDATE past SET device_id = d.id, role = 'device:' || d.code,
                class = coalesce((SELECT min(t.class) FROM template t
                    WHERE t.device_kind = d.kind AND t.category = past.category), 'other'),
                score = 0.6 + get_byte(uuid_send(told_id), 0) / 640.0
            FROM device d WHERE d.code = past.device
            """
        )
    )
    db.execute(
        text(
            """
            UPDATE past SET told = jsonb_build_object('device', device, 'class', class, 'score', score,
                'occurred_at', occurred_at, 'clock_suspect', false)
            WHERE device_id IS NOT NULL
            """
        )
    )
    db.execute(
        text(
            """
            UPDATE past SET reporter_id = p.id,
                role = coalesce((SELECT min(a.role) FROM assignment a WHERE a.person_id = p.id), 'none')
            FROM person p WHERE p.login = past.reporter AND past.device_id IS NULL
            """
        )
    )


def _rows(db: Session, district: District) -> Iterator[tuple[Any, ...]]:
    """Locate all, then give the rows one by one; the database is asked nothing while they stream into it."""
    incidents = district.incidents.sort_values(["occurred_at", "id"], kind="stable")
    plane = to_lonlat(incidents.geometry.x.to_numpy(), incidents.geometry.y.to_numpy(), district.srid)
    degrees = round_lonlat(np.column_stack(plane))
    coverage = coverages.hold(db)
    then, now = Held.nowhere(len(degrees)), Held.nowhere(len(degrees))
    starts = pd.DatetimeIndex([effective_at for effective_at, _ in coverages_of(district)])
    edition_of = starts.searchsorted(pd.DatetimeIndex(incidents["occurred_at"]), side="right") - 1
    for number, start in enumerate(starts):
        _hold(then, np.flatnonzero(edition_of == number), degrees, coverage.at(start.to_pydatetime()))
    _hold(now, np.arange(len(degrees)), degrees, coverage.at(None))
    return _laid_out(incidents, degrees, then, now, coverage.district.path)


def _laid_out(
    incidents: gpd.GeoDataFrame, degrees: Floats, then: Held, now: Held, home: str
) -> Iterator[tuple[Any, ...]]:
    due = incidents["filed_at"] + incidents["severity"].map(TERM)
    times = [_instants(column) for column in (incidents["occurred_at"], incidents["filed_at"], due)]
    closed_at = _instants(incidents["closed_at"])
    matter = ("id", "category", "severity", "source", "text", "error_m", "device_code", "reporter_login")
    rows = zip(*(incidents[name].tolist() for name in matter), degrees.tolist(), closed_at, *times, strict=True)
    for i, (name, category, severity, source, words, error_m, device, reporter, lonlat, closed, *when) in enumerate(
        rows
    ):
        # Closed ones keep the grid and path of their day; the open ones belong to those who answer now.
        holder = now if closed is None else then
        told = UUID(name)
        sigma = sigma_m(Told(lonlat[0], lonlat[1], error_m=known(error_m)))
        yield (
            told,
            uuid.uuid5(told, "incident"),
            category,
            severity,
            source,
            words,
            *when,
            closed,
            *lonlat,
            sigma**2,
            then.status[i],
            then.version[i],
            holder.grid[i],
            holder.path[i] or home,
            known(device),
            known(reporter),
        )


def _hold(held: Held, rows: NDArray[np.intp], degrees: Floats, coverage: Coverage) -> None:
    """Locate some of the points in the coverage of their time."""
    located = coverage.locate(degrees[rows, 0], degrees[rows, 1])
    for i, row, status in zip(rows.tolist(), located.row.tolist(), located.status.tolist(), strict=True):
        if row < 0:
            continue
        grid = coverage.rows[row]
        held.status[i] = Status(status).name.lower()
        held.version[i], held.grid[i], held.path[i] = grid.version_id, grid.id, grid.path


def _instants(column: pd.Series[pd.Timestamp]) -> list[str | None]:
    """Instants of a frame as the database reads them; None where the frame has a gap."""
    utc = column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[us]")
    return [None if text == "NaT" else f"{text}Z" for text in np.datetime_as_string(utc).tolist()]
