"""The register of devices, as administrators keep it: health, keys, and what comes and goes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from flask import request
from pydantic import Field
from sqlalchemy.orm import Session

from gridmap.database import transaction
from gridmap.errors import Conflict, NotFound
from gridmap.language import N_
from gridmap.people.proving import require_fresh
from gridmap.people.rules import Actor, scope_of
from gridmap.sensing.health import WantedDevices, keys_of, register_page, registered
from gridmap.sensing.keys import key_name, make_key, revoke_named, rotate_key
from gridmap.sensing.registering import NewDevice, device_in_use, end_device, register_device
from gridmap.sensing.tables import DeviceKey
from gridmap.system.receipts import claim, content_digest
from webapp.api import api
from webapp.api.accounts import MANAGE, Because, Line, Nothing
from webapp.api.departments import Code
from webapp.api.paging import next_link, page_after, page_limit
from webapp.api.parameters import PAGE, one_of
from webapp.api.shapes import instant, named
from webapp.shared.instants import Instant
from webapp.shared.policy import current_actor, current_session, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import Parameter, takes

KINDS = ("camera", "gateway", "drone_dock", "drone", "smoke", "charging_pile", "sensor")
Kind = Literal["camera", "gateway", "drone_dock", "drone", "smoke", "charging_pile", "sensor"]


class DeviceIn(Input):
    """A new device where it stands, WGS 84; the id is the sender's own, so that it can be sent again."""

    id: UUID
    code: Code
    kind: Kind
    name: Line
    lon: float
    lat: float
    height_m: Annotated[float, Field(ge=0, le=500)] | None = None
    heading_deg: Annotated[float, Field(ge=0, lt=360)] | None = None
    gateway: Code | None = None


class KeyIn(Input):
    """A new key; `older_until` says until when the one before goes on counting."""

    id: UUID
    older_until: Instant | None = None


@api.get("/register/devices")
@declares(MANAGE)
@takes(
    Parameter("q", "The beginning of a code, or a part of a name."),
    one_of("kind", "Kind of device.", *KINDS),
    one_of("state", "Those in use unless said otherwise.", "open", "silent", "keyless", "ended"),
    *PAGE,
)
def list_register() -> dict[str, Any]:
    """List the register by code, gateways too, each with its health and how many keys count."""
    after = page_after(str)
    asked = request.args
    typed = " ".join(asked.get("q", "").split())[:100]
    with transaction() as db:
        rows, last = register_page(
            db,
            scope_of(current_actor(), MANAGE),
            WantedDevices(typed, asked.get("kind") or None, asked.get("state", "open")),
            now(),
            limit=page_limit(),
            after=None if after is None else after[0],
        )
    return {"items": [_device(row) for row in rows], "next": next_link(None if last is None else [last])}


@api.post("/register/devices")
@declares(MANAGE)
@takes(body=DeviceIn)
def create_device(body: DeviceIn) -> tuple[dict[str, Any], int]:
    """Put a device into the register; it has no key yet."""
    actor = current_actor()
    with transaction() as db:
        new = claim(db, "device", [(body.id, content_digest(body.model_dump(mode="json")))], now())
        if new:
            register_device(db, actor, NewDevice(**body.model_dump(exclude={"id"})), now())
        return _shown(db, actor, body.code), 201 if new else 200


@api.get("/register/devices/<code>")
@declares(MANAGE)
@takes()
def show_registered(code: str) -> dict[str, Any]:
    """Show one device with the keys that count, by their names: no key is ever shown again."""
    with transaction() as db:
        return _shown(db, current_actor(), code)


@api.post("/register/devices/<code>/keys")
@declares(MANAGE)
@takes(body=KeyIn)
def create_key(code: str, body: KeyIn) -> tuple[dict[str, Any], int]:
    """Give a device a key, which is shown here once; two count at a time, so that they change without a gap."""
    actor, at = current_actor(), now()
    require_fresh(current_session(), at)
    with transaction() as db:
        device_id = device_in_use(db, scope_of(actor, MANAGE), code, at).id
        if not claim(db, "device-key", [(body.id, content_digest(body.model_dump(mode="json")))], at):
            raise Conflict(N_("This key was made and shown already, and nobody can see it again. Make another one."))
        key = _make(db, actor, device_id, body.older_until, at)
        return {"key": key, **_shown(db, actor, code)}, 201


@api.post("/register/devices/<code>/keys/<name>/revoke")
@declares(MANAGE)
@takes(body=Nothing)
def end_key(code: str, name: str, body: Nothing) -> dict[str, Any]:
    """End one key at once: the next request that carries it is refused."""
    actor, at = current_actor(), now()
    with transaction() as db:
        device_id = device_in_use(db, scope_of(actor, MANAGE), code, at).id
        revoke_named(db, actor.doer, device_id, name, at)
        return _shown(db, actor, code)


@api.post("/register/devices/<code>/end")
@declares(MANAGE)
@takes(body=Because)
def take_out_of_use(code: str, body: Because) -> dict[str, Any]:
    """Take a device out of use, with its keys."""
    with transaction() as db:
        end_device(db, current_actor(), code, body.reason, now())
        return _shown(db, current_actor(), code)


def _make(db: Session, actor: Actor, device_id: int, older_until: datetime | None, at: datetime) -> str:
    if older_until is None:
        return make_key(db, actor.doer, device_id, at)
    return rotate_key(db, actor.doer, device_id, at, older_until)


def _shown(db: Session, actor: Actor, code: str) -> dict[str, Any]:
    row = registered(db, scope_of(actor, MANAGE), code, now())
    if row is None:
        raise NotFound(N_("There is no device %(code)s, or it is not yours to see."), code=code)
    return {**_device(row), "keys": [_key(key) for key in keys_of(db, row.id, now())]}


def _key(key: DeviceKey) -> dict[str, Any]:
    return {"name": key_name(key.hash), "from": instant(key.valid.lower), "until": instant(key.valid.upper)}


def _device(row: Any) -> dict[str, Any]:
    return {
        **named({"code": row.code}, row.name, row.names),
        "kind": row.kind,
        "gateway": row.gateway,
        "lon": row.lon,
        "lat": row.lat,
        "height_m": row.height_m,
        "heading_deg": row.heading_deg,
        "grid": None if row.grid_code is None else named({"code": row.grid_code}, row.grid_name, row.grid_names),
        "seen_at": instant(row.seen_at),
        "silent": row.silent,
        "braked": row.braked_n or 0,
        "shelved_until": instant(row.shelved_until),
        "ended_at": instant(row.ended_at),
        "keys_n": row.keys_n,
    }
