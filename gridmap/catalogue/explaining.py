"""Explanations in words: reasons kept as sentences and values become lines that a person reads, in either language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from babel import Locale
from babel.dates import format_date, format_datetime

from gridmap.catalogue.conditions import VALUES
from gridmap.catalogue.counting import Unit
from gridmap.language import DEFAULT_LOCALE, N_, translate
from gridmap.people.rights import Role

_AT: Final = {"zh-CN": "y年M月d日（EEE）HH:mm", "en": "EEE d MMM y, HH:mm"}
_ON: Final = {"zh-CN": "y年M月d日（EEE）", "en": "EEE d MMM y"}
_SHORT: Final = {"zh-CN": "M月d日", "en": "d MMM"}
_AND: Final = {"zh-CN": "、", "en": ", "}
_AMOUNTS: Final[Mapping[str, tuple[str, str]]] = {
    Unit.CLOCK_HOURS: (N_("1 hour"), N_("%(n)s hours")),
    Unit.WORK_HOURS: (N_("1 work-hour"), N_("%(n)s work-hours")),
    Unit.WORK_DAYS: (N_("1 work-day"), N_("%(n)s work-days")),
}


def sentences(explained: Iterable[Mapping[str, Any]], locale: str) -> list[str]:
    """
    Word an explanation.

    Parameters
    ----------
    explained
        Reasons, each with ``msgid`` and ``values``. The name of a value says how it is worded: ``…_at`` is an instant
        with its zone, ``…_on`` and ``day`` a day, both as ISO 8601; a mapping by language tag is a name; those of
        clocks are `amount`, `days`, `hours`, `holds`, `years`, `role`, `stage` and `approver`; all else stands as it
        is.
    locale
        One of `language.LOCALES`.
    """
    return [
        translate(
            reason["msgid"], locale, **{name: _word(name, value, locale) for name, value in reason["values"].items()}
        )
        for reason in explained
    ]


def _word(name: str, value: Any, locale: str) -> Any:
    if name in _WORDED:
        return _WORDED[name](value, locale)
    if isinstance(value, str) and name.endswith("_at"):
        return format_datetime(datetime.fromisoformat(value), _AT[locale], locale=_babel(locale))
    if isinstance(value, str) and (name.endswith("_on") or name == "day"):
        return format_date(date.fromisoformat(value), _ON[locale], locale=_babel(locale))
    return _named(value, locale) if isinstance(value, Mapping) else value


def _named(names: Mapping[str, str], locale: str) -> str:
    """A name in the reader's language, or in the installation's, or in whatever there is."""
    return names.get(locale) or names.get(DEFAULT_LOCALE) or next(iter(names.values()), "")


def _amount(amount: Mapping[str, Any], locale: str) -> str:
    number, unit = amount["n"], amount["unit"]
    if unit == Unit.CLOCK_HOURS and number < 1:
        return translate(N_("%(n)s minutes"), locale, n=round(number * 60))
    one, many = _AMOUNTS[unit]
    return translate(one, locale) if number == 1 else translate(many, locale, n=f"{number:g}")


def _days(spans: Sequence[Mapping[str, Any]], locale: str) -> str:
    """Such as: Spring Festival (15 Feb to 23 Feb, 9 days), 4 days of week-ends."""
    return _AND[locale].join(_span(span, locale) for span in spans)


def _span(span: Mapping[str, Any], locale: str) -> str:
    if not span["names"]:
        one, many = N_("1 day of a week-end"), N_("%(n)s days of week-ends")
        return translate(one, locale) if span["n"] == 1 else translate(many, locale, n=span["n"])
    name = _named(span["names"], locale)
    first, last = (
        format_date(date.fromisoformat(span[end]), _SHORT[locale], locale=_babel(locale))
        for end in ("first_on", "last_on")
    )
    if span["n"] == 1:
        return translate(N_("%(name)s (%(day)s)"), locale, name=name, day=first)
    return translate(
        N_("%(name)s (%(first)s to %(last)s, %(n)s days)"), locale, name=name, first=first, last=last, n=span["n"]
    )


def _hours(hours: Sequence[Sequence[str]], locale: str) -> str:
    return _AND[locale].join(f"{opens}–{closes}" for opens, closes in hours)


def _holds(holds: Mapping[str, Any], locale: str) -> str:
    """What a rule is for: its class and its condition."""
    words = []
    for key, value in holds.items():
        if isinstance(value, Mapping):
            words.append(_named(value, locale))
        else:
            words.append(translate(VALUES.get(key, {}).get(value, value), locale))
    return _AND[locale].join(words)


def _years(years: Sequence[int], locale: str) -> str:
    return _AND[locale].join(map(str, years))


def _role(role: str, locale: str) -> str:
    return translate(Role(role).label, locale)


_WORDED: Final[Mapping[str, Callable[[Any, str], str]]] = {
    "amount": _amount,
    "days": _days,
    "hours": _hours,
    "holds": _holds,
    "years": _years,
    "role": _role,
    # Kept as the words of our own tables: the name of a stage, the role of who approved.
    "stage": translate,
    "approver": translate,
}


@cache
def _babel(locale: str) -> Locale:
    # Babel would read the name of the locale anew for every date.
    return Locale.parse(locale.replace("-", "_"))
