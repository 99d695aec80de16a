"""The way of a plan from a draft to an edition, and back: each step by whom it belongs to, written down with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.errors import Conflict, Invalid, NotAllowed
from gridmap.language import N_
from gridmap.people.rules import Actor
from gridmap.planning.checking import Finding, Level, check
from gridmap.planning.drafting import draft_of, plan_of
from gridmap.planning.queries import plan_row, steps_open_to
from gridmap.planning.rebase import follow, rebase
from gridmap.planning.reverting import draw_reversal, give_reasons, new_reversal
from gridmap.planning.rules import State
from gridmap.planning.tables import Plan, PlanEdit
from gridmap.planning.trail import note_step, trace
from gridmap.system.receipts import claim, content_digest

_APPROVERS: Final = frozenset({"approve", "send_back", "publish"})


class OwnPlan(NotAllowed):
    """Two persons: whoever drew a plan does not approve it."""

    def __init__(self) -> None:
        super().__init__(N_("You are the author of this plan. Another planner of the area approves it."))


class NotReady(Invalid):
    """A plan that the check does not let through."""

    def __init__(self, msgid: str, findings: Sequence[Finding]) -> None:
        super().__init__(msgid, n=len(findings))
        self.members = {"items": [finding.key for finding in findings]}


def submit(db: Session, actor: Actor, plan_id: UUID, call: UUID, at: datetime, note: str | None = None) -> bool:
    """
    Ask for approval.

    Returns
    -------
    taken
        False if this call came before; so for every step here.

    Raises
    ------
    NotReady
        If the check finds what must be settled, or what nobody gave a reason for.
    PlanContested
        If editions published since the base changed the same grids.
    """
    plan = _begin(db, actor, plan_id, call, "submit", at, {"note": note})
    if plan is None:
        return False
    follow(db, plan, at)
    require_ready(db, plan, at)
    plan.state, plan.submitted_at = State.SUBMITTED.value, at
    _end(db, actor, plan, "submit", at, note)
    return True


def require_ready(db: Session, plan: Plan, at: datetime) -> None:
    """Refuse a plan with a finding that blocks, or one that asks for a reason and has none."""
    found = check(db, draft_of(db, plan.id), at)
    if musts := [finding for finding in found.items if finding.level is Level.MUST]:
        raise NotReady(N_("The check found %(n)s things that must be settled first; each is shown on the map."), musts)
    if found.unexplained:
        raise NotReady(N_("%(n)s findings of the check need a reason: say why it may stay so."), found.unexplained)


def send_back(db: Session, actor: Actor, plan_id: UUID, call: UUID, at: datetime, note: str) -> bool:
    """Give a plan back to its author, with what is to be changed."""
    plan = _begin(db, actor, plan_id, call, "send_back", at, {"note": note})
    if plan is None:
        return False
    plan.state = State.DRAFT.value
    plan.approver_id = plan.approved_at = plan.publish_at = plan.submitted_at = None
    _end(db, actor, plan, "send_back", at, note)
    return True


def withdraw(db: Session, actor: Actor, plan_id: UUID, call: UUID, at: datetime) -> bool:
    """Give a plan up; it stays to be read."""
    plan = _begin(db, actor, plan_id, call, "withdraw", at, {})
    if plan is None:
        return False
    plan.state, plan.publish_at = State.WITHDRAWN.value, None
    _end(db, actor, plan, "withdraw", at)
    return True


def approve(
    db: Session,
    actor: Actor,
    plan_id: UUID,
    call: UUID,
    at: datetime,
    publish_at: datetime | None = None,
    note: str | None = None,
) -> bool:
    """
    Agree to what another person drew, to be published at an hour.

    Parameters
    ----------
    publish_at
        None is now.

    Raises
    ------
    OwnPlan
        If the actor is the author.
    Invalid
        If the hour is over.
    """
    plan = _begin(db, actor, plan_id, call, "approve", at, {"publish_at": _told(publish_at), "note": note})
    if plan is None:
        return False
    hour = _hour(publish_at, at)
    follow(db, plan, at)
    require_ready(db, plan, at)
    plan.state, plan.approver_id, plan.approved_at = State.APPROVED.value, actor.id, at
    plan.publish_at = hour
    _end(db, actor, plan, "approve", at, note, publish_at=_told(plan.publish_at))
    return True


def set_hour(
    db: Session, actor: Actor, plan_id: UUID, call: UUID, at: datetime, publish_at: datetime | None = None
) -> bool:
    """Give an approved plan another hour; None is now."""
    plan = _begin(db, actor, plan_id, call, "publish", at, {"publish_at": _told(publish_at)})
    if plan is None:
        return False
    plan.publish_at = _hour(publish_at, at)
    _end(db, actor, plan, "hour", at, publish_at=_told(plan.publish_at))
    return True


def rebase_plan(db: Session, actor: Actor, plan_id: UUID, call: UUID, at: datetime) -> list[PlanEdit]:
    """Bring a draft onto the newest edition; gives the edits that were set aside."""
    plan = _begin(db, actor, plan_id, call, "rebase", at, {})
    if plan is None:
        return []
    aside = rebase(db, plan, at)
    _end(db, actor, plan, "rebase", at, base_edition=plan.base_edition, set_aside=[edit.seq for edit in aside])
    return aside


def revert(db: Session, actor: Actor, plan_id: UUID, call: UUID, at: datetime, note: str) -> bool:
    """
    Submit a plan that gives back to every grid the bytes it had before an edition; another person approves it.

    Parameters
    ----------
    plan_id
        The published plan whose edition is to be taken back.
    call
        The id of the new plan.

    Raises
    ------
    ChangedSince
        If later editions changed the same grids.
    """
    plan = _begin(db, actor, plan_id, call, "revert", at, {"note": note})
    if plan is None:
        return False
    reversal = new_reversal(db, actor, plan, call, at)
    draw_reversal(db, actor, reversal, at)
    give_reasons(db, actor, reversal, at, note)
    require_ready(db, reversal, at)
    reversal.state, reversal.submitted_at = State.SUBMITTED.value, at
    _end(db, actor, reversal, "revert", at, note, reverts=plan.number)
    return True


def _begin(
    db: Session, actor: Actor, plan_id: UUID, call: UUID, step: str, at: datetime, said: dict[str, Any]
) -> Plan | None:
    """The plan, locked, if the step is the actor's to take and leads on; None if this very call was answered before."""
    plan_of(db, plan_id, lock=True)
    row = plan_row(db, actor, plan_id)
    content = {"plan": str(plan_id), "step": step, "by": actor.id, **said}
    if not claim(db, "plan.step", [(call, content_digest(content))], at):
        return None
    if step not in steps_open_to(row, actor):
        _refuse(row, actor, step)
    return plan_of(db, plan_id)


def _refuse(row: Any, actor: Actor, step: str) -> None:
    """Say why a step is not to be taken."""
    if step in _APPROVERS and row.author_id == actor.id:
        raise OwnPlan
    if step == "submit" and row.state == State.DRAFT and not row.edits:
        raise Invalid(N_("Nothing is drawn in this plan yet."))
    if step == "rebase" and row.state == State.DRAFT and not row.behind:
        raise Conflict(N_("The plan stands on the newest edition already."))
    if step not in _APPROVERS and row.author_id != actor.id and step != "revert":
        raise NotAllowed(N_("This step is its author's. Write a comment, or begin a plan of your own."))
    if step in _POSSIBLE_IN and row.state in _POSSIBLE_IN[step]:
        raise NotAllowed(N_("The plan changes grids outside of the area you plan for."))
    raise Conflict(
        N_("Plan %(number)s is %(state)s; this step does not lead on from there."),
        number=row.number,
        state=State(row.state).label,
    )


_POSSIBLE_IN: Final = {
    "submit": {State.DRAFT},
    "rebase": {State.DRAFT},
    "withdraw": {State.DRAFT, State.SUBMITTED, State.APPROVED},
    "approve": {State.SUBMITTED},
    "send_back": {State.SUBMITTED, State.APPROVED},
    "publish": {State.APPROVED},
    "revert": {State.PUBLISHED},
}


def _end(db: Session, actor: Actor, plan: Plan, step: str, at: datetime, note: str | None = None, **said: Any) -> None:
    db.flush()
    note_step(db, plan, step, actor.id, at, note)
    trace(db, actor.doer, plan, f"plan.{step}", at, {"state": plan.state, **said})


def _hour(wanted: datetime | None, at: datetime) -> datetime:
    if wanted is not None and wanted < at:
        raise Invalid(N_("This hour is over. Choose a later one, or publish now."), where="/publish_at")
    return wanted or at


def _told(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
