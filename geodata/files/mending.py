"""Repair of rings that strangers drew: it may take without bound, so it happens where it can be cut short."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.sandbox import Allowance, Child

_ALLOWANCE: Final = Allowance(cpu_s=20, wall_s=60)


def mend(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """
    Make invalid polygons valid by the structure of their rings; what is no area is left out.

    Parameters
    ----------
    shapes
        n polygons or MultiPolygons in any CRS.

    Raises
    ------
    geodata.errors.GeodataError
        If it takes too long, or too much memory.
    """
    task = {"shapes": [str(digits) for digits in shapely.to_wkb(shapes, hex=True)]}
    with Child("geodata.files.mending:mend_inside", task, _ALLOWANCE) as child:
        mended = [message["shape"] for message in child.messages() if isinstance(message, dict)]
    return np.asarray(shapely.from_wkb(mended), dtype=object)


def mend_inside(shapes: list[str]) -> Iterator[dict[str, Any]]:
    """The child's side: one message for each shape."""
    for digits in shapes:
        parts = shapely.get_parts(
            shapely.make_valid(shapely.from_wkb(digits), method="structure", keep_collapsed=False)
        )
        areal = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
        yield {"shape": shapely.to_wkb(areal, hex=True)}
