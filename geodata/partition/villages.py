"""Rural division where nobody has drawn the villages: dwellings that stand together are one, and the land follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from geodata.crs import Floats
from geodata.errors import N_, Note
from geodata.partition.blocks import Blocks, lay_blocks
from geodata.partition.cells import split_blocks
from geodata.partition.counts import Range
from geodata.partition.drawing import beside, drawn
from geodata.partition.given import Given, gather
from geodata.partition.network import Ints, joined, totals
from geodata.partition.proposal import Proposal, Watch
from geodata.partition.units import Units, make_units

REACH_M: Final = 80.0
FEWEST_DWELLINGS: Final = 5
"""Fewer that stand together are a farm, and go with the village that is nearest."""
_NEIGHBOURS: Final = 3
"""A dwelling with two others in reach is in the midst of a village: along a road there are no more."""
_INHABITED: Final = Range(1, 1e9)
"""A village is as large as it is; one without households is none."""
_NEAREST_M: Final = 0.01
_NAMELESS: Final = N_("The area")


def villages(
    outlines: gpd.GeoSeries,
    units: gpd.GeoSeries,
    weight: ArrayLike,
    *,
    barriers: gpd.GeoDataFrame | None = None,
    dedicated: gpd.GeoSeries | None = None,
    today: gpd.GeoSeries | None = None,
    reach_m: float = REACH_M,
    seed: int = 0,
    watch: Watch | None = None,
) -> Proposal:
    """
    Divide rural areas into one grid for each natural village, or group of dwellings.

    Dwellings are clustered by their distance; each block between barriers goes to the village that is nearest from
    block to block, one that two villages share is divided between their houses.

    Parameters
    ----------
    outlines, units, weight, barriers, dedicated, today, watch
        As for `geodata.partition.partition`; a unit with households is a dwelling.
    reach_m
        Dwellings no farther apart than this belong together, metres.
    seed
        Told in the proposal; nothing here is drawn by lot.

    Returns
    -------
    proposal
        Grids that fill the outlines, each in one piece. Where no village can be told, a note says why.

    Raises
    ------
    NotInMetres, GeodataError, Cancelled
        As for `geodata.partition.partition`.

    References
    ----------
    Ester, Kriegel, Sander and Xu (1996), A density-based algorithm for discovering clusters, KDD-96, 226-231.
    """
    watch = watch or Watch()
    watch.tell(0.0, N_("Laying out blocks"))
    given = gather(outlines, units, weight, barriers, dedicated)
    blocks = lay_blocks(given)
    watch.tell(0.3, N_("Looking for villages"))
    found = _found(blocks, given, reach_m)
    mixed = _shared_blocks(blocks, found)
    if len(mixed):
        watch.tell(0.4, N_("Dividing large blocks between buildings"))
        blocks = split_blocks(blocks, mixed, given)
    watch.tell(0.6, N_("Giving the land to the villages"))
    laid = make_units(blocks, given, _INHABITED, part_lone=False)
    grid = _grown(laid, _home_of(laid, found, given))
    watch.tell(0.98, N_("Drawing grids"))
    proposal = drawn(laid, grid, given, _INHABITED, _objections(found, laid, given, reach_m), seed)
    return proposal if today is None else beside(proposal, today, given, _INHABITED)


@dataclass(frozen=True)
class Found:
    """
    The villages there are.

    Attributes
    ----------
    house
        Numbers of the houses that are dwellings, d of them.
    area
        For each the number of its outline.
    village
        For each the number of its village, from 0 over all outlines; -1 for one that stands alone.
    """

    house: Ints
    area: Ints
    village: Ints


def clustered(xy: Floats, reach_m: float, fewest: int) -> Ints:
    """
    Cluster points by density (DBSCAN).

    Parameters
    ----------
    xy
        Points, metres, shape (n, 2).
    reach_m
        Points no farther apart are neighbours.
    fewest
        How many neighbours, itself among them, make a point the core of a cluster.

    Returns
    -------
    cluster
        For each point its cluster, from 0 in the order of their first cores; -1 for those near no core.
    """
    if len(xy) == 0:
        return np.array([], dtype=np.int64)
    pairs = cKDTree(xy).query_pairs(reach_m, output_type="ndarray").astype(np.int64).reshape(-1, 2)
    core = np.bincount(pairs.ravel(), minlength=len(xy)) + 1 >= fewest
    linked = pairs[core[pairs].all(axis=1)]
    cores = np.flatnonzero(core)
    if len(cores) == 0:
        return np.full(len(xy), -1)
    place = np.cumsum(core) - 1
    cluster = np.full(len(xy), -1)
    cluster[cores] = joined(len(cores), place[linked[:, 0]], place[linked[:, 1]])
    distance, nearest = cKDTree(xy[cores]).query(xy)
    at_the_edge = ~core & (distance <= reach_m)
    cluster[at_the_edge] = cluster[cores[nearest[at_the_edge]]]
    return cluster


def _found(blocks: Blocks, given: Given, reach_m: float) -> Found:
    """Cluster the dwellings of each outline by itself: a village does not reach over the border of its community."""
    house = np.flatnonzero((given.weight > 0) & (blocks.face_of >= 0))
    house = house[blocks.fixed[blocks.face_of[house]] < 0]
    area = blocks.area[blocks.face_of[house]]
    xy = shapely.get_coordinates(shapely.point_on_surface(given.houses[house]))
    village, many = np.full(len(house), -1), 0
    for number in range(len(given.outlines)):
        own = np.flatnonzero(area == number)
        cluster = _of_some_size(clustered(xy[own], reach_m, _NEIGHBOURS))
        village[own] = np.where(cluster >= 0, cluster + many, -1)
        many += int(cluster.max(initial=-1)) + 1
    return Found(house, area, village)


def _of_some_size(cluster: Ints) -> Ints:
    """The clusters that are large enough for a village, numbered anew; -1 for all else."""
    size = np.bincount(cluster[cluster >= 0], minlength=1)
    kept = size >= FEWEST_DWELLINGS
    number = np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1)
    return np.asarray(number[cluster], dtype=np.int64)


def _shared_blocks(blocks: Blocks, found: Found) -> Ints:
    """Blocks in which dwellings of more than one village stand."""
    settled = found.village >= 0
    home = blocks.block[blocks.face_of[found.house[settled]]]
    pairs = np.unique(np.column_stack([home, found.village[settled]]), axis=0)
    block, many = np.unique(pairs[:, 0], return_counts=True)
    return np.asarray(block[many > 1], dtype=np.int64)


def _home_of(units: Units, found: Found, given: Given) -> Ints:
    """For each unit the village with most households in it, -1 where there is none."""
    village, count = np.full(len(units.area), -1), int(found.village.max(initial=-1)) + 1
    settled = found.village >= 0
    house = found.house[settled]
    unit = units.blocks.block[units.blocks.face_of[house]]
    if count:
        table = totals(unit * count + found.village[settled], given.weight[house], len(village) * count)
        table = table.reshape(len(village), count)
        village = np.where(table.max(axis=1) > 0, table.argmax(axis=1), -1)
    return np.where(units.fixed >= 0, -1, village)


def _grown(units: Units, home: Ints) -> Ints:
    """
    Give each unit to the village that is nearest from unit to unit, so that every grid is of one piece.

    Returns
    -------
    grid
        For each unit its grid, from 0 without gaps; -1 for fixed ones. Ground without a way to a village is a grid
        of its own, each piece of it.
    """
    grid = _nearest(units, home)
    # A village on both sides of another keeps the side with most households; the rest goes to whom it lies by.
    grid = _nearest(units, np.where(_is_main_part(units, grid), grid, -1))
    bare = (grid < 0) & (units.fixed < 0)
    grid[bare] = int(grid.max(initial=-1)) + 1 + units.piece[bare]
    held = grid >= 0
    grid[held] = np.unique(grid[held], return_inverse=True)[1]
    return grid


def _nearest(units: Units, home: Ints) -> Ints:
    """For each unit the village whose unit is nearest by the middles between, -1 where none can be reached."""
    sources = np.flatnonzero(home >= 0)
    if not len(sources):
        return home
    one, two = units.graph.one, units.graph.two
    middle = _middles(units)
    way = np.maximum(np.hypot(*(middle[one] - middle[two]).T), _NEAREST_M)
    links = coo_array((way, (one, two)), shape=(len(home), len(home))).tocsr()
    _, _, source = dijkstra(links, directed=False, indices=sources, min_only=True, return_predecessors=True)
    return np.where(source >= 0, home[source], -1)


def _middles(units: Units) -> Floats:
    faces, block = units.blocks.faces, units.blocks.block
    xy, size = shapely.get_coordinates(shapely.centroid(faces)), shapely.area(faces)
    whole = totals(block, size, len(units.area))
    return np.column_stack([totals(block, xy[:, side] * size, len(units.area)) / whole for side in (0, 1)])


def _is_main_part(units: Units, grid: Ints) -> np.ndarray:
    """Whether each unit is in that piece of its grid in which most households live."""
    one, two = units.graph.one, units.graph.two
    same = (grid[one] == grid[two]) & (grid[one] >= 0)
    piece = joined(len(grid), one[same], two[same])
    weight = totals(piece, units.graph.weight, int(piece.max(initial=-1)) + 1)
    order = np.lexsort((piece, -weight[piece], grid))
    main = np.full(int(grid.max(initial=-1)) + 2, -1)
    first = np.unique(grid[order], return_index=True)
    main[first[0]] = piece[order][first[1]]
    return np.asarray((grid >= 0) & (piece == main[grid]))


def _objections(found: Found, units: Units, given: Given, reach_m: float) -> list[Note]:
    """In words, where villages could not be told apart, or not be found."""
    notes = []
    for number, name in enumerate(given.names):
        own = found.area == number
        known = found.village[own]
        values = {"name": name or _NAMELESS, "count": int(own.sum()), "reach": round(reach_m)}
        if not own.any():
            notes.append(Note(N_("%(name)s has no dwellings to tell villages by: it stays one grid."), **values))
        elif (known < 0).all():
            notes.append(Note(_SCATTERED, **values))
        elif len(np.unique(known[known >= 0])) == 1:
            notes.append(Note(_ONE_VILLAGE, **values))
        elif (known < 0).any():
            notes.append(Note(_ALONE, **{**values, "count": int((known < 0).sum())}))
    return [*notes, *_bare(units, given)]


def _bare(units: Units, given: Given) -> list[Note]:
    """Pieces of an outline in which nobody lives while people live in another."""
    weight, notes = units.weight_of_pieces(), []
    area_of = np.zeros(units.pieces, dtype=np.int64)
    area_of[units.piece[units.piece >= 0]] = units.area[units.piece >= 0]
    for number in np.unique(area_of):
        empty = int((weight[area_of == number] == 0).sum())
        if 0 < empty < int((area_of == number).sum()):
            notes.append(Note(_NO_WAY, name=given.names[number] or _NAMELESS, count=empty))
    return notes


_SCATTERED: Final = N_(
    "The %(count)s dwellings of %(name)s stand too far apart to be a village (more than %(reach)s m): it stays one"
    " grid."
)
_ONE_VILLAGE: Final = N_(
    "All dwellings of %(name)s stand within %(reach)s m of the next: one village, one grid. Villager groups can only be"
    " told apart by their own borders."
)
_ALONE: Final = N_("Dwellings of %(name)s that stand alone (%(count)s) go with the village that is nearest.")
_NO_WAY: Final = N_("Pieces of %(name)s that lie apart with nobody living there (%(count)s) are grids by themselves.")
