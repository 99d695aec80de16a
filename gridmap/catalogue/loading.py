"""Reading the rows of the catalogue into what the rulebook holds; a statement a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gridmap.catalogue.clocks import DayRange
from gridmap.catalogue.rules import Choice, ClassOfMatter, DutyList, DutyRow, Item, Names, Office, Photos, Wording


@dataclass(frozen=True)
class ChecklistRow:
    """A checklist with its questions of all days."""

    code: str
    category: str
    name: str
    names: Names
    valid: DayRange
    items: Sequence[tuple[Item, DayRange]]


@dataclass(frozen=True)
class WordingRow:
    """Words with what they are for."""

    use: str
    category: str | None
    wording: Wording
    valid: DayRange


def load_classes(db: Session) -> dict[str, ClassOfMatter]:
    """All classes by code."""
    rows = db.execute(
        text("SELECT code, parent, name, names, severity, evidence, offered, valid FROM category ORDER BY code")
    )
    return {
        row.code: ClassOfMatter(
            row.code, row.parent, row.name, row.names, row.severity, Photos(row.evidence), row.offered, _days(row.valid)
        )
        for row in rows
    }


def load_duties(db: Session) -> dict[tuple[str, int], list[DutyRow]]:
    """All duties by class and area, of all days."""
    rows = db.execute(
        text(
            "SELECT id, category, area_id, list, owner_id, valid, ARRAY(SELECT department_id FROM duty_assist"
            " WHERE duty_id = duty.id ORDER BY department_id) AS assisting FROM duty ORDER BY id"
        )
    )
    found: dict[tuple[str, int], list[DutyRow]] = defaultdict(list)
    for row in rows:
        found[row.category, row.area_id].append(
            DutyRow(row.id, row.category, row.area_id, DutyList(row.list), row.owner_id, tuple(row.assisting),
                    _days(row.valid))
        )  # fmt: skip
    return dict(found)


def load_offices(db: Session) -> dict[int, Office]:
    """The departments by id, those that ended too."""
    rows = db.execute(text("SELECT id, code, name, names FROM department ORDER BY id"))
    return {row.id: Office(row.id, row.code, row.name, row.names) for row in rows}


def load_areas(db: Session) -> dict[int, tuple[str, Names]]:
    """Names of the areas by id, as they are called last."""
    rows = db.execute(
        text(
            "SELECT DISTINCT ON (area_id) area_id, name, names FROM area_version WHERE upper_inf(recorded)"
            " ORDER BY area_id, lower(valid) DESC"
        )
    )
    return {row.area_id: (row.name, row.names) for row in rows}


def load_needs(db: Session) -> dict[tuple[str, str], list[tuple[Photos, DayRange]]]:
    """What steps ask for, by class and step, of all days."""
    found: dict[tuple[str, str], list[tuple[Photos, DayRange]]] = defaultdict(list)
    for row in db.execute(text("SELECT category, step, photos, valid FROM evidence_need ORDER BY id")):
        found[row.category, row.step].append((Photos(row.photos), _days(row.valid)))
    return dict(found)


def load_checklists(db: Session) -> list[ChecklistRow]:
    """The checklists by code, with their questions in order."""
    items: dict[str, list[tuple[Item, DayRange]]] = defaultdict(list)
    for row in db.execute(
        text("SELECT checklist, code, n, name, names, answer, needed, valid FROM checklist_item ORDER BY n, code, id")
    ):
        item = Item(row.code, row.n, row.name, row.names, row.answer, row.needed)
        items[row.checklist].append((item, _days(row.valid)))
    rows = db.execute(text("SELECT code, category, name, names, valid FROM checklist ORDER BY code"))
    return [
        ChecklistRow(row.code, row.category, row.name, row.names, _days(row.valid), tuple(items[row.code]))
        for row in rows
    ]


def load_reasons(db: Session) -> Mapping[str, Sequence[tuple[Choice, DayRange]]]:
    """The reasons by list, in the order of their codes."""
    found: dict[str, list[tuple[Choice, DayRange]]] = defaultdict(list)
    for row in db.execute(text("SELECT list, code, name, names, valid FROM reason ORDER BY list, code")):
        found[row.list].append((Choice(row.code, row.name, row.names), _days(row.valid)))
    return dict(found)


def load_wordings(db: Session) -> list[WordingRow]:
    """Words to begin a text with, by code."""
    rows = db.execute(
        text("SELECT code, use, category, name, names, body, bodies, valid FROM text_template ORDER BY code")
    )
    return [
        WordingRow(row.use, row.category, Wording(row.code, row.name, row.names, row.body, row.bodies),
                   _days(row.valid))
        for row in rows
    ]  # fmt: skip


def _days(valid: Range[date] | Any) -> DayRange:
    return DayRange(valid.lower, valid.upper)
