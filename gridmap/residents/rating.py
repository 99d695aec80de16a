"""What residents think of the end of their matter; one that is not well is taken up again, one level higher."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.errors import Conflict, Invalid, NotFound
from gridmap.incidents.actions import StepDraft, act
from gridmap.language import N_
from gridmap.outbox.actions import send
from gridmap.outbox.rules import Said, ToRole
from gridmap.people.rules import Actor, scope_of
from gridmap.residents.following import story_of
from gridmap.residents.rules import RATE_WITHIN
from gridmap.system.audit import record
from gridmap.system.receipts import claim, content_digest

_RATED = N_("You have rated this already. What you said counts.")


@dataclass(frozen=True)
class RatingDraft:
    """
    What a reporter says of the end of their matter.

    Attributes
    ----------
    id
        Made with the form.
    again
        Whether they want it taken up again.
    """

    id: UUID
    satisfied: bool
    words: str
    again: bool


def rate(db: Session, actor: Actor, report_id: UUID, draft: RatingDraft, at: datetime) -> bool:
    """
    Keep what a reporter says; True if it was kept now, False if the same form came before.

    Raises
    ------
    Invalid
        If it is to be taken up again and nothing says why.
    Conflict
        If it is not over, was rated before, or ended too long ago.
    """
    if draft.again and not draft.words:
        raise Invalid(N_("Say what is not well, so that it can be put right."), where="words")
    content = {"report": str(report_id), "satisfied": draft.satisfied, "words": draft.words, "again": draft.again}
    if not claim(db, "rating", [(draft.id, content_digest(content))], at):
        return False
    story = story_of(db, report_id, at)
    if story.ended is None:
        raise Conflict(N_("This matter is not over yet; it can be rated when it is."))
    if story.rating is not None:
        raise Conflict(_RATED)
    if not story.may_rate:
        raise Conflict(
            N_("A matter can be rated for %(days)s days after its end. Report it anew if it is not well."),
            days=RATE_WITHIN.days,
        )
    kept = db.execute(
        text(
            "INSERT INTO resident_rating (id, report_id, incident_id, seq, satisfied, words, again, rated_at)"
            " VALUES (:id, :report, :incident, :seq, :satisfied, :words, :again, :at)"
            # Two taps at once, each with a form of its own: the first counts here, too.
            " ON CONFLICT ON CONSTRAINT resident_rating_once_key DO NOTHING RETURNING id"
        ),
        {
            "id": draft.id,
            "report": report_id,
            "incident": story.incident_id,
            "seq": story.ended[0],
            "satisfied": draft.satisfied,
            "words": draft.words,
            "again": draft.again and not draft.satisfied,
            "at": at,
        },
    ).one_or_none()
    if kept is None:
        raise Conflict(_RATED)
    changed = {"satisfied": draft.satisfied, "again": draft.again}
    record(db, actor.doer, "report.rate", object_id=f"report:{report_id}", changed=changed)
    if draft.again and not draft.satisfied:
        _tell_desks(db, story.incident_id, draft.id, story.joined or story.number)
    return True


def decide_again(db: Session, actor: Actor, rating_id: UUID, granted: bool, answer: str, at: datetime) -> bool:
    """
    Take a matter up again because its reporter is not satisfied, or say why not; False if that was decided before.

    Parameters
    ----------
    answer
        What the reporter reads; needed with a no.

    Raises
    ------
    NotFound
        If no such wish waits in the actor's area.
    Invalid
        If it is refused without a word.
    GridmapError
        As `gridmap.incidents.actions.act`, if the incident does not take the step.
    """
    row = db.execute(
        text(
            "SELECT r.incident_id, r.decided_at, i.path::text AS path, i.level, i.number FROM resident_rating r"
            " JOIN incident i ON i.id = r.incident_id WHERE r.id = :id AND r.again FOR UPDATE OF r"
        ),
        {"id": rating_id},
    ).one_or_none()
    if row is None or scope_of(actor, "report.moderate").covers(row.path) is None:
        raise NotFound(N_("There is no such wish in your area."))
    if row.decided_at is not None:
        return False
    if not granted and not answer:
        raise Invalid(N_("Say why it is not taken up again; the reporter reads it."), where="/answer")
    if granted:
        act(db, actor, row.incident_id, StepDraft(uuid5(rating_id, "reopen"), "reopen", reason="dissatisfied"), at)
        if row.level != "district":
            higher = StepDraft(uuid5(rating_id, "escalate"), "escalate", reason="beyond-means")
            act(db, actor, row.incident_id, higher, at)
    db.execute(
        text(
            "UPDATE resident_rating SET decided_at = :at, decided_by = :by, granted = :granted, answer = :answer"
            " WHERE id = :id"
        ),
        {"at": at, "by": actor.id, "granted": granted, "answer": answer or None, "id": rating_id},
    )
    changed = {"granted": granted}
    record(db, actor.doer, "report.again", object_id=f"incident:{row.incident_id}", path=row.path, changed=changed)
    return True


def _tell_desks(db: Session, incident_id: UUID, rating_id: UUID, number: str) -> None:
    path = db.scalar(text("SELECT path::text FROM incident WHERE id = :id"), {"id": incident_id})
    said = Said(N_("The reporter of %(number)s is not satisfied"), {"number": number})
    body = Said(N_("They ask that incident %(number)s be taken up again. Decide it."), {"number": number})
    for role in ("operator", "township"):
        dedupe = f"again:{rating_id}:{role}"
        send(
            db, "screen", ToRole(role, str(path)), said, body, event="dissatisfied", about=f"incident:{incident_id}",
            dedupe=dedupe,
        )  # fmt: skip
