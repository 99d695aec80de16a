"""How hazards, notices, look-backs and safe zones look in JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from gridmap.catalogue.explaining import sentences
from gridmap.hazards.rules import SOON, State
from gridmap.people.rules import Scope
from webapp.api.shapes import instant, named


def hazard_summary(row: Any, now: datetime) -> dict[str, Any]:
    """A hazard as lists show it; `row` is of `gridmap.hazards.queries.summary_columns`."""
    waits = row.state != State.CLOSED and row.due_at is not None and row.answered_at is None
    return {
        "id": str(row.id),
        "number": row.number,
        "severity": row.severity,
        "state": row.state,
        "what": row.what,
        "party": row.party,
        "category": _named_if(row, "category"),
        "grid": _named_if(row, "grid"),
        "site": None if row.site_id is None else named({"id": str(row.site_id)}, row.site_name, row.site_names),
        "department": _named_if(row, "department"),
        "place": {"lon": row.lon, "lat": row.lat},
        "found_at": instant(row.found_at),
        "closed_at": instant(row.closed_at),
        "notice": row.notice_number,
        "due_at": instant(row.due_at),
        "answered_at": instant(row.answered_at),
        "overdue": waits and row.due_at < now,
    }


def notice_told(row: Any, photos: Mapping[UUID, list[str]], locale: str, now: datetime) -> dict[str, Any]:
    """A notice with its deadline explained; its letter is at ``document``."""
    return {
        "id": str(row.id),
        "number": row.number,
        "party": row.party,
        "demands": row.demands,
        "issued_at": instant(row.issued_at),
        "issued_by": person_told(row.issuer_name, row.issuer_names),
        "due_at": instant(row.due_at),
        "why": sentences(row.explained, locale),
        "overdue": row.due_at is not None and row.answered_at is None and row.replaced_by is None and row.due_at < now,
        "sha256": bytes(row.sha256).hex(),
        "document": f"/api/v1/rectification-notices/{row.id}/document",
        "replaced_by": None if row.replaced_by is None else str(row.replaced_by),
        "delivered_at": instant(row.delivered_at),
        "delivered_how": row.delivered_how,
        "delivered_to": row.delivered_to,
        "answered_at": instant(row.answered_at),
        "answer": row.answer,
        "photos": photos.get(row.id, []),
    }


def look_back_told(row: Any, photos: Mapping[UUID, list[str]], now: datetime) -> dict[str, Any]:
    """A look-back of a hazard."""
    return {
        "id": str(row.id),
        "due_at": instant(row.due_at),
        "overdue": row.done_at is None and row.due_at < now,
        "soon": row.done_at is None and row.due_at - SOON <= now,
        "done_at": instant(row.done_at),
        "outcome": row.outcome,
        "note": row.note,
        "by": person_told(row.doer_name, row.doer_names),
        "photos": photos.get(row.id, []),
    }


def handover_told(row: Any) -> dict[str, Any]:
    """How a hazard went from one department to another; without `from` where none had it."""
    return {
        "at": instant(row.at),
        "reason": row.reason,
        "from": _named_if(row, "from"),
        "to": _named_if(row, "to"),
        "by": person_told(row.by_name, row.by_names),
    }


def due_told(row: Any, hazard: Any, now: datetime) -> dict[str, Any]:
    """A look-back that somebody has to make, with its hazard."""
    return {
        "id": str(row.id),
        "due_at": instant(row.due_at),
        "overdue": row.due_at < now,
        "hazard": hazard_summary(hazard, now),
    }


def zone_told(row: Any, incidents: Scope | None) -> dict[str, Any]:
    """
    A safe zone.

    Parameters
    ----------
    incidents
        What incidents the reader may see: the one behind the zone is named to nobody else.
    """
    seen = row.incident_path is not None and incidents is not None and incidents.covers(row.incident_path) is not None
    return {
        "id": str(row.id),
        "name": row.name,
        "ring": json.loads(row.shape)["coordinates"][0],
        "since": instant(row.since),
        "until": instant(row.until),
        "incident": {"id": str(row.incident_id), "number": row.incident_number} if seen else None,
    }


def person_told(name: str | None, names: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Who did something; None of what nobody did yet."""
    return None if name is None else named({}, name, names)


def _named_if(row: Any, prefix: str) -> dict[str, Any] | None:
    code = getattr(row, f"{prefix}_code")
    return (
        None if code is None else named({"code": code}, getattr(row, f"{prefix}_name"), getattr(row, f"{prefix}_names"))
    )
