"""What residents choose from at a door, by the day; and which class of matter a choice becomes."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from gridmap.catalogue.rulebook import Rulebook
from gridmap.catalogue.rules import ClassOfMatter
from gridmap.database import straight
from gridmap.residents.rules import Chip

_ANYTHING: Final = Chip("other", "dots", "其他", {"en": "Something else"})
"""Where nothing is offered any more, the form still takes what somebody has to say."""


def offered(db: Session, day: date, since: date | None = None) -> tuple[Chip, ...]:
    """
    The kinds of matter that residents are offered on a day, in their order.

    Parameters
    ----------
    day
        A day of the district.
    since
        Also those that ended since this day: a form that was opened before offers them still.
    """
    rows = straight(
        db,
        "SELECT DISTINCT ON (code) code, n, icon, category, called, name, names FROM resident_choice"
        " WHERE valid && daterange(%(since)s, %(day)s, '[]') ORDER BY code, valid DESC",
        {"since": since or day, "day": day},
    )
    chips = [
        Chip(row.code, row.icon, row.name, row.names, row.category, row.called)
        for row in sorted(rows, key=lambda row: (row.n, row.code))
    ]
    return tuple(chips) or (_ANYTHING,)


def class_of(book: Rulebook, chip: Chip, day: date) -> ClassOfMatter | None:
    """The class that a choice becomes on a day; None if there is none then, or it is called otherwise here."""
    found = book.category(chip.category) if chip.category else None
    if found is None or day not in found.valid or chip.called not in (None, found.name):
        return None
    return found
