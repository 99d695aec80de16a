"""How things look in JSON: one function a thing, the same wherever it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from gridmap.grids.index import GridRow
from gridmap.people.rules import Access

# Twice the standard error holds about 95 %, the radius that the map draws.
_RADIUS_PER_SIGMA = 2.4477


def named(code_or_id: Mapping[str, Any], name: str | None, names: Mapping[str, Any] | None) -> dict[str, Any]:
    """A thing with its name in both languages; a language that nobody wrote falls back to the name as typed."""
    return {**code_or_id, "name": name, "name_en": (names or {}).get("en") or name}


def grid_brief(grid: GridRow | None) -> dict[str, Any] | None:
    """A grid as an answer names it."""
    if grid is None:
        return None
    return {**named({"id": grid.id, "code": grid.code}, grid.name, grid.names), "kind": grid.kind}


def instant(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC, to the millisecond."""
    return None if moment is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def incident_summary(row: Any, access: Access, now: datetime) -> dict[str, Any]:
    """
    An incident as lists, tiles and streams show it.

    Parameters
    ----------
    row
        As `gridmap.incidents.queries.summary_columns` gives it.
    access
        How much the reader may see; figures alone leave out the place.
    now
        Our clock.
    """
    brief = {
        "id": str(row.id),
        "number": row.number,
        "category": None
        if row.category_code is None
        else named({"code": row.category_code}, row.category_name, row.category_names),
        "severity": row.severity,
        "state": row.state,
        "asks": row.asks,
        "seq": row.seq,
        "grid": None
        if row.grid_code is None
        else {
            **named({"id": row.duty_grid_id, "code": row.grid_code}, row.grid_name, row.grid_names),
            "kind": row.grid_kind,
        },
        "township": None
        if row.township_id is None
        else named({"id": row.township_id}, row.township_name, row.township_names),
        "occurred_at": instant(row.occurred_at),
        "due_at": instant(row.due_at),
        "closed_at": instant(row.closed_at),
        "overdue": row.due_at is not None and row.closed_at is None and row.due_at < now,
        "source": None,
        "place": None,
    }
    if access is Access.FIGURES:
        return brief
    return brief | {"source": row.source, "place": place(row)}


def place(row: Any) -> dict[str, Any]:
    """A place with how it was found and how sure that is; without coordinates when it is unplaced."""
    return {
        "lon": row.lon,
        "lat": row.lat,
        "error_m": None if row.sigma_m is None else round(row.sigma_m * _RADIUS_PER_SIGMA, 1),
        "method": row.place_method,
        "placed": row.placed,
        "certainty": row.certainty,
        "probability": row.probability,
        "p_outside": row.p_outside,
        "reason": row.reason,
    }


def candidate(grid: Any, probability: float) -> dict[str, Any]:
    """A grid that a place may lie in: a row with ``id, code, name, names, kind``, and how likely it is."""
    return {
        **named({"id": grid.id, "code": grid.code}, grid.name, grid.names),
        "kind": grid.kind,
        "probability": probability,
    }


def candidates_told(row: Any, grids: Mapping[int, Any]) -> list[dict[str, Any]]:
    """
    The grids that a stored place may lie in, the likeliest first; none where it was not weighed.

    Parameters
    ----------
    row
        With ``grid_version_id, probability, runners``.
    grids
        By version id, at least those that `versions_told` names.
    """
    told = [(key, share) for key, share in _versions_with_shares(row) if key in grids]
    return [candidate(grids[key], share) for key, share in told]


def versions_told(rows: Iterable[Any]) -> set[int]:
    """The grid versions that stored places may lie in."""
    return {key for row in rows for key, _ in _versions_with_shares(row)}


def _versions_with_shares(row: Any) -> list[tuple[int, float]]:
    own = [] if row.probability is None else [(row.grid_version_id, row.probability)]
    return own + [(runner["grid_version_id"], runner["probability"]) for runner in row.runners or ()]


def stored_answer(row: Any) -> dict[str, Any]:
    """What the sender of a report or an alert is told; the first answer and every later one are the same."""
    return {
        "id": str(row.id),
        "incident": {"id": str(row.incident_id), "number": row.number, "state": row.state},
        "placed": row.placed,
        "certainty": row.certainty,
        "probability": row.probability,
        "reason": row.reason,
        "grid": None
        if row.grid_code is None
        else {
            **named({"id": row.grid_id, "code": row.grid_code}, row.grid_name, row.grid_names),
            "kind": row.grid_kind,
        },
        "received_at": instant(row.received_at),
    }
