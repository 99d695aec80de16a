"""Who answers again for grids that come back: asked before a revert is approved, and by the publishing of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from gridmap.database import straight


def returning(db: Session, homes: Collection[int], grids: Collection[int], at: datetime) -> Sequence[Any]:
    """
    Find the people of grids that come back: who answered until the grid ended, and still serves on its ground.

    Parameters
    ----------
    homes
        Numbers of the grids that come back; others among them are left out.
    grids
        Numbers of the grids that have their ground now.

    Returns
    -------
    rows
        Their present assignments with the person's ``name`` and the grid that comes back as ``home``; where ``lent`` is
        true, the assignment was only given because that grid ended, and goes back with it.
    """
    return straight(
        db,
        "SELECT DISTINCT ON (old.grid_id, old.person_id, old.role) old.grid_id AS home, now.id, now.person_id,"
        " p.name, now.role, now.post, now.grid_id, lower(now.valid) AS valid_from, upper(now.valid) AS valid_to,"
        " now.granted_by, lower(now.valid) = ended.at AS lent"
        " FROM (SELECT grid_id, max(upper(valid)) AS at FROM grid_version"
        "  WHERE grid_id = ANY(%(homes)s) AND upper_inf(recorded) AND NOT upper_inf(valid) GROUP BY grid_id) AS ended"
        " JOIN assignment old ON old.grid_id = ended.grid_id AND upper(old.valid) = ended.at"
        " JOIN assignment now ON now.person_id = old.person_id AND now.role = old.role"
        "  AND now.grid_id = ANY(%(grids)s) AND now.valid @> CAST(%(at)s AS timestamptz)"
        " JOIN person p ON p.id = now.person_id"
        " ORDER BY old.grid_id, old.person_id, old.role, lent DESC, now.id",
        {"homes": list(homes), "grids": list(grids), "at": at},
    )
