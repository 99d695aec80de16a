"""Device keys: 256 bits, shown once, known by their hash, one device each."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gridmap.errors import Conflict, Invalid, NotFound
from gridmap.language import N_
from gridmap.people.rules import Actor, Grant, Role
from gridmap.sensing.tables import Device, DeviceKey
from gridmap.system import audit
from gridmap.system.audit import Doer

# A recognisable beginning, so that a key that strays into a text or a repository is found.
PREFIX = "gmk_"
KEYS_AT_ONCE = 2


def make_key(db: Session, doer: Doer, device_id: int, at: datetime, until: datetime | None = None) -> str:
    """
    Give a device a new key; the old one stays valid, so that it can be changed without a gap.

    Returns
    -------
    key
        To be shown once: only its hash is stored.

    Raises
    ------
    NotFound
        If there is no such device in use.
    Conflict
        If two keys are valid already.
    """
    device = db.scalar(select(Device).where(Device.id == device_id, _in_use(at)).with_for_update())
    if device is None:
        raise NotFound(N_("There is no such device in use."))
    valid = select(DeviceKey.hash).where(DeviceKey.device_id == device_id, _in_force(at))
    if len(db.scalars(valid).all()) >= KEYS_AT_ONCE:
        raise Conflict(N_("%(code)s has two valid keys already. Revoke one first."), code=device.code)
    key = PREFIX + secrets.token_urlsafe(32)
    db.add(DeviceKey(hash=key_hash(key), device_id=device_id, valid=Range(at, until), revoked_at=None))
    db.flush()
    audit.record(db, doer, "device.key.make", object_id=f"device:{device.code}", path=device.path)
    return key


def find_device(
    db: Session, key: str, at: datetime, *, address: str | None = None, request_id: str | None = None
) -> Actor | None:
    """Give the device a key belongs to, as the policy sees it; None if the key is not valid now."""
    if not key.startswith(PREFIX):
        return None
    device = db.scalar(
        select(Device)
        .join(DeviceKey, DeviceKey.device_id == Device.id)
        .where(DeviceKey.hash == key_hash(key), _in_force(at), _in_use(at))
    )
    if device is None:
        return None
    grants = (Grant(Role.DEVICE, device.path),)
    # The audit's actors are people; a device is named by the object it did something to.
    doer = Doer(None, f"device:{device.code}", address, request_id)
    return Actor("device", device.id, device.code, device.name, "en", grants, doer, name_en=device.names.get("en"))


def revoke_key(db: Session, doer: Doer, key_id: bytes, at: datetime) -> None:
    """
    End a key at once; it is checked at every request.

    Raises
    ------
    NotFound
        If there is no such key, or it was revoked before.
    """
    revoked = db.scalar(
        update(DeviceKey)
        .where(DeviceKey.hash == key_id, DeviceKey.revoked_at.is_(None))
        .values(revoked_at=at)
        .returning(DeviceKey.device_id)
    )
    if revoked is None:
        raise NotFound(N_("There is no such key, or it was revoked before."))
    code = db.scalar(select(Device.code).where(Device.id == revoked))
    audit.record(db, doer, "device.key.revoke", object_id=f"device:{code}")


def rotate_key(db: Session, doer: Doer, device_id: int, at: datetime, older_until: datetime) -> str:
    """
    Give a device its next key; the one it has goes on counting until an hour, so that it can be changed without a gap.

    Parameters
    ----------
    older_until
        When the older key ends by itself.

    Returns
    -------
    key
        To be shown once.

    Raises
    ------
    NotFound, Conflict
        As `make_key`.
    Invalid
        If the hour has passed.
    """
    if older_until <= at:
        raise Invalid(N_("The older key ends later than now. To end it at once, revoke it."), where="/older_until")
    older = db.scalars(select(DeviceKey).where(DeviceKey.device_id == device_id, _in_force(at)).with_for_update()).all()
    key = make_key(db, doer, device_id, at)
    for one in older:
        ends = one.valid.upper
        one.valid = Range(one.valid.lower, older_until if ends is None else min(ends, older_until))
    db.flush()
    return key


def revoke_named(db: Session, doer: Doer, device_id: int, name: str, at: datetime) -> None:
    """
    End one key of a device at once, by the name that lists give it.

    Raises
    ------
    NotFound
        If the device has no such key, or it was revoked before.
    """
    hashes = db.scalars(select(DeviceKey.hash).where(DeviceKey.device_id == device_id)).all()
    found = next((hashed for hashed in hashes if key_name(hashed) == name), None)
    if found is None:
        raise NotFound(N_("There is no such key, or it was revoked before."))
    revoke_key(db, doer, found, at)


def key_name(hashed: bytes) -> str:
    """What a key is called in lists: enough of its hash to tell it from others, nothing that opens."""
    return bytes(hashed).hex()[:12]


def key_hash(key: str) -> bytes:
    """What is stored of a key: its random 256 bits need no salt and no slow hash."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _in_force(at: datetime):  # type: ignore[no-untyped-def]
    return DeviceKey.valid.contains(at) & or_(DeviceKey.revoked_at.is_(None), DeviceKey.revoked_at > at)


def _in_use(at: datetime):  # type: ignore[no-untyped-def]
    return or_(Device.ended_at.is_(None), Device.ended_at > at)
