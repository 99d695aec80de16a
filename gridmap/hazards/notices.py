"""Rectification notices: issued under a number without holes, delivered, answered with photos, or issued anew."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.errors import Conflict, Invalid, NotFound
from gridmap.grids.queries import current_district
from gridmap.hazards.actions import add_photos, held_hazard
from gridmap.hazards.letter import Letter, moment_told, print_letter
from gridmap.hazards.news import tell_screens
from gridmap.hazards.queries import require_hazard
from gridmap.hazards.rules import JUDGE, WORK, Delivery, NoticeDraft, State, require_due
from gridmap.hazards.tables import Hazard, Notice
from gridmap.hazards.terms import rectify_term
from gridmap.language import N_
from gridmap.outbox.actions import send
from gridmap.outbox.rules import Said, ToDepartment, ToRole
from gridmap.people.rules import Actor
from gridmap.people.tables import Department
from gridmap.system import audit
from gridmap.system.numbers import next_number

SERIES: Final = "rectification"
_NONE: Final = N_("There is no such notice in your area.")


def issue_notice(db: Session, actor: Actor, hazard_id: UUID, draft: NoticeDraft, at: datetime) -> None:
    """
    Issue a numbered notice for a hazard; one that was issued before is replaced, and keeps its number and wording.

    The letter is printed while its number is held, so that a letter that cannot be printed leaves no hole.

    Raises
    ------
    Invalid
        If nobody is named who has to put it right, or its day cannot be.
    Conflict
        If the hazard is closed.
    """
    hazard = held_hazard(db, actor, hazard_id, JUDGE, State.OPEN, State.RECTIFYING)
    require_due(draft.due_at, at)
    party = draft.party or hazard.party
    if not party.strip():
        raise Invalid(N_("Say who has to put it right."), where="/party")
    before = db.scalar(select(Notice).where(Notice.hazard_id == hazard.id, Notice.replaced_by.is_(None)))
    if before is not None and before.answered_at is not None:
        raise Conflict(N_("Notice %(number)s was answered. Close the hazard, or write down a new one."),
                       number=before.number)  # fmt: skip
    term = rectify_term(db, hazard.severity, at, draft.due_at)
    zone = current_district(db).zone
    local = at.astimezone(zone)
    number = f"RN-{local.year}-{next_number(db, SERIES, local.year):04d}"
    letter = Letter(
        number, party, draft.demands, _facts(require_hazard(db, actor, hazard_id), draft.locale, zone), term.explained,
        _issuer(db, actor, draft.locale), local, None if before is None else before.number,
    )  # fmt: skip
    document = print_letter(letter, draft.locale)
    notice = Notice(
        id=draft.id, number=number, hazard_id=hazard.id, party=party, demands=draft.demands, locale=draft.locale,
        issued_at=at, issued_by=actor.id, due_at=term.due_at, explained=list(term.explained), document=document,
        sha256=hashlib.sha256(document).digest(), replaced_by=draft.id,
    )  # fmt: skip
    _put_in_place(db, notice, before)
    hazard.state, hazard.party = State.RECTIFYING, party
    db.flush()
    said = {"number": number, "sha256": notice.sha256.hex(), "replaces": before and before.number}
    audit.record(db, actor.doer, JUDGE, object_id=f"notice:{notice.id}", path=hazard.path, changed=said)
    tell_screens(db, hazard, at)
    _tell_issued(db, hazard, notice, at)


def _put_in_place(db: Session, notice: Notice, before: Notice | None) -> None:
    """One notice of a hazard holds: the new one waits as its own successor until the older one has left its place."""
    db.add(notice)
    db.flush()
    if before is not None:
        before.replaced_by = notice.id
        db.flush()
    notice.replaced_by = None


def deliver_notice(
    db: Session, actor: Actor, notice_id: UUID, how: Delivery, to: str | None, told_at: datetime | None, at: datetime
) -> None:
    """
    Say how a notice reached the party that it names; said again, the first time stands.

    Raises
    ------
    NotFound, NotAllowed, Conflict
        If it is not the actor's, or was replaced.
    """
    notice, hazard = _held(db, actor, notice_id)
    if notice.delivered_at is not None:
        return
    delivered_at = min(told_at or at, at)
    if delivered_at < notice.issued_at:
        raise Invalid(N_("A notice is delivered after it was issued."), where="/at")
    notice.delivered_at, notice.delivered_by = delivered_at, actor.id
    notice.delivered_how, notice.delivered_to = how, to
    db.flush()
    said = {"delivered": how, "at": delivered_at.isoformat()}
    audit.record(db, actor.doer, WORK, object_id=f"notice:{notice.id}", path=hazard.path, changed=said)
    tell_screens(db, hazard, at)


def answer_notice(
    db: Session, actor: Actor, notice_id: UUID, answer: str, evidence: tuple[bytes, ...], at: datetime
) -> None:
    """
    Write down what the party answers, with the photos that show it.

    Raises
    ------
    Invalid
        If no photo shows how it looks now, or one has not been sent.
    Conflict
        If it was answered before, or was replaced.
    """
    notice, hazard = _held(db, actor, notice_id)
    if notice.answered_at is not None:
        raise Conflict(N_("Notice %(number)s was answered already."), number=notice.number)
    if not evidence:
        raise Invalid(N_("An answer shows with a photo how it looks now."), where="/media")
    notice.answered_at, notice.answered_by, notice.answer = at, actor.id, answer
    add_photos(db, actor, hazard.id, notice.id, evidence)
    said = {"answered": True, "photos": len(evidence)}
    audit.record(db, actor.doer, WORK, object_id=f"notice:{notice.id}", path=hazard.path, changed=said)
    tell_screens(db, hazard, at)
    subject = Said(N_("Notice %(number)s was answered"), {"number": notice.number})
    body = Said(N_("Look at the place, then close the hazard or issue the notice anew."))
    for role in ("chief", "township"):
        send(db, "screen", ToRole(role, hazard.path), subject, body, event="notice-answered",
             dedupe=f"answered:{notice.id}", now=at)  # fmt: skip


def document_of(db: Session, actor: Actor, notice_id: UUID) -> tuple[str, bytes]:
    """
    Give the number of a notice and its letter, as it was issued.

    Raises
    ------
    NotFound
        If it is not the actor's to see.
    """
    row = db.execute(
        select(Notice.number, Notice.hazard_id, Notice.document).where(Notice.id == notice_id)
    ).one_or_none()
    if row is None:
        raise NotFound(_NONE)
    require_hazard(db, actor, row.hazard_id)
    return row.number, bytes(row.document)


def _held(db: Session, actor: Actor, notice_id: UUID) -> tuple[Notice, Hazard]:
    hazard_id = db.scalar(select(Notice.hazard_id).where(Notice.id == notice_id))
    if hazard_id is None:
        raise NotFound(_NONE)
    # The hazard is locked first, everywhere.
    hazard = held_hazard(db, actor, hazard_id, WORK, State.RECTIFYING)
    notice = db.get_one(Notice, notice_id, with_for_update=True)
    if notice.replaced_by is not None:
        raise Conflict(N_("Notice %(number)s was replaced by a newer one. Look at that one."), number=notice.number)
    return notice, hazard


def _facts(row: Any, locale: str, zone: Any) -> list[tuple[str, str]]:
    def name(prefix: str) -> str:
        names = getattr(row, f"{prefix}_names") or {}
        return names.get(locale) or getattr(row, f"{prefix}_name") or ""

    return [
        (N_("Hazard"), f"{row.number}  {row.what}"),
        (N_("Class"), name("category")),
        (N_("Site"), name("site")),
        (N_("Grid"), name("grid")),
        (N_("Place"), f"{row.lon:.6f}, {row.lat:.6f}"),
        (N_("Found at"), moment_told(row.found_at.astimezone(zone), locale)),
    ]


def _issuer(db: Session, actor: Actor, locale: str) -> str:
    """The office that signs: the department of whoever issues it, else the district's grid service."""
    ids = [grant.department_id for grant in actor.grants if grant.department_id is not None]
    if ids:
        department = db.get_one(Department, ids[0])
        return department.names.get(locale) or department.name
    district = current_district(db)
    return district.names.get(locale) or district.name


def _tell_issued(db: Session, hazard: Hazard, notice: Notice, at: datetime) -> None:
    if hazard.department_id is not None:
        subject = Said(N_("Rectification notice %(number)s was issued"), {"number": notice.number})
        body = Said(N_("See that hazard %(number)s is put right."), {"number": hazard.number})
        send(db, "screen", ToDepartment(hazard.department_id), subject, body, event="notice-issued",
             dedupe=f"issued:{notice.id}", now=at)  # fmt: skip
