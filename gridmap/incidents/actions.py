"""Take a step of an incident: one row of its log, and the row it folds into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.errors import Conflict, Invalid, NotAllowed, NotFound
from gridmap.incidents.commitments import committed
from gridmap.incidents.log import Head, LogEntry, append
from gridmap.incidents.photos import link_photos
from gridmap.incidents.queries import thing_of
from gridmap.incidents.rules import State, Step, due_at, step_to_take
from gridmap.incidents.tables import Incident, IncidentLog
from gridmap.language import N_
from gridmap.people.rules import Actor, can
from gridmap.reports.media import unsent_photos
from gridmap.reports.rules import Evidence, believed_time, require_distinct
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
    evidence
        Photos that come with it; all of them have been sent before.
    told_at
        When it was done by the sender's clock; None is now.
    """

    id: UUID
    step: str
    reason: str | None = None
    note: str | None = None
    seq: int | None = None
    evidence: tuple[Evidence, ...] = ()
    told_at: datetime | None = None

    def content(self, incident_id: UUID) -> dict[str, Any]:
        """What a receipt commits to."""
        said: dict[str, Any] = {
            "incident": str(incident_id),
            "step": self.step,
            "reason": self.reason,
            "note": self.note,
        }
        # Left out where there is nothing, as before there were any: a step kept until then is still known again.
        if self.evidence:
            said["media"] = [[photo.sha256.hex(), photo.role] for photo in self.evidence]
        if self.told_at is not None:
            said["at"] = self.told_at.isoformat()
        return said


class PhotosMissing(Invalid):
    """A step names photos that its sender has not sent."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(
            N_("%(n)s photos of this step have not arrived yet. Send the photos first, then the step."),
            where="/media",
            n=len(missing),
        )
        self.members = {"missing": list(missing)}


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
    SteppedMeanwhile, StepNotAllowed, LifeAtRisk
        If the incident stands elsewhere, or is too grave for the step; nothing is changed.
    Invalid
        If something that the step needs is missing, such as photos that have not been sent.
    """
    incident = _locked(db, actor, incident_id)
    require_distinct(draft.evidence)
    if not claim(db, "step", [(draft.id, content_digest(draft.content(incident_id)))], at):
        return False
    state = State(incident.state)
    if draft.seq is not None and draft.seq != incident.seq:
        raise SteppedMeanwhile(incident.number, state)
    step = _step_of(db, actor, incident, draft)
    done_at, said = _when(db, incident, draft, at)
    columns = _columns_of(step, state, incident, actor, done_at)
    entry = LogEntry(
        incident_id=incident.id,
        step_id=draft.id,
        at=done_at,
        actor_id=actor.id,
        role=actor.doer.role,
        step=step.name,
        from_state=state,
        to_state=step.to,
        data={"set": {name: _as_json(value) for name, value in columns.items()}, **said, **_proof(draft.evidence)},
        reason=draft.reason,
        note=draft.note,
    )
    head = append(db, [entry], at, after={incident.id: Head(incident.seq, incident.log_hash)})[incident.id]
    columns |= {"state": step.to.value, "seq": head.seq, "log_hash": head.hash}
    for name, value in columns.items():
        setattr(incident, name, value)
    db.flush()
    link_photos(db, incident.id, head.seq, draft.evidence)
    _tell(db, actor, incident, step, state)
    return True


def _tell(db: Session, actor: Actor, incident: Incident, step: Step, left: State) -> None:
    """Tell the audit and the live screens of a step that was taken."""
    record(
        db,
        actor.doer,
        "incident.step",
        object_id=f"incident:{incident.id}",
        path=incident.path,
        changed={
            "step": step.name,
            "from": left.value,
            "to": step.to.value,
            **committed(incident.id, incident.number, incident.seq, incident.log_hash),
        },
    )
    announce(db, [Change("incident", str(incident.id), incident.seq, incident.path)])


def _locked(db: Session, actor: Actor, incident_id: UUID) -> Incident:
    """The incident, held until the transaction ends, if its steps are the actor's to take."""
    incident = db.scalar(select(Incident).where(Incident.id == incident_id).with_for_update())
    thing = None if incident is None else thing_of(db, actor, incident)
    if incident is None or can(actor, "incident.read", thing) is None:
        raise NotFound(N_("There is no such incident, or it is not yours to see."))
    if can(actor, "incident.step", thing) is None:
        raise NotAllowed(N_("You may see this incident; its steps are taken by those who answer for it."))
    return incident


def _step_of(db: Session, actor: Actor, incident: Incident, draft: StepDraft) -> Step:
    """The arrow that the actor wants to go, with all it needs."""
    step = step_to_take(
        incident.number,
        State(incident.state),
        incident.severity,
        draft.step,
        roles=None if actor.kind == "system" else actor.roles,
        note=draft.note,
        photos={photo.role for photo in draft.evidence},
    )
    missing = unsent_photos(db, actor, [photo.sha256 for photo in draft.evidence]) if draft.evidence else []
    if missing:
        raise PhotosMissing(missing)
    return step


def _when(db: Session, incident: Incident, draft: StepDraft, at: datetime) -> tuple[datetime, dict[str, Any]]:
    """
    When the step was taken, and what the log keeps of the sender's clock.

    A phone without network sends late what was done in time. Yet no step is older than the one before it, which its
    sender may not have heard of.
    """
    if draft.told_at is None:
        return at, {}
    believed, suspect = believed_time(draft.told_at, at)
    last = db.scalar(
        select(IncidentLog.at).where(IncidentLog.incident_id == incident.id, IncidentLog.seq == incident.seq)
    )
    said = {"told_at": draft.told_at.isoformat(), **({"clock_suspect": True} if suspect else {})}
    return max(believed, last or believed), said


def _columns_of(step: Step, state: State, incident: Incident, actor: Actor, at: datetime) -> dict[str, Any]:
    """The columns that a step sets."""
    filing = {"due_at": due_at(at, incident.severity)} if state is State.REPORTED else {}
    if step.to is State.HANDLING:
        return {"holder_person_id": actor.id}
    return filing if step.to is State.FILED else {**filing, "closed_at": at}


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _proof(evidence: Sequence[Evidence]) -> dict[str, Any]:
    """What the chain of the log commits to of the photos."""
    return {"media": [{"sha256": photo.sha256.hex(), "role": photo.role} for photo in evidence]} if evidence else {}
