"""Drawn grids brought to those of a draft: which is which, and how they fill the ground that is theirs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.coverage.edit import Plot
from geodata.coverage.faces import mean_width
from geodata.coverage.fitting import fit, wider_than
from geodata.crs import G

Shapes = NDArray[np.object_]
_NOWHERE: Final = ""


@dataclass(frozen=True)
class Fit:
    """
    Drawn grids among those of a draft.

    Attributes
    ----------
    ids
        For each of n rows the grid that it goes on with, a new id, or None where it lies on no grid at all.
    shapes
        n polygons that fill their ground: the grid's own where it is as it was; a MultiPolygon where a grid is torn,
        None where nothing of it is left.
    communities
        The community that holds most of each row, by code.
    same
        Which rows draw their grid as it is.
    holes
        Ground that no row was drawn on, with the community.
    spill
        What reaches over its community: row and piece.
    ended
        Grids of that ground that no row goes on with.
    slivers, sliver_m2
        Pieces of noise that went to a neighbour, and their ground.
    """

    ids: list[str | None]
    shapes: Shapes
    communities: list[str]
    same: NDArray[np.bool_]
    holes: list[tuple[str, shapely.Polygon]]
    spill: list[tuple[int, shapely.Polygon]]
    ended: list[str]
    slivers: int
    sliver_m2: float


@dataclass(frozen=True)
class _Overlay:
    """Pairs of a row and a grid with their common ground, and whether that is more than noise."""

    row: NDArray[np.int64]
    grid: NDArray[np.int64]
    common_m2: NDArray[np.float64]
    wide: NDArray[np.bool_]

    @classmethod
    def of(cls, drawn: Shapes, planes: Shapes, width_m: float) -> _Overlay:
        row, grid = shapely.STRtree(planes).query(drawn, predicate="intersects")
        common = shapely.intersection(drawn[row], planes[grid])
        return cls(row, grid, shapely.area(common), wider_than(common, width_m))


def fit_in(drawn: Shapes, codes: Sequence[str | None], plots: Mapping[str, Plot], name: str, snap_m: float) -> Fit:
    """
    Fit rows into a draft, community by community; their outlines do not move.

    A row lies in the community that holds most of it. Of that community, the grids with which a row has more than
    noise in common are drawn anew; others stay. A row goes on with the grid of its code, if it lies there, else with
    the one it shares most ground with.

    Parameters
    ----------
    drawn
        n polygons or MultiPolygons that do not overlap, metres, lattice; empty where nothing is left of a row.
    codes
        What the rows say; None where they say nothing.
    plots
        The draft's grids by id.
    name
        Makes the ids of new grids.
    snap_m
        About the noise of the drawing.
    """
    ids = list(plots)
    planes = np.array([plot.plane for plot in plots.values()], dtype=object)
    over = _Overlay.of(drawn, planes, 2 * snap_m)
    home = _communities(len(drawn), over, [plot.community for plot in plots.values()])
    at_home = np.array([plots[ids[g]].community == home[r] for r, g in zip(over.row, over.grid, strict=True)], bool)
    touched: dict[str, set[int]] = defaultdict(set)
    for row, grid in zip(over.row[at_home & over.wide], over.grid[at_home & over.wide], strict=True):
        touched[home[row]].add(int(grid))
    shapes = np.full(len(drawn), None, dtype=object)
    holes: list[tuple[str, Any]] = []
    spill: list[tuple[int, Any]] = []
    slivers, sliver_m2 = 0, 0.0
    for community, grids in sorted(touched.items()):
        rows = np.flatnonzero(np.array([place == community for place in home]))
        fitted = fit(drawn[rows], shapely.coverage_union_all(planes[sorted(grids)]), snap_m=snap_m)
        shapes[rows] = fitted.shapes
        holes += [(community, hole) for hole in fitted.holes]
        spill += [(int(rows[number]), piece) for number, piece in fitted.spill]
        slivers, sliver_m2 = slivers + fitted.slivers, sliver_m2 + fitted.sliver_m2
    reached = {ids[grid] for grids in touched.values() for grid in grids}
    goes_on = _goes_on(over, at_home & over.wide, ids, codes)
    named = _named(goes_on, home, shapes, name)
    same = _as_they_are(named, shapes, plots)
    ended = sorted(reached - set(goes_on.values()))
    return Fit(named, shapes, home, same, holes, spill, ended, slivers, sliver_m2)


def _communities(count: int, over: _Overlay, of_grid: Sequence[str]) -> list[str]:
    """The community that holds most of each row; of equals the one with the lower code."""
    held: list[Counter[str]] = [Counter() for _ in range(count)]
    for row, grid, common in zip(over.row, over.grid, over.common_m2, strict=True):
        held[row][of_grid[grid]] += common
    return [
        min(own, key=lambda code: (-own[code], code)) if own and max(own.values()) > 0 else _NOWHERE for own in held
    ]


def _goes_on(over: _Overlay, counts: NDArray[np.bool_], ids: list[str], codes: Sequence[str | None]) -> dict[int, str]:
    """The grid that each row goes on with: by code, then the pairs with the most common ground first."""
    pairs = [
        (int(row), ids[grid], float(common))
        for row, grid, common in zip(over.row[counts], over.grid[counts], over.common_m2[counts], strict=True)
    ]
    heirs = {row: grid for row, grid, _ in pairs if codes[row] == grid}
    for row, grid, _ in sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1])):
        if row not in heirs and grid not in heirs.values():
            heirs[row] = grid
    return heirs


def _named(goes_on: Mapping[int, str], home: Sequence[str], shapes: Shapes, name: str) -> list[str | None]:
    numbers = iter(range(1, len(home) + 1))
    return [
        goes_on.get(row) or (f"new-{name}-{next(numbers)}" if community and shapes[row] is not None else None)
        for row, community in enumerate(home)
    ]


def _as_they_are(ids: Sequence[str | None], shapes: Shapes, plots: Mapping[str, Plot]) -> NDArray[np.bool_]:
    """Rows whose ground is that of their grid, but for corners on its border; they get its very bytes."""
    same = np.zeros(len(shapes), bool)
    rows = [row for row, grid in enumerate(ids) if grid in plots and isinstance(shapes[row], shapely.Polygon)]
    if not rows:
        return same
    planes = np.array([plots[ids[row] or ""].plane for row in rows], dtype=object)
    bits, which = shapely.get_parts(shapely.symmetric_difference(shapes[rows], planes), return_index=True)
    # Each bit by itself: a long thread would hide a chip.
    differing = np.unique(which[mean_width(bits) >= G])
    same[np.delete(rows, differing)] = True
    for row, plane in zip(rows, planes, strict=True):
        if same[row]:
            shapes[row] = plane
    return same
