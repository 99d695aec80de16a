"""When an order repeats another, whom a number belongs to, and when a caller is tried again: pure thinking."""

from __future__ import annotations

import hashlib
import hmac
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from gridmap.language import N_

CALL_BACK_WITHIN: Final = timedelta(hours=24)
"""From closing to the call back."""
MOST_TRIES: Final = 3
"""Who was not reached so often is not called any more; the call counts as made, not as satisfied."""
NEXT_TRY: Final = timedelta(hours=4)
REPEAT_WITHIN: Final = timedelta(days=90)
"""An order repeats one that came so long before, at most."""
CONTACT_KEPT: Final = timedelta(days=180)
"""How long names and numbers of callers outlive the closing."""
SIGMA_M: Final = 30.0
"""Standard error of a place that somebody told by telephone, where nothing better is known."""
EXTENT_M: Final = 15.0
"""Standard error of where one puts a thing that is metres wide; as for similar incidents."""
_FARTHEST_D2: Final = 9.21
_DEGREE_M: Final = 111_320.0
_DIGITS: Final = re.compile(r"\d")
_NOT_WORDS: Final = re.compile(r"[\W_]+")
_LEAST_DIGITS: Final = 5


class Satisfied(StrEnum):
    """What a caller says of the result."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Outcome(StrEnum):
    """What came of a call back."""

    REACHED = "reached"
    NOT_REACHED = "not-reached"
    REFUSED = "refused"


class Lies(StrEnum):
    """Where an order lies for a desk that takes those of some areas."""

    WITHIN = "within"
    ELSEWHERE = "elsewhere"
    NOWHERE = "nowhere"


OUTCOME_WORDS: Final[Mapping[str, str]] = {
    "yes": N_("Called back: satisfied"),
    "partly": N_("Called back: partly satisfied"),
    "no": N_("Called back: not satisfied"),
}


@dataclass(frozen=True)
class Caller:
    """Who called, as far as they said."""

    name: str | None = None
    phone: str | None = None
    address: str | None = None

    @property
    def is_real(self) -> bool:
        """Whether there is a number to call back at."""
        return len(digits_of(self.phone)) >= _LEAST_DIGITS

    @property
    def is_blank(self) -> bool:
        """Whether nothing is known."""
        return not (self.name or self.phone or self.address)


@dataclass(frozen=True)
class OrderDraft:
    """
    An order as it was sent.

    Attributes
    ----------
    id
        Made by the sender: the same id is stored once.
    channel, number
        Whose order it is and its number there; without a number it gets the incident's.
    place
        ``lon, lat, accuracy_m, datum, method`` as they came; None where nobody said a place on the map.
    received_at
        When the hotline took it, by its own clock; None is now.
    """

    id: UUID
    channel: str
    number: str | None
    text: str
    category: str | None = None
    caller: Caller = field(default_factory=Caller)
    place: Mapping[str, Any] | None = None
    received_at: datetime | None = None
    occurred_at: datetime | None = None

    def content(self) -> dict[str, Any]:
        """What was sent, but for its id and for who called."""
        return {
            "channel": self.channel,
            "number": self.number,
            "text": self.text,
            "category": self.category,
            "place": None if self.place is None else dict(self.place),
            "received_at": None if self.received_at is None else self.received_at.isoformat(),
            "occurred_at": None if self.occurred_at is None else self.occurred_at.isoformat(),
        }


@dataclass(frozen=True)
class Matter:
    """
    What an order is about, to be compared.

    Attributes
    ----------
    classes
        Codes of its class, major first; empty where it has none yet.
    place
        Longitude and latitude, degrees, WGS 84.
    sigma_m
        Standard error of the place per axis, metres.
    """

    classes: tuple[str, ...]
    place: tuple[float, float] | None
    sigma_m: float | None
    address: str | None


def is_repeat(one: Matter, other: Matter) -> bool:
    """Whether two orders of one caller are about the same: topic and place agree, with the doubt of both places."""
    return _same_topic(one, other) and _same_place(one, other)


def _same_topic(one: Matter, other: Matter) -> bool:
    """Of the same major class; what has no class yet may be of any."""
    return not one.classes or not other.classes or one.classes[0] == other.classes[0]


def _same_place(one: Matter, other: Matter) -> bool:
    if one.place is None or other.place is None:
        first, second = (_NOT_WORDS.sub("", each.address or "").casefold() for each in (one, other))
        return bool(first) and first == second
    (lon, lat), (lon_2, lat_2) = one.place, other.place
    east = (lon_2 - lon) * _DEGREE_M * math.cos(math.radians(lat))
    north = (lat_2 - lat) * _DEGREE_M
    variance = (one.sigma_m or SIGMA_M) ** 2 + (other.sigma_m or SIGMA_M) ** 2 + 2 * EXTENT_M**2
    return (east**2 + north**2) / variance <= _FARTHEST_D2


def digits_of(phone: str | None) -> str:
    """The digits of a telephone number without the code of the country: however it is written, it is one number."""
    digits = "".join(_DIGITS.findall(phone or ""))
    bare = digits.removeprefix("00") if digits.startswith("0086") else digits
    return bare[2:] if bare.startswith("86") and len(bare) > 11 else bare


def caller_key(key: bytes, caller: Caller) -> bytes | None:
    """The keyed hash that stands for a number when the number itself is gone; None where there is none to call."""
    return hmac.digest(key, digits_of(caller.phone).encode(), hashlib.sha256) if caller.is_real else None


def masked(caller: Caller, community: str | None) -> dict[str, str | None]:
    """
    What of a caller may be seen without a purpose: 王*, 138****5678, and the community.

    Parameters
    ----------
    community
        Name of the area in which the matter lies, shown instead of an address; None shows none.
    """
    digits = digits_of(caller.phone)
    tail = 4 if len(digits) > 7 else 2
    head = max(0, min(3, len(digits) - tail - 3))
    hidden = digits[:head] + "*" * max(3, len(digits) - head - tail) + digits[-tail:] if digits else None
    return {
        "name": caller.name[0] + "*" if caller.name else None,
        "phone": hidden,
        "address": community if caller.address else None,
    }
