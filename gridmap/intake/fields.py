"""What a table should hold, and which of its columns is meant by what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from gridmap.errors import Invalid
from gridmap.language import LOCALES, N_, translate

_MEANS_NOTHING: Final = re.compile(r"[\s_\-*]+")


class Sort(StrEnum):
    """What kind of value a field takes."""

    TEXT = "text"
    CODE = "code"
    COUNT = "count"
    NUMBER = "number"
    CHOICE = "choice"
    TIME = "time"
    UUID = "uuid"


@dataclass(frozen=True)
class Field:
    """
    A field of a kind of thing that can be imported.

    Attributes
    ----------
    name
        As the commands and exports name it.
    title, meaning
        What people call it, and what is to be written there: sentences to translate.
    needed
        Whether a row without it is refused.
    choices
        For a choice: the values with their titles; for a text: those that are known, others are taken too.
    synonyms
        Other names of columns, Chinese and English, with which files come.
    default
        What stands for a blank.
    least, most
        Bounds of a number, both allowed.
    example
        What the example of a template holds.
    """

    name: str
    title: str
    sort: Sort
    meaning: str = ""
    needed: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    synonyms: tuple[str, ...] = ()
    default: Any = None
    least: float | None = None
    most: float | None = None
    example: Any = None

    @property
    def names(self) -> list[str]:
        """Every name under which a column is taken for this field, its own first."""
        return [self.name, *(translate(self.title, locale) for locale in LOCALES), *self.synonyms]


def key_of(name: str) -> str:
    """A name as it is compared: capitals, blanks, dashes and the star of a needed field make no difference."""
    return _MEANS_NOTHING.sub("", name).casefold()


def match_columns(columns: Iterable[str], fields: Sequence[Field], mapping: Mapping[str, str]) -> dict[str, str]:
    """
    Find the column of each field.

    Parameters
    ----------
    columns
        The names of the table.
    fields
        What is looked for.
    mapping
        Column by field, as a person said it; it goes before what is found by name.

    Returns
    -------
    column_of
        Column by field, for the fields that the table has.

    Raises
    ------
    Invalid
        If `mapping` names a field or a column that does not exist.
    """
    columns = list(columns)
    found = _as_mapped(columns, fields, mapping)
    free = {key_of(column): column for column in reversed(columns) if column not in found.values()}
    # Own names of all fields first: a synonym of one may be the name of another.
    for rank in range(max((len(wanted.names) for wanted in fields), default=0)):
        for wanted in fields:
            if wanted.name in found or rank >= len(wanted.names):
                continue
            column = free.pop(key_of(wanted.names[rank]), None)
            if column is not None:
                found[wanted.name] = column
    return found


def _as_mapped(columns: Sequence[str], fields: Sequence[Field], mapping: Mapping[str, str]) -> dict[str, str]:
    by_key = {key_of(column): column for column in reversed(columns)}
    names = {wanted.name for wanted in fields}
    found = {}
    for name, column in mapping.items():
        if name not in names:
            raise Invalid(
                N_("There is no field %(field)s. There are: %(known)s."),
                field=name,
                known=", ".join(wanted.name for wanted in fields),
            )
        exact = column if column in columns else by_key.get(key_of(column))
        if exact is None:
            raise Invalid(
                N_("The file has no column %(column)s. It has: %(known)s."), column=column, known=", ".join(columns)
            )
        found[name] = exact
    return found
