"""Coordinate systems as files describe them: a number where there is one, else the text itself."""

from __future__ import annotations

from typing import Final

from geodata.errors import N_, Unreadable

_LONGEST: Final = 20_000
_SURE: Final = 60
"""Per cent of certainty at which a description is the numbered system; at 25, what merely resembles it would be."""


def system_of(text: str) -> str | None:
    """
    Name the system that a text describes.

    Parameters
    ----------
    text
        ``EPSG:4547``, or WKT of either kind and of ESRI's own; empty for none.

    Returns
    -------
    crs
        ``EPSG:n`` where the system has a number, else WKT; None for an empty text.

    Raises
    ------
    Unreadable
        If the text describes no system, or one without a place on earth.
    """
    if not text.strip() or text.strip().lower() == "undefined":
        return None
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    unknown = Unreadable(
        N_("The file's coordinate system is not known: %(text)s. Declare it with --crs."),
        text=" ".join(text[:120].split()),
    )
    # PROJ would take a path for a file of definitions.
    if len(text) > _LONGEST or not text.lstrip().startswith(("EPSG:", *_WKT)):
        raise unknown
    try:
        crs = CRS.from_user_input(text.strip("\0 \r\n\t"))
    except CRSError as error:
        raise unknown from error
    if crs.is_engineering or not (crs.is_geographic or crs.is_projected or crs.is_compound):
        raise unknown
    number = crs.to_epsg(_SURE)
    return f"EPSG:{number}" if number else str(crs.to_wkt())


_WKT: Final = ("PROJCS[", "GEOGCS[", "PROJCRS[", "GEOGCRS[", "GEODCRS[", "COMPD_CS[", "COMPOUNDCRS[", "BOUNDCRS[",
               "GEODETICCRS[", "GEOGRAPHICCRS[", "PROJECTEDCRS[", "LOCAL_CS[", "ENGCRS[")  # fmt: skip
