"""What is done around an incident stands in its log, too: the log alone says who was called, came, refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.errors import Conflict, NotFound
from gridmap.incidents import taking
from gridmap.incidents.log import Head, LogEntry
from gridmap.incidents.merging import living_of
from gridmap.incidents.rules import ENDED, State
from gridmap.language import N_
from gridmap.people.rules import Actor

FOLLOW: Final = "follow"
"""The word of the log for what goes on here, and was begun for an incident that was merged into this one."""


class Log:
    """
    The log of an incident under its lock, to which rows are added one after the other.

    Attributes
    ----------
    row
        The incident as `gridmap.incidents.taking.hold` gives it; where it stands is never changed.
    at
        When its rows are dated: no step is older than the one before it.
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
        for party in entry.data.get("parted", ()):
            taking.end_party(self._db, self.row.id, party, self.at)
        self._head = Head(written.seq, bytes(written.log_hash))
        return int(written.seq)


class Parts(NamedTuple):
    """Parties by the rows that added them: of an incident, and of the one that it goes on as."""

    own: tuple[int, ...]
    living: tuple[int, ...]


def _with(more: Mapping[str, Any] | None, parted: tuple[int, ...]) -> Mapping[str, Any] | None:
    return {**(more or {}), "parted": list(parted)} if parted else more


class Held:
    """
    An incident under its lock with the one that it goes on as: itself, unless it was merged.

    Attributes
    ----------
    row
        The incident for which something was begun; its log tells all of it.
    living
        Where it goes on: who is asked, told, and where it stands. Its log says in a row that something was done.
    at, follows_at
        When rows of the one and of the other log are dated.
    """

    def __init__(self, db: Session, own: Log, living: Log) -> None:
        self._db = db
        self.row, self.living = own.row, living.row
        self.at, self.follows_at = own.at, living.at
        self._own, self._living = own, living

    def write(
        self,
        word: str,
        step_id: UUID,
        told: Mapping[str, Any],
        *,
        more: Mapping[str, Any] | None = None,
        parts: Parts | None = None,
        reason: str | None = None,
        note: str | None = None,
    ) -> int:
        """
        As `Log.write`; of a merged incident, the log of the one that goes on has a row of it, too.

        Parameters
        ----------
        parts
            Who takes part no longer: the rows of the two logs that added them.
        """
        own, living = parts or Parts((), ())
        seq = self._own.write(word, step_id, told, more=_with(more, own), reason=reason, note=note)
        if self._living is not self._own:
            self.follow(uuid5(step_id, FOLLOW), {**told, "step": word}, _with(None, living))
        return seq

    def part_of(self, department: int, seq: int) -> Parts:
        """The parties that a call brought: by its own row, and by those that followed to where it goes on."""
        living = straight(
            self._db,
            "SELECT p.seq FROM party p JOIN incident_log l ON l.incident_id = p.incident_id AND l.seq = p.seq"
            " WHERE p.incident_id = %(id)s AND p.department_id = %(department)s AND l.step = %(follow)s"
            " AND upper_inf(p.valid)",
            {"id": self.living.id, "department": department, "follow": FOLLOW},
        )
        return Parts((seq,), tuple(row.seq for row in living))

    def follow(self, step_id: UUID, told: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> int:
        """Say in the log of the incident that goes on what was begun or done for the merged one."""
        return self._living.write(FOLLOW, step_id, {**told, "number": self.row.number}, more=more)

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
    Lock an incident and the one that it goes on as, to write into their logs.

    Raises
    ------
    NotFound
        If there is none; whether it is the actor's is for the caller to ask.
    """
    living_id = living_of(db, incident_id)
    # Both at once, in the order of their ids: as a merger locks them.
    held = taking.hold(db, list({incident_id, living_id}), actor.id, at)
    if incident_id not in held:
        raise NotFound(N_("There is no such incident, or it is not yours to see."))
    if held[living_id].merged_into is not None:
        # It was merged while we waited for the lock.
        return hold(db, incident_id, actor, at)
    own = Log(db, held[incident_id], actor, at)
    return Held(db, own, own if living_id == incident_id else Log(db, held[living_id], actor, at))
