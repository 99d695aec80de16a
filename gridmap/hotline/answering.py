"""Answers as a file, for a platform that takes files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from geodata.errors import GeodataError
from gridmap.errors import Invalid
from gridmap.hotline.queries import answers
from gridmap.incidents.rules import State
from gridmap.language import N_, translate
from gridmap.people.rules import Scope

_MOST: Final = 50_000
_COLUMNS: Final = {
    "channel": N_("Channel"),
    "number": N_("Order number"),
    "incident": N_("Incident number"),
    "merged_into": N_("Merged into"),
    "state": N_("State"),
    "received_at": N_("Received"),
    "first_contact_at": N_("First contact"),
    "closed_at": N_("Closed"),
    "result": N_("Result"),
    "satisfied": N_("Satisfied"),
}
_SATISFIED: Final = {"yes": N_("Satisfied"), "partly": N_("Partly satisfied"), "no": N_("Not satisfied")}


def write_answers(
    db: Session, scope: Scope, path: Path, *, channel: str | None, since: datetime | None, until: datetime | None,
    zone: ZoneInfo, locale: str,
) -> int:  # fmt: skip
    """
    Write the answers to orders into a CSV or XLSX file.

    Parameters
    ----------
    since, until
        Orders received in this time.
    zone
        In which times are written.
    locale
        Of the words for states.

    Returns
    -------
    rows
        How many were written.

    Raises
    ------
    Invalid
        If there are more than 50,000, or the file cannot be written.
    """
    import pandas as pd

    from geodata.files import write

    rows, more = answers(db, scope, channel=channel, since=since, until=until, limit=_MOST)
    if more is not None:
        raise Invalid(N_("More than %(most)s orders came in this time. Choose a shorter one."), most=_MOST)

    def local(at: datetime | None) -> str | None:
        return None if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M")

    cells = [
        [row.channel, row.number, row.own_number,
         row.incident_number if row.incident_number != row.own_number else None,
         translate(State(row.state).label, locale), local(row.received_at), local(row.first_contact_at),
         local(row.closed_at), row.result, row.satisfied and translate(_SATISFIED[row.satisfied], locale)]
        for row in rows
    ]  # fmt: skip
    try:
        write(pd.DataFrame(cells, columns=[translate(word, locale) for word in _COLUMNS.values()], dtype=object), path)
    except GeodataError as error:
        raise Invalid(error.msgid, **error.params) from error
    return len(cells)
