"""Which grid holds each of these points: the answer that SQL gives, from memory, in bulk."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Self

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geodata.locate.drawing import draw
from geodata.locate.edges import Edges, Frame
from geodata.locate.raster import ANCHOR, ASK, OUTSIDE, Raster

CELLS_ACROSS = 24
"""Cells across an average grid. 16 saves a third of the memory, 32 costs two fifths more; neither is faster."""
CHUNK = 1 << 15
"""Points taken at a time, so that what is computed on the way stays in the processor's cache."""


class Status(IntEnum):
    """How a point lies to the grids."""

    INSIDE = 0
    EDGE = 1
    OUTSIDE = 2
    UNPLACED = 3


@dataclass(frozen=True, slots=True)
class Located:
    """
    The grid of each of n points.

    Attributes
    ----------
    row
        Shape (n,), rows of the polygons that the index was built from; -1 where there is none.
    status
        Shape (n,), values of `Status`: `EDGE` on the border of any polygon that the point touches, `OUTSIDE` in no
        polygon, `UNPLACED` where longitude or latitude is NaN or infinite.
    """

    row: NDArray[np.int32]
    status: NDArray[np.uint8]


class GridIndex:
    """
    Finds the grid of points; built once for an edition of the grids, read by any number of threads.

    The rule is that of the database, `WHERE ST_Covers(shape, point) ORDER BY grid.id LIMIT 1`: among the polygons that
    hold a point inside or on their border, the one of the lowest rank. Polygons may overlap, leave gaps, have holes and
    several parts; where they do overlap, points cost what an R-tree costs.
    """

    def __init__(self, polygons: NDArray[np.object_], ranks: NDArray[np.int64], raster: Raster) -> None:
        self._polygons = polygons
        self._ranks = ranks
        self._raster = raster
        self._tree = shapely.STRtree(polygons)
        frame = raster.frame
        # For `locate_one`: bare numbers and a memoryview read faster than attributes and array items.
        self._one = (frame.west, frame.south, frame.scale, frame.width, frame.height, raster.cells.data)

    @classmethod
    def build(
        cls, polygons: NDArray[np.object_], ranks: NDArray[np.int64], *, cells_across: int = CELLS_ACROSS
    ) -> Self:
        """
        Index polygons.

        Parameters
        ----------
        polygons
            n shapely Polygons or MultiPolygons in EPSG:4326, longitude first; None and empty ones hold no point. The
            index keeps a reference, not a copy. An invalid polygon holds what GEOS says that it holds.
        ranks
            n numbers; where several polygons hold a point the lowest wins, then the lowest row. The id of the grid;
            a file without ids ranks by code, then row.
        cells_across
            How fine the raster is. A matter of speed and memory alone; answers are the same.

        Raises
        ------
        TypeError
            If a geometry is not a polygon.
        ValueError
            If there are not as many ranks as polygons, or a coordinate is NaN or infinite.
        """
        polygons = np.asarray(polygons, dtype=object)
        ranks = np.asarray(ranks, dtype=np.int64)
        _require_polygons(polygons, ranks)
        frame = Frame.around(polygons, cells_across)
        valid = shapely.is_valid(polygons)
        index = cls(polygons, ranks, draw(Edges.of(polygons[valid], np.flatnonzero(valid), frame), frame))
        if not valid.all():
            index._leave_to_geos(polygons[~valid])
        index._decide_overlaps()
        return index

    def __len__(self) -> int:
        return len(self._polygons)

    @property
    def polygons(self) -> NDArray[np.object_]:
        """The polygons that the index was built from, by row."""
        return self._polygons

    @property
    def nbytes(self) -> int:
        """Bytes of the raster and the ranks; polygons, and their R-tree of 100 to 250 bytes each, not counted."""
        return self._raster.nbytes + self._ranks.nbytes

    def locate(self, lon: ArrayLike, lat: ArrayLike) -> Located:
        """
        Find the grid of each point.

        Parameters
        ----------
        lon, lat
            Degrees, EPSG:4326, shape (n,) each.

        Returns
        -------
        located
            n rows and statuses, exactly those of GEOS.

        Raises
        ------
        ValueError
            If the shapes differ or are not of one dimension.
        """
        lon, lat = _points(lon, lat)
        row = np.empty(len(lon), np.int32)
        # Points far outside overflow to infinity, and that is where they belong.
        with np.errstate(over="ignore", invalid="ignore"):
            for start in range(0, len(lon), CHUNK):
                some = slice(start, start + CHUNK)
                self._raster.read(lon[some], lat[some], row[some])
        status = np.where(row == OUTSIDE, np.uint8(Status.OUTSIDE), np.uint8(Status.INSIDE))
        asked = np.flatnonzero(row == ASK)
        if len(asked):
            row[asked], status[asked] = self._ask_geos(lon[asked], lat[asked])
        nowhere = np.flatnonzero(row == OUTSIDE)
        placed = np.isfinite(lon[nowhere]) & np.isfinite(lat[nowhere])
        status[nowhere[~placed]] = Status.UNPLACED
        return Located(row, status)

    def locate_one(self, lon: float, lat: float) -> tuple[int, Status]:
        """
        Find the grid of one point: in about a microsecond, or some twenty where an edge is in the same cell.

        Parameters
        ----------
        lon, lat
            Degrees, EPSG:4326.

        Returns
        -------
        row, status
            As one row of `locate`.
        """
        west, south, scale, width, height, cells = self._one
        u = (lon - west) * scale + 1.0
        v = (lat - south) * scale + 1.0
        if 0.0 <= u < width and 0.0 <= v < height:
            row = cells[int(v) * width + int(u)]
            if row >= 0:
                return row, _INSIDE
            if row != OUTSIDE:
                rows, statuses = self._ask_geos(np.array([lon]), np.array([lat]))
                return int(rows[0]), Status(statuses[0])
        elif not (math.isfinite(lon) and math.isfinite(lat)):
            return OUTSIDE, Status.UNPLACED
        return OUTSIDE, Status.OUTSIDE

    def candidates(
        self, lon: ArrayLike, lat: ArrayLike, radius_lon_deg: ArrayLike, radius_lat_deg: ArrayLike
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """
        Find every polygon that meets a box around each point, for points that are known with an error.

        Parameters
        ----------
        lon, lat
            Centres, degrees, EPSG:4326, shape (n,) each.
        radius_lon_deg, radius_lat_deg
            Half the width and half the height of the boxes in degrees, one for all or shape (n,); 0 asks for the point.

        Returns
        -------
        point, row
            Pairs, by point and then by rank. A point that is NaN or infinite is in no pair.

        Raises
        ------
        ValueError
            If a radius is negative or not finite, or shapes do not fit.
        """
        lon, lat = _points(lon, lat)
        wide, high = (np.broadcast_to(np.asarray(r, float), lon.shape) for r in (radius_lon_deg, radius_lat_deg))
        if not (np.isfinite(wide) & np.isfinite(high) & (wide >= 0) & (high >= 0)).all():
            raise ValueError("The radius of a box must be a finite number of degrees, 0 or more.")
        placed = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
        lon, lat, wide, high = lon[placed], lat[placed], wide[placed], high[placed]
        boxes = np.asarray(shapely.box(lon - wide, lat - high, lon + wide, lat + high))
        point, row = self._by_rank(boxes)
        return placed[point], row

    def _by_rank(self, shapes: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs of a shape and a polygon that meets it, by shape, then by rank."""
        shape, row = self._tree.query(shapes, predicate="intersects")
        order = np.lexsort((row, self._ranks[row], shape))
        return shape[order], row[order]

    def _ask_geos(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64]
    ) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """Decide by exact predicates what the raster left open: rows and statuses."""
        point, holder = self._by_rank(np.asarray(shapely.points(lon, lat)))
        row = np.full(len(lon), OUTSIDE, np.int32)
        status = np.full(len(lon), Status.OUTSIDE, np.uint8)
        first = np.ones(len(point), bool)
        first[1:] = point[1:] != point[:-1]
        row[point[first]] = holder[first]
        status[point] = Status.INSIDE
        inside = shapely.contains_xy(self._polygons[holder], lon[point], lat[point])
        status[point[~inside]] = Status.EDGE
        return row, status

    def _leave_to_geos(self, polygons: NDArray[np.object_]) -> None:
        """Let no cell near these polygons be read, nor be decided with its neighbours."""
        raster, frame = self._raster, self._raster.frame
        near = np.zeros((frame.height, frame.width), bool)
        bounds = shapely.bounds(polygons[~shapely.is_missing(polygons)])
        columns = frame.columns(bounds[:, [0, 2]]).astype(np.int64)
        rows = frame.rows(bounds[:, [1, 3]]).astype(np.int64)
        for (left, right), (bottom, top) in zip(columns, rows, strict=True):
            near[bottom - 1 : top + 2, left - 1 : right + 2] = True
        raster.cells[near.ravel()] = ASK
        self._raster = replace(raster, several=raster.several[~near.ravel()[raster.several]])

    def _decide_overlaps(self) -> None:
        """Enter the winner in untouched cells that several polygons cover."""
        frame, several = self._raster.frame, self._raster.several
        if not len(several):
            return
        # No edge lies between neighbours that are both untouched, so one answer does for a run of them.
        fresh = np.ones(len(several), bool)
        fresh[1:] = np.diff(several) != 1
        row, column = np.divmod(several[fresh], frame.width)
        lon = frame.west + (column + ANCHOR[0] - 1.0) / frame.scale
        lat = frame.south + (row + ANCHOR[1] - 1.0) / frame.scale
        winner, _ = self._ask_geos(lon, lat)
        self._raster.cells[several] = winner[np.cumsum(fresh) - 1]


_INSIDE = Status.INSIDE
_POLYGONS = (-1, shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def _require_polygons(polygons: NDArray[np.object_], ranks: NDArray[np.int64]) -> None:
    if polygons.ndim != 1 or polygons.shape != ranks.shape:
        raise ValueError(f"{polygons.shape} polygons need as many ranks, not {ranks.shape}.")
    others = np.flatnonzero(~np.isin(shapely.get_type_id(polygons), _POLYGONS))
    if len(others):
        raise TypeError(f"Row {others[0]} is not a polygon but {polygons[others[0]].geom_type}.")
    lonlat, row = shapely.get_coordinates(polygons, return_index=True)
    strange = np.flatnonzero(~np.isfinite(lonlat).all(axis=1))
    if len(strange):
        raise ValueError(f"The polygon in row {row[strange[0]]} has a coordinate that is not a finite number.")


def _points(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if lon.ndim != 1 or lon.shape != lat.shape:
        raise ValueError(f"Longitudes {lon.shape} and latitudes {lat.shape} must be two rows of the same length.")
    return lon, lat
