"""Messages that wait or were delivered, the far ends that take them, and the lines they wait in."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Integer, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from gridmap.database import Base, Ltree


class Endpoint(Base):
    """A system or a group robot outside, named by an administrator."""

    __tablename__ = "outbox_endpoint"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(comment="webhook, wecom or dingtalk")
    name: Mapped[str]
    url: Mapped[str] = mapped_column(comment="a robot's holds its key: never shown, never logged")
    secret: Mapped[str | None] = mapped_column(comment="what signs; never shown, never logged")
    events: Mapped[list[str]] = mapped_column(ARRAY(Text), comment="none is all")
    path: Mapped[str] = mapped_column(Ltree, comment="what happens below it is told")
    locale: Mapped[str]
    enabled: Mapped[bool]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Lane(Base):
    """A line of messages that one worker serves at a time: ``screen``, ``email``, or one a far end."""

    __tablename__ = "outbox_lane"

    lane: Mapped[str] = mapped_column(primary_key=True)
    closed: Mapped[bool]
    claimed_until: Mapped[datetime | None]
    served_at: Mapped[datetime | None]
    rest_until: Mapped[datetime | None]
    posts: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)))


class Message(Base):
    """One message to one reader over one channel; a screen's is the notice itself."""

    __tablename__ = "outbox"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str]
    target: Mapped[str]
    lane: Mapped[str] = mapped_column(ForeignKey("outbox_lane.lane"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    endpoint_id: Mapped[UUID | None] = mapped_column(ForeignKey("outbox_endpoint.id"))
    event: Mapped[str]
    subject: Mapped[dict[str, Any]]
    body: Mapped[dict[str, Any]]
    about: Mapped[str | None]
    dedupe: Mapped[str | None]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(comment="when it is tried next")
    give_up_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(Integer)
    claim: Mapped[UUID | None] = mapped_column(comment="who is just delivering it")
    claimed_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    fault: Mapped[dict[str, Any] | None] = mapped_column(comment="why the last try failed, as a sentence")
    read_at: Mapped[datetime | None]
