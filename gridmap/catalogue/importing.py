"""
Rules from a file into the database: checked row by row, weighed, and written whole or not at all.

From a web view::

    frame = read_rules(upload)                              # no transaction is open while the file is read
    with transaction() as db:
        prepared = prepare(db, table, frame, terms)         # nothing is written
        if wanted and prepared.can_be_written:
            carry_out(db, actor, prepared)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from geodata.errors import GeodataError
from geodata.files import IMPORT, Limits, read
from gridmap.catalogue.changes import Change, Plan, Stored, Terms, Wanted, plan_dated, plan_standing
from gridmap.catalogue.references import read_known, troubles
from gridmap.catalogue.ruletable import RuleTable
from gridmap.catalogue.settling import NO_DAY, PLAIN_DAYS
from gridmap.catalogue.weighing import Weighed, weigh
from gridmap.catalogue.writing import hold_catalogue, put_down
from gridmap.errors import Invalid
from gridmap.intake.defects import Defect, Defects
from gridmap.intake.fields import Field, Sort
from gridmap.intake.rows import Rows, take_rows
from gridmap.intake.values import as_instant
from gridmap.language import N_
from gridmap.people.rules import Actor
from gridmap.system import audit

if TYPE_CHECKING:
    import geopandas as gpd

MOST_TOLD: Final = 500
"""Rules that a preview tells one by one."""
_NO_DAYS: Final = N_("It ends on %(until)s, before it begins on %(since)s.")


@dataclass(frozen=True)
class Prepared:
    """
    A file of rules that was read, checked and weighed; nothing of it is written.

    Attributes
    ----------
    table
        Which rules.
    terms
        Under which they would be imported.
    rows
        How many there are.
    numbers
        The rows of the file as people count them, by their place.
    defects
        What is wrong with which row; with any, nothing is written.
    plan
        What would be done.
    weight
        How much of the work that lies open would be treated otherwise; None where something is wrong.
    """

    table: RuleTable
    terms: Terms
    rows: int
    numbers: tuple[int, ...]
    defects: Defects
    plan: Plan
    weight: Weighed | None

    @property
    def can_be_written(self) -> bool:
        """Whether nothing is wrong."""
        return self.defects.count == 0

    @property
    def counts(self) -> dict[str, int]:
        """How many rules would be ``added, changed, ended`` and stay the ``same``."""
        return {kind: self.plan.count(kind) for kind in ("added", "changed", "ended", "same")}

    def as_json(self, locale: str = "en") -> dict[str, Any]:
        """
        All of it as plain data.

        Returns
        -------
        answer
            ``table, rows, effective, whole, counts, can_be_written``; ``defects`` {count, listed: [{row, column,
            sentence}]}; ``changes`` [{row, kind, key, since, until, before, after}] of the first rules that do not
            stay the same, and ``changes_left_out``; ``weight`` {open, sentences, and how many of them by what would be
            otherwise} or null.
        """
        others = [change for change in self.plan.changes if change.kind != "same"]
        return {
            "table": self.table.name,
            "rows": self.rows,
            "effective": self.terms.effective.isoformat(),
            "whole": self.terms.whole,
            "counts": self.counts,
            "can_be_written": self.can_be_written,
            "defects": {
                "count": self.defects.count,
                "listed": [
                    {"row": defect.row, "column": defect.column, "sentence": defect.sentence(locale)}
                    for defect in self.defects.listed
                ],
            },
            "changes": [self._as_told(change) for change in others[:MOST_TOLD]] if self.can_be_written else [],
            "changes_left_out": max(0, len(others) - MOST_TOLD) if self.can_be_written else 0,
            "weight": None if self.weight is None else self.weight.as_json(locale),
        }

    def _as_told(self, change: Change) -> dict[str, Any]:
        return {
            "row": None if change.n is None else self.numbers[change.n],
            "kind": change.kind,
            "key": list(change.key),
            "since": change.since and change.since.isoformat(),
            "until": change.until and change.until.isoformat(),
            "before": change.before,
            "after": change.after,
        }


def read_rules(path: Path | str, limits: Limits = IMPORT) -> gpd.GeoDataFrame:
    """
    Read a CSV or XLSX of rules in a child process that can do no harm.

    Raises
    ------
    Invalid
        If it cannot be read.
    """
    try:
        return read(path, limits=limits)
    except GeodataError as error:
        raise Invalid(error.msgid, **error.params) from error


def prepare(
    db: Session, table: RuleTable, frame: gpd.GeoDataFrame, terms: Terms, mapping: Mapping[str, str] | None = None
) -> Prepared:
    """
    Check the rows of a file against themselves and the database, and weigh what they would change.

    Parameters
    ----------
    db
        The transaction that will write, if anything is to be written: no rule changes before it ends.
    frame
        n rows as `read_rules` gives them.
    mapping
        Column by field, where names are not enough.
    """
    hold_catalogue(db)
    rows = take_rows(frame, table.columns, mapping or {}, PLAIN_DAYS)
    if not len(rows):
        rows.defects.say(N_("The file has no rows."))
    wanted = _wanted(rows, table, terms)
    stored = read_stored(db, table)
    _note_troubles(rows, table, wanted, db, terms)
    plan = plan_dated(wanted, stored, terms) if table.dated else plan_standing(wanted, stored, terms, table.fixed)
    for refusal in plan.refusals:
        _note(rows, table, refusal.n, refusal.column, refusal.msgid, dict(refusal.values))
    weight = None if rows.defects.count else _weighed(db, rows, table, plan, terms)
    return Prepared(table, terms, len(rows), tuple(rows.numbers.tolist()), rows.defects, plan, weight)


def carry_out(db: Session, actor: Actor, prepared: Prepared) -> None:
    """
    Write what was prepared, with its audit row, in the transaction in which it was prepared.

    Raises
    ------
    Invalid
        If something is wrong with a row.
    """
    if not prepared.can_be_written:
        raise Invalid(
            N_("The file has %(count)s defects; nothing was written. Repair them and import it again."),
            count=prepared.defects.count,
        )
    put_down(db, prepared.table, prepared.plan)
    told = {"effective": prepared.terms.effective.isoformat(), "whole": prepared.terms.whole, **prepared.counts}
    audit.record(db, actor.doer, "catalogue.write", object_id=f"catalogue:{prepared.table.name}", changed=told)


def frame_of(rows: Sequence[Mapping[str, Any]]) -> gpd.GeoDataFrame:
    """Rows that come as JSON or from our own code, as a file would give them."""
    import geopandas as gpd
    import pandas as pd

    table = pd.DataFrame([{name: _cell(value) for name, value in row.items()} for row in rows], dtype=object)
    table.index = pd.RangeIndex(1, len(table) + 1)
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries([None] * len(table), index=table.index, crs=4326))


def read_stored(db: Session, table: RuleTable) -> list[Stored]:
    """All rows of a table of rules, of all days."""
    rows = db.execute(text(table.read)).mappings()
    return [
        Stored(
            row["id"],
            tuple(row[name] for name in table.key),
            {name: row[name] for name in table.values},
            _day_or_none(row.get("since", "")),
            _day_or_none(row.get("until", "")),
        )
        for row in rows
    ]


def _wanted(rows: Rows, table: RuleTable, terms: Terms) -> list[Wanted]:
    """The rows of the file; those whose cells are wrong are left out, since their key means nothing."""
    since, until = (_days(rows, name) if table.ends else [None] * len(rows) for name in ("since", "until"))
    wrong = {int(defect.row) for defect in rows.defects.listed if defect.row is not None}
    default = terms.effective if table.dated or terms.effective > terms.today else None
    wanted = []
    for n, number in enumerate(rows.numbers.tolist()):
        cells = {each.name: _plain(rows.columns[each.name][n], each) for each in table.fields}
        # Not every defect is listed where there are many: what is needed and not there says so, too.
        if number in wrong or any(each.needed and cells[each.name] in ("", None) for each in table.fields):
            continue
        begins, ends = since[n] or default, until[n]
        if since[n] is None and ends is not None and begins is not None and ends <= begins:
            begins = None  # a row that ended and says no first day: it must be one that is there
        try:
            if table.settle is not None:
                table.settle(cells)
            if ends is not None and begins is not None and ends <= begins:
                raise Invalid(_NO_DAYS, where="/until", until=ends.isoformat(), since=begins.isoformat())
        except Invalid as error:
            _note(rows, table, n, (error.where or "").removeprefix("/") or None, error.msgid, error.params)
            continue
        key = tuple(cells[name] for name in table.key)
        values = {name: cells[name] for name in table.values}
        wanted.append(Wanted(n, key, values, begins, ends, since[n] is not None))
    return wanted


def _weighed(db: Session, rows: Rows, table: RuleTable, plan: Plan, terms: Terms) -> Weighed | None:
    try:
        return (table.weigh or weigh)(db, lambda: put_down(db, table, plan), terms.effective)
    except IntegrityError as error:
        # What only the whole table knows, such as two spans of hours that overlap.
        rows.defects.say(
            N_("Some rows do not fit beside one another, or beside what is in force (%(rule)s)."),
            rule=getattr(getattr(error.orig, "diag", None), "constraint_name", None) or "–",
        )
        return None


def _days(rows: Rows, name: str) -> list[date | None]:
    cells = rows.columns[name]
    moments = [None if cell is None else as_instant(cell, PLAIN_DAYS) for cell in cells]
    wrong = [cell is not None and moment is None for cell, moment in zip(cells, moments, strict=True)]
    rows.flag(wrong, NO_DAY, column=name, values={"value": cells})
    return [None if moment is None else moment.date() for moment in moments]


def _note_troubles(rows: Rows, table: RuleTable, wanted: Sequence[Wanted], db: Session, terms: Terms) -> None:
    for n, column, msgid, values in troubles(table, wanted, read_known(db, table), terms.effective):
        _note(rows, table, n, column, msgid, {**values, "field": table.field_called(column).title})


def _note(rows: Rows, table: RuleTable, n: int, column: str | None, msgid: str, values: dict[str, Any]) -> None:
    if "first" in values:
        values["first"] = int(rows.numbers[values["first"] - 1])
    if column is not None:
        values["field"] = table.field_called(column).title
    rows.defects.add(Defect(msgid, values, int(rows.numbers[n]), column))


def _plain(value: Any, wanted: Field) -> Any:
    return value if wanted.sort in (Sort.COUNT, Sort.NUMBER) and value is not None else value or ""


def _cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else None if value is None else str(value)


def _day_or_none(said: str) -> date | None:
    return date.fromisoformat(said) if said else None
