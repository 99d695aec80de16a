"""What the API says of orders of the hotline, of their incidents and of the answers to them."""

from __future__ import annotations

from typing import Any

from gridmap.hotline.rules import Caller, masked
from webapp.api.shapes import instant, named


def order_shown(row: Any, caller: Caller | None) -> dict[str, Any]:
    """An order as lists show it: who called stands there masked."""
    grid = None if row.grid_code is None else named({"code": row.grid_code}, row.grid_name, row.grid_names)
    repeats = None if row.repeats_number is None else {"channel": row.repeats_channel, "number": row.repeats_number}
    return {
        "id": str(row.id),
        "channel": row.channel,
        "number": row.number,
        "own_number": row.own_number,
        "received_at": instant(row.received_at),
        "contact_due_at": instant(row.contact_due_at),
        "first_contact_at": instant(row.first_contact_at),
        "real_name": row.real_name,
        "satisfied": row.satisfied,
        "repeat_n": row.repeat_n,
        "repeats": repeats,
        "text": row.text,
        "caller": masked(caller or Caller(), row.grid_name),
        "sealed": row.sealed,
        "incident": incident_brief(row) | {"due_at": instant(row.due_at)},
        "grid": grid,
        "place": None if row.lon is None else {"lon": row.lon, "lat": row.lat},
    }


def incident_brief(row: Any) -> dict[str, Any]:
    """The incident of an order or a call: ``incident_id, incident_number, state …`` of the row."""
    return {
        "id": str(row.incident_id),
        "number": row.incident_number,
        "state": row.state,
        "severity": row.severity,
        "occurred_at": instant(row.occurred_at),
        "closed_at": instant(row.closed_at),
        "category": None
        if row.category_code is None
        else named({"code": row.category_code}, row.category_name, row.category_names),
    }


def answer_shown(row: Any) -> dict[str, Any]:
    """The answer to an order, as its platform takes it."""
    return {
        "id": str(row.id),
        "channel": row.channel,
        "number": row.number,
        "own_number": row.own_number,
        "merged_into": None if row.incident_number == row.own_number else row.incident_number,
        "state": row.state,
        "received_at": instant(row.received_at),
        "first_contact_at": instant(row.first_contact_at),
        "closed_at": instant(row.closed_at),
        "result": row.result,
        "satisfied": row.satisfied,
    }
