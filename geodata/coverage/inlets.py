"""
Gaps that are open to the outside, where no outline says how far the district reaches.

Such a gap is a bay of the outer border, long and thin, with one grid on one side and another on the other. Corners
where two grids meet are bays as well, but wide ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import shapely

from geodata.coverage.defects import Defect, Kind
from geodata.coverage.faces import FINE_M, Faces, Numbers, Shapes, bits_of, holders, mean_width
from geodata.coverage.remainder import Remainder, as_big_as_a_grid, defect, owners_along

_LOOK_FROM: Final = (0.2, 0.8)
"""Shares of an edge at which its grid looks out for another one."""
_OFF_M: Final = 1e-3
"""No mouth is narrower, and a line of sight begins so far from its edge."""
_THREAD: Final = 6.0
"""Banks over mouth: a corner of 13 degrees has this much, a wider one less, a strip more."""
_MARGIN: Final = 4
_ARC: Final = 4


def find_inlets(rest: Remainder, faces: Faces, count: Numbers) -> Iterator[Defect]:
    """
    Fill the narrow bays of the outer border that lie between two grids.

    Parameters
    ----------
    rest
        The coverage; `inlet_m` is half the width up to which a bay is narrow.
    faces, count
        The faces between the edges without a partner, and how many grids cover each.
    """
    edges = _facing(rest, faces)
    if not len(edges):
        return
    covered = shapely.coverage_union_all(faces.polygons[count > 0])
    pieces = [piece for window in _windows(edges, rest.inlet_m) for piece in _bays(covered, window, rest.inlet_m)]
    # A long bay may reach over several windows.
    bays = shapely.get_parts(shapely.union_all(pieces, grid_size=FINE_M))
    known, _ = holders(faces.polygons[count == 0], shapely.point_on_surface(bays))
    bays = np.delete(bays, known)
    bays = bays[_banks_over_mouth(faces, bays) >= _THREAD]
    rows = owners_along(rest, faces, bays)
    between = [number for number, own in enumerate(rows) if len(own) > 1]
    bays, rows = bays[between], [rows[number] for number in between]
    thin = mean_width(bays) < rest.tolerance_m
    for bay, own, is_thin in zip(bays, rows, thin, strict=True):
        if is_thin:
            yield defect(Kind.MISMATCH, own, bay, size=bay.length / 2, unit="m")
        else:
            yield defect(Kind.GAP, own, bay)
    if len(bays):
        yield from _behind(rest, faces, count, covered, bays)


def _facing(rest: Remainder, faces: Faces) -> Shapes:
    """Edges of the outer border from which, square and outwards, an edge of another grid is seen close by."""
    ends = shapely.get_coordinates(faces.lines).reshape(-1, 2, 2)
    along = ends[:, 1] - ends[:, 0]
    right = np.column_stack([along[:, 1], -along[:, 0]]) / np.hypot(*along.T)[:, None]
    outwards = np.where(rest.edges.inside_left[rest.left][:, None], right, -right)
    eyes = np.concatenate([ends[:, 0] + share * along for share in _LOOK_FROM])
    away = np.tile(outwards, (len(_LOOK_FROM), 1))
    sights = np.asarray(shapely.linestrings(np.stack([eyes + _OFF_M * away, eyes + 2 * rest.inlet_m * away], axis=1)))
    edge = np.tile(np.arange(len(ends)), len(_LOOK_FROM))
    sight, line = shapely.STRtree(faces.lines).query(sights, predicate="intersects")
    sight = np.unique(sight[rest.owner[edge[sight]] != rest.owner[line]])
    # What lies in a face is enclosed, or covered, and not the outside.
    enclosed, _ = holders(faces.polygons, shapely.get_point(sights[sight], 0))
    return np.asarray(faces.lines[np.unique(edge[np.delete(sight, enclosed)])])


def _windows(edges: Shapes, inlet_m: float) -> Shapes:
    """Boxes around the places where grids face each other, those that meet made one."""
    west, south, east, north = shapely.bounds(edges).T
    margin = _MARGIN * inlet_m
    boxes = shapely.box(west - margin, south - margin, east + margin, north + margin)
    return np.asarray(shapely.get_parts(shapely.union_all(boxes)))


def _bays(covered: Any, window: Any, inlet_m: float) -> Shapes:
    """What moving the border out and back again fills."""
    ground = shapely.clip_by_rect(covered, *window.bounds)
    closed = ground.buffer(inlet_m, quad_segs=_ARC).buffer(-inlet_m, quad_segs=_ARC)
    bays = shapely.get_parts(shapely.difference(closed, ground, grid_size=FINE_M))
    # The window may be a chain of boxes and its bounds hold bays of others.
    return np.asarray(bays[shapely.intersects(bays, window) & (shapely.area(bays) > 0)])


def _banks_over_mouth(faces: Faces, bays: Shapes) -> Any:
    """How much longer the banks of a bay are, which are borders of grids, than its mouths, which are not."""
    bits, bay = bits_of(bays)
    on_bank = np.zeros(len(bits), bool)
    on_bank[faces.lines_under(bits)[0]] = True
    length = np.hypot(bits[:, 2] - bits[:, 0], bits[:, 3] - bits[:, 1])
    banks = np.bincount(bay, weights=np.where(on_bank, length, 0), minlength=len(bays))
    mouths = np.bincount(bay, weights=np.where(on_bank, 0, length), minlength=len(bays))
    return banks / np.maximum(mouths, _OFF_M)


def _behind(rest: Remainder, faces: Faces, count: Numbers, covered: Any, bays: Shapes) -> Iterator[Defect]:
    """Holes that have no way out but through one of the bays."""
    ground = shapely.union_all([covered, *bays], grid_size=FINE_M)
    filled = shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(ground)))
    # An island in a hole is ground as well, so that rings alone would not do.
    holes = shapely.get_parts(shapely.difference(shapely.union_all(filled), ground, grid_size=FINE_M))
    holes = holes[mean_width(holes) >= rest.tolerance_m]
    known, _ = holders(faces.polygons[count == 0], shapely.point_on_surface(holes))
    holes = np.delete(holes, known)
    large = as_big_as_a_grid(rest, holes)
    for hole, own, is_large in zip(holes, owners_along(rest, faces, holes), large, strict=True):
        yield defect(Kind.MISSING if is_large else Kind.GAP, own, hole)
