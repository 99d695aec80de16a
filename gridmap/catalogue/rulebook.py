"""The rulebook: every rule of the catalogue in memory, asked of its day, read anew only when one has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gridmap.catalogue import loading
from gridmap.catalogue.clocks import ClockRule, DayRange, Stage
from gridmap.catalogue.revision import catalogue_revision
from gridmap.catalogue.routing import Duties, find_route
from gridmap.catalogue.rules import (
    BY_CLASS,
    Checklist,
    Choice,
    ClassOfMatter,
    Item,
    Names,
    Office,
    Photos,
    Route,
    Wording,
)
from gridmap.catalogue.timing import Timing, timing_now


@dataclass(frozen=True)
class Rulebook:
    """
    All rules as of one revision; it never changes, and asks no database.

    Attributes
    ----------
    revision
        Which state of the catalogue it is.
    classes
        By code.
    timing
        The clocks and calendars.
    """

    revision: int
    classes: Mapping[str, ClassOfMatter]
    duties: Duties
    offices: Mapping[int, Office]
    areas: Mapping[int, tuple[str, Names]]
    needs: Mapping[tuple[str, str], Sequence[tuple[Photos, DayRange]]]
    checklists: Sequence[loading.ChecklistRow]
    reason_rows: Mapping[str, Sequence[tuple[Choice, DayRange]]]
    wording_rows: Sequence[loading.WordingRow]
    timing: Timing

    def category(self, code: str) -> ClassOfMatter | None:
        """The class of that code, also if it ended; None if there is none."""
        return self.classes.get(code)

    def path_of(self, code: str | None) -> tuple[str, ...]:
        """Codes of a class and those above it, the major one first; none for what has no class."""
        return tuple(each.code for each in self._line(code))

    def clock(self, category: str | None, facts: Mapping[str, str], stage: Stage, at: datetime) -> ClockRule | None:
        """The time limit of a stage by the rules of the local day of `at`; see `gridmap.catalogue.clocks.pick`."""
        return self.timing.clock(self.path_of(category), facts, stage, at)

    def route(self, category: str | None, area_path: str, day: date) -> Route:
        """Who answers for a matter at a place; see `gridmap.catalogue.routing.find_route`."""
        return find_route(self.duties, self._line(category), area_path, day, offices=self.offices, areas=self.areas)

    def reasons(self, list_name: str, day: date) -> tuple[Choice, ...]:
        """The reasons of a list that may be chosen on a day, by code."""
        return tuple(choice for choice, valid in self.reason_rows.get(list_name, ()) if day in valid)

    def needs_of(self, category: str | None, step: str, day: date) -> Photos:
        """
        Which photos a step asks for in a class on a day.

        The nearest row of the class or one above it counts; without any, for the steps `BY_CLASS`, what the class
        itself says.
        """
        line = self._line(category)
        for each in reversed(line):
            for photos, valid in self.needs.get((each.code, step), ()):
                if day in valid:
                    return photos
        return line[-1].evidence if line and step in BY_CLASS else Photos.NONE

    def checklists_of(self, category: str | None, day: date) -> tuple[Checklist, ...]:
        """The checklists of a class and of those above it on a day, those of the major class first."""
        path = self.path_of(category)
        found = [row for row in self.checklists if row.category in path and day in row.valid]
        found.sort(key=lambda row: (path.index(row.category), row.code))
        return tuple(Checklist(row.code, row.name, row.names, _in_force(row.items, day)) for row in found)

    def wordings(self, use: str, category: str | None, day: date) -> tuple[Wording, ...]:
        """Words for a use (``note``, ``feedback``) in a class on a day; those for the class itself first."""
        path: list[str | None] = [None, *self.path_of(category)]
        found = [row for row in self.wording_rows if row.use == use and row.category in path and day in row.valid]
        found.sort(key=lambda row: (-path.index(row.category), row.wording.code))
        return tuple(row.wording for row in found)

    def _line(self, code: str | None) -> list[ClassOfMatter]:
        line: list[ClassOfMatter] = []
        each = self.classes.get(code) if code is not None else None
        while each is not None:
            line.insert(0, each)
            each = self.classes.get(each.parent) if each.parent is not None else None
        return line


def rulebook_now(db: Session) -> Rulebook:
    """
    The rulebook as this transaction sees it: one read of a number if nothing has changed since the last call.

    Rules change some times a month, and every step of an incident asks several of them.
    """
    global _kept
    key = (_database_of(db), catalogue_revision(db))
    with _door:
        if _kept is not None and _kept[0] == key:
            return _kept[1]
    # Read outside of the door: two threads may read the same twice, and none waits for another.
    book = read_rulebook(db, key[1])
    with _door:
        _kept = (key, book)
    return book


def read_rulebook(db: Session, revision: int) -> Rulebook:
    """Read all rules, whatever was kept; `rulebook_now` is for everyone but who weighs a change."""
    return Rulebook(
        revision,
        loading.load_classes(db),
        loading.load_duties(db),
        loading.load_offices(db),
        loading.load_areas(db),
        loading.load_needs(db),
        loading.load_checklists(db),
        loading.load_reasons(db),
        loading.load_wordings(db),
        timing_now(db),
    )


def _in_force(items: Sequence[tuple[Item, DayRange]], day: date) -> tuple[Item, ...]:
    return tuple(item for item, valid in items if day in valid)


def _database_of(db: Session) -> str:
    """Numbers of revisions are of one database; a process that speaks to two, as tests do, must not mix them."""
    bound = db.get_bind()
    engine = bound if isinstance(bound, Engine) else bound.engine
    return engine.url.render_as_string(hide_password=True)


_door = Lock()
_kept: tuple[tuple[str, int], Rulebook] | None = None
