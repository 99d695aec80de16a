"""
Work out ahead of its turn what a plan does to all that stands still, so that everybody else waits the less.

The turn of an edition keeps reports from being placed. Most of what it needs follows from the plan and the edition in
force alone: the proof of the coverage, the ground and the sites that change hands, the outlines from afar. None of it
is written before the turn. When that comes it is taken if the plan, the edition and those sites are the very same, and
worked out anew otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import geopandas as gpd
import numpy as np
from sqlalchemy.orm import Session

from geodata.coverage.check import find_defects
from geodata.crs import shapes_to_lonlat
from gridmap.database import straight
from gridmap.errors import GridmapError
from gridmap.grids.afar import Outlines, thin_ahead
from gridmap.planning.drafting import Draft, draft_of, plan_of
from gridmap.planning.ground import ground_of
from gridmap.planning.holdings import Survey, survey
from gridmap.planning.rebase import newest_edition
from gridmap.planning.rules import State
from gridmap.planning.tables import Plan

_AREA_M2 = 0.5
"""What the corners that a draft adds to the outline may change of the whole area: each stands off by half a step."""

Stamp = tuple[int, int | None]


@dataclass(frozen=True)
class Prepared:
    """
    What a plan does to all that stands still.

    Attributes
    ----------
    approved_at
        Of the plan: whoever draws on needs another approval.
    broken
        Grids at which the coverage would not hold; none if it may be published.
    stamp
        How many sites the changed grids answer for, and which version of which row each is, as a digest.
    outlines
        What the changed grids look like from afar, by id; see `gridmap.grids.afar.thin_ahead`.
    """

    approved_at: datetime | None
    draft: Draft
    broken: list[str]
    survey: Survey
    stamp: Stamp
    outlines: Mapping[str, Outlines]


def prepare(db: Session, plan_id: UUID) -> Prepared | None:
    """
    Work out ahead what an approved plan does, in the transaction that will publish it: nothing is written or held.

    Returns
    -------
    prepared
        None where there is nothing to gain: others published since, or the plan cannot be published as it is. Its
        turn will tell.
    """
    try:
        plan = plan_of(db, plan_id)
        if plan.state != State.APPROVED or plan.base_edition != newest_edition(db, plan):
            return None
        return work_out(db, plan)
    except GridmapError:
        return None


def work_out(db: Session, plan: Plan) -> Prepared:
    """The same of a plan that stands on the edition in force."""
    draft = draft_of(db, plan.id)
    broken = broken_at(draft)
    changed = draft.changed()
    leaving = [number for grid in changed if (number := draft.labels[grid].grid_id) is not None]
    plots = {grid: plot.plane for grid, plot in changed.items() if plot is not None}
    shapes = shapes_to_lonlat(np.array(list(plots.values()), dtype=object), draft.ground.srid)
    outlines = {} if broken else thin_ahead(db, dict(zip(plots, shapes, strict=True)), leaving)
    # The stamp first: a site that is changed in between is then seen as changed.
    stamp = _stamp(db, draft)
    return Prepared(plan.approved_at, draft, broken, survey(db, draft), stamp, outlines)


def still_holds(db: Session, plan: Plan, ready: Prepared) -> bool:
    """Whether plan, edition and sites are the very same as when it was worked out; asked in the turn."""
    return (
        plan.approved_at == ready.approved_at
        and plan.base_edition == ready.draft.ground.edition
        and ground_of(db, plan.district_id, plan.base_edition) is ready.draft.ground
        and _stamp(db, ready.draft) == ready.stamp
    )


def _stamp(db: Session, draft: Draft) -> Stamp:
    grids = [number for grid in draft.redrawn() if (number := draft.labels[grid].grid_id) is not None]
    rows = straight(
        db,
        "SELECT count(*) AS n,"
        " bit_xor(hashtidextended(ctid, uuid_hash_extended(id, CAST(xmin::text AS bigint)))) AS digest"
        " FROM site WHERE grid_id = ANY(%(grids)s) AND upper_inf(valid)",
        {"grids": grids},
    )
    return rows[0].n, rows[0].digest


def broken_at(draft: Draft) -> list[str]:
    """Where the whole coverage, as it would be, has a gap or an overlap or loses ground; the ids of those grids."""
    ids = list(draft.sheet.plots)
    planes = np.array([draft.sheet.plots[grid].plane for grid in ids], dtype=object)
    defects = find_defects(gpd.GeoSeries(planes, index=ids, crs=draft.ground.srid))
    if defects:
        return sorted({str(grid) for defect in defects for grid in defect.rows})
    changed = draft.changed()
    gained_m2 = sum(plot.plane.area for plot in changed.values() if plot is not None)
    lost_m2 = sum(draft.base[grid].plane.area for grid in changed if grid in draft.base)
    return sorted(changed) if abs(gained_m2 - lost_m2) > _AREA_M2 else []
