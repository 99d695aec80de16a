"""Grids of today brought into the range with as few households moved as possible."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike

from geodata.crs import Floats
from geodata.errors import N_, GeodataError, Note
from geodata.partition.blocks import lay_blocks
from geodata.partition.cells import split_blocks
from geodata.partition.counts import Range
from geodata.partition.drawing import drawn
from geodata.partition.given import Given, gather
from geodata.partition.network import Ints, Shapes, holder_of, totals
from geodata.partition.proposal import Proposal, Watch
from geodata.partition.score import score_of
from geodata.partition.shifting import Shift, shifted
from geodata.partition.units import Units, make_units

_MORE_THAN_NEEDED: Final = 1.5
_WORTH_LEAVING_STREETS: Final = 0.6
"""Whole blocks keep borders on streets. Only where they move half as many again as are too many or too few, their
buildings are looked at one by one, and taken if that moves so much fewer."""
_WORTH_SPLITTING: Final = 0.05


def balance(
    grids: gpd.GeoSeries,
    units: gpd.GeoSeries,
    weight: ArrayLike,
    *,
    barriers: gpd.GeoDataFrame | None = None,
    limits: Range | None = None,
    seed: int = 0,
    watch: Watch | None = None,
) -> Proposal:
    """
    Bring the grids of a community into the range, moving few households.

    Parameters
    ----------
    grids
        Polygons of one coverage on an index of their codes, in a projected CRS in metres.
    units, weight, barriers, limits, seed, watch
        As for `partition`.

    Returns
    -------
    proposal
        Grids that tile exactly the union of the given ones; a grid that goes on keeps its code, others are called
        ``new-1`` and so on.

    Raises
    ------
    GeodataError
        If a grid is not one valid polygon.
    NotInMetres, Cancelled
        As for `partition`.
    """
    limits, watch = limits or Range(), watch or Watch()
    watch.tell(0.0, N_("Laying out blocks"))
    shapes = _one_piece_each(grids)
    outline = gpd.GeoSeries([shapely.union_all(shapes)], index=[""], crs=grids.crs)
    given = gather(outline, units, weight, barriers)
    laid = lay_blocks(given, shapes)
    heavy = np.flatnonzero(laid.weight_of_blocks(given.weight) > limits.hi)
    town = _Today.of(make_units(split_blocks(laid, heavy, given), given, limits, part_lone=False), shapes)
    rng = np.random.default_rng(seed)
    best = _tried(town, limits, rng, watch, 0.3)
    needed = limits.breach(totals(town.grid, town.units.graph.weight)).sum()
    if best.breach > 0 or best.moved > _MORE_THAN_NEEDED * needed:
        watch.tell(0.6, N_("Dividing blocks where grids do not fit"))
        finer = _finer(town, given, shapes, limits)
        fresh = _tried(finer, limits, rng, watch, 0.7)
        if (fresh.breach, fresh.moved) < (best.breach, _WORTH_LEAVING_STREETS * best.moved):
            town, best = finer, fresh
    watch.tell(0.98, N_("Drawing grids"))
    return _proposed(town, best, grids, shapes, given, limits, seed)


@dataclass(frozen=True)
class _Today:
    """Units, and for each the number of the grid that holds it today."""

    units: Units
    grid: Ints

    @classmethod
    def of(cls, units: Units, shapes: Shapes) -> _Today:
        faces = units.blocks
        inner = shapely.point_on_surface(faces.faces)
        holder = holder_of(shapes, inner)
        # A crumb that noding left beside a border lies in no grid: it goes with the one at hand.
        crumb = holder < 0
        holder[crumb] = shapely.STRtree(shapes).nearest(inner[crumb])
        grid = np.zeros(len(units.graph.weight), dtype=np.int64)
        grid[faces.block] = holder
        return cls(units, grid)


def _one_piece_each(grids: gpd.GeoSeries) -> Shapes:
    shapes = grids.to_numpy()
    single = np.where(shapely.get_num_geometries(shapes) == 1, shapely.get_geometry(shapes, 0), shapes)
    for row in np.flatnonzero((shapely.get_type_id(single) != 3) | ~shapely.is_valid(single)):
        raise GeodataError(
            N_("Grid %(code)s is not one valid polygon. Run `gridmap clean` on the grids first."),
            code=str(grids.index[row]),
        )
    return np.asarray(single, dtype=object)


def _tried(town: _Today, limits: Range, rng: np.random.Generator, watch: Watch, share: float) -> Shift:
    watch.tell(share, N_("Moving borders"))
    return shifted(town.units.graph, town.grid, limits, rng, lambda: watch.tell(share, N_("Moving borders")))


def _finer(town: _Today, given: Given, shapes: Shapes, limits: Range) -> _Today:
    """The same with the larger blocks of misfit grids and their neighbours divided between buildings."""
    graph = town.units.graph
    bad = limits.breach(totals(town.grid, graph.weight, len(shapes))) > 0
    one, two = town.grid[graph.one], town.grid[graph.two]
    near = bad.copy()
    near[one[bad[two]]] = True
    near[two[bad[one]]] = True
    large = (graph.weight > _WORTH_SPLITTING * limits.lo) & (town.units.houses > 1)
    blocks = split_blocks(town.units.blocks, np.flatnonzero(large & near[town.grid]), given)
    return _Today.of(make_units(blocks, given, limits, part_lone=False), shapes)


def _proposed(
    town: _Today, best: Shift, grids: gpd.GeoSeries, shapes: Shapes, given: Given, limits: Range, seed: int
) -> Proposal:
    numbers, label = np.unique(best.grid, return_inverse=True)
    codes = _codes(numbers, [str(code) for code in grids.index])
    weight = town.units.graph.weight
    today = score_of(shapes, given, limits, totals(town.grid, weight, len(shapes)))
    old = [str(code) for code in grids.index]
    name = ", ".join(old if len(old) < 4 else [old[0], "...", old[-1]])
    objection = limits.objection(float(weight.sum()), name)
    unsolved = _unsolved(totals(label.astype(np.int64), weight), codes, limits)
    notes = list(unsolved) if objection is None else [objection]
    return drawn(
        town.units, label.astype(np.int64), given, limits, notes, seed, codes=codes, today=today, moved=best.moved
    )


def _codes(numbers: Ints, old: list[str]) -> list[str]:
    return [old[n] if n < len(old) else f"new-{n - len(old) + 1}" for n in numbers.tolist()]


def _unsolved(weight: Floats, codes: list[str], limits: Range) -> Iterator[Note]:
    for code, households in zip(codes, weight, strict=True):
        if limits.breach(households) > 0:
            yield Note(
                N_("Grid %(code)s stays at %(weight)s households: its neighbours have no room to give or take."),
                code=code,
                weight=round(float(households)),
            )
