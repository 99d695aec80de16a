"""What an edit moves from grid to grid: ground, buildings, households."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.coverage.edit.houses import Houses
from geodata.coverage.edit.plots import Plot
from geodata.coverage.faces import FINE_M, holders, mean_width
from geodata.crs import G

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Moved:
    """
    What went from one grid to another.

    Attributes
    ----------
    households
        Those of the buildings whose inner point lies in the piece; of a grid without counted buildings its share by
        area, rounded.
    houses
        Numbers of the buildings in the `Houses` of the sheet.
    piece
        Polygon or MultiPolygon, plane metres.
    """

    from_id: str
    to_id: str
    area_m2: float
    households: int
    houses: tuple[int, ...]
    piece: Any


def holder_of(houses: Houses, which: Numbers, planes: Sequence[Any] | NDArray[np.object_]) -> Numbers:
    """For each of some buildings the number of the polygon that holds its inner point, -1 for none."""
    held = np.full(len(which), -1)
    polygons = np.array(planes, dtype=object)
    shapely.prepare(polygons)
    house, plane = holders(polygons, houses.inner[which])
    held[house] = plane
    return held


def houses_in(houses: Houses, plane: Any) -> Numbers:
    """Ascending numbers of the buildings whose inner point a polygon holds."""
    near = houses.near(plane.bounds)
    return np.asarray(near[holder_of(houses, near, [plane]) == 0])


def shares(houses: Houses, plot: Plot, parts: Sequence[Any]) -> list[int]:
    """
    Share the households of a grid among the parts it is divided into.

    Parameters
    ----------
    parts
        Polygons that make up the grid.

    Returns
    -------
    households
        One number a part; their sum is that of the grid. What no building accounts for goes to the part with the most.
    """
    own = houses_in(houses, plot.plane)
    held = holder_of(houses, own, parts)
    return _shared_out(plot.households, houses.households[own], held, shapely.area(np.array(parts, dtype=object)), None)


def _shared_out(
    households: int, counts: Numbers, held: Numbers, areas: NDArray[np.float64], stays: int | None
) -> list[int]:
    """The same from bare numbers: households of the buildings, the part that each is in, and the part that stays."""
    if counts.sum() > 0:
        wanted = np.bincount(held[held >= 0], weights=counts[held >= 0], minlength=len(areas))
    else:
        wanted = np.rint(households * areas / areas.sum())
    main = int(np.lexsort((-areas, -wanted))[0]) if stays is None else stays
    result = [0] * len(areas)
    left = households
    for number in range(len(areas)):
        if number != main:
            result[number] = min(int(wanted[number]), left)
            left -= result[number]
    result[main] = left
    return result


def movements(
    houses: Houses, before: Mapping[str, Plot], after: Mapping[str, Any]
) -> tuple[tuple[Moved, ...], dict[str, int]]:
    """
    Compare the ground of grids before and after an edit.

    Parameters
    ----------
    before
        The grids that the edit redraws.
    after
        Polygons of the same ground, by id.

    Returns
    -------
    moved
        In the order of `before`, then of `after`. Where a border only gained corners, nothing moved.
    households
        Of each grid of `after`.
    """
    targets = list(after)
    planes = np.array(list(after.values()), dtype=object)
    moved: list[Moved] = []
    households = dict.fromkeys(targets, 0)
    for key, plot in before.items():
        own = houses_in(houses, plot.plane)
        held = holder_of(houses, own, planes)
        leaves = np.array([target != key for target in targets])
        pieces = np.full(len(targets), None)
        pieces[leaves] = shapely.intersection(planes[leaves], plot.plane, grid_size=FINE_M)
        real = np.flatnonzero(~leaves | (mean_width(pieces) >= G) | np.isin(np.arange(len(targets)), held))
        areas = shapely.area(pieces)
        areas[~leaves] = plot.plane.area - areas[leaves].sum()
        stays = next(iter(np.flatnonzero(~leaves[real]).tolist()), None)
        in_part = np.where(held >= 0, np.searchsorted(real, held), -1)
        counts = _shared_out(plot.households, houses.households[own], in_part, areas[real], stays)
        for number, count in zip(real, counts, strict=True):
            target = targets[number]
            households[target] += count
            if target != key:
                piece = _areal(pieces[number])
                moved.append(Moved(key, target, float(piece.area), count, tuple(own[held == number].tolist()), piece))
    return tuple(moved), households


def _areal(shape: Any) -> Any:
    """The polygons of an intersection, without the lines and points in which grids touch."""
    parts = [part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == 2]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
