"""What people said, and how to reach those who said it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from gridmap.database import Base, Ltree
from gridmap.grids.places import Place


class Report(Place, Base):
    """What a person said: its place is where the thing is, the reporter's place where they stood."""

    __tablename__ = "report"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str]
    category: Mapped[str | None] = mapped_column(ForeignKey("category.code"))
    text: Mapped[str]
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reporter_place: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    reporter_error_m: Mapped[float | None]
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"))
    path: Mapped[str] = mapped_column(Ltree)
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    clock_suspect: Mapped[bool]
    moderation: Mapped[str]


class Contact(Base):
    """How to reach a reporter; under row-level security, and gone at its term."""

    __tablename__ = "contact"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"), primary_key=True)
    name: Mapped[str | None]
    phone: Mapped[str | None]
    address: Mapped[str | None]
    caller_key: Mapped[bytes | None] = mapped_column(comment="keyed hash of the number: a second call is still seen")
    erase_at: Mapped[datetime | None]
