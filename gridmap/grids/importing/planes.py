"""Polygons of a file as planes of the working system, and whether they fill the district as one coverage."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geodata.coverage import Kind, find_defects
from geodata.crs import Floats, shapes_to_plane, snap_to_lattice, to_lonlat
from gridmap.intake.defects import Defect
from gridmap.intake.rows import Rows
from gridmap.language import N_

LONGEST_EDGE_M: Final = 500.0
"""A straight line in the plane and one in degrees part by 4 mm over this length, by 0.35 m over ten times as much."""

_SENTENCES: Final = {
    Kind.INVALID: N_("The boundary of %(grids)s is not valid: %(why)s. Redraw it; nothing is repaired unseen."),
    Kind.MISSING: N_("A place of %(size)s m² between %(grids)s is in no grid."),
    Kind.GAP: N_("A gap of %(size)s m² between %(grids)s. `gridmap clean` closes it."),
    Kind.OVERLAP: N_("%(grids)s overlap on %(size)s m². `gridmap clean` decides it."),
    Kind.DENT: N_("The border of the district differs at %(grids)s by %(size)s m² from what it is now."),
    Kind.SLIVER: N_("%(grids)s is very thin or very small: %(size)s m²."),
    Kind.MISMATCH: N_(
        "%(grids)s draw their common border, %(size)s m, with different vertices. `gridmap clean` matches them."
    ),
}
_SLIGHT: Final = (Kind.DENT, Kind.SLIVER)
_MOST_NAMED: Final = 4


def to_planes(shapes: npt.NDArray[np.object_], srid: int) -> npt.NDArray[np.object_]:
    """
    Bring polygons to the working system.

    Parameters
    ----------
    shapes
        n polygons in EPSG:4326, longitude first; MultiPolygons of one part are taken for that part; None stays None.
    srid
        EPSG code of the working system.

    Returns
    -------
    planes
        n polygons in metres, on the lattice of 1 cm, outer rings counter-clockwise, edges over 500 m divided evenly and
        alike on both sides.
    """
    single = np.array([_single(shape) for shape in shapes], dtype=object)
    planes = shapely.transform(shapes_to_plane(single, srid), snap_to_lattice)
    long = np.array([_longest_edge(plane) > LONGEST_EDGE_M for plane in planes], bool)
    planes[long] = [_divided(plane) for plane in planes[long]]
    return np.asarray(shapely.orient_polygons(planes, exterior_cw=False), dtype=object)


def flag_pieces(rows: Rows) -> None:
    """Note the rows whose shape is of several pieces: a grid is one polygon."""
    pieces = shapely.get_num_geometries(rows.shapes)
    rows.flag(
        pieces > 1,
        N_("The shape is of %(pieces)s pieces; a grid is one polygon. Give each piece a row of its own."),
        values={"pieces": pieces.tolist()},
    )


def flag_coverage(
    rows: Rows, members: npt.NDArray[np.int64], planes: npt.NDArray[np.object_], srid: int, outline: Any = None
) -> None:
    """
    Note every gap, overlap, invalid ring and mismatch of one edition, with its place.

    Parameters
    ----------
    members
        Which of the rows are the edition: m positions.
    planes
        Their m polygons in the working system.
    outline
        The district as it is now, in the working system; None if it has no edition yet.
    """
    codes = rows.columns["code"]
    for found in find_defects(gpd.GeoSeries(planes, index=members, crs=srid), outline=outline):
        concerned = [int(str(row)) for row in found.rows]
        named = [str(codes[row]) for row in concerned]
        place = None
        if found.place is not None:
            lon, lat = to_lonlat(*found.place, srid)
            place = (round(float(lon), 6), round(float(lat), 6))
        rows.defects.add(
            Defect(
                _SENTENCES[found.kind],
                {"grids": _listed(named), "size": _amount(found.size), "why": found.reason},
                int(rows.numbers[concerned[0]]) if concerned else None,
                place=place,
                grave=found.kind not in _SLIGHT,
            )
        )


def _listed(codes: Sequence[str]) -> str:
    more = f" +{len(codes) - _MOST_NAMED}" if len(codes) > _MOST_NAMED else ""
    return ", ".join(codes[:_MOST_NAMED]) + more


def _amount(size: float) -> str:
    return f"{size:,.0f}" if size >= 100 else f"{size:.2g}"


def _single(shape: Any) -> Any:
    parts = list(shapely.get_parts(shape)) if isinstance(shape, shapely.MultiPolygon) else []
    return parts[0] if len(parts) == 1 else shape


def _longest_edge(plane: Any) -> float:
    if plane is None or plane.is_empty:
        return 0.0
    steps = [np.diff(shapely.get_coordinates(ring), axis=0) for ring in shapely.get_rings(plane)]
    return max((float(np.hypot(step[:, 0], step[:, 1]).max()) for step in steps), default=0.0)


def _divided(plane: Any) -> Any:
    if not isinstance(plane, shapely.Polygon):
        return plane
    rings = [_divided_ring(shapely.get_coordinates(ring)) for ring in shapely.get_rings(plane)]
    return shapely.Polygon(rings[0], rings[1:])


def _divided_ring(xy: Floats) -> Floats:
    pieces = []
    for start, end in pairwise(xy.tolist()):
        steps = int(np.ceil(np.hypot(end[0] - start[0], end[1] - start[1]) / LONGEST_EDGE_M)) or 1
        # From the same end on both sides of a border, or the rounding could differ.
        low, high = sorted((start, end))
        share = np.arange(steps)[:, None] / steps
        if start == low:
            between = np.array(low) + (np.array(high) - np.array(low)) * share
        else:
            between = np.array(low) + (np.array(high) - np.array(low)) * (1 - share)
        between[0] = start
        pieces.append(snap_to_lattice(between))
    return np.vstack([*pieces, xy[-1:]])
