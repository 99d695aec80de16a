"""Clock rules and the calendars they are counted on, as rows; `valid` counts local days, half open."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from sqlalchemy import ForeignKey, Identity, Integer, Numeric
from sqlalchemy.dialects.postgresql import DATERANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from gridmap.database import Base


class CalendarRow(Base):
    """A calendar: what it is called, and in which zone its days and hours are."""

    __tablename__ = "calendar"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    names: Mapped[dict[str, Any]]
    time_zone: Mapped[str] = mapped_column(comment="IANA name")


class CalendarYear(Base):
    """That the days of a year are known, and from which decree; deadlines in other years are provisional."""

    __tablename__ = "calendar_year"

    calendar: Mapped[str] = mapped_column(ForeignKey("calendar.code"), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    source: Mapped[str]


class CalendarDay(Base):
    """A day of which a decree says whether it is worked; all others are worked from Monday to Friday."""

    __tablename__ = "calendar_day"

    calendar: Mapped[str] = mapped_column(ForeignKey("calendar.code"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str]
    note: Mapped[str] = mapped_column(comment="what the day is called, in the installation's language")
    names: Mapped[dict[str, Any]]


class WorkHours(Base):
    """One span of the hours of work-days; a day has the spans that hold on it, in their order."""

    __tablename__ = "work_hours"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    calendar: Mapped[str] = mapped_column(ForeignKey("calendar.code"))
    opens: Mapped[time]
    closes: Mapped[time]
    valid: Mapped[Range[date]] = mapped_column(DATERANGE, server_default="(,)")


class ClockRuleRow(Base):
    """A time limit for a stage; `clocks.ClockRule` says what its columns mean."""

    __tablename__ = "clock_rule"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    category: Mapped[str | None] = mapped_column(ForeignKey("category.code"), comment="with those below; null is all")
    condition: Mapped[str] = mapped_column(server_default="")
    stage: Mapped[str]
    amount: Mapped[float] = mapped_column(Numeric(6, 2, asdecimal=False))
    unit: Mapped[str]
    pause_role: Mapped[str | None]
    calendar: Mapped[str] = mapped_column(ForeignKey("calendar.code"), server_default="cn")
    note: Mapped[str] = mapped_column(server_default="")
    valid: Mapped[Range[date]] = mapped_column(DATERANGE, server_default="(,)")


class CatalogueRevision(Base):
    """One row with a number that is another after every change of a rule: what processes keep is of one number."""

    __tablename__ = "catalogue_revision"

    one: Mapped[bool] = mapped_column(primary_key=True)
    n: Mapped[int]
