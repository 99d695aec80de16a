"""Streets, roads, rails and rivers as named lines, with bridges and underpasses."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from geodata.sample.blocks import Blocks
from geodata.sample.land import Land
from geodata.sample.names import STREETS_ACROSS, STREETS_ALONG, STREETS_SMALL, street_en
from geodata.sample.roads import Roads
from geodata.sample.streets import Street
from geodata.sample.town import Town


@dataclass
class _Way:
    kind: str
    rank: int
    layer: int
    name: str | None
    name_en: str | None
    geometry: LineString


def make_ways(land: Land, town: Town, roads: Roads, blocks: Blocks, rng: np.random.Generator) -> pd.DataFrame:
    """List every line of the base map: kind, rank, layer, name, name_en, geometry."""
    names = name_streets(town, rng)
    ways: list[_Way] = []
    over, under = land.river_area.buffer(8), land.rail.buffer(15)
    shapely.prepare(over)
    shapely.prepare(under)
    for street, name in zip(town.streets, names, strict=True):
        along_river = street.sort.startswith("bank")
        layered = [(street.line, 0)] if along_river else _layered(street.line, over, under)
        ways += [_Way("street", street.rank, layer, name, street_en(name), line) for line, layer in layered]
    ways += [_Way("street", 4, 0, None, None, lane.line) for lane in blocks.lanes]
    number = 101
    for road in roads.county:
        name = f"{number}县道"
        ways += [
            _Way("road", 2, layer, name, f"County Rd {number}", line) for line, layer in _layered(road, over, under)
        ]
        number += 1
    for lines, kind, rank in ((roads.village, "road", 3), (roads.farm, "path", 5)):
        for road in lines:
            ways += [_Way(kind, rank, layer, None, None, line) for line, layer in _layered(road, over, under)]
    ways += [_Way("wall", 4, 0, None, None, campus.gate) for campus in town.campuses]
    for kind, line, name, name_en in (
        ("rail", land.rail, "淇水铁路", "Qishui Railway"),
        ("motorway", land.motorway, "环城高速", "Ring Motorway"),
        ("river", land.river_line, "淇水", "Qishui"),
        ("river", land.tributary, "清溪", "Qingxi"),
    ):
        inside = shapely.get_parts(line.intersection(land.outline))
        ways += [_Way(kind, 0, 0, name, name_en, part) for part in inside if part.length > 1]
    return pd.DataFrame([vars(way) for way in ways])


def name_streets(town: Town, rng: np.random.Generator) -> list[str]:
    """
    Name every street of the town; an arterial keeps its name over its whole length.

    The embankment roads are named after the river, the ones along after what they pass, the rest from a list.
    """
    across = iter(STREETS_ACROSS * 3)
    small = [
        word + end
        for end in ("路", "街", "西街", "东街", "南路", "北路", "一巷", "二巷", "三巷")
        for word in STREETS_SMALL
    ]
    order = iter(rng.permutation(len(small)).tolist() * 3)
    fixed: dict[str, str] = {"bank_n": "淇水北路", "bank_s": "淇水南路", "avenue": "车站大道", "ring": "环城路"}
    names = []
    for street in town.streets:
        if street.sort == "cut":
            names.append(small[next(order)])
            continue
        if street.sort not in fixed:
            fixed[street.sort] = _arterial_name(street, across)
        names.append(fixed[street.sort])
    return names


def _arterial_name(street: Street, across: Iterator[str]) -> str:
    if street.sort.startswith("along_"):
        side, number = street.sort[6], int(street.sort[7:])
        listed = STREETS_ALONG[side]
        return listed[min(number, len(listed)) - 1]
    return str(next(across))


def _layered(line: LineString, over: BaseGeometry, under: BaseGeometry) -> list[tuple[LineString, int]]:
    """Split a line into bridges (+1), underpasses (-1) and the rest (0)."""
    bridge, rest = line.intersection(over), line.difference(over)
    if bridge.is_empty:
        rest = line
    tunnel = rest.intersection(under)
    if not tunnel.is_empty:
        rest = rest.difference(under)
    found = [(part, 1) for part in shapely.get_parts(bridge) if part.length > 30]
    found += [(part, -1) for part in shapely.get_parts(tunnel) if part.length > 5]
    found += [(part, 0) for part in shapely.get_parts(rest) if part.length > 1]
    return [(part, layer) for part, layer in found if part.geom_type == "LineString"]
