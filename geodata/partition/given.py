"""What a partition starts from, checked and in one form: outlines, barriers, houses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike

from geodata.crs import Floats, require_metres, snap_to_lattice
from geodata.errors import N_, GeodataError
from geodata.partition.network import LONGEST_EDGE_M, Ints, Shapes, joined, totals

COSTS: Final = (0.35, 0.6, 0.9, 1.3, 3.3)
"""Cost of a metre of grid border by its place in `RANKS`: 0.05, 0.3, 0.6, 1 and 3 for what it runs along, and 0.3 for
the length itself. Without that grids stretch along main roads: they come out 6 % less compact."""

RANKS: Final = ("administrative", "major", "street", "lane", "between")
"""What a border runs along: an administrative line, a river, railway or main road, a street, a lane, path or wall, or
nothing but the space between buildings."""

ADMINISTRATIVE, BETWEEN = 0, 4
_UNTOLD: Final = 3
# The scale of streets in this house: 0 motorway, rail, river; 1 main road; 2, 3 streets; 4 lane, wall; 5 path.
_RANK_OF_STREET: Final = np.array([1, 1, 2, 2, 3, 3])
_OVERLAP: Final = 0.005
_OVERLAP_M2: Final = 0.5
_CROOKED_M2: Final = 1.0


@dataclass(frozen=True)
class Given:
    """
    What a partition starts from, in metres.

    Attributes
    ----------
    outlines
        c areas that no grid reaches over, on the lattice.
    names
        What each is called.
    fixed
        Places that stay whole and are grids of their own.
    lines, rank
        Barriers as LineStrings, and the place of each in `RANKS`.
    houses, weight
        n footprints, points or blocks that are never cut, and their households; what overlaps counts as one.
    house_of
        For each row of the input the number of its house, -1 where it has no shape.
    srid
        The working system.
    """

    outlines: Shapes
    names: tuple[str, ...]
    fixed: Shapes
    lines: Shapes
    rank: Ints
    houses: Shapes
    weight: Floats
    house_of: Ints
    srid: int


def gather(
    outlines: gpd.GeoSeries,
    units: gpd.GeoSeries,
    weight: ArrayLike,
    barriers: gpd.GeoDataFrame | None = None,
    fixed: gpd.GeoSeries | None = None,
) -> Given:
    """
    Bring everything into one form.

    Raises
    ------
    NotInMetres
        If a CRS is missing, geographic, or in another unit.
    GeodataError
        If an outline is no valid polygon, two outlines overlap, or a number of households is none.
    """
    for layer in (outlines, units, barriers, fixed):
        if layer is not None:
            require_metres(layer.crs)
    shapes = _outlines(outlines)
    lines, rank = _barriers(barriers)
    houses, households, house_of = _houses(units, _households(weight, len(units)))
    held = np.array([], dtype=object) if fixed is None else _on_lattice(fixed.dropna().to_numpy())
    srid = outlines.crs.to_epsg()
    names = tuple(str(name) for name in outlines.index)
    return Given(shapes, names, held, lines, rank, houses, households, house_of, srid)


def _on_lattice(shapes: Shapes) -> Shapes:
    return np.asarray(shapely.remove_repeated_points(shapely.transform(shapes, snap_to_lattice)), dtype=object)


def _outlines(outlines: gpd.GeoSeries) -> Shapes:
    shapes = outlines.to_numpy()
    for row in np.flatnonzero(~np.isin(shapely.get_type_id(shapes), (3, 6)) | ~shapely.is_valid(shapes)):
        raise GeodataError(
            N_("The outline of %(name)s is no valid polygon. Redraw it, or run `gridmap clean --repair` on the file."),
            name=outlines.index[row],
        )
    if not len(shapes):
        raise GeodataError(N_("There is no outline to divide."))
    shapes = _on_lattice(shapely.segmentize(shapes, LONGEST_EDGE_M))
    for one, two in shapely.STRtree(shapes).query(shapes, predicate="intersects").T:
        common = shapely.area(shapely.intersection(shapes[one], shapes[two])) if one < two else 0.0
        if common > _CROOKED_M2:
            raise GeodataError(
                N_("%(one)s and %(two)s overlap by %(area)s m². Run `gridmap clean` on their file first."),
                one=outlines.index[one],
                two=outlines.index[two],
                area=round(float(common)),
            )
    return shapes


def _households(weight: ArrayLike, count: int) -> Floats:
    figures = pd.to_numeric(pd.Series(np.asarray(weight)), errors="coerce").to_numpy(float)
    if len(figures) != count:
        raise GeodataError(
            N_("%(weights)s numbers of households for %(units)s units."), weights=len(figures), units=count
        )
    for row in np.flatnonzero(~np.isfinite(figures) | (figures < 0)):
        raise GeodataError(
            N_("Row %(row)s of the units: %(value)s is no number of households. Give 0 where nobody lives."),
            row=int(row) + 1,
            value=str(np.asarray(weight)[row]),
        )
    return figures


def _barriers(barriers: gpd.GeoDataFrame | None) -> tuple[Shapes, Ints]:
    """Lines with their places in `RANKS`; what runs below the ground parts nothing."""
    if barriers is None:
        return np.array([], dtype=object), np.array([], dtype=np.int64)
    there = barriers[barriers.geometry.notna() & ~barriers.geometry.is_empty]
    if "layer" in there.columns:
        there = there[~(pd.to_numeric(there["layer"], errors="coerce") < 0)]
    told = there["rank"] if "rank" in there.columns else pd.Series(_UNTOLD, index=there.index)
    street = pd.to_numeric(told, errors="coerce").fillna(_UNTOLD).clip(0, 5).to_numpy().astype(np.int64)
    shapes = there.geometry.to_numpy()
    areal = shapely.get_dimensions(shapes) == 2
    shapes = np.where(areal, shapely.boundary(shapes), shapes)
    lines, row = shapely.get_parts(shapely.force_2d(shapes), return_index=True)
    linear = shapely.get_dimensions(lines) == 1
    return np.asarray(lines[linear], dtype=object), _RANK_OF_STREET[street][row[linear]]


def _houses(units: gpd.GeoSeries, weight: Floats) -> tuple[Shapes, Floats, Ints]:
    shapes = np.asarray(shapely.force_2d(units.to_numpy()), dtype=object)
    there = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    broken = there & ~shapely.is_valid(shapes)
    # Footprints from registers cross themselves now and then; their outer form is good enough to walk around.
    shapes[broken] = shapely.convex_hull(shapes[broken])
    rows = np.flatnonzero(there)
    group = _overlapping(shapes[rows])
    count = int(group.max()) + 1 if len(group) else 0
    house_of = np.full(len(shapes), -1, dtype=np.int64)
    house_of[rows] = group
    houses = np.empty(count, dtype=object)
    houses[group] = shapes[rows]
    for number in np.flatnonzero(np.bincount(group, minlength=count) > 1):
        houses[number] = shapely.union_all(shapes[rows[group == number]])
    return houses, totals(group, weight[rows], count), house_of


def _overlapping(shapes: Any) -> Ints:
    """Number the groups of footprints that lie on each other by more than drawing noise."""
    one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    areal = shapely.get_dimensions(shapes) == 2
    pair = (one < two) & areal[one] & areal[two]
    one, two = one[pair], two[pair]
    common = shapely.area(shapely.intersection(shapes[one], shapes[two]))
    smaller = np.minimum(shapely.area(shapes[one]), shapely.area(shapes[two]))
    much = (common > _OVERLAP_M2) & (common > _OVERLAP * smaller)
    return joined(len(shapes), one[much], two[much])
