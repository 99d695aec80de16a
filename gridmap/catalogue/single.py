"""One rule at a time, as an administrator changes them at the table itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from gridmap.catalogue.changes import Plan, Stored, Terms
from gridmap.catalogue.importing import Prepared, frame_of, prepare, read_stored
from gridmap.catalogue.ruletable import RuleTable
from gridmap.catalogue.writing import hold_catalogue, put_down
from gridmap.errors import Conflict, Invalid, NotFound
from gridmap.language import N_
from gridmap.people.rules import Actor
from gridmap.system import audit


def prepare_row(db: Session, table: RuleTable, cells: Mapping[str, Any], terms: Terms) -> Prepared:
    """
    Check one row as an import would; `gridmap.catalogue.importing.carry_out` writes it.

    Raises
    ------
    Invalid
        If it names a field that the table has not.
    """
    known = [each.name for each in table.columns]
    for name in cells:
        if name not in known:
            raise Invalid(
                N_("There is no field %(field)s. There are: %(known)s."),
                where=f"/row/{name}", field=name, known=", ".join(known),
            )  # fmt: skip
    return prepare(db, table, frame_of([{name: cells.get(name) for name in known}]), terms)


def end_row(db: Session, actor: Actor, table: RuleTable, row_id: str, day: date, today: date) -> Stored:
    """
    Let a rule hold no more from a day on; one that has not begun by then is taken back.

    Returns
    -------
    row
        As it stood.

    Raises
    ------
    NotFound
        If there is no such row.
    Invalid
        If the table has no days, or the day is past.
    Conflict
        If it ended before that day.
    """
    if not table.ends:
        raise Invalid(N_("Rows of this table do not end; write over them."))
    hold_catalogue(db)
    row = next((each for each in read_stored(db, table) if each.id == row_id), None)
    if row is None:
        raise NotFound(N_("There is no such row in this table."))
    if day < today:
        raise Invalid(
            N_("%(day)s is past. What held on past days stays; let it end today or later."),
            where="/day", day=day.isoformat(),
        )  # fmt: skip
    if row.until is not None and row.until <= day:
        raise Conflict(N_("It ends on %(until)s already."), until=row.until.isoformat())
    begins = row.since or date.min
    not_begun = begins >= day
    if not_begun and not table.dated:
        raise Invalid(N_("It begins on %(since)s; let it end on a later day."), where="/day", since=begins.isoformat())
    put_down(db, table, Plan(taken_back=[row.id]) if not_begun else Plan(cut=[(row.id, day)]))
    told = {"ends": day.isoformat(), "key": list(row.key)}
    audit.record(db, actor.doer, "catalogue.write", object_id=f"catalogue:{table.name}:{row.id}", changed=told)
    return row
