"""What a table of rules is: its columns, its key, what its codes refer to, and how its rows get in and out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from gridmap.intake.fields import Field, Sort
from gridmap.language import N_

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from gridmap.catalogue.soundness import Fault
    from gridmap.catalogue.weighing import Weighed

Explained = tuple[dict[str, Any], ...]
"""Sentences with their values, for `gridmap.catalogue.explaining.sentences`."""

SINCE: Final = Field("since", N_("First day"), Sort.TEXT, N_("Since when it holds; the day of the import if blank."),
                     synonyms=("valid_from", "起始日"), example="2026-07-01")  # fmt: skip
UNTIL: Final = Field("until", N_("Ends on"), Sort.TEXT, N_("The first day on which it holds no more; blank: open."),
                     synonyms=("valid_to", "结束日"))  # fmt: skip


@dataclass(frozen=True)
class RuleTable:
    """
    A table of rules.

    Attributes
    ----------
    name, title
        As addresses and commands name it, and as people do.
    table
        Its name in the database.
    fields
        The columns of its files, beside `SINCE` and `UNTIL`.
    key
        The fields that say which rule a row is.
    dated
        Whether a key has rows one after the other, each for its days; else one row, which is written over.
    ends
        Whether rows have a first and a last day at all.
    refers
        What the codes of a field name: ``category, area, department, departments, checklist, calendar``.
    fixed
        Fields that stay once they are written, each with the reason.
    settle
        Brings the cells of a row into their one form; raises `Invalid` if they mean nothing together.
    by
        The field by which a page can be narrowed to a list.
    read
        SELECT that gives ``id``, every field, ``since`` and ``until`` as a file has them, blanks as empty texts.
    put_in, put_in_after, rewrite
        Statements that write rows, given as JSON under ``:rows``.
    say
        What a row says, in a sentence.
    weigh
        Tries a change for a day and takes it back: what it would mean for the work that lies open; None is what
        `gridmap.catalogue.weighing.weigh` finds of open incidents.
    find_faults
        What does not hold together in the rows of a day.
    """

    name: str
    title: str
    table: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    read: str
    put_in: str
    put_in_after: str = ""
    rewrite: str = ""
    dated: bool = False
    ends: bool = True
    refers: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    settle: Callable[[dict[str, Any]], None] | None = None
    by: str | None = None
    say: Callable[[Mapping[str, Any]], Explained] | None = None
    weigh: Callable[[Session, Callable[[], None], date], Weighed] | None = None
    find_faults: Callable[[Session, date], Iterable[Fault]] | None = None

    @property
    def columns(self) -> tuple[Field, ...]:
        """The fields of its files, with the days."""
        return (*self.fields, SINCE, UNTIL) if self.ends else self.fields

    @property
    def values(self) -> tuple[str, ...]:
        """The fields that are not part of the key."""
        return tuple(each.name for each in self.fields if each.name not in self.key)

    @property
    def identity(self) -> str:
        """The expression that names a row: a number where rows are dated, else the key itself."""
        return "id::text" if self.dated else " || ':' || ".join(self.key)

    def field_called(self, name: str) -> Field:
        """One of `columns`."""
        return next(each for each in self.columns if each.name == name)


SEVERITIES: Final = {"1": N_("1 life at risk"), "2": N_("2 serious"), "3": N_("3 ordinary"), "4": N_("4 take note")}
UNITS: Final = {"h": N_("clock hours"), "wh": N_("work-hours"), "wd": N_("work-days")}
DAYS: Final = "coalesce(lower(valid)::text, '') AS since, coalesce(upper(valid)::text, '') AS until"
VALID: Final = "daterange(CAST(r.since AS date), CAST(r.until AS date))"
EN: Final = "jsonb_strip_nulls(jsonb_build_object('en', nullif(r.name_en, '')))"


def rows_of(columns: str) -> str:
    """The rows of a statement, given as JSON under ``:rows``, with these columns and the days."""
    return f"jsonb_to_recordset(CAST(:rows AS jsonb)) AS r({columns}, since text, until text)"


def named_again(table: str) -> str:
    """The names of a row written over: other languages than ours stay."""
    return f"({table}.names - 'en') || {EN}"
