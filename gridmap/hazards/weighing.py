"""What other terms of rectification and other look-backs would mean for the hazards that are open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Final

from sqlalchemy.orm import Session

from gridmap.catalogue.rulebook import rulebook_now
from gridmap.catalogue.soundness import Fault
from gridmap.catalogue.weighing import Concern, Share, tried
from gridmap.database import straight
from gridmap.hazards.rules import look_backs_after
from gridmap.hazards.terms import look_back_rules
from gridmap.language import N_

# Hazards that the rules cannot tell apart are asked once.
_OPEN: Final = "SELECT category, severity, count(*) AS n FROM hazard WHERE state <> 'closed' GROUP BY 1, 2"
_KEPT_LOOKS: Final = N_("Look-backs that are due keep their days. If the open hazards were closed on %(day)s:")
_KEPT_TERMS: Final = N_("Notices that were issued keep their terms. If one were issued on %(day)s:")


def weigh_look_backs(db: Session, change: Callable[[], None], day: date) -> Concern:
    """
    Try other look-backs: how many open hazards would be looked at again on other days.

    Parameters
    ----------
    change
        Writes into the transaction of `db`; it is taken back.
    day
        The local day from which the change holds.
    """
    book = rulebook_now(db)
    before, after = tried(db, change, lambda: look_back_rules(db))
    closed_at = datetime.combine(day, time(), UTC)
    rows = straight(db, _OPEN, {})

    def differ(category: str | None) -> bool:
        path = book.path_of(category)
        days = [look_backs_after(rules, path, closed_at, day) for rules in (before, after)]
        return days[0] != days[1]

    total, n = sum(row.n for row in rows), sum(row.n for row in rows if differ(row.category))
    said = N_("%(n)s of %(open)s open hazards would be looked at again on other days.")
    return Concern(day, total, _KEPT_LOOKS, (Share(said, n, total),))


def weigh_rectify_terms(db: Session, change: Callable[[], None], day: date) -> Concern:
    """
    Try other terms: how many open hazards would be given another one to be put right.

    Parameters
    ----------
    change
        Writes into the transaction of `db`; it is taken back.
    day
        The local day from which the change holds.
    """
    before, after = tried(db, change, lambda: _terms_on(db, day))
    rows = straight(db, _OPEN, {})
    total = sum(row.n for row in rows)
    n = sum(row.n for row in rows if before.get(row.severity) != after.get(row.severity))
    said = N_("%(n)s of %(open)s open hazards would have another term to be put right.")
    return Concern(day, total, _KEPT_TERMS, (Share(said, n, total),))


def find_missing_terms(db: Session, day: date) -> list[Fault]:
    """Find the severities for which no term is said on a local day: their notices would have no deadline."""
    terms = _terms_on(db, day)
    said = N_("Rectification notices of severity %(severity)s have no term.")
    return [Fault("rectify-terms", said, {"severity": each}) for each in range(1, 5) if each not in terms]


def find_ended_classes(db: Session, day: date) -> list[Fault]:
    """Find look-backs that are ruled for classes of matter which ended: nothing comes under them."""
    book = rulebook_now(db)
    ruled = {rule.category for rule in look_back_rules(db) if rule.category is not None and rule.holds(day)}
    said = N_("There are look-backs for the class %(category)s, which ended.")
    return [
        Fault("look-back-rules", said, {"category": code})
        for code in sorted(ruled)
        if day not in book.classes[code].valid
    ]


def _terms_on(db: Session, day: date) -> dict[int, tuple[float, str]]:
    rows = straight(
        db, "SELECT severity, amount, unit FROM rectify_term WHERE valid @> CAST(%(day)s AS date)", {"day": day}
    )
    return {row.severity: (row.amount, row.unit) for row in rows}
