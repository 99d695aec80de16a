"""Take a step of an incident: one row of its log, and the row it folds into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from gridmap.errors import Conflict, Invalid, NotAllowed, NotFound
from gridmap.incidents import taking
from gridmap.incidents.after import AFTER_STEP, Taken
from gridmap.incidents.arguments import read_arguments
from gridmap.incidents.clocks import clocks_of, due_of, spans_of
from gridmap.incidents.deciding import Move, decide, require_held
from gridmap.incidents.drafts import NotToldYet, PhotosMissing, StepDraft, SteppedMeanwhile
from gridmap.incidents.escalations import SUSPENSION_OVER, schedule
from gridmap.incidents.history import Event, events_of, open_asks, was_taken_by
from gridmap.incidents.log import Head, LogEntry
from gridmap.incidents.photos import link_photos
from gridmap.incidents.resolving import find_incident, origins_of
from gridmap.incidents.rules import ENDED, State
from gridmap.incidents.rulings import Book, book_of
from gridmap.incidents.telling import tell_of_step
from gridmap.language import N_
from gridmap.people.rules import Actor
from gridmap.reports.rules import require_distinct
from gridmap.system.receipts import claim, content_digest, is_known

__all__ = ["NotToldYet", "PhotosMissing", "StepDraft", "SteppedMeanwhile", "act"]


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
    SteppedMeanwhile, StepNotAllowed, LifeAtRisk, NotToldYet
        If the incident stands elsewhere, or is too grave for the step; nothing is changed.
    Malformed, Invalid
        If something that the step needs is missing or cannot be, such as photos that have not been sent.
    """
    told = read_arguments(draft.step, draft.arguments)
    require_distinct(draft.evidence)
    other = _other(db, told)
    held = taking.hold(db, [incident_id, *([] if other is None else [other])], actor.id, at)
    said = content_digest(draft.content(incident_id))
    try:
        row = require_held(held, incident_id, actor)
    except (NotFound, NotAllowed):
        # A step may lead out of its taker's hands; sent again, it is answered as the first time.
        if is_known(db, "step", draft.id, said) and was_taken_by(db, incident_id, draft.id, actor.id):
            return False
        raise
    if not claim(db, "step", [(draft.id, said)], at):
        return False
    book = book_of(db, row.time_zone)
    events = events_of(db, incident_id)
    move = decide(db, book, actor, row, draft, told, events, at)
    if other is not None:
        _require_other(db, move, require_held(held, other, actor))
    if draft.step == "merge" and other is not None:
        move.columns["merged_into"] = other
        move.said["into"] = held[other].number
        _join(db, move, held[other])
    elif other is not None:
        move.columns["arose_from"] = other
    if draft.step == "add_party":
        _say_party(move)
    _beside(db, move, _write(db, book, move, events))
    return True


def _other(db: Session, told: Mapping[str, Any]) -> UUID | None:
    """The second incident that a step is about, found before both are locked in the order of their ids."""
    for name in ("into", "origin"):
        if name in told:
            return find_incident(db, told[name], f"/with/{name}")
    return None


def _require_other(db: Session, move: Move, other: Any) -> None:
    where = "/with/into" if move.step.name == "merge" else "/with/origin"
    if other.id == move.row.id:
        raise Invalid(N_("An incident has nothing to do with itself; name another one."), where=where)
    if move.step.name == "merge" and State(other.state) in ENDED:
        raise Conflict(
            N_("Incident %(number)s is %(state)s; merge into one that is open."),
            number=other.number,
            state=State(other.state).label,
        )
    if move.step.name == "derive" and move.row.id in origins_of(db, other.id):
        raise Invalid(N_("Incident %(number)s arose from this one already."), where=where, number=other.number)


def _join(db: Session, move: Move, survivor: Any) -> None:
    """Let the survivor's log say who joined, and let all that told of the one tell of the other."""
    at = max(move.at, move.recorded_at)
    entry = LogEntry(
        incident_id=survivor.id,
        step_id=uuid5(move.draft.id, "join"),
        at=at,
        actor_id=move.actor.id,
        role=move.actor.doer.role,
        step="join",
        from_state=survivor.state,
        to_state=survivor.state,
        data={"set": {}, "joined": str(move.row.id), "number": move.row.number},
    )
    head = Head(survivor.seq, bytes(survivor.log_hash))
    taking.write_step(db, move.actor.doer, entry, head, {}, (), move.recorded_at)
    taking.move_sources(db, move.row.id, survivor.id, at)


def _write(db: Session, book: Book, move: Move, events: Sequence[Event]) -> int:
    """Write the step with the clocks as they run after it; returns its number in the log."""
    row, step = move.row, move.step
    state = State(row.state)
    to = move.to
    columns = {name: _as_json(value) for name, value in move.columns.items()}
    data = {"set": columns, **move.said}
    event = Event(row.seq + 1, move.at, move.actor.id, move.actor.doer.role, step.name, state, to, data)
    clocks = clocks_of(spans_of([*events, event], row.grid_kind), book.ruling)
    due_at = due_of(clocks)
    if to in ENDED:
        # What is over keeps the deadline it had; what was settled in one go has the one it would have had.
        due_at = row.due_at or max((clock.due_at for clock in clocks if clock.due_at), default=None)
    if due_at != row.due_at:
        columns["due_at"] = _as_json(due_at)
    entry = LogEntry(
        incident_id=row.id,
        step_id=move.draft.id,
        at=move.at,
        actor_id=move.actor.id,
        role=move.actor.doer.role,
        step=step.name,
        from_state=state,
        to_state=to,
        data=data,
        reason=move.draft.reason,
        note=move.draft.note,
    )
    head = Head(row.seq, bytes(row.log_hash))
    changed = [clock for clock in clocks if clock.stopped_at is None or clock.stopped_at == move.at]
    asks = [ask.step for ask in open_asks([*events, event])]
    # Like clocks, what is asked follows from the log: no step needs to set it for the row to be made again.
    beside = {} if asks == [ask.step for ask in open_asks(events)] else {"asks": asks}
    written = taking.write_step(db, move.actor.doer, entry, head, columns | beside, changed, move.recorded_at)
    taken = Taken(
        row.id, row.number, written.path, written.seq, step.name, state, to, move.at, move.recorded_at,
        move.actor.id, move.actor.doer.role, move.draft.reason, data,
    )  # fmt: skip
    for after in AFTER_STEP:
        after(db, taken)
    return int(written.seq)


def _say_party(move: Move) -> None:
    """Put into the log who takes part from now on, so that it alone says it."""
    lead = any(role == "lead" for role, _, _ in move.row.parties or ())
    if move.told["role"] == "lead" and lead:
        raise Conflict(N_("Incident %(number)s has a lead unit. End that one first."), number=move.row.number)
    named = "department" in move.told and move.receiver is not None
    move.said["party"] = {
        "department_id": move.receiver.department_id if named and move.receiver is not None else None,
        "person_id": move.told.get("person"),
        "role": move.told["role"],
        "until": _as_json(move.told.get("until")),
    }


def _beside(db: Session, move: Move, seq: int) -> None:
    """Write what a step changes beside the row: parties, photos, what is to happen at an hour, and who is told."""
    told, incident_id = move.told, move.row.id
    if move.step.name == "add_party":
        said = move.said["party"]
        who = (said["department_id"], said["person_id"])
        taking.add_party(db, incident_id, seq, *who, said["role"], move.at, told.get("until"))
    elif move.step.name == "end_party" and not taking.end_party(db, incident_id, told["party"], move.at):
        raise Invalid(N_("No such party takes part in it now."), where="/with/party")
    elif move.step.name == "suspend":
        schedule(db, incident_id, SUSPENSION_OVER, seq, told["until"])
    link_photos(db, incident_id, seq, move.draft.evidence)
    tell_of_step(db, move.step.name, incident_id, move.draft.id, move.recorded_at)


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
