"""Which ground changed hands between two days, and how many households live on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from geodata.coverage.edit import Houses

THICKNESS_M: Final = 0.02
"""Two lattice steps: a corner that was put into a border shifts it by less, and no ground changes hands."""


@dataclass(frozen=True)
class Stand:
    """
    A grid as it stood on a day.

    Attributes
    ----------
    community, owner
        ``id, code, name, names`` of an area, ``name, names`` of a site; no owner is None.
    plane
        In the working CRS, metres.
    """

    version_id: int
    id: int
    code: str
    name: str
    names: Mapping[str, Any]
    kind: str
    households: int
    community: Mapping[str, Any]
    owner: Mapping[str, Any] | None
    path: str
    plane: shapely.Polygon


@dataclass(frozen=True)
class Piece:
    """
    Ground that one grid had on the earlier day and another has on the later.

    Attributes
    ----------
    from_id, to_id
        Ids of grids; None is outside of the district.
    plane
        Polygon or MultiPolygon in the working CRS, metres.
    """

    from_id: int | None
    to_id: int | None
    plane: shapely.Polygon | shapely.MultiPolygon

    @property
    def area_m2(self) -> float:
        """Square metres in the plane."""
        return float(self.plane.area)


def pieces_between(before: Sequence[Stand], after: Sequence[Stand]) -> list[Piece]:
    """
    Cut what changed between two days into the ground that each grid handed to each other.

    Parameters
    ----------
    before, after
        The grids that differ, as they stood on the earlier and on the later day. Grids of one day do not overlap.

    Returns
    -------
    pieces
        One of each pair, by ids. Of every grid, what it had less what it gave and more what it got is what it has, but
        for strips thinner than `THICKNESS_M`.
    """
    was, now = _planes(before), _planes(after)
    old, new = shapely.STRtree(now).query(was, predicate="intersects")
    crossing = [(i, j) for i, j in zip(old, new, strict=True) if before[i].id != after[j].id]
    shared = shapely.intersection(was[[i for i, _ in crossing]], now[[j for _, j in crossing]])
    found = [(before[i].id, after[j].id, shape) for (i, j), shape in zip(crossing, shared, strict=True)]
    found += [(stand.id, None, shape) for stand, shape in _beyond(before, was, now)]
    found += [(None, stand.id, shape) for stand, shape in _beyond(after, now, was)]
    cut = ((source, target, _without_threads(shape)) for source, target, shape in found)
    pieces = [Piece(source, target, shape) for source, target, shape in cut if shape is not None]
    return sorted(pieces, key=lambda piece: (piece.from_id or 0, piece.to_id or 0))


def _planes(stands: Sequence[Stand]) -> Any:
    return np.array([stand.plane for stand in stands], dtype=object)


def _beyond(stands: Sequence[Stand], planes: Any, others: Any) -> Iterator[tuple[Stand, Any]]:
    """What of each grid lies where the other day had no grid at all: only when the district itself grew or shrank."""
    rest = _without_threads(shapely.difference(shapely.union_all(planes), shapely.union_all(others)))
    if rest is None:
        return
    for stand, plane in zip(stands, planes, strict=True):
        yield stand, shapely.intersection(plane, rest)


def _without_threads(shape: Any) -> Any | None:
    """The parts of a shape that are wider than the lattice's own rounding; None if there are none."""
    parts = shapely.get_parts(shape)
    parts = parts[
        (shapely.get_dimensions(parts) == 2) & (2 * shapely.area(parts) > THICKNESS_M * shapely.length(parts))
    ]
    if len(parts) == 0:
        return None
    return shapely.normalize(parts[0] if len(parts) == 1 else shapely.multipolygons(parts))


def households_of(pieces: Sequence[Piece], before: Sequence[Stand], houses: Houses) -> list[int]:
    """
    Count the households of each piece, the way a plan does: by the buildings whose inner point lies in it.

    Parameters
    ----------
    houses
        In the plane, at least those on all grids of `before`.

    Returns
    -------
    households
        In the order of the pieces. Of a grid without counted buildings a piece has its share by area; ground from
        outside of the district brings none.
    """
    counted = dict(zip((stand.id for stand in before), _sums([stand.plane for stand in before], houses), strict=True))
    stands = {stand.id: stand for stand in before}
    sums = _sums([piece.plane for piece in pieces], houses)
    return [
        0 if piece.from_id is None else n if counted[piece.from_id] else _by_area(piece, stands[piece.from_id])
        for piece, n in zip(pieces, sums, strict=True)
    ]


def _by_area(piece: Piece, stand: Stand) -> int:
    return round(stand.households * piece.area_m2 / stand.plane.area)


def _sums(shapes: Sequence[Any], houses: Houses) -> list[int]:
    """Households whose building has its inner point in each shape."""
    sums: dict[int, int] = defaultdict(int)
    if len(shapes) and len(houses):
        inside, which = shapely.STRtree(houses.inner).query(np.array(shapes, dtype=object), predicate="intersects")
        for shape, house in zip(inside.tolist(), which.tolist(), strict=True):
            sums[shape] += int(houses.households[house])
    return [sums[n] for n in range(len(shapes))]
