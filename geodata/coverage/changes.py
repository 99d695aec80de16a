"""What became of grids that were drawn otherwise: ground gained and lost, how far borders moved, fingers."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from geodata.coverage.faces import FINE_M, Shapes

_FINGER: Final = 5


def changes_between(before: Shapes, after: Shapes, snap_m: float) -> pd.DataFrame:
    """
    Compare grids one by one.

    Parameters
    ----------
    before, after
        n polygons or MultiPolygons each, metres; nothing left is an empty one.
    snap_m
        About the noise of the drawing.

    Returns
    -------
    changes
        n rows: ``before_m2, after_m2, gained_m2, lost_m2, moved_m, fingers, pieces``; see `geodata.coverage.Cleaned`.
    """
    moved = shapely.hausdorff_distance(shapely.boundary(before), shapely.boundary(after))
    same = shapely.equals_exact(shapely.normalize(before), after)
    gained, lost = np.zeros(len(before)), np.zeros(len(before))
    fingers = np.zeros(len(before), int)
    for row in np.flatnonzero(~same):
        more = shapely.difference(after[row], before[row], grid_size=FINE_M)
        less = shapely.difference(before[row], after[row], grid_size=FINE_M)
        gained[row], lost[row] = more.area, less.area
        if not moved[row] <= _FINGER * snap_m:
            fingers[row] = _fingers(shapely.get_parts([more, less]), before[row].boundary, _FINGER * snap_m)
    return pd.DataFrame(
        {
            "before_m2": shapely.area(before),
            "after_m2": shapely.area(after),
            "gained_m2": gained,
            "lost_m2": lost,
            "moved_m": moved,
            "fingers": fingers,
            "pieces": shapely.get_num_geometries(after) * ~shapely.is_empty(after),
        }
    )


def _fingers(pieces: Shapes, border: Any, reach_m: float) -> int:
    """How many pieces have a vertex farther from the old border than `reach_m`."""
    xy, piece = shapely.get_coordinates(pieces, return_index=True)
    return len(np.unique(piece[shapely.distance(shapely.points(xy), border) > reach_m]))
