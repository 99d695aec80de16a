"""How many of everything a district of a given number of grids has."""

import math
from dataclasses import dataclass
from typing import Final

FULL: Final = 767
"""Grids of the reference district: 323 urban, 414 rural, 30 dedicated."""

SMALLEST: Final = 60


@dataclass(frozen=True)
class Size:
    """
    Counts and lengths that follow from the number of grids.

    Attributes
    ----------
    scale
        Factor on lengths of the whole (outline, town, bends of the river). Streets, blocks and houses keep their true
        size, so a smaller district has fewer of them, not smaller ones.
    """

    grids: int
    urban: int
    rural: int
    campuses: int
    rural_works: int
    offices: int
    towns: int
    bridges: int
    estates: int
    incidents: int
    scale: float

    @property
    def dedicated(self) -> int:
        """Dedicated grids in town and country together."""
        return self.campuses + self.rural_works

    @property
    def town_half(self) -> tuple[float, float]:
        """Half axes of the town, metres, west-east and south-north."""
        return 3650 * self.scale, 2650 * self.scale


def size_of(grids: int) -> Size:
    """
    Keep the three kinds of grid in the proportion of the reference district.

    Raises
    ------
    ValueError
        If `grids` lies outside 60 to 767: below, a town with bridges does not fit; above, the names run out.
    """
    if not SMALLEST <= grids <= FULL:
        raise ValueError(f"The made-up district has {SMALLEST} to {FULL} grids; {grids} were asked for.")
    share = grids / FULL
    dedicated = max(2, round(30 * share))
    urban = round(323 * share)
    scale = math.sqrt(share)
    rural_works = max(1, round(dedicated / 5))
    return Size(
        grids=grids,
        urban=urban,
        rural=grids - urban - dedicated,
        campuses=dedicated - rural_works,
        rural_works=rural_works,
        offices=max(2, round(5 * scale)),
        towns=max(2, round(5 * scale)),
        bridges=max(2, round(5 * scale)),
        estates=max(3, round(25 * share)),
        incidents=round(54_400 * share),
        scale=scale,
    )
