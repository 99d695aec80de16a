"""Working a proposal out: the buildings and barriers around, the partition, what it comes to beside today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from geodata.coverage.edit import Plot
from geodata.crs import shapes_to_plane
from geodata.partition import Proposal, Range, Score, Watch, balance, partition, split, villages
from geodata.partition.given import gather
from geodata.partition.network import holder_of
from geodata.partition.score import score_of
from gridmap.database import straight
from gridmap.language import values_kept
from gridmap.planning.drafting import Draft
from gridmap.planning.houses import houses_near
from gridmap.planning.proposing import parts_needed

_MARGIN_M: Final = 20.0


@dataclass(frozen=True)
class Task:
    """
    All that a proposal is worked out from, read in one transaction; nothing of the database is needed afterwards.

    Attributes
    ----------
    plots
        The grids to be drawn anew, by id.
    units, weight
        Buildings and the households of each.
    barriers
        Lines with ``rank`` and ``layer``.
    """

    name: str
    kind: str
    plots: Mapping[str, Plot]
    units: gpd.GeoSeries
    weight: NDArray[np.float64]
    barriers: gpd.GeoDataFrame
    limits: Range
    seed: int

    @property
    def rural(self) -> bool:
        """Whether villages are to be told apart, rather than households counted."""
        return all(plot.kind == "rural" for plot in self.plots.values())


def task_of(db: Session, draft: Draft, name: str, kind: str, args: Mapping[str, Any], seed: int) -> Task:
    """
    Read what a proposal needs.

    Parameters
    ----------
    name
        Makes the ids of new grids: the same name gives the same ids.
    args
        As `gridmap.planning.proposing.ask` kept them.
    """
    plots = {grid: draft.sheet.plots[grid] for grid in args["grids"] if grid in draft.sheet.plots}
    planes = np.array([plot.plane for plot in plots.values()], dtype=object)
    houses = houses_near(db, draft.ground, list(planes))
    crs = f"EPSG:{draft.ground.srid}"
    inside = holder_of(planes, houses.inner) >= 0
    return Task(
        name,
        kind,
        plots,
        gpd.GeoSeries(houses.footprints[inside], crs=crs),
        np.asarray(houses.households, float)[inside],
        _barriers(db, shapely.total_bounds(planes), draft.ground.srid),
        Range(args["least"], args["most"]),
        seed,
    )


def _barriers(db: Session, bounds: NDArray[np.float64], srid: int) -> gpd.GeoDataFrame:
    west, south, east, north = bounds.tolist()
    rows = straight(
        db,
        "SELECT rank, layer, ST_AsBinary(line) AS line FROM way"
        " WHERE tile && ST_Transform(ST_Expand(ST_MakeEnvelope(%(w)s, %(s)s, %(e)s, %(n)s, %(srid)s), %(margin)s),"
        " 3857) ORDER BY id",
        {"w": west, "s": south, "e": east, "n": north, "srid": srid, "margin": _MARGIN_M},
    )
    lines = shapes_to_plane(shapely.from_wkb([bytes(row.line) for row in rows]), srid)
    columns = {"rank": [row.rank for row in rows], "layer": [row.layer for row in rows]}
    return gpd.GeoDataFrame(columns, geometry=lines, crs=f"EPSG:{srid}")


def work_out_proposal(task: Task, watch: Watch) -> dict[str, Any]:
    """
    Draw the grids of a task anew.

    Returns
    -------
    answer
        ``parts`` as a `Redraw` takes them, ``score`` of today and of the proposal, ``notes`` (what cannot be brought
        into the range, as a sentence to translate with its values).

    Raises
    ------
    GeodataError
        If the ground cannot be divided.
    Cancelled
        If `watch` says so.
    """
    proposal = _proposal(task, watch)
    shapes = np.array(proposal.grids.geometry.array, dtype=object)
    ids = _ids(task, proposal, shapes)
    before = np.array([plot.plane for plot in task.plots.values()], dtype=object)
    outlines = _outlines(task)
    given = gather(outlines, task.units, task.weight, task.barriers)
    kept = _kept_share(task, list(task.plots), before, ids, shapes)
    kind = "rural" if task.rural else "urban"
    parts = [
        {"id": grid, "plane": shapely.to_wkb(shape, hex=True), "kind": kind, "households": None}
        for grid, shape in zip(ids, shapes, strict=True)
    ]
    return {
        "parts": sorted(parts, key=lambda part: str(part["id"])),
        "score": {
            "today": _card(task, score_of(before, given, task.limits), None),
            "proposed": _card(task, proposal.score, kept),
        },
        "notes": [{"msgid": note.msgid, "params": values_kept(note.params)} for note in proposal.notes],
    }


def _proposal(task: Task, watch: Watch) -> Proposal:
    crs = task.units.crs
    if task.kind == "split":
        ((grid, plot),) = task.plots.items()
        count = parts_needed(float(task.weight.sum()), int(task.limits.hi))
        return split(
            plot.plane, task.units, task.weight, count=count, barriers=task.barriers, limits=task.limits,
            seed=task.seed, name=grid, watch=watch,
        )  # fmt: skip
    if task.kind == "balance":
        today = gpd.GeoSeries([p.plane for p in task.plots.values()], index=list(task.plots), crs=crs)
        return balance(
            today, task.units, task.weight, barriers=task.barriers, limits=task.limits, seed=task.seed, watch=watch
        )
    if task.rural:
        return villages(_outlines(task), task.units, task.weight, barriers=task.barriers, seed=task.seed, watch=watch)
    return partition(
        _outlines(task), task.units, task.weight, barriers=task.barriers, limits=task.limits, seed=task.seed,
        watch=watch,
    )  # fmt: skip


def _outlines(task: Task) -> gpd.GeoSeries:
    """The ground of each community that is drawn anew; pieces that do not touch are outlines of their own."""
    outlines: dict[str, Any] = {}
    for community in sorted({plot.community for plot in task.plots.values()}):
        own = [plot.plane for plot in task.plots.values() if plot.community == community]
        pieces = shapely.get_parts(shapely.coverage_union_all(own))
        outlines |= {f"{community}{'' if n == 0 else f'-{n}'}": piece for n, piece in enumerate(pieces)}
    return gpd.GeoSeries(outlines, crs=task.units.crs)


def _ids(task: Task, proposal: Proposal, shapes: NDArray[np.object_]) -> list[str]:
    """Ids of the parts: a grid that goes on keeps its own, all others are new to the plan."""
    codes = [str(code) for code in proposal.grids["code"]]
    if task.kind == "partition":
        goes_on = _heirs(task, shapes)
    else:
        goes_on = {row: code for row, code in enumerate(codes) if code in task.plots}
    fresh = iter(range(1, len(codes) + 1))
    return [goes_on.get(row) or f"new-{task.name}-{next(fresh)}" for row in range(len(codes))]


def _heirs(task: Task, shapes: NDArray[np.object_]) -> dict[int, str]:
    """Which of today's grids each part goes on with: the pairs with the most common ground first."""
    today = list(task.plots)
    planes = np.array([task.plots[grid].plane for grid in today], dtype=object)
    part, grid = shapely.STRtree(planes).query(shapes, predicate="intersects")
    common = shapely.area(shapely.intersection(shapes[part], planes[grid]))
    heirs: dict[int, str] = {}
    for pair in np.argsort(-common, kind="stable").tolist():
        row, name = int(part[pair]), today[int(grid[pair])]
        if common[pair] > 0 and row not in heirs and name not in heirs.values():
            heirs[row] = name
    return heirs


def _kept_share(
    task: Task, names: Sequence[str], before: NDArray[np.object_], ids: Sequence[str], after: NDArray[np.object_]
) -> float | None:
    """Share of the households whose grid keeps its id; None where nobody lives."""
    whole = float(task.weight.sum())
    if whole == 0:
        return None
    inside = shapely.point_on_surface(np.array(task.units.array, dtype=object))
    old = np.array([*names, ""], dtype=object)[holder_of(before, inside)]
    new = np.array([*ids, "-"], dtype=object)[holder_of(after, inside)]
    return float(task.weight[old == new].sum() / whole)


def _card(task: Task, score: Score, kept: float | None) -> dict[str, float | int | None]:
    """What a panel shows of a score; a village has no range of households to be in."""
    mean = float(score.weight.mean()) if len(score.weight) else 0.0
    in_range = {} if task.rural else {"in_range": float(score.in_range.mean()) if len(score.weight) else 1.0}
    return {
        "grids": len(score.weight),
        **in_range,
        "kept_households": kept,
        "on_barriers": score.on_barriers,
        "compactness": float(score.compactness.mean()) if len(score.weight) else 0.0,
        "buildings_cut": score.houses_cut,
        "spread": float(score.weight.std() / mean) if mean else 0.0,
    }
