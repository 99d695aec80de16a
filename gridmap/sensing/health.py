"""The register as those see it who keep it: every device with its health and its keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from gridmap.grids.tables import GridVersion
from gridmap.people.queries import within
from gridmap.people.rules import Scope
from gridmap.sensing.queries import is_silent
from gridmap.sensing.tables import Device, DeviceKey, DevicePose, DevicePulse


@dataclass(frozen=True)
class WantedDevices:
    """
    Which devices are looked for.

    Attributes
    ----------
    typed
        The beginning of a code or a part of a name.
    state
        ``open`` those in use, ``silent``, ``keyless`` (in use, speaks for itself, and has no key), or ``ended``.
    """

    typed: str = ""
    kind: str | None = None
    state: str = "open"


def register_page(
    db: Session, scope: Scope, wanted: WantedDevices, at: datetime, *, limit: int = 100, after: str | None = None
) -> tuple[Sequence[Any], str | None]:
    """
    One page of the register by code, gateways too, and the code that the next page begins after.

    Returns
    -------
    rows
        ``id, code, kind, name, names, path, ended_at, gateway, lon, lat, height_m, heading_deg, seen_at, silent,
        braked_n, shelved_until, grid_code, grid_name, grid_names, keys_n``.
    """
    query = _registered(at).where(within(scope, Device.path), _in_state(wanted.state, at))
    if wanted.kind is not None:
        query = query.where(Device.kind == wanted.kind)
    if wanted.typed:
        named = (
            Device.code.istartswith(wanted.typed, autoescape=True),
            Device.name.icontains(wanted.typed, autoescape=True),
            Device.names["en"].astext.icontains(wanted.typed, autoescape=True),
        )
        query = query.where(or_(*named))
    if after is not None:
        query = query.where(Device.code > after)
    rows = db.execute(query.order_by(Device.code).limit(limit + 1)).all()
    return rows[:limit], rows[limit - 1].code if len(rows) > limit else None


def registered(db: Session, scope: Scope, code: str, at: datetime) -> Any | None:
    """One device of a scope as a row of `register_page`; None if there is none."""
    return db.execute(_registered(at).where(within(scope, Device.path), Device.code == code)).one_or_none()


def keys_of(db: Session, device_id: int, at: datetime) -> Sequence[DeviceKey]:
    """The keys of a device that count now or later, the newest first."""
    lasting = or_(func.upper_inf(DeviceKey.valid), func.upper(DeviceKey.valid) > at)
    keys = select(DeviceKey).where(DeviceKey.device_id == device_id, DeviceKey.revoked_at.is_(None), lasting)
    return db.scalars(keys.order_by(func.lower(DeviceKey.valid).desc())).all()


def _keys_n(at: datetime) -> ColumnElement[int]:
    valid = and_(DeviceKey.device_id == Device.id, DeviceKey.revoked_at.is_(None), DeviceKey.valid.contains(at))
    return select(func.count()).select_from(DeviceKey).where(valid).scalar_subquery()


def _in_state(state: str, at: datetime) -> ColumnElement[bool]:
    ended = and_(Device.ended_at.is_not(None), Device.ended_at <= at)
    if state == "ended":
        return ended
    if state == "silent":
        return and_(~ended, is_silent(at), Device.kind != "gateway")
    if state == "keyless":
        return and_(~ended, Device.gateway_id.is_(None), _keys_n(at) == 0)
    return ~ended


def _registered(at: datetime) -> Select[*tuple[Any, ...]]:
    gateway = aliased(Device)
    current = and_(func.upper_inf(GridVersion.valid), func.upper_inf(GridVersion.recorded))
    return (
        select(
            Device.id,
            Device.code,
            Device.kind,
            Device.name,
            Device.names,
            Device.path,
            Device.ended_at,
            gateway.code.label("gateway"),
            func.ST_X(DevicePose.place).label("lon"),
            func.ST_Y(DevicePose.place).label("lat"),
            DevicePose.height_m,
            DevicePose.heading_deg,
            DevicePulse.seen_at,
            is_silent(at).label("silent"),
            DevicePulse.braked_n,
            DevicePulse.shelved_until,
            GridVersion.code.label("grid_code"),
            GridVersion.name.label("grid_name"),
            GridVersion.names.label("grid_names"),
            _keys_n(at).label("keys_n"),
        )
        .outerjoin(gateway, gateway.id == Device.gateway_id)
        .outerjoin(DevicePulse, DevicePulse.device_id == Device.id)
        .outerjoin(DevicePose, and_(DevicePose.device_id == Device.id, func.upper_inf(DevicePose.valid)))
        .outerjoin(GridVersion, and_(GridVersion.grid_id == Device.grid_id, current))
    )
