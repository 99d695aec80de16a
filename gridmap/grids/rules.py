"""How a coverage changes from one edition to the next, and what makes a coordinate credible."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gridmap.language import N_

FAR_AWAY: Final = N_("The position lies more than 50 km outside the district.")
OPERATING_MARGIN_DEG: Final = 0.55
"""About 50 km: a point farther than this from the district is a mistake, not a place outside."""


class Kind(StrEnum):
    """What a grid is made for."""

    URBAN = "urban"
    RURAL = "rural"
    DEDICATED = "dedicated"


@dataclass(frozen=True)
class Box:
    """Bounds in degrees, WGS 84."""

    west: float
    south: float
    east: float
    north: float

    def widened(self, margin_deg: float) -> Box:
        """The same box with a margin on every side."""
        return Box(self.west - margin_deg, self.south - margin_deg, self.east + margin_deg, self.north + margin_deg)

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a point lies in the box, its sides included."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north


def implausible(lon: float, lat: float, district: Box) -> str | None:
    """
    Say why a position cannot be meant, or None if it can.

    Parameters
    ----------
    lon, lat
        Degrees, WGS 84.
    district
        The bounds of the district; the operating area reaches about 50 km beyond.

    Returns
    -------
    msgid
        A translatable sentence.
    """
    area = district.widened(OPERATING_MARGIN_DEG)
    if not (-180 <= lon <= 180 and -90 <= lat <= 90) and not area.holds(lat, lon):
        return N_("The coordinates are no longitude and latitude in degrees; projected metres are not taken here.")
    if area.holds(lon, lat):
        return None
    if area.holds(lat, lon):
        return N_("Longitude and latitude look swapped: send the longitude first.")
    if lon == 0 and lat == 0:
        return N_("The position is 0, 0: the device sent no position at all.")
    return FAR_AWAY
