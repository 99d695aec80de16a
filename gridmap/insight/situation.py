"""Everything that one map as a document shows, read and thinned out, ready to be drawn by anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from geodata.crs import shapes_to_lonlat, to_lonlat
from gridmap.errors import Invalid
from gridmap.grids.queries import DistrictNow, current_district, map_credit
from gridmap.incidents.counts import load_by_grid
from gridmap.insight.queries import (
    Sight,
    area_names,
    count_open,
    grid_rows,
    ground,
    open_incidents,
    root_of,
)
from gridmap.language import N_

COLOURINGS: Final = ("kind", "open", "overdue")
LAYERS: Final = (*COLOURINGS, "areas", "incidents", "ground")

_BEND_M: Final = 3.0
"""Bends of boundaries below this are drawn straight, the same on both sides of an edge."""
_LABEL_M: Final = 25.0
_MARGIN_DEG: Final = 0.03


@dataclass(frozen=True)
class Wish:
    """
    What a map is asked to show.

    Attributes
    ----------
    layers
        Of `LAYERS`.
    colouring
        Which colouring of the grids is seen first; the first of the layers where it is not among them.
    area_code
        Only what lies in this area; None is all that may be seen.
    at
        As of this instant; None is now.
    """

    layers: tuple[str, ...] = LAYERS
    colouring: str = "kind"
    area_code: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class GridDrawn:
    """A grid with its load; `shape` is a polygon in degrees, simplified."""

    row: Any
    community: Any | None
    township: Any | None
    open: int
    overdue: int
    shape: shapely.Geometry
    label: tuple[float, float]


@dataclass(frozen=True)
class AreaDrawn:
    """A community or township by the outline of its grids, in degrees."""

    row: Any
    shape: shapely.Geometry
    label: tuple[float, float]


@dataclass(frozen=True)
class Situation:
    """One day of a district, as far as one reader may see it."""

    wish: Wish
    district: DistrictNow
    area: Any | None
    edition: int
    credit: str | None
    told_at: datetime
    made_at: datetime
    open: int
    overdue: int
    grids: Sequence[GridDrawn]
    areas: Sequence[AreaDrawn]
    ground: dict[str, list[shapely.Geometry]]
    incidents: Sequence[Any]
    figures_only: bool


def read_situation(db: Session, sight: Sight, wish: Wish, now: datetime) -> Situation:
    """
    Read what a map shows.

    Parameters
    ----------
    now
        Our clock: what is due before it is overdue.

    Raises
    ------
    NotFound
        If there is no district yet, or no area of that code.
    Invalid
        If nothing of it may be seen, a layer is unknown, or there is too much for one map.
    """
    if unknown := set(wish.layers) - set(LAYERS):
        raise Invalid(
            N_("There is no layer %(name)s. There are: %(known)s."), name=min(unknown)[:40], known=", ".join(LAYERS)
        )
    district = current_district(db)
    root = root_of(db, wish.area_code)
    names = area_names(db, wish.at)
    load = {grid: (n, late) for grid, n, late in load_by_grid(db, sight.figures, now, at=wish.at)}
    rows = grid_rows(db, sight.grids, root, wish.at)
    if not rows:
        raise Invalid(N_("No grid that you may see lies there on that day, so there is nothing to draw."))
    grids, areas = _drawn(rows, names, load, district.srid)
    frame = shapely.box(*shapely.total_bounds([grid.shape for grid in grids])).buffer(_MARGIN_DEG).envelope
    counts = count_open(db, sight.figures, root, now, wish.at)
    told_at = wish.at or now
    return Situation(
        wish,
        district,
        names.get(root) if root else None,
        max((n for n, since in district.editions if since <= told_at), default=district.edition_n),
        map_credit(db),
        told_at,
        now,
        *counts,
        grids,
        areas if "areas" in wish.layers else [],
        ground(db, frame) if "ground" in wish.layers else {},
        open_incidents(db, sight.single, root, wish.at) if "incidents" in wish.layers else [],
        figures_only=sight.single.empty,
    )


def _drawn(
    rows: Sequence[Any], names: dict[str, Any], load: dict[int, tuple[int, int]], srid: int
) -> tuple[list[GridDrawn], list[AreaDrawn]]:
    """Simplify all grids at once, so that neighbours keep one edge, and put the areas together from them."""
    planes = shapely.coverage_simplify(shapely.from_wkb([bytes(row.plane) for row in rows]), _BEND_M)
    shapes, labels = shapes_to_lonlat(planes, srid), _labels(planes, srid)
    grids = [
        GridDrawn(
            row,
            names.get(row.path.rsplit(".", 1)[0]),
            names.get(row.path.rsplit(".", 2)[0]),
            *load.get(row.id, (0, 0)),
            shape,
            label,
        )
        for row, shape, label in zip(rows, shapes, labels, strict=True)
    ]
    members: dict[str, list[int]] = {}
    for n, row in enumerate(rows):
        community = row.path.rsplit(".", 1)[0]
        for path in (community, community.rsplit(".", 1)[0]):
            if path in names:
                members.setdefault(path, []).append(n)
    outlines = np.array([shapely.coverage_union_all(planes[which]) for which in members.values()], dtype=object)
    areas = [
        AreaDrawn(names[path], shape, label)
        for path, shape, label in zip(members, shapes_to_lonlat(outlines, srid), _labels(outlines, srid), strict=True)
    ]
    return grids, areas


def _labels(planes: NDArray[Any], srid: int) -> list[tuple[float, float]]:
    """Longitude and latitude of where a name has most room."""
    if not len(planes):
        return []
    centres = shapely.get_point(shapely.maximum_inscribed_circle(planes, tolerance=_LABEL_M), 0)
    lon, lat = to_lonlat(shapely.get_x(centres), shapely.get_y(centres), srid)
    return [(float(x), float(y)) for x, y in zip(lon, lat, strict=True)]
