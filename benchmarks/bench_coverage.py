"""Checking a coverage: `find_defects` beside `shapely.coverage_is_valid`, which sees neither gaps nor missing grids."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

import geopandas as gpd
import numpy as np
import shapely
from coverages import irregular_coverage
from numpy.typing import NDArray

from geodata.coverage import Kind, find_defects
from geodata.crs import shapes_to_plane, snap_to_lattice

T = TypeVar("T")

SRID = 4547
ROUNDS = 3
"""Both sides run so often, in turns, and the best of each counts."""
EACH = 20
"""How many defects of each kind are planted."""
SHRINK_M = 0.5
SHIFT_M = (1.0, 0.3)
SLACK_M2, SLACK_M = 0.5, 0.01


def coverage(sizes: Sequence[int] = (767, 10_000)) -> Iterator[str]:
    """Check a coverage without defects, by CPU time; then plant gaps, missing grids and overlaps and look for them."""
    for size in sizes:
        grids = shapely.transform(shapes_to_plane(irregular_coverage(size), SRID), snap_to_lattice)
        series = gpd.GeoSeries(grids, crs=SRID)
        ours, peers = [], []
        for _ in range(ROUNDS):
            peer_s, valid = _cpu_s(lambda: shapely.coverage_is_valid(grids))  # noqa: B023
            our_s, defects = _cpu_s(lambda: find_defects(series))  # noqa: B023
            assert valid
            assert not defects
            ours.append(our_s)
            peers.append(peer_s)
        found, planted, invented = _look_for_planted(grids)
        yield (
            f"full check of {size:,} grids: ours {min(ours):.3f} CPU s, coverage_is_valid {min(peers):.3f} CPU s, "
            f"{min(ours) / min(peers):.2f} x; planted gaps, missing grids and overlaps found {found} of {planted}, "
            f"not planted but told {invented}"
        )


class Planted(NamedTuple):
    """A place where something is wrong, and the two rows that overlap there, if it is that."""

    place: shapely.Geometry
    rows: tuple[int, int] | None = None


def _look_for_planted(grids: NDArray[np.object_]) -> tuple[int, int, int]:
    """How many of the planted places were found with the right size, how many were planted, how many were made up."""
    outline = shapely.coverage_union_all(grids)
    torn, planted = _torn(grids, outline)
    defects = find_defects(gpd.GeoSeries(torn, crs=SRID).dropna(), outline=outline)
    near = shapely.STRtree([defect.geometry for defect in defects])
    told: set[int] = set()
    found = 0
    for place, rows in planted:
        own = [
            int(number)
            for number in near.query(place, predicate="intersects")
            if (defects[number].rows == rows if rows else defects[number].kind is not Kind.OVERLAP)
            and defects[number].geometry.intersection(place).area > SLACK_M2 / 10
        ]
        told |= set(own)
        found += abs(sum(defects[number].size for number in own) - place.area) < SLACK_M2 + SLACK_M * place.length
    # Where a shifted edge lies less than a centimetre beside the old one, the border is told as a mismatch.
    small = {number for number, defect in enumerate(defects) if defect.size < SLACK_M2 or defect.unit == "m"}
    return found, len(planted), len(set(range(len(defects))) - told - small)


def _torn(grids: NDArray[np.object_], outline: shapely.Geometry) -> tuple[NDArray[np.object_], list[Planted]]:
    """Some grids taken away, some made smaller, some shifted; and every place that is now empty, held twice, or out."""
    torn, planted = grids.copy(), []
    rows = np.random.default_rng(12).permutation(len(grids))
    tree = shapely.STRtree(grids)
    for number, row in enumerate(_far_from_each_other(grids, rows)[: 3 * EACH]):
        grid = grids[row]
        if number % 3 == 0:
            torn[row] = None
            planted.append(Planted(grid))
        elif number % 3 == 1:
            torn[row] = grid.buffer(-SHRINK_M, join_style="mitre")
            planted.append(Planted(grid.difference(torn[row])))
        else:
            torn[row] = shapely.transform(grid, lambda xy: snap_to_lattice(xy + np.array(SHIFT_M)))
            around = [int(other) for other in tree.query(torn[row], predicate="intersects") if other != row]
            planted += [
                Planted(torn[row].intersection(grids[other]), (min(row, other), max(row, other))) for other in around
            ]
            open_or_out = [grid.difference(torn[row]), torn[row].difference(outline)]
            planted += [Planted(part) for part in shapely.get_parts(open_or_out)]
    return torn, [one for one in planted if one.place.area > SLACK_M2]


def _far_from_each_other(grids: NDArray[np.object_], rows: NDArray[np.int64]) -> list[int]:
    """Rows of which no two are neighbours, so that what is planted stays apart."""
    tree, taken, kept = shapely.STRtree(grids), np.zeros(len(grids), bool), []
    for row in rows:
        around = tree.query(grids[row].buffer(SHRINK_M * 10))
        if not taken[around].any():
            kept.append(int(row))
            taken[around] = True
    return kept


def _cpu_s(work: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result
