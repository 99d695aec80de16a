"""
The steps of an incident: one table that draws the buttons, the permissions, the page of the guide and the refusals.

It changes only with its tests and with docs/steps.md, which is written from it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from gridmap.incidents.rules import ANSWERED, OPEN, State
from gridmap.language import N_
from gridmap.people.rights import Role


@dataclass(frozen=True)
class Step:
    """
    One arrow of the lifecycle.

    Attributes
    ----------
    name
        The verb of the button: ``file``, ``close``.
    label
        The word on it, translatable.
    origins, to
        The states it leads from, and the one it leads to; None stays where it is.
    needs
        What must come with it: ``note``, ``reason`` of a list, and photos by their role, ``before`` and ``after``.
    roles
        Whose step it is.
    arguments
        What it is told beside that, by the names of `gridmap.incidents.arguments`.
    rank
        The order of the buttons: 1 is what is likeliest next; from 10 on it is an exception.
    gravest
        The gravest severity that it is for: 1 is every incident, 2 all but those where life is at risk.
    by_holder
        Whether it is for who has the incident in hand alone.
    by_another
        Whether it is for somebody else than who handled it.
    afield
        Whether it is done on the spot, where there may be no network: the hour that a phone tells of it is believed.
    """

    name: str
    label: str
    origins: tuple[State, ...]
    to: State | None
    roles: frozenset[Role]
    rank: int
    needs: frozenset[str] = frozenset()
    arguments: tuple[str, ...] = ()
    gravest: int = 1
    by_holder: bool = False
    by_another: bool = False
    afield: bool = False


@dataclass(frozen=True)
class Asker:
    """
    Who asks for steps, as far as the table cares.

    Attributes
    ----------
    roles
        The roles by which they act on this incident.
    holds
        Whether they have it in hand, or nobody has.
    handled
        Whether it is they who reported it as handled.
    """

    roles: Collection[Role]
    holds: bool = True
    handled: bool = False

    def may(self, step: Step) -> bool:
        """Whether a step is theirs."""
        return (
            not step.roles.isdisjoint(self.roles)
            and (self.holds or not step.by_holder)
            and not (self.handled and step.by_another)
        )


PHOTO_ROLES: Final = ("before", "after")
NEEDS: Final = ("reason", "note", *PHOTO_ROLES)
"""All that a step may need, in the order in which a person gives it."""

_WORKER, _CHIEF, _TOWNSHIP, _DEPARTMENT, _OPERATOR = (
    Role.WORKER,
    Role.CHIEF,
    Role.TOWNSHIP,
    Role.DEPARTMENT,
    Role.OPERATOR,
)
_IN_THE_GRID: Final = frozenset({_WORKER, _CHIEF})
_HANDLERS: Final = _IN_THE_GRID | {_DEPARTMENT}
_APPROVERS: Final = frozenset({_TOWNSHIP, _OPERATOR})
_DESKS: Final = _APPROVERS | {_CHIEF}
_ALL: Final = _DESKS | _HANDLERS
_NOTE, _REASON = frozenset({"note"}), frozenset({"reason"})

_BEFORE_FILING: Final = (State.REPORTED, State.VERIFIED)
_TO_DISPATCH: Final = (State.FILED, State.RETURNED, State.REOPENED)
_FROM_FILING: Final = tuple(state for state in OPEN if state not in _BEFORE_FILING)

STEPS: Final[tuple[Step, ...]] = (
    # From noticed to filed.
    Step("verify", N_("Verify"), (State.REPORTED,), State.VERIFIED, _DESKS | _IN_THE_GRID, 2, arguments=("found",),
         afield=True),
    Step("ask_verification", N_("Have it verified"), (State.REPORTED,), None, _DESKS, 3, arguments=("person",)),
    Step("file", N_("File"), _BEFORE_FILING, State.FILED, _DESKS, 1),
    Step("reject", N_("Reject"), (*_BEFORE_FILING, State.FILED), State.REJECTED, _APPROVERS, 10, needs=_REASON),
    Step("merge", N_("Merge"), (*_BEFORE_FILING, *_TO_DISPATCH, State.DISPATCHED, State.HANDLING), State.MERGED,
         _APPROVERS, 11, arguments=("into",)),
    # To somebody's hands.
    Step("dispatch", N_("Dispatch"), (*_TO_DISPATCH, State.DISPATCHED), State.DISPATCHED, _DESKS, 1,
         arguments=("department", "person", "level")),
    Step("accept", N_("Accept"), (*_TO_DISPATCH, State.DISPATCHED), State.HANDLING, _HANDLERS, 1, by_holder=True,
         afield=True),
    Step("return", N_("Return"), (State.DISPATCHED, State.HANDLING), State.RETURNED, _ALL, 12, needs=_REASON,
         by_holder=True, afield=True),
    Step("escalate", N_("Hand up"), (*_TO_DISPATCH, State.DISPATCHED, State.HANDLING), State.FILED, _ALL, 13,
         needs=_REASON, arguments=("level",), by_holder=True),
    # In hand.
    Step("handle", N_("Report as handled"), (State.HANDLING,), State.HANDLED, _HANDLERS | {_OPERATOR}, 1, needs=_NOTE,
         arguments=("checklist",), by_holder=True, afield=True),
    # An ordinary matter that whoever stands before it can settle: filed and handled in one go.
    Step("fix", N_("Fix on the spot"), (*_BEFORE_FILING, *_TO_DISPATCH, State.DISPATCHED, State.HANDLING),
         State.CLOSED, _IN_THE_GRID, 2, needs=frozenset({"note", *PHOTO_ROLES}), gravest=2, by_holder=True,
         afield=True),
    Step("ask_help", N_("Ask for help"), (State.HANDLING,), None, _ALL, 14, needs=_NOTE, by_holder=True, afield=True),
    Step("ask_suspend", N_("Ask to suspend"), (State.HANDLING,), None, _ALL, 15, needs=_REASON,
         arguments=("until",), by_holder=True, afield=True),
    Step("suspend", N_("Suspend"), (State.HANDLING,), State.SUSPENDED, _APPROVERS, 16, needs=_REASON,
         arguments=("until",)),
    Step("resume", N_("Resume"), (State.SUSPENDED,), State.HANDLING, _APPROVERS, 1),
    Step("ask_extend", N_("Ask for more time"), (State.HANDLING,), None, _ALL, 17, needs=_REASON,
         arguments=("amount", "unit"), by_holder=True, afield=True),
    Step("extend", N_("Give more time"), (State.DISPATCHED, State.HANDLING), None, _APPROVERS, 18, needs=_REASON,
         arguments=("amount", "unit")),
    Step("refuse", N_("Refuse what was asked"), (State.HANDLING,), None, _APPROVERS, 19, needs=_REASON),
    Step("add_party", N_("Add a party"), _FROM_FILING, None, _DESKS, 20,
         arguments=("department", "person", "role", "until")),
    Step("end_party", N_("End a party"), _FROM_FILING, None, _DESKS, 21, arguments=("party",)),
    # From handled to closed.
    Step("check", N_("Check"), (State.HANDLED,), State.CHECKED, _DESKS, 1, by_another=True),
    Step("rework", N_("Send back to work"), (State.HANDLED, State.CHECKED), State.HANDLING, _DESKS, 4,
         needs=_REASON),
    Step("feedback", N_("Tell the reporter"), (State.HANDLED, State.CHECKED, State.CLOSED, State.REJECTED), None, _ALL,
         3, needs=_NOTE, arguments=("satisfied",)),
    Step("close", N_("Close"), (State.CHECKED,), State.CLOSED, _DESKS, 1, needs=_NOTE),
    Step("reopen", N_("Reopen"), (State.CLOSED, State.REJECTED), State.REOPENED, _APPROVERS, 22, needs=_REASON),
    # At any time.
    Step("contact", N_("Reporter called"), OPEN, None, _ALL, 23, needs=_NOTE, afield=True),
    Step("correct", N_("Correct"), OPEN, None, _DESKS, 24, arguments=("category", "severity", "place", "occurred_at")),
    Step("derive", N_("Link to its origin"), OPEN, None, _DESKS, 25, arguments=("origin",)),
    Step("note", N_("Add a note"), tuple(State), None, _ALL, 26, needs=_NOTE, afield=True),
)  # fmt: skip


def answers_to(ask: str) -> tuple[str, str]:
    """The steps that answer what is asked: the one that grants it, and the one that does not."""
    return ASKS[ask], "refuse"


def leads_to(step: Step, state: State, source: str) -> State:
    """
    Where a step leads from a state.

    What is fixed on the spot is over, unless somebody waits for an answer: nothing of theirs is closed unheard.
    """
    if step.name == "fix" and source in ANSWERED:
        return State.HANDLED
    return step.to or state


STEP_OF: Final = {step.name: step for step in STEPS}

ASKS: Final = {"ask_extend": "extend", "ask_help": "add_party", "ask_suspend": "suspend"}
"""What who has it in hand may ask of a desk, and the step that grants it; `refuse` answers whatever is asked."""

WORDS: Final = {
    "report": N_("Reported"),
    "move": N_("Moved with its grid"),
    "join": N_("Joined by another"),
    "recount": N_("Deadline worked out anew"),
    # Of whistles, of what is contested, and of the supervision beside it all.
    "whistle": N_("Whistled"),
    "acknowledge": N_("Acknowledged"),
    "arrive": N_("Arrived"),
    "outcome": N_("Outcome told"),
    "decline": N_("Refused to come"),
    "rate": N_("Rated"),
    "silence": N_("No answer"),
    "contest": N_("Contested"),
    "arbitrate": N_("Owner decided"),
    "follow": N_("Goes on here from a merged incident"),
    "supervise": N_("Supervision notice opened"),
    "answer": N_("Supervision notice answered"),
    "supervised": N_("Supervision notice closed"),
}
"""What else stands in the log: written by ourselves, never by a button."""


def steps_from(state: State, severity: int, asker: Asker | None = None) -> tuple[Step, ...]:
    """
    The arrows that lead on from a state, the likeliest first.

    Parameters
    ----------
    severity
        Of the incident: some arrows are not for the gravest.
    asker
        Who asks; None asks for everyone's arrows.
    """
    possible = [
        step
        for step in STEPS
        if state in step.origins and severity >= step.gravest and (asker is None or asker.may(step))
    ]
    return tuple(sorted(possible, key=lambda step: step.rank))
