"""Reading the outbox: a person's notices, what waits or was given up, and its figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, and_, func, select, tuple_
from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.outbox.tables import Endpoint, Message
from gridmap.people.tables import Person

STATES: Final = ("waiting", "dead", "sent")


@dataclass(frozen=True)
class Figures:
    """How the outbox is: what waits for a worker, since when, and what was given up."""

    waiting: int
    oldest_s: float
    dead: int


def figures(db: Session, at: datetime) -> Figures:
    """Count the outbox; what is not due yet does not wait."""
    row = straight(
        db,
        "SELECT count(*) FILTER (WHERE dead_at IS NULL AND asked_at <= %(at)s) AS waiting,"
        " min(asked_at) FILTER (WHERE dead_at IS NULL AND asked_at <= %(at)s) AS oldest,"
        " (SELECT count(*) FROM outbox WHERE dead_at IS NOT NULL) AS dead"
        " FROM outbox WHERE sent_at IS NULL AND dead_at IS NULL AND lane <> 'screen'",
        {"at": at},
    )[0]
    oldest_s = 0.0 if row.oldest is None else max(0.0, (at - row.oldest).total_seconds())
    return Figures(int(row.waiting), oldest_s, int(row.dead))


def notices_of(
    db: Session, person_id: int, *, new_only: bool, limit: int, after: tuple[datetime, UUID] | None = None
) -> tuple[Sequence[Message], tuple[datetime, UUID] | None]:
    """List a person's own notices, the latest first; and after which one the next page begins."""
    wanted = [Message.channel == "screen", Message.person_id == person_id, Message.sent_at.is_not(None)]
    if new_only:
        wanted.append(Message.read_at.is_(None))
    if after is not None:
        wanted.append(tuple_(Message.sent_at, Message.id) < after)
    found = db.scalars(
        select(Message).where(*wanted).order_by(Message.sent_at.desc(), Message.id.desc()).limit(limit + 1)
    ).all()
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], (last.sent_at, last.id) if last is not None and last.sent_at is not None else None


def message_page(
    db: Session, state: str, *, limit: int, after: tuple[datetime, UUID] | None = None
) -> tuple[Sequence[Row[Any]], tuple[datetime, UUID] | None]:
    """
    List what left or is to leave the screens, the latest first, with who it is for; what it says stays unread.

    Parameters
    ----------
    state
        One of `STATES`.
    """
    states: dict[str, ColumnElement[bool]] = {
        "waiting": and_(Message.sent_at.is_(None), Message.dead_at.is_(None)),
        "dead": Message.dead_at.is_not(None),
        "sent": Message.sent_at.is_not(None),
    }
    page = (
        select(
            Message.id,
            Message.channel,
            Message.event,
            Message.asked_at,
            Message.due_at,
            Message.tries,
            Message.sent_at,
            Message.dead_at,
            Message.fault,
            func.coalesce(Endpoint.name, Person.name).label("name"),
            Person.names.label("names"),
        )
        .outerjoin(Endpoint, Endpoint.id == Message.endpoint_id)
        .outerjoin(Person, Person.id == Message.person_id)
        .where(states[state], Message.channel != "screen")
        .order_by(Message.asked_at.desc(), Message.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        page = page.where(tuple_(Message.asked_at, Message.id) < after)
    found = db.execute(page).all()
    return found[:limit], (found[limit - 1].asked_at, found[limit - 1].id) if len(found) > limit else None


def zone_of(db: Session) -> ZoneInfo:
    """The zone of the district, in which instants are written; UTC before there is one."""
    found = straight(db, "SELECT time_zone FROM district ORDER BY area_id LIMIT 1", {})
    return ZoneInfo(found[0].time_zone if found else "UTC")
