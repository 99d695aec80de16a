"""A called department answers: it acknowledges, comes, tells the outcome, or refuses; the grid that called rates it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from gridmap.catalogue.pages import local_today
from gridmap.catalogue.rulebook import rulebook_now
from gridmap.database import straight
from gridmap.errors import Conflict, Invalid
from gridmap.language import N_
from gridmap.people.rules import Actor
from gridmap.system.receipts import claim, content_digest
from gridmap.whistles import chronicle
from gridmap.whistles.access import called_department, find_whistle, require_called
from gridmap.whistles.actions import Spot
from gridmap.whistles.chronicle import Held
from gridmap.whistles.contested import open_if_refused_twice
from gridmap.whistles.rules import (
    ACKNOWLEDGE,
    ANSWERS,
    ARRIVE,
    FARTHEST_ARRIVAL_M,
    OUTCOME,
    RATE,
    REFUSE,
    WORST_POSITION_M,
    Action,
    Outcome,
    standing_of,
)
from gridmap.whistles.telling import tell_answer

# `refuse` is a step of incidents already, so the log has another word for it.
WORD: Final[Mapping[str, str]] = {
    "acknowledge": "acknowledge",
    "arrive": "arrive",
    "outcome": "outcome",
    "refuse": "decline",
    "rate": "rate",
}
_ACTIONS: Final = {action.name: action for action in (*ANSWERS, RATE)}


@dataclass(frozen=True)
class AnswerDraft:
    """
    What somebody does with a call.

    Attributes
    ----------
    id
        Made by the sender: the same id is done once.
    action
        The name of one of `gridmap.whistles.rules.ANSWERS`, or ``rate``.
    department
        Code of the department called, where there is a choice.
    said
        What comes with it: of `Action.needs`, and the note.
    """

    id: UUID
    action: str
    department: str | None = None
    place: Spot | None = None
    outcome: str | None = None
    reason: str | None = None
    rating: int | None = None
    note: str | None = None

    def content(self, whistle_id: UUID) -> dict[str, Any]:
        """What a receipt commits to."""
        return {
            "whistle": str(whistle_id),
            "action": self.action,
            "department": self.department,
            "place": None if self.place is None else self.place.told,
            "outcome": self.outcome,
            "reason": self.reason,
            "rating": self.rating,
            "note": self.note,
        }


@dataclass(frozen=True)
class _Change:
    """What an answer sets of the call, in SQL, and what the log keeps of it."""

    sets: str
    values: Mapping[str, Any] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)


def answer(db: Session, actor: Actor, whistle_id: UUID, draft: AnswerDraft, at: datetime) -> bool:
    """
    Do something with a call; True if it was done now, False if the same was done before with the same id.

    Parameters
    ----------
    at
        Our clock.

    Raises
    ------
    NotFound, NotAllowed
        If the whistle is not in the actor's scope, or the answer is for others.
    Conflict
        If the call does not stand where this leads on from; the sentence says where it stands. If who says to be
        there is far from there.
    Invalid
        If something that it needs is missing or is none of its list.
    """
    action = _ACTIONS[draft.action]
    found = find_whistle(db, actor, whistle_id, "whistle.call" if action is RATE else "whistle.answer")
    department = _department(db, actor, found, draft)
    held = chronicle.hold(db, found.incident_id, actor, at)
    if not claim(db, "whistle-answer", [(draft.id, content_digest(draft.content(whistle_id)))], at):
        return False
    (call,) = straight(
        db,
        "SELECT * FROM whistle_call WHERE whistle_id = %(id)s AND department_id = %(department)s",
        {"id": whistle_id, "department": department},
    )
    _require_standing(held, call, action)
    change = _CHANGES[action.name](db, draft, call, held)
    seq = _write(db, held, draft, call, actor, change)
    if action is REFUSE:
        open_if_refused_twice(db, held, uuid5(draft.id, "contested"), seq)
    if action is not RATE:
        tell_answer(db, held.living, WORD[action.name], call, found.called_by, f"{draft.id}", at)
    return True


def _department(db: Session, actor: Actor, found: Any, draft: AnswerDraft) -> int:
    if draft.action != RATE.name:
        return called_department(db, actor, found, draft.department)
    if draft.department is None and len(found.departments) > 1:
        raise Invalid(N_("Several departments were called; say which one you rate."), where="/department")
    return found.departments[0] if draft.department is None else require_called(db, draft.department, found.departments)


def _require_standing(held: Held, call: Any, action: Action) -> None:
    standing = standing_of(call)
    if standing not in action.from_standing:
        raise Conflict(
            N_("“%(action)s” does not lead on: this call for incident %(number)s stands at “%(standing)s”."),
            action=action.label,
            number=held.row.number,
            standing=standing.label,
        )


def _write(db: Session, held: Held, draft: AnswerDraft, call: Any, actor: Actor, change: _Change) -> int:
    whistle_id, department = call.whistle_id, call.department_id
    (code,) = straight(db, "SELECT code FROM department WHERE id = %(id)s", {"id": department})
    told = {"whistle": str(whistle_id), "department": code.code, **change.told}
    # Who refused, or is done and rated, has no more part in it, and reads it no longer.
    parts = held.part_of(department, call.seq) if draft.action in (REFUSE.name, RATE.name) else None
    seq = held.write(WORD[draft.action], draft.id, told, parts=parts, reason=draft.reason, note=draft.note)
    straight(
        db,
        f"UPDATE whistle_call SET {change.sets} WHERE whistle_id = %(whistle)s AND department_id = %(department)s",
        {**change.values, "whistle": whistle_id, "department": department, "at": held.at, "by": actor.id, "seq": seq},
    )
    return seq


def _acknowledged(db: Session, draft: AnswerDraft, call: Any, held: Held) -> _Change:
    return _Change("acknowledged_at = %(at)s, acknowledged_by = %(by)s")


_DISTANCE: Final = """
    SELECT ST_Distance(CAST(place AS geography), CAST(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) AS geography))
        AS metres FROM whistle WHERE id = %(id)s
"""


def _arrived(db: Session, draft: AnswerDraft, call: Any, held: Held) -> _Change:
    if draft.place is None:
        raise Invalid(N_("Say where you are: who arrives does so at a place."), where="/place")
    spot = draft.place
    (found,) = straight(db, _DISTANCE, {"lon": spot.lon, "lat": spot.lat, "id": call.whistle_id})
    metres = round(found.metres, 1)
    if metres > FARTHEST_ARRIVAL_M + min(spot.error_m or 0, WORST_POSITION_M):
        raise Conflict(
            N_("You are %(km)s km from the place of the whistle. Say that you are there when you are."),
            km=f"{metres / 1000:.1f}",
        )
    return _Change(
        "arrived_at = %(at)s, arrived_by = %(by)s, arrived_error_m = %(error)s, arrived_m = %(metres)s,"
        " arrived_place = ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326),"
        # Who is there has heard of it.
        " acknowledged_at = coalesce(acknowledged_at, %(at)s), acknowledged_by = coalesce(acknowledged_by, %(by)s)",
        {"lon": spot.lon, "lat": spot.lat, "error": spot.error_m, "metres": metres},
        {"place": spot.told, "distance_m": metres},
    )


def _outcome(db: Session, draft: AnswerDraft, call: Any, held: Held) -> _Change:
    known = [outcome.value for outcome in Outcome]
    if draft.outcome not in known:
        raise Invalid(N_("This must be one of %(choices)s."), where="/outcome", choices=", ".join(known))
    if not (draft.note or "").strip():
        raise Invalid(N_("Say in a few words what was done."), where="/note")
    return _Change(
        "outcome = %(outcome)s, outcome_at = %(at)s, outcome_seq = %(seq)s",
        {"outcome": draft.outcome},
        {"outcome": draft.outcome},
    )


def _refused(db: Session, draft: AnswerDraft, call: Any, held: Held) -> _Change:
    known = [each.code for each in rulebook_now(db).reasons("refuse_whistle", local_today(db, held.at))]
    if draft.reason not in known:
        raise Invalid(
            N_("“%(reason)s” is no reason of this step. Choose one of: %(known)s."),
            where="/reason",
            reason=draft.reason or "",
            known=", ".join(known),
        )
    return _Change(
        "refused_at = %(at)s, refused_by = %(by)s, refused_reason = %(reason)s, refused_seq = %(seq)s",
        {"reason": draft.reason},
    )


def _rated(db: Session, draft: AnswerDraft, call: Any, held: Held) -> _Change:
    if draft.rating is None or not 1 <= draft.rating <= 5:
        raise Invalid(N_("A rating is a whole number from 1 to 5."), where="/rating")
    return _Change(
        "rating = %(rating)s, rated_at = %(at)s, rated_by = %(by)s, rated_seq = %(seq)s",
        {"rating": draft.rating},
        {"rating": draft.rating},
    )


_CHANGES: Final = {
    ACKNOWLEDGE.name: _acknowledged,
    ARRIVE.name: _arrived,
    OUTCOME.name: _outcome,
    REFUSE.name: _refused,
    RATE.name: _rated,
}
