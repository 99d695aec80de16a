"""Buildings with households: what moves when a border does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Box = tuple[float, float, float, float]


class Houses:
    """
    Buildings of the ground on which a coverage is edited, n of them, found by place.

    Parameters
    ----------
    footprints
        Polygons or MultiPolygons in the working CRS, metres.
    households
        How many live in each.
    """

    def __init__(
        self, footprints: Sequence[Any] | NDArray[np.object_], households: Sequence[int] | NDArray[Any]
    ) -> None:
        self.footprints = np.asarray(footprints, dtype=object)
        self.households = np.asarray(households, dtype=np.int64)
        if self.footprints.shape != self.households.shape or self.footprints.ndim != 1:
            raise ValueError(f"{len(self.footprints)} footprints and {len(self.households)} counts do not pair.")
        self.inner = shapely.point_on_surface(self.footprints)
        self._tree = shapely.STRtree(self.footprints)

    def __len__(self) -> int:
        return len(self.footprints)

    def near(self, box: Box) -> NDArray[np.int64]:
        """Ascending numbers of the buildings whose bounds meet those of a box: west, south, east, north."""
        return np.sort(self._tree.query(shapely.box(*box)))

    def touching(self, shape: Any) -> NDArray[np.int64]:
        """Ascending numbers of the buildings that have a point in common with a shape."""
        return np.sort(self._tree.query(shape, predicate="intersects"))
