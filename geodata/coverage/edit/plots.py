"""A grid as the editor holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import shapely

from geodata.crs import snap_to_lattice

Kind = Literal["urban", "rural", "dedicated"]
Called = tuple[str, str | None]
"""The name of a grid, and its English name where it has one."""
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Plot:
    """
    A grid in a working coverage.

    Attributes
    ----------
    id
        Code of the grid, or the temporary id of one that the plan makes.
    plane
        Polygon in the working CRS, metres, every coordinate a multiple of 1 cm.
    community
        Code of the community it belongs to.
    households
        How many live there, by the register.
    owner
        The site that a dedicated grid belongs to.
    called
        Its name; None where names are not kept.
    """

    id: str
    plane: shapely.Polygon
    community: str
    kind: Kind
    households: int
    owner: str | None = None
    called: Called | None = None

    @property
    def inner(self) -> tuple[float, float]:
        """A point inside, to show the grid by."""
        point = self.plane.point_on_surface()
        return float(point.x), float(point.y)


def canonical(polygon: shapely.Polygon) -> shapely.Polygon:
    """The one form of a polygon on the lattice: equal shapes with equal corners have equal bytes."""
    on_lattice = shapely.remove_repeated_points(shapely.transform(polygon, snap_to_lattice))
    return shapely.normalize(on_lattice)


def steps(metres: np.ndarray) -> np.ndarray:
    """Coordinates as whole steps of the lattice, to compare them exactly."""
    return np.asarray(np.rint(metres * 100), dtype=np.int64)
