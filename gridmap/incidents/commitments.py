"""What the audit says of the logs of incidents: for each step the seal of its row, so that no log can be cut unseen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.system.audit import Doer, record

HEADS: Final = "heads"
"""The key in the audit's `changed`; below it a list of ``[incident, number, seq, hash in hex]``."""

_AT_ONCE: Final = 1000

# A head commits to every row before it, so naming the newest step of a log names them all.
_UNNAMED: Final = text(
    """
    WITH named AS (
        SELECT head->>0 AS incident_id, max((head->>2)::bigint) AS seq
        FROM audit a, jsonb_array_elements(a.changed->'heads') AS head
        WHERE a.action LIKE 'incident.%' AND jsonb_typeof(a.changed->'heads') = 'array'
        GROUP BY 1
    )
    SELECT i.id, i.number, i.seq, i.log_hash FROM incident i LEFT JOIN named n ON n.incident_id = i.id::text
    WHERE n.seq IS NULL OR n.seq < i.seq ORDER BY i.id
    """
)


def committed(incident_id: UUID, number: str, seq: int, digest: bytes) -> Mapping[str, Any]:
    """What an audit row keeps of the newest step of one log; to be merged into its `changed`."""
    return {HEADS: [_head(incident_id, number, seq, digest)]}


def _head(incident_id: UUID, number: str, seq: int, digest: bytes) -> list[Any]:
    return [str(incident_id), number, seq, digest.hex()]


def commit_unnamed(db: Session, doer: Doer, purpose: str) -> int:
    """
    Name in the audit the newest step of every log that it does not name yet, and say how many there were.

    Whatever goes through the doors is named in the transaction that writes it. This is for what does not: a history
    loaded in bulk, and logs from before the audit named them.

    Parameters
    ----------
    purpose
        Why, in a few words; it stands in the audit.
    """
    heads = [_head(*row) for row in db.execute(_UNNAMED)]
    for start in range(0, len(heads), _AT_ONCE):
        record(db, doer, "incident.commit", purpose=purpose, changed={HEADS: heads[start : start + _AT_ONCE]})
    return len(heads)
