"""Rules as rows; where one is dated, `valid` counts local days of the district, half open."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, Identity, SmallInteger
from sqlalchemy.dialects.postgresql import DATERANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from gridmap.database import Base


class Category(Base):
    """A class of matter in the manner of GB/T 30428.2; minor ones name their major one."""

    __tablename__ = "category"

    code: Mapped[str] = mapped_column(primary_key=True)
    parent: Mapped[str | None] = mapped_column(ForeignKey("category.code"))
    name: Mapped[str]
    names: Mapped[dict[str, Any]]
    severity: Mapped[int] = mapped_column(SmallInteger, comment="1 life at risk ... 4 take note")
    evidence: Mapped[str] = mapped_column(comment="asked unless a row of evidence_need says otherwise")
    # The defaults let tests and loaders that know of neither column go on.
    offered: Mapped[bool] = mapped_column(server_default="true", comment="to whoever reports; others at the desk alone")
    valid: Mapped[Range[date]] = mapped_column(DATERANGE, server_default="(,)", comment="the days it may be chosen")


class Duty(Base):
    """Who answers for a class of matter in an area, on which list, on which days."""

    __tablename__ = "duty"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    category: Mapped[str] = mapped_column(ForeignKey("category.code"))
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    list: Mapped[str] = mapped_column(comment="basic, assisting or withdrawn: as the townships see it")
    owner_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)


class DutyAssist(Base):
    """A department that lends a hand in a duty of another."""

    __tablename__ = "duty_assist"

    duty_id: Mapped[int] = mapped_column(ForeignKey("duty.id", ondelete="CASCADE"), primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), primary_key=True)


class EvidenceNeed(Base):
    """Which photos a step asks for in a class of matter, and in the classes below it."""

    __tablename__ = "evidence_need"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    category: Mapped[str] = mapped_column(ForeignKey("category.code"))
    step: Mapped[str]
    photos: Mapped[str] = mapped_column(comment="none, photo or before-after")
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)


class Checklist(Base):
    """Questions to answer on the spot, for a class of matter and the classes below it."""

    __tablename__ = "checklist"

    code: Mapped[str] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(ForeignKey("category.code"))
    name: Mapped[str]
    names: Mapped[dict[str, Any]]
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)


class ChecklistItem(Base):
    """One question of a checklist."""

    __tablename__ = "checklist_item"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    checklist: Mapped[str] = mapped_column(ForeignKey("checklist.code"))
    code: Mapped[str]
    n: Mapped[int] = mapped_column(SmallInteger, comment="its place in the list")
    name: Mapped[str]
    names: Mapped[dict[str, Any]]
    answer: Mapped[str] = mapped_column(comment="yes-no, number or text")
    needed: Mapped[bool]
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)


class Reason(Base):
    """A reason to choose where a step asks for one."""

    __tablename__ = "reason"

    list: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    names: Mapped[dict[str, Any]]
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)


class TextTemplate(Base):
    """Words to begin a note or an answer with."""

    __tablename__ = "text_template"

    code: Mapped[str] = mapped_column(primary_key=True)
    use: Mapped[str] = mapped_column(comment="note or feedback")
    category: Mapped[str | None] = mapped_column(ForeignKey("category.code"))
    name: Mapped[str]
    names: Mapped[dict[str, Any]]
    body: Mapped[str]
    bodies: Mapped[dict[str, Any]]
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)
