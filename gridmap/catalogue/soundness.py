"""Whether the rules of a day hold together: nothing refers to what ended, and somebody answers for every class."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.catalogue.registry import TABLES
from gridmap.catalogue.rulebook import Rulebook, rulebook_now
from gridmap.language import N_

_ENDED_OWNERS: Final = """
    SELECT d.category, v.code AS area, o.code AS department FROM duty d
    JOIN department o ON o.id = d.owner_id OR EXISTS (
        SELECT FROM duty_assist s WHERE s.duty_id = d.id AND s.department_id = o.id)
    LEFT JOIN area_version v ON v.area_id = d.area_id AND upper_inf(v.valid) AND upper_inf(v.recorded)
    WHERE d.valid @> CAST(:day AS date) AND o.ended_at IS NOT NULL ORDER BY 1, 2, 3
"""
_GONE_AREAS: Final = """
    SELECT DISTINCT d.area_id FROM duty d WHERE d.valid @> CAST(:day AS date) AND NOT EXISTS (
        SELECT FROM area_version v WHERE v.area_id = d.area_id AND upper_inf(v.valid) AND upper_inf(v.recorded))
    ORDER BY 1
"""
_TOWNSHIPS: Final = """
    SELECT v.code, a.path::text AS path FROM area a JOIN area_version v ON v.area_id = a.id
    WHERE a.kind = 'township' AND upper_inf(v.valid) AND upper_inf(v.recorded) ORDER BY v.code
"""


@dataclass(frozen=True)
class Fault:
    """What is wrong, in which table, as a sentence."""

    table: str
    msgid: str
    values: dict[str, Any] = field(default_factory=dict)


def find_faults(db: Session, day: date) -> list[Fault]:
    """
    Find what an import cannot refuse, since it came to be later or by something missing.

    Parameters
    ----------
    day
        The local day whose rules are checked.
    """
    book = rulebook_now(db)
    of_others = [fault for each in TABLES.values() if each.find_faults for fault in each.find_faults(db, day)]
    return [*_ended(db, book, day), *_unanswered(db, book, day), *_unasked(book, day), *of_others]


def _ended(db: Session, book: Rulebook, day: date) -> list[Fault]:
    faults = [
        Fault("duties", N_("%(category)s in %(area)s is the duty of %(department)s, which ended."), dict(row))
        for row in db.execute(text(_ENDED_OWNERS), {"day": day}).mappings()
    ]
    faults += [
        Fault("duties", N_("There are duties in an area that ended (%(area)s)."), {"area": book.areas[row.area_id][0]})
        for row in db.execute(text(_GONE_AREAS), {"day": day})
    ]
    for rows in book.duties.values():
        for row in rows:
            if day in row.valid and day not in book.classes[row.category].valid:
                faults.append(Fault("duties", N_("There are duties for the class %(category)s, which ended."),
                                    {"category": row.category}))  # fmt: skip
    return faults


def _unanswered(db: Session, book: Rulebook, day: date) -> list[Fault]:
    """Classes that are offered and for which nobody answers in a township; where no duties are kept, none is asked."""
    if not book.duties:
        return []
    parents = {each.parent for each in book.classes.values()}
    asked = [each for each in book.classes.values()
             if each.offered and day in each.valid and each.code not in parents]  # fmt: skip
    return [
        Fault("duties", N_("Nobody answers for the class %(category)s in %(area)s."),
              {"category": each.code, "area": row.code})
        for row in db.execute(text(_TOWNSHIPS))
        for each in asked
        if book.route(each.code, row.path, day).duty_id is None
    ]  # fmt: skip


def _unasked(book: Rulebook, day: date) -> list[Fault]:
    return [
        Fault("checklists", N_("The checklist %(code)s has no question."), {"code": row.code})
        for row in book.checklists
        if day in row.valid and not any(day in valid for _, valid in row.items)
    ]
