"""Proposals: borders that the service works out for a plan, asked for, followed, stopped, taken as an edit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.coverage.edit import Redraw, edit_from_json
from gridmap.database import straight
from gridmap.errors import Conflict, Invalid, NotAllowed, NotFound
from gridmap.grids.queries import current_district
from gridmap.language import N_
from gridmap.people.rules import Actor, is_below
from gridmap.planning.actions import leave_trace
from gridmap.planning.drafting import Draft, plan_of
from gridmap.planning.editing import Outcome, apply_edit, editable
from gridmap.planning.queries import plan_row
from gridmap.planning.tables import PlanProposal
from gridmap.system.receipts import claim, content_digest

MOST_WAITING: Final = 3
"""Of one plan: the service works out one after another."""


class ProposalState(StrEnum):
    """How far a proposal is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TAKEN = "taken"


UNDER_WAY: Final = (ProposalState.WAITING, ProposalState.RUNNING)


@dataclass(frozen=True)
class Wish:
    """
    What somebody wants worked out.

    Attributes
    ----------
    kind
        ``split`` (a grid), ``balance`` (a community) or ``partition`` (an area or some grids).
    grid, community, area, grids
        Where: the id of a grid of the draft, the code of a community or of any area, or several grids.
    least, most
        Households of a grid.
    """

    kind: str
    grid: str | None = None
    community: str | None = None
    area: str | None = None
    grids: tuple[str, ...] = ()
    least: int = 300
    most: int = 500
    seed: int = 0


def ask(db: Session, actor: Actor, plan_id: UUID, proposal_id: UUID, wish: Wish, at: datetime) -> bool:
    """
    Ask for a proposal; the worker takes it up within a second or two.

    Returns
    -------
    new
        False if an earlier call asked for it.

    Raises
    ------
    Invalid
        If the wish names no grid that could be drawn anew.
    Conflict
        If too many of this plan wait already; else see `gridmap.planning.editing.editable`.
    """
    draft = editable(db, actor, plan_id)
    content = {"plan": str(plan_id), "wish": asdict(wish)}
    if not claim(db, "plan.proposal", [(proposal_id, content_digest(content))], at):
        return False
    args = {"grids": list(chosen_grids(db, draft, wish)), "least": wish.least, "most": wish.most}
    put_in_line(db, actor, draft, proposal_id, wish.kind, args, wish.seed, at)
    return True


def put_in_line(
    db: Session, actor: Actor, draft: Draft, proposal_id: UUID, kind: str, args: dict[str, Any], seed: int, at: datetime
) -> None:
    """
    Put a proposal behind those that wait.

    Raises
    ------
    Conflict
        If too many of this plan wait already.
    """
    waiting = straight(
        db,
        "SELECT count(*) AS n FROM plan_proposal WHERE plan_id = %(plan)s AND state IN ('waiting', 'running')",
        {"plan": draft.plan.id},
    )[0].n
    if waiting >= MOST_WAITING:
        raise Conflict(N_("%(n)s proposals of this plan wait already. Stop one, or wait for it."), n=waiting)
    db.add(
        PlanProposal(
            id=proposal_id,
            plan_id=draft.plan.id,
            kind=kind,
            args=args,
            seed=seed,
            state=ProposalState.WAITING.value,
            progress=0.0,
            step="",
            asked_by=actor.id,
            asked_at=at,
            cancel=False,
        )
    )
    db.flush()
    leave_trace(db, actor, draft.plan, draft.ground.path, at, {"proposal": str(proposal_id), "kind": kind})


def chosen_grids(db: Session, draft: Draft, wish: Wish) -> Sequence[str]:
    """
    The grids of a draft that a wish means: urban ones, or to divide anew where there are none, rural ones.

    Institutions are not divided, and villages not by households.

    Raises
    ------
    Invalid
        If there are none.
    """
    plots = draft.sheet.plots
    if wish.kind == "split":
        named = [wish.grid] if wish.grid else []
    elif wish.grids:
        named = list(wish.grids)
    else:
        communities = _communities(db, draft, wish.community or wish.area or "")
        there = [plot for plot in plots.values() if plot.community in communities]
        kind = "rural" if wish.kind == "partition" and all(plot.kind != "urban" for plot in there) else "urban"
        named = [plot.id for plot in there if plot.kind == kind]
    unknown = next((grid for grid in named if grid not in plots), None)
    if unknown is not None:
        raise Invalid(N_("The draft has no grid %(grid)s. Choose it on the map."), where="/grids", grid=unknown)
    villages = wish.kind == "partition" and named != [] and all(plots[grid].kind == "rural" for grid in named)
    other = next((grid for grid in named if plots[grid].kind != "urban"), None)
    if other is not None and not villages:
        raise Invalid(
            N_("%(name)s is no urban grid: only those are drawn by households. Leave it out."),
            where="/grids",
            name=draft.labels[other].name,
        )
    if not named:
        raise Invalid(N_("There is no grid there that could be drawn anew. Choose another place."), where="/grids")
    return sorted(named)


def _communities(db: Session, draft: Draft, code: str) -> set[str]:
    """Codes of the communities in an area of any kind."""
    rows = straight(
        db,
        "SELECT a.path::text AS path FROM area_version v JOIN area a ON a.id = v.area_id WHERE v.code = %(code)s"
        " AND upper_inf(v.valid) AND upper_inf(v.recorded)",
        {"code": code},
    )
    if not rows:
        raise Invalid(N_("There is no area %(code)s."), where="/area", code=code)
    return {c.code for c in draft.ground.communities.values() if is_below(c.path, rows[0].path)}


def proposal_of(db: Session, actor: Actor, plan_id: UUID, proposal_id: UUID, *, lock: bool = False) -> PlanProposal:
    """
    One proposal of a plan that the actor may see.

    Raises
    ------
    NotFound
        If there is none.
    """
    plan_row(db, actor, plan_id)
    wanted = select(PlanProposal).where(PlanProposal.id == proposal_id, PlanProposal.plan_id == plan_id)
    found = db.scalar(wanted.with_for_update() if lock else wanted)
    if found is None or found.dropped_at is not None:
        raise NotFound(N_("There is no such proposal. Ask for it again."))
    return found


def proposals_of(db: Session, actor: Actor, plan_id: UUID) -> Sequence[PlanProposal]:
    """Every proposal of a plan that was not put away, the newest first."""
    plan_row(db, actor, plan_id)
    wanted = select(PlanProposal).where(PlanProposal.plan_id == plan_id, PlanProposal.dropped_at.is_(None))
    return db.scalars(wanted.order_by(PlanProposal.asked_at.desc(), PlanProposal.id)).all()


def cancel(db: Session, actor: Actor, plan_id: UUID, proposal_id: UUID, at: datetime) -> None:
    """Stop a proposal: at once while it waits, at its next step while it runs; what is done stays as it is."""
    draft = editable(db, actor, plan_id)
    found = proposal_of(db, actor, plan_id, proposal_id, lock=True)
    if stop(found, at):
        db.flush()
        leave_trace(db, actor, draft.plan, draft.ground.path, at, {"proposal": str(proposal_id), "cancel": True})


def stop(found: PlanProposal, at: datetime) -> bool:
    """Stop a proposal that is locked; False if it has ended already."""
    if found.state == ProposalState.WAITING:
        found.state, found.ended_at = ProposalState.CANCELLED.value, at
    elif found.state == ProposalState.RUNNING:
        found.cancel = True
    else:
        return False
    return True


def drop(db: Session, actor: Actor, plan_id: UUID, proposal_id: UUID, at: datetime) -> None:
    """
    Put a proposal away; what is under way is stopped first. Once put away, it stays so.

    Raises
    ------
    NotFound, NotAllowed
        If there is no such proposal, or the plan is another person's.
    """
    plan_row(db, actor, plan_id)
    plan = plan_of(db, plan_id)
    if plan.author_id != actor.id:
        raise NotAllowed(N_("Only its author puts a proposal of a plan away."))
    wanted = select(PlanProposal).where(PlanProposal.id == proposal_id, PlanProposal.plan_id == plan_id)
    found = db.scalar(wanted.with_for_update())
    if found is None:
        raise NotFound(N_("There is no such proposal. Ask for it again."))
    if found.dropped_at is None:
        stop(found, at)
        found.dropped_at = at
        db.flush()
        path = current_district(db).path
        leave_trace(db, actor, plan, path, at, {"proposal": str(proposal_id), "dropped": True})


def take(db: Session, actor: Actor, plan_id: UUID, proposal_id: UUID, edit_id: UUID, at: datetime) -> Outcome:
    """
    Make a proposal an edit of its plan.

    Parameters
    ----------
    edit_id
        The sender's own, so that it can be sent again.

    Raises
    ------
    Conflict
        If there is nothing to take: it is under way, failed, was stopped, or has first to be drawn otherwise.
    EditNotPossible
        If the plan's grids there have changed since it was asked for.
    """
    found = proposal_of(db, actor, plan_id, proposal_id, lock=True)
    if found.state not in (ProposalState.DONE, ProposalState.TAKEN) or found.answer is None:
        raise Conflict(N_("This proposal has nothing to take: it is not done."))
    if not found.answer.get("takes", True):
        raise Conflict(N_("This proposal has nothing to take; it says what to do first."))
    # What a file changes is known once it has been read.
    grids = found.answer.get("grids", found.args["grids"])
    edit = edit_from_json({"op": Redraw.op, "grids": grids, "parts": found.answer["parts"]})
    outcome = apply_edit(db, actor, plan_id, edit_id, edit, at)
    found.state = ProposalState.TAKEN.value
    db.flush()
    return outcome


def parts_needed(households: float, most: int) -> int:
    """As few grids in range as it takes to divide one, two at least."""
    return max(2, math.ceil(households / most))
