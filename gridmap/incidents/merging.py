"""
What was begun for an incident that was merged goes on for the one it was merged into, however often that happens.

Rows keep the incident that they were written for, whose log tells of them; only who is asked about it changes. Nobody
merges into what has ended, so a line of mergers has an end.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.database import straight


def living(column: str) -> str:
    """
    SQL of the incident that one goes on as: itself, or the last of those that it was merged into.

    Parameters
    ----------
    column
        The id of an incident in the query around it, such as ``w.incident_id``; never a value.

    Returns
    -------
    join
        To stand behind JOIN, with an alias and ``ON true``: one row with all columns of `incident`.
    """
    return f"""LATERAL (
        WITH RECURSIVE line (id, into_id) AS (
            SELECT first.id, first.merged_into FROM incident first WHERE first.id = {column}
            UNION ALL SELECT next.id, next.merged_into FROM line JOIN incident next ON next.id = line.into_id
        ) SELECT last.* FROM line JOIN incident last ON last.id = line.id WHERE line.into_id IS NULL)"""


def family(column: str) -> str:
    """SQL of the ids of an incident and of all that were merged into it: a subquery, to stand behind IN."""
    return f"""(
        WITH RECURSIVE joined (id) AS (
            SELECT {column} UNION ALL SELECT m.id FROM joined JOIN incident m ON m.merged_into = joined.id
        ) SELECT id FROM joined)"""


def family_of(db: Session, incident_id: UUID) -> list[UUID]:
    """An incident and all that were merged into it."""
    rows = straight(db, f"SELECT id FROM {family('CAST(%(id)s AS uuid)')} AS ours", {"id": incident_id})
    return [row.id for row in rows]


def living_of(db: Session, incident_id: UUID) -> UUID:
    """The incident that one goes on as; itself if it was not merged, or is not there."""
    given = "(SELECT CAST(%(id)s AS uuid) AS id) given"
    rows = straight(db, f"SELECT i.id FROM {given} JOIN {living('given.id')} i ON true", {"id": incident_id})
    return rows[0].id if rows else incident_id
