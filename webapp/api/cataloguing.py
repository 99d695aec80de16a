"""What the doors of the catalogue do with files and rows: read without a transaction, check and write in one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from gridmap.catalogue.changes import Terms
from gridmap.catalogue.importing import Prepared, carry_out, prepare, read_rules
from gridmap.catalogue.pages import local_today, write_rules
from gridmap.catalogue.ruletable import RuleTable
from gridmap.catalogue.single import end_row, prepare_row
from gridmap.database import transaction
from gridmap.errors import Conflict, Invalid
from gridmap.exchange import uploads
from gridmap.language import N_
from gridmap.system import audit
from gridmap.system.receipts import claim, content_digest
from webapp.api.exporting import count_export, download, reader, work_folder
from webapp.api.importing import kept, person, reading
from webapp.shared import settings
from webapp.shared.pages import current_locale
from webapp.shared.patience import wait_longer
from webapp.shared.policy import current_actor, now


def give(table: RuleTable, suffix: str, on: date | None) -> Response:
    """
    Send a table of rules as a file.

    Raises
    ------
    Invalid
        If there is no such format.
    TooMany
        After ten files within an hour.
    """
    if suffix not in ("csv", "xlsx"):
        raise Invalid(
            N_("There is no format %(name)s. There are: %(known)s."), where="/format", name=suffix, known="csv, xlsx"
        )
    actor = reader()
    count_export(actor)
    with work_folder() as folder:
        path = folder / f"{table.name}.{suffix}"
        with transaction() as db:
            wait_longer(db)
            rows = write_rules(db, table, path, on)
            day = on or local_today(db, now())
            told = {"kind": table.name, "format": suffix, "rows": rows, "on": on and on.isoformat()}
            audit.record(db, actor.doer, "file.export", object_id=f"export:catalogue:{table.name}", changed=told)
        return download(path, f"{table.name}-{day.isoformat()}.{suffix}")


def preview(table: RuleTable, name: str, effective: date | None, whole: bool) -> dict[str, Any]:
    """
    Keep the body of this request, and say what importing it would do.

    Raises
    ------
    TooLarge, Invalid
        If the file is larger than is taken, or cannot be read; it is not kept.
    """
    upload = kept(person(), _kind(table), name)
    try:
        with reading():
            frame = read_rules(upload.path)
        with transaction() as db:
            wait_longer(db)
            prepared = prepare(db, table, frame, _terms(db, effective, whole))
    except Invalid:
        upload.drop()
        raise
    return {"upload": upload.id, "name": upload.name, **prepared.as_json(current_locale())}


def carry_out_upload(
    table: RuleTable, import_id: UUID, upload_id: UUID, effective: date | None, whole: bool, seen: Mapping[str, int]
) -> dict[str, Any]:
    """
    Write a file as it was previewed.

    Raises
    ------
    NotFound
        If there is no such upload of the sender's.
    Invalid, Conflict
        If something is wrong with it, or it would come out otherwise than the preview said.
    """
    actor = person()
    wish = {"upload": str(upload_id), "table": table.name, "effective": str(effective), "whole": whole}
    content = content_digest(wish)
    if _done_before(import_id, content):
        return {"table": table.name, "counts": dict(seen), "repeated": True}
    upload = uploads.find(settings().data_dir, upload_id, actor.id or 0)
    if upload.kind != _kind(table):
        raise Invalid(N_("This file was brought as something else. Choose it again here."), where="/upload")
    with reading():
        frame = read_rules(upload.path)
    with transaction() as db:
        wait_longer(db)
        claim(db, "catalogue.import", [(import_id, content)], now())
        prepared = prepare(db, table, frame, _terms(db, effective, whole))
        if prepared.can_be_written and prepared.counts != dict(seen):
            raise Conflict(
                N_("What is stored has changed since the file was checked; nothing was written. Check it again.")
            )
        carry_out(db, actor, prepared)
    upload.drop()
    return {"table": table.name, "counts": prepared.counts, "repeated": False}


def write_row(
    table: RuleTable, row_id: UUID, cells: Mapping[str, Any], effective: date | None, only_tell: bool
) -> tuple[dict[str, Any], int]:
    """
    Write one rule, or tell what would come of it.

    Raises
    ------
    Invalid
        If something is wrong with it: the first reason, with its column.
    """
    content = content_digest({"table": table.name, "row": dict(cells), "effective": str(effective)})
    with transaction() as db:
        if not only_tell and not claim(db, "catalogue.row", [(row_id, content)], now()):
            return {"table": table.name, "repeated": True}, 200
        prepared = prepare_row(db, table, cells, _terms(db, effective, whole=False))
        if only_tell:
            return prepared.as_json(current_locale()), 200
        _refuse_defects(prepared)
        carry_out(db, current_actor(), prepared)
    return {**prepared.as_json(current_locale()), "repeated": False}, 201


def end(table: RuleTable, row_id: str, day: date) -> dict[str, Any]:
    """End a rule; see `gridmap.catalogue.single.end_row`."""
    with transaction() as db:
        row = end_row(db, current_actor(), table, row_id, day, local_today(db, now()))
    return {"table": table.name, "id": row.id, "key": list(row.key), "ends": day.isoformat()}


def _done_before(import_id: UUID, content: bytes) -> bool:
    """Whether an import of that id was written; an id is taken for good with the write alone."""
    with transaction() as db:
        trial = db.begin_nested()
        new = claim(db, "catalogue.import", [(import_id, content)], now())
        trial.rollback()
    return not new


def _terms(db: Session, effective: date | None, whole: bool) -> Terms:
    today = local_today(db, now())
    if effective is not None and effective < today:
        raise Invalid(
            N_("%(since)s is past. Rules take effect from today (%(today)s) on."),
            where="/effective", since=effective.isoformat(), today=today.isoformat(),
        )  # fmt: skip
    return Terms(today, effective or today, whole=whole)


def _refuse_defects(prepared: Prepared) -> None:
    if not prepared.can_be_written:
        first = prepared.defects.listed[0]
        raise Invalid(first.msgid, where=None if first.column is None else f"/row/{first.column}", **first.params)


def _kind(table: RuleTable) -> str:
    """What an upload is said to hold: no kind of `gridmap.exchange.kinds`, so that no other door takes it."""
    return f"catalogue:{table.name}"
