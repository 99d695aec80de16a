"""Tiles of devices: where each stands and which way it looks."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from gridmap.people.queries import within
from gridmap.people.rules import Scope
from gridmap.sensing.rules import SILENT_AFTER
from gridmap.sensing.tables import Device
from gridmap.system.tiles import Clause, Tile, draw, layer, owned, pointed

DEVICES_FROM: Final = 13
_MOST: Final = 6_000


def device_tile(db: Session, tile: Tile, scope: Scope, now: datetime) -> bytes:
    """
    Draw the devices of a tile that are in service, as points; gateways, which only speak for others, are left out.

    Returns
    -------
    tile
        Layer ``devices`` (id, code, kind, heading, fov, range, silent): degrees clockwise from north, degrees, metres;
        empty from afar.
    """
    if tile.z < DEVICES_FROM:
        return b""
    visible = Clause.of(within(scope, Device.path))
    rows = f"""
SELECT device.id, code, kind, heading_deg AS heading, fov_deg AS fov, range_m AS range,
    coalesce(seen_at < :silent_since, true) AS silent, {pointed("tile")} AS geom
FROM frame, device_pose JOIN device ON device.id = device_id LEFT JOIN device_pulse USING (device_id)
WHERE upper_inf(valid) AND {owned("tile")} AND ended_at IS NULL AND kind <> 'gateway' AND {visible.sql}
ORDER BY device.id LIMIT {_MOST}"""
    values = tile.values() | dict(visible.values) | {"silent_since": now - SILENT_AFTER}
    return draw(db, [layer("devices", rows, with_id=True)], values)
