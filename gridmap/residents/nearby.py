"""What everyone may see around a door: matters that were looked at, coarse in place and without anybody's name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.residents.codes import Door
from gridmap.residents.rules import NEAR_M

SHOWN_FOR: Final = timedelta(days=30)
"""How long a matter is shown to others after it was reported."""
_MOST: Final = 8

# One distance is measured on the sphere: the box beside it lets the index of places find the few that count.
_NEAR: Final = """
    SELECT i.state, r.received_at, c.name AS category_name, c.names AS category_names,
        CASE WHEN t.text_shown THEN r.text END AS text,
        ST_Distance(i.place::geography, here.point::geography) AS distance_m,
        CASE WHEN t.photos_shown THEN (SELECT d.shown_name FROM report_media m JOIN media d ON d.sha256 = m.sha256
            WHERE m.report_id = r.id AND d.state = 'stored' ORDER BY m.sha256 LIMIT 1) END AS photo
    FROM (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS point) here, report r
    JOIN resident_report t ON t.report_id = r.id
    JOIN incident_source l ON l.report_id = r.id AND l.left_at IS NULL JOIN incident i ON i.id = l.incident_id
    LEFT JOIN category c ON c.code = i.category
    WHERE r.moderation = 'shown' AND r.received_at > :since AND i.place && ST_Expand(here.point, :box)
        AND ST_DWithin(i.place::geography, here.point::geography, :near)
    ORDER BY r.received_at DESC, r.id LIMIT :most
"""
_PER_DEGREE_M: Final = 60_000.0  # no degree is shorter than this where people live


def matters_near(db: Session, door: Door, at: datetime) -> Sequence[Any]:
    """
    Matters around a door that a desk has approved, the newest first.

    Returns
    -------
    rows
        ``state, received_at, category_name, category_names, distance_m``, and of text and photo what was approved.
    """
    values = {
        "lon": door.lon,
        "lat": door.lat,
        "since": at - SHOWN_FOR,
        "near": NEAR_M,
        "box": NEAR_M / _PER_DEGREE_M,
        "most": _MOST,
    }
    return db.execute(text(_NEAR), values).all()


def is_public_photo(db: Session, name: UUID) -> bool:
    """Whether a picture with this random name may be seen by everyone, faces and plates too coarse to be made out."""
    return bool(
        db.scalar(
            text(
                "SELECT EXISTS (SELECT FROM media d JOIN report_media m ON m.sha256 = d.sha256"
                " JOIN resident_report t ON t.report_id = m.report_id JOIN report r ON r.id = t.report_id"
                " WHERE d.shown_name = :name AND d.state = 'stored' AND t.photos_shown AND r.moderation = 'shown')"
            ),
            {"name": name},
        )
    )


def zones_near(db: Session, door: Door, at: datetime) -> Sequence[Any]:
    """Places to keep away from around a door: ``name``, ``until``, and whether the door lies ``inside``."""
    return db.execute(
        text(
            "SELECT z.name, upper(z.valid) AS until, ST_Covers(z.shape, here.point) AS inside"
            " FROM safe_zone z, (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS point) here"
            " WHERE z.ended_at IS NULL AND z.valid @> CAST(:at AS timestamptz)"
            " AND z.shape && ST_Expand(here.point, :box)"
            " AND ST_DWithin(z.shape::geography, here.point::geography, :near) ORDER BY inside DESC, until"
        ),
        {"lon": door.lon, "lat": door.lat, "at": at, "near": NEAR_M, "box": NEAR_M / _PER_DEGREE_M},
    ).all()
