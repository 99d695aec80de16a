"""The buildings around an edit: read by place, a few hundred of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from sqlalchemy.orm import Session

from geodata.coverage.edit import Edit, Houses, Plot, Sheet
from geodata.crs import shapes_to_plane
from gridmap.database import straight
from gridmap.planning.ground import Ground
from gridmap.planning.rules import BUILDINGS


def houses_for(db: Session, ground: Ground, sheet: Sheet, edit: Edit) -> Houses:
    """Read the buildings on all grids that an edit may reach."""
    return houses_near(db, ground, [plot.plane for plot in within_reach(sheet, edit)])


def within_reach(sheet: Sheet, edit: Edit) -> list[Plot]:
    """The grids that an edit names, and those where it is drawn."""
    said = edit.to_json()
    named: set[str] = set()
    places: list[tuple[float, float]] = []
    _gather(said, named, places)
    found = {grid for grid in named if grid in sheet.plots}
    if places:
        xy = np.array(places)
        west, south = xy.min(axis=0).tolist()
        east, north = xy.max(axis=0).tolist()
        found.update(sheet.near((west, south, east, north)))
    return [sheet.plots[grid] for grid in sorted(found)]


def _gather(value: Any, named: set[str], places: list[tuple[float, float]]) -> None:
    if isinstance(value, str):
        named.add(value)
    elif isinstance(value, dict):
        named.update(value)
        for part in value.values():
            _gather(part, named, places)
    elif isinstance(value, list):
        if len(value) == 2 and all(isinstance(part, float) for part in value):
            places.append((value[0], value[1]))
        else:
            for part in value:
                _gather(part, named, places)


def houses_near(db: Session, ground: Ground, shapes: Sequence[Any]) -> Houses:
    """
    Read the buildings whose bounds meet the bounds of some shapes, and no others.

    Parameters
    ----------
    shapes
        In the plane of the district, metres.

    Returns
    -------
    houses
        In the plane, by id, so that every process has them in one order.
    """
    if len(shapes) == 0:
        return Houses([], [])
    west, south, east, north = shapely.total_bounds(np.asarray(shapes, dtype=object))
    rows = straight(
        db,
        "SELECT households, ST_AsBinary(shape) AS shape FROM site WHERE kind = ANY(%(kinds)s) AND upper_inf(valid)"
        " AND GeometryType(shape) IN ('POLYGON', 'MULTIPOLYGON')"
        " AND tile && ST_Transform(ST_Expand(ST_MakeEnvelope(%(w)s, %(s)s, %(e)s, %(n)s, %(srid)s), 5), 3857)"
        " ORDER BY id",
        {"kinds": list(BUILDINGS), "w": west, "s": south, "e": east, "n": north, "srid": ground.srid},
    )
    footprints = shapes_to_plane(shapely.from_wkb([bytes(row.shape) for row in rows]), ground.srid)
    return Houses(footprints, [row.households for row in rows])
