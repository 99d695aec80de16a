"""Partition and split: from what a planner gives to grids on the map."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike

from geodata.crs import require_metres
from geodata.errors import N_, Note
from geodata.partition.blocks import lay_blocks
from geodata.partition.counts import Range
from geodata.partition.given import Given, gather
from geodata.partition.network import Ints, dissolved, holder_of, totals, without_idle_vertices
from geodata.partition.proposal import IN_RANGE, Proposal, Watch, codes_in_rows, states
from geodata.partition.score import Score, roundness, score_of
from geodata.partition.solving import solve, units_of
from geodata.partition.units import Units, objections

GRID, DEDICATED = "grid", "dedicated"


def partition(
    outlines: gpd.GeoSeries,
    units: gpd.GeoSeries,
    weight: ArrayLike,
    *,
    barriers: gpd.GeoDataFrame | None = None,
    dedicated: gpd.GeoSeries | None = None,
    today: gpd.GeoSeries | None = None,
    limits: Range | None = None,
    seed: int = 0,
    watch: Watch | None = None,
) -> Proposal:
    """
    Divide areas into grids of a range of households, along barriers and through no building.

    Parameters
    ----------
    outlines
        Polygons of the areas, such as communities, on an index of their codes, in a projected CRS in metres. No grid
        reaches over one of them.
    units
        Buildings, blocks or points, n rows, in the same CRS; none is ever cut.
    weight
        Households of each, n values.
    barriers
        Lines that grids shall keep to, with columns ``rank`` (0 motorway, rail, river ... 5 path; 3 if missing) and
        ``layer`` (negative: below the ground, parts nothing), if there are any.
    dedicated
        Places that are grids of their own.
    today
        The grids as they are, in the same CRS, to compare with.
    limits
        Households of a grid; 300 to 500 if not said.
    seed
        The same seed and input give the same bytes.
    watch
        Who is told how far the work is, and may stop it.

    Returns
    -------
    proposal
        Grids that fill the outlines. What cannot be brought into the range is flagged and explained.

    Raises
    ------
    NotInMetres
        If a CRS is missing, geographic, or in another unit.
    GeodataError
        If an outline is no valid polygon, two overlap, or a number of households is none.
    Cancelled
        If `watch` said so.
    """
    limits, watch = limits or Range(), watch or Watch()
    watch.tell(0.0, N_("Laying out blocks"))
    given = gather(outlines, units, weight, barriers, dedicated)
    laid = units_of(lay_blocks(given), given, limits, watch)
    notes = objections(laid, given, limits)
    finer, grid = solve(laid, given, limits, None, seed, watch)
    watch.tell(0.98, N_("Drawing grids"))
    proposal = drawn(finer, grid, given, limits, notes, seed)
    return proposal if today is None else beside(proposal, today, given, limits)


def beside(proposal: Proposal, today: gpd.GeoSeries, given: Given, limits: Range) -> Proposal:
    """
    The proposal with the card of today's grids, and the households that would change.

    Each grid of today is taken to go on as the proposed one with which it shares most households, all in all.
    """
    from scipy.optimize import linear_sum_assignment

    require_metres(today.crs)
    shapes = today.to_numpy()
    inner = shapely.point_on_surface(given.houses)
    old, new = holder_of(shapes, inner), holder_of(proposal.grids.geometry.to_numpy(), inner)
    both = (old >= 0) & (new >= 0)
    shared = totals(old[both] * len(proposal.grids) + new[both], given.weight[both], len(shapes) * len(proposal.grids))
    table = shared.reshape(len(shapes), len(proposal.grids))
    kept = table[linear_sum_assignment(-table)].sum()
    return replace(proposal, today=score_of(shapes, given, limits), moved=float(given.weight[new >= 0].sum() - kept))


def split(
    grid: Any,
    units: gpd.GeoSeries,
    weight: ArrayLike,
    *,
    count: int = 2,
    barriers: gpd.GeoDataFrame | None = None,
    limits: Range | None = None,
    seed: int = 0,
    name: str = "",
    watch: Watch | None = None,
) -> Proposal:
    """
    Divide one grid into several.

    Parameters
    ----------
    grid
        The polygon, in the CRS of `units`.
    count
        How many parts, 2 or more.
    name
        The code of the grid: the part with most households keeps it. The others are called ``new-1`` and so on.
    units, weight, barriers, limits, seed, watch
        As for `partition`.

    Returns
    -------
    proposal
        The parts; their union is the grid. If they cannot all be in the range, a note says why.

    Raises
    ------
    NotInMetres, GeodataError, Cancelled
        As for `partition`.
    """
    limits, watch = limits or Range(), watch or Watch()
    watch.tell(0.0, N_("Laying out blocks"))
    outline = gpd.GeoSeries([grid], index=[name], crs=units.crs)
    given = gather(outline, units, weight, barriers)
    whole = float(given.weight.sum())
    fits = count in limits.counts(whole)
    even = limits if fits else Range(max(1, int(0.9 * whole / count)), max(2, int(1.1 * whole / count) + 1))
    laid = units_of(lay_blocks(given), given, even, watch, part_lone=False)
    finer, part = solve(laid, given, even, {0: count}, seed, watch)
    watch.tell(0.98, N_("Drawing grids"))
    notes = [] if fits else [_does_not_fit(name, whole, count, limits)]
    order = np.argsort(-totals(part, finer.graph.weight), kind="stable")
    codes = [f"new-{place + (not name)}" for place in range(len(order))]
    if name:
        codes[0] = name
    return drawn(
        finer, part, given, limits, notes, seed, codes=[codes[place] for place in np.argsort(order, kind="stable")]
    )


def _does_not_fit(name: str, whole: float, count: int, limits: Range) -> Note:
    return Note(
        N_("%(name)s has %(weight)s households: %(count)s grids of %(lo)s to %(hi)s need %(least)s to %(most)s."),
        name=name or N_("The grid"),
        weight=round(whole),
        count=count,
        lo=limits.lo,
        hi=limits.hi,
        least=count * limits.lo,
        most=count * limits.hi,
    )


def drawn(
    units: Units,
    grid: Ints,
    given: Given,
    limits: Range,
    notes: list[Note],
    seed: int,
    *,
    codes: list[str] | None = None,
    today: Score | None = None,
    moved: float | None = None,
) -> Proposal:
    """The proposal of units that have their grids; fixed places and units that stand alone get one each."""
    label = grid.copy()
    lone = np.flatnonzero(units.alone)
    held = np.flatnonzero(units.fixed >= 0)
    count = int(grid.max(initial=-1)) + 1
    label[lone] = count + np.arange(len(lone))
    _, place = np.unique(units.fixed[held], return_inverse=True)
    label[held] = count + len(lone) + place
    faces = units.blocks
    total = int(label.max()) + 1
    shapes = dissolved(faces.faces, label[faces.block], total)
    area = np.zeros(total, dtype=np.int64)
    area[label] = units.area
    shapes = without_idle_vertices(shapes, area, given.outlines)
    weight = totals(label, units.graph.weight, total)
    dedicated = np.arange(total) >= count + len(lone)
    card = score_of(shapes[~dedicated], given, limits, weight[~dedicated])
    state = np.where(dedicated, IN_RANGE, states(weight, limits))
    frame = gpd.GeoDataFrame(
        {
            "code": codes or codes_in_rows(shapes, area, given.names),
            "community": [given.names[number] for number in area],
            "kind": np.where(dedicated, DEDICATED, GRID),
            "weight": weight,
            "state": state,
            "compactness": roundness(shapes),
        },
        geometry=shapes,
        crs=given.srid,
    )
    return Proposal(frame.sort_values("code", ignore_index=True), card, tuple(notes), seed, today, moved)
