"""What people said, the photos that show it, and how to reach those who said it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import ForeignKey, SmallInteger
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


class Media(Base):
    """A photo whose files are there: the upload sealed under its hash, copies for people under a random name."""

    __tablename__ = "media"

    sha256: Mapped[bytes] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column("bytes")
    kind: Mapped[str]
    state: Mapped[str]
    shown_name: Mapped[UUID | None]
    shown_sha256: Mapped[bytes | None]
    redacted_name: Mapped[UUID | None]
    width: Mapped[int]
    height: Mapped[int]
    orientation: Mapped[int] = mapped_column(SmallInteger)
    taken_at: Mapped[datetime | None]
    taken_place: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    taken_error_m: Mapped[float | None]
    direction_deg: Mapped[float | None]
    device_model: Mapped[str | None]
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    received_at: Mapped[datetime]
    keep_until: Mapped[datetime | None]
    legal_hold: Mapped[bool]


class MediaSender(Base):
    """Who has proved to hold a photo by sending all of it: to know its hash is not enough to see it."""

    __tablename__ = "media_sender"

    sha256: Mapped[bytes] = mapped_column(ForeignKey("media.sha256"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    at: Mapped[datetime]


class ReportMedia(Base):
    """That a report names a photo, which may not have arrived yet."""

    __tablename__ = "report_media"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"), primary_key=True)
    sha256: Mapped[bytes] = mapped_column(primary_key=True)
    role: Mapped[str]
    enclosed: Mapped[bool] = mapped_column(comment="came in one message with the report")
