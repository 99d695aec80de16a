"""Which plan made an edition, and who stood for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session


def publications(db: Session, district_id: int) -> Mapping[int, Any]:
    """
    How every edition of a district came to be.

    Returns
    -------
    publications
        By edition: ``n, effective_at, note, plan_id, number, title, author, approver, publisher``; an edition that was
        imported has no plan.
    """
    rows = db.execute(
        text(
            "SELECT e.n, e.effective_at, e.note, p.id AS plan_id, p.number, p.title, w.name AS author,"
            " v.name AS approver, b.name AS publisher FROM edition e LEFT JOIN plan p ON p.id = e.plan_id"
            " LEFT JOIN person w ON w.id = p.author_id LEFT JOIN person v ON v.id = p.approver_id"
            " LEFT JOIN person b ON b.id = e.published_by WHERE e.district_id = :district ORDER BY e.n"
        ),
        {"district": district_id},
    )
    return {row.n: row for row in rows}
