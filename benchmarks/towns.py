"""A town of blocks and buildings of any size, to be divided into grids."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.crs import snap_to_lattice

SRID = 4547
WEST, SOUTH = 518_000.0, 3_950_000.0
BLOCK_M = 120.0
ACROSS = 5
"""Buildings along a side of a block."""


@dataclass(frozen=True)
class Town:
    """Communities on an index of their codes, buildings with households, barriers with ranks; EPSG:4547, metres."""

    communities: gpd.GeoSeries
    buildings: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame


def make_town(columns: int, rows: int, *, seed: int = 1, communities: int = 5, lanes_gone: float = 0.06) -> Town:
    """
    Make up a town.

    Parameters
    ----------
    columns, rows
        Blocks; each has 25 buildings and about 100 households.
    communities
        Blocks along a side of a community, at least; the last of a row is as wide as what is left.
    lanes_gone
        Share of lanes that are not there, so that some blocks hold more than a grid may.
    """
    rng = np.random.default_rng(seed)
    corners = _corners(columns, rows, rng)
    buildings, households = _buildings(corners, rng)
    return Town(
        _communities(corners, communities),
        gpd.GeoDataFrame({"households": households}, geometry=buildings, crs=SRID),
        _barriers(corners, lanes_gone, rng),
    )


def _corners(columns: int, rows: int, rng: np.random.Generator) -> NDArray[np.float64]:
    x, y = np.meshgrid(np.arange(columns + 1) * BLOCK_M, np.arange(rows + 1) * BLOCK_M)
    xy = np.stack([WEST + x, SOUTH + y], axis=2) + rng.uniform(-14, 14, (rows + 1, columns + 1, 2))
    return snap_to_lattice(xy)


def _buildings(corners: NDArray[np.float64], rng: np.random.Generator) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Five by five houses in each block, set back from the streets and turned with the block."""
    low, high = corners[:-1, :-1], corners[1:, 1:]
    right, left = corners[:-1, 1:], corners[1:, :-1]
    places = (np.arange(ACROSS) + 0.5) / ACROSS * 0.84 + 0.08
    rings = []
    for v in places:
        for u in places:
            size = rng.uniform(0.05, 0.068, (*low.shape[:2], 2))
            ends = []
            for du, dv in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
                s = (u + du * size[..., 0])[..., None]
                t = (v + dv * size[..., 1])[..., None]
                ends.append((low * (1 - s) + right * s) * (1 - t) + (left * (1 - s) + high * s) * t)
            rings.append(np.stack(ends, axis=2).reshape(-1, 4, 2))
    houses = shapely.polygons(np.concatenate(rings))
    count = len(houses)
    households = rng.choice([1, 2, 3, 4, 6, 12], count, p=[0.15, 0.2, 0.2, 0.2, 0.15, 0.1])
    return np.asarray(houses), households


def _communities(corners: NDArray[np.float64], side: int) -> gpd.GeoSeries:
    rows, columns = corners.shape[0] - 1, corners.shape[1] - 1
    shapes = {}
    for j, (south, north) in enumerate(_spans(rows, side)):
        for i, (west, east) in enumerate(_spans(columns, side)):
            ring = [
                *corners[south, west:east], *corners[south:north, east],
                *corners[north, east:west:-1], *corners[north:south:-1, west],
            ]  # fmt: skip
            shapes[f"990106{j:03d}{i:03d}"] = shapely.Polygon(ring)
    return gpd.GeoSeries(shapes, crs=SRID)


def _spans(count: int, side: int) -> list[tuple[int, int]]:
    edges = [*range(0, count - side + 1, side), count] if count >= side else [0, count]
    edges = [edge for n, edge in enumerate(edges) if n == 0 or edge != edges[n - 1]]
    if len(edges) > 2 and edges[-1] - edges[-2] < side:
        del edges[-2]
    return list(pairwise(edges))


def _barriers(corners: NDArray[np.float64], lanes_gone: float, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Streets along all sides of the blocks: every fifth a main road, every second a street, lanes between."""
    frames = []
    for lines in (corners, corners.transpose(1, 0, 2)):
        for number, line in enumerate(lines):
            rank = 1 if number % 5 == 0 else 3 if number % 2 == 0 else 4
            bits = shapely.linestrings(np.stack([line[:-1], line[1:]], axis=1))
            kept = rng.random(len(bits)) >= (lanes_gone if rank == 4 else 0)
            frames.append(gpd.GeoDataFrame({"rank": np.full(kept.sum(), rank)}, geometry=bits[kept], crs=SRID))
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True))
