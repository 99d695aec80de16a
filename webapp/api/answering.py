"""Answers to hotline orders as a file: written whole into a private directory, sent, and gone."""

from __future__ import annotations

from datetime import datetime

from flask import Response

from gridmap.database import transaction
from gridmap.errors import Invalid
from gridmap.grids.queries import current_district
from gridmap.hotline.answering import write_answers
from gridmap.language import N_
from gridmap.people.rules import scope_of
from gridmap.system import audit
from webapp.api.exporting import count_export, download, reader, work_folder
from webapp.shared.pages import current_locale
from webapp.shared.patience import wait_longer
from webapp.shared.policy import now


def give(suffix: str, channel: str | None, since: datetime | None, until: datetime | None) -> Response:
    """
    Send the answers to orders.

    Raises
    ------
    Invalid
        If there is no such format, or there are too many.
    TooMany
        After ten files within an hour.
    """
    if suffix not in ("csv", "xlsx"):
        raise Invalid(
            N_("There is no format %(name)s. There are: %(known)s."), where="/format", name=suffix, known="csv, xlsx"
        )
    actor = reader()
    scope = scope_of(actor, "hotline.read")
    count_export(actor)
    with work_folder() as folder:
        path = folder / f"hotline.{suffix}"
        with transaction() as db:
            wait_longer(db)
            zone = current_district(db).zone
            rows = write_answers(
                db, scope, path, channel=channel, since=since, until=until, zone=zone, locale=current_locale()
            )
            told = {"kind": "hotline", "format": suffix, "rows": rows, "channel": channel}
            audit.record(db, actor.doer, "file.export", object_id="export:hotline", changed=told)
        return download(path, f"hotline-answers-{now().astimezone(zone).date().isoformat()}.{suffix}")
