"""Draw in a plan: apply an edit, take any of them back, put it in again; every one is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from geodata.coverage.edit import Applied, Edit
from gridmap.errors import Conflict, Invalid, Malformed, NotAllowed
from gridmap.language import N_
from gridmap.people.rules import Actor, is_below, scope_of
from gridmap.planning.actions import leave_trace
from gridmap.planning.drafting import Draft, draft_of, store
from gridmap.planning.holdings import Inherited, inherited
from gridmap.planning.impact import keep_figures
from gridmap.planning.naming import name_new_grids
from gridmap.planning.queries import DRAFTS, plan_row
from gridmap.planning.replay import replay, told, work_out_here
from gridmap.planning.rules import State
from gridmap.planning.tables import PlanEdit
from gridmap.system.receipts import claim, content_digest

_TEMPORARY: Final = re.compile(r"new-[A-Za-z0-9-]{1,60}")


class EditedMeanwhile(Conflict):
    """Somebody drew in the plan since the sender looked."""

    def __init__(self, seq: int, newer: Sequence[PlanEdit]) -> None:
        super().__init__(
            N_("The plan was edited meanwhile (%(n)s edits). Look at them, then draw yours again."), n=len(newer)
        )
        self.members = {
            "seq": seq,
            "edits": [{"seq": edit.seq, "op": edit.op, "grids": edit.told["grids"]} for edit in newer],
        }


@dataclass(frozen=True)
class Outcome:
    """
    What drawing, undoing or redoing came to.

    Attributes
    ----------
    edit
        The edit concerned, as it is kept now.
    reached
        Ids of the grids that are other than before, gone ones too.
    applied
        What the engine worked out; None of undoing and redoing, and where the call came a second time.
    inherited
        What the whole plan hands from grid to grid now.
    seq
        Number of the last edit of the plan.
    """

    draft: Draft
    edit: PlanEdit
    reached: frozenset[str]
    applied: Applied | None
    inherited: Inherited
    seq: int


def editable(db: Session, actor: Actor, plan_id: UUID) -> Draft:
    """
    The draft of a plan, locked, for who may draw in it.

    Raises
    ------
    NotFound, NotAllowed
        If there is no such plan, or it is another person's.
    Conflict
        If it is no draft any more.
    """
    plan_row(db, actor, plan_id)
    draft = draft_of(db, plan_id, lock=True)
    if draft.plan.author_id != actor.id:
        raise NotAllowed(N_("Only its author draws in a plan. Write a comment, or begin a plan of your own."))
    if draft.plan.state != State.DRAFT:
        raise Conflict(
            N_("Plan %(number)s is %(state)s, so nothing can be drawn in it. Have it sent back first."),
            number=draft.plan.number,
            state=State(draft.plan.state).label,
        )
    return draft


def apply_edit(
    db: Session, actor: Actor, plan_id: UUID, edit_id: UUID, edit: Edit, at: datetime, *, after: int | None = None
) -> Outcome:
    """
    Draw one edit.

    Parameters
    ----------
    edit_id
        The sender's own, so that it can be sent again.
    edit
        In metres of the district's plane.
    after
        Number of the last edit that the sender has seen; None if it does not matter.

    Raises
    ------
    EditNotPossible
        If the coverage would no longer hold; nothing was changed.
    EditedMeanwhile
        If there are edits after `after`.
    NotAllowed
        If it changes grids outside of the actor's area; else see `editable`.
    OtherContent
        If the id came before with another content.
    """
    draft = editable(db, actor, plan_id)
    said = edit.to_json()
    if not claim(db, "plan.edit", [(edit_id, content_digest({"plan": str(plan_id), "edit": said}))], at):
        return _again(db, draft, edit_id, at)
    newer = db.scalars(_edits(plan_id).where(PlanEdit.seq > (after or 0)).order_by(PlanEdit.seq)).all()
    if newer and after is not None:
        raise EditedMeanwhile(newer[-1].seq, newer)
    _require_fresh_ids(draft, edit)
    applied = work_out_here(db, draft, edit)
    _require_own_ground(actor, draft, applied)
    draft.accept(applied)
    name_new_grids(db, draft, edit, applied)
    kept = PlanEdit(
        plan_id=plan_id,
        seq=(newer[-1].seq if newer else after or 0) + 1,
        id=edit_id,
        op=edit.op,
        args={name: value for name, value in said.items() if name != "op"},
        inverse=applied.inverse.to_json(),
        told=told(draft, applied),
        by_id=actor.id,
        at=at,
    )
    db.add(kept)
    return _finished(db, actor, draft, kept, applied.after.keys(), at, "edit", applied)


def undo(db: Session, actor: Actor, plan_id: UUID, call_id: UUID, at: datetime, edit_id: UUID | None = None) -> Outcome:
    """
    Take an edit back, the last one that counts unless another is named; it stays in the list and can be redone.

    Raises
    ------
    OthersRestOnIt
        If later edits cannot be done without it.
    Invalid
        If there is nothing to undo.
    """
    draft = editable(db, actor, plan_id)
    if not claim(db, "plan.undo", [(call_id, _digest(plan_id, edit_id))], at):
        return _again(db, draft, edit_id, at)
    wanted = _edits(plan_id).where(PlanEdit.undone_at.is_(None), PlanEdit.set_aside.is_(None))
    chosen = wanted.where(PlanEdit.id == edit_id) if edit_id else wanted.order_by(PlanEdit.seq.desc()).limit(1)
    target = db.scalars(chosen).one_or_none()
    if target is None:
        raise Invalid(N_("There is no edit to undo."))
    later = db.scalars(wanted.where(PlanEdit.seq > target.seq).order_by(PlanEdit.seq)).all()
    reached = replay(db, draft, later, without=target)
    target.undone_at = at
    return _finished(db, actor, draft, target, reached, at, "undo")


def redo(db: Session, actor: Actor, plan_id: UUID, call_id: UUID, at: datetime, edit_id: UUID | None = None) -> Outcome:
    """
    Put an edit in again where it stood: the one undone last unless another is named.

    Raises
    ------
    EditNotPossible, OthersRestOnIt
        If it, or edits made since, cannot be done together with what is there now.
    Invalid
        If there is nothing to redo.
    """
    draft = editable(db, actor, plan_id)
    if not claim(db, "plan.redo", [(call_id, _digest(plan_id, edit_id))], at):
        return _again(db, draft, edit_id, at)
    undone = _edits(plan_id).where(PlanEdit.undone_at.is_not(None), PlanEdit.set_aside.is_(None))
    latest = undone.order_by(PlanEdit.undone_at.desc(), PlanEdit.seq).limit(1)
    target = db.scalars(undone.where(PlanEdit.id == edit_id) if edit_id else latest).one_or_none()
    if target is None:
        raise Invalid(N_("There is no edit to redo."))
    live = _edits(plan_id).where(PlanEdit.undone_at.is_(None), PlanEdit.set_aside.is_(None))
    later = db.scalars(live.where(PlanEdit.seq > target.seq).order_by(PlanEdit.seq)).all()
    reached = replay(db, draft, later, having=target)
    target.undone_at = None
    return _finished(db, actor, draft, target, reached, at, "redo")


def _edits(plan_id: UUID) -> Select[PlanEdit]:
    return select(PlanEdit).where(PlanEdit.plan_id == plan_id)


def _digest(plan_id: UUID, edit_id: UUID | None) -> bytes:
    return content_digest({"plan": str(plan_id), "edit": None if edit_id is None else str(edit_id)})


def _again(db: Session, draft: Draft, edit_id: UUID | None, at: datetime) -> Outcome:
    """The answer to a call that was carried out before: the plan as it is now."""
    named = _edits(draft.plan.id).where(PlanEdit.id == edit_id)
    latest = _edits(draft.plan.id).order_by(func.greatest(PlanEdit.at, PlanEdit.undone_at).desc()).limit(1)
    edit = db.scalars(named if edit_id else latest).one()
    reached = frozenset(grid["id"] for grid in edit.told["grids"])
    return Outcome(draft, edit, reached, None, inherited(db, draft, at), _last_seq(db, draft.plan.id))


def _last_seq(db: Session, plan_id: UUID) -> int:
    return db.scalar(select(func.coalesce(func.max(PlanEdit.seq), 0)).where(PlanEdit.plan_id == plan_id)) or 0


def _require_fresh_ids(draft: Draft, edit: Edit) -> None:
    """
    Refuse names of new grids that could be taken for codes.

    Raises
    ------
    Malformed
        If a new grid is not called ``new-…``.
    """
    named = getattr(edit, "new", ())
    parts = [part.id for part in getattr(edit, "parts", ())]
    for grid in (*((named,) if isinstance(named, str) else named), *parts):
        if grid not in draft.labels and _TEMPORARY.fullmatch(grid) is None:
            raise Malformed(
                N_("Until it is published, a new grid is called new- and up to 60 letters, figures or hyphens."),
                where="/args/new",
            )


def _require_own_ground(actor: Actor, draft: Draft, applied: Applied) -> None:
    """
    Refuse edits of grids that belong to others; a neighbour may gain a corner on a border that stands.

    Raises
    ------
    NotAllowed
        Naming the first such grid.
    """
    scope = scope_of(actor, DRAFTS)
    # A new grid stands on ground of grids that were there before.
    for grid in sorted(applied.before.keys() - applied.noded):
        plot = applied.before[grid]
        if plot is not None and not any(is_below(draft.community(plot).path, root) for root, _ in scope.paths):
            raise NotAllowed(N_("Grid %(name)s lies outside of the area that you plan."), name=draft.labels[grid].name)


def _finished(
    db: Session,
    actor: Actor,
    draft: Draft,
    edit: PlanEdit,
    reached: Iterable[str],
    at: datetime,
    deed: str,
    applied: Applied | None = None,
) -> Outcome:
    """Keep what the draft has come to, its figures, and the trace of what was done."""
    ids = frozenset(reached)
    store(db, draft, ids)
    gained = inherited(db, draft, at)
    plan = draft.plan
    plan.edited_at = at
    keep_figures(draft, gained)
    db.flush()
    changed = {deed: edit.seq, "op": edit.op, "grids": sorted(ids)}
    leave_trace(db, actor, plan, draft.ground.path, at, changed)
    return Outcome(draft, edit, ids, applied, gained, _last_seq(db, plan.id))
