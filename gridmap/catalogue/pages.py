"""Tables of rules as people look at them: a page at a time, as of a day, counted by list, written into a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.catalogue.ruletable import RuleTable
from gridmap.errors import Invalid, NotFound
from gridmap.grids.queries import current_district
from gridmap.intake.fields import Sort
from gridmap.language import N_

_ZONE: Final = ZoneInfo("Asia/Shanghai")
"""Whose days are counted while there is no district yet."""


@dataclass(frozen=True)
class Wish:
    """
    Which rows of a table are wanted.

    Attributes
    ----------
    on
        Only those that hold on this local day; None is all, past and coming.
    holding
        Text that stands in any cell, whatever its capitals; None is any.
    cells
        Values of fields that have to be these.
    """

    on: date | None = None
    holding: str | None = None
    cells: Mapping[str, str] | None = None


def local_zone(db: Session) -> ZoneInfo:
    """The zone whose days and hours are meant where none is said."""
    try:
        return current_district(db).zone
    except NotFound:
        return _ZONE


def local_today(db: Session, at: datetime) -> date:
    """The day in the district's zone that holds `at`: rules are dated in such days."""
    return at.astimezone(local_zone(db)).date()


def path_at(db: Session, code: str) -> str:
    """
    The area path of an area or a grid, by its code of today.

    Raises
    ------
    NotFound
        If there is neither.
    """
    path: str | None = db.scalar(
        text(
            "SELECT a.path::text FROM area a JOIN area_version v ON v.area_id = a.id"
            " WHERE v.code = :code AND upper_inf(v.valid) AND upper_inf(v.recorded)"
            " UNION ALL SELECT path::text FROM grid_version"
            " WHERE code = :code AND upper_inf(valid) AND upper_inf(recorded) LIMIT 1"
        ),
        {"code": code},
    )
    if path is None:
        raise NotFound(N_("%(code)s is the code of no area and no grid."), code=code)
    return path


def page_of(
    db: Session, table: RuleTable, wish: Wish, *, limit: int, after: Sequence[str] | None
) -> tuple[list[dict[str, Any]], list[str] | None]:
    """
    Read some rows in the order of their key and their first day.

    Parameters
    ----------
    after
        Where the page begins: what the page before gave, or None.

    Returns
    -------
    rows, last
        Each with ``id``, every field, ``since`` and ``until``; and where the next page begins, None on the last.

    Raises
    ------
    NotFound
        If a cell of the wish is no field of the table.
    """
    where, values = _where(table, wish)
    order = _order(table)
    if after is not None:
        begin = ", ".join(_ordered(table, name, f":after{n}") for n, name in enumerate(_ordering(table)))
        where.append(f"({order}) > ({begin})")
        values |= {f"after{n}": part for n, part in enumerate(after)}
    rows = [
        dict(row)
        for row in db.execute(
            text(f"SELECT * FROM ({table.read}) AS t WHERE {' AND '.join(where)} ORDER BY {order} LIMIT :limit"),
            {**values, "limit": limit + 1},
        ).mappings()
    ]
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], [str(rows[limit - 1][name]) for name in _ordering(table)]


def counts_of(db: Session, table: RuleTable, day: date) -> dict[str, Any]:
    """
    Count the rows of a table.

    Returns
    -------
    counts
        ``rows, in_force, coming, ended``, and ``lists`` {value: rows in force} of the field `RuleTable.by`.
    """
    by = "''" if table.by is None else f"t.{table.by}::text"
    begun = "t.since <= :day" if table.ends else "true"
    open_ = "(t.until = '' OR t.until > :day)" if table.ends else "true"
    rows = db.execute(
        text(
            f"SELECT {by} AS list, count(*) AS n, count(*) FILTER (WHERE {begun} AND {open_}) AS in_force,"
            f" count(*) FILTER (WHERE NOT {begun}) AS coming, count(*) FILTER (WHERE NOT {open_}) AS ended"
            f" FROM ({table.read}) AS t GROUP BY 1 ORDER BY 1"
        ),
        {"day": day.isoformat()},
    ).all()
    return {
        "rows": sum(row.n for row in rows),
        "in_force": sum(row.in_force for row in rows),
        "coming": sum(row.coming for row in rows),
        "ended": sum(row.ended for row in rows),
        "lists": {} if table.by is None else {row.list: row.in_force for row in rows},
    }


def write_rules(db: Session, table: RuleTable, path: Path | str, on: date | None = None) -> int:
    """
    Write a table into a CSV or XLSX file that an import takes as it is.

    Parameters
    ----------
    on
        Only the rows that hold on this local day; None is all.

    Returns
    -------
    rows
        How many were written.

    Raises
    ------
    Invalid
        If the suffix is another, or the directory is not there.
    """
    import pandas as pd

    from geodata.errors import GeodataError
    from geodata.files import write

    if Path(path).suffix.lower() not in (".csv", ".xlsx"):
        raise Invalid(N_("Rules are written as .csv or .xlsx."))
    where, values = _where(table, Wish(on))
    rows = db.execute(
        text(f"SELECT * FROM ({table.read}) AS t WHERE {' AND '.join(where)} ORDER BY {_order(table)}"), values
    ).mappings()
    names = [each.name for each in table.columns]
    cells = [[row[name] if row[name] != "" else None for name in names] for row in rows]
    try:
        write(pd.DataFrame(cells, columns=names), path)
    except GeodataError as error:
        raise Invalid(error.msgid, **error.params) from error
    return len(cells)


def _where(table: RuleTable, wish: Wish) -> tuple[list[str], dict[str, Any]]:
    known = {each.name for each in table.columns}
    clauses, values = ["true"], {}
    if wish.on is not None and table.ends:
        clauses.append("t.since <= :on AND (t.until = '' OR t.until > :on)")
        values["on"] = wish.on.isoformat()
    if wish.holding:
        cells = " || ' ' || ".join(f"t.{each.name}::text" for each in table.fields)
        clauses.append(f"position(lower(:holding) IN lower({cells})) > 0")
        values["holding"] = wish.holding
    for name, value in (wish.cells or {}).items():
        if name not in known:
            raise NotFound(N_("This table has no column %(name)s."), name=name)
        clauses.append(f"t.{name}::text = :cell_{name}")
        values[f"cell_{name}"] = value
    return clauses, values


def _ordering(table: RuleTable) -> tuple[str, ...]:
    return (*table.key, "since") if table.ends else table.key


def _order(table: RuleTable) -> str:
    return ", ".join(_ordered(table, name, f"t.{name}::text") for name in _ordering(table))


def _ordered(table: RuleTable, name: str, cell: str) -> str:
    """A text by which cells of a field are in order: numbers by what they are worth."""
    is_count = table.field_called(name).sort is Sort.COUNT
    return f"lpad({cell}, 9, '0')" if is_count else f'{cell} COLLATE "C"'
