"""Plans, what was drawn in them, what that comes to, what was said about them; zones; proposals for both."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import ForeignKey, Identity, Integer
from sqlalchemy.dialects.postgresql import TSTZRANGE
from sqlalchemy.orm import Mapped, mapped_column

from gridmap.database import Base
from gridmap.grids.tables import Span
from gridmap.people.tables import Person


class Plan(Base):
    """A change of boundaries on its way from a draft to an edition."""

    __tablename__ = "plan"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("district.area_id"))
    number: Mapped[str] = mapped_column(unique=True, comment="P-2026-07: a running number of the year, without holes")
    title: Mapped[str]
    base_edition: Mapped[int]
    state: Mapped[str] = mapped_column(comment="draft, submitted, approved, published, withdrawn or reverted")
    author_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    publish_at: Mapped[datetime | None] = mapped_column(comment="the hour asked for; the job publishes at it")
    published_at: Mapped[datetime | None]
    edition_n: Mapped[int | None] = mapped_column(comment="the edition that publishing it made")
    reverts_edition: Mapped[int | None] = mapped_column(comment="its polygons are the bytes before that edition")
    note: Mapped[str]
    figures: Mapped[dict[str, Any]] = mapped_column(
        comment="as of its last edit: grids before, after, households moved"
    )


class PlanEdit(Base):
    """One change of linework as it was drawn; append-only but for whether it counts."""

    __tablename__ = "plan_edit"

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(unique=True)
    op: Mapped[str]
    args: Mapped[dict[str, Any]] = mapped_column(comment="metres of the district's plane, as the engine replays it")
    inverse: Mapped[dict[str, Any]]
    told: Mapped[dict[str, Any]] = mapped_column(comment="what it did when it was drawn: grids, households, area")
    by_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    set_aside: Mapped[str | None] = mapped_column(comment="why a rebase left it out")


class PlanGrid(Base):
    """A grid that the plan makes other than it is in the base edition, or ends."""

    __tablename__ = "plan_grid"

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    temp_id: Mapped[str] = mapped_column(primary_key=True, comment="its code, or new-… for a grid that the plan makes")
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grid.id"))
    code: Mapped[str | None]
    name: Mapped[str]
    names: Mapped[dict[str, Any]]
    community_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    kind: Mapped[str]
    households: Mapped[int]
    owner_site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"))
    plane: Mapped[WKBElement | None] = mapped_column(
        Geometry("POLYGON", srid=-1, spatial_index=False), comment="metres in district.srid, 1 cm lattice"
    )
    gone: Mapped[bool]
    noded: Mapped[bool] = mapped_column(comment="only gained corners: its ground is as it was")


class PlanNote(Base):
    """What somebody said: a comment, a word with a step, a reason for what the check asks to look at."""

    __tablename__ = "plan_note"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    kind: Mapped[str] = mapped_column(comment="comment, step or reason")
    item: Mapped[str | None] = mapped_column(comment="the finding that a reason is for")
    body: Mapped[str]


class PlanProposal(Base):
    """What the service was asked to work out, for a plan or, if it is zones, for an area; and how far it is."""

    __tablename__ = "plan_proposal"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID | None] = mapped_column(ForeignKey("plan.id"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), comment="whose parts are grouped into zones")
    kind: Mapped[str] = mapped_column(comment="split, balance, partition, import or zones")
    args: Mapped[dict[str, Any]]
    seed: Mapped[int]
    state: Mapped[str] = mapped_column(comment="waiting, running, done, failed, cancelled or taken")
    progress: Mapped[float] = mapped_column(comment="0 to 1")
    step: Mapped[str]
    sentence: Mapped[str | None]
    answer: Mapped[dict[str, Any] | None]
    asked_by: Mapped[int] = mapped_column(ForeignKey(Person.id))
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    cancel: Mapped[bool]
    dropped_at: Mapped[datetime | None] = mapped_column(comment="put away: kept, and shown no more")


class Zone(Base):
    """Townships of the district, or communities or grids of a township, that work together."""

    __tablename__ = "zone"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("district.area_id"))
    within_id: Mapped[int] = mapped_column(ForeignKey("area.id"), comment="the area whose parts are grouped")
    kind: Mapped[str] = mapped_column(comment="townships, communities or grids")
    name: Mapped[str]
    valid: Mapped[Span] = mapped_column(TSTZRANGE)
    proposal_id: Mapped[UUID | None] = mapped_column(ForeignKey("plan_proposal.id"))


class ZoneArea(Base):
    """A township or community of a zone; its span is that of the zone."""

    __tablename__ = "zone_area"

    zone_id: Mapped[int] = mapped_column(ForeignKey("zone.id"), primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True)
    valid: Mapped[Span] = mapped_column(TSTZRANGE)


class ZoneGrid(Base):
    """A grid of a zone; its span is that of the zone."""

    __tablename__ = "zone_grid"

    zone_id: Mapped[int] = mapped_column(ForeignKey("zone.id"), primary_key=True)
    grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"), primary_key=True)
    valid: Mapped[Span] = mapped_column(TSTZRANGE)
