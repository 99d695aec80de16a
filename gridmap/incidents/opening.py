"""What was noticed becomes an incident: reports and alerts left by the rooms upstream are picked up here."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.grids.index import coverages
from gridmap.grids.locating import Placed
from gridmap.incidents.clocks import Clock, clocks_of, due_of, spans_of
from gridmap.incidents.history import Event
from gridmap.incidents.log import LINK, LogEntry, begin
from gridmap.incidents.rules import FILED_AT_ONCE, JOIN_WITHIN, State
from gridmap.incidents.rulings import Book, book_of
from gridmap.people.rules import Actor, Thing, can
from gridmap.reports.actions import StoredReport
from gridmap.sensing.actions import StoredAlert

# The source that an alert counts as, by the kind of its device.
ALERT_SOURCE: Final[Mapping[str, str]] = {"camera": "camera", "drone": "drone", "drone_dock": "drone"}


@dataclass(frozen=True)
class Notice:
    """A report or an alert, as far as an incident is concerned."""

    kind: str
    id: UUID
    source: str
    category: str | None
    severity: int
    placed: Placed
    path: str
    occurred_at: datetime
    told: Mapping[str, Any]


@dataclass(frozen=True)
class Opened:
    """An incident as it began."""

    id: UUID
    number: str
    state: str


def open_for_reports(db: Session, actor: Actor, reports: Sequence[StoredReport], at: datetime) -> dict[UUID, Opened]:
    """
    Open an incident for each new report.

    Returns
    -------
    opened
        By report id.
    """
    notices = [
        Notice(
            "report",
            report.draft.id,
            report.draft.source,
            report.draft.category,
            report.severity,
            report.placed,
            report.path,
            report.occurred_at,
            # Taken all the same: what somebody saw counts, wherever they may work; a stranger works nowhere.
            {}
            if actor.kind == "public" or can(actor, "report.create", Thing(report.path))
            else {"outside_scope": True},
        )
        for report in reports
    ]
    return _open(db, actor, notices, at)


def open_for_alerts(db: Session, actor: Actor, alerts: Sequence[StoredAlert], at: datetime) -> dict[UUID, UUID]:
    """
    Join each new alert to the open incident of the same device and class, or open one.

    Returns
    -------
    incident_of
        Incident id by alert id.
    """
    incident_of: dict[UUID, UUID] = {}
    known = _open_incidents_of(db, alerts)
    opening: list[Notice] = []
    joining: list[tuple[UUID, StoredAlert]] = []
    for alert in alerts:
        same = (alert.device.id, alert.draft.class_)
        if same in known:
            joining.append((known[same], alert))
            incident_of[alert.draft.id] = known[same]
            continue
        notice = _notice(alert)
        known[same] = incident_id_for(notice)
        opening.append(notice)
    incident_of |= {alert: opened.id for alert, opened in _open(db, actor, opening, at).items()}
    _join(db, joining, at)
    return incident_of


def incident_id_for(notice: Notice) -> UUID:
    """The id of the incident that a notice opens: the same for every retry."""
    return uuid.uuid5(notice.id, "incident")


def _notice(alert: StoredAlert) -> Notice:
    return Notice(
        "alert",
        alert.draft.id,
        ALERT_SOURCE.get(alert.device.kind, "sensor"),
        alert.category,
        alert.severity,
        alert.placed,
        alert.path,
        alert.occurred_at,
        _told(alert),
    )


def _told(alert: StoredAlert) -> dict[str, Any]:
    """What the alert said, kept with the incident beyond the alert's own term."""
    return {
        "device": alert.device.code,
        "class": alert.draft.class_,
        "score": alert.draft.score,
        "occurred_at": alert.draft.occurred_at.isoformat(),
        "clock_suspect": alert.clock_suspect,
    }


def _open_incidents_of(db: Session, alerts: Sequence[StoredAlert]) -> dict[tuple[int, str], UUID]:
    """Open incidents that the same devices told of, in the same class, a short while before."""
    rows = db.execute(
        text(
            "SELECT DISTINCT ON (w.device, w.class) w.device, w.class, i.id"
            " FROM unnest(CAST(:devices AS bigint[]), CAST(:classes AS text[]), CAST(:times AS timestamptz[]))"
            "  AS w (device, class, at)"
            " JOIN alert a ON a.device_id = w.device AND a.class = w.class AND a.received_at > w.at - :within"
            " JOIN incident_source s ON s.alert_id = a.id AND s.left_at IS NULL"
            " JOIN incident i ON i.id = s.incident_id AND i.closed_at IS NULL"
            " ORDER BY w.device, w.class, a.received_at DESC"
        ),
        {
            "devices": [alert.device.id for alert in alerts],
            "classes": [alert.draft.class_ for alert in alerts],
            "times": [alert.received_at for alert in alerts],
            "within": JOIN_WITHIN,
        },
    )
    return {(device, class_): incident for device, class_, incident in rows}


def _open(db: Session, actor: Actor, notices: Sequence[Notice], at: datetime) -> dict[UUID, Opened]:
    """Write log, incident and source of each notice; what staff and devices see themselves is filed at once."""
    if not notices:
        return {}
    district = coverages.held_by(db).district
    book = book_of(db, district.time_zone)
    opened = [_opening(notice, actor, at) for notice in notices]
    clocks = {
        incident_id_for(notice): _clocks(book, notice, entry) for notice, entry in zip(notices, opened, strict=True)
    }
    filed = [
        _filing(notice, due_of(clocks[incident_id_for(notice)]), at)
        for notice in notices
        if notice.source in FILED_AT_ONCE
    ]
    sources = [_source(incident_id_for(n), n.kind, n.id, n.told, "opened", at) for n in notices]
    day = at.astimezone(book.zone).strftime("%Y-%m%d")
    numbers = begin(db, actor.doer, opened, filed, sources, clocks, at, day)
    state_of = {entry.incident_id: entry.to_state for entry in (*opened, *filed)}
    return {n.id: Opened(key, numbers[key], state_of[key]) for n in notices for key in [incident_id_for(n)]}


def _opening(notice: Notice, actor: Actor, at: datetime) -> LogEntry:
    place = notice.placed
    columns = {
        "id": str(incident_id_for(notice)),
        "category": notice.category,
        "severity": notice.severity,
        "level": "district",
        "source": notice.source,
        **place.columns(),
        "duty_grid_id": None if place.duty_grid is None else place.duty_grid.id,
        "path": notice.path,
        "occurred_at": notice.occurred_at.isoformat(),
    }
    return LogEntry(
        incident_id=incident_id_for(notice),
        step_id=uuid.uuid5(notice.id, "reported"),
        at=at,
        actor_id=actor.id if actor.kind == "person" else None,
        role=actor.doer.role,
        step="report",
        from_state=None,
        to_state=State.REPORTED,
        data={"set": columns, notice.kind: str(notice.id), **notice.told},
    )


def _clocks(book: Book, notice: Notice, opened: LogEntry) -> list[Clock]:
    """The clocks that run from the beginning."""
    events = [Event(1, opened.at, opened.actor_id, opened.role, opened.step, None, State.REPORTED, opened.data)]
    if notice.source in FILED_AT_ONCE:
        events.append(Event(2, opened.at, None, "system", "file", State.REPORTED, State.FILED, {}))
    grid = notice.placed.duty_grid
    return clocks_of(spans_of(events, None if grid is None else grid.kind), book.ruling)


def _filing(notice: Notice, due_at: datetime | None, at: datetime) -> LogEntry:
    return LogEntry(
        incident_id=incident_id_for(notice),
        step_id=uuid.uuid5(notice.id, "filed"),
        at=at,
        actor_id=None,
        role="system",
        step="file",
        from_state=State.REPORTED,
        to_state=State.FILED,
        data={"set": {} if due_at is None else {"due_at": due_at.isoformat()}, "why": "seen by staff or device"},
    )


def _source(
    incident_id: UUID, kind: str, source_id: UUID, told: Mapping[str, Any], why: str, at: datetime
) -> dict[str, Any]:
    return {
        "incident_id": str(incident_id),
        f"{kind}_id": str(source_id),
        "alert_received_at": at.isoformat() if kind == "alert" else None,
        "why": why,
        "told": told,
    }


def _join(db: Session, joining: Sequence[tuple[UUID, StoredAlert]], at: datetime) -> None:
    """A repeat changes nothing of the incident itself; it is one more source of it."""
    if not joining:
        return
    sources = [
        _source(incident_id, "alert", alert.draft.id, _told(alert), "same device and class within 15 minutes", at)
        for incident_id, alert in joining
    ]
    straight(db, LINK, {"sources": json.dumps(sources, ensure_ascii=False, allow_nan=False), "at": at})
