"""What a step is told beside its name: to whom, until when, how much; read strictly, before anything is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gridmap.errors import Invalid, Malformed
from gridmap.incidents.rules import LEVEL_LABELS, LEVELS
from gridmap.incidents.steps import STEP_OF, Step
from gridmap.language import N_
from gridmap.moment import is_believable

PARTY_ROLES: Final[Mapping[str, str]] = {
    "lead": N_("Lead unit"),
    "assist": N_("Assisting unit"),
    "member": N_("Temporary member"),
}
UNITS: Final[Mapping[str, str]] = {"h": N_("hours"), "wh": N_("working hours"), "wd": N_("working days")}
SEVERITY_LABELS: Final[Mapping[str, str]] = {
    "1": N_("Life at risk"),
    "2": N_("Serious"),
    "3": N_("Ordinary"),
    "4": N_("Take note"),
}
MOST_AMOUNT: Final = 720
_MOST_ITEMS: Final = 60
_LONGEST_ANSWER: Final = 200
_GREATEST_ANSWER: Final = 1e9
_GREATEST_ERROR_M: Final = 10_000


@dataclass(frozen=True)
class Argument:
    """
    A field of the form of a step.

    Attributes
    ----------
    kind
        How a screen asks for it: ``department, person, party, incident, category, place, choice, flag, instant,
        number, checklist``.
    label
        The word above it, translatable.
    choices
        Of a choice: value and word, translatable.
    """

    name: str
    kind: str
    label: str
    choices: Mapping[str, str] | None = None


ARGUMENTS: Final = {
    argument.name: argument
    for argument in (
        Argument("department", "department", N_("Department")),
        Argument("person", "person", N_("Person")),
        Argument("level", "choice", N_("Level"), LEVEL_LABELS),
        Argument("role", "choice", N_("Part"), PARTY_ROLES),
        Argument("until", "instant", N_("Until")),
        Argument("amount", "number", N_("How much")),
        Argument("unit", "choice", N_("Unit"), UNITS),
        Argument("into", "incident", N_("Into which incident")),
        Argument("origin", "incident", N_("Arose from which incident")),
        Argument("party", "party", N_("Which party")),
        Argument("found", "flag", N_("Found as reported")),
        Argument("satisfied", "flag", N_("The reporter is satisfied")),
        Argument("category", "category", N_("Class")),
        Argument("severity", "choice", N_("Severity"), SEVERITY_LABELS),
        Argument("place", "place", N_("Place")),
        Argument("occurred_at", "instant", N_("When it happened")),
        Argument("checklist", "checklist", N_("Checklist")),
    )
}

_REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "add_party": ("role",),
    "end_party": ("party",),
    "suspend": ("until",),
    "extend": ("amount", "unit"),
    "ask_extend": ("amount", "unit"),
    "merge": ("into",),
    "derive": ("origin",),
}
_ONE_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "dispatch": ("department", "person", "level"),
    "add_party": ("department", "person"),
}
_SOME_OF: Final[Mapping[str, tuple[str, ...]]] = {"correct": ("category", "severity", "place", "occurred_at")}


def how_asked(step: Step, name: str) -> str:
    """How an argument stands in the form of a step: ``required``, ``one`` (exactly one of several) or ``optional``."""
    if name in _REQUIRED.get(step.name, ()):
        return "required"
    return "one" if name in _ONE_OF.get(step.name, ()) else "optional"


def read_arguments(step_name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """
    Read what a step is told.

    Parameters
    ----------
    given
        As it came: JSON values by name.

    Returns
    -------
    arguments
        Instants as `datetime`, everything else as it came.

    Raises
    ------
    Malformed
        If a name is none of this step's.
    Invalid
        If a value is not of its kind, or one that must be there is missing.
    """
    step = STEP_OF.get(step_name)
    known = step.arguments if step else ()
    for name in given:
        if name not in known:
            raise Malformed(
                N_("The step “%(step)s” takes no “%(name)s”. It takes: %(known)s."),
                where=f"/with/{name}",
                step=step.label if step else step_name,
                name=name,
                known=", ".join(known) or "-",
            )
    read = {name: _READERS[name](f"/with/{name}", value) for name, value in given.items() if value is not None}
    if step is not None:
        _require(step, read)
    return read


def _require(step: Step, read: Mapping[str, Any]) -> None:
    for name in _REQUIRED.get(step.name, ()):
        if name not in read:
            raise Invalid(
                N_("“%(step)s” needs to be told: %(name)s."),
                where=f"/with/{name}",
                step=step.label,
                name=ARGUMENTS[name].label,
            )
    one_of = _ONE_OF.get(step.name, ())
    if one_of and sum(name in read for name in one_of) != 1:
        raise Invalid(
            N_("“%(step)s” goes to exactly one of: %(names)s."),
            where="/with",
            step=step.label,
            names=tuple(ARGUMENTS[name].label for name in one_of),
        )
    some_of = _SOME_OF.get(step.name, ())
    if some_of and not any(name in read for name in some_of):
        raise Invalid(
            N_("“%(step)s” needs at least one of: %(names)s."),
            where="/with",
            step=step.label,
            names=tuple(ARGUMENTS[name].label for name in some_of),
        )


Reader = Callable[[str, Any], Any]


def _text(where: str, value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 64:
        raise Invalid(N_("This must be a short text."), where=where)
    return value


def _flag(where: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Invalid(N_("This must be true or false."), where=where)
    return value


def _whole(least: int, most: int) -> Reader:
    def read(where: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Invalid(
                N_("This must be a whole number from %(least)s to %(most)s."), where=where, least=least, most=most
            )
        return value

    return read


def _one_of(*choices: str) -> Reader:
    def read(where: str, value: Any) -> str:
        if value not in choices:
            raise Invalid(N_("This must be one of %(choices)s."), where=where, choices=", ".join(choices))
        return str(value)

    return read


def _instant(where: str, value: Any) -> datetime:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not is_believable(at):
        raise Invalid(N_("This must be an instant with its zone, such as 2026-03-03T12:00:00+08:00."), where=where)
    return at


def _place(where: str, value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping) or not {"lon", "lat"} <= set(value) <= {"lon", "lat", "accuracy_m"}:
        raise Invalid(N_("A place has lon and lat, and accuracy_m where it is known."), where=where)
    for name, number in value.items():
        if isinstance(number, bool) or not isinstance(number, int | float) or abs(number) > 1e6:
            raise Invalid(N_("A place is given in degrees, WGS 84, longitude first."), where=f"{where}/{name}")
    if not 0 <= value.get("accuracy_m", 0) <= _GREATEST_ERROR_M:
        said = N_("accuracy_m is a radius in metres from 0 to %(most)s.")
        raise Invalid(said, where=f"{where}/accuracy_m", most=_GREATEST_ERROR_M)
    return {name: float(number) for name, number in value.items()}


def _checklist(where: str, value: Any) -> dict[str, bool | float | str]:
    """Answers in any of their kinds; which of them its class asks for is for `gridmap.incidents.checklists`."""
    fits = isinstance(value, Mapping) and len(value) <= _MOST_ITEMS
    if not fits or not all(_is_answer(said) for said in value.values()):
        raise Invalid(
            N_("A checklist has an answer to each of its items: true, false, a number or a few words."), where=where
        )
    return dict(value)


def _is_answer(said: Any) -> bool:
    if isinstance(said, bool):
        return True
    if isinstance(said, int | float):
        return abs(said) <= _GREATEST_ANSWER
    return isinstance(said, str) and len(said) <= _LONGEST_ANSWER


_READERS: Final[Mapping[str, Reader]] = {
    "department": _text,
    "person": _whole(1, 2**53),
    "level": _one_of(*LEVELS),
    "role": _one_of(*PARTY_ROLES),
    "until": _instant,
    "amount": _whole(1, MOST_AMOUNT),
    "unit": _one_of(*UNITS),
    "into": _text,
    "origin": _text,
    "party": _whole(1, 2**31),
    "found": _flag,
    "satisfied": _flag,
    "category": _text,
    "severity": _whole(1, 4),
    "place": _place,
    "occurred_at": _instant,
    "checklist": _checklist,
}
