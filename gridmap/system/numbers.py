"""Numbers without holes: each is drawn once, in the transaction that uses it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from gridmap.database import straight


def next_number(db: Session, series: str, year: int) -> int:
    """
    Draw the next number of a series in a year, 1 for the first.

    Whoever draws after waits until this transaction ends: if it is rolled back, the number was never given.
    """
    rows = straight(
        db,
        "INSERT INTO counter (series, year, last) VALUES (%(series)s, %(year)s, 1)"
        " ON CONFLICT (series, year) DO UPDATE SET last = counter.last + 1 RETURNING last",
        {"series": series, "year": year},
    )
    return int(rows[0].last)
