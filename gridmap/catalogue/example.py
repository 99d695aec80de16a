"""Putting the example catalogue into a database, and the mark that says it is one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.catalogue import reference
from gridmap.catalogue.changes import Terms
from gridmap.catalogue.importing import Prepared, carry_out, frame_of, prepare
from gridmap.catalogue.registry import TABLES
from gridmap.people.rules import Actor

_MARK: Final = "catalogue.example"


def load_example(
    db: Session, actor: Actor, at: datetime, *, today: date, since: date, townships: Sequence[str] = (), seed: int = 1
) -> dict[str, Prepared]:
    """
    Put in the classes and checklists of the example, and duties where townships are named.

    Parameters
    ----------
    at
        Our clock.
    today, since
        The local day, and the day from which dated rows hold; it may be past.
    townships
        Codes of those that have the departments of the made-up district; see `gridmap.catalogue.reference.duties`.

    Returns
    -------
    prepared
        By table, what was found and written.

    Raises
    ------
    Invalid
        If it does not fit to what is there; nothing of the table is written.
    """
    terms = Terms(today, since, past=True)
    parts = {
        "categories": reference.classes(),
        "checklists": reference.checklists(),
        "checklist-items": reference.checklist_items(),
        "duties": reference.duties(townships, seed),
    }
    done = {}
    for name, rows in parts.items():
        if rows:
            done[name] = prepare(db, TABLES[name], frame_of(rows), terms)
            carry_out(db, actor, done[name])
    db.execute(
        text(
            "INSERT INTO setting (key, value, changed_at) VALUES (:key, 'true', :at)"
            " ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, changed_at = EXCLUDED.changed_at"
        ),
        {"key": _MARK, "at": at},
    )
    return done


def holds_example(db: Session) -> bool:
    """Whether the example was put in: whoever shows the catalogue says so."""
    return bool(db.scalar(text("SELECT EXISTS (SELECT FROM setting WHERE key = :key)"), {"key": _MARK}))


def is_empty(db: Session) -> bool:
    """Whether there is no class of matter yet."""
    return not db.scalar(text("SELECT EXISTS (SELECT FROM category)"))
