"""Turns at a desk, and what was handed over."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from gridmap.database import Base, Ltree


class DeskTurn(Base):
    """One person at one desk, from when to when; struck out when it will not be sat."""

    __tablename__ = "desk_turn"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(Ltree, comment="the area the desk answers for")
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    valid: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    written_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    written_at: Mapped[datetime]
    struck_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    struck_at: Mapped[datetime | None]


class Handover(Base):
    """What one shift leaves to the next: a note, and what was open then; whole once somebody took it."""

    __tablename__ = "handover"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(Ltree)
    given_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    given_at: Mapped[datetime]
    since: Mapped[datetime] = mapped_column(comment="when the shift began")
    note: Mapped[str]
    matters: Mapped[dict[str, Any]] = mapped_column(comment="what was open at that instant, as it was then")
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    taken_at: Mapped[datetime | None]
