"""
Publish a plan: the coverage turns at one instant, and what is open on ground that changed hands goes with it.

Nothing is dated ahead. A plan waits with its hour; whoever publishes it takes the turn, reads the clock, and what that
says is when the edition takes effect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.coverage.edit import Plot
from gridmap.database import straight
from gridmap.errors import Conflict, GridmapError
from gridmap.grids.afar import Outlines, draw_afar
from gridmap.grids.drafts import GridDraft
from gridmap.grids.publishing import Turn, Turned, publish_changes, write_lineage
from gridmap.language import N_
from gridmap.planning.covering import keep_covered
from gridmap.planning.drafting import Draft, plan_of
from gridmap.planning.holdings import Inherited, inherited
from gridmap.planning.impact import keep_impact
from gridmap.planning.kept_words import kept_sentence
from gridmap.planning.lineage import causes_of, descents
from gridmap.planning.moving import Moved, Redrawn, hold_incidents, move_work
from gridmap.planning.naming import codes_of
from gridmap.planning.preparing import Prepared, still_holds, work_out
from gridmap.planning.rebase import follow
from gridmap.planning.rules import State
from gridmap.planning.tables import Plan
from gridmap.planning.trail import note_step, trace
from gridmap.system.audit import Doer


class CoverageBroken(Conflict):
    """A plan that would leave a gap or an overlap somewhere; nothing was published."""

    def __init__(self, grids: Sequence[str]) -> None:
        super().__init__(N_("The coverage would no longer hold. Nothing was published; look at what the check finds."))
        self.members = {"grids": list(grids)}


@dataclass(frozen=True)
class Published:
    """
    What came of the hour of a plan.

    Attributes
    ----------
    edition
        The edition it made; None if it went back to its author.
    sentence
        Why it went back.
    """

    plan_id: UUID
    edition: int | None
    sentence: str | None = None


def due_plans(db: Session, at: datetime) -> list[UUID]:
    """Approved plans whose hour has come, the earliest first."""
    return list(
        db.scalars(
            text("SELECT id FROM plan WHERE state = 'approved' AND publish_at <= :at ORDER BY publish_at, id"),
            {"at": at},
        )
    )


def publish_due(
    db: Session, doer: Doer, plan_id: UUID, at: datetime, ready: Prepared | None = None
) -> Published | None:
    """
    Publish an approved plan whose hour has come, or send it back to its author with the reason.

    Parameters
    ----------
    doer
        Who acts, as the audit names them: the process of the job, or the approver who said now.
    at
        Our clock, read after `gridmap.grids.publishing.wait_for_turn`: when the edition takes effect.
    ready
        What `gridmap.planning.preparing.prepare` worked out before the turn, if it was asked to.

    Returns
    -------
    published
        None if it is not due: another process was faster, or the hour was changed.
    """
    plan = plan_of(db, plan_id, lock=True)
    if plan.state != State.APPROVED or plan.publish_at is None or plan.publish_at > at:
        return None
    try:
        with db.begin_nested():
            return Published(plan_id, _publish(db, doer, plan, at, ready))
    except GridmapError as error:
        db.refresh(plan)
        _send_back(db, doer, plan, error, at)
        return Published(plan_id, None, error.sentence())


def _publish(db: Session, doer: Doer, plan: Plan, at: datetime, ready: Prepared | None) -> int:
    follow(db, plan, at)
    if ready is None or not still_holds(db, plan, ready):
        ready = work_out(db, plan)
    if ready.broken:
        raise CoverageBroken(ready.broken)
    draft = ready.draft
    changed = draft.changed()
    before = {grid: draft.base[grid] for grid in changed if grid in draft.base}
    after = {grid: plot for grid, plot in changed.items() if plot is not None}
    former, numbers = _former(db, draft, before)
    incidents = hold_incidents(db, list(numbers.values()), list(former.values()))
    told = inherited(db, draft, at, ready.survey)
    keep_impact(db, draft, at, told)
    causes = causes_of(before, after, told.moved, told.altered)
    codes = {grid: label.code for grid in changed if (label := draft.labels[grid]).code is not None}
    codes |= codes_of(db, draft)
    gone = [numbers[grid] for grid in before if grid not in after]
    turn = Turn(plan.base_edition, at, f"{plan.number} {plan.title}", plan.approver_id, plan.id)
    turned = publish_changes(db, plan.district_id, _drafts(draft, after, codes, causes), gone, turn)
    redrawn = _redrawn(db, turned, at, codes, numbers, former, told)
    moved = move_work(db, doer, redrawn, incidents)
    given = keep_covered(db, doer, redrawn)
    lineage = descents(before, after, told.moved, causes)
    write_lineage(db, turned, [replace(d, from_code=codes[d.from_code], to_code=codes[d.to_code]) for d in lineage])
    draw_afar(db, _outlines(turned, codes, ready))
    _close(db, doer, plan, redrawn, moved, given)
    return turned.edition


def _former(db: Session, draft: Draft, before: Mapping[str, Plot]) -> tuple[dict[str, str], dict[str, int]]:
    """Area path and number of the grids that change or end, as they are until now."""
    grid_of = {draft.labels[grid].grid_id: grid for grid in before}
    rows = straight(
        db,
        "SELECT grid_id, path::text AS path FROM grid_version WHERE grid_id = ANY(%(grids)s) AND upper_inf(valid)"
        " AND upper_inf(recorded)",
        {"grids": list(grid_of)},
    )
    return {grid_of[row.grid_id]: row.path for row in rows}, {grid_of[row.grid_id]: row.grid_id for row in rows}


def _drafts(
    draft: Draft, after: Mapping[str, Plot], codes: Mapping[str, str], causes: Mapping[str, str]
) -> list[GridDraft]:
    return [
        GridDraft(
            code=codes[grid],
            name=draft.labels[grid].name,
            kind=plot.kind,
            community_code=plot.community,
            households=plot.households,
            plane=plot.plane,
            names=dict(draft.labels[grid].names),
            owner_site_id=None if plot.owner is None else UUID(plot.owner),
            grid_id=draft.labels[grid].grid_id,
            cause=causes[grid],
        )
        for grid, plot in after.items()
    ]


def _outlines(turned: Turned, codes: Mapping[str, str], ready: Prepared) -> dict[int, Outlines]:
    """What the new versions look like from afar, by their ids."""
    return {
        turned.begun[codes[grid]][1]: zooms for grid, zooms in ready.outlines.items() if codes[grid] in turned.begun
    }


def _redrawn(
    db: Session,
    turned: Turned,
    at: datetime,
    codes: Mapping[str, str],
    numbers: Mapping[str, int],
    former: Mapping[str, str],
    told: Inherited,
) -> Redrawn:
    begun = {grid: turned.begun[code] for grid, code in codes.items() if code in turned.begun}
    rows = straight(
        db,
        "SELECT id, path::text AS path FROM grid_version WHERE id = ANY(%(versions)s)",
        {"versions": [version for _, version in begun.values()]},
    )
    path_of = {row.id: row.path for row in rows}
    return Redrawn(
        edition=turned.edition,
        at=at,
        ids={**numbers, **{grid: number for grid, (number, _) in begun.items()}},
        codes=codes,
        paths={grid: path_of[version] for grid, (_, version) in begun.items()},
        former=former,
        inherited=told,
    )


def _close(db: Session, doer: Doer, plan: Plan, redrawn: Redrawn, moved: Moved, given: int) -> None:
    """Write down that the plan is an edition now, how its new grids are called, and what went with them."""
    plan.state, plan.published_at, plan.edition_n = State.PUBLISHED.value, redrawn.at, redrawn.edition
    db.flush()
    new = [grid for grid in redrawn.ids if grid not in redrawn.former]
    straight(
        db,
        "UPDATE plan_grid AS g SET code = n.code, grid_id = n.grid_id FROM unnest(CAST(%(temps)s AS text[]),"
        " CAST(%(codes)s AS text[]), CAST(%(grids)s AS bigint[])) AS n (temp_id, code, grid_id)"
        " WHERE g.plan_id = %(plan)s AND g.temp_id = n.temp_id",
        {
            "plan": plan.id,
            "temps": new,
            "codes": [redrawn.codes[grid] for grid in new],
            "grids": [redrawn.ids[grid] for grid in new],
        },
    )
    if plan.reverts_edition is not None:
        db.execute(
            text(
                "UPDATE plan SET state = 'reverted' WHERE district_id = :district AND edition_n = :n"
                " AND state = 'published'"
            ),
            {"district": plan.district_id, "n": plan.reverts_edition},
        )
    note_step(db, plan, "publish", plan.approver_id, redrawn.at)
    went = asdict(moved) | {"assignments": given}
    trace(db, doer, plan, "plan.publish", redrawn.at, {"edition": redrawn.edition, **went})


def _send_back(db: Session, doer: Doer, plan: Plan, error: GridmapError, at: datetime) -> None:
    """What could not be published is a draft again; author and approver read why."""
    note_step(db, plan, "held", plan.approver_id, at, kept_sentence(error))
    plan.state, plan.edited_at = State.DRAFT.value, at
    plan.approver_id = plan.approved_at = plan.publish_at = plan.submitted_at = None
    db.flush()
    trace(db, doer, plan, "plan.publish", at, {"held": error.sentence()}, result="refused")
