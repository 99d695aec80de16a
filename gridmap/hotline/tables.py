"""Orders of a hotline, the calls back after their closing, and each try to reach a caller."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from gridmap.database import Base


class HotlineKey(Base):
    """The one key of the hash by which a second call of a number is known."""

    __tablename__ = "hotline_key"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    key: Mapped[bytes]


class HotlineOrder(Base):
    """What a hotline took down: a report with a number of the hotline's own and a clock for the first contact."""

    __tablename__ = "hotline_order"

    id: Mapped[UUID] = mapped_column(ForeignKey("report.id"), primary_key=True, comment="of its report, too")
    channel: Mapped[str]
    number: Mapped[str]
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"), comment="as it was opened")
    received_at: Mapped[datetime]
    contact_due_at: Mapped[datetime | None]
    first_contact_at: Mapped[datetime | None]
    real_name: Mapped[bool] = mapped_column(comment="somebody left a number to be called back at")
    satisfied: Mapped[str | None]
    repeats_id: Mapped[UUID | None] = mapped_column(ForeignKey("hotline_order.id"))
    repeat_n: Mapped[int]
    digest: Mapped[bytes] = mapped_column(comment="keyed hash of what was sent, but for its id")


class CallBack(Base):
    """That somebody is called back after a closing, and what came of it."""

    __tablename__ = "call_back"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("hotline_order.id"))
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    closing_seq: Mapped[int]
    closed_at: Mapped[datetime]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    satisfied: Mapped[str | None]
    tries: Mapped[int]


class CallBackTry(Base):
    """One try to reach a caller."""

    __tablename__ = "call_back_try"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_back_id: Mapped[UUID] = mapped_column(ForeignKey("call_back.id"))
    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[str]
