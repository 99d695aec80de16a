"""Writing what was planned: a statement for all rows that are cut, taken back, put in or written over."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.catalogue.changes import Plan, Wanted
from gridmap.catalogue.ruletable import RuleTable

_WRITE_LOCK: Final = 7690
"""Of the advisory lock under which rules are compared and changed by one at a time."""


def hold_catalogue(db: Session) -> None:
    """Let nobody else change rules by an import until this transaction ends."""
    db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITE_LOCK})


def put_down(db: Session, table: RuleTable, plan: Plan) -> None:
    """
    Do what a plan says.

    Room is made first: a row that ends leaves its days to the one that follows it.
    """
    if plan.taken_back:
        db.execute(
            text(f"DELETE FROM {table.table} WHERE {table.identity} = ANY(CAST(:ids AS text[]))"),
            {"ids": plan.taken_back},
        )
    if plan.cut:
        rows = [{"row_id": row_id, "until": None if day is None else day.isoformat()} for row_id, day in plan.cut]
        db.execute(
            text(
                f"UPDATE {table.table} SET valid = daterange(lower(valid), c.until)"
                " FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS c(row_id text, until date)"
                f" WHERE {table.identity} = c.row_id"
            ),
            {"rows": json.dumps(rows)},
        )
    if plan.put_in:
        _send(db, table, table.put_in, plan.put_in)
        if table.put_in_after:
            _send(db, table, table.put_in_after, plan.put_in)
    if plan.rewritten:
        _send(db, table, table.rewrite, plan.rewritten)


def _send(db: Session, table: RuleTable, statement: str, wanted: Sequence[Wanted]) -> None:
    db.execute(text(statement), {"rows": json.dumps([_as_row(table, row) for row in wanted], ensure_ascii=False)})


def _as_row(table: RuleTable, row: Wanted) -> dict[str, Any]:
    return {
        **dict(zip(table.key, row.key, strict=True)),
        **row.values,
        "since": None if row.since is None else row.since.isoformat(),
        "until": None if row.until is None else row.until.isoformat(),
    }
