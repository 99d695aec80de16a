"""Take a step of an incident: one row of its log, and the row it folds into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.errors import Conflict, NotAllowed, NotFound
from gridmap.incidents.log import Head, LogEntry, append
from gridmap.incidents.queries import thing_of
from gridmap.incidents.rules import State, due_at, step_to_take
from gridmap.incidents.tables import Incident
from gridmap.language import N_
from gridmap.people.rules import Actor, can
from gridmap.system.audit import record
from gridmap.system.live import Change, announce
from gridmap.system.receipts import claim, content_digest


@dataclass(frozen=True)
class StepDraft:
    """
    A step that somebody wants to take.

    Attributes
    ----------
    id
        Made by the sender: the same id is taken once.
    seq
        How many steps the sender had seen; None when they do not care who was faster.
    """

    id: UUID
    step: str
    reason: str | None = None
    note: str | None = None
    seq: int | None = None


class SteppedMeanwhile(Conflict):
    """Somebody else was faster; the sender has not seen what the incident is now."""

    def __init__(self, number: str, state: State) -> None:
        super().__init__(
            N_("Incident %(number)s has moved on meanwhile and is %(state)s now. Look at it again before you go on."),
            number=number,
            state=state.label,
        )


def act(db: Session, actor: Actor, incident_id: UUID, draft: StepDraft, at: datetime) -> bool:
    """
    Take one step; True if it was taken now, False if the same step with the same id was taken before.

    Parameters
    ----------
    at
        Our clock.

    Raises
    ------
    NotFound
        If there is no such incident in the actor's scope.
    NotAllowed
        If the actor may see the incident and may not take its steps.
    SteppedMeanwhile, StepNotAllowed
        If the incident stands elsewhere; nothing is changed.
    Invalid
        If something that the step needs is missing.
    """
    incident = db.scalar(select(Incident).where(Incident.id == incident_id).with_for_update())
    thing = None if incident is None else thing_of(db, actor, incident)
    if incident is None or can(actor, "incident.read", thing) is None:
        raise NotFound(N_("There is no such incident, or it is not yours to see."))
    if can(actor, "incident.step", thing) is None:
        raise NotAllowed(N_("You may see this incident; its steps are taken by those who answer for it."))
    content = {"incident": str(incident_id), "step": draft.step, "reason": draft.reason, "note": draft.note}
    if not claim(db, "step", [(draft.id, content_digest(content))], at):
        return False
    state = State(incident.state)
    if draft.seq is not None and draft.seq != incident.seq:
        raise SteppedMeanwhile(incident.number, state)
    step = step_to_take(incident.number, state, draft.step, note=draft.note)
    columns = _columns_of(step.to, incident, at)
    entry = LogEntry(
        incident_id=incident.id,
        step_id=draft.id,
        at=at,
        actor_id=actor.id,
        role=actor.doer.role,
        step=step.name,
        from_state=state,
        to_state=step.to,
        data={"set": {name: value.isoformat() for name, value in columns.items()}},
        reason=draft.reason,
        note=draft.note,
    )
    head = append(db, [entry], at, after={incident.id: Head(incident.seq, incident.log_hash)})[incident.id]
    incident.state, incident.seq, incident.log_hash = step.to.value, head.seq, head.hash
    for name, value in columns.items():
        setattr(incident, name, value)
    db.flush()
    record(
        db,
        actor.doer,
        "incident.step",
        object_id=f"incident:{incident.id}",
        path=incident.path,
        changed={"step": step.name, "from": state.value, "to": step.to.value},
    )
    announce(db, [Change("incident", str(incident.id), head.seq, incident.path)])
    return True


def _columns_of(to: State, incident: Incident, at: datetime) -> dict[str, Any]:
    """The columns that arriving in a state sets."""
    if to is State.FILED:
        return {"due_at": due_at(at, incident.severity)}
    return {"closed_at": at}
