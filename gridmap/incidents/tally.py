"""Open incidents counted by community and map cell, so that a map seen from afar reads no rows of incidents."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Column, Integer, Table, text
from sqlalchemy.orm import Session

from gridmap.database import Base, Ltree

CELL_ZOOM: Final = 15
"""The cells are the tiles of this zoom, about 1 km wide."""
_FOLD_LOCK: Final = 7673

# A table without key, hence not a mapped class: each change adds a row with signs, and readers add up (migration 0007).
tally = Table(
    "incident_tally",
    Base.metadata,
    Column("path", Ltree, nullable=False),
    *(Column(name, Integer, nullable=False) for name in ("cell_x", "cell_y", "s1", "s2", "s3", "s4")),
    *(Column(name, BigInteger, nullable=False) for name in ("x_cm", "y_cm")),
)


def fold_tally(db: Session, at: datetime) -> int:
    """
    Add up the rows of the tally that speak of the same cell; for a job to do every minute or so.

    One process at a time works, the others find nothing to do. Readers see the same sums before and after.

    Parameters
    ----------
    at
        Our clock, which every job is given; what is counted does not depend on it.

    Returns
    -------
    folded
        How many rows became fewer.
    """
    if not db.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _FOLD_LOCK}):
        return 0
    folded = db.scalar(
        text(
            "WITH many AS (SELECT path, cell_x, cell_y FROM incident_tally GROUP BY path, cell_x, cell_y"
            "  HAVING count(*) > 1),"
            " gone AS (DELETE FROM incident_tally t USING many m WHERE t.cell_x = m.cell_x AND t.cell_y = m.cell_y"
            "  AND t.path = m.path RETURNING t.*),"
            " kept AS (INSERT INTO incident_tally SELECT path, cell_x, cell_y, sum(s1), sum(s2), sum(s3), sum(s4),"
            "  sum(x_cm), sum(y_cm) FROM gone GROUP BY path, cell_x, cell_y"
            "  HAVING (sum(s1), sum(s2), sum(s3), sum(s4)) <> (0, 0, 0, 0))"
            " SELECT count(*) FROM gone"
        )
    )
    return int(folded or 0)
