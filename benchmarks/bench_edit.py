"""Redrawing borders: what one edit costs, whatever the size of the coverage."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from coverages import SIZES, irregular_coverage
from numpy.typing import NDArray

from geodata.coverage.edit import Edit, EditRefused, HandOver, Houses, Merge, MoveVertex, Plot, Sheet, Split, work_out
from geodata.crs import shapes_to_plane, snap_to_lattice

SRID = 4547
EDITS = 200
GOAL_MS = 120
HOMES_A_GRID = 12
HOUSEHOLDS_A_HOME = 30


def boundary_edit(sizes: Sequence[int] = SIZES) -> Iterator[str]:
    """Split, merge, move corners and hand over at random places: worked out, proved, reckoned and accepted."""
    for size in sizes:
        grids = shapely.normalize(shapely.transform(shapes_to_plane(irregular_coverage(size), SRID), snap_to_lattice))
        sheet = _sheet(grids)
        rng = np.random.default_rng(1)
        took, refused = [], 0
        while len(took) < EDITS:
            edit = _somewhere(sheet, rng, len(took))
            start = time.perf_counter()
            try:
                sheet.accept(work_out(sheet, edit))
            except EditRefused:
                refused += 1
                continue
            took.append(1000 * (time.perf_counter() - start))
        start = time.perf_counter()
        sheet.copy()
        copy_ms = 1000 * (time.perf_counter() - start)
        median, worst = float(np.median(took)), float(np.percentile(took, 95))
        yield (
            f"{size:>7,} grids: an edit {median:.1f} ms at the median, {worst:.1f} ms at the 95th percentile "
            f"({len(took)} accepted, {refused} refused); a copy {copy_ms:.2f} ms; "
            f"goal {GOAL_MS} ms: {'reached' if median <= GOAL_MS else 'MISSED'}"
        )


def _sheet(grids: NDArray[np.object_]) -> Sheet:
    """Grids with a few square buildings each, scattered in their boxes."""
    rng = np.random.default_rng(2)
    bounds = np.repeat(shapely.bounds(grids), HOMES_A_GRID, axis=0)
    share = rng.uniform(0.1, 0.9, (len(bounds), 2))
    x, y = (bounds[:, :2] + share * (bounds[:, 2:] - bounds[:, :2])).T
    homes = Houses(shapely.box(x - 6, y - 6, x + 6, y + 6), np.full(len(bounds), HOUSEHOLDS_A_HOME))
    plots = (
        Plot(f"{number:06d}", grid, "one", "urban", HOMES_A_GRID * HOUSEHOLDS_A_HOME)
        for number, grid in enumerate(grids)
    )
    return Sheet(plots, homes)


def _somewhere(sheet: Sheet, rng: np.random.Generator, number: int) -> Edit:
    """An edit of one of four kinds around a grid taken at random; not every one can be done."""
    # Not through `list(sheet.plots)`: choosing must not cost more where there is more to choose from.
    first = f"{rng.integers(len(sheet.plots)):06d}"
    plot = sheet.plots.get(first) or next(iter(sheet.plots.values()))
    west, south, east, north = plot.plane.bounds
    x = rng.uniform(west, east)
    around = [sheet.plots[key] for key in sheet.near(plot.plane.bounds) if key != plot.id]
    other = around[int(rng.integers(len(around)))]
    if number % 4 == 0:
        return Split(plot.id, _line([(x, south - 10), (x + rng.uniform(-50, 50), north + 10)]), (f"new-{number}",))
    if number % 4 == 1:
        return Merge((plot.id, other.id))
    corners = shapely.get_coordinates(plot.plane.exterior)
    corner = corners[int(rng.integers(len(corners)))]
    if number % 4 == 2:
        moved = corner + rng.normal(0, 2, 2)
        return MoveVertex(_line([corner])[0], _line([moved])[0])
    piece = shapely.box(corner[0] - 20, corner[1] - 20, corner[0] + 20, corner[1] + 20)
    return HandOver(plot.id, other.id, _line(shapely.get_coordinates(piece.intersection(plot.plane).envelope)))


def _line(places: object) -> tuple[tuple[float, float], ...]:
    return tuple((x, y) for x, y in snap_to_lattice(np.asarray(places)).tolist())
