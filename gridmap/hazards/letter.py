"""A rectification notice on paper: what was found where, what is demanded, and by when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

from babel import Locale
from babel.dates import format_date, format_datetime
from jinja2 import Environment, StrictUndefined, Template

from gridmap.catalogue.explaining import sentences
from gridmap.language import N_, translate
from gridmap.printing import to_pdf

_ON: Final = {"zh-CN": "y年M月d日", "en": "d MMMM y"}
_AT: Final = {"zh-CN": "y年M月d日 HH:mm", "en": "d MMMM y, HH:mm"}
_WORDS: Final[Mapping[str, str]] = {
    "to": N_("To: "),
    "found": N_("An inspection found the following hazard:"),
    "demands": N_("You are ordered to put it right as follows:"),
    "answer": N_("Answer in writing, with photos of how it looks afterwards. It will be inspected again."),
    "received": N_("Received by"),
    "date": N_("Date"),
    "kept": N_("One copy stays with the party named above, one with the office that issued it."),
}


@dataclass(frozen=True)
class Letter:
    """
    What stands in a notice.

    Attributes
    ----------
    facts
        Rows of the table, each a name (a sentence to translate) and a value.
    explained
        The deadline with its reasons, as JSON.
    issued_at
        In the district's zone.
    replaces
        Number of the notice whose place this one takes.
    """

    number: str
    party: str
    demands: str
    facts: Sequence[tuple[str, str]]
    explained: Sequence[Mapping[str, Any]]
    issuer: str
    issued_at: datetime
    replaces: str | None = None


def print_letter(letter: Letter, locale: str) -> bytes:
    """
    Print a notice as a PDF.

    Parameters
    ----------
    locale
        Its language, one of `gridmap.language.LOCALES`.
    """
    replaced = N_("This notice takes the place of notice %(number)s.")
    return to_pdf(
        _page().render(
            locale=locale,
            title=translate(N_("Rectification notice"), locale),
            number=letter.number,
            party=letter.party,
            demands=letter.demands,
            facts=[(translate(name, locale), value) for name, value in letter.facts if value],
            term=sentences(letter.explained, locale),
            replaces=letter.replaces and translate(replaced, locale, number=letter.replaces),
            issuer=letter.issuer,
            day=format_date(letter.issued_at, _ON[locale], locale=_babel(locale)),
            words={name: translate(word, locale) for name, word in _WORDS.items()},
        )
    )


def moment_told(at: datetime, locale: str) -> str:
    """An instant, in the zone it is given in, as a letter writes it."""
    return format_datetime(at, _AT[locale], locale=_babel(locale))


def _babel(locale: str) -> Locale:
    return Locale.parse(locale, sep="-")


@cache
def _page() -> Template:
    # Whatever people wrote is escaped: a letter shows it, and nothing in it is read as a page.
    source = (files("gridmap.hazards") / "pages" / "notice.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(source)
