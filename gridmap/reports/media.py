"""Photos that have arrived whole: opened, sealed, recorded, and claimed by reports."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.errors import GeodataError
from geodata.photos import Developed, develop
from gridmap.errors import Conflict, Invalid
from gridmap.grids.queries import current_district
from gridmap.language import N_
from gridmap.people.rules import Actor
from gridmap.reports.arriving import Arrival
from gridmap.reports.mediafiles import MediaFiles, writing
from gridmap.reports.rules import Evidence
from gridmap.system.audit import record

_OTHER_BYTES: Final = N_("What arrived is not the photo that was declared; it was dropped. Send it anew.")

_STORED: Final = (
    "SELECT m.sha256, m.bytes, m.state, m.width, m.height, m.taken_at, ST_X(m.taken_place) AS lon,"
    " ST_Y(m.taken_place) AS lat, m.taken_error_m, m.direction_deg, m.device_model, m.shown_name, m.shown_sha256,"
    " m.redacted_name, EXISTS (SELECT FROM media_sender s WHERE s.sha256 = m.sha256 AND s.person_id = :person) AS sent"
    " FROM media m WHERE m.sha256 = :sha256"
)


@dataclass(frozen=True)
class Settled:
    """A photo whose files lie in their places; what is missing is its row."""

    sha256: bytes
    size: int
    name: UUID
    shown_sha256: bytes
    developed: Developed


def photo_row(db: Session, sha256: bytes, person_id: int | None) -> Any | None:
    """A photo that is stored or was erased, and whether this person has `sent` it; None if there is none."""
    return db.execute(text(_STORED), {"sha256": sha256, "person": person_id}).one_or_none()


def settle(files: MediaFiles, arrival: Arrival) -> Settled:
    """
    Seal a photo that is whole and draw the copies that people see; no transaction is open meanwhile.

    Raises
    ------
    Invalid
        If its hash is not the declared one, or it is no photo that can be opened; what arrived is dropped.
    NoRoom, Unavailable
        If it cannot be written; what arrived waits.
    """
    with writing(), files.sealing(arrival.path, arrival.sha256) as draft:
        if draft is None:
            arrival.drop()
            raise Invalid(_OTHER_BYTES)
        try:
            developed = develop(draft)
        except GeodataError as error:
            arrival.drop()
            raise Invalid(error.msgid, **error.params) from error
        copies = {"shown": developed.shown, "thumb": developed.thumb, "coarse": developed.coarse}
        name = files.save_copies(copies)  # type: ignore[arg-type]  # the keys are those of a copy
    return Settled(arrival.sha256, arrival.total, name, hashlib.sha256(developed.shown).digest(), developed)


def require_same(arrival: Arrival) -> None:
    """
    Hold the hash of a photo that another has sent already against what arrived.

    Raises
    ------
    Invalid
        If it is another; what arrived is dropped.
    """
    with arrival.path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").digest() != arrival.sha256:
            arrival.drop()
            raise Invalid(_OTHER_BYTES)


def keep_photo(db: Session, actor: Actor, photo: Settled, at: datetime) -> bool:
    """
    Record that a photo is stored, and who has sent it.

    Returns
    -------
    kept
        False if another was faster with the same photo: then their copies stand, and these are to be dropped.
    """
    taken = photo.developed.taken
    taken_at = taken.at
    if taken_at is not None and taken_at.tzinfo is None:
        # A camera that knows no zone shows the time of the place it is used in.
        taken_at = taken_at.replace(tzinfo=current_district(db).zone)
    kept = db.execute(
        text(
            "INSERT INTO media (sha256, bytes, kind, state, shown_name, shown_sha256, width, height, orientation,"
            " taken_at, taken_place, taken_error_m, direction_deg, device_model, uploaded_by, received_at)"
            " VALUES (:sha256, :bytes, :kind, 'stored', :name, :shown_sha256, :width, :height, :orientation, :taken_at,"
            " ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :error_m, :direction_deg, :model, :person, :at)"
            " ON CONFLICT (sha256) DO NOTHING RETURNING sha256"
        ),
        {
            "sha256": photo.sha256,
            "bytes": photo.size,
            "kind": photo.developed.kind,
            "name": photo.name,
            "shown_sha256": photo.shown_sha256,
            "width": photo.developed.width,
            "height": photo.developed.height,
            "orientation": taken.orientation,
            "taken_at": taken_at,
            "lon": taken.lon,
            "lat": taken.lat,
            "error_m": taken.error_m,
            "direction_deg": taken.direction_deg,
            "model": taken.device_model,
            "person": actor.id,
            "at": at,
        },
    ).one_or_none()
    keep_sender(db, actor, photo.sha256, at)
    return kept is not None


def keep_sender(db: Session, actor: Actor, sha256: bytes, at: datetime) -> None:
    """
    Record that a person holds a photo that is stored: they have sent all of it.

    Raises
    ------
    Conflict
        If the photo was erased at its term.
    """
    if db.scalar(text("SELECT state FROM media WHERE sha256 = :sha256"), {"sha256": sha256}) == "erased":
        raise Conflict(N_("This photo was erased at the end of its term and is not taken again."))
    if actor.id is not None:  # a stranger's photo comes in one message with its report and is never asked for again
        db.execute(
            text(
                "INSERT INTO media_sender (sha256, person_id, at) VALUES (:sha256, :person, :at) ON CONFLICT DO NOTHING"
            ),
            {"sha256": sha256, "person": actor.id, "at": at},
        )
    record(db, actor.doer, "photo.upload", object_id=f"photo:{sha256.hex()}")


def claim_photos(db: Session, claims: Mapping[UUID, Sequence[Evidence]]) -> None:
    """Say which photos belong to reports, whether they have arrived or not; in one statement for all."""
    rows = [
        {"report": report, "sha256": evidence.sha256, "role": evidence.role}
        for report, several in claims.items()
        for evidence in several
    ]
    if rows:
        db.execute(
            text(
                "INSERT INTO report_media (report_id, sha256, role)"
                " SELECT * FROM unnest(CAST(:reports AS uuid[]), CAST(:hashes AS bytea[]), CAST(:roles AS text[]))"
            ),
            {
                "reports": [row["report"] for row in rows],
                "hashes": [row["sha256"] for row in rows],
                "roles": [row["role"] for row in rows],
            },
        )


def missing_photos(db: Session, report_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Photos that reports name and their senders have not sent yet: hashes in hex, by report."""
    if not report_ids:
        return {}
    rows = db.execute(
        text(
            "SELECT c.report_id, encode(c.sha256, 'hex') AS sha256 FROM report_media c"
            " JOIN report r ON r.id = c.report_id LEFT JOIN media m ON m.sha256 = c.sha256"
            " WHERE c.report_id = ANY(:ids) AND m.state IS DISTINCT FROM 'erased' AND NOT c.enclosed AND NOT EXISTS"
            "  (SELECT FROM media_sender s WHERE s.sha256 = c.sha256 AND s.person_id = r.reporter_id)"
            " ORDER BY c.report_id, c.sha256"
        ),
        {"ids": list(report_ids)},
    )
    found: dict[UUID, list[str]] = {}
    for row in rows:
        found.setdefault(row.report_id, []).append(row.sha256)
    return found


def unsent_photos(db: Session, actor: Actor, hashes: Sequence[bytes]) -> list[str]:
    """Of these photos those that this person has not sent whole, in hex."""
    sent = set(
        db.scalars(
            text("SELECT sha256 FROM media_sender WHERE person_id = :person AND sha256 = ANY(:hashes)"),
            {"person": actor.id, "hashes": list(hashes)},
        )
    )
    known = {bytes(sha256) for sha256 in sent}
    return [sha256.hex() for sha256 in hashes if sha256 not in known]
