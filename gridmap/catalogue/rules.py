"""What the rows of the catalogue mean: classes, duties, proof, checklists, reasons; pure, for any day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from gridmap.catalogue.clocks import DayRange
from gridmap.language import DEFAULT_LOCALE, N_

Names = Mapping[str, str]
"""A name by language tag."""


class DutyList(StrEnum):
    """The three lists of a township: what is its own, where it lends a hand, what was taken back from it."""

    BASIC = "basic"
    ASSISTING = "assisting"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The word for people, translatable."""
        return _DUTY_LISTS[self]


_DUTY_LISTS: Final[Mapping[DutyList, str]] = {
    DutyList.BASIC: N_("Basic duty"),
    DutyList.ASSISTING: N_("Assisting duty"),
    DutyList.WITHDRAWN: N_("Withdrawn duty"),
}


class Photos(StrEnum):
    """What a step asks to see."""

    NONE = "none"
    PHOTO = "photo"
    BEFORE_AFTER = "before-after"

    @property
    def label(self) -> str:
        """The word for people, translatable."""
        return {Photos.NONE: N_("No photo"), Photos.PHOTO: N_("A photo"),
                Photos.BEFORE_AFTER: N_("Photos of before and after")}[self]  # fmt: skip


REASON_LISTS: Final[Mapping[str, str]] = {
    "return": N_("Returning"),
    "reject": N_("Rejecting"),
    "suspend": N_("Suspending"),
    "extend": N_("Asking for more time"),
    "rework": N_("Sending back for rework"),
    "reopen": N_("Reopening"),
    "refuse": N_("Refusing what was asked"),
    "escalate": N_("Passing to a higher level"),
    "refuse_whistle": N_("Refusing a whistle"),
    "skip": N_("Skipping a visit"),
}
"""Every list of reasons that something asks for, with what it is for."""

NEED_STEPS: Final[Mapping[str, str]] = {
    "verify": N_("Verification"),
    "handle": N_("Handling"),
    "fix": N_("Fixing on the spot"),
    "check": N_("Check"),
    "close": N_("Closing"),
}
"""The steps that may ask for photos."""

BY_CLASS: Final = frozenset(("handle", "fix"))
"""The steps for which a class itself says what is asked, where no row does."""


@dataclass(frozen=True)
class ClassOfMatter:
    """
    A class; see `gridmap.catalogue.tables.Category`.

    Attributes
    ----------
    offered
        Whether whoever reports is offered it.
    valid
        The local days on which it may be chosen.
    """

    code: str
    parent: str | None
    name: str
    names: Names
    severity: int
    evidence: Photos
    offered: bool
    valid: DayRange


@dataclass(frozen=True)
class Office:
    """A department as explanations name it."""

    id: int
    code: str
    name: str
    names: Names


@dataclass(frozen=True)
class DutyRow:
    """Who answers for a class in an area; the area by its id, which is also its label in a path."""

    id: int
    category: str
    area_id: int
    list: DutyList
    owner_id: int
    assisting: tuple[int, ...]
    valid: DayRange


@dataclass(frozen=True)
class Choice:
    """A reason, or a wording's title, to choose."""

    code: str
    name: str
    names: Names


@dataclass(frozen=True)
class Wording(Choice):
    """Words to begin a note or an answer with."""

    body: str
    bodies: Names


@dataclass(frozen=True)
class Item:
    """A question of a checklist; `answer` is ``yes-no``, ``number`` or ``text``."""

    code: str
    n: int
    name: str
    names: Names
    answer: str
    needed: bool


@dataclass(frozen=True)
class Checklist:
    """Questions to answer on the spot, in their order."""

    code: str
    name: str
    names: Names
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Route:
    """
    Who answers for a matter at a place, and why.

    Attributes
    ----------
    duty_id
        The row that says so; None if none does.
    list
        On which list it stands; None if on none.
    owner_department_id, assisting
        Who answers, and who lends a hand.
    area_id
        The area of the row: the place's own township, or one above or below it.
    why
        Reasons as JSON, each with ``msgid`` and ``values``; `gridmap.catalogue.explaining.sentences` words them.
    """

    duty_id: int | None = None
    list: DutyList | None = None
    owner_department_id: int | None = None
    assisting: tuple[int, ...] = ()
    area_id: int | None = None
    why: tuple[dict[str, Any], ...] = ()


def in_languages(name: str, names: Names) -> dict[str, str]:
    """A name as a value of an explanation: a word for each language, the one as typed where nobody wrote another."""
    return {DEFAULT_LOCALE: name, "en": name, **names}
