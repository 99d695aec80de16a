"""Hazards, notices, look-backs and safe zones, with the rules of their terms."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import ForeignKey, Identity, SmallInteger
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from gridmap.database import Base, Ltree


class LookBackRule(Base):
    """So many days after closing somebody looks again."""

    __tablename__ = "look_back_rule"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    category: Mapped[str | None] = mapped_column(ForeignKey("category.code"))
    days: Mapped[int] = mapped_column(SmallInteger)
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)


class RectifyTerm(Base):
    """How long a rectification may take."""

    __tablename__ = "rectify_term"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    severity: Mapped[int] = mapped_column(SmallInteger)
    amount: Mapped[float]
    unit: Mapped[str]
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)


class Hazard(Base):
    """An entry of the ledger: something that can go wrong at a place, and who has to put it right."""

    __tablename__ = "hazard"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"))
    place: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    grid_version_id: Mapped[int | None] = mapped_column(ForeignKey("grid_version.id"))
    grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"), comment="who answers now")
    path: Mapped[str] = mapped_column(Ltree)
    category: Mapped[str | None] = mapped_column(ForeignKey("category.code"))
    severity: Mapped[int] = mapped_column(SmallInteger, comment="1 life at risk ... 4 take note")
    what: Mapped[str]
    party: Mapped[str] = mapped_column(comment="who has to put it right, as a notice names them")
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    state: Mapped[str]
    found_at: Mapped[datetime]
    found_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closing_note: Mapped[str | None]
    origin_id: Mapped[UUID | None] = mapped_column(ForeignKey("hazard.id"), comment="the hazard that came again")
    incident_id: Mapped[UUID | None] = mapped_column(ForeignKey("incident.id"))


class Handover(Base):
    """A hazard went from one department to another."""

    __tablename__ = "hazard_handover"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    hazard_id: Mapped[UUID] = mapped_column(ForeignKey("hazard.id"))
    from_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    reason: Mapped[str]
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Notice(Base):
    """A numbered order to put a hazard right, as it was issued."""

    __tablename__ = "notice"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    hazard_id: Mapped[UUID] = mapped_column(ForeignKey("hazard.id"))
    party: Mapped[str]
    demands: Mapped[str]
    locale: Mapped[str]
    issued_at: Mapped[datetime]
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    due_at: Mapped[datetime | None]
    explained: Mapped[list[Any]] = mapped_column(JSONB)
    document: Mapped[bytes]
    sha256: Mapped[bytes]
    replaced_by: Mapped[UUID | None] = mapped_column(ForeignKey("notice.id"))
    delivered_at: Mapped[datetime | None]
    delivered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    delivered_how: Mapped[str | None]
    delivered_to: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[str | None]
    overdue_told_at: Mapped[datetime | None]


class LookBack(Base):
    """A look at a closed hazard, due on a day."""

    __tablename__ = "look_back"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    hazard_id: Mapped[UUID] = mapped_column(ForeignKey("hazard.id"))
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[str | None]
    note: Mapped[str | None]
    told_at: Mapped[datetime | None]


class HazardMedia(Base):
    """A photo of a hazard, of the answer to a notice, or of a look-back."""

    __tablename__ = "hazard_media"

    hazard_id: Mapped[UUID] = mapped_column(ForeignKey("hazard.id"), primary_key=True)
    about: Mapped[UUID] = mapped_column(primary_key=True, comment="id of the hazard itself, of a notice or a look-back")
    sha256: Mapped[bytes] = mapped_column(ForeignKey("media.sha256"), primary_key=True)


class SafeZone(Base):
    """Ground to keep clear of for some hours."""

    __tablename__ = "safe_zone"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    shape: Mapped[WKBElement] = mapped_column(Geometry("POLYGON", srid=4326, spatial_index=False))
    path: Mapped[str] = mapped_column(Ltree)
    incident_id: Mapped[UUID | None] = mapped_column(ForeignKey("incident.id"))
    valid: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    drawn_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    drawn_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None]
