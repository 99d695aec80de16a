"""
Foreign coordinate systems: understood by name or description, and brought to degrees if a known way leads there.

What `geodata.crs` does for the house's own systems is done here for those of files.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from geodata.errors import N_, GeodataError

Floats = npt.NDArray[np.float64]

_TAKEN_AS_WGS84: Final = (4326, 4490)


class UnknownSystem(GeodataError):
    """A text that names no coordinate system of this earth."""

    def __init__(self, text: str) -> None:
        super().__init__(
            N_("%(crs)s is no coordinate system that is known. Name one such as EPSG:4547."), crs=text[:80]
        )


class NoWayHere(GeodataError):
    """A coordinate system that only a rough guess brings to WGS 84."""

    def __init__(self, crs: CRS) -> None:
        super().__init__(
            N_("From %(crs)s no way of known accuracy leads to WGS 84. Convert the file to CGCS2000 first."),
            crs=crs.name,
        )


class NotHere(GeodataError):
    """Coordinates at which their system has no value."""

    def __init__(self, x: float, y: float, crs: Any) -> None:
        name = crs.name if isinstance(crs, CRS) else "WGS 84"
        super().__init__(
            N_("x %(x)s, y %(y)s is no place in %(crs)s. Is another system meant?"),
            x=f"{x:.10g}", y=f"{y:.10g}", crs=name,
        )  # fmt: skip


def system(text: str) -> CRS:
    """
    Understand the name or the description of a coordinate system.

    Parameters
    ----------
    text
        ``EPSG:4547`` or WKT.

    Raises
    ------
    UnknownSystem
        If it names none, or one that is neither geographic nor projected.
    """
    # PROJ would also take a path, and look there.
    if not text[:5].upper().startswith("EPSG:") and "[" not in text:
        raise UnknownSystem(text)
    try:
        crs = CRS.from_user_input(text)
    except CRSError as error:
        raise UnknownSystem(text) from error
    crs = crs.sub_crs_list[0] if crs.is_compound else crs
    if not (crs.is_geographic or crs.is_projected):
        raise UnknownSystem(text)
    return crs


def degrees_from(x: npt.ArrayLike, y: npt.ArrayLike, crs: CRS) -> tuple[Floats, Floats]:
    """
    Bring positions of any horizontal system to degrees, unrounded.

    Parameters
    ----------
    x, y
        East and north, or longitude and latitude, in `crs`; n values each.
    crs
        Their system.

    Returns
    -------
    lon, lat
        Degrees in WGS 84 (EPSG:4326), n values each; infinite where `crs` has no value.

    Raises
    ------
    NoWayHere
        If no transformation of known accuracy leads to WGS 84. CGCS2000 is taken as WGS 84 (they part by under a
        metre); Beijing 1954 and Xi'an 1980, a hundred metres off, are not.
    """
    lon, lat = _any_transformer(crs).transform(np.asarray(x, float), np.asarray(y, float))
    return np.asarray(lon), np.asarray(lat)


@lru_cache(maxsize=32)
def _any_transformer(crs: CRS) -> Transformer:
    same = crs.geodetic_crs is not None and crs.geodetic_crs.to_epsg() in _TAKEN_AS_WGS84
    try:
        return Transformer.from_crs(crs, 4326, always_xy=True, allow_ballpark=same)
    except ProjError as error:
        raise NoWayHere(crs) from error
