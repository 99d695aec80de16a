"""What other terms and rules would mean for the calls, notices and incidents that lie open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.catalogue.soundness import Fault
from gridmap.catalogue.weighing import Concern, Share, tried
from gridmap.database import straight
from gridmap.language import N_
from gridmap.whistles.ladder import tiers_on
from gridmap.whistles.rules import TIERS

# Calls and notices that the terms cannot tell apart are asked once.
_CALLS: Final = """
    SELECT i.severity AS grade, c.acknowledged_at IS NULL AS silent, count(*) AS n
    FROM whistle_call c JOIN incident i ON i.id = c.incident_id
    WHERE i.closed_at IS NULL AND c.refused_at IS NULL AND c.arrived_at IS NULL GROUP BY 1, 2
"""
_NOTICES: Final = """
    SELECT tier AS grade, count(*) AS n FROM supervision WHERE answered_at IS NULL AND closed_at IS NULL GROUP BY 1
"""
_KEPT_TERMS: Final = N_("Calls and notices that are open keep their terms. If they began on %(day)s:")
_KEPT_TIERS: Final = N_("Notices that were opened stay. By the rules of %(day)s, as the incidents are now:")
_MISSING: Final = {
    "acknowledge": N_("Who is called at severity %(grade)s has no term to acknowledge."),
    "arrive": N_("Who is called at severity %(grade)s has no term to be there."),
    "answer": N_("Supervision notices of tier %(grade)s have no term to be answered."),
}


def weigh_terms(db: Session, change: Callable[[], None], day: date) -> Concern:
    """
    Try other terms: how many calls and notices that wait for an answer would be given another one.

    Parameters
    ----------
    change
        Writes into the transaction of `db`; it is taken back.
    day
        The local day from which the change holds.
    """
    before, after = tried(db, change, lambda: _terms_on(db, day))

    def differ(grade: int, *whats: str) -> bool:
        return any(before.get((what, grade)) != after.get((what, grade)) for what in whats)

    calls, notices = straight(db, _CALLS, {}), straight(db, _NOTICES, {})
    called = [row for row in calls if differ(row.grade, *("acknowledge", "arrive") if row.silent else ("arrive",))]
    opened = [row for row in notices if differ(row.grade, "answer")]
    return Concern(day, _count(calls) + _count(notices), _KEPT_TERMS, (
        Share(N_("%(n)s of %(open)s departments that are awaited would have another term."),
              _count(called), _count(calls)),
        Share(N_("%(n)s of %(open)s unanswered supervision notices would have another term."),
              _count(opened), _count(notices)),
    ))  # fmt: skip


def weigh_ladder(db: Session, change: Callable[[], None], day: date) -> Concern:
    """
    Try other rules of the ladder: how many open incidents they would bring higher than those of today, or less high.

    Parameters
    ----------
    change
        Writes into the transaction of `db`; it is taken back.
    day
        The local day from which the change holds.
    """
    at = db.scalars(select(func.now())).one()
    before, after = tried(db, change, lambda: tiers_on(db, at, day))
    total = straight(db, "SELECT count(*) AS n FROM incident WHERE closed_at IS NULL", {})[0].n
    moved = [after.get(key, 0) - before.get(key, 0) for key in {*before, *after}]
    up, down = sum(by > 0 for by in moved), sum(by < 0 for by in moved)
    return Concern(day, total, _KEPT_TIERS, (
        Share(N_("%(n)s of %(open)s open incidents would come onto a higher tier."), up, total),
        Share(N_("%(n)s of %(open)s open incidents would not come as high."), down, total),
    ))  # fmt: skip


def find_missing_terms(db: Session, day: date) -> list[Fault]:
    """Find what nobody is given a time for on a local day: whoever is called then may stay away unnoticed."""
    terms = _terms_on(db, day)
    return [
        Fault("call-terms", msgid, {"grade": grade})
        for what, msgid in _MISSING.items()
        for grade in (TIERS if what == "answer" else range(1, 5))
        if (what, grade) not in terms
    ]


def _terms_on(db: Session, day: date) -> dict[tuple[str, int], tuple[float, str]]:
    rows = straight(
        db, "SELECT what, grade, amount, unit FROM call_term WHERE valid @> CAST(%(day)s AS date)", {"day": day}
    )
    return {(row.what, row.grade): (row.amount, row.unit) for row in rows}


def _count(rows: list[Any]) -> int:
    return sum(row.n for row in rows)
