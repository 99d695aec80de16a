"""What is registered: devices, staff, categories."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import request
from sqlalchemy import select

from gridmap.catalogue.tables import Category
from gridmap.database import transaction
from gridmap.errors import NotFound
from gridmap.grids.queries import current_district
from gridmap.language import N_
from gridmap.people.rules import scope_of
from gridmap.people.staff import staff_in_force
from gridmap.sensing.queries import device_by_code, device_page
from webapp.api import api
from webapp.api.grids import asked_moment
from webapp.api.paging import next_link, page_after, page_limit
from webapp.api.parameters import AS_OF, PAGE, flag
from webapp.api.shapes import instant, named
from webapp.shared.policy import current_actor, declares
from webapp.shared.taking import Parameter, takes


@api.get("/devices")
@declares("device.read")
@takes(Parameter("kind", "Kind of device."), flag("silent", "Only those not heard of lately."), *PAGE)
def list_devices() -> dict[str, Any]:
    """List devices by code; the silent ones alone when asked."""
    after = page_after(str)
    with transaction() as db:
        rows, last = device_page(
            db,
            scope_of(current_actor(), "device.read"),
            datetime.now(UTC),
            kind=request.args.get("kind"),
            silent=request.args.get("silent") == "1",
            limit=page_limit(),
            after=None if after is None else after[0],
        )
    return {"items": [_device(row) for row in rows], "next": next_link(None if last is None else [last])}


@api.get("/devices/<code>")
@declares("device.read")
@takes()
def show_device(code: str) -> dict[str, Any]:
    """Show one device: where it stands, which way it looks, when it was last heard."""
    with transaction() as db:
        row = device_by_code(db, scope_of(current_actor(), "device.read"), code, datetime.now(UTC))
    if row is None:
        raise NotFound(N_("There is no device %(code)s, or it is not yours to see."), code=code)
    return _device(row)


def _device(row: Any) -> dict[str, Any]:
    return {
        **named({"code": row.code}, row.name, row.names),
        "kind": row.kind,
        "lon": row.lon,
        "lat": row.lat,
        "heading_deg": row.heading_deg,
        "tilt_deg": row.tilt_deg,
        "fov_deg": row.fov_deg,
        "range_m": row.range_m,
        "height_m": row.height_m,
        "grid": None
        if row.grid_code is None
        else {
            **named({"id": row.grid_id, "code": row.grid_code}, row.grid_name, row.grid_names),
            "kind": row.grid_kind,
        },
        "seen_at": instant(row.seen_at),
        "silent": row.silent,
    }


@api.get("/people")
@declares("person.read")
@takes(AS_OF)
def list_people() -> dict[str, Any]:
    """List the staff of the grids in the reader's scope, on any day."""
    with transaction() as db:
        at = asked_moment(current_district(db).time_zone)
        rows = staff_in_force(
            db, scope_of(current_actor(), "person.read"), at or datetime.now(UTC), past=at is not None
        )
    return {
        "items": [
            {
                **named({"id": row.id}, row.name, row.names),
                "role": row.role,
                "post": row.post,
                "grid": None
                if row.grid_code is None
                else named({"code": row.grid_code}, row.grid_name, row.grid_names),
            }
            for row in rows
        ]
    }


@api.get("/categories")
@declares("catalogue.read")
@takes()
def list_categories() -> dict[str, Any]:
    """List the classes of matters, major ones first."""
    with transaction() as db:
        rows = db.scalars(select(Category).order_by(Category.parent.is_not(None), Category.code)).all()
    return {
        "items": [
            {
                **named({"code": row.code, "parent": row.parent}, row.name, row.names),
                "severity": row.severity,
                "evidence": row.evidence,
                "offered": row.offered,
            }
            for row in rows
        ]
    }
