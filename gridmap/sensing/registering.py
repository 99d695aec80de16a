"""Register a device, take it out of use, and end its keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gridmap.errors import BadGeography, Conflict, NotAllowed, NotFound
from gridmap.grids.index import coverages
from gridmap.grids.rules import implausible
from gridmap.language import N_
from gridmap.people.rules import Actor, Scope, scope_of
from gridmap.sensing.tables import Device
from gridmap.system import audit


@dataclass(frozen=True)
class NewDevice:
    """
    A device as it is registered.

    Attributes
    ----------
    kind
        ``camera, gateway, drone_dock, drone, smoke, charging_pile, sensor``.
    lon, lat
        Where it stands, degrees, WGS 84.
    gateway
        Code of the gateway that speaks for it, if it has no key of its own.
    """

    code: str
    kind: str
    name: str
    lon: float
    lat: float
    height_m: float | None = None
    heading_deg: float | None = None
    tilt_deg: float | None = None
    fov_deg: float | None = None
    range_m: float | None = None
    gateway: str | None = None


def register_device(db: Session, actor: Actor, new: NewDevice, at: datetime) -> int:
    """
    Put a device into the register, with its place from now on and the grid that holds it.

    Returns
    -------
    device_id

    Raises
    ------
    Conflict
        If the code is taken.
    BadGeography
        If the position cannot be.
    NotFound
        If there is no district yet, or no such gateway.
    NotAllowed
        If the actor keeps no register, or not that of this place.
    """
    scope = scope_of(actor, "account.manage")
    if db.scalar(select(Device.id).where(Device.code == new.code)) is not None:
        raise Conflict(N_("A device %(code)s is registered already."), code=new.code)
    held = coverages.hold(db)
    if reason := implausible(new.lon, new.lat, held.district.bounds):
        raise BadGeography(reason)
    grid = held.at(None).grid_of(new.lon, new.lat)
    path = held.district.path if grid is None else grid.path
    if scope.covers(path) is None:
        raise NotAllowed(N_("This lies outside the area you administer."))
    device = Device(
        code=new.code,
        kind=new.kind,
        gateway_id=None if new.gateway is None else device_of(db, new.gateway),
        name=new.name,
        names={},
        grid_id=None if grid is None else grid.id,
        path=path,
    )
    db.add(device)
    db.flush()
    db.execute(
        text(
            "INSERT INTO device_pose (device_id, valid, place, height_m, heading_deg, tilt_deg, fov_deg, range_m)"
            " VALUES (:id, tstzrange(:at, NULL), ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :height_m, :heading_deg,"
            " :tilt_deg, :fov_deg, :range_m)"
        ),
        {**vars(new), "id": device.id, "at": at},
    )
    audit.record(db, actor.doer, "device.add", object_id=f"device:{new.code}", path=device.path)
    return device.id


def device_of(db: Session, code: str) -> int:
    """
    Find a device by its code.

    Raises
    ------
    NotFound
        If none has it.
    """
    found = db.scalar(select(Device.id).where(Device.code == code))
    if found is None:
        raise NotFound(N_("No device %(code)s is registered."), code=code)
    return found


def end_device(db: Session, actor: Actor, code: str, reason: str, at: datetime) -> None:
    """
    Take a device out of use, with its keys; what it said stays.

    Parameters
    ----------
    reason
        Why; it stands in the audit.

    Raises
    ------
    NotFound
        If no such device is in use in one's area.
    Conflict
        If it is a gateway that still speaks for others.
    """
    device = device_in_use(db, scope_of(actor, "account.manage"), code, at)
    spoken_for = select(Device.id).where(Device.gateway_id == device.id, Device.ended_at.is_(None)).limit(1)
    if db.scalar(spoken_for) is not None:
        raise Conflict(N_("%(code)s still speaks for other devices. End those first."), code=code)
    device.ended_at = at
    revoke_keys(db, actor, device.id, at)
    audit.record(db, actor.doer, "device.end", object_id=f"device:{code}", path=device.path, purpose=reason)


def device_in_use(db: Session, scope: Scope, code: str, at: datetime) -> Device:
    """
    Give a device of a scope, locked.

    Raises
    ------
    NotFound
        If there is none in use there.
    """
    found = db.scalar(select(Device).where(Device.code == code).with_for_update())
    if found is None or scope.covers(found.path) is None or (found.ended_at is not None and found.ended_at <= at):
        raise NotFound(N_("There is no device %(code)s in use, or it is not yours to see."), code=code)
    return found


def revoke_keys(db: Session, actor: Actor, device_id: int, at: datetime, *, keep_newest: bool = False) -> int:
    """
    End the keys of a device at once; they are checked at every request.

    Parameters
    ----------
    keep_newest
        End all but the key that was made last, as the end of a rotation.

    Returns
    -------
    ended
        How many keys ended.
    """
    ended = len(
        db.scalars(
            text(
                """
                UPDATE device_key SET revoked_at = :at
                WHERE device_id = :id AND revoked_at IS NULL AND (NOT :keep_newest OR lower(valid) < (
                    SELECT max(lower(valid)) FROM device_key WHERE device_id = :id AND revoked_at IS NULL))
                RETURNING device_id
                """
            ),
            {"id": device_id, "at": at, "keep_newest": keep_newest},
        ).all()
    )
    audit.record(db, actor.doer, "device.key.revoke", object_id=f"device:{device_id}", changed={"keys": ended})
    return ended
