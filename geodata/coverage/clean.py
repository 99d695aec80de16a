"""A valid coverage from a dirty one, and what it cost each grid."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.coverage.changes import changes_between
from geodata.coverage.check import SLIVER_M2, find_defects
from geodata.coverage.defects import Kind
from geodata.coverage.faces import Shapes, holders, mean_width
from geodata.crs import G, require_metres, snap_to_lattice
from geodata.errors import N_, GeodataError

LONGEST_EDGE_M: Final = 500.0
"""A straight line in the plane and one in degrees part by 14 mm over a kilometre; shorter edges keep them together."""

_ROUNDS: Final = 4
_HOLES: Final = (Kind.GAP, Kind.MISSING)
_HARMLESS: Final = (Kind.SLIVER, Kind.SIZE)


class NotCleanable(GeodataError):
    """A row that is no valid polygon, and nobody asked for its repair."""


@dataclass(frozen=True)
class Cleaned:
    """
    A coverage after cleaning, and the difference.

    Attributes
    ----------
    shapes
        Polygons on the lattice in canonical form, on the index and in the CRS of the input; a MultiPolygon where a grid
        stays in several pieces, None where nothing is left of it.
    changes
        One row a grid: ``before_m2, after_m2, gained_m2, lost_m2``; ``moved_m`` (how far the border moved, the
        Hausdorff distance of the vertices); ``fingers`` (pieces gained or lost that reach farther than 5 snaps from the
        old border); ``pieces`` (1, unless the grid is torn or gone); ``repaired`` (its ring was invalid).
    filled
        Gaps that were given to a neighbour.
    unassigned
        Holes too wide to be drawing noise: listed, not filled.
    """

    shapes: gpd.GeoSeries
    changes: pd.DataFrame
    filled: list[Any]
    unassigned: list[Any]

    @property
    def gone(self) -> list[Hashable]:
        """Labels of the grids of which nothing is left."""
        return list(self.changes.index[self.changes["pieces"] == 0])


def clean(shapes: gpd.GeoSeries, *, snap_m: float = 0.5, repair: bool = False) -> Cleaned:
    """
    Make grids fill their district without gap and overlap.

    A coverage without defects only gets the lattice and its canonical form, and comes back with the same bytes when
    cleaned again. Any other is snapped, overlaps go to the grid with the longest common border, gaps narrower than
    twice the snap are closed, and every border is drawn anew, once, for both sides.

    Parameters
    ----------
    shapes
        Polygons or MultiPolygons, n rows, in a projected CRS in metres.
    snap_m
        About the noise of the drawing, 0.3 to 2 m: too small leaves long fingers, too big eats corners.
    repair
        Whether invalid rings may be repaired. The repair of shapes from strangers can take without bound: ask for it
        only in a process that may be killed.

    Raises
    ------
    NotInMetres
        If the CRS of `shapes` is missing, geographic, or in another unit.
    NotCleanable
        If a row holds no polygon, or an invalid one and `repair` is not set.
    """
    require_metres(shapes.crs)
    given = np.asarray(shapes.array, dtype=object)
    broken = _refuse_unsound(shapes, given, repair)
    sound = given.copy()
    if broken.any():
        sound[broken] = _polygonal(shapely.make_valid(given[broken], method="structure", keep_collapsed=False))
    noise_m = 2 * snap_m
    result = _with_vertices(_on_lattice(sound))
    state = first = _State.of(result, shapes.crs, noise_m)
    if state.snaps:
        # The stubs of shapely do not know it yet.
        coverage_clean: Any = shapely.coverage_clean  # type: ignore[attr-defined]
        swept = coverage_clean(sound, snapping_distance=snap_m, gap_width=noise_m)
        result = _redrawn(_with_vertices(_on_lattice(swept)), state.narrow[:0])
        state = _State.of(result, shapes.crs, noise_m)
    for _ in range(_ROUNDS):
        if state.clean:
            break
        result = _redrawn(result, state.narrow)
        state = _State.of(result, shapes.crs, noise_m)
    result = np.asarray(shapely.normalize(result))
    changes = changes_between(sound, result, snap_m).assign(repaired=broken).set_index(shapes.index)
    gaps = np.concatenate([first.narrow, first.wide])
    closed = shapely.is_empty(shapely.intersection(shapely.point_on_surface(gaps), shapely.union_all(state.wide)))
    result[shapely.is_empty(result)] = None
    kept = gpd.GeoSeries(result, index=shapes.index, crs=shapes.crs)
    return Cleaned(kept, changes, list(gaps[closed]), list(state.wide))


@dataclass(frozen=True)
class _State:
    """What is still wrong: holes by their width, and faults that snapping or drawing anew can mend."""

    narrow: Shapes
    wide: Shapes
    faults: frozenset[Kind]

    @property
    def clean(self) -> bool:
        """Whether there is nothing but wide holes."""
        return not len(self.narrow) and not self.faults

    @property
    def snaps(self) -> bool:
        """Whether vertices must move: borders that are only drawn unequally stay where they are."""
        return bool(len(self.narrow)) or bool(self.faults - {Kind.MISMATCH})

    @classmethod
    def of(cls, polygons: Shapes, crs: Any, noise_m: float) -> Self:
        kept = gpd.GeoSeries(polygons[~shapely.is_empty(polygons)], crs=crs)
        defects = [defect for defect in find_defects(kept) if defect.kind not in _HARMLESS]
        # A mismatch with an area is a slit that is open to the outside.
        empty = [d for d in defects if d.kind in _HOLES or (d.kind is Kind.MISMATCH and d.geometry.area > 0)]
        holes = np.array([defect.geometry for defect in empty], dtype=object)
        narrow = mean_width(holes) < noise_m
        faults = frozenset(defect.kind for defect in defects if defect.kind not in _HOLES)
        return cls(holes[narrow], holes[~narrow], faults)


def _refuse_unsound(shapes: gpd.GeoSeries, given: Shapes, repair: bool) -> NDArray[np.bool_]:
    """Rows whose rings are invalid, once it is allowed to repair them."""
    for row in np.flatnonzero(~np.isin(shapely.get_type_id(given), (3, 6)) | shapely.is_empty(given)):
        raise NotCleanable(N_("Row %(row)s has no polygon. Remove the row, or draw it."), row=shapes.index[row])
    broken = ~shapely.is_valid(given)
    if broken.any() and not repair:
        first = int(np.flatnonzero(broken)[0])
        raise NotCleanable(
            N_(
                "Row %(row)s is no valid polygon (%(reason)s); so are %(count)s in all. Ask for repair, or redraw them."
            ),
            row=shapes.index[first],
            reason=str(shapely.is_valid_reason(given[first])),
            count=int(broken.sum()),
        )
    return np.asarray(broken)


def _polygonal(shapes: Shapes) -> Shapes:
    """The areas of repaired shapes, without the lines and points that a repair may leave."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    areal = shapely.get_dimensions(parts) == 2
    parts, row = parts[areal], row[areal]
    return np.array([shapely.union_all(parts[row == number]) for number in range(len(shapes))], dtype=object)


def _on_lattice(polygons: Shapes) -> Shapes:
    """Every vertex rounded alone, so that vertices that match go on matching; doubles in a row go."""
    return np.asarray(shapely.remove_repeated_points(shapely.transform(polygons, snap_to_lattice)))


def _with_vertices(polygons: Shapes) -> Shapes:
    """Vertices on edges that are too long, the same for both neighbours."""
    result = polygons.copy()
    xy, row = shapely.get_coordinates(polygons, return_index=True)
    long = (np.hypot(*(xy[1:] - xy[:-1]).T) > LONGEST_EDGE_M) & (row[1:] == row[:-1])
    for number in np.unique(row[1:][long]):
        result[number] = _map_rings(polygons[number], _divided)
    return result


def _map_rings(shape: Any, turn: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Any:
    parts = [
        shapely.Polygon(
            turn(shapely.get_coordinates(part.exterior)), [turn(shapely.get_coordinates(r)) for r in part.interiors]
        )
        for part in shapely.get_parts(shape)
    ]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _divided(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    """A ring with its long edges in equal pieces, reckoned from the end that is farther west or south."""
    pieces = [ring[:1]]
    for start, end in pairwise(ring):
        count = math.ceil(math.dist(start, end) / LONGEST_EDGE_M)
        low, high = (start, end) if tuple(start) < tuple(end) else (end, start)
        between = snap_to_lattice(low + np.arange(1, count)[:, None] / count * (high - low))
        pieces += [between if low is start else between[::-1], end[None]]
    return np.concatenate(pieces)


def _redrawn(polygons: Shapes, gaps: Shapes) -> Shapes:
    """
    Draw all borders anew on the lattice, once for both sides, and find each face its old owner.

    Parameters
    ----------
    polygons
        The grids, n of them.
    gaps
        Places that shall go to the neighbour with the longest common border.
    """
    lines = shapely.union_all(np.concatenate([shapely.boundary(polygons), shapely.boundary(gaps)]), grid_size=G)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    inner = shapely.point_on_surface(faces)
    owner = np.full(len(faces), len(polygons))
    face, row = holders(polygons, inner)
    np.minimum.at(owner, face, row)
    owner[owner == len(polygons)] = -1
    to_give = (owner < 0) & (mean_width(faces) < G)
    to_give[np.intersect1d(holders(gaps, inner)[0], np.flatnonzero(owner < 0))] = True
    shapes = _dissolved(faces, owner, len(polygons))
    parts, row = shapely.get_parts(shapes, return_index=True)
    torn = np.bincount(row, minlength=len(polygons))[row] > 1
    crumb = torn & ((mean_width(parts) < G) | (shapely.area(parts) < SLIVER_M2))
    if not to_give.any() and not crumb.any():
        return shapes
    left = np.concatenate([parts[~crumb], faces[to_give], parts[crumb]])
    owner = np.concatenate([row[~crumb], np.full(to_give.sum() + crumb.sum(), -2)])
    return _dissolved(left, _given_away(left, owner), len(polygons))


def _given_away(parts: Shapes, owner: NDArray[np.int64]) -> NDArray[np.int64]:
    """Owners of all parts, those without one (-2) going to the neighbour with the longest common border."""
    tree = shapely.STRtree(parts)
    result = owner.copy()
    for number in np.flatnonzero(owner == -2):
        near = tree.query(parts[number], predicate="intersects")
        near = near[owner[near] >= 0]
        common = shapely.length(shapely.intersection(shapely.boundary(parts[near]), parts[number].boundary))
        if len(near) and common.max() > 0:
            best = np.bincount(owner[near], weights=common)
            result[number] = int(best.argmax())
    return result


def _dissolved(parts: Shapes, owner: NDArray[np.int64], count: int) -> Shapes:
    """One shape for each owner from 0 to `count`; those below 0 own nothing."""
    result = np.full(count, shapely.Polygon(), dtype=object)
    order = np.argsort(owner, kind="stable")
    order = order[owner[order] >= 0]
    for group in np.split(order, np.flatnonzero(np.diff(owner[order])) + 1) if len(order) else ():
        pieces = parts[group]
        result[owner[group[0]]] = pieces[0] if len(group) == 1 else shapely.coverage_union_all(pieces)
    single = shapely.get_num_geometries(result) == 1
    result[single] = shapely.get_geometry(result[single], 0)
    return result
