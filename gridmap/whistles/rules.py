"""Where a called department stands, what may be done next, and onto which tier of the ladder a matter comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from gridmap.catalogue.clocks import DayRange
from gridmap.language import N_

MOST_CALLED: Final = 8
"""Departments that one whistle calls at most."""
REFUSALS_UNTIL_CONTESTED: Final = 2
SILENT_TIERS: Final = 3
FARTHEST_ARRIVAL_M: Final = 1000.0
"""Who stands farther from the place, beside the error of the position, is not there."""
WORST_POSITION_M: Final = 5000.0
"""A position with a larger error says nothing, and excuses no more than this."""
BY_HAND: Final = "by-hand"


class Outcome(StrEnum):
    """What came of it when a department was there."""

    SETTLED = "settled"
    PARTLY = "partly"
    HANDED_ON = "handed-on"
    NOT_FOUND = "not-found"

    @property
    def label(self) -> str:
        """The word for people, translatable."""
        return _OUTCOMES[self]


_OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.SETTLED: N_("Settled on the spot"),
    Outcome.PARTLY: N_("Settled in part"),
    Outcome.HANDED_ON: N_("Handed on"),
    Outcome.NOT_FOUND: N_("Nothing found"),
}


class Standing(StrEnum):
    """Where a called department stands."""

    CALLED = "called"
    ACKNOWLEDGED = "acknowledged"
    ARRIVED = "arrived"
    DONE = "done"
    RATED = "rated"
    REFUSED = "refused"

    @property
    def label(self) -> str:
        """The word for people, translatable."""
        return _STANDINGS[self]


_STANDINGS: Final[Mapping[Standing, str]] = {
    Standing.CALLED: N_("Called"),
    Standing.ACKNOWLEDGED: N_("Acknowledged"),
    Standing.ARRIVED: N_("There"),
    Standing.DONE: N_("Outcome told"),
    Standing.RATED: N_("Rated"),
    Standing.REFUSED: N_("Refused to come"),
}


@dataclass(frozen=True)
class Action:
    """
    What can be done with a call, or with a notice.

    Attributes
    ----------
    name
        As in the address: ``acknowledge``.
    needs
        What must come with it: fields of its body.
    from_standing
        Where the call must stand.
    """

    name: str
    label: str
    needs: tuple[str, ...]
    from_standing: tuple[Standing, ...] = ()


ACKNOWLEDGE: Final = Action("acknowledge", N_("Acknowledge"), (), (Standing.CALLED,))
ARRIVE: Final = Action("arrive", N_("We are there"), ("place",), (Standing.CALLED, Standing.ACKNOWLEDGED))
OUTCOME: Final = Action("outcome", N_("Tell the outcome"), ("outcome", "note"), (Standing.ARRIVED,))
REFUSE: Final = Action("refuse", N_("Refuse"), ("reason",), (Standing.CALLED, Standing.ACKNOWLEDGED))
RATE: Final = Action("rate", N_("Rate"), ("rating",), (Standing.DONE,))
ANSWERS: Final = (ACKNOWLEDGE, ARRIVE, OUTCOME, REFUSE)
"""What the called department does; `RATE` is for the grid that called."""
NOTICE_ANSWER: Final = Action("answer", N_("Answer the notice"), ("note",))
NOTICE_CLOSE: Final = Action("close", N_("Close the notice"), ("note",))
"""What is done with a supervision notice."""

CAUSES: Final[Mapping[str, str]] = {
    "overdue": N_("past its deadline"),
    "repeats": N_("told of again by the same person"),
    "silent": N_("a whistle without an answer"),
    "unanswered": N_("supervision notices without an answer"),
    BY_HAND: N_("opened by a supervisor"),
}
TIERS: Final[Mapping[int, str]] = {
    1: N_("Follow-up"),
    2: N_("Escalated supervision"),
    3: N_("Executive meeting"),
}

# Why a notice was opened, by cause; explained to whoever reads it.
_WHY: Final[Mapping[str, str]] = {
    "overdue": N_("The deadline was %(due_at)s, and the matter is still open."),
    "repeats": N_("The same person told of the same matter %(n)s times."),
    "silent": N_("A department that was called gave no answer, and %(n)s tiers of reminders passed."),
    "unanswered": N_("%(n)s supervision notices of this matter were not answered in time."),
}


def standing_of(call: Any) -> Standing:
    """Where a call stands, by its row."""
    if call.refused_at is not None:
        return Standing.REFUSED
    if call.rated_at is not None:
        return Standing.RATED
    if call.outcome_at is not None:
        return Standing.DONE
    if call.arrived_at is not None:
        return Standing.ARRIVED
    return Standing.CALLED if call.acknowledged_at is None else Standing.ACKNOWLEDGED


def in_time(done_at: datetime | None, due_at: datetime | None, now: datetime) -> bool | None:
    """Whether something was done in time; None while that is open, or where no time was set."""
    if due_at is None or (done_at is None and now <= due_at):
        return None
    return done_at is not None and done_at <= due_at


def silence_number(seq: int, tier: int) -> int:
    """The number under which the silence of a call escalates once a tier; `seq` is the row of the log that called."""
    return seq * 10 + tier


def silence_of(number: int) -> tuple[int, int]:
    """The row of the log that called, and the tier, of a `silence_number`."""
    return divmod(number, 10)


@dataclass(frozen=True)
class LadderRule:
    """When a matter comes onto a tier: when `cause` weighs at least that much; of what is overdue, more than that."""

    tier: int
    cause: str
    at_least: float
    valid: DayRange


@dataclass(frozen=True)
class Facts:
    """
    What bears on the supervision of a matter.

    Attributes
    ----------
    overdue_terms
        How long it is past its deadline, in lengths of its own time limit; 0 or less if it is not.
    repeats
        How often the same person told of it: 2 is the second time.
    silent
        The highest tier of silence of its calls.
    unanswered
        Notices whose time to answer is over.
    """

    overdue_terms: float = 0.0
    repeats: int = 0
    silent: int = 0
    unanswered: int = 0
    due_at: datetime | None = None

    def holds(self, rule: LadderRule) -> bool:
        """Whether a rule's condition is met."""
        if rule.cause == "overdue":
            return self.overdue_terms > max(rule.at_least, 0)
        weight = {"repeats": self.repeats, "silent": self.silent, "unanswered": self.unanswered}[rule.cause]
        return 0 < weight >= rule.at_least

    def why(self, cause: str) -> dict[str, Any]:
        """The reason for a notice, as JSON; `gridmap.catalogue.explaining.sentences` words it."""
        if cause == "overdue":
            return {
                "msgid": _WHY[cause],
                "values": {"due_at": None if self.due_at is None else self.due_at.isoformat()},
            }
        return {"msgid": _WHY[cause], "values": {"n": getattr(self, cause)}}


def tier_of(facts: Facts, rules: Iterable[LadderRule], day: date) -> LadderRule | None:
    """The rule that brings a matter highest on a local day; None if none does. Of equals, the first by cause."""
    holding = [rule for rule in rules if day in rule.valid and facts.holds(rule)]
    return max(sorted(holding, key=lambda rule: rule.cause), key=lambda rule: rule.tier, default=None)
