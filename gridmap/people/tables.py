"""People, what they are assigned to, and their sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Identity
from sqlalchemy.dialects.postgresql import TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from gridmap.database import Base, Ltree


class Person(Base):
    """Someone who signs in."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    names: Mapped[dict[str, Any]]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    locale: Mapped[str]
    password_hash: Mapped[str | None]
    totp: Mapped[str | None]
    totp_step: Mapped[int | None] = mapped_column(comment="the last code used: each code counts once")
    totp_offered: Mapped[str | None] = mapped_column(comment="shown, not yet confirmed by a code: counts for nothing")
    ended_at: Mapped[datetime | None]


class Department(Base):
    """An office that handles; complete only with handler, policy specialist and leader named."""

    __tablename__ = "department"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    name: Mapped[str]
    names: Mapped[dict[str, Any]]
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None] = mapped_column(comment="since when it answers for nothing new")


class Assignment(Base):
    """A role of a person over an area, a grid or a department, from when to when."""

    __tablename__ = "assignment"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str]
    post: Mapped[str | None]
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grid.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    path: Mapped[str] = mapped_column(Ltree, comment="copied, so that the policy needs no join")
    valid: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    granted_by: Mapped[int | None]


class SignInSession(Base):
    """One signed-in browser; only the hash of its token is known here."""

    __tablename__ = "session"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(comment="desk, phone or wall")
    csrf: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    address: Mapped[str]
    browser: Mapped[str]
    enrolling: Mapped[bool] = mapped_column(
        server_default="false", comment="may set up a second factor, and nothing else"
    )
    proven_at: Mapped[datetime | None] = mapped_column(comment="when password and second factor were last shown again")


class EntryCode(Base):
    """A code shown once, by which somebody chooses a password of their own."""

    __tablename__ = "entry_code"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(comment="first-admin or password")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    made_by: Mapped[int | None]


class LoginTry(Base):
    """One password check, counted against its account and its address for 15 minutes."""

    __tablename__ = "login_try"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    key: Mapped[str]
    at: Mapped[datetime]
