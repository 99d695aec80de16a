"""What a step answers to the checklists of its class: every question that must be answered, each in its own kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gridmap.catalogue.rules import Checklist, Item, in_languages
from gridmap.errors import Invalid
from gridmap.language import N_

_WRONG_KIND: Final[Mapping[str, str]] = {
    "yes-no": N_("“%(item)s” of the checklist is answered with yes or no."),
    "number": N_("“%(item)s” of the checklist is answered with a number."),
    "text": N_("“%(item)s” of the checklist is answered in a few words."),
}
_WHERE: Final = "/with/checklist"


def require_answers(lists: Sequence[Checklist], answers: Mapping[str, Any]) -> None:
    """
    See to it that answers are those to the questions of some checklists.

    Parameters
    ----------
    lists
        As they were on the day of the matter. A code that stands in two of them is one question, and an answer of
        either kind is one to it.
    answers
        By the code of the question: true or false, a number, a few words.

    Raises
    ------
    Invalid
        If a question that must be answered is not, an answer is of another kind, or it answers no question of theirs;
        the sentence names the question.
    """
    asked: dict[str, list[Item]] = {}
    for each in lists:
        for item in each.items:
            asked.setdefault(item.code, []).append(item)
    for code, answer in answers.items():
        if code not in asked:
            raise _unknown(code, asked)
        if not any(_fits(item, answer) for item in asked[code]):
            raise Invalid(_WRONG_KIND[asked[code][0].answer], where=f"{_WHERE}/{code}", item=_name(asked[code][0]))
    for code, items in asked.items():
        needed = next((item for item in items if item.needed), None)
        if needed is not None and _is_blank(answers.get(code)):
            raise Invalid(
                N_("“%(item)s” of the checklist must be answered."), where=f"{_WHERE}/{code}", item=_name(needed)
            )


def _unknown(code: str, asked: Mapping[str, Any]) -> Invalid:
    where = f"{_WHERE}/{code}"
    if not asked:
        return Invalid(
            N_("This class of matter has no checklist, so “%(code)s” answers nothing."), where=where, code=code
        )
    return Invalid(
        N_("“%(code)s” is no question of the checklists of this class. They ask: %(known)s."),
        where=where,
        code=code,
        known=", ".join(asked),
    )


def _fits(item: Item, answer: Any) -> bool:
    if item.answer == "yes-no":
        return isinstance(answer, bool)
    if item.answer == "number":
        return isinstance(answer, int | float) and not isinstance(answer, bool)
    return isinstance(answer, str)


def _is_blank(answer: Any) -> bool:
    return answer is None or (isinstance(answer, str) and not answer.strip())


def _name(item: Item) -> dict[str, str]:
    return in_languages(item.name, item.names)
