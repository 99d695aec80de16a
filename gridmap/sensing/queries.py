"""Read the register of devices: where they stand, which way they look, which are silent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from gridmap.grids.tables import GridVersion
from gridmap.people.queries import within
from gridmap.people.rules import Scope
from gridmap.sensing.rules import SILENT_AFTER
from gridmap.sensing.tables import Device, DevicePose, DevicePulse


def is_silent(now: datetime) -> ColumnElement[bool]:
    """Devices that were not heard for a while."""
    return or_(DevicePulse.seen_at.is_(None), DevicePulse.seen_at < now - SILENT_AFTER)


def _standing(scope: Scope) -> ColumnElement[bool]:
    return and_(within(scope, Device.path), Device.ended_at.is_(None), Device.kind != "gateway")


def count_devices(db: Session, scope: Scope, now: datetime) -> tuple[int, int]:
    """How many devices are in scope, and how many of them are silent."""
    row = db.execute(
        select(func.count(), func.count().filter(is_silent(now)))
        .select_from(Device)
        .outerjoin(DevicePulse, DevicePulse.device_id == Device.id)
        .where(_standing(scope))
    ).one()
    return row[0], row[1]


def _device_columns(now: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Device.id,
            Device.code,
            Device.name,
            Device.names,
            Device.kind,
            Device.path,
            func.ST_X(DevicePose.place).label("lon"),
            func.ST_Y(DevicePose.place).label("lat"),
            DevicePose.heading_deg,
            DevicePose.tilt_deg,
            DevicePose.fov_deg,
            DevicePose.range_m,
            DevicePose.height_m,
            DevicePulse.seen_at,
            is_silent(now).label("silent"),
            GridVersion.grid_id,
            GridVersion.code.label("grid_code"),
            GridVersion.name.label("grid_name"),
            GridVersion.names.label("grid_names"),
            GridVersion.kind.label("grid_kind"),
        )
        .outerjoin(DevicePulse, DevicePulse.device_id == Device.id)
        .outerjoin(DevicePose, and_(DevicePose.device_id == Device.id, func.upper_inf(DevicePose.valid)))
        .outerjoin(
            GridVersion,
            and_(
                GridVersion.grid_id == Device.grid_id,
                func.upper_inf(GridVersion.valid),
                func.upper_inf(GridVersion.recorded),
            ),
        )
    )


def device_page(
    db: Session,
    scope: Scope,
    now: datetime,
    *,
    kind: str | None = None,
    silent: bool = False,
    limit: int = 100,
    after: str | None = None,
) -> tuple[Sequence[Any], str | None]:
    """
    One page of the devices in scope by code, and the code that the next page begins after.

    Parameters
    ----------
    silent
        Only those that were not heard for a while.
    """
    query = _device_columns(now).where(_standing(scope)).order_by(Device.code).limit(limit + 1)
    if kind is not None:
        query = query.where(Device.kind == kind)
    if silent:
        query = query.where(is_silent(now))
    if after is not None:
        query = query.where(Device.code > after)
    rows = db.execute(query).all()
    return rows[:limit], rows[limit - 1].code if len(rows) > limit else None


def device_by_code(db: Session, scope: Scope, code: str, now: datetime) -> Any | None:
    """One device in scope, or None."""
    return db.execute(_device_columns(now).where(_standing(scope), Device.code == code)).one_or_none()


def count_devices_in_grid(db: Session, scope: Scope, grid_id: int) -> int:
    """How many devices of a grid are in scope."""
    return db.scalar(select(func.count()).select_from(Device).where(_standing(scope), Device.grid_id == grid_id)) or 0


def find_devices(db: Session, scope: Scope, typed: str, limit: int) -> Sequence[Any]:
    """Devices in scope whose code begins with, or whose name holds, what was typed."""
    query = (
        select(
            Device.code,
            Device.name,
            Device.names,
            func.ST_X(DevicePose.place).label("lon"),
            func.ST_Y(DevicePose.place).label("lat"),
            GridVersion.name.label("grid_name"),
            GridVersion.names.label("grid_names"),
        )
        .join(DevicePose, and_(DevicePose.device_id == Device.id, func.upper_inf(DevicePose.valid)))
        .outerjoin(
            GridVersion,
            and_(
                GridVersion.grid_id == Device.grid_id,
                func.upper_inf(GridVersion.valid),
                func.upper_inf(GridVersion.recorded),
            ),
        )
    )
    named = or_(
        Device.code.istartswith(typed, autoescape=True),
        Device.name.icontains(typed, autoescape=True),
        Device.names["en"].astext.icontains(typed, autoescape=True),
    )
    return db.execute(query.where(_standing(scope), named).order_by(Device.code).limit(limit)).all()
