"""What a sender is told of what it sent: the first answer and every later one are the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.database import straight

_ANSWER = (
    "SELECT o.id, o.placed, o.certainty, o.probability, coalesce(o.unplaced_reason, o.doubt_reason) AS reason,"
    " o.received_at, i.id AS incident_id, i.number, i.state, v.grid_id,"
    " v.code AS grid_code, v.name AS grid_name, v.names AS grid_names, v.kind AS grid_kind FROM {noticed} o"
    " JOIN incident_source s ON s.{column} = o.id AND s.left_at IS NULL JOIN incident i ON i.id = s.incident_id"
    " LEFT JOIN grid_version v ON v.id = o.grid_version_id WHERE {column_filter}"
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
