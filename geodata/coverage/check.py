"""Everything that is wrong with a coverage, each defect with its place and size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.coverage.defects import Defect, Kind
from geodata.coverage.faces import Shapes, mean_width
from geodata.coverage.halfedges import HalfEdges
from geodata.coverage.regions import find_regions
from geodata.coverage.remainder import Remainder
from geodata.crs import G, require_metres

SLIVER_M: Final = 1.0
SLIVER_M2: Final = 1.0
INLET_M: Final = 5.0

_POLYGONAL: Final = (3, 6)
_SPOT: Final = re.compile(r"^(.*?)\s*\[(\S+) (\S+)\]$")
_ORDER: Final = {kind: number for number, kind in enumerate(Kind)}


def find_defects(
    shapes: gpd.GeoSeries,
    *,
    outline: Any = None,
    households: pd.Series[Any] | None = None,
    limits: tuple[float, float] = (300, 500),
    lattice_m: float = G,
    tolerance_m: float = G,
    sliver_m: float = SLIVER_M,
    inlet_m: float = INLET_M,
) -> list[Defect]:
    """
    Check that grids fill their district without gap and overlap, and that nothing else is wrong with them.

    Parameters
    ----------
    shapes
        Polygons or MultiPolygons, n rows, in a projected CRS in metres.
    outline
        The district, a polygon in the same CRS; with it, missing grids and dents along the outer border are seen.
        Without it, only what grids enclose, or what is open to the outside by a bay of at most 2 `inlet_m`.
    households
        Households by the labels of `shapes`, for urban grids alone; rows not in it, and NaN, are not judged.
    limits
        Fewest and most households of an urban grid, both allowed.
    lattice_m
        Vertices are compared on this lattice, metres.
    tolerance_m
        Gaps and overlaps whose mean width is below are no places of their own: both neighbours mean the same line and
        draw it with different vertices, a mismatch. Off-lattice crossings of common borders are within 1 cm.
    sliver_m
        A grid, or a detached piece, whose mean width (twice the area over the border's length) is below is a sliver.
        So is one of less than 1 m².
    inlet_m
        Half the width of the widest bay that is filled to find gaps open to the outside. Of a wider one the part that
        is narrower is told.

    Returns
    -------
    defects
        In the order of `Kind`, inside a kind from west to east. Empty for a coverage without any.

    Raises
    ------
    NotInMetres
        If the CRS of `shapes` is missing, geographic, or in another unit.
    """
    require_metres(shapes.crs)
    given = np.asarray(shapes.array, dtype=object)
    polygons = given.copy()
    polygons[~np.isin(shapely.get_type_id(given), _POLYGONAL)] = None
    valid = shapely.is_valid(polygons) & ~(shapely.is_missing(polygons) | shapely.is_empty(polygons))
    for row in np.flatnonzero(~valid):
        if not np.isfinite(shapely.get_coordinates(polygons[row])).all():
            polygons[row] = None
    found = [*_invalid(given, valid), *_slivers(polygons, valid, sliver_m)]
    found += find_regions(_remainder(polygons, valid, outline, lattice_m, tolerance_m, inlet_m))
    if households is not None:
        found += _sizes(shapes, households, limits)
    found.sort(key=lambda defect: (_ORDER[defect.kind], defect.place or (0.0, 0.0), defect.rows))
    labels = shapes.index.to_list()
    return [replace(defect, rows=tuple(labels[row] for row in defect.rows)) for defect in found]


def _remainder(
    polygons: Shapes, valid: NDArray[np.bool_], outline: Any, lattice_m: float, tolerance_m: float, inlet_m: float
) -> Remainder:
    """Pair the edges; an outline takes part as what lies outside, its edges run the other way."""
    outlined = outline is not None
    if outlined:
        polygons = np.append(polygons, outline)
    suspect = np.append(~valid, np.zeros(int(outlined), bool))
    edges = HalfEdges.of(polygons, lattice_m)
    if outlined:
        edges = replace(edges, inside_left=edges.inside_left != (edges.owner == len(polygons) - 1))
    return Remainder(polygons, outlined, suspect, edges, edges.without_partner(suspect), tolerance_m, inlet_m)


def _invalid(given: Shapes, valid: NDArray[np.bool_]) -> Iterator[Defect]:
    for row in np.flatnonzero(~valid):
        shape = given[row]
        if shape is None or shape.is_empty or shapely.get_type_id(shape) not in _POLYGONAL:
            reason = "No polygon" if shape is None or shape.is_empty else str(shape.geom_type)
            place = None if shape is None or shape.is_empty else tuple(shapely.get_coordinates(shape)[0].tolist())
            yield Defect(Kind.INVALID, (int(row),), place, 0.0, "m2", shape, reason)
            continue
        match = _SPOT.match(str(shapely.is_valid_reason(shape)))
        assert match is not None, "GEOS names the place of every breach of validity"
        yield Defect(
            Kind.INVALID,
            (int(row),),
            (float(match[2]), float(match[3])),
            float(shape.area),
            "m2",
            shape,
            match[1],
        )


def _slivers(polygons: Shapes, valid: NDArray[np.bool_], sliver_m: float) -> Iterator[Defect]:
    parts, row = shapely.get_parts(polygons, return_index=True)
    thin = (mean_width(parts) < sliver_m) | (shapely.area(parts) < SLIVER_M2)
    for number in np.flatnonzero(thin & valid[row]):
        place = parts[number].point_on_surface()
        area = float(parts[number].area)
        yield Defect(Kind.SLIVER, (int(row[number]),), (place.x, place.y), area, "m2", parts[number])


def _sizes(shapes: gpd.GeoSeries, households: pd.Series[Any], limits: tuple[float, float]) -> Iterator[Defect]:
    counts = households.reindex(shapes.index).to_numpy(dtype=float, na_value=np.nan)
    fewest, most = limits
    for row in np.flatnonzero((counts < fewest) | (counts > most)):
        shape = shapes.iloc[row]
        place = None if shape is None or shape.is_empty else shape.point_on_surface()
        where = None if place is None else (float(place.x), float(place.y))
        yield Defect(Kind.SIZE, (int(row),), where, float(counts[row]), "households", shape)
