"""What a change of rules would mean for the work that lies open: tried in the database, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.catalogue.choosing import pick
from gridmap.catalogue.clocks import Stage
from gridmap.catalogue.rulebook import Rulebook, read_rulebook
from gridmap.language import N_, translate

_Seen = TypeVar("_Seen")

# Incidents that the rules cannot tell apart are asked once.
_OPEN: Final = """
    SELECT i.category, i.severity::text AS severity, i.source, i.level, v.kind, i.path::text AS path, count(*) AS n
    FROM incident i LEFT JOIN grid_version v ON v.id = i.grid_version_id
    WHERE i.closed_at IS NULL GROUP BY 1, 2, 3, 4, 5, 6
"""
_KEEP: Final = N_("Incidents that are open keep the rules of their day. If they came in on %(day)s:")
_NOTHING: Final = N_("Nothing of what lies open would be treated otherwise.")


class Weighed(Protocol):
    """What a change would mean for the work that lies open."""

    def as_json(self, locale: str = "en") -> dict[str, Any]:
        """The counts, ``open`` among them, and ``sentences`` that say what they mean."""


class Share(NamedTuple):
    """How many of those that are open would be treated otherwise, with the sentence that says so."""

    msgid: str
    n: int
    open: int


@dataclass(frozen=True)
class Concern:
    """
    How much of the work that lies open a change would treat otherwise, if it began on the day of the change.

    Attributes
    ----------
    open
        All that was asked.
    kept
        The sentence that says what stays as it is, and what is asked instead, of a ``day``.
    shares
        What would be otherwise, kind by kind; nothing is in two of them.
    """

    day: date
    open: int
    kept: str
    shares: tuple[Share, ...]

    @property
    def otherwise(self) -> int:
        """What of it would be treated otherwise."""
        return sum(share.n for share in self.shares)

    def as_json(self, locale: str = "en") -> dict[str, Any]:
        """The counts, and what they mean in sentences."""
        said = [translate(share.msgid, locale, n=share.n, open=share.open) for share in self.shares if share.n]
        kept = translate(self.kept, locale, day=self.day.isoformat()) if said else translate(_NOTHING, locale)
        return {"open": self.open, "otherwise": self.otherwise, "sentences": [kept, *said]}


@dataclass(frozen=True)
class Weight:
    """
    How many of the open incidents the change would treat otherwise, if they came in on its day.

    Attributes
    ----------
    open
        All that are open.
    route
        Whose owner, list or helpers would be others.
    deadline
        Of which a time limit would be another.
    proof
        Of which other photos would be asked for.
    """

    day: date
    open: int
    route: int
    deadline: int
    proof: int

    def as_json(self, locale: str = "en") -> dict[str, Any]:
        """The counts, and what they mean in sentences."""
        told = ((self.route, N_("%(n)s of %(open)s open incidents would be routed otherwise.")),
                (self.deadline, N_("%(n)s of %(open)s open incidents would have another time limit.")),
                (self.proof, N_("%(n)s of %(open)s open incidents would be asked for other photos.")))  # fmt: skip
        said = [translate(msgid, locale, n=n, open=self.open) for n, msgid in told if n]
        kept = [translate(_KEEP, locale, day=self.day.isoformat())] if said else []
        return {"open": self.open, "route": self.route, "deadline": self.deadline, "proof": self.proof,
                "sentences": [*kept, *said]}  # fmt: skip


def weigh(db: Session, change: Callable[[], None], day: date) -> Weight:
    """
    Make a change, compare the rules of a day before and after it, and take it back.

    Parameters
    ----------
    change
        Writes into the transaction of `db`.
    day
        The local day from which the change holds.

    Raises
    ------
    IntegrityError
        If the database does not take the change.
    """
    before, after = tried(db, change, lambda: read_rulebook(db, 0))
    total = route = deadline = proof = 0
    for row in db.execute(text(_OPEN)):
        total += row.n
        route += row.n * (_routed(before, row, day) != _routed(after, row, day))
        deadline += row.n * (list(_timed(before, row, day)) != list(_timed(after, row, day)))
        proof += row.n * any(
            before.needs_of(row.category, step, day) != after.needs_of(row.category, step, day)
            for step in ("handle", "fix", "check", "close")
        )
    return Weight(day, total, route, deadline, proof)


def tried(db: Session, change: Callable[[], None], look: Callable[[], _Seen]) -> tuple[_Seen, _Seen]:
    """
    Look before a change and after it, and take it back.

    Raises
    ------
    IntegrityError
        If the database does not take the change.
    """
    before = look()
    trial = db.begin_nested()
    try:
        change()
        return before, look()
    finally:
        trial.rollback()


def _routed(book: Rulebook, row: Any, day: date) -> tuple[Any, ...]:
    route = book.route(row.category, row.path, day)
    return route.list, route.owner_department_id, route.assisting


def _timed(book: Rulebook, row: Any, day: date) -> Iterator[tuple[Any, ...] | None]:
    facts = {"severity": row.severity, "source": row.source, "level": row.level, "kind": row.kind or ""}
    path = book.path_of(row.category)
    for stage in Stage:
        rule = pick(book.timing.rules.values(), path, facts, stage, day)
        yield None if rule is None else (rule.amount, rule.unit, rule.calendar)
