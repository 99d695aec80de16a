"""From drawn shapes to one perfect coverage: a single network, its faces, and who owns each."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString
from shapely.ops import split

from geodata.sample.blocks import Blocks
from geodata.sample.cuts import Ints, Shapes, shapes_array
from geodata.sample.land import Land
from geodata.sample.roads import Roads
from geodata.sample.seeds import DeadEnd
from geodata.sample.town import Town
from geodata.sample.villages import Villages, spread_labels
from geodata.sample.weave import borders, dissolve, weave

KINDS = ("urban", "dedicated", "rural", "dedicated")


@dataclass(frozen=True)
class Fabric:
    """
    The faces of the network and the grids they make up.

    Attributes
    ----------
    faces
        m polygons, the smallest pieces that any edition puts together.
    owner, part
        For each face the row of its grid, and 1 for the smaller half of a grid that an old border once divided.
    before
        For each face the row that held it before dedicated grids were carved out.
    shapes
        n grids: urban ones, campuses, rural ones, rural works, in this order.
    first
        Row of the first of each of the four, and n.
    parent
        For a dedicated grid the row it was carved out of, else -1.
    """

    faces: Shapes
    owner: Ints
    part: Ints
    before: Ints
    shapes: Shapes
    first: tuple[int, int, int, int, int]
    parent: Ints

    @property
    def kinds(self) -> list[str]:
        """Kind of each grid."""
        counts = np.diff(self.first)
        return [kind for kind, count in zip(KINDS, counts, strict=True) for _ in range(count)]

    @property
    def in_town(self) -> Ints:
        """1 for urban grids and campuses, 0 for the country."""
        return (np.arange(len(self.shapes)) < self.first[2]).astype(np.int64)


def make_fabric(
    land: Land, town: Town, villages: Villages, roads: Roads, blocks: Blocks, rng: np.random.Generator
) -> Fabric:
    """Node every border once, present and past, and derive the grids from the faces."""
    campuses = shapes_array([campus.shape for campus in town.campuses])
    groups = [town.grids, campuses, villages.cells, roads.works]
    start = [int(row) for row in np.cumsum([0, *(len(group) for group in groups)])]
    first = (start[0], start[1], start[2], start[3], start[4])
    drawn = np.concatenate(groups)
    lanes = _old_borders(town, blocks, rng)
    faces = weave([*shapely.boundary(drawn), *lanes.values(), land.outline.exterior])
    faces = faces[shapely.contains_properly(land.outline, shapely.point_on_surface(faces))]
    before, owner = _owners(faces, drawn, first)
    parent = np.full(len(drawn), -1, dtype=np.int64)
    parent[first[1] : first[2]] = [campus.parent for campus in town.campuses]
    parent[first[3] :] = first[2] + np.array(roads.works_cell, dtype=np.int64)
    campus = (owner >= first[1]) & (owner < first[2])
    before = np.where(campus, parent[owner], before)
    shapes, rows = dissolve(faces, owner)
    whole = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    if len(rows) != len(drawn) or not whole.all() or shapely.get_num_interior_rings(shapes).any():
        raise DeadEnd("a grid came out of the network in pieces")
    return Fabric(faces, owner, _parts(faces, owner, lanes), before, shapes, first, parent)


def _owners(faces: Shapes, drawn: Shapes, first: tuple[int, ...]) -> tuple[Ints, Ints]:
    """Find for each face the drawn shape it lies in: first without the rural works, then with them."""
    face, row = shapely.STRtree(drawn).query(shapely.point_on_surface(faces), predicate="within")
    before = np.full(len(faces), -1, dtype=np.int64)
    owner = before.copy()
    base = row < first[3]
    before[face[base]] = row[base]
    if (before < 0).any():
        before = spread_labels(before, *borders(faces))
    owner[:] = before
    owner[face[~base]] = row[~base]
    return before, owner


def _old_borders(town: Town, blocks: Blocks, rng: np.random.Generator) -> dict[int, LineString]:
    """Choose lanes that were grid borders once: each cuts its grid in exactly two."""
    count = max(16, round(0.11 * len(town.grids)))
    lanes: dict[int, LineString] = {}
    carved = {campus.parent for campus in town.campuses}
    for grid in rng.permutation(len(town.grids)):
        lane = blocks.first_cut.get(int(grid))
        if len(lanes) == count:
            break
        if lane is None or int(grid) in carved:
            continue
        a, b = shapely.get_coordinates(lane)[[0, -1]]
        longer = LineString([a - (b - a) * 0.002, b + (b - a) * 0.002])
        halves = list(split(town.grids[grid], longer).geoms)
        if len(halves) == 2 and min(half.area for half in halves) > 0.3 * town.grids[grid].area:
            lanes[int(grid)] = lane
    return lanes


def _parts(faces: Shapes, owner: Ints, lanes: dict[int, LineString]) -> Ints:
    """Mark the smaller half of each grid that an old border divides."""
    part = np.zeros(len(faces), dtype=np.int64)
    for grid in lanes:
        rows = np.flatnonzero(owner == grid)
        if len(rows) == 2:
            part[rows[np.argmin(shapely.area(faces[rows]))]] = 1
    return part
