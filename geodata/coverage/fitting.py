"""Grids that somebody drew, fitted into ground that stands: what is noise goes to a neighbour, all else is told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.coverage.edit.linework import Corner, cut, dissolved, moved_corners, ring_corners
from geodata.coverage.faces import Numbers, Shapes, holders
from geodata.crs import G

_NOBODY: Final = -1


@dataclass(frozen=True)
class Fitted:
    """
    Grids as they fill an outline.

    Attributes
    ----------
    shapes
        n polygons in canonical form, on the lattice; a MultiPolygon where a grid came out in several pieces, None where
        nothing of it lies inside.
    holes
        Ground of the outline that no grid was drawn on and that is too wide to be noise.
    spill
        What reaches over the outline and is too wide to be noise: the number of the grid, and the piece.
    slivers
        How many pieces of noise went to a neighbour.
    sliver_m2
        Their ground.
    """

    shapes: Shapes
    holes: list[shapely.Polygon]
    spill: list[tuple[int, shapely.Polygon]]
    slivers: int
    sliver_m2: float


def fit(parts: Shapes, outline: Any, *, snap_m: float = 0.5) -> Fitted:
    """
    Make grids fill an outline that does not move.

    Ground narrower than twice the snap, between the grids and the outline or torn off by it, goes to the neighbour with
    the longest common border; wider ground belongs to nobody and is told, as is what reaches over the outline.

    Parameters
    ----------
    parts
        n polygons or MultiPolygons that do not overlap, metres; see `geodata.coverage.clean`.
    outline
        Polygon or MultiPolygon on the lattice of 1 cm.
    snap_m
        About the noise of the drawing, metres.

    Returns
    -------
    fitted
        Shapes and holes together are the outline, which only gains a corner where the border of two grids meets it.
    """
    fixed = list(shapely.get_parts(outline))
    faces, _ = cut(fixed, [*shapely.boundary(parts), *_bridges(parts, outline, 2 * snap_m)])
    owner = np.full(len(faces), len(parts))
    face, part = holders(parts, shapely.point_on_surface(faces))
    np.minimum.at(owner, face, part)
    owner[owner == len(parts)] = _NOBODY
    sides = _Sides.between(faces)
    noise = (owner == _NOBODY) & ~wider_than(faces, 2 * snap_m)
    owner = sides.given(owner, noise)
    torn = _torn_off(faces, owner, 2 * snap_m)
    owner = sides.given(np.where(torn, _NOBODY, owner), torn)
    given = (noise | torn) & (owner != _NOBODY)
    shapes = [dissolved(faces[owner == number]) if (owner == number).any() else [] for number in range(len(parts))]
    holes = dissolved(faces[owner == _NOBODY]) if (owner == _NOBODY).any() else []
    *shapes, holes = _without_needless_corners([*shapes, holes], fixed)
    return Fitted(
        np.array([_one(pieces) for pieces in shapes], dtype=object),
        holes,
        _spill(parts, outline, 2 * snap_m),
        int(given.sum()),
        float(shapely.area(faces[given]).sum()),
    )


def wider_than(shapes: Shapes, width_m: float) -> NDArray[np.bool_]:
    """Whether a circle of some width fits into each shape."""
    return np.asarray(~shapely.is_empty(shapely.buffer(shapes, -width_m / 2, quad_segs=2)))


def _bridges(parts: Shapes, outline: Any, reach_m: float) -> list[Any]:
    """
    Draw lines over the narrow ground between grids and outline, so that every bit of it has one neighbour.

    From each corner to the other side, to a corner of it if one is near.
    """
    rim = shapely.boundary(outline)
    drawn = np.unique(shapely.get_coordinates(parts), axis=0)
    fixed = np.unique(shapely.get_coordinates(rim), axis=0)
    edges = shapely.get_parts(shapely.boundary(parts))
    return [*_to_other_side(drawn, [rim], fixed, reach_m), *_to_other_side(fixed, edges, drawn, reach_m)]


def _to_other_side(xy: NDArray[np.float64], lines: Any, corners: NDArray[np.float64], reach_m: float) -> list[Any]:
    if not len(xy) or not len(corners):
        return []
    points, ends = np.asarray(shapely.points(xy)), np.asarray(shapely.points(corners))
    lines = np.asarray(lines, dtype=object)
    row, nearest = shapely.STRtree(lines).query_nearest(points, max_distance=reach_m, all_matches=False)
    apart = shapely.distance(points[row], lines[nearest]) > 0
    row, nearest = row[apart], nearest[apart]
    bridges = dict(zip(row.tolist(), shapely.shortest_line(points[row], lines[nearest]), strict=True))
    near, corner = shapely.STRtree(ends).query_nearest(points[row], max_distance=reach_m, all_matches=False)
    for number, end in zip(row[near].tolist(), corner.tolist(), strict=True):
        bridges[number] = shapely.linestrings([xy[number], corners[end]])
    return list(bridges.values())


@dataclass(frozen=True)
class _Sides:
    """Which faces lie beside each other, and along how much border: pairs, each in both directions."""

    face: Numbers
    beside: Numbers
    length_m: NDArray[np.float64]

    @classmethod
    def between(cls, faces: Shapes) -> _Sides:
        face, beside = shapely.STRtree(faces).query(faces, predicate="intersects")
        face, beside = face[face != beside], beside[face != beside]
        rims = shapely.boundary(faces)
        length = shapely.length(shapely.intersection(rims[face], rims[beside]))
        return cls(face[length > 0], beside[length > 0], length[length > 0])

    def given(self, owner: Numbers, loose: NDArray[np.bool_]) -> Numbers:
        """Give loose faces to the owner with the longest common border, those that touch none after those that do."""
        owner = owner.copy()
        while True:
            open_ = loose[self.face] & (owner[self.face] == _NOBODY) & (owner[self.beside] != _NOBODY)
            if not open_.any():
                return owner
            pairs, which = np.unique(
                np.column_stack([self.face[open_], owner[self.beside[open_]]]), axis=0, return_inverse=True
            )
            length = np.bincount(which.ravel(), weights=self.length_m[open_])
            # Of equals the first: a second run agrees with it.
            best = pairs[np.lexsort((-pairs[:, 1], length))]
            owner[best[:, 0]] = best[:, 1]


def _torn_off(faces: Shapes, owner: Numbers, width_m: float) -> NDArray[np.bool_]:
    """Faces in narrow pieces that do not hang together with the rest of their grid."""
    loose = np.zeros(len(faces), bool)
    for number in np.unique(owner[owner != _NOBODY]):
        own = np.flatnonzero(owner == number)
        pieces = np.array(dissolved(faces[own])[1:], dtype=object)
        crumbs = pieces[~wider_than(pieces, width_m)] if len(pieces) else pieces
        if len(crumbs):
            loose[own[holders(crumbs, shapely.point_on_surface(faces[own]))[0]]] = True
    return loose


def _without_needless_corners(
    shapes: list[list[shapely.Polygon]], outline: list[shapely.Polygon]
) -> list[list[shapely.Polygon]]:
    """Take out of the outline the corners at which no border ends: they were only met on the way."""
    flat = [piece for pieces in shapes for piece in pieces]
    fixed = {corner for polygon in outline for ring in _rings(polygon) for corner in ring}
    uses: Counter[Corner] = Counter()
    for piece in flat:
        uses.update({corner for ring in _rings(piece) for corner in ring})
    rare = [corner for corner, count in uses.items() if count == 1 and corner not in fixed]
    if not rare:
        return shapes
    rim = shapely.union_all(shapely.boundary(outline))
    shapely.prepare(rim)
    met = np.asarray(shapely.dwithin(np.asarray(shapely.points(np.array(rare) / 100)), rim, G))
    needless = {corner for corner, there in zip(rare, met.tolist(), strict=True) if there}
    return [[_thinned(piece, needless) for piece in pieces] for pieces in shapes]


def _thinned(piece: shapely.Polygon, needless: set[Corner]) -> shapely.Polygon:
    """Without those of the corners between whose neighbours the border runs straight."""
    out: dict[Corner, Corner | None] = {}
    for ring in _rings(piece):
        kept = [n for n, corner in enumerate(ring[:-1]) if corner not in needless]
        for start, end in zip(kept, [*kept[1:], *(n + len(ring) - 1 for n in kept[:1])], strict=True):
            run = [ring[n % (len(ring) - 1)] for n in range(start + 1, end)]
            chord = shapely.linestrings([ring[start], ring[end % (len(ring) - 1)]])
            # In steps of the lattice, of which a rounded crossing is off by less than one.
            if run and (shapely.distance(np.asarray(shapely.points(run)), chord) < 1).all():
                out |= dict.fromkeys(run)
    thinner = moved_corners(piece, out) if out else piece
    return thinner if thinner.is_valid else piece


def _rings(polygon: shapely.Polygon) -> list[list[Corner]]:
    return [ring_corners(ring) for ring in (polygon.exterior, *polygon.interiors)]


def _one(pieces: list[shapely.Polygon]) -> Any:
    if not pieces:
        return None
    return pieces[0] if len(pieces) == 1 else shapely.normalize(shapely.multipolygons(pieces))


def _spill(parts: Shapes, outline: Any, width_m: float) -> list[tuple[int, shapely.Polygon]]:
    beyond, part = shapely.get_parts(shapely.difference(parts, outline), return_index=True)
    wide = wider_than(beyond, width_m)
    found = [(int(number), shapely.normalize(piece)) for number, piece in zip(part[wide], beyond[wide], strict=True)]
    return sorted(found, key=lambda pair: (pair[0], -pair[1].area, pair[1].bounds))
