"""Small towns, drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

SRID = 4547
WEST, SOUTH = 518_000.0, 3_950_000.0
BLOCK_M = 100.0
HOUSE_M = 14.0


@dataclass(frozen=True)
class Town:
    """Communities, houses with households, and the streets between blocks."""

    communities: gpd.GeoSeries
    houses: gpd.GeoSeries
    households: np.ndarray
    streets: gpd.GeoDataFrame

    @property
    def given(self) -> tuple[gpd.GeoSeries, gpd.GeoSeries, np.ndarray]:
        """What `partition` takes first."""
        return self.communities, self.houses, self.households


def at(shape: shapely.Geometry) -> shapely.Geometry:
    """A shape drawn from the corner of the town."""
    return shapely.transform(shape, lambda xy: xy + np.array([WEST, SOUTH]))


def draw_town(rows: Sequence[str], households: np.ndarray, *, streets: bool = True) -> Town:
    """
    Draw a town of square blocks.

    Parameters
    ----------
    rows
        The first is the north; a letter is a block of that community, a point is open land.
    households
        Of the houses of each block, shape (blocks, houses a block): houses stand in rows of three.
    """
    height = len(rows)
    blocks = [(x, height - 1 - y, name) for y, row in enumerate(rows) for x, name in enumerate(row) if name != "."]
    squares = [shapely.box(x * 100, y * 100, x * 100 + 100, y * 100 + 100) for x, y, _ in blocks]
    names = sorted({name for *_, name in blocks})
    areas = {
        n: shapely.union_all([q for q, (*_, name) in zip(squares, blocks, strict=True) if name == n]) for n in names
    }
    houses = []
    for x, y, _ in blocks:
        for number in range(households.shape[1]):
            left, low = x * 100 + 12 + 30 * (number % 3), y * 100 + 12 + 30 * (number // 3)
            houses.append(at(shapely.box(left, low, left + HOUSE_M, low + HOUSE_M)))
    width = max(len(row) for row in rows)
    lines = [shapely.LineString([(x * 100, 0), (x * 100, height * 100)]) for x in range(1, width) if streets]
    lines += [shapely.LineString([(0, y * 100), (width * 100, y * 100)]) for y in range(1, height) if streets]
    return Town(
        gpd.GeoSeries({name: at(shape) for name, shape in areas.items()}, crs=SRID),
        gpd.GeoSeries(houses, crs=SRID),
        households.ravel(),
        gpd.GeoDataFrame({"rank": [3] * len(lines)}, geometry=[at(line) for line in lines], crs=SRID),
    )
