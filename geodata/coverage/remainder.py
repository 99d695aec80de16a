"""A coverage and those of its edges that have no partner, with what every search among them needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.coverage.defects import Defect, Kind, Unit
from geodata.coverage.faces import Faces, Numbers, Shapes, bits_of, mean_width
from geodata.coverage.halfedges import HalfEdges

_MISSING_SHARE: Final = 0.5
"""Of the smallest grid's area: a hole from this size on is a missing grid, if it is not a mere strip."""
_STRIP_SHARE: Final = 0.5
"""Of the narrowest grid's mean width: below it, a hole is a strip, however long."""


@dataclass(frozen=True, slots=True)
class Remainder:
    """
    A coverage and those of its edges that have no partner.

    Attributes
    ----------
    polygons
        The grids, and last the outline if there is one.
    outlined
        Whether there is one.
    suspect
        For each polygon, whether its ring is invalid.
    edges
        The edges of all.
    left
        Numbers of the edges without a partner.
    tolerance_m, inlet_m
        As in `find_defects`.
    """

    polygons: Shapes
    outlined: bool
    suspect: NDArray[np.bool_]
    edges: HalfEdges
    left: Numbers
    tolerance_m: float
    inlet_m: float

    @property
    def outline_row(self) -> int:
        """Position of the outline among the polygons; past their end if there is none."""
        return len(self.polygons) - self.outlined

    @property
    def owner(self) -> Numbers:
        """Whose edge each of those is."""
        return self.edges.owner[self.left]

    def rounded(self, which: Numbers | NDArray[np.bool_]) -> Shapes:
        """Some of the polygons on the lattice, as their edges are."""
        steps_per_metre = 1 / self.edges.lattice_m
        return np.asarray(
            shapely.transform(self.polygons[which], lambda xy: np.rint(xy * steps_per_metre) / steps_per_metre)
        )


def as_big_as_a_grid(rest: Remainder, shapes: Shapes) -> NDArray[np.bool_]:
    """Whether each shape could be a grid that was forgotten, going by the smallest of those that are there."""
    if not len(shapes):
        return np.zeros(0, bool)
    grids = rest.polygons[: rest.outline_row][~rest.suspect[: rest.outline_row]]
    width = mean_width(grids)
    # A sliver is no measure of a grid.
    real = width >= _STRIP_SHARE * np.median(width) if len(width) else np.zeros(0, bool)
    if not real.any():
        return np.zeros(len(shapes), bool)
    least_m2, least_m = shapely.area(grids[real]).min(), width[real].min()
    return np.asarray(
        (shapely.area(shapes) >= _MISSING_SHARE * least_m2) & (mean_width(shapes) >= _STRIP_SHARE * least_m)
    )


def owners_along(rest: Remainder, faces: Faces, shapes: Shapes) -> list[Numbers]:
    """For each shape whose edges run along its border, ascending; the outline is among them."""
    bits, shape = bits_of(shapes)
    bit, line = faces.lines_under(bits)
    pairs = np.unique(np.column_stack([shape[bit], rest.owner[line]]), axis=0)
    return np.split(pairs[:, 1], np.searchsorted(pairs[:, 0], np.arange(1, len(shapes)))) if len(shapes) else []


def defect(kind: Kind, rows: Numbers, shape: Any, *, size: float | None = None, unit: Unit = "m2") -> Defect:
    """A defect with its place on its shape; its size is the area unless another is given."""
    place = shapely.point_on_surface(shape)
    area = float(shapely.area(shape)) if size is None else size
    return Defect(kind, tuple(rows.tolist()), (float(place.x), float(place.y)), area, unit, shape)
