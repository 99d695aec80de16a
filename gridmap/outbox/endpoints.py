"""The far ends, as administrators keep them: addresses and secrets go in and are shown to nobody again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from typing import cast as known_as
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import cast, select, text
from sqlalchemy.orm import Session

from gridmap.database import Ltree
from gridmap.errors import Conflict, Invalid, NotFound
from gridmap.grids.queries import in_force
from gridmap.grids.tables import Area, AreaVersion
from gridmap.language import N_
from gridmap.outbox.actions import send
from gridmap.outbox.faults import Fault
from gridmap.outbox.outbound import Way, place_of
from gridmap.outbox.rules import ROBOTS, Channel, Said, ToEndpoint
from gridmap.outbox.tables import Endpoint, Lane
from gridmap.system import audit
from gridmap.system.audit import Doer

SHORTEST_SECRET: Final = 16
TRIAL: Final = "trial"


@dataclass(frozen=True)
class EndpointDraft:
    """
    A far end as somebody wants it.

    Attributes
    ----------
    url, secret
        None leaves those of a far end as they are.
    events
        Kinds of event; none is all.
    area
        Code of the area whose events are told; None is everything.
    """

    name: str
    locale: str
    enabled: bool
    events: tuple[str, ...] = ()
    area: str | None = None
    url: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)


def add_endpoint(
    db: Session, doer: Doer, endpoint_id: UUID, kind: str, draft: EndpointDraft, way: Way, at: datetime
) -> Endpoint:
    """
    Set a far end up, with the line its messages wait in.

    Raises
    ------
    Invalid
        If the address may not be sent to, a webhook has no secret of 16 characters or more, or there is no such area.
    """
    if draft.url is None:
        raise Invalid(N_("Say where the messages go."), where="/url")
    place_of(draft.url, way)
    _require_secret(kind, draft.secret, needed=kind == "webhook")
    end = Endpoint(
        id=endpoint_id,
        kind=kind,
        name=draft.name,
        url=draft.url,
        secret=draft.secret,
        events=list(draft.events),
        path=_path_of(db, draft.area),
        locale=draft.locale,
        enabled=draft.enabled,
        made_at=at,
    )
    db.add(end)
    db.add(Lane(lane=f"endpoint:{endpoint_id}", closed=not draft.enabled, posts=[]))
    db.flush()
    _record(db, doer, "outbox.endpoint.add", end)
    return end


def change_endpoint(db: Session, doer: Doer, endpoint_id: UUID, draft: EndpointDraft, way: Way) -> Endpoint:
    """
    Change a far end; turned off, it is sent nothing, and what waits for it waits out its day.

    Raises
    ------
    NotFound, Invalid
        If it was taken away, or as `add_endpoint`.
    """
    end = endpoint_in_use(db, endpoint_id)
    if draft.url is not None:
        place_of(draft.url, way)
        end.url = draft.url
    if draft.secret is not None:
        _require_secret(end.kind, draft.secret, needed=False)
        end.secret = draft.secret
    end.name, end.locale, end.enabled, end.events = draft.name, draft.locale, draft.enabled, list(draft.events)
    end.path = _path_of(db, draft.area)
    db.get_one(Lane, _lane(end)).closed = not draft.enabled
    db.flush()
    changed = [name for name in ("url", "secret") if getattr(draft, name) is not None]
    _record(db, doer, "outbox.endpoint.change", end, changed)
    return end


def end_endpoint(db: Session, doer: Doer, endpoint_id: UUID, at: datetime) -> None:
    """
    Take a far end away: its address and secret are forgotten, and what waits for it is given up.

    Raises
    ------
    NotFound
        If it was taken away already, or never was.
    """
    end = endpoint_in_use(db, endpoint_id)
    end.ended_at, end.enabled, end.url, end.secret = at, False, "", None
    db.get_one(Lane, _lane(end)).closed = True
    db.flush()
    fault = Fault(N_("The far end was taken away."))
    db.execute(
        text(
            "UPDATE outbox SET dead_at = :at, fault = CAST(:fault AS jsonb), claim = NULL"
            " WHERE endpoint_id = :id AND sent_at IS NULL AND dead_at IS NULL"
        ),
        {"at": at, "id": endpoint_id, "fault": json.dumps(fault.stored())},
    )
    _record(db, doer, "outbox.endpoint.end", end)


def try_endpoint(db: Session, doer: Doer, endpoint_id: UUID, trial_id: UUID, at: datetime) -> bool:
    """
    Put a trial into the line of a far end; the worker delivers it like any other.

    Returns
    -------
    new
        False if the same trial was asked for before.

    Raises
    ------
    NotFound, Conflict
        If it was taken away, or is turned off.
    """
    end = endpoint_in_use(db, endpoint_id)
    if not end.enabled:
        raise Conflict(N_("This far end is turned off. Turn it on first."))
    subject, body = Said(N_("A trial of gridmap")), Said(N_("Whoever reads this gets what gridmap has to tell."))
    channel = known_as(Channel, end.kind)
    dedupe = f"trial:{trial_id}"
    written = send(db, channel, ToEndpoint(endpoint_id), subject, body, event=TRIAL, dedupe=dedupe, now=at)
    if written:
        audit.record(db, doer, "outbox.endpoint.try", object_id=f"endpoint:{endpoint_id}")
    return bool(written)


def endpoint_in_use(db: Session, endpoint_id: UUID) -> Endpoint:
    """
    Give one far end.

    Raises
    ------
    NotFound
        If it was taken away, or never was.
    """
    end = db.get(Endpoint, endpoint_id)
    if end is None or end.ended_at is not None:
        raise NotFound(N_("There is no such far end, or it was taken away."))
    return end


def endpoints_in_use(db: Session) -> Sequence[Endpoint]:
    """List the far ends by name."""
    return db.scalars(select(Endpoint).where(Endpoint.ended_at.is_(None)).order_by(Endpoint.name, Endpoint.id)).all()


def shown_address(end: Endpoint) -> str:
    """Of an address what is no secret: a robot's key stands behind the question mark or in the path."""
    parts = urlsplit(end.url)
    return f"{parts.scheme}://{parts.netloc}" + ("/…" if end.kind in ROBOTS or parts.query else parts.path)


def area_of(db: Session, end: Endpoint) -> AreaVersion | None:
    """The area whose events are told, as it is called now; None is everything."""
    if not end.path:
        return None
    return db.scalar(
        select(AreaVersion)
        .join(Area, Area.id == AreaVersion.area_id)
        .where(Area.path == cast(end.path, Ltree), in_force(AreaVersion, None))
    )


def _lane(end: Endpoint) -> str:
    return f"endpoint:{end.id}"


def _require_secret(kind: str, secret: str | None, *, needed: bool) -> None:
    if (needed and secret is None) or (kind == "webhook" and secret is not None and len(secret) < SHORTEST_SECRET):
        raise Invalid(
            N_("A webhook is signed: its secret has %(n)s characters or more."), where="/secret", n=SHORTEST_SECRET
        )


def _path_of(db: Session, area: str | None) -> str:
    if area is None:
        return ""
    path = db.scalar(
        select(Area.path)
        .join(AreaVersion, AreaVersion.area_id == Area.id)
        .where(AreaVersion.code == area, in_force(AreaVersion, None))
    )
    if path is None:
        raise Invalid(N_("%(code)s is the code of no area."), where="/area", code=area)
    return path


def _record(db: Session, doer: Doer, action: str, end: Endpoint, secrets: Sequence[str] = ()) -> None:
    """That an address or a secret changed is said, not what it is."""
    changed = {"kind": end.kind, "name": end.name, "enabled": end.enabled, "events": end.events, "renewed": [*secrets]}
    audit.record(db, doer, action, object_id=f"endpoint:{end.id}", path=end.path or None, changed=changed)
