"""Proposals for zones: asked for, followed, stopped, put away; the worker groups the parts of an area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import geopandas as gpd
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.errors import Conflict, Invalid, NotAllowed, NotFound
from gridmap.grids.queries import current_district
from gridmap.language import N_
from gridmap.people.rules import Actor, Scope, scope_of
from gridmap.planning.proposing import MOST_WAITING, ProposalState, stop
from gridmap.planning.queries import DRAFTS
from gridmap.planning.tables import PlanProposal
from gridmap.planning.zone_choices import Today, ZoneTask
from gridmap.planning.zone_parts import (
    FIGURES,
    Group,
    Skills,
    Whole,
    offers_of,
    part_ids,
    parts_of,
    planes_of,
    whole_of,
)
from gridmap.planning.zones import zone_numbers, zones_at
from gridmap.system import audit
from gridmap.system.live import Change, announce
from gridmap.system.receipts import claim, content_digest

KIND: Final = "zones"
_SHOWN: Final = 20
"""So many proposals are listed; older ones are found by their ids."""


@dataclass(frozen=True)
class ZoneWish:
    """
    What somebody wants grouped.

    Attributes
    ----------
    area
        Code of the district, for its townships, or of a township; None is the district.
    count
        How many zones.
    weights
        How much each of the figures counts that are evened out, by their names in `FIGURES`.
    """

    group: Group
    count: int
    area: str | None = None
    weights: Mapping[str, int] = field(default_factory=lambda: {FIGURES[0]: 1})
    skills: Skills = Skills.NONE
    seed: int = 0


def ask_for_zones(db: Session, actor: Actor, proposal_id: UUID, wish: ZoneWish, at: datetime) -> bool:
    """
    Ask for zones; the worker takes it up within a second or two.

    Returns
    -------
    new
        False if an earlier call asked for it.

    Raises
    ------
    Invalid
        If there is no such area, it has no such parts, or fewer than the zones that are wanted.
    NotAllowed
        If the area is not the actor's to plan.
    Conflict
        If too many wait already.
    """
    scope = scope_of(actor, DRAFTS)
    whole = whole_of(db, wish.group, wish.area or current_district(db).code)
    if scope.covers(whole.path) is None:
        raise NotAllowed(N_("You plan a part of the district only. Choose an area of your own."))
    _refuse_too_few(len(part_ids(db, whole.id, wish.group)), wish.count)
    content = asdict(wish) | {"area": whole.code, "by": actor.id}
    if not claim(db, "zones.proposal", [(proposal_id, content_digest(content))], at):
        return False
    _put_in_line(db, actor, proposal_id, wish, whole, at)
    return True


def _refuse_too_few(parts: int, count: int) -> None:
    if parts < count:
        raise Invalid(
            N_("%(areas)s areas cannot make %(count)s zones."), where="/count", areas=parts, count=count
        )  # fmt: skip


def _put_in_line(
    db: Session, actor: Actor, proposal_id: UUID, wish: ZoneWish, whole: Whole, at: datetime
) -> None:  # fmt: skip
    waiting = straight(
        db,
        "SELECT count(*) AS n FROM plan_proposal WHERE area_id = %(area)s AND state IN ('waiting', 'running')",
        {"area": whole.id},
    )[0].n
    if waiting >= MOST_WAITING:
        raise Conflict(N_("%(n)s proposals for this area wait already. Stop one, or wait for it."), n=waiting)
    args = {"area": whole.code, "group": wish.group.value, "count": wish.count, "skills": wish.skills.value}
    proposal = PlanProposal(
        id=proposal_id,
        area_id=whole.id,
        kind=KIND,
        args=args | {"weights": dict(wish.weights)},
        seed=wish.seed,
        state=ProposalState.WAITING.value,
        progress=0.0,
        step="",
        asked_by=actor.id,
        asked_at=at,
        cancel=False,
    )
    db.add(proposal)
    db.flush()
    _leave_trace(db, actor, proposal, whole.path, at, args)


def zone_proposal(db: Session, actor: Actor, proposal_id: UUID, *, action: str = DRAFTS, lock: bool = False) -> Any:
    """
    One proposal for an area that is the actor's.

    Parameters
    ----------
    action
        What the actor is about to do; the area must be in its scope.

    Raises
    ------
    NotFound
        If there is none.
    """
    wanted = select(PlanProposal).where(
        PlanProposal.id == proposal_id, PlanProposal.kind == KIND, PlanProposal.dropped_at.is_(None)
    )
    found = db.scalar(wanted.with_for_update() if lock else wanted)
    if found is None or scope_of(actor, action).covers(_path_of(db, found)) is None:
        raise NotFound(N_("There is no such proposal. Ask for it again."))
    return found


def zone_proposals(db: Session, actor: Actor) -> Sequence[PlanProposal]:
    """The latest proposals for areas of the actor, the newest first."""
    scope: Scope = scope_of(actor, DRAFTS)
    rows = straight(
        db,
        "SELECT p.id FROM plan_proposal p JOIN area a ON a.id = p.area_id WHERE p.dropped_at IS NULL"
        " AND a.path <@ ANY(CAST(%(paths)s AS ltree[])) ORDER BY p.asked_at DESC, p.id LIMIT %(shown)s",
        {"paths": [path for path, _ in scope.paths], "shown": _SHOWN},
    )
    wanted = select(PlanProposal).where(PlanProposal.id.in_([row.id for row in rows]))
    return db.scalars(wanted.order_by(PlanProposal.asked_at.desc(), PlanProposal.id)).all()


def cancel_zones(db: Session, actor: Actor, proposal_id: UUID, at: datetime) -> None:
    """Stop a proposal: at once while it waits, at its next step while it runs; what is done stays as it is."""
    found = zone_proposal(db, actor, proposal_id, lock=True)
    if stop(found, at):
        db.flush()
        _leave_trace(db, actor, found, _path_of(db, found), at, {"cancel": True})


def drop_zones(db: Session, actor: Actor, proposal_id: UUID, at: datetime) -> None:
    """Put a proposal away, for everyone; what is under way is stopped first. Once put away, it stays so."""
    wanted = select(PlanProposal).where(PlanProposal.id == proposal_id, PlanProposal.kind == KIND)
    found = db.scalar(wanted.with_for_update())
    if found is None or scope_of(actor, DRAFTS).covers(_path_of(db, found)) is None:
        raise NotFound(N_("There is no such proposal. Ask for it again."))
    if found.dropped_at is None:
        stop(found, at)
        found.dropped_at = at
        db.flush()
        _leave_trace(db, actor, found, _path_of(db, found), at, {"dropped": True})


def zone_task(db: Session, found: PlanProposal, at: datetime) -> ZoneTask:
    """Read what a proposal is worked out from."""
    assert found.area_id is not None, "zones are proposed for an area"
    group, skills = Group(found.args["group"]), Skills(found.args["skills"])
    parts = parts_of(db, found.area_id, group, at)
    today = zones_at(db, None, scope_paths=[""], within_id=found.area_id, group=group)
    srid = current_district(db).srid
    return ZoneTask(
        parts=parts,
        planes=gpd.GeoSeries(planes_of(parts, srid), crs=f"EPSG:{srid}"),
        count=found.args["count"],
        weights=found.args["weights"],
        offers=offers_of(db, found.area_id, group, skills, parts, at),
        wants_skills=skills is not Skills.NONE,
        today=Today(
            tuple(zone.id for zone in today),
            tuple(zone.name for zone in today),
            zone_numbers(today, [part.id for part in parts]),
        ),
        seed=found.seed,
    )


def shapes_of_parts(db: Session, found: PlanProposal) -> dict[int, Any]:
    """The ground of every part of a proposal's area as it is now, EPSG:4326, by id."""
    assert found.area_id is not None, "zones are proposed for an area"
    now = parts_of(db, found.area_id, Group(found.args["group"]), found.asked_at)
    return {part.id: part.shape for part in now}


def _path_of(db: Session, found: PlanProposal) -> str:
    path: str = db.execute(text("SELECT path::text FROM area WHERE id = :id"), {"id": found.area_id}).scalar_one()
    return path


def _leave_trace(
    db: Session, actor: Actor, found: PlanProposal, path: str, at: datetime, changed: Mapping[str, Any]
) -> None:
    audit.record(db, actor.doer, DRAFTS, object_id=f"zone-proposal:{found.id}", path=path, changed=changed)
    announce(db, [Change("zones", str(found.id), int(at.timestamp() * 1000), path)])
