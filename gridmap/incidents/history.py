"""What a log says beside the row it folds into: who handled, who was told, what was asked and granted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.incidents.rules import State
from gridmap.incidents.steps import ASKS


@dataclass(frozen=True)
class Event:
    """One row of a log, as far as it bears on what comes after."""

    seq: int
    at: datetime
    actor_id: int | None
    role: str
    step: str
    left: State | None
    state: State
    data: Mapping[str, Any]

    @property
    def told(self) -> Mapping[str, Any]:
        """What the step was told beside its name."""
        return self.data.get("with") or {}

    @property
    def columns(self) -> Mapping[str, Any]:
        """The columns of the incident that it set."""
        return self.data.get("set") or {}


# Of the first step, only what others ask about: its columns are long, and each step reads the whole log.
_EVENTS: Final = """
    SELECT seq, at, actor_id, role, step, from_state, to_state,
        CASE WHEN seq > 1 THEN data ELSE jsonb_build_object('set', jsonb_build_object(
            'severity', data #> '{set,severity}', 'category', data #> '{set,category}',
            'level', data #> '{set,level}', 'source', data #> '{set,source}')) END AS data
    FROM incident_log WHERE incident_id = %(id)s ORDER BY seq
"""


def events_of(db: Session, incident_id: UUID) -> list[Event]:
    """Read the log of one incident, the first step first."""
    return [
        Event(
            row.seq,
            row.at,
            row.actor_id,
            row.role,
            row.step,
            None if row.from_state is None else State(row.from_state),
            State(row.to_state),
            row.data,
        )
        for row in straight(db, _EVENTS, {"id": incident_id})
    ]


def handled_by(events: Sequence[Event]) -> int | None:
    """Who reported it as handled last; None if nobody did, or it went back to work since."""
    for event in reversed(events):
        if event.step in ("handle", "fix"):
            return event.actor_id
        if event.step in ("rework", "reopen"):
            return None
    return None


def open_asks(events: Sequence[Event]) -> tuple[Event, ...]:
    """
    What is asked for and not answered yet, each ask as it was asked last, by name.

    It is answered by the step that grants it, by a refusal, and by whatever takes it out of the hands that asked.
    """
    asked: dict[str, Event] = {}
    for event in events:
        if event.state is not State.HANDLING or event.step == "refuse":
            asked.clear()
        elif event.step in ASKS:
            asked[event.step] = event
        else:
            asked = {name: ask for name, ask in asked.items() if ASKS[name] != event.step}
    return tuple(asked[name] for name in sorted(asked))


def result_was_told(events: Sequence[Event]) -> bool:
    """Whether the reporter was told the result of what was done last."""
    for event in reversed(events):
        if event.step == "feedback":
            return True
        if event.step in ("rework", "reopen", "handle", "fix"):
            return False
    return False


def was_taken_by(db: Session, incident_id: UUID, step_id: UUID, actor_id: int | None) -> bool:
    """Whether somebody took this step of an incident."""
    rows = straight(
        db,
        "SELECT seq FROM incident_log WHERE incident_id = %(id)s AND step_id = %(step)s AND actor_id = %(actor)s",
        {"id": incident_id, "step": step_id, "actor": actor_id},
    )
    return bool(rows)


def name_of(db: Session, person_id: int | None) -> str | None:
    """How somebody who took a step is called; None for our own processes."""
    rows = straight(db, "SELECT name FROM person WHERE id = %(id)s", {"id": person_id})
    return rows[0].name if rows else None
