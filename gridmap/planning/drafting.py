"""The draft of a plan: the coverage of its base edition, overlaid with what its edits came to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geodata.coverage.edit import Applied, Plot, Restore, Sheet
from geodata.coverage.faces import mean_width
from geodata.crs import G
from gridmap.database import straight
from gridmap.errors import NotFound
from gridmap.language import N_
from gridmap.planning.ground import Community, Ground, Label, called, ground_of
from gridmap.planning.tables import Plan

__all__ = ["Draft", "Ground", "Label", "draft_of", "ground_of", "plan_of", "store"]


@dataclass
class Draft:
    """
    What a plan comes to.

    Attributes
    ----------
    sheet
        The coverage as the draft has it.
    base
        The coverage of the base edition, by id.
    labels
        What every grid is called, of the base or of the draft.
    touched
        The grids that edits ever reached; those that are as they were again may be among them.
    """

    plan: Plan
    ground: Ground
    sheet: Sheet
    labels: dict[str, Label] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    _changed: dict[str, Plot | None] | None = None
    _redrawn: dict[str, Plot | None] | None = None

    @property
    def base(self) -> Mapping[str, Plot]:
        """The coverage of the base edition, by id."""
        return self.ground.sheet.plots

    def changed(self) -> dict[str, Plot | None]:
        """The grids that differ from the base edition as they are in the draft, None for those that are gone."""
        if self._changed is None:
            present = {grid: self.sheet.plots.get(grid) for grid in sorted(self.touched)}
            self._changed = {grid: plot for grid, plot in present.items() if plot != self.base.get(grid)}
        return self._changed

    def redrawn(self) -> dict[str, Plot | None]:
        """The same without those that only gained corners on a border that stands."""
        if self._redrawn is None:
            self._redrawn = self._more_than_corners()
        return self._redrawn

    def _more_than_corners(self) -> dict[str, Plot | None]:
        changed, base = self.changed(), self.base
        both = [grid for grid, plot in changed.items() if plot is not None and grid in base]
        before = np.array([base[grid].plane for grid in both], dtype=object)
        after = np.array([self.sheet.plots[grid].plane for grid in both], dtype=object)
        stands = mean_width(shapely.symmetric_difference(before, after)) < G
        noded = {
            grid
            for grid, still in zip(both, stands.tolist(), strict=True)
            if still and replace(self.sheet.plots[grid], plane=base[grid].plane) == base[grid]
        }
        return {grid: plot for grid, plot in changed.items() if grid not in noded}

    def plots_of(self, community: str) -> list[Plot]:
        """The grids of a community, as the draft has them."""
        changed = self.changed()
        kept = [plot for plot in self.ground.plots_of(community) if plot.id not in changed]
        return kept + [plot for plot in changed.values() if plot is not None and plot.community == community]

    def present(self, grids: Iterable[str]) -> Mapping[str, Plot | None]:
        """Some grids as the draft has them, None for those that are not there."""
        return {grid: self.sheet.plots.get(grid) for grid in grids}

    def take(self, plots: Mapping[str, Plot | None]) -> None:
        """Have grids be what a stored result says, None for those that are gone; nothing is proved anew."""
        nothing = Restore({})
        self.accept(Applied(nothing, self.present(plots), plots, frozenset(), (), (), nothing))

    def accept(self, applied: Applied) -> None:
        """Take over what the engine worked out on the sheet of this draft; what grids are called follows."""
        after = {grid: self._named(grid, plot) for grid, plot in applied.after.items()}
        self.sheet.accept(replace(applied, after=after))
        self.touched |= applied.after.keys()
        self._changed = self._redrawn = None

    def name(self, grid: str, label: Label) -> None:
        """Call a grid that an edit made."""
        self.labels[grid] = label
        self.take({grid: self.sheet.plots[grid]})

    def _named(self, grid: str, plot: Plot | None) -> Plot | None:
        """A grid with its name: edits from before names were kept have none, and new grids are named afterwards."""
        label = self.labels.get(grid)
        if plot is None or label is None:
            return plot
        if plot.called is None:
            return replace(plot, called=called(label.name, label.names))
        if plot.called != called(label.name, label.names):
            self.labels[grid] = label.renamed(plot.called)
        return plot

    def community(self, plot: Plot) -> Community:
        """The community of a grid."""
        return self.ground.communities[plot.community]


def plan_of(db: Session, plan_id: UUID, *, lock: bool = False) -> Plan:
    """
    One plan, locked until the transaction ends if it is to be changed.

    Raises
    ------
    NotFound
        If there is none.
    """
    wanted = select(Plan).where(Plan.id == plan_id).execution_options(populate_existing=True)
    plan = db.scalar(wanted.with_for_update() if lock else wanted)
    if plan is None:
        raise NotFound(N_("There is no such plan, or it is not yours to see."))
    return plan


def draft_of(db: Session, plan_id: UUID, *, lock: bool = False) -> Draft:
    """
    Give the draft of a plan as its edits have it now.

    Raises
    ------
    NotFound
        If there is no such plan.
    Conflict
        If the edition that it was drawn on cannot be read any more.
    """
    plan = plan_of(db, plan_id, lock=lock)
    ground = ground_of(db, plan.district_id, plan.base_edition)
    draft = Draft(plan, ground, ground.sheet.copy(), dict(ground.labels))
    _overlay(db, draft)
    return draft


def _overlay(db: Session, draft: Draft) -> None:
    ids = {community.id: community.code for community in draft.ground.communities.values()}
    rows = straight(
        db,
        "SELECT temp_id, grid_id, code, name, names, community_id, kind, households, owner_site_id::text AS owner,"
        " gone, ST_AsBinary(plane) AS plane FROM plan_grid WHERE plan_id = %(plan)s ORDER BY temp_id",
        {"plan": draft.plan.id},
    )
    after: dict[str, Plot | None] = {}
    for row in rows:
        draft.labels[row.temp_id] = Label(row.temp_id, row.grid_id, row.code, row.name, row.names)
        plane: Any = None if row.gone else shapely.from_wkb(bytes(row.plane))
        after[row.temp_id] = (
            None
            if plane is None
            else Plot(row.temp_id, plane, ids[row.community_id], row.kind, row.households, row.owner)
        )
    draft.take(after)


def store(db: Session, draft: Draft, ids: Iterable[str]) -> None:
    """Write what some grids of the draft are now; those that are as in the base edition again need no row."""
    ids = sorted(set(ids))
    db.execute(
        text("DELETE FROM plan_grid WHERE plan_id = :plan AND temp_id = ANY(:ids)"),
        {"plan": draft.plan.id, "ids": ids},
    )
    redrawn = draft.redrawn()
    differing = [grid for grid in ids if draft.sheet.plots.get(grid) != draft.base.get(grid)]
    rows = [{**_row(draft, grid), "noded": grid not in redrawn} for grid in differing]
    if rows:
        db.execute(
            text(
                "INSERT INTO plan_grid (plan_id, temp_id, grid_id, code, name, names, community_id, kind, households,"
                " owner_site_id, plane, gone, noded) VALUES (:plan_id, :temp_id, :grid_id, :code, :name,"
                " CAST(:names AS jsonb), :community_id, :kind, :households, CAST(:owner AS uuid),"
                " ST_GeomFromWKB(:plane), :gone, :noded)"
            ),
            rows,
        )


def _row(draft: Draft, grid: str) -> dict[str, Any]:
    present = draft.sheet.plots.get(grid)
    plot = present or draft.base[grid]
    label = draft.labels[grid]
    return {
        "plan_id": draft.plan.id,
        "temp_id": grid,
        "grid_id": label.grid_id,
        "code": label.code,
        "name": label.name,
        "names": json.dumps(label.names, ensure_ascii=False),
        "community_id": draft.community(plot).id,
        "kind": plot.kind,
        "households": plot.households,
        "owner": plot.owner,
        "plane": None if present is None else shapely.to_wkb(present.plane),
        "gone": present is None,
    }
