"""Blocks that hold too many households, divided between their houses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import shapely
from scipy.spatial import Voronoi, cKDTree

from geodata.crs import Floats
from geodata.partition.blocks import Blocks, absorb
from geodata.partition.given import Given
from geodata.partition.network import Ints, Shapes, faces_between, holder_of, joined, shared_bits, summed

_STEP_M: Final = 4.0
_MOST_STEPS: Final = 48
_SHRINK_M: Final = 0.25
_SITE_M: Final = 0.05
_STRAIGHT_M: Final = 0.8


def split_blocks(blocks: Blocks, chosen: Ints, given: Given) -> Blocks:
    """
    Divide some blocks between their houses; everything is noded again together.

    Parameters
    ----------
    blocks
        The blocks so far.
    chosen
        Numbers of the blocks to divide. One with a single house stays whole.

    Returns
    -------
    blocks
        The new ones; a part of a divided block holds a house, or a few that lie in one spot.
    """
    held = np.flatnonzero(blocks.face_of >= 0)
    home = blocks.block[blocks.face_of[held]]
    held = held[np.isin(home, chosen)]
    home = blocks.block[blocks.face_of[held]]
    order = np.argsort(home, kind="stable")
    walls: list[Shapes] = []
    sites: dict[int, tuple[Any, Ints]] = {}
    for group in np.split(held[order], np.flatnonzero(np.diff(home[order])) + 1) if len(held) else ():
        number = int(blocks.block[blocks.face_of[group[0]]])
        plot = shapely.union_all(blocks.faces[blocks.block == number])
        xy, house = _sites(given.houses[group])
        if len(group) > 1 and len(np.unique(house)) > 1:
            walls.append(_walls(plot, xy, house, given.houses[group]))
            sites[number] = (cKDTree(xy), group[house])
    if not sites:
        return blocks
    return _noded_again(blocks, np.concatenate(walls), sites, given)


def _sites(houses: Shapes) -> tuple[Floats, Ints]:
    """Points along the walls of houses, a little inside, each only once; and the house of each."""
    shrunk = shapely.buffer(houses, -_SHRINK_M)
    shrunk = np.where(shapely.is_empty(shrunk), shapely.point_on_surface(houses), shrunk)
    areal = shapely.get_dimensions(shrunk) == 2
    outer = shrunk.copy()
    # A long wall in few steps is as straight as in many.
    for row in np.flatnonzero(areal):
        step = max(_STEP_M, shapely.length(shrunk[row]) / _MOST_STEPS)
        outer[row] = shapely.segmentize(shapely.boundary(shrunk[row]), step)
    xy, house = shapely.get_coordinates(outer, return_index=True)
    xy = np.rint(xy / _SITE_M) * _SITE_M
    _, first = np.unique(xy, axis=0, return_index=True)
    first.sort()
    return xy[first], house[first].astype(np.int64)


def _walls(plot: Any, xy: Floats, house: Ints, houses: Shapes) -> Shapes:
    """Lines between the houses of a block, inside of it; where houses touch, their outlines instead."""
    west, south, east, north = plot.bounds
    reach = 4 * max(east - west, north - south, 1.0)
    middle = np.array([(west + east) / 2, (south + north) / 2])
    far = middle + reach * np.array([(-1.0, -0.9), (1.0, -1.1), (1.1, 1.0), (-0.9, 1.1)])
    diagram = Voronoi(np.concatenate([xy, far]) - middle)
    owner = np.concatenate([house, np.full(len(far), -1)])
    between = owner[diagram.ridge_points]
    ridges = np.array(diagram.ridge_vertices)
    kept = (between[:, 0] != between[:, 1]) & (between >= 0).all(axis=1) & (ridges >= 0).all(axis=1)
    # Ridges meet in the vertices they have in common: what is merged here needs no noding.
    bits = shapely.multilinestrings(shapely.linestrings(diagram.vertices[ridges[kept]] + middle))
    chains = shapely.simplify(shapely.get_parts(shapely.line_merge(bits)), _STRAIGHT_M)
    shapely.prepare(plot)
    leaving = ~shapely.covers(plot, chains)
    chains[leaving] = shapely.intersection(chains[leaving], plot)
    footprints = houses[shapely.get_dimensions(houses) == 2]
    chain, footprint = shapely.STRtree(footprints).query(chains, predicate="intersects")
    for number in np.unique(chain):
        chains[number] = shapely.difference(chains[number], shapely.union_all(footprints[footprint[chain == number]]))
    touched = shapely.boundary(footprints[np.unique(footprint)])
    return np.concatenate([chains, shapely.intersection(touched, plot)])


def _noded_again(blocks: Blocks, walls: Shapes, sites: dict[int, tuple[Any, Ints]], given: Given) -> Blocks:
    lines = np.concatenate([blocks.lines, walls])
    faces = faces_between(lines)
    inner = shapely.point_on_surface(faces)
    old = holder_of(blocks.faces, inner)
    faces, inner, old = faces[old >= 0], inner[old >= 0], old[old >= 0]
    label = blocks.block[old]
    first = int(blocks.block.max()) + 1
    footprint = holder_of(given.houses, inner)
    xy = shapely.get_coordinates(inner)
    for number, (tree, house) in sites.items():
        rows = np.flatnonzero(label == number)
        near = house[tree.query(xy[rows])[1]]
        inside = np.isin(footprint[rows], house)
        label[rows] = first + np.where(inside, footprint[rows], near)
    borders = shared_bits(faces)
    block = _whole(faces, label, blocks.block[old], borders)
    face_of = holder_of(faces, shapely.point_on_surface(given.houses))
    return replace(
        blocks, lines=lines, faces=faces, area=blocks.area[old], fixed=blocks.fixed[old], block=block,
        face_of=face_of, borders=borders,
    )  # fmt: skip


def _whole(faces: Shapes, label: Ints, realm: Ints, borders: Any) -> Ints:
    """Number the parts; of a part in several pieces the largest stays, the others go to a neighbour in the block."""
    same = label[borders.one] == label[borders.two]
    piece = joined(len(faces), borders.one[same], borders.two[same])
    count = int(piece.max()) + 1
    size = np.bincount(piece, weights=shapely.area(faces), minlength=count)
    label_of = np.zeros(count, dtype=np.int64)
    label_of[piece], realm_of = label, np.zeros(count, dtype=np.int64)
    realm_of[piece] = realm
    order = np.lexsort((-size, label_of))
    loose = np.ones(count, bool)
    loose[order[np.unique(label_of[order], return_index=True)[1]]] = False
    pairs = summed(piece[borders.one], piece[borders.two], borders.length_m)
    between = pairs[0] != pairs[1]
    one, two, length = (side[between] for side in pairs)
    return absorb(loose, (one, two, length), realm_of)[piece]
