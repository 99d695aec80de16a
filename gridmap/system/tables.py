"""Tables that every room stands on."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Identity, Integer, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from gridmap.database import Base, Ltree


class Receipt(Base):
    """The proof that something with this id was stored once; kept 400 days."""

    __tablename__ = "receipt"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    digest: Mapped[bytes]
    at: Mapped[datetime]


class LiveEvent(Base):
    """That something changed, for screens that watch; kept 48 hours."""

    __tablename__ = "live_event"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    object_id: Mapped[str]
    version: Mapped[int]
    path: Mapped[str] = mapped_column(Ltree)


class Setting(Base):
    """A value that the installation keeps about itself."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]


class Counter(Base):
    """The last number drawn in a series in a year: a series without holes."""

    __tablename__ = "counter"

    series: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int]


class AuditHead(Base):
    """The newest link of one of the 32 chains."""

    __tablename__ = "audit_head"

    chain: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[bytes]


class Audit(Base):
    """Who did what to what, when, with what result; append-only and chained."""

    __tablename__ = "audit"

    chain: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    role: Mapped[str]
    address: Mapped[str | None]
    action: Mapped[str]
    object: Mapped[str | None]
    subject_id: Mapped[int | None]
    path: Mapped[str | None] = mapped_column(Ltree)
    purpose: Mapped[str | None]
    result: Mapped[str]
    changed: Mapped[dict[str, Any] | None]
    request_id: Mapped[str | None]
    prev_hash: Mapped[bytes]
    hash: Mapped[bytes]
