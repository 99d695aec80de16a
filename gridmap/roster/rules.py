"""The desks: whose hand an incident waits for, who sits where, and what is worth telling the next shift."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from gridmap.errors import Invalid, NotAllowed
from gridmap.incidents.rules import OPEN, State
from gridmap.incidents.steps import ASKS, STEP_OF, STEPS, Asker, answers_to
from gridmap.language import N_
from gridmap.people.rules import POLICY, Actor, Role

DESK_ROLES: Final = (Role.OPERATOR, Role.TOWNSHIP)
"""Who sits at a desk."""
LONGEST_TURN: Final = timedelta(hours=24)
SOON: Final = timedelta(hours=8)
"""A deadline within the next shift is worth telling."""
_JUDGES: Final = frozenset({*DESK_ROLES, Role.CHIEF})


def waiting_for(roles: Collection[Role]) -> tuple[State, ...]:
    """
    The states in which an incident waits for somebody of these roles: their likeliest step is theirs.

    What is in hand waits for who has it, not for the desk that sent it; what is suspended waits for its day.
    """
    # A desk sees what is in many hands; whoever handles sees what is in their own.
    asker = Asker(roles, holds=_JUDGES.isdisjoint(roles))
    return tuple(
        state
        for state in OPEN
        if state is not State.SUSPENDED
        # To dispatch what is dispatched already is a change of mind, and waits for nobody.
        and any(step.rank == 1 and state in step.origins and step.to is not state and asker.may(step) for step in STEPS)
    )


def answers_of(roles: Collection[Role]) -> tuple[str, ...]:
    """What may be asked of somebody of these roles: the asks of `steps.ASKS` that they may both grant and refuse."""
    asker = Asker(roles)
    return tuple(ask for ask in ASKS if all(asker.may(STEP_OF[answer]) for answer in answers_to(ask)))


def desk_of(actor: Actor, action: str) -> str:
    """
    The area path of the desk somebody sits at, or looks after: the widest area that gives them the action.

    Raises
    ------
    NotAllowed
        If no role of theirs gives it.
    """
    paths = [grant.path for grant in actor.grants if grant.role in POLICY[action]]
    if not paths:
        raise NotAllowed(N_("Your roles do not include this. An administrator can grant them."))
    return min(paths, key=lambda path: (path.count("."), path))


def require_turn(begins: datetime, ends: datetime, now: datetime) -> None:
    """
    Refuse a turn that nobody can sit.

    Raises
    ------
    Invalid
        If it ends before it begins, is longer than a day, or is over already.
    """
    if ends <= begins:
        raise Invalid(N_("A turn ends after it begins."), where="/until")
    if ends - begins > LONGEST_TURN:
        raise Invalid(N_("A turn is at most 24 hours long. Write two."), where="/until")
    if ends <= now:
        raise Invalid(N_("This turn is over already. Write down turns that are still to come."), where="/until")


def why_told(
    severity: int, state: State, due_at: datetime | None, now: datetime, asks: Collection[str] = ()
) -> tuple[str, ...]:
    """
    Why an open matter is told to the next shift, the gravest first; none if nothing about it presses.

    Parameters
    ----------
    asks
        What is asked for and not answered yet.

    Returns
    -------
    why
        Of ``life, overdue, soon, waiting``.
    """
    pressing = (
        ("life", severity == 1),
        ("overdue", due_at is not None and due_at <= now),
        ("soon", due_at is not None and now < due_at <= now + SOON),
        ("waiting", state in waiting_for(DESK_ROLES) or not set(asks).isdisjoint(answers_of(DESK_ROLES))),
    )
    return tuple(name for name, holds in pressing if holds)
