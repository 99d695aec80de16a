"""Who looked at a person's data: each look leaves a row in the audit, and its subject may read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.language import N_
from gridmap.people.rules import Actor

AGAIN: Final = timedelta(hours=1)
"""Whoever looks at the same thing of the same person within this time has looked once."""

NUMBER_SEEN: Final = "person.read"
NUMBER_LISTED: Final = "account.list"
ACCOUNT_SEEN: Final = "account.see"

_WHAT: Final = {
    NUMBER_SEEN: N_("My telephone number, beside my grid"),
    NUMBER_LISTED: N_("My telephone number, in the list of accounts"),
    ACCOUNT_SEEN: N_("My account with its number and roles"),
}


@dataclass(frozen=True)
class Look:
    """
    One look at somebody's data.

    Attributes
    ----------
    key
        Time, chain and row of the audit: what a next page begins after.
    actor_id, login, name, names
        Who looked; None where it was a process of our own.
    object
        What was opened, such as ``grid:990106001001001``.
    """

    key: tuple[datetime, int, int]
    at: datetime
    actor_id: int | None
    login: str | None
    name: str | None
    names: dict[str, str] | None
    role: str
    action: str
    object: str | None
    purpose: str | None

    @property
    def what(self) -> str:
        """What was looked at; a sentence to translate, or the bare name of an action that has none."""
        return _WHAT.get(self.action, self.action)


def record_looks(
    db: Session,
    actor: Actor,
    action: str,
    people: Iterable[int],
    at: datetime,
    *,
    object_id: str,
    purpose: str | None = None,
) -> None:
    """
    Leave an audit row for each person whose data an answer shows to somebody else.

    Parameters
    ----------
    action
        One of the names above.
    people
        Whose data; one's own are one's own, and leave nothing.
    at
        Our clock.
    object_id
        What was opened, such as ``grid:990106001001001``.
    purpose
        Why, where it has to be said.
    """
    others = sorted(set(people) - {actor.id})
    if not others:
        return
    straight(
        db,
        "SELECT audit_append(%(me)s, %(role)s, %(address)s, %(action)s, %(object)s, person, NULL, %(purpose)s, 'done',"
        " NULL, %(request)s) FROM unnest(CAST(%(people)s AS bigint[])) AS person WHERE NOT EXISTS ("
        " SELECT FROM audit a WHERE a.subject_id = person AND a.at > %(since)s AND a.action = %(action)s"
        " AND a.actor_id IS NOT DISTINCT FROM %(me)s AND a.object = %(object)s"
        " AND a.purpose IS NOT DISTINCT FROM %(purpose)s)",
        {
            "me": actor.doer.actor_id,
            "role": actor.doer.role,
            "address": actor.doer.address,
            "action": action,
            "object": object_id,
            "people": others,
            "purpose": purpose,
            "request": actor.doer.request_id,
            "since": at - AGAIN,
        },
    )


def looks_at(
    db: Session, person_id: int, *, limit: int, after: tuple[datetime, int, int] | None = None
) -> tuple[list[Look], tuple[datetime, int, int] | None]:
    """
    One page of the looks at a person's data, the latest first, and the key that the next page begins after.

    Parameters
    ----------
    after
        The key of the last look that was read; None begins with the latest.
    """
    before = "" if after is None else " AND (a.at, a.chain, a.seq) < (:at, :chain, :seq)"
    at, chain, seq = after or (None, None, None)
    rows = db.execute(
        text(
            "SELECT a.at, a.chain, a.seq, a.actor_id, p.login, p.name, p.names, a.role, a.action, a.object, a.purpose"
            " FROM audit a LEFT JOIN person p ON p.id = a.actor_id WHERE a.subject_id = :me AND a.result = 'done'"
            f" AND a.actor_id IS DISTINCT FROM :me{before} ORDER BY a.at DESC, a.chain DESC, a.seq DESC LIMIT :limit"
        ),
        {"me": person_id, "limit": limit + 1, **({} if after is None else {"at": at, "chain": chain, "seq": seq})},
    ).all()
    looks = [_look(row) for row in rows[:limit]]
    return looks, looks[-1].key if len(rows) > limit else None


def _look(row: Any) -> Look:
    return Look(
        (row.at, row.chain, row.seq),
        row.at,
        row.actor_id,
        row.login,
        row.name,
        row.names,
        row.role,
        row.action,
        row.object,
        row.purpose,
    )
