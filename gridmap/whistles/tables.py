"""Whistles and who they called, contested matters, supervision notices, and the rules of all three."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import ForeignKey, Identity, SmallInteger
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, Range
from sqlalchemy.orm import Mapped, mapped_column

from gridmap.database import Base, Ltree


class CallTerm(Base):
    """How soon whoever is called has to answer."""

    __tablename__ = "call_term"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    what: Mapped[str] = mapped_column(comment="acknowledge, arrive or answer")
    grade: Mapped[int] = mapped_column(SmallInteger, comment="severity of the matter; of an answer, the tier")
    amount: Mapped[float]
    unit: Mapped[str]
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)


class SupervisionRule(Base):
    """When a matter comes onto a tier of the ladder by itself."""

    __tablename__ = "supervision_rule"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    tier: Mapped[int] = mapped_column(SmallInteger)
    cause: Mapped[str]
    at_least: Mapped[float]
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)


class Whistle(Base):
    """A grid calls departments to a place."""

    __tablename__ = "whistle"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    place: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    called_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str]
    at: Mapped[datetime]


class WhistleCall(Base):
    """One department that a whistle calls, and how it answered."""

    __tablename__ = "whistle_call"

    whistle_id: Mapped[UUID] = mapped_column(ForeignKey("whistle.id"), primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), primary_key=True)
    incident_id: Mapped[UUID]
    seq: Mapped[int] = mapped_column(comment="the row of the log that called")
    acknowledge_due_at: Mapped[datetime | None]
    arrive_due_at: Mapped[datetime | None]
    explained: Mapped[dict[str, Any]] = mapped_column(JSONB, comment="why these deadlines, by what they are for")
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    arrived_at: Mapped[datetime | None]
    arrived_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    arrived_place: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    arrived_error_m: Mapped[float | None]
    arrived_m: Mapped[float | None] = mapped_column(comment="metres from the place of the whistle")
    outcome: Mapped[str | None]
    outcome_at: Mapped[datetime | None]
    outcome_seq: Mapped[int | None]
    refused_at: Mapped[datetime | None]
    refused_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    refused_reason: Mapped[str | None]
    refused_seq: Mapped[int | None]
    rating: Mapped[int | None] = mapped_column(SmallInteger)
    rated_at: Mapped[datetime | None]
    rated_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    rated_seq: Mapped[int | None]
    silent_tier: Mapped[int] = mapped_column(SmallInteger, comment="how far its silence escalated")


class Contested(Base):
    """A matter that two departments refused, and who was told to take it, on what ground."""

    __tablename__ = "contested"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    seq: Mapped[int]
    opened_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_seq: Mapped[int | None]
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    ground: Mapped[str | None]
    category: Mapped[str | None] = mapped_column(ForeignKey("category.code"))
    path: Mapped[str | None] = mapped_column(Ltree)


class Supervision(Base):
    """A numbered notice of the supervision ladder, beside the handling."""

    __tablename__ = "supervision"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    seq: Mapped[int]
    tier: Mapped[int] = mapped_column(SmallInteger)
    cause: Mapped[str]
    explained: Mapped[list[Any]] = mapped_column(JSONB)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    opened_at: Mapped[datetime]
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answer_due_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_seq: Mapped[int | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closed_seq: Mapped[int | None]
