"""
Claim, let go, send, record: no transaction is open while a far end answers.

A worker takes a line (`outbox_lane`) by a lease, and of it what goes into one message. Who dies in between never
records: its lease runs out, and the message is sent again under the same id.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.language import N_
from gridmap.outbox.channels import FarEnd, Letter
from gridmap.outbox.faults import Fault
from gridmap.outbox.queries import zone_of
from gridmap.outbox.rules import LEASE, ROBOTS, next_try, recent, robot_turn, wait_s
from gridmap.outbox.tables import Endpoint, Message
from gridmap.outbox.wording import plain_values, worded
from gridmap.people.tables import Person
from gridmap.system.live import CHANNEL

_OPEN: Final = "sent_at IS NULL AND dead_at IS NULL"
_LONGEST_REST: Final = timedelta(seconds=60)
"""A far end that is away is tried once a minute, with one message."""

_TAKE_LANE: Final = f"""
    WITH free AS (
        SELECT l.lane FROM outbox_lane l
        WHERE l.lane <> 'screen' AND NOT l.closed
          AND (l.claimed_until IS NULL OR l.claimed_until <= %(at)s)
          AND (l.rest_until IS NULL OR l.rest_until <= %(at)s)
          AND EXISTS (SELECT FROM outbox o WHERE o.lane = l.lane AND {_OPEN} AND o.due_at <= %(at)s)
        -- Whoever was served longest ago comes first: a long line does not starve a short one.
        ORDER BY l.served_at NULLS FIRST, l.lane LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    UPDATE outbox_lane l SET claimed_until = %(until)s, served_at = %(at)s FROM free WHERE l.lane = free.lane
    RETURNING l.lane, l.posts,
        (SELECT count(*) FROM outbox o WHERE o.lane = l.lane AND {_OPEN} AND o.due_at <= %(at)s) AS waiting"""
_TAKE_MESSAGES: Final = f"""
    UPDATE outbox SET claim = %(claim)s, claimed_until = %(until)s, tries = tries + 1
    WHERE id IN (
        SELECT id FROM outbox WHERE lane = %(lane)s AND {_OPEN} AND due_at <= %(at)s
        ORDER BY due_at, id LIMIT %(n)s FOR UPDATE SKIP LOCKED
    ) RETURNING id"""


@dataclass(frozen=True)
class Claimed:
    """
    What one worker delivers now.

    Attributes
    ----------
    claim, until
        By what the worker proves afterwards that it is still its own.
    letters
        Of one line; several go into one message.
    end
        Where to, unless it is an e-mail.
    reader
        The e-mail's address.
    """

    claim: UUID
    until: datetime
    lane: str
    channel: str
    letters: tuple[Letter, ...]
    end: FarEnd | None = None
    reader: str | None = None


def claim_next(db: Session, at: datetime) -> Claimed | None:
    """Take what waits longest in the line that was served longest ago; None if nothing can go now."""
    values: dict[str, Any] = {"at": at, "until": at + LEASE, "claim": uuid4()}
    taken = straight(db, _TAKE_LANE, values)
    if not taken:
        return None
    lane, posts, waiting = taken[0]
    n = 1
    if _is_robot(db, lane):
        turn = robot_turn(waiting, posts, at)
        if turn.merged == 0:
            _let_go(db, lane, values["until"], turn.rest_until)
            return None
        n = turn.merged
    ids = [row.id for row in straight(db, _TAKE_MESSAGES, values | {"lane": lane, "n": n})]
    if not ids:
        _let_go(db, lane, values["until"], None)
        return None
    return _worded(db, lane, ids, values["claim"], values["until"])


def record_sent(db: Session, claimed: Claimed, at: datetime) -> None:
    """Note that everything claimed was delivered."""
    straight(
        db,
        "UPDATE outbox SET sent_at = %(at)s, claim = NULL, claimed_until = NULL, fault = NULL"
        f" WHERE claim = %(claim)s AND {_OPEN}",
        {"claim": claimed.claim, "at": at},
    )
    _let_go(db, claimed.lane, claimed.until, None)
    _count_post(db, claimed, at)


def record_fault(db: Session, claimed: Claimed, fault: Fault, at: datetime, chance: float | None = None) -> None:
    """Note why it failed: tried again later, or given up for good; a far end that is away rests."""
    chance = random.random() if chance is None else chance  # noqa: S311 - spreads tries, hides nothing
    failed = db.scalars(select(Message).where(Message.claim == claimed.claim, Message.sent_at.is_(None))).all()
    rest = timedelta(0)
    for message in failed:
        again = None if fault.final else next_try(message.tries, message.give_up_at, at, chance)
        message.fault, message.claim, message.claimed_until = fault.stored(), None, None
        if again is None:
            message.dead_at = at
        else:
            message.due_at = again
        rest = max(rest, timedelta(seconds=wait_s(message.tries, chance)))
    db.flush()
    _let_go(db, claimed.lane, claimed.until, at + min(rest, _LONGEST_REST) if fault.away else None)
    _count_post(db, claimed, at)


def show_due(db: Session, at: datetime) -> int:
    """Put the notices on their readers' screens whose hour has come; says how many."""
    shown = straight(
        db,
        f"""
        WITH due AS (
            UPDATE outbox SET sent_at = %(at)s WHERE lane = 'screen' AND {_OPEN} AND due_at <= %(at)s
            RETURNING person_id
        ), told AS (
            INSERT INTO live_event (kind, object_id, version, path)
            SELECT DISTINCT 'notice', person_id::text, %(ms)s, CAST('' AS ltree) FROM due RETURNING 1
        )
        SELECT (SELECT count(*) FROM due) AS n, (SELECT count(pg_notify(%(live)s, '')) FROM told)""",
        {"at": at, "ms": int(at.timestamp() * 1000), "live": CHANNEL},
    )
    return int(shown[0].n)


def give_up(db: Session, at: datetime) -> None:
    """Give up what nobody could even try in its day, such as messages to a far end that was turned off."""
    fault = Fault(N_("It could not be tried within a day: the far end was turned off, or no worker ran."))
    db.execute(
        text(
            "UPDATE outbox SET dead_at = :at, fault = coalesce(fault, CAST(:fault AS jsonb)), claim = NULL"
            f" WHERE {_OPEN} AND lane <> 'screen' AND give_up_at < :at AND coalesce(claimed_until, :at) <= :at"
        ),
        {"at": at, "fault": json.dumps(fault.stored(), ensure_ascii=False)},
    )


def _is_robot(db: Session, lane: str) -> bool:
    kind, _, end = lane.partition(":")
    return kind == "endpoint" and db.get_one(Endpoint, UUID(end)).kind in ROBOTS


def _worded(db: Session, lane: str, ids: Sequence[UUID], claim: UUID, until: datetime) -> Claimed:
    messages = db.scalars(select(Message).where(Message.id.in_(ids)).order_by(Message.due_at, Message.id)).all()
    first = messages[0]
    zone = zone_of(db)
    if first.person_id is not None:
        person = db.get_one(Person, first.person_id)
        letters = tuple(_letter(message, person.locale, zone) for message in messages)
        return Claimed(claim, until, lane, first.channel, letters, reader=person.email)
    end = db.get_one(Endpoint, first.endpoint_id)
    letters = tuple(_letter(message, end.locale, zone) for message in messages)
    return Claimed(claim, until, lane, first.channel, letters, FarEnd(end.kind, end.url, end.secret, end.locale))


def _letter(message: Message, locale: str, zone: ZoneInfo) -> Letter:
    return Letter(
        message.id,
        message.event,
        message.asked_at,
        worded(message.subject, locale, zone),
        worded(message.body, locale, zone),
        message.about,
        plain_values(message.subject, locale) | plain_values(message.body, locale),
    )


def _let_go(db: Session, lane: str, until: datetime, rest_until: datetime | None) -> None:
    """Give a line back, unless its lease ran out and somebody else has it."""
    straight(
        db,
        "UPDATE outbox_lane SET claimed_until = NULL, rest_until = %(rest)s"
        " WHERE lane = %(lane)s AND claimed_until = %(until)s",
        {"lane": lane, "until": until, "rest": rest_until},
    )


def _count_post(db: Session, claimed: Claimed, at: datetime) -> None:
    """A robot counts what it refuses, too."""
    if claimed.channel not in ROBOTS:
        return
    posts = straight(db, "SELECT posts FROM outbox_lane WHERE lane = %(lane)s FOR UPDATE", {"lane": claimed.lane})[
        0
    ].posts
    straight(
        db,
        "UPDATE outbox_lane SET posts = %(posts)s WHERE lane = %(lane)s",
        {"posts": recent(posts, at), "lane": claimed.lane},
    )
