"""`gridmap device`: the register of devices and their keys."""

from __future__ import annotations

from datetime import UTC, datetime

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

    For a device that is registered, a second key is made: install it, then `device revoke --older CODE`.
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
