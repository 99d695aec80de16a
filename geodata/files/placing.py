"""From the coordinates of a file to WGS 84, by what the file says or a person declares; nothing is guessed."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geodata.datum import to_wgs84
from geodata.errors import N_, Undeclared
from geodata.files.layers import Given, Layer
from geodata.systems import NotHere, degrees_from, system

_FOREIGN_MEMBER: Final = N_(
    "The crs member of the file says %(crs)s; GeoJSON without further word is in WGS 84. Declare --crs %(crs)s if that "
    "is what the coordinates are."
)
_NO_DEGREES: Final = N_(
    "Row %(row)s lies at x %(x)s, y %(y)s, which is no longitude and latitude. Declare the coordinate system with "
    "--crs, such as EPSG:4547."
)
_SWAPPED: Final = N_(
    "Row %(row)s lies at longitude %(x)s, latitude %(y)s: latitude goes to 90 only. The two look swapped."
)
_UNDECLARED: Final = N_(
    "The file does not say in which coordinate system it is. Declare it with --crs (such as EPSG:4547) or --datum."
)


class Placing:
    """
    The way of one layer to WGS 84.

    Raises
    ------
    Undeclared
        If the file names a system that its format does not have.
    GeodataError
        If the declared system is not known, or leads here by no way of known accuracy.
    """

    def __init__(self, layer: Layer, given: Given) -> None:
        crs = given.crs or layer.crs
        if layer.format == "GeoJSON" and not given.crs and layer.crs != "EPSG:4326" and not given.datum:
            raise Undeclared(_FOREIGN_MEMBER, crs=layer.crs)
        # Tables are judged by their figures; a format of shapes that says nothing may mean anything.
        self._undeclared = crs is None and given.datum is None and layer.format not in ("CSV", "XLSX")
        self._datum = given.datum
        self._crs = None if crs is None else system(crs)

    def to_wgs84(self, shapes: npt.ArrayLike) -> npt.NDArray[np.object_]:
        """Shapes in WGS 84, longitude first: out of their projection, if they have one, then off their datum."""
        placed: npt.NDArray[np.object_] = np.asarray(shapes, dtype=object)
        crs, datum = self._crs, self._datum
        if self._undeclared and not shapely.is_missing(placed).all():
            raise Undeclared(_UNDECLARED)
        if crs is not None and crs.to_epsg() != 4326:
            placed = self._turned(placed, lambda x, y: degrees_from(x, y, crs))
        if datum in ("gcj02", "bd09"):
            placed = self._turned(placed, lambda x, y: to_wgs84(x, y, datum))
        return placed

    def _turned(self, shapes: npt.NDArray[np.object_], turn: Any) -> npt.NDArray[np.object_]:
        xy = shapely.get_coordinates(shapes)
        turned = np.column_stack(turn(xy[:, 0], xy[:, 1]))
        if not np.isfinite(turned).all():
            at = int(np.flatnonzero(~np.isfinite(turned).all(axis=1))[0])
            raise NotHere(float(xy[at, 0]), float(xy[at, 1]), self._crs)
        return np.asarray(shapely.set_coordinates(shapes.copy(), turned), dtype=object)


def require_degrees(shapes: gpd.GeoSeries, given: Given) -> None:
    """
    Refuse positions that cannot be longitude and latitude.

    Raises
    ------
    Undeclared
        Naming the first such row, and whether the two look swapped.
    """
    bounds = shapes.bounds.to_numpy()
    wrong = np.maximum(np.abs(bounds[:, [0, 2]]).max(axis=1), 0) > 180
    wrong |= np.abs(bounds[:, [1, 3]]).max(axis=1) > 90
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        x, y = (round(float(bounds[at, n]), 3) for n in (0, 1))
        far = np.abs(bounds[at])
        swapped = far[[0, 2]].max() <= 90 and far[[1, 3]].max() <= 180
        raise Undeclared(_SWAPPED if swapped else _NO_DEGREES, row=int(shapes.index[at]), x=x, y=y)
