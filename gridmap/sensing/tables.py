"""Devices, their keys, poses and pulse; what their words mean; their alerts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import Computed, ForeignKey, Identity, Integer, SmallInteger
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from gridmap.database import Base, Ltree
from gridmap.grids.places import Place


class Device(Base):
    """Something that notices: a camera, a dock, a smoke sensor, or the gateway that speaks for them."""

    __tablename__ = "device"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    gateway_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    name: Mapped[str]
    names: Mapped[dict[str, Any]]
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grid.id"))
    path: Mapped[str] = mapped_column(Ltree)
    ended_at: Mapped[datetime | None]


class DeviceKey(Base):
    """The hash of a key; the key itself was shown once."""

    __tablename__ = "device_key"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    valid: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    revoked_at: Mapped[datetime | None]


class DevicePose(Base):
    """Where a device stood and looked in a span of time: an alert is placed with the pose of its own time."""

    __tablename__ = "device_pose"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    valid: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    place: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    tile: Mapped[WKBElement] = mapped_column(
        Geometry("POINT", srid=3857, spatial_index=False), Computed("", persisted=True)
    )
    height_m: Mapped[float | None]
    heading_deg: Mapped[float | None] = mapped_column(comment="clockwise from true north")
    tilt_deg: Mapped[float | None] = mapped_column(comment="down from the horizon")
    roll_deg: Mapped[float | None]
    fov_deg: Mapped[float | None]
    range_m: Mapped[float | None]
    lens: Mapped[dict[str, Any] | None]
    control: Mapped[dict[str, Any] | None]


class DevicePulse(Base):
    """When a device was last heard, and how much it may still say."""

    __tablename__ = "device_pulse"

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True)
    seen_at: Mapped[datetime]
    tokens: Mapped[float]
    braked_n: Mapped[int]
    shelved_until: Mapped[datetime | None]


class Template(Base):
    """What a device's word means to us: its category and severity, in force from when to when."""

    __tablename__ = "template"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    scene: Mapped[str]
    device_kind: Mapped[str]
    class_: Mapped[str] = mapped_column("class", comment="the device's word")
    category: Mapped[str] = mapped_column(ForeignKey("category.code"))
    severity: Mapped[int] = mapped_column(SmallInteger)
    evidence: Mapped[str]
    quiet: Mapped[timedelta | None]
    valid: Mapped[Range[Any]] = mapped_column(DATERANGE)


class Alert(Place, Base):
    """What a device said; partitioned by the month it was received."""

    __tablename__ = "alert"

    received_at: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    occurred_at: Mapped[datetime]
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    class_: Mapped[str] = mapped_column("class")
    category: Mapped[str | None] = mapped_column(ForeignKey("category.code"))
    score: Mapped[float | None]
    box: Mapped[list[int] | None] = mapped_column(ARRAY(Integer), comment="x1, y1, x2, y2 in pixels")
    image: Mapped[list[int] | None] = mapped_column(ARRAY(Integer), comment="width, height in pixels")
    media_sha256: Mapped[bytes | None]
    merged_n: Mapped[int]
    clock_suspect: Mapped[bool]
    raw: Mapped[dict[str, Any] | None]
