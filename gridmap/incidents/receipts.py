"""What a sender is told of what it sent: the first answer and every later one are the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.incidents.opening import Opened
from gridmap.reports.actions import StoredReport

_ANSWER = (
    "SELECT o.id, o.placed, o.certainty, o.probability, coalesce(o.unplaced_reason, o.doubt_reason) AS reason,"
    " o.received_at, i.id AS incident_id, i.number, i.state, v.grid_id,"
    " v.code AS grid_code, v.name AS grid_name, v.names AS grid_names, v.kind AS grid_kind FROM {noticed} o"
    " JOIN incident_source s ON s.{column} = o.id AND s.left_at IS NULL JOIN incident i ON i.id = s.incident_id"
    " LEFT JOIN grid_version v ON v.id = o.grid_version_id WHERE {column_filter}"
)


@dataclass(frozen=True)
class Told:
    """What a sender is told, when it is known without asking: as a row of `reports_as_stored`."""

    id: UUID
    placed: str
    certainty: str | None
    probability: float | None
    reason: str | None
    received_at: datetime
    incident_id: UUID
    number: str
    state: str
    grid_id: int | None
    grid_code: str | None
    grid_name: str | None
    grid_names: dict[str, str] | None
    grid_kind: str | None


def report_as_taken(report: StoredReport, opened: Opened, at: datetime) -> Told:
    """What `reports_as_stored` will say of a report that was taken in this very transaction."""
    then = report.placed.then
    grid = then.grid
    return Told(
        report.draft.id,
        report.placed.status,
        then.certainty,
        then.probability,
        report.placed.reason or report.placed.doubt_reason,
        at,
        opened.id,
        opened.number,
        opened.state,
        None if grid is None else grid.id,
        None if grid is None else grid.code,
        None if grid is None else grid.name,
        None if grid is None else grid.names,
        None if grid is None else grid.kind,
    )


def reports_as_stored(db: Session, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """Reports by id with the incident they tell of and the grid of their own day."""
    query = _ANSWER.format(noticed="report", column="report_id", column_filter="o.id = ANY(%(ids)s)")
    return {row.id: row for row in straight(db, query, {"ids": list(ids)})}


def alerts_as_stored(db: Session, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """Alerts by id with the incident they tell of and the grid of their own time."""
    # The source names the partition that holds the alert: without it, every month would be searched.
    query = _ANSWER.format(
        noticed="alert",
        column="alert_id",
        column_filter="s.alert_id = ANY(%(ids)s) AND o.received_at = s.alert_received_at",
    )
    return {row.id: row for row in straight(db, query, {"ids": list(ids)})}
