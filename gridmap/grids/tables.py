"""Areas, grids and their versions in time; sites, streets and the ground of the base map."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import Computed, ForeignKey, Identity, SmallInteger
from sqlalchemy.dialects.postgresql import TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from gridmap.database import Base, Ltree

Span = Range[datetime]


def _geometry(kind: str, srid: int = 4326) -> Geometry:
    # We name every index ourselves, in the migrations.
    return Geometry(kind, srid=srid, spatial_index=False)


class Area(Base):
    """A node of the tree city > district > township > community; its identity alone."""

    __tablename__ = "area"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    kind: Mapped[str]
    path: Mapped[str] = mapped_column(Ltree, unique=True)
    valid: Mapped[Span] = mapped_column(TSTZRANGE)


class AreaVersion(Base):
    """How an area was called and outlined in a span of time."""

    __tablename__ = "area_version"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    code: Mapped[str]
    name: Mapped[str]
    names: Mapped[dict[str, Any]]
    valid: Mapped[Span] = mapped_column(TSTZRANGE)
    recorded: Mapped[Span] = mapped_column(TSTZRANGE)
    shape: Mapped[WKBElement] = mapped_column(_geometry("MULTIPOLYGON"))
    tile: Mapped[WKBElement] = mapped_column(_geometry("MULTIPOLYGON", 3857), Computed("", persisted=True))
    label: Mapped[WKBElement] = mapped_column(_geometry("POINT", 3857), Computed("", persisted=True))


class District(Base):
    """What one district's coverage is measured in, and how often it has changed."""

    __tablename__ = "district"

    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True)
    srid: Mapped[int]
    time_zone: Mapped[str]
    code_scheme: Mapped[str]
    edition_n: Mapped[int] = mapped_column(comment="the compare-and-swap of publishing")
    revision: Mapped[int] = mapped_column(comment="rises with every publish or correction: the cache key")


class Grid(Base):
    """The smallest polygon of responsibility; its identity alone."""

    __tablename__ = "grid"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("district.area_id"))


class GridCode(Base):
    """A code that was once given to a grid and is never given to another."""

    __tablename__ = "grid_code"

    code: Mapped[str] = mapped_column(primary_key=True)
    grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"))
    scheme: Mapped[str]


class Edition(Base):
    """One published state of a district's whole coverage."""

    __tablename__ = "edition"

    district_id: Mapped[int] = mapped_column(ForeignKey("district.area_id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    effective_at: Mapped[datetime]
    plan_id: Mapped[UUID | None]
    published_by: Mapped[int | None]
    note: Mapped[str]


class GridVersion(Base):
    """What a grid was in a span of time: code, name, kind, people counted, boundary."""

    __tablename__ = "grid_version"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"))
    community_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    edition_n: Mapped[int]
    code: Mapped[str] = mapped_column(ForeignKey("grid_code.code"))
    name: Mapped[str]
    names: Mapped[dict[str, Any]]
    kind: Mapped[str] = mapped_column(comment="urban, rural or dedicated")
    owner_site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"))
    households: Mapped[int]
    path: Mapped[str] = mapped_column(Ltree)
    valid: Mapped[Span] = mapped_column(TSTZRANGE, comment="when this boundary was in force")
    recorded: Mapped[Span] = mapped_column(TSTZRANGE, comment="when we believed it")
    cause: Mapped[str]
    plane: Mapped[WKBElement] = mapped_column(_geometry("POLYGON", -1), comment="metres in district.srid, 1 cm lattice")
    shape: Mapped[WKBElement] = mapped_column(_geometry("POLYGON"), comment="degrees, 9 decimals: which grid")
    tile: Mapped[WKBElement] = mapped_column(_geometry("POLYGON", 3857), Computed("", persisted=True))
    label: Mapped[WKBElement] = mapped_column(_geometry("POINT", 3857), Computed("", persisted=True))
    label_radius: Mapped[float] = mapped_column(Computed("", persisted=True))


class Lineage(Base):
    """Which version came out of which, and with what share of ground and households."""

    __tablename__ = "lineage"

    from_version_id: Mapped[int] = mapped_column(ForeignKey("grid_version.id"), primary_key=True)
    to_version_id: Mapped[int] = mapped_column(ForeignKey("grid_version.id"), primary_key=True)
    op: Mapped[str]
    area_share: Mapped[float]
    household_share: Mapped[float]


class Site(Base):
    """A thing at a place that duty attaches to: a building, a school, a hazard point."""

    __tablename__ = "site"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    code: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    names: Mapped[dict[str, Any]]
    shape: Mapped[WKBElement] = mapped_column(_geometry("GEOMETRY"))
    tile: Mapped[WKBElement] = mapped_column(_geometry("GEOMETRY", 3857), Computed("", persisted=True))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grid.id"))
    path: Mapped[str] = mapped_column(Ltree)
    households: Mapped[int]
    storeys: Mapped[int | None]
    attrs: Mapped[dict[str, Any]]
    valid: Mapped[Span] = mapped_column(TSTZRANGE)


class Way(Base):
    """A line of the base map: street, river, rail; later also a barrier and something to snap to."""

    __tablename__ = "way"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    rank: Mapped[int] = mapped_column(SmallInteger)
    layer: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str | None]
    names: Mapped[dict[str, Any]]
    line: Mapped[WKBElement] = mapped_column(_geometry("LINESTRING"))
    tile: Mapped[WKBElement] = mapped_column(_geometry("LINESTRING", 3857), Computed("", persisted=True))


class Ground(Base):
    """What the ground is covered with, for the base map alone."""

    __tablename__ = "ground"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    name: Mapped[str | None]
    names: Mapped[dict[str, Any]]
    shape: Mapped[WKBElement] = mapped_column(_geometry("POLYGON"))
    tile: Mapped[WKBElement] = mapped_column(_geometry("POLYGON", 3857), Computed("", persisted=True))
