"""Read the figures of a week: how much there was, how it went, where, and beside which weeks it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from gridmap.catalogue.tables import Category
from gridmap.grids.tables import GridVersion
from gridmap.incidents.past import standing
from gridmap.incidents.queries import readable, summary_columns
from gridmap.incidents.tables import Incident
from gridmap.insight.queries import Sight, area_names, below, count_open, root_of
from gridmap.insight.rules import Fact, Tally, Week, by_day, tally
from gridmap.insight.situation import Situation, Wish, read_situation
from gridmap.people.rules import Scope

_TIGHTEST: Final = 10
_MAP_LAYERS: Final = ("open", "kind", "areas", "incidents", "ground")
_INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True)
class Standing:
    """A week and how things stood at its end, or stand now while it runs."""

    week: Week
    tally: Tally
    open: int
    overdue: int


@dataclass(frozen=True)
class Line:
    """One line of a table: a class, an area or a source, over the three weeks."""

    code: str
    name: str
    names: dict[str, Any]
    this: Tally
    before: Tally
    year_before: Tally


@dataclass(frozen=True)
class Brief:
    """
    A week beside the week before and the same week a year before.

    Attributes
    ----------
    running
        The week has not ended: its figures are as of now.
    days
        What happened and what was closed, by day.
    tightest
        Open incidents by their deadline; empty for who may see figures only.
    """

    made_at: datetime
    running: bool
    this: Standing
    before: Standing
    year_before: Standing
    days: dict[date, tuple[int, int]]
    classes: Sequence[Line]
    townships: Sequence[Line]
    communities: Sequence[Line]
    sources: Sequence[Line]
    tightest: Sequence[Any]
    situation: Situation

    @property
    def empty(self) -> bool:
        """Whether nothing happened in the week and nothing was closed."""
        return not (self.this.tally.new or self.this.tally.closed)


def read_brief(db: Session, sight: Sight, week: Week, area_code: str | None, now: datetime) -> Brief:
    """
    Read the figures of a week.

    Every incident counts in the areas that its grid belonged to on its own day, in earlier weeks as in this one.

    Parameters
    ----------
    area_code
        Only what happened in this area; None is all that may be counted.
    now
        Our clock; a week that it lies in is told as of now.

    Raises
    ------
    NotFound, Invalid
        As `gridmap.insight.situation.read_situation`.
    """
    root = root_of(db, area_code)
    weeks = (week, week.before, week.year_before)
    facts = read_facts(db, sight.figures, root, weeks)
    at = None if week.holds(now) else week.end - _INSTANT
    situation = read_situation(db, sight, Wish(_MAP_LAYERS, "open", area_code, at), now)
    this, before, year_before = (_standing(db, sight.figures, root, each, facts, now) for each in weeks)
    categories = {row.code: row for row in db.execute(select(Category.code, Category.name, Category.names))}
    areas = area_names(db, situation.wish.at)

    def category(fact: Fact) -> str:
        return fact.category or ""

    def area(kind: str) -> Callable[[Fact], str]:
        return lambda fact: next((path for path in _above(fact.path) if path in areas and areas[path].kind == kind), "")

    return Brief(
        now,
        at is None,
        this,
        before,
        year_before,
        by_day(facts, week),
        _lines(facts, weeks, category, categories),
        _lines(facts, weeks, area("township"), areas),
        _lines(facts, weeks, area("community"), areas),
        _lines(facts, weeks, lambda fact: fact.source, {}),
        tightest(db, sight.single, root, at),
        situation,
    )


def read_facts(db: Session, scope: Scope, root: str | None, weeks: Iterable[Week]) -> list[Fact]:
    """Every incident in scope that happened or was closed in one of some weeks, with the path of its own day."""
    spans = [(week.start, week.end) for week in weeks]
    path = func.coalesce(GridVersion.path, Incident.path)
    moved = or_(
        *(
            and_(moment >= start, moment < end)
            for start, end in spans
            for moment in (Incident.occurred_at, Incident.closed_at)
        )
    )
    rows = db.execute(
        select(
            func.text(path), Incident.category, Incident.source, Incident.occurred_at, Incident.due_at,
            Incident.closed_at,
        )
        .outerjoin(GridVersion, GridVersion.id == Incident.grid_version_id)
        .where(readable(scope), moved, below(path, root))
    )  # fmt: skip
    return [Fact(*row) for row in rows]


def tightest(db: Session, scope: Scope, root: str | None, at: datetime | None) -> Sequence[Any]:
    """The open incidents whose deadline is nearest or longest past, now or at an instant."""
    if scope.empty:
        return []
    stood = standing(at)
    return db.execute(
        summary_columns(at)
        .where(readable(scope), stood.is_open, stood.due_at.is_not(None), below(Incident.path, root))
        .order_by(stood.due_at, Incident.id)
        .limit(_TIGHTEST)
    ).all()


def _standing(
    db: Session, scope: Scope, root: str | None, week: Week, facts: Sequence[Fact], now: datetime
) -> Standing:
    at = None if week.holds(now) else week.end - _INSTANT
    return Standing(week, tally(facts, week), *count_open(db, scope, root, now, at))


def _above(path: str) -> list[str]:
    """A path and those above it, the lowest first."""
    labels = path.split(".")
    return [".".join(labels[:n]) for n in range(len(labels), 0, -1)]


def _lines(
    facts: Sequence[Fact], weeks: tuple[Week, Week, Week], key: Callable[[Fact], str], known: dict[str, Any]
) -> list[Line]:
    """One line for each key that occurs, the most of this week first."""
    groups: dict[str, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(key(fact), []).append(fact)
    lines = []
    for name, group in groups.items():
        row = known.get(name)
        this, before, year_before = (tally(group, week) for week in weeks)
        code, said, names = (row.code, row.name, row.names) if row is not None else (name, name, {})
        lines.append(Line(code, said, names, this, before, year_before))
    return sorted(lines, key=lambda line: (-line.this.new, -line.this.closed, line.code))
