"""What a check of a plan has to say, and how much it weighs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from gridmap.language import translate


class Level(StrEnum):
    """How much a finding weighs, the heaviest first."""

    MUST = "must"  # nothing is submitted while it stands
    LOOK = "look"  # somebody must give a reason
    OK = "ok"


@dataclass(frozen=True)
class Said:
    """A sentence with its values, to be told in the reader's language."""

    msgid: str
    values: dict[str, Any] = field(default_factory=dict)

    def told(self, locale: str) -> str:
        """The sentence in a language."""
        return translate(self.msgid, locale, **self.values)


@dataclass(frozen=True)
class Finding:
    """
    One thing that the check has to say.

    Attributes
    ----------
    key
        Names it as long as it stands: a reason is given for it.
    code
        The rule.
    grids
        Ids of the grids concerned.
    place
        Where to look, plane metres.
    reason
        What somebody gave as the reason that it may stay.
    """

    key: str
    code: str
    level: Level
    title: Said
    detail: Said
    grids: tuple[str, ...] = ()
    place: tuple[float, float] | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Check:
    """All findings, the heaviest first, and how long it took."""

    items: tuple[Finding, ...]
    took_ms: float

    def count(self, level: Level) -> int:
        """How many findings of a level there are."""
        return sum(finding.level is level for finding in self.items)

    @property
    def unexplained(self) -> tuple[Finding, ...]:
        """What somebody must look at and for which no reason was given yet."""
        return tuple(f for f in self.items if f.level is Level.LOOK and f.reason is None)
