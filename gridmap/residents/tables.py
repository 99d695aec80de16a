"""Codes at doors, what came through them, what was thought of the result, and how often somebody tried."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Identity, SmallInteger
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, Range
from sqlalchemy.orm import Mapped, mapped_column

from gridmap.database import Base, Ltree


class ResidentSeal(Base):
    """What links and forms are sealed with; one row, made with the schema."""

    __tablename__ = "resident_seal"

    only_one: Mapped[bool] = mapped_column(primary_key=True)
    secret: Mapped[bytes]


class Qr(Base):
    """A code on a door; its token is printed and not kept."""

    __tablename__ = "qr"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(always=True), unique=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    path: Mapped[str] = mapped_column(Ltree)
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]


class ResidentChoice(Base):
    """One kind of matter that residents choose, on the days on which they are offered it."""

    __tablename__ = "resident_choice"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str]
    n: Mapped[int] = mapped_column(SmallInteger)
    icon: Mapped[str]
    category: Mapped[str | None]
    called: Mapped[str | None] = mapped_column(comment="how the class must be called for its code to mean it")
    name: Mapped[str]
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)


class ContactLook(Base):
    """That somebody was shown how whoever sent a report is reached."""

    __tablename__ = "contact_look"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"))
    at: Mapped[datetime]
    role: Mapped[str]


class ResidentReport(Base):
    """That a report came through a code, and what of it others may see."""

    __tablename__ = "resident_report"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"), primary_key=True)
    qr_id: Mapped[int] = mapped_column(ForeignKey("qr.id"))
    locale: Mapped[str]
    text_shown: Mapped[bool]
    photos_shown: Mapped[bool]
    judged_at: Mapped[datetime | None]
    judged_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    hidden_why: Mapped[str | None]


class ResidentRating(Base):
    """What a reporter thought of the end of their matter, and whether they want it taken up again."""

    __tablename__ = "resident_rating"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("resident_report.report_id"))
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    seq: Mapped[int]
    satisfied: Mapped[bool]
    words: Mapped[str]
    again: Mapped[bool]
    rated_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    granted: Mapped[bool | None]
    answer: Mapped[str | None]


class ResidentTry(Base):
    """One attempt, counted under one limit."""

    __tablename__ = "resident_try"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    key: Mapped[str]
    at: Mapped[datetime]
