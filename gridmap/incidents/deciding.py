"""Whether a step may be taken, and what it does: everything is asked before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.errors import Invalid, NotAllowed, NotFound
from gridmap.incidents.asking import asker_of
from gridmap.incidents.checklists import require_answers
from gridmap.incidents.clocks import spans_of
from gridmap.incidents.drafts import NotToldYet, PhotosMissing, StepDraft, SteppedMeanwhile
from gridmap.incidents.effects import columns_of
from gridmap.incidents.history import Event, handled_by, name_of, result_was_told
from gridmap.incidents.photos import has_photos
from gridmap.incidents.queries import held_thing
from gridmap.incidents.refusing import step_to_take
from gridmap.incidents.resolving import (
    Receiver,
    find_department,
    find_person,
    replace_it,
    require_category,
    require_reach,
)
from gridmap.incidents.rules import ANSWERED, State
from gridmap.incidents.rulings import Book
from gridmap.incidents.steps import Step, leads_to
from gridmap.language import N_
from gridmap.people.rights import Role
from gridmap.people.rules import Actor, can, roles_on
from gridmap.reports.media import unsent_photos
from gridmap.reports.rules import believed_time

ON_FOOT: Final = frozenset({Role.WORKER, Role.CHIEF})
"""Whose hour is believed of what is done in the field: their phones may be without network for days."""
LONGEST_PROMISE: Final = timedelta(days=731)


@dataclass
class Move:
    """
    A step on its way: who takes which, on what, and what it changes.

    Attributes
    ----------
    row
        The incident as it is held.
    to
        Where it leads.
    told
        What the step was told, as read.
    receiver
        Whom it names.
    at, recorded_at
        When it was taken, and our clock.
    columns
        What it sets of the row.
    said
        What else the log keeps.
    """

    actor: Actor
    row: Any
    step: Step
    draft: StepDraft
    to: State
    told: Mapping[str, Any]
    receiver: Receiver | None
    at: datetime
    recorded_at: datetime
    columns: dict[str, Any]
    said: dict[str, Any]


def require_held(held: Mapping[UUID, Any], incident_id: UUID, actor: Actor) -> Any:
    """
    Give the incident, if its steps are the actor's to take.

    Raises
    ------
    NotFound
        If there is none in the actor's scope.
    NotAllowed
        If the actor may see it and no more.
    """
    row = held.get(incident_id)
    if row is None or can(actor, "incident.read", held_thing(actor, row)) is None:
        raise NotFound(N_("There is no such incident, or it is not yours to see."))
    if can(actor, "incident.step", held_thing(actor, row, acting=True)) is None:
        raise NotAllowed(N_("You may see this incident; its steps are taken by those who answer for it."))
    return row


def decide(
    db: Session, book: Book, actor: Actor, row: Any, draft: StepDraft, told: Mapping[str, Any],
    events: Sequence[Event], at: datetime,
) -> Move:  # fmt: skip
    """
    Decide whether a step may be taken, and what it does.

    Raises
    ------
    GridmapError
        As `gridmap.incidents.actions.act` says.
    """
    state = State(row.state)
    if draft.seq is not None and draft.seq != row.seq:
        raise SteppedMeanwhile(row.number, state, events[-1], name_of(db, events[-1].actor_id))
    thing = held_thing(actor, row, acting=True)
    step = step_to_take(
        row.number,
        state,
        row.severity,
        draft.step,
        asker=asker_of(actor, row, thing, handled_by(events)),
        given=draft.given(),
    )
    if actor.kind != "system":
        # What happens by itself does not stand still because somebody ended its word in the catalogue.
        book.require_reason(step.name, draft.reason, at)
    waiting = _waiting(db, row.id) if step.to is State.CLOSED else None
    if step.name == "close" and (waiting is not None or row.source in ANSWERED):
        # Who was merged into it after the others were told has been told nothing.
        since = events if waiting is None else [event for event in events if event.at >= waiting.joined_at]
        if not result_was_told(since):
            raise NotToldYet(row.number)
    _require_proof(db, book, actor, row, step, draft, at)
    if "checklist" in step.arguments:
        require_answers(book.checklists(row.category, row.occurred_at), told.get("checklist", {}))
    roles = roles_on(actor, "incident.step", thing)
    done_at, said = _when(draft, step.afield and not roles.isdisjoint(ON_FOOT), events[-1].at, at)
    if step.name == "suspend" and actor.kind != "system":
        book.require_pause_right([span for span in spans_of(events, row.grid_kind) if span.stopped_at is None], roles)
    receiver = _receiver(db, book, actor, roles, row, step, told, at)
    to = leads_to(step, state, row.source if waiting is None else waiting.source)
    columns = columns_of(step, to, row, actor, roles, told, receiver, done_at)
    if step.name == "correct":
        columns |= _corrected(db, row, told, done_at)
    if draft.arguments:
        said["with"] = dict(draft.arguments)
    if draft.evidence:
        said["media"] = [{"sha256": photo.sha256.hex(), "role": photo.role} for photo in draft.evidence]
    return Move(actor, row, step, draft, to, told, receiver, done_at, at, columns, said)


def _waiting(db: Session, incident_id: UUID) -> Any | None:
    """Of all that told of it and that somebody waits for an answer to, what joined last: ``source, joined_at``."""
    rows = straight(
        db,
        "SELECT r.source, s.joined_at FROM incident_source s JOIN report r ON r.id = s.report_id"
        " WHERE s.incident_id = %(id)s AND s.left_at IS NULL AND r.source = ANY(%(answered)s)"
        " ORDER BY s.joined_at DESC LIMIT 1",
        {"id": incident_id, "answered": sorted(ANSWERED)},
    )
    return rows[0] if rows else None


def _require_proof(db: Session, book: Book, actor: Actor, row: Any, step: Step, draft: StepDraft, at: datetime) -> None:
    roles = {photo.role for photo in draft.evidence}
    wanted = book.photos_of(row.category, step, at)
    if "after" in wanted and "after" not in roles:
        raise Invalid(N_("This class of matter needs a photo of how it looks after the work."), where="/media")
    if "before" in wanted and "before" not in roles and not has_photos(db, row.id):
        raise Invalid(N_("This class of matter needs a photo from before the work, too."), where="/media")
    missing = unsent_photos(db, actor, [photo.sha256 for photo in draft.evidence]) if draft.evidence else []
    if missing:
        raise PhotosMissing(missing)


def _when(draft: StepDraft, afield: bool, last: datetime, at: datetime) -> tuple[datetime, dict[str, Any]]:
    """
    When the step was taken, and what the log keeps of the sender's clock.

    A phone without network sends late what was done in time; a desk has no such excuse, and what it says of its hour
    is kept and not believed. Yet no step is older than the one before it, which its sender may not have heard of.
    """
    if draft.told_at is None:
        return max(at, last), {}
    if not afield:
        return max(at, last), {"told_at": draft.told_at.isoformat()}
    believed, suspect = believed_time(draft.told_at, at)
    said = {"told_at": draft.told_at.isoformat(), **({"clock_suspect": True} if suspect else {})}
    return max(believed, last), said


def _receiver(
    db: Session, book: Book, actor: Actor, roles: frozenset[Role], row: Any, step: Step, told: Mapping[str, Any],
    at: datetime,
) -> Receiver | None:  # fmt: skip
    """Whom the step names, if its taker may name them; None if it names nobody."""
    if "until" in told and told["until"] <= at:
        raise Invalid(N_("This must be an hour that is still to come."), where="/with/until")
    if "until" in told and told["until"] > at + LONGEST_PROMISE:
        raise Invalid(N_("This must be an hour within the next two years."), where="/with/until")
    found = None
    if "department" in told:
        found = find_department(db, told["department"], at)
    elif "person" in told:
        # Temporary members come from wherever they are needed.
        found = find_person(db, told["person"], None if step.name == "add_party" else row.path, at)
    if step.name != "dispatch":
        return found
    to = found or Receiver(None, None, row.path, told["level"])
    if found is None and Role.TOWNSHIP in roles and told["level"] == "township":
        raise Invalid(N_("The township has it already. Dispatch it further down, or hand it up."), where="/with/level")
    require_reach(actor, roles, row.path, to)
    book.require_not_withdrawn(row.category, row.path, row.occurred_at, to.level)
    return found


def _corrected(db: Session, row: Any, told: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """The columns that a correction sets; another place or time is another grid, of its day and now."""
    columns: dict[str, Any] = {}
    if "category" in told:
        require_category(db, told["category"])
        columns["category"] = told["category"]
    if "severity" in told:
        columns["severity"] = told["severity"]
    if "occurred_at" in told and told["occurred_at"] > at:
        raise Invalid(N_("What happened did not happen in the future."), where="/with/occurred_at")
    occurred_at = told.get("occurred_at", row.occurred_at)
    if occurred_at != row.occurred_at:
        columns["occurred_at"] = occurred_at
    if "place" in told or "occurred_at" in columns:
        placed = replace_it(db, told.get("place"), row, occurred_at)
        duty = placed.duty_grid
        columns |= placed.columns()
        if "place" in told:
            columns |= {"duty_grid_id": None if duty is None else duty.id, "path": placed.path or row.path}
    return columns
