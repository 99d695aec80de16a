"""What may be told to whom, when a failure is tried again, and how many messages a robot takes: pure thinking."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

Channel = Literal["screen", "email", "webhook", "wecom", "dingtalk"]

TO_PEOPLE: Final = frozenset({"screen", "email"})
ROBOTS: Final = frozenset({"wecom", "dingtalk"})

# What leaves these screens may name a matter, never a person: no name, telephone number or free text is among these.
OPEN_VALUES: Final = frozenset(
    {
        "number", "category", "grid", "area", "state", "severity", "stage", "level", "step", "due", "at", "left",
        "department", "tier", "n", "minutes", "hours", "days",
    }
)  # fmt: skip

GIVE_UP_AFTER: Final = timedelta(hours=24)
LEASE: Final = timedelta(seconds=60)
"""How long a delivery may take; whoever holds it longer is taken for dead, and it is sent again."""

_FIRST_WAIT_S: Final = 15.0
_LONGEST_WAIT_S: Final = 3600.0
_JITTER: Final = 0.2
ROBOT_PER_MINUTE: Final = 20
MOST_MERGED: Final = 20
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Said:
    """
    A sentence for readers of any language.

    Attributes
    ----------
    msgid
        The English sentence, marked with ``N_``.
    values
        What its ``%(name)s`` stand for: text, numbers, an instant (written in the district's zone), or a mapping of
        languages such as ``{"zh-CN": "占道经营", "en": "Street vending"}``.
    """

    msgid: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ToPerson:
    """One person."""

    person_id: int


@dataclass(frozen=True)
class ToDepartment:
    """The handler of a department; where none is named, everyone who has its role."""

    department_id: int


@dataclass(frozen=True)
class ToRole:
    """Everyone who holds a role over a place, given by its area path: its chief, its township's desk."""

    role: str
    path: str


@dataclass(frozen=True)
class ToEndpoints:
    """The far ends of a channel that an administrator set up for this event at this place."""

    path: str


@dataclass(frozen=True)
class ToEndpoint:
    """One far end, whatever it is set up for: a trial."""

    endpoint_id: UUID


ToPeople = ToPerson | ToDepartment | ToRole
Target = ToPeople | ToEndpoints | ToEndpoint


def require_open(*said: Said | str) -> None:
    """
    Refuse to let a person's data out of the house.

    Raises
    ------
    ValueError
        If a sentence carries a value that is not one of `OPEN_VALUES`, or is free text: a mistake of whoever wrote the
        call, never of a user.
    """
    for one in said:
        if isinstance(one, str):
            raise ValueError("free text may hold a person's data and stays on the screens: say a marked sentence")
        if strays := sorted(set(one.values) - OPEN_VALUES):
            raise ValueError(f"{', '.join(strays)} may not leave the screens; {one.msgid!r} goes outside")


def wait_s(tries: int, chance: float) -> float:
    """
    How long to wait before a message is tried again.

    Parameters
    ----------
    tries
        How often it failed, 1 or more.
    chance
        0..1, drawn anew each time, so that messages that failed together do not come back together.

    Returns
    -------
    wait
        Seconds: 15, 30, 60 … up to an hour, a fifth more or less.
    """
    # No power of a large number is worked out to be cut down after.
    doubled: float = min(_FIRST_WAIT_S * 2.0 ** min(tries - 1, 16), _LONGEST_WAIT_S)
    return doubled * (1 + _JITTER * (2 * chance - 1))


def next_try(tries: int, give_up_at: datetime, at: datetime, chance: float) -> datetime | None:
    """When a failed message is tried again; None if that would be past its day, and it is dead."""
    again = at + timedelta(seconds=wait_s(tries, chance))
    return again if again <= give_up_at else None


@dataclass(frozen=True)
class Turn:
    """
    What a robot takes now.

    Attributes
    ----------
    merged
        How many of the waiting messages go into its next post; 0 if it must rest.
    rest_until
        When it takes something again; None if it does now.
    """

    merged: int
    rest_until: datetime | None = None


def robot_turn(waiting: int, posts: Sequence[datetime], at: datetime) -> Turn:
    """
    Share what waits among the posts that a robot still takes this minute.

    While there is room every message is a post of its own; when more wait than it takes, several go into one.

    Parameters
    ----------
    posts
        When it was posted to, in any order.
    """
    lately = sorted(post for post in posts if post > at - _MINUTE)
    room = ROBOT_PER_MINUTE - len(lately)
    if room <= 0:
        return Turn(0, lately[-ROBOT_PER_MINUTE] + _MINUTE)
    return Turn(min(MOST_MERGED, max(1, math.ceil(waiting / room))))


def recent(posts: Sequence[datetime], at: datetime) -> list[datetime]:
    """The posts that still count, with one now."""
    return [*(post for post in posts if post > at - _MINUTE), at]
