"""What the logs say of incidents, as far as rates count it: acts, and stages that had a time limit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

DONE_BY: Final[Mapping[str, frozenset[str]]] = {
    "contact": frozenset({"contact", "feedback"}),
    "verify": frozenset({"verify"}),
    "file": frozenset({"file", "fix"}),
    "dispatch": frozenset({"dispatch", "accept", "fix"}),
    "accept": frozenset({"accept", "fix"}),
    "handle": frozenset({"handle", "fix"}),
    "check": frozenset({"check", "rework"}),
    "close": frozenset({"close", "fix"}),
}
"""The steps that a stage is there for; by any other it was left, and owes nothing any more."""


@dataclass(frozen=True)
class Period:
    """From an instant up to another, which is not in it any more."""

    start: datetime
    end: datetime

    def holds(self, at: datetime | None) -> bool:
        """Whether an instant lies in it."""
        return at is not None and self.start <= at < self.end


@dataclass(frozen=True)
class Timed:
    """
    A stage of an incident that had a time limit.

    Attributes
    ----------
    done
        Whether it ended by what it is for (`DONE_BY`).
    extended
        Whether more time was granted for it.
    """

    incident_id: UUID
    stage: str
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    done: bool
    extended: bool

    def owed_in(self, period: Period) -> bool:
        """Whether it fell due in a period: what was left before its time was over owed nothing."""
        if self.due_at is None or not period.holds(self.due_at):
            return False
        return self.done or self.stopped_at is None or self.stopped_at >= self.due_at

    def done_by(self, at: datetime) -> bool:
        """Whether it was done before an instant."""
        return self.done and self.stopped_at is not None and self.stopped_at < at

    @property
    def in_time(self) -> bool:
        """Whether it was done no later than its deadline."""
        if self.stopped_at is None or self.due_at is None:
            return False
        return self.done and self.stopped_at <= self.due_at


@dataclass(frozen=True)
class Act:
    """
    A step that was taken.

    Attributes
    ----------
    before_filing
        Whether the incident had not been filed when it was taken.
    source
        Of a report: by what way it came.
    satisfied
        What the reporter said of the result; None if nobody asked.
    """

    incident_id: UUID
    seq: int
    step: str
    at: datetime
    before_filing: bool = False
    source: str | None = None
    satisfied: bool | None = None


@dataclass(frozen=True)
class Facts:
    """What the logs say of a set of incidents: their acts by incident and step number, and the stages with a limit."""

    acts: Sequence[Act]
    timed: Sequence[Timed]

    def of(self, ids: Collection[UUID]) -> Facts:
        """The same of some incidents alone."""
        return Facts(
            [act for act in self.acts if act.incident_id in ids],
            [each for each in self.timed if each.incident_id in ids],
        )
