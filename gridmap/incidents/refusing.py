"""Whether a step leads on and is somebody's to take; where not, a sentence that names those that are."""

from __future__ import annotations

from collections.abc import Collection

from gridmap.errors import Conflict, Invalid, NotAllowed
from gridmap.incidents.rules import ENDED, State
from gridmap.incidents.steps import NEEDS, STEP_OF, Asker, Step, steps_from
from gridmap.language import N_
from gridmap.people.rights import Role


class StepNotAllowed(Conflict):
    """An incident takes only the steps that lead on from where it stands."""

    def __init__(self, number: str, state: State, step: str, possible: Collection[Step]) -> None:
        known = STEP_OF.get(step)
        sentence = N_(
            "Incident %(number)s is %(state)s; the step “%(step)s” does not lead on from there."
            " Possible now: %(possible)s."
        )
        if not possible:
            sentence = N_(
                "Incident %(number)s is %(state)s; the step “%(step)s” does not lead on from there."
                " There is nothing for you to do with it now."
            )
        super().__init__(
            sentence,
            number=number,
            state=state.label,
            step=known.label if known else step,
            possible=tuple(each.label for each in possible),
        )


class LifeAtRisk(Conflict):
    """Where life is at risk, nobody settles it alone."""

    def __init__(self, number: str) -> None:
        super().__init__(
            N_("Incident %(number)s puts life at risk and is not fixed on the spot. Hand it on; the desk closes it."),
            number=number,
        )


def step_to_take(
    number: str,
    state: State,
    severity: int,
    name: str,
    *,
    asker: Asker | None = None,
    given: Collection[str] = (),
) -> Step:
    """
    The arrow a person wants to go, if it leads on from here and all it needs is there.

    Parameters
    ----------
    asker
        Who wants it; None is one of our own processes.
    given
        What comes with it, of `NEEDS`.

    Raises
    ------
    StepNotAllowed
        If no arrow of that name leads on; the sentence names the possible ones.
    LifeAtRisk
        If it would be fixed on the spot and is too grave for that.
    NotAllowed
        If it is a step of others.
    Invalid
        If the step needs a reason, a note or photos, and they are not there.
    """
    step = STEP_OF.get(name)
    if step is None or state not in step.origins:
        raise StepNotAllowed(number, state, name, steps_from(state, severity, asker))
    if severity < step.gravest:
        raise LifeAtRisk(number)
    if asker is not None and not asker.may(step):
        raise _not_theirs(step, asker)
    _require_needs(step, given)
    return step


def _not_theirs(step: Step, asker: Asker) -> NotAllowed:
    if step.roles.isdisjoint(asker.roles):
        return NotAllowed(
            N_("“%(step)s” is a step of others: %(roles)s."),
            step=step.label,
            roles=tuple(role.label for role in Role if role in step.roles),
        )
    if asker.handled and step.by_another:
        return NotAllowed(N_("Who handled it does not judge it. Leave “%(step)s” to somebody else."), step=step.label)
    return NotAllowed(N_("Others have it in hand. “%(step)s” is theirs, or the desk gives it to you."), step=step.label)


def _require_needs(step: Step, given: Collection[str]) -> None:
    missing = [need for need in NEEDS if need in step.needs and need not in given]
    if not missing:
        return
    if "reason" in missing:
        raise Invalid(N_("Choose a reason for this step from its list."), where="/reason")
    if "note" not in missing:
        raise Invalid(N_("Fixing it on the spot needs a photo from before and one from after."), where="/media")
    if step.to in ENDED or step.to is State.HANDLED:
        raise Invalid(N_("Say in a note how this was settled; nothing is closed without it."), where="/note")
    raise Invalid(N_("Say it in a note: this step is nothing without one."), where="/note")
