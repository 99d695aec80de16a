"""What a change of rules would mean for the work that lies open: tried in the database, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.catalogue.choosing import pick
from gridmap.catalogue.clocks import Stage
from gridmap.catalogue.rulebook import Rulebook, read_rulebook
from gridmap.language import N_, translate

# Incidents that the rules cannot tell apart are asked once.
_OPEN: Final = """
    SELECT i.category, i.severity::text AS severity, i.source, i.level, v.kind, i.path::text AS path, count(*) AS n
    FROM incident i LEFT JOIN grid_version v ON v.id = i.grid_version_id
    WHERE i.closed_at IS NULL GROUP BY 1, 2, 3, 4, 5, 6
"""
KEEP: Final = N_("Incidents that are open keep the rules of their day. If they came in on %(day)s:")


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
        kept = [translate(KEEP, locale, day=self.day.isoformat())] if said else []
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
    before = read_rulebook(db, 0)
    trial = db.begin_nested()
    try:
        change()
        after = read_rulebook(db, 0)
    finally:
        trial.rollback()
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


def _routed(book: Rulebook, row: Any, day: date) -> tuple[Any, ...]:
    route = book.route(row.category, row.path, day)
    return route.list, route.owner_department_id, route.assisting


def _timed(book: Rulebook, row: Any, day: date) -> Iterator[tuple[Any, ...] | None]:
    facts = {"severity": row.severity, "source": row.source, "level": row.level, "kind": row.kind or ""}
    path = book.path_of(row.category)
    for stage in Stage:
        rule = pick(book.timing.rules.values(), path, facts, stage, day)
        yield None if rule is None else (rule.amount, rule.unit, rule.calendar)
