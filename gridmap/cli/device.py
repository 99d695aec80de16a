"""`gridmap device`: the register of devices and their keys."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from gridmap.cli.database import opened
from gridmap.cli.terminal import say
from gridmap.errors import Invalid
from gridmap.language import N_

_KINDS = ("camera", "gateway", "drone_dock", "drone", "smoke", "charging_pile", "sensor")


@click.group()
def device() -> None:
    """Register devices and their keys."""


@device.command()
@click.argument("code")
@click.option("--kind", type=click.Choice(_KINDS), help="What it is; needed for a device that is new.")
@click.option("--name", help="What people call it; the code if left out.")
@click.option("--lon", type=float, help="Longitude, degrees, WGS 84.")
@click.option("--lat", type=float, help="Latitude, degrees, WGS 84.")
@click.option("--gateway", metavar="CODE", help="The gateway that speaks for it: it gets no key of its own.")
@click.option("--height", "height_m", type=float, help="Height above the ground, metres.")
@click.option("--heading", "heading_deg", type=float, help="Where it looks, degrees clockwise from true north.")
@click.option("--tilt", "tilt_deg", type=float, help="How far it looks down, degrees below the horizon.")
@click.option("--fov", "fov_deg", type=float, help="Width of its view, degrees.")
@click.option("--range", "range_m", type=float, help="How far it sees, metres.")
def add(
    code: str,
    kind: str | None,
    name: str | None,
    lon: float | None,
    lat: float | None,
    gateway: str | None,
    **pose: float | None,
) -> None:
    """
    Register the device CODE and show its key once.

    For a device that is registered, a second key is made: install it, then `device revoke --older CODE`, or say
    `device rotate CODE` in the first place.
    """
    from sqlalchemy import text

    from gridmap.sensing.keys import make_key
    from gridmap.sensing.registering import NewDevice, device_of, register_device

    now = datetime.now(UTC)
    key = None
    with opened() as (db, actor):
        if db.scalar(text("SELECT EXISTS (SELECT FROM device WHERE code = :code)"), {"code": code}):
            device_id = device_of(db, code)
        elif kind is None or lon is None or lat is None:
            raise Invalid(N_("A device %(code)s is not registered yet. Say its --kind, --lon and --lat."), code=code)
        else:
            new = NewDevice(code, kind, name or code, lon, lat, gateway=gateway, **pose)
            device_id = register_device(db, actor, new, now)
        if gateway is None:
            key = make_key(db, actor.doer, device_id, now)
    click.echo(f"device  {code}")
    if key is not None:
        click.echo(f"key     {key}")
        say(N_("This is shown once. Give it to the device, and to nobody else."))


@device.command()
@click.argument("code")
@click.option("--older", is_flag=True, help="All keys but the newest: the end of a change of keys.")
def revoke(code: str, older: bool) -> None:
    """End the keys of the device CODE at once."""
    from gridmap.sensing.registering import device_of, revoke_keys

    with opened() as (db, actor):
        ended = revoke_keys(db, actor, device_of(db, code), datetime.now(UTC), keep_newest=older)
    say(N_("%(n)s keys of %(code)s ended."), n=ended, code=code)


@device.command()
@click.argument("code")
@click.option(
    "--hours", type=click.FloatRange(0.01, 24 * 90), default=24, show_default=True, help="When the older ends."
)
def rotate(code: str, hours: float) -> None:
    """Give the device CODE its next key, shown once; the older key goes on counting for some hours."""
    from gridmap.sensing.keys import rotate_key
    from gridmap.sensing.registering import device_of

    now = datetime.now(UTC)
    with opened() as (db, actor):
        key = rotate_key(db, actor.doer, device_of(db, code), now, now + timedelta(hours=hours))
    click.echo(f"device  {code}")
    click.echo(f"key     {key}")
    say(N_("This is shown once. Give it to the device, and to nobody else."))


@device.command("list")
@click.option("--silent", is_flag=True, help="Only those not heard of lately.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array on standard output.")
def list_devices(silent: bool, as_json: bool) -> None:
    """List the devices in use: code, kind, grid, when last heard, and how many keys count."""
    from gridmap.people.rules import scope_of
    from gridmap.sensing.health import WantedDevices, register_page

    rows: list[Any] = []
    with opened() as (db, actor):
        after, wanted = None, WantedDevices(state="silent" if silent else "open")
        while True:
            page, after = register_page(db, scope_of(actor, "account.manage"), wanted, datetime.now(UTC), after=after)
            rows += page
            if after is None:
                break
    if as_json:
        fields = ("code", "kind", "name", "grid_code", "gateway", "silent", "keys_n", "lon", "lat")
        items = [{field: getattr(row, field) for field in fields} | {"seen_at": _text(row.seen_at)} for row in rows]
        click.echo(json.dumps(items, ensure_ascii=False))
        return
    for row in rows:
        keys = row.gateway or str(row.keys_n)
        click.echo("\t".join([row.code, row.kind, row.grid_code or "", _text(row.seen_at) or "", keys]).rstrip())


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone().isoformat(timespec="seconds")
