"""What a stranger may send, what is asked of them first, and in which words they are answered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gridmap.errors import Invalid
from gridmap.incidents.rules import Stage
from gridmap.language import N_

MOST_TEXT: Final = 200
MOST_WHERE: Final = 100
MOST_NAME: Final = 40
MOST_WORDS: Final = 200
MOST_PHOTOS: Final = 3
MOST_FORM_BYTES: Final = 32 << 20
"""Of a form with its photos; a phone with a script sends a tenth of it."""

PATIENCE: Final = timedelta(seconds=3)
"""How long a form lies before a person at a kiosk with one tap has sent it; scripts are faster."""
RATE_WITHIN: Final = timedelta(days=30)
"""How long after the end of a matter it may be rated, and asked to be taken up again."""
NEAR_M: Final = 500.0
"""How far around a door others' matters and safe zones are shown, metres."""
COARSE_M: Final = 200
"""To what the distance of others' matters is rounded, metres."""

_PHONE: Final = re.compile(r"\+?[0-9][0-9 ()-]{5,18}[0-9]")
_TAIL: Final = re.compile(r"[0-9]{4}")


ICONS: Final[Mapping[str, str]] = {
    "lamp": N_("Lamp"),
    "manhole": N_("Manhole cover"),
    "sound": N_("Loudspeaker"),
    "bin": N_("Bin"),
    "flame": N_("Flame"),
    "drop": N_("Drop"),
    "tree": N_("Tree"),
    "car": N_("Car"),
    "house": N_("House"),
    "dots": N_("Three dots"),
}
"""The pictures that stand beside what residents choose."""


@dataclass(frozen=True)
class Chip:
    """
    One kind of matter as a resident chooses it, by picture and word.

    Attributes
    ----------
    name
        Its code.
    icon
        Of `ICONS`.
    label, labels
        In the language of the installation, and in others by language tag.
    category
        Code of the class it becomes; without one the desk finds the class.
    called
        How that class must be called for the code to mean it; None is whatever it is called.
    """

    name: str
    icon: str
    label: str
    labels: Mapping[str, str] = field(default_factory=dict)
    category: str | None = None
    called: str | None = None


STAGE_WORDS: Final[Mapping[Stage, str]] = {
    Stage.COLLECT: N_("We have it; somebody looks at it first."),
    Stage.FILE: N_("It was found to be so; the desk opens a case."),
    Stage.DISPATCH: N_("A case is open; it is being handed to those who can do it."),
    Stage.HANDLE: N_("Somebody is at it."),
    Stage.FEED_BACK: N_("The work is reported as done; you are told the result."),
    Stage.CHECK: N_("Somebody else checks that it was done."),
    Stage.RATE: N_("It is over. Say whether it is well."),
}
"""The seven stages as a resident reads them."""

HIDDEN_WHY: Final[Mapping[str, str]] = {
    "obscene": N_("Obscene or insulting"),
    "flood": N_("Sent over and over"),
    "personal": N_("Shows or names a person"),
    "false": N_("Not true"),
    "other": N_("Another reason"),
}
"""Why something is not shown to others."""


@dataclass(frozen=True)
class Limit:
    """So many in so long, of one kind."""

    most: int
    within: timedelta


# A service hall's kiosk stands behind one door's code and one address: it takes somebody every 20 seconds. The whole
# building behind that address may send as much again from its own phones.
SENDING: Final[Mapping[str, tuple[Limit, ...]]] = {
    "door": (Limit(30, timedelta(minutes=10)), Limit(300, timedelta(days=1))),
    "address": (Limit(60, timedelta(minutes=10)), Limit(600, timedelta(days=1))),
    "all": (Limit(600, timedelta(minutes=10)), Limit(20_000, timedelta(days=1))),
}
# Four digits of a phone are guessed in 10,000 tries: at ten a day for one number that takes years.
FINDING: Final[Mapping[str, tuple[Limit, ...]]] = {
    "number": (Limit(5, timedelta(minutes=10)), Limit(10, timedelta(days=1))),
    "address": (Limit(30, timedelta(minutes=10)), Limit(300, timedelta(days=1))),
    "all": (Limit(600, timedelta(minutes=10)),),
}
LONGEST: Final = timedelta(days=1)
"""No limit looks back further."""


@dataclass(frozen=True)
class Message:
    """
    A form as a resident filled it in.

    Attributes
    ----------
    id
        Made with the form: the same form is stored once, however often it is sent.
    where
        In words, when it is not at the door of the code.
    lon, lat, accuracy_m
        Where the phone says it is, when it is not at the door and was asked; WGS 84 degrees, metres.
    """

    id: UUID
    chip: Chip
    text: str
    name: str | None
    phone: str | None
    elsewhere: bool
    where: str
    lon: float | None
    lat: float | None
    accuracy_m: float | None

    @property
    def said(self) -> str:
        """Text and place in words, as the desk reads them."""
        return "\n".join(part for part in (self.text, self.where if self.elsewhere else "") if part)


def require_chip(name: str | None, offered: Sequence[Chip]) -> Chip:
    """
    Find the kind of matter that was chosen.

    Raises
    ------
    Invalid
        If none of those offered was.
    """
    chip = next((each for each in offered if each.name == name), None)
    if chip is None:
        raise Invalid(N_("Choose what it is about."), where="chip")
    return chip


def require_said(message: Message, photos: int) -> None:
    """
    Refuse a form that says nothing: what kind it is, is not yet a matter.

    Raises
    ------
    Invalid
        With the field to fill in.
    """
    if not message.text and photos == 0:
        raise Invalid(N_("Say in a few words what is wrong, or add a photo."), where="text")
    if message.elsewhere and not message.where and message.lon is None:
        raise Invalid(N_("Say where it is, since it is not here."), where="where")


def read_phone(told: str) -> str | None:
    """
    Read a telephone number as people write it; None if there is none.

    Raises
    ------
    Invalid
        If it cannot be one.
    """
    told = told.strip()
    if not told:
        return None
    if not _PHONE.fullmatch(told):
        raise Invalid(N_("This is no telephone number: digits, at least seven. Or leave it empty."), where="phone")
    return re.sub(r"[^0-9+]", "", told)


def require_tail(tail: str) -> str:
    """
    Read the last four digits of a telephone number.

    Raises
    ------
    Invalid
        If they are no four digits.
    """
    if not _TAIL.fullmatch(tail.strip()):
        raise Invalid(N_("Enter the last four digits of the telephone number."), where="tail")
    return tail.strip()


def was_patient(opened_at: datetime, now: datetime) -> bool:
    """Whether a form lay open as long as a person needs; a form opened long ago is as good as any."""
    return now - opened_at >= PATIENCE


def coarse(distance_m: float) -> int:
    """A distance that gives no door away: rounded up to `COARSE_M`."""
    return max(1, -(-int(distance_m) // COARSE_M)) * COARSE_M
