"""Columns: names that can be shown and stored, and one type for each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Final

import pyarrow as pa

from geodata.errors import N_, TooMuch, Unreadable
from geodata.files.layers import MOST_COLUMNS, MOST_NAME

GEOMETRY: Final = "geometry"

_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")
_INT64: Final = 2**63
_TYPES: Final = {
    frozenset({bool}): pa.bool_(),
    frozenset({int}): pa.int64(),
    frozenset({float}): pa.float64(),
    frozenset({int, float}): pa.float64(),
    frozenset({datetime}): pa.timestamp("us"),
}
_TEXT: Final = N_("Row %(row)s has text with a character that no text may have.")


def clean_names(names: Iterable[str]) -> list[str]:
    """
    Make column names that are short, printable and each only once, whatever their capitals.

    Raises
    ------
    TooMuch
        If there are more than 2,000.
    """
    taken = {GEOMETRY}
    cleaned = []
    for n, raw in enumerate(names, start=1):
        if n > MOST_COLUMNS:
            raise TooMuch(N_("The table has more than %(most)s columns."), most=MOST_COLUMNS)
        base = _UNPRINTABLE.sub(" ", raw).strip()[:MOST_NAME].strip() or f"column_{n}"
        name, again = base, 1
        while name.casefold() in taken:
            again += 1
            name = f"{base}_{again}"
        taken.add(name.casefold())
        cleaned.append(name)
    return cleaned


class Kinds:
    """What kinds of values a column has had so far; from them its one type."""

    def __init__(self) -> None:
        self._seen: dict[str, set[type]] = {}

    @property
    def names(self) -> list[str]:
        """The columns in the order in which they were first met."""
        return list(self._seen)

    def note(self, name: str, value: Any) -> None:
        """Take note of one value."""
        seen = self._seen.get(name)
        if seen is None:
            if len(self._seen) >= MOST_COLUMNS:
                raise TooMuch(N_("The table has more than %(most)s columns."), most=MOST_COLUMNS)
            seen = self._seen[name] = set()
        if value is not None:
            seen.add(str if type(value) is int and not -_INT64 <= value < _INT64 else type(value))

    def type_of(self, name: str) -> pa.DataType:
        """The type of a column; text where kinds differ or there is no value."""
        return _TYPES.get(frozenset(self._seen[name]), pa.string())


def array(values: Sequence[Any], kind: pa.DataType, first_row: int) -> pa.Array:
    """
    Values as an array of one type.

    Raises
    ------
    Unreadable
        If a text has a zero character or half a character.
    """
    if pa.types.is_string(kind):
        return text_array([None if value is None else as_text(value) for value in values], first_row)
    return pa.array(values, kind)


def text_array(texts: Sequence[str | None], first_row: int) -> pa.Array:
    """Texts as an array; see `array`."""
    try:
        made = pa.array(texts, pa.string())
    except UnicodeEncodeError:
        made = None
    if made is None or any(text is not None and "\0" in text for text in texts):
        wrong = next(n for n, text in enumerate(texts) if text is not None and _unstorable(text))
        raise Unreadable(_TEXT, row=first_row + wrong)
    return made


def _unstorable(text: str) -> bool:
    return "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text)


def as_text(value: Any) -> str:
    """A value as a person would write it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else str(value)


def as_moment(value: Any) -> Any:
    """Dates become moments and zones UTC, so that one column has one kind of time."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a date has no zone
    return value


def assemble(columns: dict[str, pa.Array], wkb: pa.Array | None) -> pa.RecordBatch:
    """Columns and shapes as one batch; shapes come last, under the name that no column has."""
    arrays, names = list(columns.values()), list(columns)
    if wkb is not None:
        arrays, names = [*arrays, wkb], [*names, GEOMETRY]
    return pa.record_batch(arrays, names=names)
