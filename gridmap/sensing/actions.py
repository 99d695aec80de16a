"""Take in what devices say: once, placed by the pose of their own time, their words translated."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.errors import BadGeography, NotFound
from gridmap.grids.locating import Placed, Told, place_all
from gridmap.grids.queries import current_district
from gridmap.language import N_
from gridmap.people.rules import Actor
from gridmap.sensing.rules import REGISTERED_ERROR_M, SILENT_AFTER, SPEAK_OF_THEIR_PLACE, believed_time
from gridmap.system.audit import record
from gridmap.system.live import Change, announce
from gridmap.system.receipts import claim, content_digest

_COLUMNS = (
    "id received_at occurred_at device_id class category score box image place given_x given_y given_datum cov_ee"
    " cov_en cov_nn place_method placed certainty grid_version_id probability runners p_outside unplaced_reason"
    " doubt_reason merged_n clock_suspect raw"
).replace(" ", ", ")


@dataclass(frozen=True)
class AlertDraft:
    """
    An alert as a device sent it.

    Attributes
    ----------
    device
        Code of the device it speaks of: the sender itself, or one that names the sender as its gateway.
    class_
        The device's own word.
    told
        A position that the device sent, or None: then its registered place counts.
    box, image
        Pixels: x1, y1, x2, y2 and width, height.
    content
        What was sent, word for word: the receipt commits to it.
    """

    id: UUID
    device: str
    class_: str
    occurred_at: datetime
    score: float | None = None
    told: Told | None = None
    box: Sequence[int] | None = None
    image: Sequence[int] | None = None
    content: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class KnownDevice:
    """What is registered of a device at the time of an alert."""

    id: int
    code: str
    kind: str
    path: str
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class StoredAlert:
    """An alert as it was stored, for what is made of it next."""

    draft: AlertDraft
    device: KnownDevice
    placed: Placed
    category: str | None
    severity: int
    path: str
    occurred_at: datetime
    received_at: datetime
    clock_suspect: bool


def receive_alerts(db: Session, actor: Actor, drafts: Sequence[AlertDraft], at: datetime) -> list[StoredAlert]:
    """
    Store the alerts that are new; those that came before with the same content are left as they are.

    Parameters
    ----------
    actor
        The device, or the gateway that speaks for it.
    at
        Our clock.

    Returns
    -------
    stored
        The new ones, in the order of `drafts`.

    Raises
    ------
    NotFound
        If a device is not registered, or is not the sender's to speak for.
    BadGeography
        If an alert brings a position that cannot be.
    OtherContent
        If an id came before with another content; nothing of the batch is stored.
    """
    new = claim(db, "alert", [(draft.id, content_digest(draft.content)) for draft in drafts], at)
    fresh = [draft for draft in {draft.id: draft for draft in drafts}.values() if draft.id in new]
    times = [believed_time(draft.occurred_at, at) for draft in fresh]
    devices = _devices(db, actor, [(draft.device, when) for draft, (when, _) in zip(fresh, times, strict=True)])
    if not fresh:
        return []
    told = [draft.told or _registered_place(device) for draft, device in zip(fresh, devices, strict=True)]
    placed = place_all(db, [(t, when) for t, (when, _) in zip(told, times, strict=True)])
    _refuse_bad_positions(fresh, placed)
    meanings = _meanings(db, {(device.kind, draft.class_) for draft, device in zip(fresh, devices, strict=True)}, at)
    stored = []
    for draft, device, place, (when, suspect) in zip(fresh, devices, placed, times, strict=True):
        category, severity = meanings.get((device.kind, draft.class_), (None, 3))
        path = place.path or device.path
        stored.append(StoredAlert(draft, device, place, category, severity, path, when, at, suspect))
    _write(db, stored)
    _hear(db, stored, at)
    record(
        db,
        actor.doer,
        "alert.send",
        object_id=f"alert:{fresh[0].id}" if len(fresh) == 1 else None,
        path=stored[0].path if len(stored) == 1 else current_district(db).path,
        changed={"alerts": [str(draft.id) for draft in fresh]},
    )
    return stored


def _devices(db: Session, actor: Actor, wanted: Sequence[tuple[str, datetime]]) -> list[KnownDevice]:
    """The devices of the alerts, each with the place it had at the alert's time."""
    rows = db.execute(
        text(
            "SELECT w.n, d.id, d.code, d.kind, d.path::text, ST_X(p.place), ST_Y(p.place)"
            " FROM unnest(CAST(:codes AS text[]), CAST(:times AS timestamptz[])) WITH ORDINALITY AS w (code, at, n)"
            " JOIN device d ON d.code = w.code AND d.ended_at IS NULL AND :me IN (d.id, d.gateway_id)"
            " LEFT JOIN device_pose p ON p.device_id = d.id AND p.valid @> w.at ORDER BY w.n"
        ),
        {"codes": [code for code, _ in wanted], "times": [when for _, when in wanted], "me": actor.id},
    ).all()
    if len(rows) < len(wanted):
        there = {row.n for row in rows}
        n, code = next((n, code) for n, (code, _) in enumerate(wanted, 1) if n not in there)
        raise NotFound(
            N_("Device %(code)s is not registered, or this key does not speak for it."),
            where=f"/{n - 1}/device",
            code=code,
        )
    return [KnownDevice(*row[1:]) for row in rows]


def _registered_place(device: KnownDevice) -> Told:
    # What sees around itself says where it stands and not where the thing is: no error is told, and a wide one assumed.
    error_m = REGISTERED_ERROR_M if device.kind in SPEAK_OF_THEIR_PLACE else None
    return Told(device.lon, device.lat, error_m=error_m, method="device")


def _refuse_bad_positions(drafts: Sequence[AlertDraft], placed: Sequence[Placed]) -> None:
    for n, (draft, place) in enumerate(zip(drafts, placed, strict=True)):
        if draft.told is not None and place.reason is not None:
            raise BadGeography(place.reason, where=f"/{n}/place")


def _meanings(db: Session, words: set[tuple[str, str]], at: datetime) -> Mapping[tuple[str, str], tuple[str, int]]:
    """Category and severity of the devices' words, by the templates in force."""
    kinds, classes = zip(*sorted(words), strict=True)
    rows = db.execute(
        text(
            "SELECT t.device_kind, t.class, t.category, t.severity FROM template t"
            " JOIN unnest(CAST(:kinds AS text[]), CAST(:classes AS text[])) AS w (kind, class)"
            " ON t.device_kind = w.kind AND t.class = w.class"
            " WHERE t.valid @> (CAST(:at AS timestamptz) AT TIME ZONE :zone)::date"
        ),
        {"kinds": list(kinds), "classes": list(classes), "at": at, "zone": current_district(db).time_zone},
    )
    return {(kind, word): (category, severity) for kind, word, category, severity in rows}


def _write(db: Session, stored: Sequence[StoredAlert]) -> None:
    rows = [
        {
            "id": str(alert.draft.id),
            "received_at": alert.received_at.isoformat(),
            "occurred_at": alert.draft.occurred_at.isoformat(),
            "device_id": alert.device.id,
            "class": alert.draft.class_,
            "category": alert.category,
            "score": alert.draft.score,
            "box": alert.draft.box,
            "image": alert.draft.image,
            **alert.placed.columns(),
            "merged_n": 0,
            "clock_suspect": alert.clock_suspect,
            "raw": alert.draft.content,
        }
        for alert in stored
    ]
    db.execute(
        text(
            f"INSERT INTO alert ({_COLUMNS}) SELECT {_COLUMNS} FROM"
            " jsonb_populate_recordset(NULL::alert, CAST(:rows AS jsonb))"
        ),
        {"rows": json.dumps(rows, ensure_ascii=False, allow_nan=False)},
    )


def _hear(db: Session, stored: Sequence[StoredAlert], at: datetime) -> None:
    """Note that the devices spoke; one that was silent is announced as back."""
    back = db.execute(
        text(
            "WITH before AS (SELECT d.id, d.code, d.path::text AS path, p.seen_at FROM device d"
            "  LEFT JOIN device_pulse p ON p.device_id = d.id WHERE d.id = ANY(:ids)),"
            " heard AS (INSERT INTO device_pulse (device_id, seen_at) SELECT id, :at FROM before ORDER BY id"
            "  ON CONFLICT (device_id) DO UPDATE SET seen_at = greatest(device_pulse.seen_at, EXCLUDED.seen_at)"
            "  RETURNING device_id)"
            " SELECT b.code, b.path FROM before b JOIN heard h ON h.device_id = b.id"
            " WHERE b.seen_at IS NULL OR b.seen_at < CAST(:at AS timestamptz) - :silent_after"
        ),
        {"ids": sorted({alert.device.id for alert in stored}), "at": at, "silent_after": SILENT_AFTER},
    ).all()
    announce(db, [Change("device", code, int(at.timestamp()), path) for code, path in back])
