"""Incidents, their log, and the reports and alerts that told of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import Computed, ForeignKey, Identity, SmallInteger, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from gridmap.database import Base, Ltree
from gridmap.grids.places import Place


class Incident(Place, Base):
    """Something that happened at a place and needs a hand: the fold of its log."""

    __tablename__ = "incident"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    category: Mapped[str | None] = mapped_column(ForeignKey("category.code"))
    severity: Mapped[int] = mapped_column(SmallInteger, comment="1 life at risk ... 4 take note")
    state: Mapped[str]
    level: Mapped[str]
    source: Mapped[str]
    tile: Mapped[WKBElement | None] = mapped_column(
        Geometry("POINT", srid=3857, spatial_index=False), Computed("", persisted=True)
    )
    duty_grid_id: Mapped[int | None] = mapped_column(ForeignKey("grid.id"), comment="who answers now")
    path: Mapped[str] = mapped_column(Ltree)
    holder_department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    holder_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    occurred_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("incident.id"))
    arose_from: Mapped[UUID | None] = mapped_column(ForeignKey("incident.id"))
    asks: Mapped[list[str]] = mapped_column(
        ARRAY(Text),
        server_default="{}",
        comment="what who has it in hand asks for and nobody has answered yet",
    )
    seq: Mapped[int]
    log_hash: Mapped[bytes]


class IncidentLog(Base):
    """One step of an incident: append-only, each row sealed with the hash of the one before."""

    __tablename__ = "incident_log"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    step_id: Mapped[UUID] = mapped_column(unique=True)
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    actor_id: Mapped[int | None]
    role: Mapped[str]
    step: Mapped[str]
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    reason: Mapped[str | None]
    data: Mapped[dict[str, Any]]
    note_digest: Mapped[bytes | None]
    prev_hash: Mapped[bytes]
    hash: Mapped[bytes]


class IncidentNote(Base):
    """What a person wrote with a step; erasable, since the log commits only to its salted digest."""

    __tablename__ = "incident_note"

    incident_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    salt: Mapped[bytes]
    body: Mapped[str]


class IncidentSource(Base):
    """That a report or an alert tells of an incident, since when and why we think so."""

    __tablename__ = "incident_source"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    report_id: Mapped[UUID | None] = mapped_column(ForeignKey("report.id"))
    alert_id: Mapped[UUID | None]
    alert_received_at: Mapped[datetime | None]
    joined_at: Mapped[datetime]
    why: Mapped[str]
    d2: Mapped[float | None]
    told: Mapped[dict[str, Any]]
    left_at: Mapped[datetime | None]
    verdict: Mapped[str | None]
    verdict_by: Mapped[int | None]


class IncidentLogMedia(Base):
    """A photo that came with a step; the log's row commits to its hash."""

    __tablename__ = "incident_log_media"

    incident_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[bytes] = mapped_column(ForeignKey("media.sha256"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)


class Party(Base):
    """A department or a person that takes part in an incident, from when to when; added by one row of its log."""

    __tablename__ = "party"

    incident_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str]
    valid: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)


class ClockRow(Base):
    """A stage that runs or ran, and when its time is over: a cache of the log and of the rules of its day."""

    __tablename__ = "clock"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    stage: Mapped[str] = mapped_column(primary_key=True)
    since_seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rule_id: Mapped[int | None]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    provisional: Mapped[bool]
    explained: Mapped[list[Any]] = mapped_column(JSONB)


class Escalation(Base):
    """What happens to an incident at an hour, once."""

    __tablename__ = "escalation"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fire_at: Mapped[datetime]
    fired_at: Mapped[datetime | None]
