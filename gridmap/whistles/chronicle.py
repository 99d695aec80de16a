"""What is done around an incident stands in its log, too: the log alone says who was called, came, refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.errors import Conflict, NotFound
from gridmap.incidents import taking
from gridmap.incidents.log import Head, LogEntry
from gridmap.incidents.rules import ENDED, State
from gridmap.language import N_
from gridmap.people.rules import Actor


class Held:
    """
    An incident under its lock, to whose log rows are added one after the other; where it stands is never changed.

    Attributes
    ----------
    row
        As `gridmap.incidents.taking.hold` gives it.
    """

    def __init__(self, db: Session, row: Any, actor: Actor, at: datetime) -> None:
        self.row = row
        self._db, self._actor = db, actor
        self._head = Head(row.seq, bytes(row.log_hash))
        (last,) = straight(
            db,
            "SELECT at FROM incident_log WHERE incident_id = %(id)s AND seq = %(seq)s",
            {"id": row.id, "seq": row.seq},
        )
        # No step is older than the one before it.
        self.at = max(at, last.at)
        self._recorded_at = at

    def write(
        self,
        word: str,
        step_id: UUID,
        told: Mapping[str, Any],
        *,
        more: Mapping[str, Any] | None = None,
        reason: str | None = None,
        note: str | None = None,
    ) -> int:
        """
        Add a row with its audit and its live event; returns its number in the log.

        Parameters
        ----------
        told
            What it says, as JSON values: enough to write the rows of this room again.
        more
            What it says beside that.
        """
        entry = LogEntry(
            incident_id=self.row.id,
            step_id=step_id,
            at=self.at,
            actor_id=self._actor.id,
            role=self._actor.doer.role,
            step=word,
            from_state=self.row.state,
            to_state=self.row.state,
            data={"set": {}, "with": dict(told), **(more or {})},
            reason=reason,
            note=note,
        )
        written = taking.write_step(self._db, self._actor.doer, entry, self._head, {}, (), self._recorded_at)
        self._head = Head(written.seq, bytes(written.log_hash))
        return int(written.seq)

    def require_open(self) -> None:
        """
        See to it that the incident has not ended.

        Raises
        ------
        Conflict
            If it has.
        """
        if State(self.row.state) in ENDED:
            raise Conflict(
                N_("Incident %(number)s is %(state)s: nobody is called to it any more."),
                number=self.row.number,
                state=State(self.row.state).label,
            )


def hold(db: Session, incident_id: UUID, actor: Actor, at: datetime) -> Held:
    """
    Lock an incident, to write into its log.

    Raises
    ------
    NotFound
        If there is none; whether it is the actor's is for the caller to ask.
    """
    row = taking.hold(db, [incident_id], actor.id, at).get(incident_id)
    if row is None:
        raise NotFound(N_("There is no such incident, or it is not yours to see."))
    return Held(db, row, actor, at)
