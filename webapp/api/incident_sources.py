"""Who told of an incident, in JSON: staff by name, strangers masked, with whether the reader may ask who they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from gridmap.hotline.contacts import REVEAL
from gridmap.hotline.rules import Caller, masked
from gridmap.people.rules import Access, Actor, Thing, can
from gridmap.residents.reaching import SOURCES, reporters_of
from webapp.api.shapes import instant, named, place


def sources_shown(
    db: Session, actor: Actor, thing: Thing, access: Access, rows: Sequence[Any], grid_name: str | None
) -> list[dict[str, Any]]:
    """
    Reports and alerts that tell of an incident.

    Parameters
    ----------
    thing
        The incident, for the policy.
    grid_name
        Of its grid: shown instead of an address.
    """
    # A wall shows nobody's data, be it masked.
    strangers = [] if actor.wall else [row.id for row in rows if row.kind == "report" and row.source in SOURCES]
    told = reporters_of(db, actor.id, strangers)
    may_ask = can(actor, REVEAL, thing) is not None
    return [_source(row, access, _caller(told.get(row.id), may_ask, grid_name)) for row in rows]


def _caller(told: tuple[Caller, bool] | None, may_ask: bool, grid_name: str | None) -> dict[str, Any] | None:
    if told is None:
        return None
    caller, sealed = told
    return {**masked(caller, grid_name), "sealed": sealed, "reveals": may_ask and not sealed}


def _source(row: Any, access: Access, caller: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "id": str(row.id),
        "source": row.source,
        "text": row.text,
        "occurred_at": instant(row.occurred_at),
        "received_at": instant(row.received_at),
        "clock_suspect": row.clock_suspect,
        "reporter": person_shown(row.reporter_name, row.reporter_names, access),
        "caller": caller,
        "device": None
        if row.device_code is None
        else {**named({"code": row.device_code}, row.device_name, row.device_names), "kind": row.device_kind},
        "class": row.word,
        "score": row.score,
        "place": place(row),
    }


def person_shown(name: str | None, names: Mapping[str, Any] | None, access: Access) -> dict[str, Any] | None:
    """A person by name in both languages; masked, each is its first character. None if nobody is known."""
    if name is None:
        return None
    shown = named({}, name, names)
    return shown if access is Access.FULL else {key: f"{text[:1]}**" for key, text in shown.items()}
