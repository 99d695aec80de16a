"""Writing messages in the transaction of what they tell of; an administrator tries again what failed, or drops it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.errors import Word
from gridmap.database import straight
from gridmap.errors import Conflict, NotFound
from gridmap.language import LOCALES, N_, translate
from gridmap.outbox.rules import (
    GIVE_UP_AFTER,
    TO_PEOPLE,
    Channel,
    Said,
    Target,
    ToDepartment,
    ToEndpoint,
    ToEndpoints,
    ToPerson,
    ToRole,
    require_open,
)
from gridmap.system import audit
from gridmap.system.audit import Doer
from gridmap.system.live import CHANNEL

_IN_USE: Final = "(p.ended_at IS NULL OR p.ended_at > %(now)s)"
# Who is meant, as `person_id`.
_PEOPLE: Final[Mapping[type, str]] = {
    ToPerson: f"SELECT p.id, p.email FROM person p WHERE p.id = %(person_id)s AND {_IN_USE}",
    ToDepartment: f"""
        SELECT p.id, p.email FROM department d JOIN person p ON p.id = d.handler_id
        WHERE d.id = %(department_id)s AND {_IN_USE}
        UNION
        SELECT p.id, p.email FROM department d JOIN assignment a ON a.department_id = d.id AND a.role = 'department'
            AND a.valid @> CAST(%(now)s AS timestamptz)
        JOIN person p ON p.id = a.person_id
        WHERE d.id = %(department_id)s AND d.handler_id IS NULL AND {_IN_USE}""",
    ToRole: f"""
        SELECT DISTINCT p.id, p.email FROM assignment a JOIN person p ON p.id = a.person_id
        WHERE a.role = %(role)s AND a.valid @> CAST(%(now)s AS timestamptz)
          AND a.path @> CAST(%(path)s AS ltree) AND {_IN_USE}""",
}
_ENDPOINTS: Final[Mapping[type, str]] = {
    ToEndpoint: "SELECT e.id FROM outbox_endpoint e WHERE e.id = %(endpoint_id)s AND e.ended_at IS NULL",
    ToEndpoints: """
        SELECT e.id FROM outbox_endpoint e
        WHERE e.kind = %(channel)s AND e.enabled AND e.ended_at IS NULL AND e.path @> CAST(%(path)s AS ltree)
          AND (e.events = '{}' OR %(event)s = ANY (e.events))""",
}
_COLUMNS: Final = (
    "id, channel, target, lane, person_id, endpoint_id, event, subject, body, about, dedupe, asked_at, due_at,"
    " give_up_at, sent_at"
)
_VALUES: Final = (
    "%(event)s, CAST(%(subject)s AS jsonb), CAST(%(body)s AS jsonb), %(about)s, %(dedupe)s, %(now)s, %(due)s,"
    " %(give_up)s"
)
_ONCE: Final = "ON CONFLICT ON CONSTRAINT outbox_dedupe_key DO NOTHING"


def send(
    db: Session,
    channel: Channel,
    target: Target,
    subject: Said | str,
    body: Said | str,
    *,
    event: str = "note",
    about: str | None = None,
    due_at: datetime | None = None,
    dedupe: str | None = None,
    now: datetime | None = None,
) -> int:
    """
    Write a message to everyone who is meant, in the caller's transaction: one statement.

    A notice on a screen is there when the transaction commits; the worker delivers the rest. Nobody meant, no address
    or no far end set up is no error.

    Parameters
    ----------
    channel
        ``screen`` and ``email`` take people, the others far ends.
    subject, body
        Marked sentences with their values, put into each reader's language; text as it is only on screens. Outside of
        the screens only values of `gridmap.outbox.rules.OPEN_VALUES` may be said.
    event
        Its kind, such as ``dispatched``: far ends are set up for some kinds.
    about
        What it leads to, such as ``incident:0198…``.
    due_at
        Not before then; at once if left out.
    dedupe
        A second message with the same word to the same reader over the same channel is not written.
    now
        The clock, with zone; the machine's if left out.

    Returns
    -------
    written
        How many messages.

    Raises
    ------
    ValueError
        If the channel does not take such a target, or a value may not leave the screens; see `require_open`.
    """
    if channel != "screen":
        require_open(subject, body)
    now = now or datetime.now(UTC)
    due = max(due_at or now, now)
    values = asdict(target) | {
        "channel": channel,
        "event": event,
        "subject": json.dumps(_stored(subject), ensure_ascii=False),
        "body": json.dumps(_stored(body), ensure_ascii=False),
        "about": about,
        "dedupe": dedupe,
        "now": now,
        "due": due,
        "give_up": due + GIVE_UP_AFTER,
    }
    if channel in TO_PEOPLE and type(target) in _PEOPLE:
        statement = _on_screens(type(target)) if channel == "screen" else _by_mail(type(target))
    elif channel not in TO_PEOPLE and type(target) in _ENDPOINTS:
        statement = _outside(type(target))
    else:
        raise ValueError(f"{channel} does not reach a {type(target).__name__}")
    return int(straight(db, statement, values | {"live": CHANNEL, "ms": int(now.timestamp() * 1000)})[0].n)


def _on_screens(target: type) -> str:
    # The event names its reader and lies in no area: nobody else hears of it.
    return f"""
        WITH meant AS ({_PEOPLE[target]}), put AS (
            INSERT INTO outbox ({_COLUMNS})
            SELECT gen_random_uuid(), 'screen', 'person:' || id, 'screen', id, NULL, {_VALUES},
                CASE WHEN %(due)s <= %(now)s THEN CAST(%(now)s AS timestamptz) END
            FROM meant {_ONCE} RETURNING person_id, sent_at
        ), told AS (
            INSERT INTO live_event (kind, object_id, version, path)
            SELECT 'notice', person_id::text, %(ms)s, '' FROM put WHERE sent_at IS NOT NULL RETURNING 1
        )
        SELECT (SELECT count(*) FROM put) AS n, (SELECT count(pg_notify(%(live)s, '')) FROM told)"""


def _by_mail(target: type) -> str:
    return f"""
        WITH meant AS ({_PEOPLE[target]}), put AS (
            INSERT INTO outbox ({_COLUMNS})
            SELECT gen_random_uuid(), 'email', 'person:' || id, 'email', id, NULL, {_VALUES}, NULL
            FROM meant WHERE email IS NOT NULL AND NOT (SELECT closed FROM outbox_lane WHERE lane = 'email')
            {_ONCE} RETURNING 1
        )
        SELECT count(*) AS n FROM put"""


def _outside(target: type) -> str:
    return f"""
        WITH meant AS ({_ENDPOINTS[target]}), put AS (
            INSERT INTO outbox ({_COLUMNS})
            SELECT gen_random_uuid(), %(channel)s, 'endpoint:' || id, 'endpoint:' || id, NULL, id, {_VALUES}, NULL
            FROM meant {_ONCE} RETURNING 1
        )
        SELECT count(*) AS n FROM put"""


def _stored(said: Said | str) -> dict[str, Any]:
    if isinstance(said, str):
        return {"text": said}
    # A value that the sentence lacks is found here, where the call is written, not when it is read.
    said.msgid % dict(said.values)
    return {"msgid": said.msgid, "values": {name: _stored_value(value) for name, value in said.values.items()}}


def _stored_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    return {locale: translate(value, locale) for locale in LOCALES} if isinstance(value, Word) else value


def mark_read(db: Session, doer: Doer, person_id: int, ids: Sequence[UUID] | None, at: datetime) -> int:
    """
    Mark a person's own notices as read.

    Parameters
    ----------
    ids
        Which; None is all that are on the screen by now. Those of other people are not touched.

    Returns
    -------
    unread
        How many are still new.
    """
    which = "" if ids is None else " AND id = ANY(CAST(:ids AS uuid[]))"
    marked = db.execute(
        text(
            "UPDATE outbox SET read_at = :at WHERE channel = 'screen' AND person_id = :me AND sent_at <= :at"
            f" AND read_at IS NULL{which} RETURNING id"
        ),
        {"at": at, "me": person_id} | ({} if ids is None else {"ids": list(ids)}),
    ).all()
    if marked:
        audit.record(db, doer, "notice.read", object_id=f"person:{person_id}", changed={"read": len(marked)})
    return unread(db, person_id)


def unread(db: Session, person_id: int) -> int:
    """How many notices of a person are new."""
    found = straight(
        db,
        "SELECT count(*) AS n FROM outbox WHERE channel = 'screen' AND person_id = %(me)s AND sent_at IS NOT NULL"
        " AND read_at IS NULL",
        {"me": person_id},
    )
    return int(found[0].n)


def retry(db: Session, doer: Doer, message_id: UUID, at: datetime) -> None:
    """
    Send a dead message again, for another day.

    Raises
    ------
    NotFound, Conflict
        If there is no such message, it is not dead, or its far end was taken away.
    """
    gone = text(
        "SELECT EXISTS (SELECT FROM outbox o JOIN outbox_endpoint e ON e.id = o.endpoint_id"
        " WHERE o.id = :id AND e.ended_at IS NOT NULL)"
    )
    if db.scalar(gone, {"id": message_id}):
        raise Conflict(N_("The far end was taken away, so this message goes nowhere. Drop it."))
    changed = db.execute(
        text(
            "UPDATE outbox SET dead_at = NULL, tries = 0, due_at = :at, give_up_at = :until"
            " WHERE id = :id AND dead_at IS NOT NULL RETURNING id"
        ),
        {"id": message_id, "at": at, "until": at + GIVE_UP_AFTER},
    ).all()
    if not changed:
        _refuse(db, message_id, N_("This message waits or was sent already, so there is nothing to try again."))
    audit.record(db, doer, "outbox.retry", object_id=f"message:{message_id}")


def drop(db: Session, doer: Doer, message_id: UUID, at: datetime) -> None:
    """
    Take a dead message away for good.

    Raises
    ------
    NotFound, Conflict
        If there is no such message, or it is not dead.
    """
    taken = db.execute(
        text("DELETE FROM outbox WHERE id = :id AND dead_at IS NOT NULL RETURNING channel, event, target"),
        {"id": message_id},
    ).all()
    if not taken:
        _refuse(db, message_id, N_("Only a message that was given up can be dropped."))
    audit.record(db, doer, "outbox.drop", object_id=f"message:{message_id}", changed=dict(taken[0]._mapping))


def _refuse(db: Session, message_id: UUID, sentence: str) -> None:
    if not db.scalar(text("SELECT EXISTS (SELECT FROM outbox WHERE id = :id)"), {"id": message_id}):
        raise NotFound(N_("There is no such message."))
    raise Conflict(sentence)
